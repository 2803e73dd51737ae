#!/usr/bin/env bash
# A whole experiment, from rendering to a checkpoint that load_reasoner takes:
#     training/recipes/run.sh smoke     from the repository; half an hour on two CPU cores
#     training/recipes/run.sh nano      what ships: about three hours on two cores
# Interrupted, the same command goes on where it stopped. Results: out/NAME/*/log.jsonl.
set -euo pipefail
cd "$(dirname "$0")/../.."
name=${1:?which recipe: smoke or nano}
recipe=training/recipes/$name out=out/$name python=${PYTHON:-python3} jobs=${JOBS:-$(nproc)}
[ -f "$recipe/worlds.txt" ] || { echo "$recipe/worlds.txt: no such recipe" >&2; exit 2; }
# At these sizes, handing a matrix to threads takes longer than multiplying it.
export OMP_NUM_THREADS=${OMP_NUM_THREADS:-1}

# Per line: split, number of worlds, further options of training.worlds.
while read -r split count options; do
  folder=$out/worlds/$split
  # shellcheck disable=SC2086  # options are words
  "$python" -m training.worlds --out "$folder" --split "$split" --count "$count" --jobs "$jobs" $options
  # shellcheck disable=SC2046
  "$python" -m training.curate "$folder" --out "$folder/questions.jsonl" --workers "$jobs" \
    $(cat "$recipe/questions.txt")
done < <(grep -v '^#' "$recipe/worlds.txt")

[ -f "$out/untrained/reasoner.yaml" ] || "$python" -m training.new_checkpoint "$out/untrained" \
  "$recipe/sizes.yaml" --corpus "$out/worlds/val/questions.jsonl"
train() { "$python" -m "training.$1" "$recipe/$2.yaml"; }
train encoders encoders
train base_vlm base_vlm
# The controls know nothing of MIDI's training, and need a core of their own.
controls() {
  for control in without_midi no_rationale; do
    [ ! -f "$recipe/stage2_$control.yaml" ] || train stage2 "stage2_$control"
  done
}
controls &
train stage1 stage1
train stage2 stage2
wait $!
[ -d "$out/export" ] || "$python" -m training.export "$out/stage2" "$out/export" --float16
"$python" benchmarks/ssr.py --test "$out/worlds/test/questions.jsonl" \
  --train "$out/worlds/train/questions.jsonl" --runs "$out" \
  --json "$out/table.json" --markdown "$out/table.md" --plot "$out/table.png"
