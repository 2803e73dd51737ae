#!/usr/bin/env bash
# SSR as published: stage 1, stage 2, one folder that stands alone. From the repository:
#     training/recipes/ssr-7b/train.sh check    100 rows, two steps and a checkpoint of each stage
#     training/recipes/ssr-7b/train.sh          both stages, then out/ssr-7b/export
# Interrupted, the same command goes on where it stopped. Settings may follow (data.root=/data).
# LAUNCH is another way to start the processes, as 'torchrun --nproc-per-node 2'.
set -euo pipefail
cd "$(dirname "$0")/../../.."
recipe=${RECIPE:-training/recipes/ssr-7b} out=${OUT:-out/$(basename "${RECIPE:-ssr-7b}")}
read -ra launch <<< "${LAUNCH:-accelerate launch --config_file training/recipes/fsdp.yaml}"
check=''
[ "${1-}" != check ] || { check=/check; shift; }

stage() { # NUMBER SETTING=VALUE...
  "${launch[@]}" -m "training.stage$1" "$recipe/stage$1.yaml" \
    "run.output=$out/stage$1" "${@:2}" ${check:+run.check=true}
}
stage 1 "$@"
stage 2 "model.start=$out/stage1$check" "$@"
if [ -z "$check" ]; then
  [ -d "$out/export" ] || python3 -m training.export "$out/stage2" "$out/export"
  echo "$out/export: give it to load_reasoner, ssr-ros ask --model, or the node's parameter model"
fi
