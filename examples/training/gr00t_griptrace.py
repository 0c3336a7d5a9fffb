"""GR00T N1.7 on a GripTrace data set: its modality configuration.

The session was converted with `--format lerobot-v2.1 --state ee --action ee`: GR00T makes end-effector actions relative itself and expects
nine numbers for them, position and rot6d, which `meta/modality.json` calls `end_effector`. In a checkout of Isaac-GR00T, with absolute paths:

    uv run bash examples/finetune.sh --base-model-path nvidia/GR00T-N1.7-3B --dataset-path OUT/lerobot_v21 \
        --modality-config-path GRIPTRACE/examples/training/gr00t_griptrace.py --embodiment-tag NEW_EMBODIMENT --output-dir OUT/training/gr00t
"""

from gr00t.configs.data.embodiment_configs import register_modality_config
from gr00t.data.types import ActionConfig, ActionFormat, ActionRepresentation, ActionType, ModalityConfig

register_modality_config(
    {
        "video": ModalityConfig(delta_indices=[0], modality_keys=["wrist"]),
        "state": ModalityConfig(delta_indices=[0], modality_keys=["end_effector", "gripper"]),
        "action": ModalityConfig(
            delta_indices=list(range(16)),
            modality_keys=["end_effector", "gripper"],
            action_configs=[
                ActionConfig(rep=ActionRepresentation.RELATIVE, type=ActionType.EEF, format=ActionFormat.XYZ_ROT6D),
                ActionConfig(rep=ActionRepresentation.ABSOLUTE, type=ActionType.NON_EEF, format=ActionFormat.DEFAULT),
            ],
        ),
        "language": ModalityConfig(delta_indices=[0], modality_keys=["annotation.human.task_description"]),
    }
)
