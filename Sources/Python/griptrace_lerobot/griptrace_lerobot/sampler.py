"""A sampler that obeys `loss_weight`."""

from collections.abc import Iterator

import numpy as np


class WeightedSampler:
    """Rows in a random order, each as often as its weight says: weight w comes floor or ceil of w / mean times in a round, 0 never.

    Where all weights are one a round is a permutation. A round's order follows from `seed` and the round alone, so that each process of a
    distributed run finds the same one.
    """

    def __init__(self, weights, rows=None, seed: int = 0):
        """`weights` (N) at least 0, by row; `rows`: those that may be drawn, such as all but an episode's last; None: all."""
        weights = np.asarray(weights, dtype=np.float64)
        self.rows = np.arange(len(weights)) if rows is None else np.asarray(rows, dtype=np.int64)
        own = weights[self.rows]
        if not np.all(np.isfinite(own)) or np.any(own < 0):
            raise ValueError("weights are finite and at least 0")
        self.rows, own = self.rows[own > 0], own[own > 0]
        if len(own) == 0:
            raise ValueError("every row that may be drawn has weight 0: there is nothing to train on")
        self.cumulative = np.cumsum(own) / own.sum() * len(own)
        self.seed, self.epoch, self.start = seed, 0, 0

    def __len__(self) -> int:
        return len(self.rows)

    def set_epoch(self, epoch: int) -> None:
        self.epoch = epoch

    def state_dict(self) -> dict:
        return {"epoch": self.epoch, "start_index": self.start}

    def load_state_dict(self, state: dict) -> None:
        self.epoch, self.start = state["epoch"], state["start_index"]

    def order(self, epoch: int) -> np.ndarray:
        """The rows of a round. Systematic sampling: one throw for all, so that no row comes more often than its share rounded up."""
        dice = np.random.default_rng([self.seed, epoch])
        marks = dice.random() + np.arange(len(self.rows))
        drawn = self.rows[np.minimum(np.searchsorted(self.cumulative, marks, side="right"), len(self.rows) - 1)]
        return dice.permutation(drawn)

    def __iter__(self) -> Iterator[int]:
        order, first = self.order(self.epoch), self.start
        self.epoch, self.start = self.epoch + 1, 0
        return iter(order[first:].tolist())
