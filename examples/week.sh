#!/usr/bin/env bash
# Converts every session in a folder into one data set: week.sh SESSIONS OUT ARM [option of convert]...
# A conversion into an output that is there appends; what failed is tried again by running this again.
set -uo pipefail
if [ $# -lt 3 ]; then
	echo "usage: week.sh SESSIONS OUT ARM [option of convert]..." >&2
	exit 64
fi
sessions=$1 out=$2 arm=$3
shift 3
failed=0
for session in "$sessions"/*/; do
	echo "== $session"
	griptrace convert "$session" --arm "$arm" --output "$out" "$@" || failed=1
done
griptrace inspect "$out/lerobot"
exit $failed
