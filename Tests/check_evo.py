#!/usr/bin/env python3
"""Compares what `griptrace evaluate --json` says of two TUM files with what evo says.

usage: check_evo.py ESTIMATE TRUTH TOLERANCE_S SPAN_FRAMES < griptrace's JSON
Prints each figure of both; ends with 1 where any pair differs by more than 1e-6 (metres, degrees, or of the scale).
"""
import copy
import json
import sys

import numpy as np
from evo.core import metrics, sync
from evo.core.trajectory import PoseTrajectory3D
from evo.core.units import Unit


def read(path):
    rows = np.loadtxt(path, comments="#")
    return PoseTrajectory3D(rows[:, 1:4], rows[:, [7, 4, 5, 6]], rows[:, 0])


def ape(truth, estimate, relation, statistic):
    metric = metrics.APE(relation)
    metric.process_data((truth, estimate))
    return metric.get_statistic(statistic)


def rpe(truth, estimate, relation, frames):
    metric = metrics.RPE(relation, delta=frames, delta_unit=Unit.frames, all_pairs=True)
    metric.process_data((truth, estimate))
    return metric.get_statistic(metrics.StatisticsType.rmse)


def main(estimate_path, truth_path, tolerance, frames):
    ours = json.load(sys.stdin)
    truth, estimate = sync.associate_trajectories(read(truth_path), read(estimate_path), max_diff=float(tolerance))
    rigid, similar = copy.deepcopy(estimate), copy.deepcopy(estimate)
    rigid.align(truth)
    _, _, scale = similar.align(truth, correct_scale=True)
    place, angle = metrics.PoseRelation.translation_part, metrics.PoseRelation.rotation_angle_deg
    kind = metrics.StatisticsType
    theirs = {
        "pairs": len(truth.timestamps),
        "positionRMSE": ape(truth, rigid, place, kind.rmse),
        "positionMaximum": ape(truth, rigid, place, kind.max),
        "positionMedian": ape(truth, rigid, place, kind.median),
        "rotationRMSEAlignedDegrees": ape(truth, rigid, angle, kind.rmse),
        "positionRMSESim3": ape(truth, similar, place, kind.rmse),
        "scale": scale,
        "positionRMSEUnaligned": ape(truth, estimate, place, kind.rmse),
        "rotationRMSEUnalignedDegrees": ape(truth, estimate, angle, kind.rmse),
        "relativePositionRMSE": rpe(truth, estimate, place, int(frames)),
        "relativePositionRMSESim3": rpe(truth, similar, place, int(frames)),
        "relativeRotationRMSEDegrees": rpe(truth, estimate, angle, int(frames)),
    }
    worst = 0.0
    for name, value in theirs.items():
        difference = abs(ours[name] - value)
        worst = max(worst, difference)
        print(f"{name}: griptrace {ours[name]:.9f}, evo {value:.9f}, apart {difference:.1e}")
    if not worst <= 1e-6:
        print(f"RESULT: {worst:.1e} apart, more than 1e-6")
        return 1
    print("RESULT OK")
    print(f"figure\tevaluate.evo\t{worst:.0e}\t")
    return 0


if __name__ == "__main__":
    if len(sys.argv) != 5:
        print(__doc__.strip(), file=sys.stderr)
        sys.exit(64)
    sys.exit(main(*sys.argv[1:]))
