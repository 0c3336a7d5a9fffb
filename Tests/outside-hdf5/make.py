#!/usr/bin/env python3
"""make.py DIR: makes the HDF5 files of PathTests, whose numbers lie in another file, with h5py (3.x): link, storage, virtual."""
import pathlib
import sys

import h5py

folder = pathlib.Path(sys.argv[1])


def demo(name):
    file = h5py.File(folder / f"{name}.hdf5", "w", track_order=False)
    file.create_group("data/demo_0").attrs["num_samples"] = 4
    return file


with demo("link") as file:
    file["data/demo_0/actions"] = h5py.ExternalLink("elsewhere.hdf5", "/secret")
with demo("storage") as file:
    file.create_dataset("data/demo_0/actions", (4, 3), "f4", external=[("/etc/passwd", 0, 48)])
with demo("virtual") as file:
    layout = h5py.VirtualLayout((4, 3), "f4")
    layout[:] = h5py.VirtualSource("elsewhere.hdf5", "secret", (4, 3))
    file.create_virtual_dataset("data/demo_0/actions", layout)
