#!/usr/bin/env python3
"""Writes what docs/troubleshooting.md says of each reason into Sources/Pipeline/Report/RemedyTexts.swift, for the review page and `griptrace explain`.

    python3 Sources/Python/remedies.py            # writes it (part of `make option-docs`)
    python3 Sources/Python/remedies.py --check    # says whether it is up to date: exit code 1 if it is not

Reads every table whose first column is `reason`. A row of several reasons counts for each; marks of Markdown are taken off.
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs/troubleshooting.md"
TARGET = ROOT / "Sources/Pipeline/Report/RemedyTexts.swift"


def plain(text):
    """A cell without Markdown: code marks and links taken off."""
    return re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text.replace("`", "")).strip()


def rows(page):
    """(reason, stages, what it means, what to do), in the page's order."""
    columns = []
    for line in page.split("\n"):
        if not line.startswith("|"):
            columns = []
            continue
        cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        if not columns:
            columns = cells
        elif columns[0] == "reason" and not cells[0].startswith("---"):
            row = dict(zip(columns, cells))
            for reason in re.findall(r"`(\w+)`", cells[0]):
                yield reason, plain(row.get("stage", "")), plain(row["what it means"]), plain(row["what to do"])


def swift(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def source():
    lines = ["// Written by Sources/Python/remedies.py from docs/troubleshooting.md: change that page instead.", "", "extension Remedy {"]
    lines += ["    /// In the order of the page.", "    static let texts: [(reason: String, stages: String, means: String, remedy: String)] = ["]
    for row in rows(PAGE.read_text()):
        lines += ["        (", "            " + ",\n            ".join(swift(cell) for cell in row), "        ),"]
    return "\n".join(lines + ["    ]", "}"]) + "\n"


def main():
    text = source()
    if "--check" in sys.argv[1:]:
        if not TARGET.exists() or TARGET.read_text() != text:
            sys.exit(f"{TARGET.relative_to(ROOT)} is not what docs/troubleshooting.md says: python3 Sources/Python/remedies.py writes it anew")
        return
    TARGET.write_text(text)


if __name__ == "__main__":
    main()
