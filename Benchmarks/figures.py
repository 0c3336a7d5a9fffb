#!/usr/bin/env python3
"""The numbers that README.md and docs/ state, all from one file: Benchmarks/figures.json. Standard library only.

    figures.py record NAME VALUE [UNIT] --command 'make bench-ik'     one figure that was just measured
    figures.py run --command 'make bench-ik' -- PROGRAM ARGUMENT...   runs a benchmark and records every line `figure NAME VALUE UNIT` (tabs between) of its output
    figures.py output NAME --command 'make demo' FILE                 what a command prints, as README shows it: the lines that KEPT lets through
    figures.py same NAME FILE                                         whether FILE still holds the recorded lines of that command, in their order
    figures.py fill                                                   writes the figures between their marks in README.md and docs/
    figures.py check                                                  whether they stand there already (exit code 1 if not)

A mark in a page is <!-- figure:NAME -->0.31 mm<!-- /figure -->; a block that a command printed stands between <!-- output:NAME --> and <!-- /output -->.
An entry holds value, unit, the command that measured it, the commit of the sources and the date. A VALUE is kept as it is written, so that its
digits say how well it is known. Entries with a `source` were taken over from an older README by the commit that last wrote them there.
"""
import argparse
import datetime
import json
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
FILE = ROOT / "Benchmarks/figures.json"
FIGURE = re.compile(r"<!-- figure:([\w.-]+) -->(.*?)<!-- /figure -->", re.S)
OUTPUT = re.compile(r"<!-- output:([\w.-]+) -->\n```\n(.*?)\n```\n<!-- /output -->", re.S)
# Longer lines of a command's output are cut: the page is to be read.
WIDTH = 138
# Lines that change from run to run are no part of it: stages with their seconds, processor time.
KEPT = {"demo": r"(left out|demo_\w+|frames|data set|report): ", "evaluate": r"(pairs|position, SE|rotation|unaligned)"}


def load():
    return json.loads(FILE.read_text()) if FILE.exists() else {"figures": {}, "outputs": {}}


def save(data):
    FILE.write_text(json.dumps(data, indent=1, sort_keys=True, ensure_ascii=False) + "\n")


def stamp(command):
    def git(*arguments):
        return subprocess.run(["git", "-C", str(ROOT), *arguments], capture_output=True, text=True).stdout.strip()

    # What was recorded before does not change what is measured.
    changed = git("status", "--porcelain", "--", "Sources", "Benchmarks", "Tests", "Package.swift", f":!{FILE.relative_to(ROOT)}")
    commit = (git("rev-parse", "--short=8", "HEAD") or "unknown") + ("-dirty" if changed else "")
    return {"command": command, "commit": commit, "date": datetime.date.today().isoformat()}


def shown(entry):
    unit = entry["unit"]
    return f"{entry['value']}{'' if unit in ('', '°') else ' '}{unit}"


def pages():
    return [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def record(data, name, value, unit, command):
    if not re.fullmatch(r"[\w.-]+", name):
        sys.exit(f"figures.py: {name!r} is no name; accepted: letters, digits, _ . -")
    data["figures"][name] = {"value": value, "unit": unit, **stamp(command)}


def run(data, command, program):
    child = subprocess.Popen(program, stdout=subprocess.PIPE, text=True)
    for line in child.stdout:
        sys.stdout.write(line)
        match = re.match(r"figure\t([\w.-]+)\t([^\t\n]+)(?:\t([^\t\n]*))?$", line)
        if match:
            record(data, match[1], match[2], match[3] or "", command)
    return child.wait()


def kept(name, text):
    """Lines of an output that a page shows; paths from the package's folder on."""
    rule = re.compile(KEPT.get(name, ""))
    lines = [line.rstrip().replace(f"{ROOT}/", "") for line in text.splitlines() if rule.match(line) and line.strip()]
    return [line if len(line) <= WIDTH else line[: WIDTH - 2] + " …" for line in lines]


def rendered(data, text, page):
    """The page with every mark filled."""

    def figure(match):
        if match[1] not in data["figures"]:
            sys.exit(f"figures.py: {page.relative_to(ROOT)}: there is no figure {match[1]} in {FILE.relative_to(ROOT)}")
        return f"<!-- figure:{match[1]} -->{shown(data['figures'][match[1]])}<!-- /figure -->"

    def output(match):
        if match[1] not in data["outputs"]:
            sys.exit(f"figures.py: {page.relative_to(ROOT)}: there is no output {match[1]} in {FILE.relative_to(ROOT)}")
        return f"<!-- output:{match[1]} -->\n```\n" + "\n".join(data["outputs"][match[1]]["lines"]) + "\n```\n<!-- /output -->"

    return OUTPUT.sub(output, FIGURE.sub(figure, text))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="action", required=True)
    one = commands.add_parser("record")
    one.add_argument("name")
    one.add_argument("value")
    one.add_argument("unit", nargs="?", default="")
    one.add_argument("--command", required=True)
    many = commands.add_parser("run")
    many.add_argument("--command", required=True)
    many.add_argument("program", nargs="+")
    block = commands.add_parser("output")
    block.add_argument("name")
    block.add_argument("--command", required=True)
    block.add_argument("file")
    same = commands.add_parser("same")
    same.add_argument("name")
    same.add_argument("file")
    commands.add_parser("fill")
    commands.add_parser("check")
    options = parser.parse_args()
    data = load()
    if options.action == "record":
        record(data, options.name, options.value, options.unit, options.command)
        save(data)
    elif options.action == "run":
        code = run(data, options.command, options.program)
        save(data)
        return code
    elif options.action == "output":
        lines = kept(options.name, pathlib.Path(options.file).read_text())
        data["outputs"][options.name] = {"lines": lines, **stamp(options.command)}
        save(data)
    elif options.action == "same":
        found = iter(kept(options.name, pathlib.Path(options.file).read_text()))
        for line in data["outputs"][options.name]["lines"]:
            if not any(line == other for other in found):
                print(f"figures.py: {options.file} lacks what README shows of `{data['outputs'][options.name]['command']}`: {line}", file=sys.stderr)
                print(f"figures.py: if that is right now: Benchmarks/figures.py output {options.name} …, then make figures", file=sys.stderr)
                return 1
    else:
        stale = []
        for page in pages():
            text = page.read_text()
            new = rendered(data, text, page)
            if new != text:
                stale.append(str(page.relative_to(ROOT)))
                if options.action == "fill":
                    page.write_text(new)
        if options.action == "check" and stale:
            print(f"figures.py: other figures than in {FILE.relative_to(ROOT)}: {', '.join(stale)}; run `make figures`", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
