"""`lerobot-train` that obeys `loss_weight` and, with `--griptrace.actions=relative`, trains on chunk-relative SE(3) actions.

    python -m griptrace_lerobot.train --griptrace.actions=relative --dataset.repo_id=local/demo --dataset.root=… --policy.type=act …

All other options are LeRobot's own (0.4.4 to 0.6.1). The data set and the loader that LeRobot's script makes are wrapped; nothing of it is
copied. A policy that was trained so says relative chunks: `ToolLayout.absolute` turns them back.
"""

import sys

import torch

from .relative import RelativeActions, WeightedRows
from .sampler import WeightedSampler

OPTION = "--griptrace.actions="


def wrapping(make, wrap):
    """LeRobot's maker of data sets (one, or one to train on and one to evaluate), with what it makes wrapped."""

    def made(*arguments, **options):
        out = make(*arguments, **options)
        if isinstance(out, tuple):
            return tuple(None if dataset is None else wrap(dataset) for dataset in out)
        return wrap(out)

    return made


def weighted(begin):
    """A DataLoader's `__init__` that draws rows of ours by their weights, among those that LeRobot's own sampler would draw."""

    def __init__(self, dataset, *arguments, **options):
        if isinstance(dataset, WeightedRows) and (options.get("sampler") is not None or options.get("shuffle")):
            own = options.get("sampler")
            sampler = WeightedSampler(dataset.weights, getattr(own, "indices", None), seed=getattr(own, "seed", 0))
            if hasattr(own, "state_dict"):
                sampler.load_state_dict(own.state_dict())
            options.update(sampler=sampler, shuffle=False)
        begin(self, dataset, *arguments, **options)

    return __init__


def main() -> None:
    stated = [a[len(OPTION) :] for a in sys.argv if a.startswith(OPTION)]
    sys.argv = [a for a in sys.argv if not a.startswith(OPTION)]
    actions = stated[-1] if stated else "absolute"
    if actions not in ("absolute", "relative"):
        raise SystemExit(f"{OPTION}{actions}: accepted: absolute, relative")
    from lerobot.scripts import lerobot_train

    wrap = RelativeActions if actions == "relative" else WeightedRows
    for name in ("make_dataset", "make_train_eval_datasets"):
        if hasattr(lerobot_train, name):
            setattr(lerobot_train, name, wrapping(getattr(lerobot_train, name), wrap))
    loader = torch.utils.data.DataLoader
    loader.__init__ = weighted(loader.__init__)
    lerobot_train.main()


if __name__ == "__main__":
    main()
