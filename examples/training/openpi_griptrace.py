"""openpi on a GripTrace data set: put this file beside openpi's `src/openpi/training/config.py` and add `griptrace()` to its `_CONFIGS`.

The session was converted with `--format lerobot-v2.1` (openpi pins a LeRobot that reads v2.1) and lies in `HF_LEROBOT_HOME/local/griptrace`.
Then `uv run scripts/compute_norm_stats.py --config-name pi0_griptrace` and `uv run scripts/train.py pi0_griptrace --exp-name first`.
"""

import dataclasses
import pathlib

import numpy as np
import openpi.models.model as _model
import openpi.models.pi0_config as pi0_config
import openpi.training.weight_loaders as weight_loaders
import openpi.transforms as _transforms
from openpi.training.config import DataConfig, DataConfigFactory, ModelTransformFactory, TrainConfig

# Joints of the arm; the gripper follows.
JOINTS = 7


@dataclasses.dataclass(frozen=True)
class Inputs(_transforms.DataTransformFn):
    """One picture, at the wrist: the others are black and masked."""

    def __call__(self, data: dict) -> dict:
        picture = np.asarray(data["image"])
        if np.issubdtype(picture.dtype, np.floating):
            picture = (255 * picture).astype(np.uint8)
        if picture.shape[0] == 3:
            picture = np.moveaxis(picture, 0, -1)
        black = np.zeros_like(picture)
        inputs = {
            "state": data["state"],
            "image": {"base_0_rgb": black, "left_wrist_0_rgb": picture, "right_wrist_0_rgb": black},
            "image_mask": {"base_0_rgb": np.False_, "left_wrist_0_rgb": np.True_, "right_wrist_0_rgb": np.False_},
        }
        return inputs | {key: data[key] for key in ("actions", "prompt") if key in data}


@dataclasses.dataclass(frozen=True)
class Outputs(_transforms.DataTransformFn):
    def __call__(self, data: dict) -> dict:
        return {"actions": np.asarray(data["actions"][:, : JOINTS + 1])}


@dataclasses.dataclass(frozen=True)
class GripTraceDataConfig(DataConfigFactory):
    def create(self, assets_dirs: pathlib.Path, model_config: _model.BaseModelConfig) -> DataConfig:
        repack = _transforms.RepackTransform(
            {"image": "observation.images.wrist", "state": "observation.state", "actions": "action", "prompt": "prompt"}
        )
        # Joints relative to the state (they may be subtracted; a tool's rotation may not), the gripper as it is.
        mask = _transforms.make_bool_mask(JOINTS, -1)
        transforms = _transforms.Group(inputs=[Inputs()], outputs=[Outputs()]).push(
            inputs=[_transforms.DeltaActions(mask)], outputs=[_transforms.AbsoluteActions(mask)]
        )
        return dataclasses.replace(
            self.create_base_config(assets_dirs, model_config),
            repack_transforms=_transforms.Group(inputs=[repack]),
            data_transforms=transforms,
            model_transforms=ModelTransformFactory()(model_config),
            action_sequence_keys=("action",),
            prompt_from_task=True,
        )


def griptrace() -> TrainConfig:
    return TrainConfig(
        name="pi0_griptrace",
        model=pi0_config.Pi0Config(),
        data=GripTraceDataConfig(repo_id="local/griptrace", base_config=DataConfig(prompt_from_task=True)),
        weight_loader=weight_loaders.CheckpointWeightLoader("gs://openpi-assets/checkpoints/pi0_base/params"),
        num_train_steps=30_000,
    )
