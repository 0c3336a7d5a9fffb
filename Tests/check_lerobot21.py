#!/usr/bin/env python3
"""check_lerobot21.py DATASET [--chunk-s 1.0]: loads a LeRobot v2.1 data set with LeRobot 0.3.3, offline, and reads every row and, of each
episode, its first, middle and last pictures with an action chunk from every frame. Prints RESULT OK or what failed.

Run with the interpreter of the `lerobot` environment and PYTHONPATH set to the `lerobot21` one (see checkers.sh).
"""
import argparse, json, os, sys, tempfile
from pathlib import Path

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("HF_DATASETS_CACHE", tempfile.mkdtemp(prefix="hfds_"))
import torch

import torchvision_ops  # noqa: F401
import lerobot
from lerobot.datasets.lerobot_dataset import LeRobotDataset

parser = argparse.ArgumentParser()
parser.add_argument("dir")
parser.add_argument("--chunk-s", type=float, default=1.0)
arguments = parser.parse_args()
root = Path(arguments.dir).resolve()
errors = []
fps = json.loads((root / "meta/info.json").read_text())["fps"]
steps = int(round(arguments.chunk_s * fps))
data = LeRobotDataset("local/check", root=root, delta_timestamps={"action": [i / fps for i in range(steps)]})
meta = data.meta
if len(data) != meta.total_frames:
    errors.append(f"{len(data)} rows, info.json says {meta.total_frames}")
wanted = set()
first = 0
for episode in range(meta.total_episodes):
    length = meta.episodes[episode]["length"]
    wanted |= {first, first + length // 2, first + length - 1}
    first += length
rows = data.hf_dataset.with_format("arrow")[:]
episode_of = rows["episode_index"].to_pylist()
if rows["index"].to_pylist() != list(range(len(data))):
    errors.append("index is not 0...N-1")
chunks = 0
for i in range(len(data)):
    query, padding = data._get_query_indices(i, episode_of[i])
    chunk = torch.stack([torch.as_tensor(a) for a in data.hf_dataset.select(query["action"])["action"]]) if i in wanted else None
    if len(query["action"]) != steps:
        errors.append(f"frame {i}: a chunk of {len(query['action'])}")
    chunks += 1
    if i not in wanted:
        continue
    item = data[i]
    if tuple(item["action"].shape) != (steps, meta.features["action"]["shape"][0]) or chunk.shape != item["action"].shape:
        errors.append(f"frame {i}: action {tuple(item['action'].shape)}")
    if not isinstance(item["task"], str):
        errors.append(f"frame {i}: task {item['task']!r}")
    for key in meta.camera_keys:
        height, width, _ = meta.features[key]["shape"]
        if tuple(item[key].shape) != (3, height, width) or not 0 <= float(item[key].min()) <= float(item[key].max()) <= 1:
            errors.append(f"frame {i}: {key} {tuple(item[key].shape)}")
for key, feature in meta.features.items():
    if feature["dtype"] != "string" and not {"min", "max", "mean", "std", "count"} <= set(meta.stats[key]):
        errors.append(f"statistics of {key} are missing")
print("lerobot", lerobot.__version__, "episodes", meta.total_episodes, "frames", len(data), "chunks", chunks, "pictures", len(wanted))
for error in errors[:20]:
    print("FAIL", error)
print("RESULT", "OK" if not errors else f"{len(errors)} FAILURES")
sys.exit(bool(errors))
