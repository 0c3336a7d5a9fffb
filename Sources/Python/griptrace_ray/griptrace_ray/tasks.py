"""What runs on the workers."""
import hashlib
import json
import os
import shutil
import subprocess
import tempfile

# Of a session's conversion what is not carried to the output: it can be made again.
LEFT_BEHIND = ("work", ".griptrace-lock")
MARK = "done.json"


def key(session, options, program):
    """What a session's conversion depends on: its files by name and size (and ETag or time where the file system has one), the options and the
    program's version."""
    digest = hashlib.sha256()
    for name in session.files():
        info = session.fs.info(f"{session.path}/{name}")
        stamp = info.get("ETag") or info.get("mtime") or info.get("LastModified") or ""
        digest.update(f"{name} {info.get('size')} {stamp}\n".encode())
    digest.update("\0".join(options).encode())
    digest.update(version(program).encode())
    return digest.hexdigest()


def version(program):
    return subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout.strip()


def is_done(target, wanted):
    mark = target / MARK
    try:
        return mark.exists() and json.loads(mark.read())["key"] == wanted
    except (ValueError, KeyError, OSError):
        return False


def convert(session, name, target, options, program, scratch):
    """Fetches a session, converts it, puts its conversion to `target`; the mark is written last.

    Returns the row of sessions.csv and the rows of failures.csv.
    """
    wanted = key(session, options, program)
    if is_done(target, wanted):
        mark = json.loads((target / MARK).read())
        return mark["row"], mark["failures"]
    with tempfile.TemporaryDirectory(prefix="griptrace-", dir=scratch) as folder:
        local = os.path.join(folder, "in", os.path.basename(name) or "session")
        out = os.path.join(folder, "out")
        session.fetch(local)
        # A batch of one: its tables are those of a batch of many.
        listed = os.path.join(folder, "list.txt")
        with open(listed, "w") as file:
            file.write(local + "\n")
        made = os.path.join(folder, "made")
        done = subprocess.run([program, "batch", listed, "--output", made] + options, stdin=subprocess.DEVNULL, capture_output=True, text=True)
        row, failures = tables(made, name, session.url)
        if row is None:
            raise RuntimeError(f"{session.url}: griptrace batch gave {done.returncode}: {done.stderr.strip()[-500:]}")
        own = os.path.join(made, "converted", os.path.basename(local))
        if os.path.isdir(own):
            shutil.move(own, out)
        else:
            os.makedirs(out)
        log = os.path.join(made, "logs", os.path.basename(local) + ".log")
        if os.path.exists(log):
            shutil.copy(log, os.path.join(out, "convert.log"))
        target.remove()
        target.put(out, leave_out=LEFT_BEHIND)
        # A crash or a refusal may be the machine's: it is tried again by the next run.
        if row["exit_code"] in ("0", "1", "2"):
            (target / MARK).write(json.dumps({"key": wanted, "row": row, "failures": failures}, indent=1).encode())
        return row, failures


def tables(made, name, url):
    import csv

    def rows(path):
        if not os.path.exists(path):
            return []
        with open(path, newline="", encoding="utf-8") as file:
            return list(csv.DictReader(file))

    found = rows(os.path.join(made, "sessions.csv"))
    if len(found) != 1:
        return None, []
    row = dict(found[0], session=name, folder=url)
    return row, [dict(failure, session=name) for failure in rows(os.path.join(made, "failures.csv"))]


def data_sets(target):
    """Paths of the data sets of a session's conversion, from it on: those of one arm, or of each."""
    out = []
    for report in [name for name in target.files() if name.split("/")[-1] == "report.json" and name.count("/") <= 1]:
        try:
            found = json.loads((target / report).read())
        except ValueError:
            continue
        arm = report[:-len("report.json")]
        out += [arm + one["path"] for one in found.get("dataSets", [])]
    return out


def merge(path, parts, target, program, scratch):
    """Fetches the data sets `parts`, merges them in their order, and puts the result to `target`. Returns what went wrong, or nothing."""
    with tempfile.TemporaryDirectory(prefix="griptrace-", dir=scratch) as folder:
        local = []
        for n, part in enumerate(parts):
            own = os.path.join(folder, f"{n:06d}", os.path.basename(path))
            if part.fs.isfile(part.path):
                os.makedirs(os.path.dirname(own))
                part.fs.get_file(part.path, own)
            else:
                part.fetch(own)
            local.append(own)
        merged = local[0]
        if len(local) > 1:
            merged = os.path.join(folder, "merged", os.path.basename(path))
            os.makedirs(os.path.dirname(merged))
            done = subprocess.run([program, "merge", *local, "--output", merged], stdin=subprocess.DEVNULL, capture_output=True, text=True)
            if done.returncode != 0:
                return f"{path} was not merged: {done.stderr.strip()[-500:]}"
        target.remove()
        target.put(merged)
    return None
