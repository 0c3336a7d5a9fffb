#!/usr/bin/env python3
"""mutate_datasets.py PROGRAM [--count N] [--seed S] [--format F] [--keep DIR] [--only I]: damages small data sets, for `validate` and `merge`.

Two good data sets of each format are made by the program. Each mutation copies one, spoils one of its files (JSON, Parquet, zip and Zarr,
HDF5, MP4: numbers and structure where the kind is known, else bytes). They are handed to `validate` in batches (a batch that fails is tried one by
one), and each `--merge-every`th to `merge IT GOOD`. It fails where a run ends by a
signal, takes more than 20 s or more than 1 GiB, exits with another code than 0, 1 or 64, prints a library's crash report, leaves files behind,
or says nothing although it fails; what was spoilt is then kept. The same seed gives the same mutations. With h5py and pyarrow values inside
HDF5 and Parquet are changed too, without them bytes alone:

    PYTHONPATH=.deps .deps/checkers/umi/bin/python Tests/mutate_datasets.py .build/release/griptrace
"""
import argparse
import json
import os
import pathlib
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile

try:
    import h5py
except ImportError:
    h5py = None
try:
    import pyarrow
    import pyarrow.parquet
except ImportError:
    pyarrow = None

SECONDS, BYTES = 20, 1 << 30
NUMBERS = [0, -1, 1, 2, 255, 1 << 16, 1 << 31, -(1 << 31), 1 << 32, 1 << 40, (1 << 62) - 1, (1 << 63) - 1, -(1 << 63)]
NUMBERS += [10**30, 0.5, -0.5, 1e-300, 1e300]
ODD = NUMBERS + [None, True, "", "nan", "..", "/", "a/../../b", "x" * 5000, "\u0000", [], {}, [[]], [1, [2]], {"a": {}}]


def bytes_mutation(data, dice):
    """Flips, fills, cuts, doubles or moves some bytes."""
    out = bytearray(data)
    for _ in range(dice.choice([1, 1, 2, 5, 40])):
        if not out:
            return out
        at = dice.randrange(len(out)) if dice.random() < 0.5 else dice.randrange(min(len(out), 600))
        if dice.random() < 0.25:
            at = len(out) - 1 - dice.randrange(min(len(out), 400))
        kind = dice.randrange(7)
        if kind == 0:
            out[at] ^= 1 << dice.randrange(8)
        elif kind == 1:
            out[at] = dice.choice([0, 1, 127, 128, 255])
        elif kind == 2:
            width = dice.choice([4, 8])
            value = dice.choice([n for n in NUMBERS if isinstance(n, int)]) & ((1 << 8 * width) - 1)
            out[at:at + width] = value.to_bytes(width, dice.choice(["little", "big"]))
        elif kind == 3:
            del out[at:at + dice.choice([1, 4, 100, len(out)])]
        elif kind == 4:
            out[at:at] = out[at:at + dice.choice([1, 8, 64])]
        elif kind == 5:
            out[at:at + 8] = bytes(8)
        else:
            other = dice.randrange(len(out))
            out[at:at + 16] = out[other:other + 16]
    return out


def places(value, path=()):
    """Every place in a JSON value."""
    yield path
    if isinstance(value, dict):
        for key in value:
            yield from places(value[key], path + (key,))
    elif isinstance(value, list):
        for i in range(min(len(value), 40)):
            yield from places(value[i], path + (i,))


def json_mutation(data, dice):
    """Changes, removes or doubles a value; text that is a line a value is changed in one line."""
    lines = data.decode().splitlines()
    try:
        whole = json.loads(data)
    except ValueError:
        at = dice.randrange(len(lines))
        lines[at] = json_mutation(lines[at].encode(), dice).decode()
        if dice.random() < 0.1:
            lines.insert(at, lines[dice.randrange(len(lines))])
        return ("\n".join(lines) + "\n").encode()
    for _ in range(dice.choice([1, 1, 1, 3])):
        path = dice.choice(list(places(whole)))
        if not path:
            continue
        holder = whole
        try:
            for step in path[:-1]:
                holder = holder[step]
            kind = dice.randrange(6)
            if kind == 0:
                del holder[path[-1]]
            elif kind == 1 and isinstance(holder, dict):
                holder[dice.choice([str(o) for o in ODD])] = holder.pop(path[-1])
            elif kind == 2 and isinstance(holder[path[-1]], list):
                holder[path[-1]] = holder[path[-1]] * dice.choice([2, 3])
            else:
                holder[path[-1]] = dice.choice(ODD)
        except (LookupError, TypeError):
            continue
    text = json.dumps(whole)
    if dice.random() < 0.1:
        text = text.replace("0", dice.choice(["NaN", "Infinity", "1e999", "-", "00", "[" * 200]), 1)
    return text.encode()


def parquet_mutation(path, dice):
    """Changes some numbers of a column to odd ones or nulls, makes it a list, drops or doubles rows, drops the column."""
    table = pyarrow.parquet.read_table(path)
    name = dice.choice(table.column_names)
    at = table.column_names.index(name)
    values = table.column(name).to_pylist()
    kind = dice.randrange(5)
    if kind == 0:
        table = table.drop_columns([name])
    elif kind == 1:
        rows = dice.choice([0, 1, table.num_rows, 2 * table.num_rows])
        table = table.take(pyarrow.array([dice.randrange(table.num_rows) for _ in range(rows)], pyarrow.int64()))
    else:
        for _ in range(dice.choice([1, 2, len(values)])):
            row = dice.randrange(len(values))
            old = values[row]
            if isinstance(old, list) and old and dice.random() < 0.7:
                values[row] = dice.choice([old[:-1], old * 2, [None] * len(old), []])
            elif isinstance(old, str):
                values[row] = dice.choice(["", None, "x" * 3000, "../x"])
            elif isinstance(old, float):
                values[row] = dice.choice([float("nan"), float("inf"), -1.0, 1e300, None, 1e-300])
            elif isinstance(old, bool):
                values[row] = None
            elif isinstance(old, int):
                values[row] = dice.choice([n for n in NUMBERS if isinstance(n, int) and -(1 << 63) <= n < 1 << 63] + [None])
        if kind == 4 and not isinstance(values[0], list):
            values = [[v] * dice.choice([0, 1, 2]) for v in values]
        try:
            column = pyarrow.array(values, table.column(name).type if kind != 4 else None)
        except (pyarrow.ArrowInvalid, pyarrow.ArrowTypeError, OverflowError):
            column = pyarrow.array([None] * len(values), table.column(name).type)
        table = table.set_column(at, name, column)
    pyarrow.parquet.write_table(table, path)


def hdf5_mutation(path, dice):
    """Changes an attribute, a dataset's shape, values or type, or links a group to itself."""
    with h5py.File(path, "r+") as file:
        names = []
        file.visit(lambda name: names.append(name) or None)
        name = dice.choice(names)
        thing = file[name]
        kind = dice.randrange(5)
        if kind == 0 and len(thing.attrs):
            small = [n for n in NUMBERS if not isinstance(n, int) or abs(n) < 1 << 63]
            thing.attrs[dice.choice(list(thing.attrs))] = dice.choice(small + ["", "x" * 4000, [1, 2]])
        elif kind == 1 and isinstance(thing, h5py.Group):
            thing[dice.choice(["self", "obs", "demo_0", "a"]) + str(dice.randrange(3))] = file[dice.choice(["/", name])]
        elif kind == 2:
            del file[name]
        elif isinstance(thing, h5py.Dataset):
            shape = list(thing.shape) or [1]
            shape[dice.randrange(len(shape))] = dice.choice([0, 1, 7, 1 << 20, 1 << 40, (1 << 62)])
            del file[name]
            if kind == 3:
                chunks = tuple(1 for _ in shape) if dice.random() < 0.7 else None
                file.create_dataset(name, tuple(shape), dice.choice(["f4", "i8", "u1", "S5", "f8"]), chunks=chunks)
            else:
                file[name] = dice.choice([1.5, "text", [b"a", b"b"], [[1, 2], [3, 4]], [float("nan")] * 3])
        else:
            del file[name]


def zip_mutation(path, dice):
    """Spoils entries, leaves some out, or packs them."""
    with zipfile.ZipFile(path) as archive:
        entries = [(i.filename, archive.read(i)) for i in archive.infolist()]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED if dice.random() < 0.05 else zipfile.ZIP_STORED) as archive:
        telling = [i for i, e in enumerate(entries) if "/.z" in e[0] or "ends" in e[0] or e[0] == ".zattrs"]
        chosen = dice.randrange(len(entries)) if dice.random() < 0.3 else dice.choice(telling)
        for i, (name, data) in enumerate(entries):
            if i == chosen:
                if dice.random() < 0.1:
                    continue
                if dice.random() < 0.1:
                    name = dice.choice(["../x", "a/../../b", "/etc/x", "data/x/.zarray", name.replace("0", "9")])
                data = json_mutation(data, dice) if name.rsplit("/", 1)[-1].startswith(".z") and data else bytes(bytes_mutation(data, dice))
            archive.writestr(name, data)


def spoil(path, dice):
    """Spoils one file and says how."""
    kind = path.suffix
    inside = {".parquet": pyarrow and parquet_mutation, ".hdf5": h5py and hdf5_mutation, ".zip": zip_mutation}.get(kind)
    if inside and dice.random() < 0.75:
        try:
            inside(path, dice)
            return "values"
        except Exception as error:  # noqa: BLE001 - the library refuses to write some of them
            return f"not written ({type(error).__name__})"
    if kind in (".json", ".jsonl") and dice.random() < 0.8:
        path.write_bytes(json_mutation(path.read_bytes(), dice))
        return "values"
    if dice.random() < 0.03:
        path.unlink()
        return "removed"
    path.write_bytes(bytes_mutation(path.read_bytes(), dice))
    return "bytes"


def run(command, parts=1):
    """Returns what is wrong with a run over so many data sets, or nothing."""
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
        end = time.monotonic() + SECONDS * max(1, parts // 8)
        while True:
            pid, status, usage = os.wait4(process.pid, os.WNOHANG)
            if pid:
                break
            if time.monotonic() > end:
                process.kill()
                os.wait4(process.pid, 0)
                return f"took more than {SECONDS} s"
            time.sleep(0.002)
        process.returncode = 0
        output.seek(0)
        said = output.read().decode(errors="replace")
    if os.WIFSIGNALED(status):
        return f"ended by signal {os.WTERMSIG(status)}: {said[-300:]}"
    code = os.WEXITSTATUS(status)
    if code not in (0, 1, 64):
        return f"exit code {code}: {said[-300:]}"
    if usage.ru_maxrss * 1024 > BYTES:
        return f"took {usage.ru_maxrss // 1024} MiB"
    if code and not said.strip() or "Fatal error" in said or "terminate called" in said or "infinite loop" in said:
        return f"exit code {code} saying: {said[-300:]!r}"
    return None


FORMATS = ["lerobot", "lerobot-v2.1", "umi", "robomimic"]
ENDS = {"lerobot": "", "lerobot-v2.1": "", "umi": ".zarr.zip", "robomimic": ".hdf5"}


def remove(path):
    if path.is_dir():
        shutil.rmtree(path)
    elif path.exists():
        path.unlink()


class Mutations:
    """Makes, hands over and counts."""

    def __init__(self, options, folder):
        self.options, self.folder = options, folder
        self.formats = options.format or FORMATS
        self.runs = self.failures = 0
        for format in self.formats:
            for name, episodes in (("good", 2), ("other", 3)):
                subprocess.run(
                    [options.program, "bench-dataset", "--format", format, "--episodes", str(episodes), "--frames", "5", "--rate", "20",
                     "--size", "64", "--output", str(folder / f"{format}-{name}{ENDS[format]}")], check=True, stdout=subprocess.DEVNULL)

    def make(self, i):
        """Mutation `i` as (i, format, path, how it was spoilt)."""
        dice = random.Random(self.options.seed * 1_000_003 + i)
        format = self.formats[i % len(self.formats)]
        good = self.folder / f"{format}-good{ENDS[format]}"
        victim = self.folder / f"{format}-victim-{i}{ENDS[format]}"
        path = victim
        if good.is_dir():
            shutil.copytree(good, victim)
            files = sorted(p for p in victim.rglob("*") if p.is_file() and p.suffix != ".md")
            kind = dice.choice(sorted({p.suffix for p in files}))
            path = dice.choice([p for p in files if p.suffix == kind])
        else:
            shutil.copy(good, victim)
        how = spoil(path, dice)
        return i, format, victim, f"{path.relative_to(self.folder)} ({how})"

    def try_one(self, mutation, command):
        i, format, victim, how = mutation
        self.runs += 1
        wrong = run([self.options.program] + command)
        if not wrong:
            return
        self.failures += 1
        print(f"mutation {i} of seed {self.options.seed}, {format}, {how}: {command[0]} {wrong}", flush=True)
        kept = pathlib.Path(self.options.keep) / f"{self.options.seed}-{i}{ENDS[format]}"
        if not kept.exists():
            kept.parent.mkdir(parents=True, exist_ok=True)
            (shutil.copytree if victim.is_dir() else shutil.copy)(victim, kept)

    def try_all(self, mutations):
        self.runs += 1
        victims = [str(m[2]) for m in mutations]
        if run([self.options.program, "validate"] + victims, len(victims)):
            for mutation in mutations:
                self.try_one(mutation, ["validate", str(mutation[2])])
        for mutation in mutations:
            i, format, victim, _ = mutation
            if i % self.options.merge_every == 0:
                other, merged = self.folder / f"{format}-other{ENDS[format]}", self.folder / f"{format}-merged{ENDS[format]}"
                self.try_one(mutation, ["merge", str(victim), str(other), "--output", str(merged)])
                remove(merged)
            remove(victim)
        for stray in [p for p in self.folder.iterdir() if not p.name.startswith(tuple(self.formats))]:
            self.failures += 1
            print(f"mutations {mutations[0][0]} to {mutations[-1][0]} of seed {self.options.seed}: left behind {stray.name}", flush=True)
            remove(stray)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--format", action="append", choices=FORMATS)
    parser.add_argument("--keep", default="mutants")
    parser.add_argument("--only", type=int)
    parser.add_argument("--batch", type=int, default=100, help="data sets given to one validate (default 100)")
    parser.add_argument("--merge-every", type=int, default=1, help="which are merged, too (default 1: all)")
    options = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.environ["SWIFT_BACKTRACE"] = "enable=no"
    wanted = list(range(options.count)) if options.only is None else [options.only]
    with tempfile.TemporaryDirectory() as folder:
        mutations = Mutations(options, pathlib.Path(folder))
        for first in range(0, len(wanted), options.batch):
            mutations.try_all([mutations.make(i) for i in wanted[first:first + options.batch]])
    print(f"{len(wanted)} mutations of seed {options.seed}, {mutations.runs} runs, {mutations.failures} failures")
    sys.exit(bool(mutations.failures))


main()
