#!/usr/bin/env python3
"""demo_figures.py GRIPTRACE DEMO: what docs/results.md says of the fixture that was converted into DEMO, as lines that figures.py records.

Poses against the truth (`griptrace evaluate`), the replay of what was exported (`griptrace replay`), the share of the processor time that the export
took (usage.csv). Standard library only.
"""
import csv
import pathlib
import re
import subprocess
import sys

program, demo = sys.argv[1], pathlib.Path(sys.argv[2])
fixture = pathlib.Path(__file__).resolve().parents[1] / "Fixtures/session"


def said(*arguments):
    run = subprocess.run([program, *map(str, arguments)], capture_output=True, text=True, check=True)
    return run.stdout + run.stderr


def figure(name, value, unit=""):
    print(f"figure\t{name}\t{value}\t{unit}")


def spread(values, digits):
    low, high = f"{min(values):.{digits}f}", f"{max(values):.{digits}f}"
    return low if low == high else f"{low} to {high}"


rows = []
for path in sorted((demo / "work/session/localize").glob("demo_*/camera.csv")):
    text = said("evaluate", path, fixture / "truth" / path.parent.name / "camera.tum")
    number = lambda pattern: [float(x) for x in re.search(pattern, text).groups()]
    rows.append(
        number(r"pairs .*\(([\d.]+) %\)")
        + number(r"SE\(3\)\s+RMSE ([\d.]+) mm")
        + number(r"rotation\s+RMSE ([\d.]+)°")
        + number(r"unaligned\s+RMSE ([\d.]+) mm, ([\d.]+)°")
    )
figure("fixture.frames_localized", f"{min(r[0] for r in rows):.0f}", "%")
figure("fixture.position_rmse", ", ".join(f"{r[1]:.2f}" for r in rows), "mm")
figure("fixture.rotation_rmse", spread([r[2] for r in rows], 3), "°")
figure("fixture.position_unaligned", spread([r[3] for r in rows], 2), "mm")
figure("fixture.rotation_unaligned", spread([r[4] for r in rows], 3), "°")

text = said("replay", demo)
passed, episodes = re.search(r"(\d+) of (\d+) episodes replay", text).groups()
figure("replay.fixture_episodes", f"{passed} of {episodes}")
errors = [float(x) for x in re.findall(r"([\d.]+) mm from the recorded", text)]
figure("replay.fixture_error", f"{max(errors):.1f}", "mm")

spent = [(row["stage"], float(row["core_seconds"] or 0)) for row in csv.DictReader(open(demo / "work/session/usage.csv"))]
figure("convert.export_share", f"{100 * sum(s for n, s in spent if n == 'export') / sum(s for _, s in spent):.0f}", "%")
