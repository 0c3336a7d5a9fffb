#!/usr/bin/env bash
# ray.sh CHECKERS GRIPTRACE: makes the environment CHECKERS/ray (Ray, s3fs, moto's server) once and runs check_griptrace_ray.py in it.
set -euo pipefail
[ $# -eq 2 ] || { echo "usage: Tests/ray.sh CHECKERS GRIPTRACE" >&2; exit 64; }
tests=$(cd "$(dirname "$0")" && pwd)
recipe='ray==2.60.0 fsspec s3fs moto[server]'
target=$1/ray
if [ "$(cat "$target/.done" 2>/dev/null)" != "$recipe" ]; then
    echo "$target: installing"
    rm -rf "$target"
    mkdir -p "$1"
    python3 -m venv "$target"
    # shellcheck disable=SC2086
    "$target/bin/pip" install -q $recipe
    printf '%s' "$recipe" > "$target/.done"
fi
exec "$target/bin/python" "$tests/check_griptrace_ray.py" "$2"
