#!/usr/bin/env python3
"""How quick the review page is: made-up demonstrations, opened from disk in a headless Chromium.

    python3 Benchmarks/review_page.py [--demos 1000] [--keep FOLDER] [--page-only]

Prints `figure NAME VALUE UNIT`: first paint, sorting and filtering of the table, memory of the page, bytes a demonstration.
"""
import argparse
import base64
import json
import math
import pathlib
import random
import shutil
import struct
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "Tests"))
import browser  # noqa: E402

SAMPLES, JOINTS = 600, 7
REASONS = ["out_of_reach", "joint_velocity", "lost", "self_collision", "idle", "joint_position", "uncertain"]
CHECKS = ["out_of_reach", "self_collision", "table_collision", "joint_position", "singularity", "joint_velocity", "joint_acceleration", "joint_torque"]


def column(values, bits):
    low, high = min(values), max(values)
    top = 254 if bits == 8 else 65534
    scale = (high - low) / top if high > low else 1
    codes = [round((v - low) / scale) for v in values]
    return {"bits": bits, "offset": low, "scale": scale, "codes": base64.b64encode(struct.pack(f"<{len(codes)}{'B' if bits == 8 else 'H'}", *codes)).decode()}


CURVES = []


def demo(number, dice):
    """A row of the overview and the data of its page."""
    name = f"demo_{number:04d}"
    frames, seconds = 1200, 20.0
    verdict = dice.choices(["kept", "repaired", "cut", "rejected", "failed"], [50, 20, 20, 7, 3])[0]
    reason = {"kept": "", "repaired": "slowed", "failed": "unreadable"}.get(verdict) or (dice.choice(REASONS) if verdict in ("cut", "rejected") else "")
    lost = {"cut": dice.randint(60, 700), "rejected": frames, "failed": frames}.get(verdict, 0)
    margin = dice.betavariate(2, 8)
    row = {
        "name": name, "file": f"data/{number}.js", "verdict": verdict, "reason": reason, "frames": {"input": frames, "output": frames - lost, "rejected": lost},
        "rows": frames - lost + (40 if verdict == "repaired" else 0), "slowedFrames": 30 if verdict == "repaired" else 0, "seconds": seconds,
        "rejected": {reason: lost} if lost else {}, "sigmaMM": dice.lognormvariate(-0.6, 0.4), "smoothness": -2 - dice.random() * 3,
        "speed": dice.lognormvariate(-1.8, 0.4), "margin": margin, "marginCheck": dice.choice(CHECKS), "human": dice.random() * 0.06,
        "provenance": {"original": 0.97, "observed": 0.024, "propagated": 0.004, "invented": 0.002, "rendered": 0}, "task": "put the cup on the saucer",
        "split": "train", "partner": "",
    }
    if verdict == "failed":
        for key in ("sigmaMM", "smoothness", "speed", "margin", "marginCheck", "provenance"):
            del row[key]
    t = [seconds * i / SAMPLES for i in range(SAMPLES)]
    phase = dice.random() * 6
    noise = lambda scale: [dice.gauss(0, scale) for _ in t]
    wave = lambda a, f, c, s=0.002: [c + a * math.sin(f * x + phase) + n for x, n in zip(t, noise(s))]
    columns = CURVES[number % 10] if len(CURVES) == 10 else {"t": column(t, 16), "x": column(wave(0.15, 0.6, 0.1), 16), "y": column(wave(0.2, 0.4, 0), 16), "z": column(wave(0.1, 0.9, 0.2), 16),
               "width": column(wave(0.03, 0.7, 0.04), 16), "sigma": column([abs(v) for v in wave(0.0002, 1, 0.0006, 1e-5)], 16),
               "human": column([max(0, v) for v in wave(0.04, 0.5, 0.02)], 8), "unresolved": column([max(0, v) for v in wave(0.01, 0.5, 0)], 8)}
    if len(CURVES) < 10:
        CURVES.append(columns)
    for check in CHECKS if "q0" not in columns else []:
        columns[f"margin {check}"] = column(wave(0.3, 0.5, 0.4 + margin, 0.01), 8)
    for j in range(JOINTS) if "q0" not in columns else []:
        columns[f"q{j}"] = column(wave(0.5, 0.5 + 0.1 * j, 0), 16)
        for kind in "vat":
            columns[f"{kind}{j}"] = column([abs(v) for v in wave(0.4, 1, 0, 0.02)], 8)
    cut = (frames - lost) / frames * seconds
    spans = [{"label": "exported", "firstFrame": 0, "endFrame": frames - lost, "start": 0, "end": cut, "detail": ""}] if lost < frames else []
    if lost:
        spans.append({"label": reason, "firstFrame": frames - lost, "endFrame": frames, "start": cut, "end": seconds, "detail": "made up"})
    data = {
        "name": name, "video": f"{name}.mp4", "seconds": seconds, "frames": frames, "verdict": "made up", "videoLine": "h264 2704x2028, 60 Hz", "problems": [],
        "findings": ["picture rotation follows the gyro"], "figures": [{"name": "landmarks", "value": 900, "unit": ""}], "basePosition": [-0.5, 0, 0],
        "baseRotationXYZW": [0, 0, 0, 1], "columns": columns, "outcome": spans,
        "tracking": [{"label": "tracked", "firstFrame": 0, "endFrame": frames, "start": 0, "end": seconds, "detail": ""}], "speed": [], "arm": [],
        "human": [{"label": "human", "firstFrame": 60 * k, "endFrame": 60 * k + 30, "start": k, "end": k + 0.5, "detail": ""} for k in range(0, 20, 3)],
        "rejections": [{"unit": name, "stage": "feasibility", "reason": reason, "detail": "made up", "firstFrame": s["firstFrame"], "endFrame": s["endFrame"],
                        "startSeconds": s["start"], "endSeconds": s["end"]} for s in spans if s["label"] != "exported"],
        "spikes": [], "exported": [], "strips": [], "provenance": row.get("provenance"),
    }
    return row, data


def write(folder, count):
    dice = random.Random(1)
    folder.mkdir(parents=True, exist_ok=True)
    for part in ("index.html", "app"):
        source = ROOT / "Sources/Web/review" / part
        shutil.copytree(source, folder / part, dirs_exist_ok=True) if source.is_dir() else shutil.copy(source, folder)
    (folder / "data").mkdir(exist_ok=True)
    rows, sizes = [], []
    for number in range(1, count + 1):
        row, data = demo(number, dice)
        text = f"gripTrace.demo({json.dumps(data)});\n"
        (folder / row["file"]).write_text(text)
        rows.append(row)
        sizes.append(len(text))
    joint = lambda j: {"name": f"joint{j + 1}", "isRevolute": True, "lower": -2.9, "upper": 2.9, "velocity": 2.2, "acceleration": 15, "torque": 87}
    skeleton = {"joints": [{"axis": [0, 1, 0] if j % 2 else [0, 0, 1], "point": [0, 0, 0.15 * (j + 1)], "isRevolute": True} for j in range(JOINTS)], "tool": [0, 0, 1.2]}
    output = sum(r["frames"]["output"] for r in rows)
    index = {
        "schema": "griptrace.review.v1", "session": "made up", "sessionFolder": "file:///nowhere/", "device": "simulator",
        "arm": {"name": "arm", "joints": [joint(j) for j in range(JOINTS)], "skeleton": skeleton},
        "frames": {"input": sum(r["frames"]["input"] for r in rows), "output": output, "rejected": sum(r["frames"]["rejected"] for r in rows)},
        "dataSets": [{"format": "lerobot", "path": "lerobot", "episodes": count, "frames": sum(r["rows"] for r in rows), "rate": 60}], "notes": [], "faults": [],
        "demos": rows, "helpers": [], "labelsFile": "labels.csv", "labels": [],
        "remedies": {r: {"means": "made up", "remedy": "move the foot", "kind": "base" if r in ("out_of_reach", "self_collision", "joint_position") else "speed" if "joint_" in r else "recording"} for r in REASONS},
    }
    text = f"gripTrace.index({json.dumps(index)});\n"
    (folder / "data/index.js").write_text(text)
    (folder / "data/root.js").write_text('gripTrace.root("..");\n')
    return max(sizes) + len(text) / count


def busy(page):
    """Processor seconds of the page's main thread so far: what counts where others keep the machine busy."""
    return next(m["value"] for m in page.call("Performance.getMetrics")["metrics"] if m["name"] == "TaskDuration")


def cost(page, scripts):
    """The median and the largest processor time of these actions with their drawing, ms."""
    out = []
    for script in scripts:
        before = busy(page)
        page.run(f"new Promise((done) => {{ {script}; requestAnimationFrame(() => setTimeout(done)); }})")
        out.append(1000 * (busy(page) - before))
    return sorted(out)[len(out) // 2], max(out)


TIMED = """(async () => {
  const after = (act) => new Promise((done) => { const start = performance.now(); act(); requestAnimationFrame(() => setTimeout(() => done(performance.now() - start))); });
  const times = [];
  for (const act of ACTS) times.push(await after(act));
  return times;
})()"""


def descends(pid, ancestor):
    while int(pid) > 1:
        if int(pid) == ancestor:
            return True
        pid = next(line.split()[1] for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("PPid"))
    return False


def memory(page):
    """Resident bytes of the page's process that the system counts, MB."""
    page.call("HeapProfiler.collectGarbage")
    out = 0
    for status in pathlib.Path("/proc").glob("[0-9]*/status"):
        try:
            words = status.with_name("cmdline").read_text()
            if "--type=renderer" in words and descends(status.parent.name, page.process.pid):
                out += int(next(line.split()[1] for line in status.read_text().splitlines() if line.startswith("VmRSS"))) / 1000
        except (OSError, StopIteration):
            continue
    if out:
        return out
    metrics = {m["name"]: m["value"] for m in page.call("Performance.getMetrics")["metrics"]}
    return metrics["JSHeapTotalSize"] / 1e6


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--demos", type=int, default=1000)
    parser.add_argument("--keep", type=pathlib.Path, help="write the page here and keep it")
    parser.add_argument("--page-only", action="store_true", help="write the page and measure nothing")
    options = parser.parse_args()
    folder = options.keep or pathlib.Path(tempfile.mkdtemp(prefix="griptrace-review-"))
    size = write(folder, options.demos)
    if options.page_only:
        return
    if not browser.find():
        sys.exit("no Chromium: apt-get install chromium-headless-shell, or name one in GRIPTRACE_CHROMIUM")
    page = browser.Browser(1600, 1000)
    try:
        page.open((folder / "index.html").resolve().as_uri())
        page.wait("document.querySelectorAll('.tabulator-row').length > 0")
        time.sleep(0.5)
        load_cost = busy(page)
        paint = page.run("performance.getEntriesByName('first-contentful-paint')[0].startTime")
        load = page.run("performance.timing.loadEventEnd - performance.timing.navigationStart")
        sorts = page.run(TIMED.replace("ACTS", "['margin','sigma','speed','verdict','name'].map((f) => () => overview.table.setSort(f, 'desc'))"))
        filters = page.run(TIMED.replace(
            "ACTS", "['out_of_reach', '', 'lost', ''].map((v) => () => { const s = document.getElementById('filter-reason'); s.value = v; s.dispatchEvent(new Event('change')); })"))
        sort_cost = cost(page, [f"overview.table.setSort('{f}', 'asc')" for f in ("margin", "sigma", "speed", "verdict", "name")])
        filter_cost = cost(page, [f"{{ const s = document.getElementById('filter-reason'); s.value = '{v}'; s.dispatchEvent(new Event('change')); }}"
                                  for v in ("out_of_reach", "", "lost", "")])
        page.run("location.hash = 'demo_0007'")
        page.wait("document.querySelectorAll('#demo .plot canvas').length > 2")
        used = memory(page)
    finally:
        page.close()
        if not options.keep:
            shutil.rmtree(folder)
    # The made-up demonstrations have no videos.
    errors = [e for e in page.errors if "ERR_FILE_NOT_FOUND" not in e]
    if errors:
        sys.exit("\n".join(errors))
    print(f"figure\treview_demos\t{options.demos}\tdemos")
    print(f"figure\treview_first_paint\t{paint / 1000:.2f}\ts")
    print(f"figure\treview_loaded\t{load / 1000:.2f}\ts")
    print(f"figure\treview_sort_cpu\t{sort_cost[0]:.0f}\tms")
    print(f"figure\treview_sort_cpu_worst\t{sort_cost[1]:.0f}\tms")
    print(f"figure\treview_filter_cpu\t{filter_cost[1]:.0f}\tms")
    print(f"figure\treview_load_cpu\t{load_cost:.2f}\ts")
    print(f"figure\treview_sort\t{sorted(sorts)[len(sorts) // 2]:.0f}\tms")
    print(f"figure\treview_sort_worst\t{max(sorts):.0f}\tms")
    print(f"figure\treview_filter\t{max(filters):.0f}\tms")
    print(f"figure\treview_memory\t{used:.0f}\tMB")
    print(f"figure\treview_demo_size\t{size / 1000:.0f}\tkB")


if __name__ == "__main__":
    main()
