"""A LeRobot data set whose chunks of actions are relative to the pose that they start from."""

import copy

import numpy as np
import torch

from .layout import ToolLayout
from .statistics import chunk_statistics

STATE = "observation.state"
ACTION = "action"
WEIGHT = "loss_weight"


def column(dataset, name: str) -> np.ndarray:
    """A column of all rows that the data set reads, in its order."""
    return np.asarray(dataset.hf_dataset.select_columns([name]).with_format("numpy")[:][name])


class WeightedRows(torch.utils.data.Dataset):
    """A LeRobot data set that knows its rows' weights: what of a chunk comes after a row of weight 0 counts as padding.

    Everything else is the data set's own. `weights` goes to a `WeightedSampler`.
    """

    def __init__(self, dataset):
        self.dataset = dataset
        self.meta = dataset.meta
        self.episode = column(dataset, "episode_index").reshape(-1)
        self.weights = column(dataset, WEIGHT).reshape(-1) if WEIGHT in dataset.meta.features else np.ones(len(self.episode))
        stated = dict(getattr(dataset, "delta_timestamps", None) or {}).get(ACTION)
        # Rows of a chunk, counted from the row that it is asked for.
        self.deltas = [round(seconds * dataset.meta.fps) for seconds in stated] if stated else [0]

    def __len__(self) -> int:
        return len(self.dataset)

    def __getitem__(self, row: int) -> dict:
        item = self.dataset[row]
        pad = item.get(f"{ACTION}_is_pad")
        if pad is not None:
            item[f"{ACTION}_is_pad"] = pad | torch.from_numpy(self.is_spoilt(row))
        return item

    def __getitems__(self, rows: list[int]) -> list[dict]:
        return [self[row] for row in rows]

    def __getattr__(self, name: str):
        if name == "dataset":
            raise AttributeError(name)
        return getattr(self.dataset, name)

    def rows(self, row: int) -> np.ndarray:
        """The rows of the chunk; those beyond the episode are its first or last."""
        mine = np.searchsorted(self.episode, self.episode[row], side="left"), np.searchsorted(self.episode, self.episode[row], side="right")
        return np.clip(row + np.asarray(self.deltas), mine[0], mine[1] - 1)

    def is_spoilt(self, row: int) -> np.ndarray:
        """(T), from the first row of weight 0 on, the row that is asked for and those after it."""
        future = np.asarray(self.deltas) >= 0
        return np.cumsum((self.weights[self.rows(row)] == 0) & future) > 0


class RelativeActions(WeightedRows):
    """A LeRobot data set whose actions are relative to the state at the row that is asked for (see `ToolLayout`).

    Needs a data set written with `--action ee` and `--state ee` or `both`. `meta` is a copy that names the relative numbers and holds their
    statistics over the chunks, so that LeRobot's policies and normalisers take them as they are. Costs about 0.1 ms an item.
    """

    def __init__(self, dataset):
        super().__init__(dataset)
        features = dataset.meta.features
        self.layout = ToolLayout(features[STATE], features[ACTION])
        self.meta = copy.copy(dataset.meta)
        self.meta.info = copy.deepcopy(dataset.meta.info)
        width = len(self.layout.names)
        self.meta.features[ACTION].update(shape=(width,), names=self.layout.names, info={"rotation": "rot6d", "relative_to": STATE})
        self.meta.stats = dict(dataset.meta.stats)
        self.meta.stats[ACTION] = chunk_statistics(
            self.layout, column(dataset, STATE), column(dataset, ACTION), self.episode, self.deltas, self.weights
        )

    @property
    def features(self) -> dict:
        return self.meta.features

    def __getitem__(self, row: int) -> dict:
        item = super().__getitem__(row)
        state, actions = item[STATE], item[ACTION]
        # Of a history the last is where the chunk starts from.
        item[ACTION] = self.layout.relative(state if state.ndim == 1 else state[-1], actions if actions.ndim == 2 else actions[None])
        if actions.ndim == 1:
            item[ACTION] = item[ACTION][0]
        return item
