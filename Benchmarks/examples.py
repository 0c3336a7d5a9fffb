#!/usr/bin/env python3
"""Puts the example sources that the tests compile into docs/extending.md, between their markers."""
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs/extending.md"
EXAMPLES = {
    "stage example": "Tests/PipelineTests/BrightnessStage.swift",
    "format example": "Tests/DatasetTests/CSVFormat.swift",
}

text = PAGE.read_text()
for marker, path in EXAMPLES.items():
    code = (ROOT / path).read_text()
    pattern = re.compile(rf"(<!-- {marker}: begin[^\n]*-->.*?```swift\n).*?(```\n)", re.S)
    text, count = pattern.subn(lambda m: m[1] + code + m[2], text)
    if count != 1:
        raise SystemExit(f"{PAGE}: no place for the {marker}")
PAGE.write_text(text)
