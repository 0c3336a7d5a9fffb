#!/usr/bin/env python3
"""check_merge.py KIND PROGRAM: ten data sets made by the real libraries, merged by PROGRAM, held against what went in: every feature, name, row,
picture, task, split and statistic. Prints RESULT OK or what was lost.

KIND, and the environment of checkers.sh to run it in: lerobot (`lerobot`: LeRobot 0.4.4; its own aggregate_datasets is the peer), lerobot-v2.1
(`lerobot` with PYTHONPATH set to `lerobot21`: LeRobot 0.3.3), umi and robomimic (`umi`: zarr, imagecodecs, h5py).
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

import numpy as np

kind, program = sys.argv[1:3]
errors = []
folder = pathlib.Path(tempfile.mkdtemp(prefix="check_merge_"))
PARTS = 10


def bad(what):
    errors.append(what)
    if len(errors) <= 20:
        print("FAIL", what)


def merge(parts, output):
    said = subprocess.run([program, "merge", *map(str, parts), "--output", str(output)], capture_output=True, text=True)
    if said.returncode:
        bad(f"merge: exit code {said.returncode}: {said.stdout}{said.stderr}")
    checked = subprocess.run([program, "validate", str(output)], capture_output=True, text=True)
    if checked.returncode:
        bad(f"validate: {checked.stdout}")


def near(what, a, b, tolerance):
    a, b = np.asarray(a, float), np.asarray(b, float)
    if a.shape != b.shape or np.abs(a - b).max(initial=0) > tolerance:
        bad(f"{what}: {a.shape} {b.shape} differ by {np.abs(a - b).max() if a.shape == b.shape else 'their shape'}")


def lerobot():
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    os.environ["HF_DATASETS_CACHE"] = str(folder / "cache")
    import torch

    import torchvision_ops  # noqa: F401
    from lerobot.datasets.lerobot_dataset import LeRobotDataset

    v21 = kind == "lerobot-v2.1"
    # LeRobot 0.4.4's own aggregate_datasets stops at matrices.
    pose = (4, 4) if v21 else (16,)
    features = {
        "observation.state": {"dtype": "float32", "shape": (6,), "names": {"motors": [f"m{i}" for i in range(6)]}},
        "action": {"dtype": "float32", "shape": (4,), "names": ["x", "y", "z", "grip"]},
        "observation.images.top": {"dtype": "video", "shape": (64, 80, 3), "names": ["height", "width", "channels"]},
        "observation.images.side": {"dtype": "video", "shape": (64, 64, 3), "names": ["height", "width", "channels"]},
        "pose": {"dtype": "float32", "shape": pose, "names": None},
        "next.done": {"dtype": "bool", "shape": (1,), "names": None},
        "phase": {"dtype": "int64", "shape": (1,), "names": ["phase"]},
    }
    dice = np.random.default_rng(7)
    parts, frames, tasks = [], [], []
    for part in range(PARTS):
        root = folder / f"part{part}"
        made = LeRobotDataset.create(f"local/part{part}", fps=15, features=features, root=root, robot_type="koch", use_videos=True)
        for episode in range(1 + part % 3):
            length = int(dice.integers(4, 9))
            task = ["pick", "place", f"only in {part}"][int(dice.integers(3))]
            for i in range(length):
                frame = {
                    "observation.state": dice.normal(size=6).astype(np.float32), "action": dice.normal(size=4).astype(np.float32),
                    "pose": dice.normal(size=pose).astype(np.float32), "next.done": np.array([i == length - 1]),
                    "phase": np.array([int(dice.integers(5))]),
                    "observation.images.top": np.full((64, 80, 3), 20 * (part % 10) + 5 * i, np.uint8),
                    "observation.images.side": np.full((64, 64, 3), 250 - 20 * (part % 10) - 5 * i, np.uint8),
                }
                # In some episodes one thing is done after another.
                doing = "let go" if part % 4 == 1 and i > length // 2 else task
                if v21:
                    made.add_frame(frame, task=doing)
                else:
                    made.add_frame({**frame, "task": doing})
                frames.append(frame)
                tasks.append(doing)
            made.save_episode()
        if hasattr(made, "finalize"):
            made.finalize()
        parts.append(root)
    merged = folder / "merged"
    merge(parts, merged)
    read = LeRobotDataset("local/merged", root=merged)
    originals = [LeRobotDataset(f"local/{p.name}", root=p) for p in parts]
    shown = [original[i] for original in originals for i in range(len(original))]
    first = LeRobotDataset("local/part0", root=parts[0])
    for key, feature in first.meta.features.items():
        found = read.meta.features.get(key)
        if json.dumps(found) != json.dumps(feature):
            bad(f"feature {key}: {feature} became {found}")
    if len(read) != len(frames):
        return bad(f"{len(read)} rows of {len(frames)}")
    for i, (frame, task) in enumerate(zip(frames, tasks)):
        row = read[i]
        if row["task"] != task:
            bad(f"row {i}: task {row['task']}, was {task}")
        for key, value in frame.items():
            if key.startswith("observation.images"):
                # Their coder has changed it: what counts is that the merge does not.
                near(f"row {i}: {key}", row[key].numpy(), shown[i][key].numpy(), 0)
            else:
                near(f"row {i}: {key}", row[key].numpy().reshape(value.shape), value, 0)
    if not v21:
        from lerobot.datasets.aggregate import aggregate_datasets
        peer = folder / "peer"
        aggregate_datasets([f"local/{p.name}" for p in parts], "local/peer", roots=parts, aggr_root=peer)
        wanted = json.loads((peer / "meta/stats.json").read_text())
        found = json.loads((merged / "meta/stats.json").read_text())
        for key, entry in wanted.items():
            for name, value in entry.items():
                if name not in found.get(key, {}):
                    bad(f"statistics: {key}.{name} is missing")
                    continue
                rough = name.startswith("q") and not key.startswith("observation.images")
                # Their quantiles of numbers are read off histograms of each episode: within a bin and a neighbour of ours.
                if not rough and key not in ("index", "episode_index", "task_index"):
                    near(f"statistics: {key}.{name}", found[key][name], value, 2e-5 * max(1, np.abs(np.asarray(value, float)).max()))
    else:
        states = np.stack([f["observation.state"] for f in frames])
        near("statistics: state mean", read.meta.stats["observation.state"]["mean"], states.mean(0), 1e-5)
        near("statistics: state std", read.meta.stats["observation.state"]["std"], states.std(0), 1e-5)
    print(f"{PARTS} parts, {read.meta.total_episodes} episodes, {len(read)} rows, {len(read.meta.tasks)} tasks")


def umi():
    import zarr
    from imagecodecs.numcodecs import register_codecs
    register_codecs()
    from imagecodecs.numcodecs import Jpegxl
    dice = np.random.default_rng(8)
    parts, arrays, ends, pictures = [], {}, [], []
    for part in range(PARTS):
        path = folder / f"part{part}.zarr.zip"
        lengths = [int(n) for n in dice.integers(5, 12, 1 + part % 3)]
        rows = sum(lengths)
        with zarr.ZipStore(str(path), mode="w") as store:
            root = zarr.group(store)
            data, meta = root.create_group("data"), root.create_group("meta")
            own = np.cumsum(lengths).astype(np.int64)
            meta.create_dataset("episode_ends", data=own, chunks=own.shape, compressor=None)
            for name, width, dtype in (
                ("eef_pos", 3, "f4"), ("eef_rot_axis_angle", 3, "f4"), ("gripper_width", 1, "f4"), ("demo_start_pose", 6, "f8"), ("demo_end_pose", 6, "f8")
            ):
                values = (dice.random((rows, width)) * (0.001 if name == "eef_pos" else 0.08)).astype(dtype)
                data.create_dataset(f"robot0_{name}", data=values, chunks=(lengths[0], width), compressor=None)
                arrays.setdefault(f"robot0_{name}", []).append(values)
            camera = data.create_dataset(
                "camera0_rgb", shape=(rows, 32, 32, 3), chunks=(1, 32, 32, 3), dtype="u1", compressor=Jpegxl(level=99, numthreads=1))
            for i in range(rows):
                camera[i] = dice.integers(0, 255, (32, 32, 3), np.uint8)
                pictures.append(camera[i])
        parts.append(path)
        for n in lengths:
            ends.append((ends[-1] if ends else 0) + n)
    merged = folder / "merged.zarr.zip"
    merge(parts, merged)
    root = zarr.open(zarr.ZipStore(str(merged), mode="r"), mode="r")
    near("episode_ends", root["meta/episode_ends"][:], ends, 0)
    if sorted(root["data"].array_keys()) != sorted([*arrays, "camera0_rgb"]):
        bad(f"arrays {sorted(root['data'].array_keys())}")
    for name, values in arrays.items():
        near(name, root[f"data/{name}"][:], np.concatenate(values), 0)
        if root[f"data/{name}"].dtype != values[0].dtype:
            bad(f"{name}: {root[f'data/{name}'].dtype}")
    for i, picture in enumerate(pictures):
        near(f"picture {i}", root["data/camera0_rgb"][i], picture, 0)
    print(f"{PARTS} parts, {len(ends)} episodes, {ends[-1]} rows")


def robomimic():
    import h5py
    dice = np.random.default_rng(9)
    parts, demos, masks = [], [], {}
    for part in range(PARTS):
        path = folder / f"part{part}.hdf5"
        before = len(demos)
        with h5py.File(path, "w") as file:
            total = 0
            for demo in range(2 + part % 3):
                n = int(dice.integers(4, 9))
                group = file.create_group(f"data/demo_{demo}")
                group.attrs["num_samples"] = n
                values = {
                    "actions": dice.uniform(-1, 1, (n, 7)), "rewards": dice.random(n), "dones": (np.arange(n) == n - 1).astype(np.int64),
                    "states": dice.random((n, 11)), "obs/eef_pos": dice.random((n, 3)), "next_obs/eef_pos": dice.random((n, 3)),
                    "obs/agentview_image": dice.integers(0, 255, (n, 12, 10, 3), np.uint8),
                }
                for key, value in values.items():
                    group.create_dataset(key, data=value, compression="gzip" if "image" in key else None)
                demos.append(values)
                total += n
            file["data"].attrs["total"] = total
            file["data"].attrs["env_args"] = json.dumps({"env_name": "Lift", "type": 1, "env_kwargs": {"robots": "Panda"}})
            count = 2 + part % 3
            for name, members in {"train": range(1, count), "valid": [0], "20_percent": [count - 1], "20_percent_train": [1]}.items():
                file[f"mask/{name}"] = np.array([f"demo_{i}" for i in members], dtype="S8")
                masks.setdefault(name, []).extend(f"demo_{before + i}" for i in members)
        parts.append(path)
    merged = folder / "merged.hdf5"
    merge(parts, merged)
    with h5py.File(merged) as file:
        if json.loads(file["data"].attrs["env_args"])["env_name"] != "Lift" or int(file["data"].attrs["total"]) != sum(len(d["actions"]) for d in demos):
            bad("env_args or total")
        for name, members in masks.items():
            found = [str(x, "utf-8") if isinstance(x, bytes) else str(x) for x in file[f"mask/{name}"][()]]
            if sorted(found) != sorted(members):
                bad(f"mask {name}: {found}, was {members}")
        if set(file["mask"]) != set(masks):
            bad(f"masks {set(file['mask'])}")
        for i, values in enumerate(demos):
            for key, value in values.items():
                near(f"demo_{i}/{key}", file[f"data/demo_{i}/{key}"][()], value, 0)
                if file[f"data/demo_{i}/{key}"].dtype != value.dtype:
                    bad(f"demo_{i}/{key}: {file[f'data/demo_{i}/{key}'].dtype}, was {value.dtype}")
            if int(file[f"data/demo_{i}"].attrs["num_samples"]) != len(values["actions"]):
                bad(f"demo_{i}: num_samples")
    print(f"{PARTS} parts, {len(demos)} demos, masks {', '.join(sorted(masks))}")


{"lerobot": lerobot, "lerobot-v2.1": lerobot, "umi": umi, "robomimic": robomimic}[kind]()
subprocess.run(["rm", "-rf", str(folder)])
print("RESULT", "OK" if not errors else f"{len(errors)} FAILURES")
sys.exit(bool(errors))
