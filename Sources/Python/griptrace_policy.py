#!/usr/bin/env python3
"""griptrace_policy.py A.csv B.csv: whether policy A succeeds more often than policy B, from trials of both.

usage: griptrace_policy.py A.csv B.csv [--level 0.95] [--power 0.8] [--json]

A row a trial: `success` (1/0, true/false, yes/no), and where there are any `seed` (the same start in both files makes a pair), `time_s` (until
success or until it was given up), `task`, `order` (a number, else the rows' own order). Other columns are passed over.

Statistics are SciPy's and statsmodels': Wilson intervals (Wilson 1927); unpaired Boschloo's exact test (Boschloo 1970) and Newcombe's hybrid score
interval of the difference (Newcombe 1998, method 10); paired the exact McNemar test and the interval of Tango's score (Tango 1998) over the pairs.
"""
import argparse
import csv
import functools
import json
import math
import sys

LARGEST = 1_000_000
TRUE, FALSE = {"1", "true", "yes", "y", "success", "1.0"}, {"0", "false", "no", "n", "failure", "fail", "0.0"}


class Refusal(Exception):
    """What is wrong with a file, in one line."""


def number(text, path, line, name):
    if text is None or not text.strip():
        return None
    try:
        value = float(text)
    except ValueError:
        raise Refusal(f"{path}: line {line}: {name} '{text[:40]}' is no number") from None
    if not math.isfinite(value):
        raise Refusal(f"{path}: line {line}: {name} '{text[:40]}' is not finite")
    return value


def trials(path):
    """The rows of a file as dictionaries with success, seed, time, task and order."""
    try:
        with open(path, newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file, skipinitialspace=True)
            names = {(name or "").strip().lower(): name for name in reader.fieldnames or []}
            if "success" not in names:
                raise Refusal(f"{path}: no column 'success'; there are {', '.join(n for n in names if n) or 'none'}")
            out = []
            for line, row in enumerate(reader, 2):
                get = lambda name: row.get(names[name]) if name in names else None  # noqa: E731
                word = (get("success") or "").strip().lower()
                if word not in TRUE | FALSE:
                    raise Refusal(f"{path}: line {line}: success '{word[:40]}'; accepted: 1 or 0, true or false, yes or no")
                out.append({
                    "success": word in TRUE, "seed": (get("seed") or "").strip() or None, "time": number(get("time_s"), path, line, "time_s"),
                    "task": (get("task") or "").strip() or None, "order": number(get("order"), path, line, "order")})
                if len(out) > LARGEST:
                    raise Refusal(f"{path}: more than {LARGEST} trials")
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise Refusal(f"{path}: {getattr(error, 'strerror', None) or error}") from None
    if not out:
        raise Refusal(f"{path}: no trial")
    return out


def pairs(a, b):
    """Outcomes of trials from the same seed (and task), where each seed stands once in each file and at least two thirds are in both."""
    def by_seed(rows):
        found = {}
        for row in rows:
            if row["seed"] is None or (row["task"], row["seed"]) in found:
                return None
            found[row["task"], row["seed"]] = row["success"]
        return found
    one, two = by_seed(a), by_seed(b)
    if not one or not two:
        return None
    both = sorted(one.keys() & two.keys(), key=str)
    if len(both) < 2 / 3 * max(len(one), len(two)):
        return None
    return [(one[key], two[key]) for key in both]


def rate(rows, level):
    from scipy.stats import binomtest
    successes = sum(row["success"] for row in rows)
    interval = binomtest(successes, len(rows)).proportion_ci(level, method="wilson")
    return {"trials": len(rows), "successes": successes, "rate": successes / len(rows), "low": interval.low, "high": interval.high}


def chance(a, b):
    """Chance that A's rate is the higher one, each rate with Jeffreys' prior."""
    from scipy.integrate import quad
    from scipy.stats import beta
    one = beta(a["successes"] + 0.5, a["trials"] - a["successes"] + 0.5)
    two = beta(b["successes"] + 0.5, b["trials"] - b["successes"] + 0.5)
    points = sorted({min(max(d.mean(), 1e-9), 1 - 1e-9) for d in (one, two)})
    return min(1.0, max(0.0, quad(lambda x: one.pdf(x) * two.cdf(x), 0, 1, points=points, limit=400)[0]))


@functools.lru_cache(maxsize=4096)
def boschloo(successes_a, trials_a, successes_b, trials_b):
    from scipy.stats import boschloo_exact
    p = boschloo_exact([[successes_a, successes_b], [trials_a - successes_a, trials_b - successes_b]]).pvalue
    return min(1.0, float(p)) if math.isfinite(p) else 1.0


def unpaired(a, b, level):
    from statsmodels.stats.proportion import confint_proportions_2indep
    p = boschloo(a["successes"], a["trials"], b["successes"], b["trials"])
    low, high = confint_proportions_2indep(a["successes"], a["trials"], b["successes"], b["trials"], method="newcomb", compare="diff", alpha=1 - level)
    return {"test": "Boschloo's exact test", "p": p, "low": float(low), "high": float(high)}


def paired(both, level):
    from scipy.optimize import brentq
    from scipy.stats import binomtest, norm
    n = len(both)
    only_a = sum(x and not y for x, y in both)
    only_b = sum(y and not x for x, y in both)
    p = binomtest(only_a, only_a + only_b).pvalue if only_a + only_b else 1.0
    z = norm.ppf(0.5 + level / 2)

    def score(d):
        """Tango's score for the difference d."""
        b = -only_a - only_b + (2 * n - only_a + only_b) * d
        c = -only_b * d * (1 - d)
        q = (math.sqrt(max(b * b - 8 * n * c, 0)) - b) / (4 * n)
        variance = n * (2 * q + d * (1 - d))
        top = only_a - only_b - n * d
        return top / math.sqrt(variance) if variance > 1e-15 else math.copysign(math.inf, top) if top else 0.0

    def bound(target, start, end):
        f = lambda d: max(min(score(d) - target, 1e9), -1e9)  # noqa: E731
        return brentq(f, start, end) if f(start) * f(end) < 0 else (start if abs(f(start)) < abs(f(end)) else end)
    middle = (only_a - only_b) / n
    edge = 1 - 1e-9
    return {"test": "exact McNemar test", "p": float(p), "low": bound(z, -edge, middle), "high": bound(-z, middle, edge), "only_a": only_a,
            "only_b": only_b, "pairs": n}


def more_trials(a, b, level, power):
    """Trials of each that would tell rates as different as these, by the normal approximation (Cohen's h); nothing where they are the same."""
    from statsmodels.stats.power import NormalIndPower
    from statsmodels.stats.proportion import proportion_effectsize
    # Rates of 0 and 1 are drawn in by half a trial: nobody knows them to be exact.
    one, two = ((r["successes"] + 0.5) / (r["trials"] + 1) for r in (a, b))
    effect = proportion_effectsize(one, two)
    if abs(effect) < 0.02:
        return None
    return math.ceil(NormalIndPower().solve_power(abs(effect), alpha=1 - level, power=power, alternative="two-sided"))


def confounds(a, b):
    """What else differs between the trials of A and B, or moves with success, in sentences."""
    from scipy.stats import chi2_contingency, mannwhitneyu, spearmanr
    out = []
    tasks = sorted({row["task"] for row in a + b}, key=str)
    if len(tasks) > 1:
        table = [[sum(row["task"] == task for row in rows) for task in tasks] for rows in (a, b)]
        if chi2_contingency(table).pvalue < 0.05:
            mix = "; ".join(f"{task or 'no task'}: {x} and {y}" for task, x, y in zip(tasks, *table))
            out.append(f"the tasks are mixed differently ({mix}): compare task by task")
    for name, rows in (("A", a), ("B", b)):
        order = [row["order"] for row in rows] if all(row["order"] is not None for row in rows) else list(range(len(rows)))
        success = [row["success"] for row in rows]
        if len(rows) >= 10 and 0 < sum(success) < len(rows) and len(set(order)) > 1:
            trend = spearmanr(order, success)
            if trend.pvalue < 0.02:
                way = "rises" if trend.statistic > 0 else "falls"
                out.append(f"{name}'s success {way} over its trials (rank correlation {trend.statistic:+.2f}): light, wear, or the operator changed")
        seeds = [(row["task"], row["seed"]) for row in rows if row["seed"] is not None]
        if len(set(seeds)) < len(seeds):
            out.append(f"{name} has {len(seeds) - len(set(seeds))} trials from seeds that it was tried from before: they are not independent")
    if all(row["order"] is not None for row in a + b):
        ranges = [(min(row["order"] for row in rows), max(row["order"] for row in rows)) for rows in (a, b)]
        if ranges[0][1] < ranges[1][0] or ranges[1][1] < ranges[0][0]:
            out.append("all trials of one come before all of the other: whatever changed between counts as a difference; take turns")
    failed = [[row["time"] for row in rows if not row["success"] and row["time"] is not None] for rows in (a, b)]
    if all(len(times) >= 5 for times in failed) and mannwhitneyu(*failed).pvalue < 0.02:
        middle = [sorted(times)[len(times) // 2] for times in failed]
        out.append(f"failed trials were given up at other times ({middle[0]:.1f} s and {middle[1]:.1f} s in the middle): give both the same time")
    seeds = [{(row["task"], row["seed"]) for row in rows if row["seed"] is not None} for rows in (a, b)]
    if seeds[0] and seeds[1] and seeds[0] != seeds[1]:
        shared = len(seeds[0] & seeds[1])
        out.append(f"{shared} starts are in both, {len(seeds[0] - seeds[1])} in A alone, {len(seeds[1] - seeds[0])} in B alone: the same starts for both tell more")
    return out


def compare(a, b, level=0.95, power=0.8):
    """All that the report says, as a dictionary."""
    both = pairs(a, b)
    one, two = rate(a, level), rate(b, level)
    difference = paired(both, level) if both else unpaired(one, two, level)
    if both:
        difference["difference"] = (difference["only_a"] - difference["only_b"]) / difference["pairs"]
    else:
        difference["difference"] = one["rate"] - two["rate"]
    is_clear = difference["p"] < 1 - level
    out = {"a": one, "b": two, "difference": difference, "level": level, "clear": is_clear, "chance_a_better": chance(one, two),
           "confounds": confounds(a, b)}
    if not is_clear:
        needed = more_trials(one, two, level, power)
        out["more_trials"] = None if needed is None else [max(0, needed - one["trials"]), max(0, needed - two["trials"])]
    times = [[row["time"] for row in rows if row["success"] and row["time"] is not None] for rows in (a, b)]
    if all(len(found) >= 3 for found in times):
        from scipy.stats import mannwhitneyu
        out["success_time"] = {"a": sorted(times[0])[len(times[0]) // 2], "b": sorted(times[1])[len(times[1]) // 2],
                               "p": float(mannwhitneyu(*times).pvalue)}
    return out


def lines(found, names):
    def percent(x):
        return f"{100 * x:.1f} %"
    out = []
    for key, name in (("a", names[0]), ("b", names[1])):
        r = found[key]
        out.append(f"{key.upper()}: {name}: {r['successes']} of {r['trials']} succeed, {percent(r['rate'])} ({percent(r['low'])} to {percent(r['high'])})")
    d = found["difference"]
    how = f"paired over {d['pairs']} starts: A alone succeeds in {d['only_a']}, B alone in {d['only_b']}" if "pairs" in d else "unpaired"
    out.append(f"A - B: {100 * d['difference']:+.1f} points ({100 * d['low']:+.1f} to {100 * d['high']:+.1f}), {d['test']} p = {d['p']:.3g}; {how}")
    level = percent(found["level"])
    if found["clear"]:
        out.append(f"{'A' if d['difference'] > 0 else 'B'} is better, at {level}")
    else:
        out.append(f"neither is shown to be better at {level}; the chance that A's rate is the higher one is {percent(found['chance_a_better'])}")
        more = found["more_trials"]
        if more is None:
            out.append("the rates are so near one another that no practical number of trials would tell them apart")
        elif max(more) == 0:
            out.append("as many trials as these usually tell such a difference: a repetition is worth it")
        else:
            out.append(f"a difference like this one would usually be clear with {more[0]} more trials of A and {more[1]} of B")
    if "success_time" in found:
        t = found["success_time"]
        out.append(f"time to success, in the middle: A {t['a']:.1f} s, B {t['b']:.1f} s (p = {t['p']:.2g})")
    return out + [f"look out: {text}" for text in found["confounds"]]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("a")
    parser.add_argument("b")
    parser.add_argument("--level", type=float, default=0.95)
    parser.add_argument("--power", type=float, default=0.8)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    try:
        for name in ("level", "power"):
            if not 0.5 <= getattr(options, name) < 1:
                raise Refusal(f"--{name} {getattr(options, name)}; accepted: 0.5 to below 1")
        found = compare(trials(options.a), trials(options.b), options.level, options.power)
    except Refusal as error:
        print(f"error: {error}", file=sys.stderr)
        return 64
    except ModuleNotFoundError as error:
        print(f"error: Python's library '{error.name}' is missing: python3 -m pip install scipy statsmodels", file=sys.stderr)
        return 1
    print(json.dumps(found, indent=1) if options.json else "\n".join(lines(found, (options.a, options.b))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
