#!/usr/bin/env bash
# A whole experiment, from rendering to a table of what came of it:
#     training/recipes/run.sh smoke     from the repository; half an hour on two CPU cores
#     training/recipes/run.sh nano      what ships: about three and a half hours on two cores
# Interrupted, the same command goes on where it stopped. Results: out/NAME/*/log.jsonl.
set -euo pipefail
cd "$(dirname "$0")/../.."
name=${1:?which recipe: smoke or nano}
recipe=training/recipes/$name out=out/$name python=${PYTHON:-python3} jobs=${JOBS:-$(nproc)}
[ -f "$recipe/worlds.txt" ] || { echo "$recipe/worlds.txt: no such recipe" >&2; exit 2; }
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

train() { "$python" -m "training.$1" "$recipe/$2.yaml"; }
# What a recipe does without.
may() { [ ! -f "$recipe/$2.yaml" ] || train "$@"; }

if [ ! -f "$out/untrained/reasoner.yaml" ]; then
  cat "$out/worlds/val/questions.jsonl" "$out/worlds/val/inventory.jsonl" > "$out/corpus.jsonl"
  "$python" -m training.small.new_checkpoint "$out/untrained" "$recipe/sizes.yaml" --corpus "$out/corpus.jsonl"
fi
train encoders encoders
[ -d "$out/aligned" ] ||
  "$python" -m training.small.align "$out/encoders" "$out/aligned" --worlds "$out/worlds/train"

# On two cores two things are trained at a time.
base() { train base_vlm base_vlm && may base_vlm base_vlm_notes; }
controls() {
  may stage2 stage2_without_midi
  may latents latents_no_rationale
  may stage2 stage2_no_rationale
}
base & base=$!
train stage1 mamba
may stage1 mamba_further
wait $base
controls & controls=$!
train stage1 stage1
may stage1 answers
may latents latents
train stage2 stage2
wait $controls

[ -d "$out/export" ] || "$python" -m training.export "$out/stage2" "$out/export" --float16
for place in test seen; do
  questions=$out/worlds/$place/questions.jsonl
  [ ! -f "$questions" ] || "$python" benchmarks/ssr.py --runs "$out" --test "$questions" \
    --train "$out/worlds/train/questions.jsonl" --json "$out/table_$place.json" \
    --markdown "$out/table_$place.md" --plot "$out/table_$place.png"
done
