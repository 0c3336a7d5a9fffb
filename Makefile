# `make help` says what there is.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c

MUJOCO := mujoco-core==4.0.0
PYARROW := pyarrow==26.0.1
# Read MCAP files and ROS 2 bags (Sources/Python/griptrace_bag.py).
MCAP := mcap==1.6.0 lz4==4.4.5 zstandard==0.25.0
# One set of flags for the program and the tests, so that neither is built twice.
SWIFT_FLAGS := -c release --explicit-target-dependency-import-check error -Xswiftc -enable-testing
DEBIAN := libopencv-dev libopencv-contrib-dev libavdevice59 libavformat-dev libavcodec-dev libavutil-dev libswscale-dev libceres-dev libeigen3-dev libjxl-dev libhdf5-dev \
	g++ git python3-pip python3-venv
DEMO := .demo
PROGRAM := .build/release/griptrace
FIGURES := python3 Benchmarks/figures.py
# What `griptrace --version` says; Package.swift reads it.
export GRIPTRACE_COMMIT := $(shell git describe --always --dirty --abbrev=9 --exclude '*' 2>/dev/null || echo unknown)

.PHONY: bench-dataset bench-demo bench-tests bench-human bench-human-outside bench-ik bench-mapping bench-path bench-postures bench-replay bench-review bench-session build check-dist check-lerobot check-outputs check-policy check-ray checkers clean demo dist examples figures fixtures \
	format help install lint option-docs outputs setup test

.DEFAULT_GOAL := help

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sort | sed -E 's/:[^#]*## /\t/' | awk -F'\t' '{ printf "make %-14s %s\n", $$1, $$2 }'

setup: .deps/ready ## installs what is missing: Debian packages (with sudo), MuJoCo, Arrow and the MCAP reader into .deps

# Debian's packages that are not there yet, then the wheels, unpacked where Package.swift looks for them.
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
	@if ! python3 -c 'import sys; sys.path.insert(0, ".deps"); import mcap, lz4.frame, zstandard' 2>/dev/null; then \
		echo "setup: unpacking $(MCAP) into .deps"; \
		python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore --no-deps --upgrade --target .deps $(MCAP); \
	fi
	@touch $@

build: setup ## builds the program: .build/release/griptrace
	swift build $(SWIFT_FLAGS) --product griptrace

demo: build ## converts the session in Fixtures into .demo
	@$(PROGRAM) convert Fixtures/session --device simulator --arm panda --output $(DEMO)

check-lerobot: demo ## LeRobot 0.6.1's map-style and streaming readers on the demo's data set (5.4 GB and 3 minutes the first time)
	@bash Tests/lerobot06.sh .deps/checkers $(DEMO)/lerobot

check-ray: build ## griptrace-ray against griptrace batch: folder and S3, a worker killed on the way (300 MB the first time)
	@bash Tests/ray.sh .deps/checkers $(PROGRAM)

check-policy: checkers ## evaluate-policy against simulated policies of known rates
	@.deps/checkers/evo/bin/python Tests/check_policy.py

dist: build ## packs the program with all that it needs, Swift's runtime too, into dist/griptrace-….whl
	python3 Sources/Python/dist.py $(PROGRAM) --wheel dist

install: build ## installs the program with all that it needs below PREFIX (default /usr/local)
	python3 Sources/Python/dist.py $(PROGRAM) --prefix $(or $(PREFIX),/usr/local)

check-dist: ## the wheel of dist/ in a bare Debian 12 (as root, with debootstrap): pip install, convert the fixture, the same bytes as here
	@bash Tests/dist.sh dist $(PROGRAM)

test: setup ## builds and passes all tests
	@bash Tests/checkers.sh .deps/checkers
	swift build $(SWIFT_FLAGS) --build-tests
	swift test -c release --skip-build

lint: ## checks the sources' form (swift format, strict), the options' docs and the pages' figures
	swift format lint --strict --parallel --recursive Sources Tests Benchmarks Package.swift
	@python3 Sources/Python/option_docs.py --check
	@python3 Sources/Python/remedies.py --check
	@$(FIGURES) check

format: ## brings the sources into form
	swift format --in-place --parallel --recursive Sources Tests Benchmarks Package.swift

examples: ## puts the example sources that the tests compile into docs/extending.md
	python3 Benchmarks/examples.py

option-docs: ## writes what `griptrace options` says, from the options' doc comments, and what mends a rejection, from docs/troubleshooting.md
	@python3 Sources/Python/option_docs.py
	@python3 Sources/Python/remedies.py

figures: ## writes the figures of Benchmarks/figures.json into README.md and docs/
	@$(FIGURES) fill

# What README.md shows of the demo and of `evaluate`: recorded by `outputs`, held against by `check-outputs`.
EVALUATE := $(PROGRAM) evaluate $(DEMO)/work/session/localize/demo_pick_place/camera.csv Fixtures/session/truth/demo_pick_place/camera.tum

# A demo that is there already says the same once more.
.build/shown/demo: build
	@mkdir -p .build/shown
	@$(PROGRAM) convert Fixtures/session --device simulator --arm panda --output $(DEMO) 2> $@

.build/shown/evaluate: .build/shown/demo
	@$(EVALUATE) > $@

outputs: .build/shown/demo .build/shown/evaluate ## records what README.md shows of the demo, then `make figures`
	@$(FIGURES) output demo .build/shown/demo --command 'make demo'
	@$(FIGURES) output evaluate .build/shown/evaluate --command '$(EVALUATE)'
	@$(FIGURES) fill

check-outputs: .build/shown/demo .build/shown/evaluate ## whether README.md still shows what the demo prints
	@$(FIGURES) same demo .build/shown/demo
	@$(FIGURES) same evaluate .build/shown/evaluate

.PHONY: .build/shown/demo .build/shown/evaluate

fixtures: build ## makes the committed fixture session again, byte for byte on the same machine
	rm -rf Fixtures/session
	$(PROGRAM) simulate --scenario Fixtures/session.yaml --output Fixtures/session

bench-ik: setup ## inverse kinematics of random poses on four arms, beside mink's steps measured in the same run
	@bash Tests/checkers.sh .deps/checkers >/dev/null
	swift build $(SWIFT_FLAGS) --product robot-bench
	@$(FIGURES) run --command 'make bench-ik' -- .build/release/robot-bench ik
	@$(FIGURES) run --command 'make bench-ik' -- .deps/checkers/robot/bin/python Benchmarks/Robot/mink_peer.py Calibration/arms/panda/panda.xml link8 5000

bench-path: setup ## a 20 s path at 60 Hz solved for each arm: processor time of each part
	swift build $(SWIFT_FLAGS) --product robot-bench
	@$(FIGURES) run --command 'make bench-path' -- .build/release/robot-bench path

bench-postures: setup ## how alike the joints of different episodes are where their tools are, for three arms
	swift build $(SWIFT_FLAGS) --product robot-bench
	@.build/release/robot-bench postures panda xarm7 ur5e

bench-replay: setup ## 50 made-up demonstrations for each of two arms, solved, judged, repaired, played back; then what 20 s at 60 Hz cost
	swift build $(SWIFT_FLAGS) --product robot-bench
	@$(FIGURES) run --command 'make bench-replay' -- .build/release/robot-bench replay 50 panda xarm7
	@$(FIGURES) run --command 'make bench-replay' -- .build/release/robot-bench demo panda xarm7

SESSIONS := $(filter-out %/long.yaml %/umi_session.yaml,$(sort $(wildcard Benchmarks/scenarios/*.yaml))) Fixtures/session.yaml

bench-mapping: setup ## maps and localises the simulated scenarios (rendered once, into .bench): errors and cost
	swift build $(SWIFT_FLAGS) --product mapping-bench
	@$(FIGURES) run --command 'make bench-mapping' -- .build/release/mapping-bench $(SESSIONS) --cache .bench
	@$(FIGURES) run --command 'make bench-mapping' -- .build/release/mapping-bench Benchmarks/scenarios/long.yaml --cache .bench
	@cup=../shared/recordings/umi-cup-episode; if [ -d $$cup ]; then \
		$(FIGURES) run --command 'make bench-mapping' -- .build/release/mapping-bench --recorded $$cup Calibration/devices/gopro10_umi_224.yaml; \
	else echo "umi-cup-episode: not run, $$cup is missing"; fi

HUMAN := .build/release/human-bench --cache .bench
human = $(foreach name,$(1),Benchmarks/scenarios/human/$(name).yaml)
LABELLED := $(call human,still rim brown_bare glove_gray)

bench-human-outside: setup ## masks of recordings that our simulator did not make, in ../shared, held against their truth
	swift build $(SWIFT_FLAGS) --product human-bench
	@$(FIGURES) run --command 'make bench-human-outside' -- $(HUMAN) --outside $(or $(GRIPTRACE_SHARED),../shared)
	@$(HUMAN) --outside $(or $(GRIPTRACE_SHARED),../shared) --labels 1 desk_demo0 desk_demo0_no_hints dish_right

bench-human: setup ## masks and fills simulated demos with a human (rendered once, into .bench), held against the truth
	swift build $(SWIFT_FLAGS) --product human-bench
	@$(FIGURES) run --command 'make bench-human' -- $(HUMAN) Benchmarks/scenarios/human/*.yaml
	@$(FIGURES) run --command 'make bench-human' -- $(HUMAN) $(call human,large bare_table rim empty_wood) --overlay Calibration/arms/panda/arm.yaml
	@for n in 0 1; do $(FIGURES) run --command 'make bench-human' -- $(HUMAN) $(LABELLED) --no-fill --labels $$n; done
	@for n in 0 3; do $(FIGURES) run --command 'make bench-human' -- $(HUMAN) $(LABELLED) --no-fill --labels $$n --set human.backgroundWeight=0; done

bench-dataset: build ## data sets of 1, 50 and 1,000 episodes in every format: time, memory, real readers (about half an hour)
	@$(FIGURES) run --command 'make bench-dataset' -- bash Tests/bench-dataset.sh $(PROGRAM) .deps/checkers

bench-review: ## the review page of 1,000 made-up demonstrations in a headless Chromium: sorting, filtering, memory, bytes
	@$(FIGURES) run --command 'make bench-review' -- python3 Benchmarks/review_page.py

bench-session: setup ## a session of two cameras, simulated, converted with nothing said but the arm, held against its truth
	swift build $(SWIFT_FLAGS) --build-tests
	@$(FIGURES) run --command 'make bench-session' -- env GRIPTRACE_BENCH=1 swift test -c release --skip-build --filter UMISessionTests

MEASURED := InertialCameraCalibrationTests|RetimingTests|PinocchioTests|EvoAgreementTests|HandsPhotoTests|RealRecordingTests|IntrinsicsCalibrationTests|InertialNoiseCalibrationTests|PlantedFaultTests

bench-demo: build ## figures of the fixture and of the real recordings
	@rm -rf $(DEMO)
	@$(PROGRAM) convert Fixtures/session --device simulator --arm panda --output $(DEMO)
	@$(FIGURES) run --command 'make bench-demo' -- python3 Benchmarks/demo_figures.py $(PROGRAM) $(DEMO)
	@if [ -d ../shared/recordings ]; then $(FIGURES) run --command 'make bench-demo' -- bash Benchmarks/recordings.sh $(PROGRAM) ../shared; \
	else echo "real recordings: not run, ../shared is missing"; fi

bench-tests: setup ## the tests that measure a figure of docs/results.md
	@bash Tests/checkers.sh .deps/checkers >/dev/null
	swift build $(SWIFT_FLAGS) --build-tests
	@$(FIGURES) run --command 'make bench-tests' -- swift test -c release --skip-build --filter '$(MEASURED)'

clean: ## removes what was built and the demo
	rm -rf .build $(DEMO)
