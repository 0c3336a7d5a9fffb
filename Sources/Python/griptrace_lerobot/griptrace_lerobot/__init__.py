"""Chunk-relative SE(3) actions and weighted sampling for GripTrace data sets in LeRobot.

    from griptrace_lerobot import RelativeActions, WeightedSampler

    data = RelativeActions(LeRobotDataset(..., delta_timestamps={"action": [i / 30 for i in range(50)]}))
    loader = torch.utils.data.DataLoader(data, sampler=WeightedSampler(data.weights), batch_size=32)
    policy(…, dataset_stats=data.meta.stats)      # over the chunks, not over rows
    poses = data.layout.absolute(state, chunk)    # what the policy says, as the data set's own actions

`python -m griptrace_lerobot.train` is `lerobot-train` with both.
"""

from .layout import ToolLayout
from .relative import RelativeActions
from .sampler import WeightedSampler
from .statistics import chunk_statistics

__all__ = ["RelativeActions", "ToolLayout", "WeightedSampler", "chunk_statistics"]
