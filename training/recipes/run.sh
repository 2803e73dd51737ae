#!/usr/bin/env bash
# A whole experiment, one command a recipe:
#     training/recipes/run.sh ssr-7b    the published one: stage 1, stage 2, one folder (ssr-7b/train.sh)
#     training/recipes/run.sh nano      a model from nothing: from rendering to a table; 6 hours of one CPU core, 6 more for its controls
#     training/recipes/run.sh smoke     the same, small: half an hour on two CPU cores
# Interrupted, the same command goes on where it stopped. Results: out/NAME/*/log.jsonl.
set -euo pipefail
cd "$(dirname "$0")/../.."
name=${1:?which recipe: ssr-7b, ssr-3b, nano or smoke}
recipe=training/recipes/$name
[ ! -x "$recipe/train.sh" ] || exec "$recipe/train.sh" "${@:2}"
[ -f "$recipe/worlds.txt" ] || { echo "$recipe: no such recipe" >&2; exit 2; }
out=out/$name python=${PYTHON:-python3} jobs=${JOBS:-$(nproc)}
# At these sizes, handing a matrix to threads takes longer than multiplying it.
export OMP_NUM_THREADS=${OMP_NUM_THREADS:-1}

# worlds.txt, per line: folder, split, number of worlds, further options of training.worlds.
# questions.txt, per line: a name, options of training.curate.
# shellcheck disable=SC2086  # options are words
while read -r place split count options; do
  folder=$out/worlds/$place
  "$python" -m training.worlds --out "$folder" --split "$split" --count "$count" --jobs "$jobs" $options
  while read -r file asked; do
    "$python" -m training.curate "$folder" --out "$folder/$file.jsonl" --workers "$jobs" $asked
  done < "$recipe/questions.txt"
done < "$recipe/worlds.txt"

# train MODULE RECIPE [SETTING=VALUE ...]; may: what a recipe does without.
train() { "$python" -m "training.$1" "$recipe/$2.yaml" "${@:3}"; }
may() { [ ! -f "$recipe/$2.yaml" ] || train "$@"; }

if [ ! -f "$out/untrained/reasoner.yaml" ]; then
  cat "$out"/worlds/val/{questions,inventory,places}.jsonl > "$out/corpus.jsonl"
  "$python" -m training.small.new_checkpoint "$out/untrained" "$recipe/sizes.yaml" --corpus "$out/corpus.jsonl"
fi
train small.encoders encoders
[ -d "$out/aligned" ] ||
  "$python" -m training.small.align "$out/encoders" "$out/aligned" --worlds "$out/worlds/train"

base() { train small.base_vlm base_vlm; may small.base_vlm base_vlm_notes; }
# The rows of the table beside full SSR; CONTROLS= leaves them out.
controls() {
  may stage2 stage2_without_midi
  may small.latents latents_no_rationale
  may stage2 stage2_no_rationale
  train stage1 stage1
  train stage1 stage1 data.rationale=without_answer "run.output=$out/leakage_control"
  for n in 1 10; do
    train small.latents latents "model.n_tor=$n" "run.output=$out/latents_$n"
    train stage2 stage2 "model.start=$out/latents_$n" "run.output=$out/n_tor_$n"
  done
}
# On two cores two things are trained at a time.
both() {
  if [ "$jobs" = 1 ]; then "$1"; "$2"; else
    "$1" & local first=$!
    "$2"; wait "$first"
  fi
}
mamba() { train small.mamba mamba; }
full() {
  train small.latents latents
  train stage2 stage2
  [ -d "$out/export" ] || "$python" -m training.export "$out/stage2" "$out/export" --float16
}
both base mamba
if [ -n "${CONTROLS-yes}" ]; then both full controls; else full; fi

for place in test seen robot; do
  questions=$out/worlds/$place/questions.jsonl
  [ ! -f "$questions" ] || "$python" benchmarks/ssr.py --runs "$out" --test "$questions" \
    --places "$out/worlds/$place/places.jsonl" \
    --train "$out/worlds/train/questions.jsonl" --json "$out/table_$place.json" \
    --markdown "$out/table_$place.md" --plot "$out/table_$place.png"
done
