"""Statistics of relative actions over the chunks that are trained on: those of rows say nothing of them."""

import numpy as np
import torch

LEVELS = {"q01": 0.01, "q10": 0.10, "q50": 0.50, "q90": 0.90, "q99": 0.99}


def chunk_statistics(layout, state, action, episode, deltas, weights, batch: int = 1024, sample: int = 2_000_000) -> dict:
    """LeRobot's statistics (min, max, mean, std, count, quantiles) of all relative actions of all chunks, as arrays.

    `state` (N, S), `action` (N, A), `episode` (N) and `weights` (N) are rows in order, `deltas` the rows of a chunk from its start. Starts of
    weight 0, what is beyond an episode and what comes after a row of weight 0 do not count. Quantiles are of `sample` numbers a dimension at
    most, evenly taken.
    """
    deltas = np.asarray(deltas)
    n = len(episode)
    starts = np.flatnonzero(weights > 0)
    if len(starts) == 0:
        raise ValueError("every row has loss_weight 0: there is nothing to train on")
    low, high, total, squares, count = None, None, 0.0, 0.0, 0
    taken, every = [], max(1, len(starts) * len(deltas) // sample)
    for first in range(0, len(starts), batch):
        at = starts[first : first + batch]
        rows = at[:, None] + deltas
        inside = np.clip(rows, 0, n - 1)
        is_in = (rows == inside) & (episode[inside] == episode[at][:, None])
        is_in &= np.cumsum((weights[inside] == 0) & (deltas >= 0), axis=1) == 0
        relative = layout.relative(torch.from_numpy(state[at]), torch.from_numpy(action[inside]).double()).numpy()[is_in]
        low = relative.min(0) if low is None else np.minimum(low, relative.min(0))
        high = relative.max(0) if high is None else np.maximum(high, relative.max(0))
        total, squares = total + relative.sum(0), squares + (relative**2).sum(0)
        taken.append(relative[(-count) % every :: every])
        count += len(relative)
    mean = total / count
    out = {"min": low, "max": high, "mean": mean, "std": np.sqrt(np.maximum(squares / count - mean**2, 0))}
    quantiles = np.quantile(np.concatenate(taken), list(LEVELS.values()), axis=0)
    out.update(zip(LEVELS, quantiles, strict=True))
    return {key: value.astype(np.float32) for key, value in out.items()} | {"count": np.array([count])}
