#!/usr/bin/env python3
"""check_griptrace_lerobot.py DATASET…: griptrace_lerobot on LeRobot data sets of tool poses, in LeRobot's own reader, against matrices.

The truth is made here, by numpy and the definitions of the forms alone. Prints RESULT OK where all holds.
"""
import os
import sys
import tempfile

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("HF_DATASETS_CACHE", tempfile.mkdtemp(prefix="hfds_"))
try:
    import tvshim  # noqa: F401  (beside the shared checkers: a torchvision that was built for another torch)
except ImportError:
    pass

import numpy as np
import torch
from griptrace_lerobot import RelativeActions, ToolLayout, WeightedSampler, chunk_statistics
from griptrace_lerobot.relative import WeightedRows
from griptrace_lerobot.train import weighted

dice = np.random.default_rng(20)
failures = 0


def check(what, holds, detail=""):
    global failures
    if not holds:
        failures += 1
        print("FAILED", what, detail)


def random_rotation(angle):
    """Rodrigues' formula: a turn by `angle` about a random axis."""
    axis = dice.normal(size=3)
    x, y, z = axis / np.linalg.norm(axis)
    k = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    return np.eye(3) + np.sin(angle) * k + (1 - np.cos(angle)) * k @ k


def quaternion_matrix(q):
    x, y, z, w = q
    k = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    return np.eye(3) + 2 * w * k + 2 * k @ k


def matrix_of(form, v, reference):
    if form == "rot6d":
        return np.stack([v[:3], v[3:], np.cross(v[:3], v[3:])])
    if form == "quaternion":
        return quaternion_matrix(v / np.linalg.norm(v))
    angle = np.linalg.norm(v)
    if angle < 1e-12:
        return reference
    x, y, z = v / angle
    k = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    return (np.eye(3) + np.sin(angle) * k + (1 - np.cos(angle)) * k @ k) @ reference


def numbers_of(form, m, reference):
    """From a matrix, through its eigenvector: another way than the package's."""
    if form == "rot6d":
        return np.concatenate([m[0], m[1]])
    turn = m @ reference.T if form == "rotvec" else m
    values, vectors = np.linalg.eig(turn)
    axis = np.real(vectors[:, np.argmin(abs(values - 1))])
    k = np.array([[0, -axis[2], axis[1]], [axis[2], 0, -axis[0]], [-axis[1], axis[0], 0]])
    angle = np.arctan2(-np.trace(k @ turn) / 2, (np.trace(turn) - 1) / 2)
    if form == "rotvec":
        return angle * axis
    return np.concatenate([np.sin(angle / 2) * axis, [np.cos(angle / 2)]])


NAMES = {
    "rot6d": ["row1_x", "row1_y", "row1_z", "row2_x", "row2_y", "row2_z"],
    "rotvec": ["ref_wx", "ref_wy", "ref_wz"],
    "quaternion": ["qx", "qy", "qz", "qw"],
}


def pose(m, p):
    out = np.eye(4)
    out[:3, :3], out[:3, 3] = m, p
    return out


def laws():
    """A chunk of relative actions, applied to the state that it starts from, gives the absolute poses, at any rotation."""
    worst = 0.0
    for form in NAMES:
        quarter = np.array([0.0, np.sin(0.9), 0.0, np.cos(0.9)])
        reference = quaternion_matrix(quarter)
        tool = ["ee.x", "ee.y", "ee.z"] + [f"ee.{n}" for n in NAMES[form]]
        info = {"rotation": form, "reference_rotation_xyzw": [quarter.tolist()]}
        layout = ToolLayout({"names": ["joint_1.pos"] + tool, "info": info}, {"names": ["gripper.pos"] + tool, "info": info})
        check("names", layout.names == ["gripper.pos", "ee.rel_x", "ee.rel_y", "ee.rel_z"] + [f"ee.rel_{n}" for n in NAMES["rot6d"]])
        angles = np.concatenate([np.linspace(0, np.pi, 60), np.pi - 10.0 ** -np.arange(1, 9), 10.0 ** -np.arange(1, 9)])
        for angle in angles:
            start = pose(random_rotation(angle) @ reference if form == "rotvec" else random_rotation(angle), dice.normal(size=3))
            goals = [pose(random_rotation(a), dice.normal(size=3)) for a in dice.choice(angles, 5)]
            v = lambda t: np.concatenate([t[:3, 3], numbers_of(form, t[:3, :3], reference)])
            state = torch.tensor(np.concatenate([[0.3], v(start)]))
            chunk = torch.tensor(np.stack([np.concatenate([[0.04], v(g)]) for g in goals]))
            relative = layout.relative(state, chunk)
            for row, goal in zip(relative.numpy(), goals):
                truth = np.linalg.inv(start) @ goal
                mine = pose(matrix_of("rot6d", row[4:], None), row[1:4])
                worst = max(worst, abs(mine - truth).max(), abs(row[0] - 0.04))
            for mine, goal in zip(layout.poses(state, relative)[0].numpy(), goals):
                worst = max(worst, abs(mine - goal).max())
            for mine, goal in zip(layout.absolute(state, relative).numpy(), goals):
                worst = max(worst, abs(pose(matrix_of(form, mine[4:], reference), mine[1:4]) - goal).max())
        # Subtraction of rotation vectors, what trainers do, is another motion.
    check("chunk applied to its state", worst < 1e-6, worst)
    print("laws: worst", worst)
    try:
        ToolLayout({"names": ["joint_1.pos"]}, {"names": ["joint_1.pos"]})
        check("joints are refused", False)
    except ValueError as error:
        check("joints are refused", "--state ee" in str(error), error)


def sampler():
    weights = np.array([0, 1, 1, 2.5, 0.5, 0, 3])
    rounds = np.stack([np.bincount(list(WeightedSampler(weights, seed=s)), minlength=7) for s in range(400)])
    check("weight 0 never comes", rounds[:, [0, 5]].sum() == 0)
    share = weights * 5 / weights.sum()
    check("as often as the weight says", abs(rounds.mean(0) - share).max() < 0.08, rounds.mean(0) - share)
    check("no more than its share rounded up", (rounds <= np.ceil(share)).all() and (rounds >= np.floor(share)).all())
    even = WeightedSampler(np.ones(50), rows=range(10, 40))
    first, second = list(even), list(even)
    check("even weights: a permutation", sorted(first) == list(range(10, 40)) and first != second)
    even.load_state_dict({"epoch": 0, "start_index": 7})
    check("goes on where it was", list(even) == first[7:] and list(even) == second)
    for bad in ([0, 0], [1, -1], [1, np.nan]):
        try:
            WeightedSampler(bad)
            check("refused", False, bad)
        except ValueError:
            pass


def dataset(root):
    from lerobot.datasets.lerobot_dataset import LeRobotDataset

    steps = [-1, 0, 1, 2, 3, 4, 5]
    plain = LeRobotDataset("local/check", root=root, video_backend="torchcodec")
    fps = plain.meta.fps
    times = {"action": [s / fps for s in steps], "observation.state": [-1 / fps, 0]}
    data = RelativeActions(LeRobotDataset("local/check", root=root, delta_timestamps=times, video_backend="torchcodec"))
    info = plain.meta.features["action"]
    names, form = info["names"], info["info"]["rotation"]
    references = info["info"].get("reference_rotation_xyzw")
    tools = [n[: -len("ee.x")] for n in names if n.endswith("ee.x")]
    rows = plain.hf_dataset.with_format("numpy")[:]
    states, actions, episodes, weights = (np.asarray(rows[k]).squeeze() for k in ("observation.state", "action", "episode_index", "loss_weight"))

    def poses(vector):
        out = []
        for i, prefix in enumerate(tools):
            reference = quaternion_matrix(np.array(references[i])) if references else np.eye(3)
            at = lambda keys: np.array([vector[names.index(f"{prefix}ee.{k}")] for k in keys], dtype=float)
            out.append(pose(matrix_of(form, at(NAMES[form]), reference), at("xyz")))
        return out

    relative, worst, pads = [], 0.0, True
    for row in range(len(plain)):
        item = data[row] if row % 7 == 0 or weights[row] == 0 else None
        start = poses(states[row])
        bad = False
        for i, step in enumerate(steps):
            other = int(np.clip(row + step, np.flatnonzero(episodes == episodes[row])[0], np.flatnonzero(episodes == episodes[row])[-1]))
            bad = bad or step >= 0 and weights[other] == 0
            is_in = other == row + step
            vector = np.concatenate(
                [np.concatenate([t[:3, 3], t[0, :3], t[1, :3], [actions[other][names.index(p + "gripper.pos")]]])
                 for p, t in ((p, np.linalg.inv(a) @ b) for p, a, b in zip(tools, start, poses(actions[other])))]
            )  # fmt: skip
            if weights[row] > 0 and is_in and not bad:
                relative.append(vector)
            if item is not None:
                worst = max(worst, abs(item["action"][i].numpy() - vector).max())
                pads = pads and bool(item["action_is_pad"][i]) == (bad or not is_in)
    check(f"{root}: items", worst < 2e-6, worst)
    check(f"{root}: what follows a mistake is padding", pads)
    relative = np.stack(relative)
    stats = data.meta.stats["action"]
    for key, truth in [("min", relative.min(0)), ("max", relative.max(0)), ("mean", relative.mean(0)), ("std", relative.std(0)),
                       ("q01", np.quantile(relative, 0.01, axis=0)), ("q90", np.quantile(relative, 0.9, axis=0))]:  # fmt: skip
        check(f"{root}: {key} over chunks", np.shape(stats[key]) == truth.shape and abs(stats[key] - truth).max() < 5e-6, stats[key] - truth)
    check(f"{root}: count", stats["count"][0] == len(relative), (stats["count"], len(relative)))
    check(f"{root}: shape", tuple(data.meta.features["action"]["shape"]) == (len(relative[0]),) == (10 * len(tools),))
    check(f"{root}: the data set is as it was", tuple(plain.meta.features["action"]["shape"]) == (len(names),))
    few = chunk_statistics(data.layout, states, actions, episodes, steps, weights, batch=5, sample=100)
    check(f"{root}: batches", all(np.allclose(few[k], stats[k], atol=1e-5) for k in ("min", "max", "mean", "std")))
    loader = torch.utils.data.DataLoader(data, batch_size=4, sampler=WeightedSampler(data.weights))
    batch = next(iter(loader))
    check(f"{root}: batch", batch["action"].shape == (4, len(steps), len(relative[0])) and len(loader.sampler) == (weights > 0).sum())
    begin = torch.utils.data.DataLoader.__init__
    torch.utils.data.DataLoader.__init__ = weighted(begin)
    try:
        # As LeRobot's scripts make theirs: in any order, or by a sampler of some rows.
        some = type("Some", (), {"indices": [0, 1, 2, 3], "__len__": lambda _: 4, "__iter__": lambda _: iter([0, 1, 2, 3])})()
        for options in ({"shuffle": True, "sampler": None}, {"shuffle": False, "sampler": some}):
            drawn = list(torch.utils.data.DataLoader(data, batch_size=4, **options).sampler)
            fair = (weights[drawn] > 0).all() and len(drawn) == (4 if options["sampler"] else (weights > 0).sum())
            check(f"{root}: LeRobot's loader obeys weights", fair, drawn)
    finally:
        torch.utils.data.DataLoader.__init__ = begin
    mine = WeightedRows(LeRobotDataset("local/check", root=root, video_backend="torchcodec"))
    check(f"{root}: without a chunk", mine[3]["action"].shape == (len(names),) and mine.num_episodes == plain.num_episodes)
    print(root, form, len(tools), "worst", worst)


laws()
sampler()
for root in sys.argv[1:]:
    dataset(root)
print("RESULT OK" if failures == 0 else f"RESULT {failures} FAILED")
