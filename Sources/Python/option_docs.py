#!/usr/bin/env python3
"""Writes what each option of `--set` means, from the doc comments of the option structs: Sources/griptrace/OptionDocs.swift for
`griptrace options`, and docs/options.md.

    python3 Sources/Python/option_docs.py            # writes both (`make option-docs`)
    python3 Sources/Python/option_docs.py --check    # says whether they are up to date: exit code 1 if they are not

Begins at `Configuration` (Sources/Pipeline) and follows every property whose value is another struct of options. An option without a comment of its
own shares the one of the option above it. The unit is the first of UNITS that the comment names before its default.
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
TARGET = ROOT / "Sources/griptrace/OptionDocs.swift"
PAGE = ROOT / "docs/options.md"

# Longer ones first: "frames a second" must not be read as "frames".
UNITS = sorted(
    """1/s m/s³/√Hz m/s²/√Hz m/s² m/s³ m/s m rad/s²/√Hz rad/s/√Hz rad/s² rad/s³ rad/s rad Nm/s Nm Hz kHz px s ms mm % bits degrees radians metres millimetres
    seconds milliseconds nanoseconds pixels hertz frames pictures recordings keyframes levels bytes newtons""".split()
    + [
        "gray levels", "grey levels", "gray levels per pixel", "gray levels a pixel", "working pixels", "pixels of the working picture", "frames a second", "pixels a frame",
        "metres a second", "metres per second", "radians a second", "radians per second", "degrees a second", "degrees per second", "tag sides", "tag widths",
        "standard deviations", "shares of the picture", "share of the picture", "share of the picture's width", "share of the frames", "metres and radians",
    ],
    key=len,
    reverse=True,
)


def structs():
    """Every struct of the sources by its full name: its body's lines, and the enums in it."""
    found = {}
    for path in sorted(ROOT.glob("Sources/**/*.swift")):
        stack = []  # (name, depth at which its body lies)
        depth = 0
        for line in path.read_text().split("\n"):
            code = re.sub(r'"(\\.|[^"\\])*"', '""', re.sub(r"//.*", "", line))
            head = re.match(r"\s*(?:(?:public|package|internal|private|fileprivate|indirect|final) )*(struct|enum|class|extension|actor) ([\w.]+)", code)
            if head and "{" in code:
                stack.append((head[2], depth + 1))
                name = ".".join(n for n, _ in stack)
                found.setdefault(name, {"kind": head[1], "lines": [], "path": path})
            elif stack and depth == stack[-1][1]:
                found[".".join(n for n, _ in stack)]["lines"].append(line)
            depth += code.count("{") - code.count("}")
            while stack and depth < stack[-1][1]:
                stack.pop()
    return found


def find(types, name, inside):
    """The type of this name as code inside another one sees it."""
    scope = inside.split(".")
    for n in range(len(scope), -1, -1):
        full = ".".join(scope[:n] + [name])
        if full in types:
            return full
    return next((k for k in sorted(types) if k.endswith("." + name)), None)


def cases(types, name):
    out = []
    for line in types[name]["lines"]:
        match = re.match(r"\s*case (.+)", re.sub(r"\s*//.*", "", line))
        for one in re.split(r",\s*", match[1]) if match else []:
            word = re.match(r'`?(\w+)`?(?:\s*=\s*"([^"]+)")?', one)
            if word:
                out.append(word[2] or word[1])
    return out


def snake(name):
    return "".join("_" + c.lower() if c.isupper() else c for c in name)


def unit_of(meaning, kind, accepted, shared):
    """The unit as the comment's own form gives it: set off by a comma ("…, metres; default 2"), or the first word ("Seconds between …")."""
    if accepted:
        return "one of " + ", ".join(accepted)
    if kind == "Bool":
        return "true or false"
    if kind == "String":
        return "text"
    if shared or len(re.findall(r"\bdefaults?\b", meaning)) > 1:
        return "as the meaning says"
    names = "|".join(re.escape(u) for u in UNITS)
    text = re.split(r"\bdefault\b", meaning)[0]
    aside = re.search(r", (?:in |and in )?(" + names + r")(?=\s*(?:[;,:.(]|$| of | in | at | from | along | between | to ))", text)
    lengths = "frames a second|metres a second|degrees a second|seconds|milliseconds|metres|millimetres|pixels|working pixels|degrees|radians"
    first = re.match(r"(" + lengths + r"|share|quantile|factor)s?(?= )", text, re.I)
    after = re.search(r"default [−\d.e-]+ (" + names + r")(?![\w/])", meaning)
    bare = re.match(r"(" + names + r")[;,]", text)
    if bare or aside or after:
        return (bare or aside or after)[1]
    if first:
        return {"share": "share, 0 to 1", "quantile": "quantile, 0 to 1"}.get(first[1].lower(), first[1].lower())
    inside = re.search(r"\b(share|quantile)\b", text)
    if inside and kind == "Double":
        return inside[1] + ", 0 to 1"
    return "whole number" if kind == "Int" else "number"


def entries(types, name, prefix, out):
    comment, fresh, lines = [], False, types[name]["lines"]
    for at, line in enumerate(lines):
        text = line.strip()
        if text.startswith("///"):
            comment = [] if not fresh else comment
            comment.append(text[3:].strip())
            fresh = True
            continue
        match = re.match(r"(?:public |package )?var `?(\w+)`?(?:: ([\w.\[\]?: ]+?))?(?: = (.*))?$", text)
        if not match or text.endswith("{"):
            if text == "" or text.startswith("public init") or match is None:
                comment, fresh = ([] if text == "" or fresh else comment), False
            continue
        own, fresh = fresh, False
        following = lines[at + 1].strip() if at + 1 < len(lines) else ""
        shared = not own or following.startswith("public var")
        key, kind, value = match[1], match[2], match[3] or ""
        call = re.match(r"([A-Z][\w.]*)\(", value)
        inner = find(types, (call[1] if call else kind or "").rstrip("?"), name)
        path = f"{prefix}.{snake(key)}" if prefix else snake(key)
        if inner and types[inner]["kind"] in ("struct", "extension") and ("Options" in inner):
            entries(types, inner, path, out)
            continue
        accepted = []
        word = re.match(r"([A-Z][\w.]*)\.\w+$", value)
        enum = find(types, (kind or (word[1] if word else "")).rstrip("?"), name) if (kind or word) else None
        if enum and types[enum]["kind"] == "enum":
            accepted = cases(types, enum)
        if kind is None:
            kind = "Bool" if value in ("true", "false") else "String" if value.startswith('"') else "Int" if re.match(r"-?[\d_]+$", value) else "Double"
        meaning = " ".join(comment).replace("`", "")
        out.append((path, unit_of(meaning, kind.rstrip("?"), accepted, shared and bool(comment)), meaning))


def text():
    types = structs()
    out = []
    entries(types, "Configuration", "", out)
    lines = [
        "// Made by `make option-docs` from the doc comments of the option structs; change those, not this.",
        "// swift-format-ignore-file",
        "",
        "extension OptionDocs {",
        "    /// A line an option: its path, a tab, its unit, a tab, its meaning.",
        '    static let text = #"""',
    ]
    for path, unit, meaning in out:
        lines.append(f"        {path}\t{unit}\t{meaning}")
    lines += ['        """#', "}", ""]
    return "\n".join(lines), out


def page(options):
    """The page: a table a stage, options that two stages share in one row."""
    rows = {}
    for path, unit, meaning in options:
        rows.setdefault((path.split(".", 1)[1], unit, meaning), []).append(path)
    stages = list(dict.fromkeys(path.split(".")[0] for path, _, _ in options))
    out = [
        "<!-- Made by `make option-docs` from the doc comments of the option structs; change those, not this. -->",
        "# Options of the stages",
        "",
        "`griptrace convert SESSION --arm ARM --set stage.option=value` changes one; `griptrace options PATH` says the same as this page, with the",
        "default in force. Groups that several stages share state their own defaults in words; an owner may set others.",
        "",
        "Stages: " + ", ".join(f"[{stage}](#{stage})" for stage in stages),
    ]
    for stage in stages:
        out += ["", f"## {stage}", "", "| option | unit | meaning |", "|---|---|---|"]
        for (_, unit, meaning), paths in rows.items():
            if paths[0].startswith(stage + "."):
                names = ", ".join(f"`{path}`" for path in paths)
                out.append(f"| {names} | {unit} | {meaning.replace('|', chr(92) + '|').replace('<', '&lt;')} |")
    return "\n".join(out) + "\n"


def main():
    made, options = text()
    silent = [path for path, _, meaning in options if not meaning]
    for path in silent:
        print(f"option_docs: {path} has no doc comment", file=sys.stderr)
    files = {TARGET: made, PAGE: page(options)}
    if "--check" in sys.argv[1:]:
        stale = [str(file.relative_to(ROOT)) for file, new in files.items() if not file.exists() or file.read_text() != new]
        if stale:
            print(f"option_docs: out of date: {', '.join(stale)}; run `make option-docs`", file=sys.stderr)
        return 1 if stale or silent else 0
    for file, new in files.items():
        file.write_text(new)
    print(f"option_docs: {len(options)} options in {', '.join(str(file.relative_to(ROOT)) for file in files)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
