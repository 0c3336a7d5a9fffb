"""Imported before LeRobot: a torchvision that was built for CUDA cannot load its operators beside a torch for the processor alone, and its import
then needs two of them to be declared. Where they load nothing is done."""
import glob
import importlib.util
import os

import torch


def load():
    spec = importlib.util.find_spec("torchvision")
    for path in glob.glob(os.path.join(os.path.dirname(spec.origin), "_C*.so")) if spec and spec.origin else []:
        try:
            torch.ops.load_library(path)
            return None
        except OSError:
            pass
    library = torch.library.Library("torchvision", "DEF")
    for name in ("nms", "qnms"):
        library.define(name + "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    return library


library = load()
