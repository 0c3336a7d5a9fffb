#!/usr/bin/env bash
# bench-dataset.sh GRIPTRACE CHECKERS [EPISODES...]: writes made-up data sets of 1, 50 and 1,000 episodes of 50 frames at 50 Hz in every format,
# prints processor time and peak memory, and lets `griptrace validate` and the real readers read them (a one-second chunk from every frame).
# Of sets of more than 100 episodes LeRobot reads every tenth frame with its pictures: EVERY=1 reads all, which takes it half an hour.
# Before that it prints the peak memory of 1,000 episodes of ten seconds.
# FORMATS chooses some of: lerobot lerobot-v2.1 umi robomimic.
set -euo pipefail
[ $# -ge 2 ] || { echo "usage: Tests/bench-dataset.sh GRIPTRACE CHECKERS [EPISODES...]" >&2; exit 64; }
griptrace=$(realpath "$1") checkers=$(realpath "$2")
shift 2
tests=$(cd "$(dirname "$0")" && pwd)
shared=${GRIPTRACE_SHARED:-$tests/../../shared}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
formats=${FORMATS:-lerobot lerobot-v2.1 umi robomimic}
peaks=()
for format in $formats; do
    "$griptrace" bench-dataset --format "$format" --episodes 1000 --frames 300 --rate 30 --size 64 --output "$folder/long_$format.zarr.zip" \
        | tee "$folder/said"
    peaks+=("$(sed -n 's/.*peak \([0-9]*\) MiB.*/\1/p' "$folder/said" | tail -1)")
    rm -rf "$folder"/long_*
done
[ "$formats" != "lerobot lerobot-v2.1 umi robomimic" ] || printf 'figure\tdataset.memory\t%s\tMiB\n' "$(IFS=,; sed 's/,/, /g' <<<"${peaks[*]}")"
for episodes in "${@:-1 50 1000}"; do
    for n in $episodes; do
        for format in $formats; do
            case $format in
                umi) path=$folder/d.zarr.zip ;;
                robomimic) path=$folder/d.hdf5 ;;
                *) path=$folder/d ;;
            esac
            rm -rf "$folder"/d "$folder"/d.*
            "$griptrace" bench-dataset --format "$format" --episodes "$n" --output "$path"
            every=${EVERY:-$((n > 100 ? 10 : 1))}
            "$griptrace" validate "$path" | tail -1
            case $format in
                lerobot) "$checkers/lerobot/bin/python" "$shared/tools/check_lerobot.py" "$path" --stats --every "$every" | tail -1 ;;
                lerobot-v2.1) PYTHONPATH=$checkers/lerobot21 "$checkers/lerobot/bin/python" "$tests/check_lerobot21.py" "$path" 2>/dev/null | tail -1 ;;
                umi) "$checkers/umi/bin/python" "$shared/tools/check_umi_zarr.py" "$path" | tail -1 ;;
                robomimic) "$checkers/umi/bin/python" "$tests/check_robomimic.py" "$path" | tail -1 ;;
            esac
        done
    done
done
