#!/usr/bin/env bash
# recordings.sh GRIPTRACE SHARED: what docs/results.md says of real recordings in SHARED, as lines that figures.py records.
set -euo pipefail
[ $# -eq 2 ] || { echo "usage: Benchmarks/recordings.sh GRIPTRACE SHARED" >&2; exit 64; }
griptrace=$(realpath "$1") shared=$(realpath "$2")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
figure() { printf 'figure\t%s\t%s\t%s\n' "$@"; }
text=$("$griptrace" inspect --rotation "$shared/recordings/gopro-max-handheld.mp4")
figure rotation.gyroscope "$(sed -n 's/.*(CORI): \([0-9.]*\)° RMSE.*/\1/p' <<<"$text")" °
figure rotation.pictures "$(sed -n 's/.*gyroscope, \([0-9.]*\)° from the pictures.*/\1/p' <<<"$text")" °
text=$("$griptrace" calibrate camera "$shared/calibration/gopro-wide-checkerboard/calibration_wide" --board 8x6 --square 0.03 --output "$folder/lens.yaml")
figure calibrate.lens_real "$(sed -n 's/^residual \([0-9.]*\) px RMS.*/\1/p' <<<"$text")" px
figure calibrate.lens_real_corners "$(sed -n 's/.*over \([0-9]*\) corners.*/\1/p' <<<"$text")" corners
