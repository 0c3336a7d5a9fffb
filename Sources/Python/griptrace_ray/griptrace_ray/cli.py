"""griptrace-ray: many sessions on a Ray cluster.

    griptrace-ray /data/recordings --arm panda --output /data/all
    griptrace-ray s3://lab/recordings --arm panda --output s3://lab/all --address auto --cpus 4

Takes the options of `griptrace convert` beside its own. Each session is a task: fetched, converted in a folder of its own, its conversion put to
OUTPUT/converted/SESSION. Then their data sets are merged to OUTPUT, in the order of the sessions' names: the bytes are those that
`griptrace batch` writes on one machine. A worker that dies is replaced and its session tried again; the same command goes on after a stop.
`griptrace` must be on every worker's PATH, or where --program says. Exit codes as griptrace batch.
"""
import argparse
import csv
import io
import sys
import time

import ray

from . import tasks
from .places import Place, sessions


def arguments(argv):
    parser = argparse.ArgumentParser(prog="griptrace-ray", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("input", help="where the sessions lie: a folder, or any path that fsspec knows")
    parser.add_argument("--output", required=True, help="where everything is written")
    parser.add_argument("--address", help="of the Ray cluster, such as auto; default: one on this machine")
    parser.add_argument("--cpus", type=float, default=1, help="processors for each session (default 1); also its --jobs")
    parser.add_argument("--memory", type=float, help="GiB for each session, so that no worker takes more than it has")
    parser.add_argument("--retries", type=int, default=3, help="how often a session is tried again when its worker dies (default 3)")
    parser.add_argument("--program", default="griptrace", help="the program on the workers (default griptrace)")
    parser.add_argument("--scratch", help="where workers keep what they work on; default: the system's temporary folder")
    parser.add_argument("--endpoint", help="of an S3 service that is not Amazon's")
    return parser.parse_known_args(argv)


def refuse(text):
    print(f"error: {text}", file=sys.stderr)
    return 64


def main(argv=None):
    own, options = arguments(sys.argv[1:] if argv is None else argv)
    if own.cpus <= 0 or own.retries < 0:
        return refuse("--cpus must be above 0, --retries 0 or more")
    if not any(o == "--arm" or o.startswith("--arm=") for o in options):
        return refuse("--arm is missing: the options of griptrace convert follow those of griptrace-ray")
    if not any(o == "--jobs" or o.startswith("--jobs=") for o in options):
        options += ["--jobs", str(max(1, round(own.cpus)))]
    storage = {"client_kwargs": {"endpoint_url": own.endpoint}} if own.endpoint else {}

    def place(url):
        return Place(url, options=storage if "://" in url and not url.startswith("file://") else {})

    source, output = place(own.input), place(own.output)
    try:
        names = sessions(source)
    except (OSError, ValueError) as error:
        return refuse(f"{own.input}: {error}")
    if not names:
        return refuse(f"{own.input} holds no session; accepted: folders of recordings")
    ray.init(address=own.address, log_to_driver=False, logging_level="warning")
    try:
        return run(own, options, source, output, names)
    except KeyboardInterrupt:
        print("interrupted: what is done is kept; run the same command again to go on", file=sys.stderr)
        return 130
    finally:
        ray.shutdown()


def run(own, options, source, output, names):
    needs = {"num_cpus": own.cpus, "max_retries": own.retries}
    if own.memory:
        needs["memory"] = int(own.memory * 2**30)
    convert = ray.remote(**needs)(tasks.convert)
    title = {name: name or source.path.rsplit("/", 1)[-1] for name in names}
    targets = {name: output / f"converted/{title[name]}" for name in names}
    started = time.time()
    waiting = {
        convert.remote(source / name if name else source, title[name], targets[name], options, own.program, own.scratch): name for name in names}
    rows, failures = {}, {}
    while waiting:
        ready, _ = ray.wait(list(waiting), num_returns=1)
        for one in ready:
            name = waiting.pop(one)
            try:
                rows[name], failures[name] = ray.get(one)
            except ray.exceptions.RayError as error:
                cause = getattr(error, "cause", None) or error
                text = str(cause).strip().splitlines()[-1]
                rows[name] = {"session": title[name], "folder": (source / name).url, "status": "failed", "verdict": text}
                failures[name] = [{"session": title[name], "reason": "failed", "frames": 0, "detail": text}]
            row = rows[name]
            left = (time.time() - started) / len(rows) * len(waiting)
            demos = f": {row['demos_exported']} of {row['demos']} demos" if row.get("demos") else ""
            verdict = f": {row['verdict']}" if row.get("verdict") else ""
            print(f"{len(rows)} of {len(names)}: {title[name]} {row['status']}{demos}{verdict}; {left / 60:.1f} min left", file=sys.stderr, flush=True)
    write(output / "sessions.csv", ["session", "folder", "status", "exit_code", "seconds", "demos", "demos_exported", "frames_in", "frames_out", "verdict"],
          [rows[name] for name in names])
    write(output / "failures.csv", ["session", "recording", "stage", "reason", "frames", "detail"],
          [failure for name in names for failure in failures[name]])
    faults = merge_all(own, output, targets, names, rows)
    for fault in faults:
        print(f"error: {fault}", file=sys.stderr)
    reasons = {}
    for name in names:
        for failure in failures[name]:
            entry = reasons.setdefault(failure.get("reason", ""), [0, set()])
            entry[0] += int(failure.get("frames") or 0)
            entry[1].add(title[name])
    for reason, (frames, which) in sorted(reasons.items(), key=lambda item: (-item[1][0], item[0])):
        print(f"not converted: {reason}: {frames} frames in {len(which)} sessions ({', '.join(sorted(which)[:3])}{', …' if len(which) > 3 else ''})",
              file=sys.stderr)
    failed = [name for name in names if rows[name]["status"] == "failed"]
    print(f"sessions: {len(names)}, {len(failed)} failed; tables: {output.url}/sessions.csv, {output.url}/failures.csv", file=sys.stderr)
    if failed or faults:
        return 1
    return 2 if any(rows[name].get("exit_code") == "2" for name in names) else 0


def merge_all(own, output, targets, names, rows):
    """One task for each data set; what a session that was refused or cut off left from before is not taken."""
    merge = ray.remote(num_cpus=own.cpus, max_retries=own.retries)(tasks.merge)
    parts = {}
    for name in names:
        if rows[name].get("exit_code") not in ("0", "1", "2"):
            continue
        for path in tasks.data_sets(targets[name]):
            parts.setdefault(path, []).append(targets[name] / path)
    waiting = [merge.remote(path, found, output / path, own.program, own.scratch) for path, found in sorted(parts.items())]
    faults = []
    for one in waiting:
        try:
            fault = ray.get(one)
        except ray.exceptions.RayError as error:
            fault = str(error).strip().splitlines()[-1]
        if fault:
            faults.append(fault)
    return faults


def write(place, header, rows):
    text = io.StringIO()
    table = csv.DictWriter(text, header, restval="", extrasaction="ignore", lineterminator="\n")
    table.writeheader()
    table.writerows(rows)
    place.write(text.getvalue().encode())


if __name__ == "__main__":
    sys.exit(main())
