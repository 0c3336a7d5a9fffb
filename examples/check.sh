#!/usr/bin/env bash
# Converts the fixture and starts the recipes of examples/training for LeRobot and robomimic, where they are there, for a few steps with
# small networks.
#
# check.sh [OUT]: OUT is where the fixture is converted to, default .check (about a minute; again, seconds).
# PROGRAM: griptrace, default .build/release/griptrace. LEROBOT_PYTHON, ROBOMIMIC_PYTHON: the Pythons that have them, default those of
# .deps/checkers, else python3. A recipe whose package is missing is skipped with one line. Ends with 1 where one failed.
set -uo pipefail
cd "$(dirname "$0")/.."
out=${1:-.check} program=${PROGRAM:-.build/release/griptrace}
mkdir -p "$out"
out=$(cd "$out" && pwd)
log=$out/check
mkdir -p "$log"
export HF_HUB_OFFLINE=1 HF_DATASETS_CACHE=$log/cache WANDB_MODE=disabled
failed=0

python_of() { # ENVIRONMENT
	local own=.deps/checkers/$1/bin/python
	if [ -x "$own" ]; then echo "$own"; else echo python3; fi
}
lerobot=${LEROBOT_PYTHON:-$(python_of lerobot)} robomimic=${ROBOMIMIC_PYTHON:-$(python_of robomimic)}

convert() { # OPTION...
	"$program" convert Fixtures/session --device simulator --arm panda --output "$out" --format lerobot,robomimic "$@" >> "$log/convert.log" 2>&1 ||
		{ tail -3 "$log/convert.log"; exit 1; }
}

run() { # NAME COMMAND...
	local name=$1
	shift
	rm -rf "$out/training/$name"
	if "$@" > "$log/$name.log" 2>&1; then
		echo "$name: runs ($(grep -oE 'loss:[0-9.e+-]+|"Loss": [0-9.e+-]+' "$log/$name.log" | tail -1))"
	else
		echo "$name: FAILED, see $log/$name.log"
		tail -3 "$log/$name.log"
		failed=1
	fi
}

has() { # PYTHON MODULE
	"$1" -c "import $2" > /dev/null 2>&1 || { echo "$2: not there, skipped"; return 1; }
}

# Small enough for a processor.
steps=(--steps=3 --batch_size=2 --num_workers=0 --log_freq=1 --save_checkpoint=false --policy.device=cpu)
act=(--policy.dim_model=32 --policy.n_heads=2 --policy.dim_feedforward=64 --policy.n_encoder_layers=1 --policy.n_vae_encoder_layers=1
	--policy.pretrained_backbone_weights=null --dataset.use_imagenet_stats=false)
diffusion=(--policy.pretrained_backbone_weights=null --policy.down_dims='[32,64]' --policy.spatial_softmax_num_keypoints=8 --policy.crop_shape='[96,96]')

convert --action joints
if has "$lerobot" lerobot.scripts.lerobot_train; then
	PYTHON=$lerobot run act bash examples/training/lerobot.sh "$out" act "${steps[@]}" "${act[@]}"
	PYTHON=$lerobot run diffusion bash examples/training/lerobot.sh "$out" diffusion "${steps[@]}" "${diffusion[@]}"
fi
if has "$robomimic" robomimic.scripts.train; then
	"$robomimic" - "$out" "$log" <<-'PYTHON'
		import json, sys
		out, log = sys.argv[1:]
		config = json.load(open("examples/training/robomimic.json"))
		config["train"].update(data=f"{out}/robomimic.hdf5", output_dir=f"{out}/training/robomimic", num_epochs=1, batch_size=2, cuda=False)
		config["train"].update(hdf5_filter_key=None, hdf5_validation_filter_key=None)
		config["experiment"].update(validate=False, epoch_every_n_steps=3)
		json.dump(config, open(f"{log}/robomimic.json", "w"))
	PYTHON
	run robomimic "$robomimic" -m robomimic.scripts.train --config "$log/robomimic.json"
fi
convert --action ee
if has "$lerobot" lerobot.scripts.lerobot_train; then
	PYTHON=$lerobot run relative bash examples/training/lerobot.sh "$out" relative "${steps[@]}" "${act[@]}"
fi
exit $failed
