#!/usr/bin/env bash
# A whole experiment, from rendering to a checkpoint that load_reasoner takes:
#     training/recipes/run.sh smoke     from the repository; half an hour on two CPU cores
#     training/recipes/run.sh nano      days on two cores: see the recipe
# Interrupted, the same command goes on where it stopped. Results: out/NAME/*/log.jsonl.
set -euo pipefail
cd "$(dirname "$0")/../.."
name=${1:?which recipe: smoke or nano}
recipe=training/recipes/$name out=out/$name python=${PYTHON:-python3} jobs=${JOBS:-$(nproc)}
[ -f "$recipe/worlds.txt" ] || { echo "$recipe/worlds.txt: no such recipe" >&2; exit 2; }

# Per line: split, number of worlds, further options of training.worlds.
while read -r split count options; do
  folder=$out/worlds/$split
  # shellcheck disable=SC2086  # options are words
  "$python" -m training.worlds --out "$folder" --split "$split" --count "$count" --jobs "$jobs" $options
  "$python" -m training.curate "$folder" --out "$folder/questions.jsonl" --workers "$jobs"
done < <(grep -v '^#' "$recipe/worlds.txt")

[ -f "$out/untrained/reasoner.yaml" ] || "$python" -m training.new_checkpoint "$out/untrained" \
  "$recipe/sizes.yaml" --corpus "$out/worlds/train/questions.jsonl"
for stage in base_vlm stage1 stage2; do
  "$python" -m training.$stage "$recipe/$stage.yaml"
done
if [ -f "$recipe/stage2_without_midi.yaml" ]; then
  "$python" -m training.stage2 "$recipe/stage2_without_midi.yaml"
fi
[ -d "$out/export" ] || "$python" -m training.export "$out/stage2" "$out/export" --float16
