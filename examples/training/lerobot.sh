#!/usr/bin/env bash
# Trains a LeRobot policy on a converted session: lerobot.sh OUT act|diffusion|relative [option of lerobot-train]...
#
#   act, diffusion   on the default output, with nothing edited: joints, gripper and the wrist's pictures in, joints and gripper out
#   relative         ACT on chunk-relative SE(3) actions by griptrace_lerobot; OUT was converted with --action ee
#
# PYTHON: of the environment that LeRobot (0.4.4 to 0.6.1) is in; default python3.
set -euo pipefail
if [ $# -lt 2 ]; then
	echo "usage: lerobot.sh OUT act|diffusion|relative [option of lerobot-train]..." >&2
	exit 64
fi
out=$1 kind=$2
shift 2
python=${PYTHON:-python3}
package=$(cd "$(dirname "$0")/../../Sources/Python/griptrace_lerobot" && pwd)
export PYTHONPATH=$package${PYTHONPATH:+:$PYTHONPATH}
common=(--dataset.repo_id=local/griptrace --dataset.root="$out/lerobot" --policy.push_to_hub=false --wandb.enable=false
	--output_dir="$out/training/$kind" --job_name="griptrace_$kind")
# griptrace_lerobot's script is LeRobot's own, which loss_weight is obeyed in.
case $kind in
	act) exec "$python" -m griptrace_lerobot.train "${common[@]}" --policy.type=act --policy.chunk_size=50 --policy.n_action_steps=50 "$@" ;;
	diffusion) exec "$python" -m griptrace_lerobot.train "${common[@]}" --policy.type=diffusion "$@" ;;
	relative)
		exec "$python" -m griptrace_lerobot.train --griptrace.actions=relative "${common[@]}" --policy.type=act --policy.chunk_size=50 \
			--policy.n_action_steps=50 "$@"
		;;
	*) echo "$kind: accepted: act, diffusion, relative" >&2 && exit 64 ;;
esac
