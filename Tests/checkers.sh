#!/usr/bin/env bash
# checkers.sh DIR: makes the Python environments in which the real LeRobot and UMI readers check our data sets, and Pinocchio our arms.
#
#   DIR/evo       evo's metrics, for check_evo.py, and statsmodels, for evaluate-policy
#   DIR/robot     Pinocchio and mink, for pinocchio_reference.py and Benchmarks/Robot/mink_peer.py
#   DIR/lerobot   LeRobot 0.4.4 on CPU, for check_lerobot.py (about a minute, 2 GB)
#   DIR/bags      the mcap, ROS 2 and rosbags libraries, for make_bag.py
#   DIR/umi       zarr 2, imagecodecs and h5py, for check_umi_zarr.py and check_robomimic.py
#   DIR/lerobot21 LeRobot 0.3.3 and the datasets library it goes with, without what `lerobot` has already, for check_lerobot21.py (10 MB)
#   DIR/onnx      ONNX Runtime's library, for ModelONNXTests (30 MB; nothing in it is run by Python)
#
# Run again it does nothing: an environment is done when its `.done` says the same recipe. LeRobot's and UMI's recipes and checkers lie in the
# shared folder (GRIPTRACE_SHARED, or ../shared beside the package); without it only the others are made.
set -euo pipefail
[ $# -eq 1 ] || { echo "usage: Tests/checkers.sh DIR" >&2; exit 64; }
package=$(cd "$(dirname "$0")/.." && pwd)
shared=${GRIPTRACE_SHARED:-$package/../shared}
mkdir -p "$1"
dir=$(cd "$1" && pwd)

make_environment() { # NAME RECIPE COMMAND...
    local name=$1 recipe=$2 target="$dir/$1"
    shift 2
    if [ "$(cat "$target/.done" 2>/dev/null)" = "$recipe" ]; then
        echo "$target: ready"
        return
    fi
    echo "$target: installing"
    rm -rf "$target"
    "$@" "$target"
    printf '%s' "$recipe" > "$target/.done"
}

make_umi() {
    python3 -m venv "$1"
    "$1/bin/pip" install -q 'zarr<3' 'numcodecs<0.16' imagecodecs numpy scipy h5py
}

# On the search path before the `lerobot` environment's own packages.
make_lerobot21() {
    mkdir -p "$1"
    "$dir/lerobot/bin/pip" install -q --no-deps --upgrade --target "$1" 'lerobot==0.3.3' 'datasets==3.6.0' 'dill==0.3.8' 'multiprocess==0.70.16' xxhash
}

make_evo() {
    python3 -m venv "$1"
    # Only its metrics are used: they need none of its plotting.
    "$1/bin/pip" install -q numpy scipy statsmodels
    "$1/bin/pip" install -q --no-deps evo==1.38.1
}

make_environment evo "numpy scipy statsmodels evo==1.38.1" make_evo
make_robot() {
    python3 -m venv "$1"
    "$1/bin/pip" install -q 'pin==4.1.0' 'mink==1.3.0' daqp numpy
}

make_onnx() {
    mkdir -p "$1"
    python3 -m pip install -q --disable-pip-version-check --root-user-action=ignore --no-deps --upgrade --target "$1" 'onnxruntime==1.31.1'
}

make_bags() {
    python3 -m venv "$1"
    "$1/bin/pip" install -q 'mcap==1.6.0' 'mcap-ros2-support==0.6.0' 'rosbags==0.11.9'
}

make_environment bags "mcap==1.6.0 mcap-ros2-support==0.6.0 rosbags==0.11.9" make_bags
make_environment onnx "onnxruntime==1.31.1" make_onnx
make_environment robot "pin==4.1.0 mink==1.3.0 daqp numpy" make_robot
[ -f "$shared/tools/setup_lerobot.sh" ] || { echo "$shared: no shared folder, so no LeRobot and UMI checkers"; exit 0; }
make_environment lerobot "$(sha256sum "$shared/tools/setup_lerobot.sh" | cut -d' ' -f1)" bash "$shared/tools/setup_lerobot.sh"
make_environment umi "zarr<3 numcodecs<0.16 imagecodecs numpy scipy h5py" make_umi
make_environment lerobot21 "lerobot==0.3.3 datasets==3.6.0" make_lerobot21
