#!/usr/bin/env python3
"""A segmenter for `griptrace convert --mask-command 'python3 examples/mask_command.py'`: put a model of yours into `segment`.

Standard input begins with a line of JSON (schema griptrace.frames.v1: recording, width, height, frames), then come the frames, each width x height x 3
bytes, row by row, R G B. For each frame width x height bytes are answered: 0 background, 255 human, 128 unsure, any other value v a chance of v / 255.
What goes to standard error is quoted if the program fails. On SIGTERM there is a second to tidy up.
"""
import json
import sys


def segment(rgb, width, height):
    """A plain rule of skin colour, as a placeholder: unsure where a pixel is clearly red, background nowhere claimed."""
    red, green, blue = rgb[0::3], rgb[1::3], rgb[2::3]
    return bytes(160 if r > 95 and r > g + 15 and g > b and r - b > 30 else 128 for r, g, b in zip(red, green, blue))


def main():
    stream, answer = sys.stdin.buffer, sys.stdout.buffer
    header = json.loads(stream.readline())
    if header["schema"] != "griptrace.frames.v1":
        sys.exit(f"{header['schema']} is not known; accepted: griptrace.frames.v1")
    width, height = header["width"], header["height"]
    for frame in range(header["frames"]):
        rgb = stream.read(3 * width * height)
        if len(rgb) < 3 * width * height:
            sys.exit(f"frame {frame}: {len(rgb)} of {3 * width * height} bytes")
        answer.write(segment(rgb, width, height))
        answer.flush()


if __name__ == "__main__":
    main()
