#!/usr/bin/env bash
# Trains UMI's diffusion policy with its own script: umi.sh UMI OUT [override]...
#
# UMI is a checkout of universal_manipulation_interface, OUT was converted with `--format umi --rate 60`: UMI's configuration takes every
# third row (task.obs_down_sample_steps=3) and with 60 rows a second acts at 20. At 30 rows a second say task.obs_down_sample_steps=1 (30 a
# second) or 2 (15).
set -euo pipefail
if [ $# -lt 2 ]; then
	echo "usage: umi.sh UMI OUT [override]..." >&2
	exit 64
fi
umi=$1 out=$(cd "$2" && pwd)
shift 2
cd "$umi"
exec python train.py --config-name=train_diffusion_unet_timm_umi_workspace task.dataset_path="$out/dataset.zarr.zip" \
	task.dataset_frequeny=60 task.obs_down_sample_steps=3 "$@"
