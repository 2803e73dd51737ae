#!/usr/bin/env bash
# From nothing to a model that is visibly learning, on two CPU cores. Run it from the repository:
#     training/recipes/smoke/run.sh
# Interrupted, the same command goes on where it stopped. Results: out/smoke/*/log.jsonl.
set -euo pipefail
cd "$(dirname "$0")/../../.."
recipe=training/recipes/smoke out=out/smoke python=${PYTHON:-python3}
export OMP_NUM_THREADS=${OMP_NUM_THREADS:-2}

for split in train:150 val:20; do
  folder=$out/worlds/${split%:*}
  "$python" -m training.worlds --out "$folder" --split "${split%:*}" --count "${split#*:}" \
    --views 4 --kind tabletop --size 160x120 --noise stereo --jobs 2
  "$python" -m training.curate "$folder" --out "$folder/questions.jsonl"
done
[ -f $out/untrained/reasoner.yaml ] || "$python" -m training.new_checkpoint $out/untrained \
  $recipe/sizes.yaml --corpus $out/worlds/train/questions.jsonl
for stage in base_vlm stage1 stage2; do
  "$python" -m training.$stage $recipe/$stage.yaml
done
