#!/usr/bin/env bash
# dist.sh FOLDER GRIPTRACE: installs FOLDER's wheel with pip in a bare Debian 12 made by debootstrap, runs `griptrace doctor` there, converts the
# fixture, and holds its data sets against those of GRIPTRACE here, byte for byte. As root.
set -euo pipefail
[ $# -eq 2 ] || { echo "usage: Tests/dist.sh FOLDER GRIPTRACE" >&2; exit 64; }
wheel=$(ls "$1"/griptrace-*.whl) griptrace=$(realpath "$2")
package=$(cd "$(dirname "$0")/.." && pwd)
folder=$(mktemp -d)
bare=$folder/debian
clean() { umount -q "$bare/proc" || true; rm -rf "$folder"; }
trap clean EXIT
command -v debootstrap >/dev/null || { echo "debootstrap is missing: apt-get install debootstrap"; exit 1; }
debootstrap --variant=minbase --include=python3,python3-venv,ca-certificates bookworm "$bare" "${DEBIAN_MIRROR:-http://deb.debian.org/debian}" > "$folder/log" 2>&1 ||
    { tail -5 "$folder/log"; exit 1; }
mount -t proc proc "$bare/proc"
cp /etc/resolv.conf "$bare/etc/" 2>/dev/null || true
cp /etc/pip.conf "$bare/etc/" 2>/dev/null || true
cp -r /usr/local/share/ca-certificates/. "$bare/usr/local/share/ca-certificates/" 2>/dev/null || true
chroot "$bare" update-ca-certificates >/dev/null 2>&1 || true
mkdir "$bare/in"
cp -r "$package/Fixtures/session" "$bare/in/"
cp "$wheel" "$bare/in/"
in_bare() { chroot "$bare" env -i PATH=/opt/griptrace/bin:/usr/bin:/bin HOME=/root LANG=C.UTF-8 "$@"; }
started=$(date +%s)
in_bare python3 -m venv /opt/griptrace
in_bare /opt/griptrace/bin/pip install -q "/in/$(basename "$wheel")"
echo "installed in $(($(date +%s) - started)) s: $(du -sh "$bare/opt/griptrace" | cut -f1)"
in_bare griptrace doctor
"$griptrace" convert "$package/Fixtures/session" --device simulator --arm panda --output "$folder/out" >/dev/null 2>&1 &
in_bare griptrace convert /in/session --device simulator --arm panda --output /out 2>&1 | tail -3
wait
for set in lerobot dataset.zarr.zip episodes.csv rejections.csv; do
    diff -rq "$folder/out/$set" "$bare/out/$set"
done
echo "RESULT OK: the same bytes"
