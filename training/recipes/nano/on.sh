#!/usr/bin/env bash
# The nano that ships, carried on: towers trained anew before its MIDI, which learns to write briefs;
# two more layers, in which its latents keep what is known of each thing that is named; and its adapter, which goes on reading them. Five hours of one CPU core, worlds included; interrupted, the same command goes on:
#     training/recipes/nano/on.sh
# What comes out: out/nano/on_export, in the form of ssr_ros/presets/nano.
set -euo pipefail
cd "$(dirname "$0")/../../.."
recipe=training/recipes/nano out=out/nano python=${PYTHON:-python3} jobs=${JOBS:-$(nproc)}
export OMP_NUM_THREADS=${OMP_NUM_THREADS:-1}

# shellcheck disable=SC2086  # options are words
while read -r place split count options; do
  case $place in train | further | val | seen) ;; *) continue ;; esac
  "$python" -m training.worlds --out "$out/worlds/$place" --split "$split" --count "${COUNT:-$count}" --jobs "$jobs" $options
  while read -r file asked; do
    "$python" -m training.curate "$out/worlds/$place" --out "$out/worlds/$place/$file.jsonl" --workers "$jobs" $asked
  done < "$recipe/questions.txt"
done < "$recipe/worlds.txt"
# What other files hold too little of: what is there, what it is, and orders.
"$python" -m training.curate "$out/worlds/train" --out "$out/worlds/train/rare.jsonl" --workers "$jobs" \
  --per-frame 12 --families exists,attribute,order
if [ ! -f "$out/untrained/reasoner.yaml" ]; then
  cat "$out"/worlds/val/{questions,inventory,places,points}.jsonl > "$out/corpus.jsonl"
  "$python" -m training.small.new_checkpoint "$out/untrained" "$recipe/sizes.yaml" --corpus "$out/corpus.jsonl"
fi
"$python" -m training.small.encoders "$recipe/encoders.yaml" "worlds=[$out/worlds/train]" "optim.steps=${STEPS:-2200}" \
  "run.output=$out/towers_on"
[ -d "$out/grafted" ] ||
  "$python" -m training.small.graft nano "$out/towers_on" "$out/grafted" --worlds "$out/worlds/train"
newest() { find "$out/$1/checkpoints" -mindepth 1 -maxdepth 1 -name 'step-*' | sort | tail -n 1; }
points=$out/worlds/train/points.jsonl
more="data.train=[$out/worlds/train/more.jsonl,$out/worlds/further/more.jsonl]"
"$python" -m training.small.mamba "$recipe/mamba.yaml" "model.start=$out/grafted" "model.midi=$out/grafted/midi" \
  "data.train=[$out/worlds/train/inventory.jsonl,$out/worlds/train/more.jsonl]" optim.learning_rate=1.5e-3 \
  "optim.steps=${STEPS:-14000}" "run.output=$out/brief"
[ -d "$out/deeper" ] || "$python" -m training.small.deepen "$out/brief" "$out/deeper"
"$python" -m training.small.latents "$recipe/latents.yaml" "model.start=$out/deeper" "model.midi=$out/deeper/midi" \
  model.n_tor=20 "$more" keep_rationale=0.3 rationale_every=8 data.together=4 optim.learning_rate=8.0e-4 "optim.steps=${STEPS:-10000}" \
  "run.output=$out/latents_on"
"$python" -m training.stage2 "$recipe/stage2.yaml" "model.start=$out/latents_on" "lora.start=ssr_ros/presets/nano/ssr_vlm" \
  "${more%]},$out/worlds/train/rare.jsonl,$points,$points]" keep_rationale=0.2 rationale_every=8 \
  optim.learning_rate=7.0e-4 "optim.steps=${STEPS:-2500}" "run.output=$out/on"
if [ ! -d "$out/on_export" ]; then
  "$python" -m training.export "$out/on" "$out/on_export" --float16
  "$python" -m training.calibrate "$out/on_export" "$out/worlds/val/questions.jsonl"
fi
