#!/usr/bin/env python3
"""check_policy.py: holds griptrace_policy.py against simulated policies whose true rates are known. Needs scipy and statsmodels."""
import pathlib
import random
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "Sources/Python"))
import griptrace_policy as policy  # noqa: E402

failures = []


def expect(condition, what):
    print(("ok      " if condition else "WRONG   ") + what, flush=True)
    if not condition:
        failures.append(what)


def unpaired(dice, rate, n):
    return [{"success": dice.random() < rate, "seed": None, "time": None, "task": None, "order": None} for _ in range(n)]


def paired(dice, rates, n):
    """Starts of their own difficulty, the same for both."""
    out = ([], [])
    for seed in range(n):
        hard = dice.gauss(0, 0.25)
        for rows, rate in zip(out, rates):
            rows.append({"success": dice.random() < min(max(rate + hard, 0), 1), "seed": str(seed), "time": None, "task": None, "order": None})
    return out


def share(count, body):
    return sum(body() for _ in range(count)) / count


def main():
    dice = random.Random(7)
    n = 200
    for rate in (0.5, 0.9):
        wrong = share(n, lambda: policy.compare(unpaired(dice, rate, 30), unpaired(dice, rate, 30))["clear"])
        expect(wrong <= 0.09, f"equal policies at {rate}: called different in {100 * wrong:.1f} % of {n} (at most 5 with chance)")
    wrong = share(n, lambda: policy.compare(*paired(dice, (0.6, 0.6), 40))["clear"])
    expect(wrong <= 0.08, f"equal policies, the same starts: called different in {100 * wrong:.1f} %")

    def inside():
        found = policy.compare(unpaired(dice, 0.8, 40), unpaired(dice, 0.55, 40))["difference"]
        return found["low"] <= 0.25 <= found["high"]
    covered = share(n, inside)
    expect(0.92 <= covered <= 0.99, f"the interval of the difference holds the truth in {100 * covered:.1f} %")

    needed = policy.more_trials({"successes": 55, "trials": 100}, {"successes": 80, "trials": 100}, 0.95, 0.8)
    power = share(200, lambda: policy.compare(unpaired(dice, 0.55, needed), unpaired(dice, 0.8, needed))["clear"])
    expect(0.7 <= power <= 0.92, f"with the {needed} trials that it asks for, the difference is clear in {100 * power:.0f} % (80 asked)")

    a, b = paired(dice, (0.75, 0.6), 200)
    together = policy.compare(a, b)["difference"]
    apart = policy.compare([dict(r, seed=None) for r in a], [dict(r, seed=None) for r in b])["difference"]
    expect("pairs" in together and "pairs" not in apart, "the same starts are paired")
    expect(together["high"] - together["low"] < apart["high"] - apart["low"], "pairs tell more than as many unpaired trials")
    odds = policy.compare(unpaired(dice, 0.9, 60), unpaired(dice, 0.4, 60))
    expect(odds["clear"] and odds["chance_a_better"] > 0.99, "a large difference is clear")

    trend = unpaired(dice, 0.5, 40)
    for i, row in enumerate(trend):
        row["success"] = i > 20
    said = " ".join(policy.compare(trend, unpaired(dice, 0.5, 40))["confounds"])
    expect("rises over its trials" in said, "a trend over the trials is said")
    mixed = [dict(r, task="easy" if i < 30 else "hard") for i, r in enumerate(unpaired(dice, 0.5, 40))]
    other = [dict(r, task="easy" if i < 8 else "hard") for i, r in enumerate(unpaired(dice, 0.5, 40))]
    expect("mixed differently" in " ".join(policy.compare(mixed, other)["confounds"]), "another mix of tasks is said")
    print("RESULT", "OK" if not failures else f"{len(failures)} FAILURES")
    sys.exit(bool(failures))


main()
