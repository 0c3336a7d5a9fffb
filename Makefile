# make setup: installs what is missing.   make demo: the main job on the fixtures.   make test: the tests.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c

MUJOCO := mujoco-core==4.0.0
PYARROW := pyarrow==26.0.1
# One set of flags for the program and the tests, so that neither is built twice.
SWIFT_FLAGS := -c release --explicit-target-dependency-import-check error -Xswiftc -enable-testing
DEBIAN := libopencv-dev libopencv-contrib-dev libavformat-dev libavcodec-dev libavutil-dev libswscale-dev libceres-dev libeigen3-dev libjxl-dev libhdf5-dev \
	g++ git python3-pip python3-venv
DEMO := .demo

.PHONY: setup build demo test bench-mapping bench-human checkers fixtures bench-ik bench-path bench-replay bench-dataset bench-session format clean

setup: .deps/ready

# Debian's packages that are not there yet, then the two wheels, unpacked where Package.swift looks for them.
.deps/ready: Makefile
	@missing=$$(for p in $(DEBIAN); do dpkg-query -W -f='$${Status}' $$p 2>/dev/null | grep -q 'install ok installed' || echo $$p; done); \
	if command -v python3 >/dev/null && python3 -m pip --version >/dev/null 2>&1; then missing=$$(echo $$missing | sed 's/python3-pip//'); fi; \
	if command -v python3 >/dev/null && python3 -c 'import venv, ensurepip' >/dev/null 2>&1; then missing=$$(echo $$missing | sed 's/python3-venv//'); fi; \
	missing=$$(echo $$missing); \
	if [ -n "$$missing" ]; then \
		as_root=; if [ "$$(id -u)" != 0 ]; then as_root=sudo; fi; \
		echo "setup: installing Debian packages: $$missing"; \
		$$as_root apt-get update -qq; \
		$$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing >/dev/null; \
	fi
	@mkdir -p .deps
	@if [ ! -e .deps/mujoco/libmujoco.so.4.0.0 ] || [ ! -e .deps/pyarrow/libarrow.so.2600 ]; then \
		echo "setup: unpacking $(MUJOCO) and $(PYARROW) into .deps"; \
		python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore --no-deps --upgrade --target .deps $(MUJOCO) $(PYARROW); \
	fi
	@touch $@

build: setup
	swift build $(SWIFT_FLAGS) --product griptrace

demo: build
	@.build/release/griptrace convert Fixtures/session --device simulator --arm panda --output $(DEMO)

test: setup
	@bash Tests/checkers.sh .deps/checkers
	swift build $(SWIFT_FLAGS) --build-tests
	swift test -c release --skip-build

# Inverse kinematics of random poses on four arms, beside mink's steps measured in the same run.
bench-ik: setup
	@bash Tests/checkers.sh .deps/checkers >/dev/null
	swift build $(SWIFT_FLAGS) --product robot-bench
	@.build/release/robot-bench ik
	@.deps/checkers/robot/bin/python Benchmarks/Robot/mink_peer.py Calibration/arms/panda/panda.xml link8 5000

# A 20 s path at 60 Hz solved for each arm: processor time of each part.
bench-path: setup
	swift build $(SWIFT_FLAGS) --product robot-bench
	@.build/release/robot-bench path

# Maps and localises the simulated scenarios (rendered once, into .bench; about a quarter of an hour the first time) and prints errors and cost.
bench-mapping: setup
	swift build $(SWIFT_FLAGS) --product mapping-bench
	.build/release/mapping-bench Benchmarks/scenarios/*.yaml --cache .bench
	@cup=../shared/recordings/umi-cup-episode; if [ -d $$cup ]; then \
		.build/release/mapping-bench --recorded $$cup Calibration/devices/gopro10_umi_224.yaml; \
	else echo "umi-cup-episode: not run, $$cup is missing"; fi

# Masks and fills simulated demos with a human, with poses of our own, and holds them against the truth (simulated once, into .bench).
bench-human: setup
	swift build $(SWIFT_FLAGS) --product human-bench
	.build/release/human-bench Benchmarks/scenarios/human/*.yaml --cache .bench

# Makes the committed fixture session again, byte for byte on the same machine.
fixtures: build
	rm -rf Fixtures/session
	.build/release/griptrace simulate --scenario Fixtures/session.yaml --output Fixtures/session

# 50 made-up demonstrations for each of two arms, solved, judged, repaired and played back in simulation; then what 20 s at 60 Hz cost.
bench-replay: setup
	swift build $(SWIFT_FLAGS) --product robot-bench
	.build/release/robot-bench replay 50 panda xarm7
	.build/release/robot-bench demo panda xarm7

# Made-up data sets of 1, 50 and 1,000 episodes in every format: processor time, peak memory, and what the real readers say (about half an hour).
bench-dataset: build
	@bash Tests/bench-dataset.sh .build/release/griptrace .deps/checkers

# A session of two cameras, simulated, converted with nothing said but the arm, and held against its truth.
bench-session: setup
	swift build $(SWIFT_FLAGS) --build-tests
	GRIPTRACE_BENCH=1 swift test -c release --skip-build --filter UMISessionTests

format:
	swift format --in-place --recursive Sources Tests Package.swift

clean:
	rm -rf .build $(DEMO)
