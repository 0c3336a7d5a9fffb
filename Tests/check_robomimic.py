#!/usr/bin/env python3
"""check_robomimic.py FILE.hdf5: reads a data set with h5py against the layout that robomimic's SequenceDataset reads: /data with `total` and
`env_args`, /data/demo_i with `num_samples`, actions, rewards, dones and obs of equally many rows, /mask of known demos. Every picture is read
and a chunk of one second (50 rows) is taken from every frame. Prints RESULT OK or what failed."""
import json, sys
import h5py, numpy as np

errors = []
total = chunks = pictures = 0
with h5py.File(sys.argv[1], "r") as f:
    arguments = json.loads(f["data"].attrs["env_args"])
    for key in ("env_name", "type", "env_kwargs"):
        if key not in arguments:
            errors.append(f"env_args has no {key}")
    demos = sorted(f["data"], key=lambda name: int(name.split("_")[1]))
    if demos != [f"demo_{i}" for i in range(len(demos))]:
        errors.append("demos are not numbered from 0")
    for name in demos:
        demo = f["data"][name]
        n = int(demo.attrs["num_samples"])
        if not isinstance(demo.attrs["task"], str):
            errors.append(f"{name}: no task text")
        actions = demo["actions"][()]
        offset, scale = f["action_scale/offset"][()], f["action_scale/scale"][()]
        if np.abs(actions).max() > 1 or np.abs(offset + scale * actions - demo["actions_abs"][()]).max() > 1e-6 * max(1, np.abs(scale).max()):
            errors.append(f"{name}: actions are not within -1 to 1, or not actions_abs scaled")
        if actions.dtype != np.float32 or actions.shape[0] != n or not np.isfinite(actions).all():
            errors.append(f"{name}: actions {actions.dtype} {actions.shape}")
        for key in ("rewards", "dones"):
            if demo[key].shape != (n,) or demo[key][-1] != 1:
                errors.append(f"{name}: {key}")
        for key, data in demo["obs"].items():
            if data.shape[0] != n:
                errors.append(f"{name}/obs/{key}: {data.shape}")
            if key.endswith("_image"):
                if data.dtype != np.uint8 or data.ndim != 4 or data.shape[3] != 3:
                    errors.append(f"{name}/obs/{key}: {data.dtype} {data.shape}")
                pictures += sum(int(data[i].max() > 0) for i in range(n))
            elif data.dtype != np.float32 or not np.isfinite(data[()]).all():
                errors.append(f"{name}/obs/{key}: {data.dtype}")
        for i in range(n):
            chunk = actions[np.minimum(np.arange(i, i + 50), n - 1)]
            chunks += chunk.shape == (50, actions.shape[1])
        total += n
    if total != int(f["data"].attrs["total"]) or chunks != total:
        errors.append(f"total {f['data'].attrs['total']}, the demos hold {total}")
    for mask in f.get("mask", {}):
        for name in f["mask"][mask].asstr()[()]:
            if name not in f["data"]:
                errors.append(f"mask {mask} names {name}")
print("demos", len(demos), "rows", total, "pictures", pictures, "chunks", chunks, "keys", ",".join(sorted(f"{k}" for k in ("actions", "obs"))))
for error in errors[:20]:
    print("FAIL", error)
print("RESULT", "OK" if not errors else f"{len(errors)} FAILURES")
sys.exit(bool(errors))
