#!/usr/bin/env bash
# The nano that ships, carried on: towers trained anew before its MIDI, then stage 2 goes on. Two hours
# of one CPU core, worlds included; interrupted, the same command goes on:
#     training/recipes/nano/on.sh
# What comes out: out/nano/on_export, in the form of ssr_ros/presets/nano.
set -euo pipefail
cd "$(dirname "$0")/../../.."
recipe=training/recipes/nano out=out/nano python=${PYTHON:-python3} jobs=${JOBS:-$(nproc)}
export OMP_NUM_THREADS=${OMP_NUM_THREADS:-1}

# shellcheck disable=SC2086  # options are words
while read -r place split count options; do
  case $place in train | val | seen) ;; *) continue ;; esac
  "$python" -m training.worlds --out "$out/worlds/$place" --split "$split" --count "${COUNT:-$count}" --jobs "$jobs" $options
  while read -r file asked; do
    "$python" -m training.curate "$out/worlds/$place" --out "$out/worlds/$place/$file.jsonl" --workers "$jobs" $asked
  done < "$recipe/questions.txt"
done < "$recipe/worlds.txt"
if [ ! -f "$out/untrained/reasoner.yaml" ]; then
  cat "$out"/worlds/val/{questions,inventory,places}.jsonl > "$out/corpus.jsonl"
  "$python" -m training.small.new_checkpoint "$out/untrained" "$recipe/sizes.yaml" --corpus "$out/corpus.jsonl"
fi
"$python" -m training.small.encoders "$recipe/encoders.yaml" "worlds=[$out/worlds/train]" "optim.steps=${STEPS:-2200}" \
  "run.output=$out/towers_on"
[ -d "$out/grafted" ] ||
  "$python" -m training.small.graft nano "$out/towers_on" "$out/grafted" --worlds "$out/worlds/train"
"$python" -m training.stage2 "$recipe/stage2_on.yaml" ${STEPS:+optim.steps=$STEPS}
# Then a second fall of the rate. From the weights of 2026-11-21, which had 10 latents, this gave those that ship 20.
newest=$(find "$out/on/checkpoints" -mindepth 1 -maxdepth 1 -name 'step-*' | sort | tail -n 1)
"$python" -m training.stage2 "$recipe/stage2_on.yaml" "run.output=$out/on_20" model.n_tor=20 "model.midi=$newest/midi" \
  "lora.start=$newest/ssr_vlm" optim.learning_rate=3.0e-4 "optim.steps=${STEPS:-225}"
[ -d "$out/on_export" ] || "$python" -m training.export "$out/on_20" "$out/on_export" --float16
