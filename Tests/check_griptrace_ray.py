#!/usr/bin/env python3
"""Holds griptrace-ray against `griptrace batch`: the same sessions from a folder and from an S3 service on loopback, a worker killed on the way.

usage: check_griptrace_ray.py PROGRAM

Needs ray, s3fs and moto[server] (see Tests/ray.sh). Sessions are demos of the fixture with their true poses, one of them no video.
"""
import logging
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "Sources/Python/griptrace_ray"))
failures = []


def expect(condition, what):
    print(("ok      " if condition else "WRONG   ") + what, flush=True)
    if not condition:
        failures.append(what)


def sessions(folder):
    fixture = ROOT / "Fixtures/session"
    poses = folder / "poses"
    poses.mkdir()
    options = ["--device", str(fixture / "truth/device.yaml"), "--arm", "panda", "--poses", str(poses)]
    for place, demo in (("mon/a", "demo_pick_place"), ("mon/b", "demo_pick_place_2"), ("tue/a", "demo_too_fast")):
        session = folder / "in" / place
        session.mkdir(parents=True)
        name = place.replace("/", "_")
        shutil.copy(fixture / f"{demo}.mp4", session / f"{name}.mp4")
        shutil.copy(fixture / "truth" / demo / "camera.tum", poses / f"{name}.tum")
    broken = folder / "in/tue/broken"
    broken.mkdir()
    (broken / "broken.mp4").write_text("no video")
    shutil.copy(poses / "mon_a.tum", poses / "broken.tum")
    return options


def content(folder):
    """Bytes of the data sets, by path."""
    out = {}
    for name in ("lerobot", "dataset.zarr.zip"):
        path = folder / name
        for file in [path] if path.is_file() else sorted(p for p in path.rglob("*") if p.is_file()):
            out[str(file.relative_to(folder))] = file.read_bytes()
    return out


def rows(path):
    return [line.split(",")[0:1] + line.split(",")[2:4] for line in path.read_text().splitlines()[1:]]


def kill_a_worker(done):
    """Ends the first worker that converts, once."""
    while not done.is_set():
        for process in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                name = (process / "cmdline").read_bytes().split(b"\0")[0]
            except OSError:
                continue
            if name.startswith(b"ray::convert"):
                time.sleep(3)
                os.kill(int(process.name), signal.SIGKILL)
                print(f"killed {name.decode()} ({process.name})", flush=True)
                return
        time.sleep(0.1)


def main():
    program = os.path.realpath(sys.argv[1])
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        options = sessions(folder)
        one = folder / "one"
        done = subprocess.run([program, "batch", str(folder / "in"), "--output", str(one)] + options, capture_output=True, text=True)
        expect(done.returncode == 1, f"batch ends with 1 ({done.returncode}): {done.stderr[-300:] if done.returncode != 1 else 'a session is broken'}")
        reference = content(one)
        expect(len(reference) > 5, f"batch wrote {len(reference)} files of data sets")

        def ray(*more):
            return subprocess.run(
                [sys.executable, "-m", "griptrace_ray.cli", *more, "--program", program] + options, capture_output=True, text=True,
                env={**os.environ, "PYTHONPATH": str(ROOT / "Sources/Python/griptrace_ray"), "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "a",
                     "AWS_DEFAULT_REGION": "us-east-1", "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0"})
        over = threading.Event()
        killer = threading.Thread(target=kill_a_worker, args=(over,))
        killer.start()
        two = folder / "two"
        done = ray(str(folder / "in"), "--output", str(two))
        over.set()
        killer.join()
        expect(done.returncode == 1, f"griptrace-ray ends with 1: {done.stderr.strip().splitlines()[-1] if done.stderr else done.returncode}")
        expect(content(two) == reference, "the same bytes from a Ray cluster, a worker killed on the way")
        expect(rows(two / "sessions.csv") == rows(one / "sessions.csv"), "the same table of sessions")
        stamp = {p: p.stat().st_mtime_ns for p in (two / "converted").rglob("report.json")}
        done = ray(str(folder / "in"), "--output", str(two))
        again = {p: p.stat().st_mtime_ns for p in (two / "converted").rglob("report.json")}
        expect(again == stamp and content(two) == reference, "run again it makes nothing again")

        from moto.server import ThreadedMotoServer
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
        server.start()
        host, port = server.get_host_and_port()
        endpoint = f"http://{host}:{port}"
        import s3fs
        os.environ.update(AWS_ACCESS_KEY_ID="a", AWS_SECRET_ACCESS_KEY="a", AWS_DEFAULT_REGION="us-east-1")
        store = s3fs.S3FileSystem(client_kwargs={"endpoint_url": endpoint})
        store.mkdir("lab")
        store.put(str(folder / "in") + "/", "lab/recordings/", recursive=True)
        done = ray("s3://lab/recordings", "--output", "s3://lab/all", "--endpoint", endpoint)
        expect(done.returncode == 1, f"from S3 it ends with 1: {done.stderr.strip().splitlines()[-1] if done.stderr else done.returncode}")
        three = folder / "three"
        store.invalidate_cache()
        for path in ("lerobot", "dataset.zarr.zip"):
            store.get(f"lab/all/{path}", str(three / path), recursive=store.isdir(f"lab/all/{path}"))
        expect(content(three) == reference, "the same bytes from and to S3")
        server.stop()
    print("RESULT", "OK" if not failures else f"{len(failures)} FAILURES")
    sys.exit(bool(failures))


main()
