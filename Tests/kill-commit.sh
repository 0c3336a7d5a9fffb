#!/usr/bin/env bash
# kill-commit.sh [-n KILLS] [-c CALLS] FOLDER SET COMMAND...: kills COMMAND (SIGKILL, by strace) at chosen system calls, runs it again to its end,
# and holds what it leaves against what an undisturbed run leaves, byte for byte.
#
#   FOLDER   scratch folder in the state in which the run begins; it is changed, and put back before every run and at the end
#   SET      the data set (a file or a folder) within FOLDER that is compared; "." compares all of FOLDER
#   -n       how many kills, at least 40 to say much; default 60
#   -c       system calls at which may be killed, with commas; default: all that change files
#
# Kills are spread over the whole run, but every call on a staging folder (.griptrace-*) and every rename comes first: there the data set is put in
# place. A second run that is refused because the first one was complete ("exists already") is fine, as long as the bytes are right.
# Examples, with a session that is added to a data set, and one written anew:
#   cp -a before/. scratch; Tests/kill-commit.sh scratch lerobot griptrace convert Fixtures/session --device simulator --arm panda --output scratch
#   mkdir new; Tests/kill-commit.sh new d.zarr.zip griptrace bench-dataset --format umi --episodes 3 --frames 5 --size 32 --output new/d.zarr.zip
set -euo pipefail
usage() { sed -n '2,9p' "$0" >&2; exit 64; }
kills=60
calls=mkdir,mkdirat,rename,renameat,renameat2,link,linkat,symlink,unlink,unlinkat,rmdir,fsync,openat,write,pwrite64,ftruncate,close,copy_file_range,sendfile
while getopts n:c: option; do
    case $option in n) kills=$OPTARG ;; c) calls=$OPTARG ;; *) usage ;; esac
done
shift $((OPTIND - 1))
[ $# -ge 3 ] && [ -d "$1" ] || usage
command -v strace >/dev/null || { echo "strace is missing: apt-get install strace" >&2; exit 64; }
folder=$(realpath "$1") set=$2
shift 2
store=$(mktemp -d)
cp -a "$folder" "$store/before"
put_back() { find "$folder" -mindepth 1 -delete; cp -a "$store/before/." "$folder"; }
trap 'put_back; rm -rf "$store"' EXIT
names() { (cd "$folder" && find . -mindepth 1 -maxdepth 1 | LC_ALL=C sort); }

"$@" >"$store/log" 2>&1 || { cat "$store/log"; echo "the undisturbed run failed" >&2; exit 1; }
[ -e "$folder/$set" ] || { echo "$folder/$set: the undisturbed run did not write it" >&2; exit 64; }
cp -a "$folder/$set" "$store/reference"
names >"$store/names"

put_back
strace -f -qq -s 400 -o "$store/trace" -e trace="$calls" "$@" >"$store/log" 2>&1
diff -r "$folder/$set" "$store/reference" >/dev/null || { echo "two undisturbed runs differ: nothing can be compared" >&2; exit 1; }
# Of each call on a path in FOLDER its name and its number among that thread's calls of that name, as strace's when= counts.
python3 - "$store/trace" "$folder" "$kills" >"$store/kills" <<'P'
import re, sys
trace, folder, kills = sys.argv[1], sys.argv[2], int(sys.argv[3])
count, first, rest, files = {}, [], [], {}
for line in open(trace, errors="replace"):
    m = re.match(r"(\d+) +(\w+)\((.*)", line)
    if not m:
        continue
    thread, call, rest_of_line = m.groups()
    n = count[thread, call] = count.get((thread, call), 0) + 1
    opened = re.search(r'^AT_FDCWD, "([^"]*)".*= (\d+)$', rest_of_line) if call == "openat" else None
    if opened:
        files[opened[2]] = opened[1]
    handle = re.match(r"(\d+)[,)]", rest_of_line)
    path = rest_of_line + (files.get(handle[1], "") if handle else "")
    if folder not in path:
        continue
    key = (call, n)
    names = call not in ("openat", "write", "pwrite64", "close", "copy_file_range", "sendfile")
    (first if call.startswith("rename") or names and ".griptrace-" in path else rest).append(key)
def spread(values, n):
    values = list(dict.fromkeys(values))
    return values if len(values) <= n else [values[i * len(values) // n] for i in range(n)]
chosen = spread(first, max(kills * 2 // 3, kills - len(set(rest))))
chosen += spread([k for k in rest if k not in chosen], kills - len(chosen))
for call, n in chosen:
    print(call, n)
P
echo "$(wc -l <"$store/kills") system calls chosen among $(wc -l <"$store/trace")"
bad=0 done=0 missed=0
while read -r call n; do
    put_back
    status=0
    { strace -f -qq -o /dev/null -e trace="$call" -e inject="$call:signal=KILL:when=$n" "$@" >"$store/log" 2>&1; } 2>/dev/null || status=$?
    # A process of a recording's own that is killed ends that recording (`crashed`), not the run.
    if [ $status != 137 ] && ! grep -q 'crashed: the process' "$store/log"; then
        missed=$((missed + 1))
        continue
    fi
    done=$((done + 1))
    status=0
    "$@" >"$store/again" 2>&1 || status=$?
    if ! diff -r "$folder/$set" "$store/reference" >"$store/diff" 2>&1; then
        echo "killed at $call $n: another data set (second run: exit $status)"; head -5 "$store/diff"; tail -3 "$store/again"
        bad=$((bad + 1))
    elif ! names | diff - "$store/names" >"$store/diff"; then
        # A run that is refused has nothing to clear up after: the next one that writes there does.
        if [ $status = 0 ] || grep -qv '^> \|\.griptrace-\|^[0-9]' "$store/diff"; then
            echo "killed at $call $n: other files beside it (second run: exit $status)"; cat "$store/diff"
            bad=$((bad + 1))
        fi
    elif [ $status != 0 ] && ! grep -q 'exists already' "$store/again"; then
        echo "killed at $call $n: the second run failed with $status"; tail -3 "$store/again"
        bad=$((bad + 1))
    fi
done <"$store/kills"
echo "$done runs killed ($missed ended before their call), $bad left something else than an undisturbed run"
[ $bad = 0 ] && [ $done -gt 0 ]
