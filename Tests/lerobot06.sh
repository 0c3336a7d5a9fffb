#!/usr/bin/env bash
# lerobot06.sh DIR DATASET...: LeRobot 0.6.1, the newest on PyPI, reads each data set row by row, and its streaming reader shows in every row
# the picture of the map-style one.
#
# DIR/lerobot06 is the environment (5.4 GB, about 3 minutes the first time); it needs Python 3.12 or later: PYTHON, python3.12, python3.13, or
# one of pyenv's. Without one, or without the shared folder (GRIPTRACE_SHARED, or ../shared beside the package) in which recipe and checkers
# lie, it is skipped with one line. Ends with 1 where a reader refuses a data set.
set -uo pipefail
[ $# -ge 2 ] || { echo "usage: Tests/lerobot06.sh DIR DATASET..." >&2; exit 64; }
package=$(cd "$(dirname "$0")/.." && pwd)
tools=${GRIPTRACE_SHARED:-$package/../shared}/tools
environment=$1/lerobot06
shift
[ -f "$tools/setup_lerobot06.sh" ] || { echo "LeRobot 0.6.1: skipped, there is no $tools/setup_lerobot06.sh"; exit 0; }
recipe=$(sha256sum "$tools/setup_lerobot06.sh" | cut -d' ' -f1)
if [ "$(cat "$environment/.done" 2>/dev/null)" != "$recipe" ]; then
    rm -rf "$environment"
    mkdir -p "$(dirname "$environment")"
    bash "$tools/setup_lerobot06.sh" "$environment" > "$environment.log" 2>&1
    case $? in
    0) printf '%s' "$recipe" > "$environment/.done" ;;
    3) echo "LeRobot 0.6.1: skipped, no Python 3.12 or later was found: set PYTHON"; exit 0 ;;
    *) echo "LeRobot 0.6.1 could not be installed: $(tail -1 "$environment.log")"; exit 1 ;;
    esac
fi
cache=$(mktemp -d)
trap 'rm -rf "$cache"' EXIT
export HF_HUB_OFFLINE=1 HF_DATASETS_CACHE=$cache PYTHONPATH=$tools
failed=0
for set in "$@"; do
    for check in check_lerobot check_streaming; do
        said=$("$environment/bin/python" "$tools/$check.py" "$set" 2>&1)
        if [ $? -eq 0 ]; then echo "$set: $check: $(tail -1 <<< "$said")"; else
            echo "$set: $check: $(tail -3 <<< "$said")"
            failed=1
        fi
    done
done
exit $failed
