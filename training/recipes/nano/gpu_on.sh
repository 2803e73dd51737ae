#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0
#
# The nano that ships (FROM), carried on for nine and a half minutes on one GPU and 16 cores:
#     training/recipes/nano/gpu_on.sh               from the repository; nothing is fetched
#     training/recipes/nano/gpu_on.sh --rehearse    the same path with tiny numbers on a CPU
# New worlds are rendered, and seen in a mirror as well; its towers go on with them, MIDI is put behind these (training.small.graft) and says
# what it knows in its latents, then MIDI and adapter answer together. The VLM stays: what was tuned without MIDI stays
# comparable, and TUNED (the adapter of such a run) is carried on beside. A stage that fails is left out: what comes after it goes on from what there is.
# Every stage ends at its time, counted from the start, with its learning rate at 0. What it has made lies in RESULTS
# (out/nano-gpu-on/results): nano.tar (weights that stand alone), latents.tar (MIDI before stage 2),
# towers.tar, tuned.tar, said.tgz (what every stage printed), log.md (losses), clock.md (times).
# FIRST=SEED for other worlds; ENDS='latents=300 stage2=500' sets other times. It needs what gpu.sh needs.
set -uo pipefail
cd "$(dirname "$0")/../../.."
recipe=training/recipes/nano python=${PYTHON:-python3} jobs=${JOBS:-$(nproc)} from=${FROM:-ssr_ros/presets/nano}
export OMP_NUM_THREADS=1 PYTHONUNBUFFERED=1 TOKENIZERS_PARALLELISM=false
export MUJOCO_GL=${MUJOCO_GL:-egl}

# When each ends, in seconds.
out=${WORK:-out/nano-gpu-on} worlds='40 40 2900' per_frame=2 workers=$((jobs - 2)) scale=1 kept=1
rendering=90 asking=160 towers=175 grafting=205 tuned=240 latents=335 stage2=550
vary='model.tf32=true'
if [ "${1-}" = --rehearse ]; then
  out=${WORK:-out/nano-rehearsal-on} worlds='2 2 6' per_frame=1 workers=1 scale=32 kept=0
  least=1 vary=optim.minutes=0.1 # and by the clock only where the machine is busy
  rendering=900 asking=1500 towers=2700 grafting=3000 tuned=3400 latents=3450 stage2=4200
  MUJOCO_GL=osmesa
fi
eval "${ENDS-}"
results=${RESULTS:-$out/results}
# shellcheck source=training/recipes/nano/stages.sh
. "$recipe/stages.sh"
begin

read -r n_val n_seen n_train <<< "$worlds"
rendering() {
  views val val "$n_val" 0 1 & views seen train "$n_seen" 100000 1 & views train train "$n_train" "$first" "$jobs"
  wait
  "$python" -m training.worlds --out "$out/worlds/mirrored" --mirror "$out/worlds/train" --jobs "$jobs"
}
asked() { # the last: what the first holds too little of
  echo "questions --per-frame $per_frame --families closer,distance,order,size,gap,left_right,exists,attribute
points --per-frame 6 --families point
rare --per-frame $((4 * per_frame)) --families exists,attribute,order"
}
asking() {
  asked | rows seen 1 & asked | rows mirrored $((jobs > 5 ? jobs / 6 : 1)) & asked | rows train $((jobs > 5 ? jobs / 6 : 1))
  wait
}
export -f rendering asking asked views rows
first=${FIRST:-40000}
export out python jobs first display recipe per_frame n_val n_seen n_train

# What it starts from, as it was before its adapter.
rm -rf "$out/from" && cp -r "$from" "$out/from" && sed -i /^adapter:/d "$out/from/reasoner.yaml"
stage rendering "$rendering" bash -c rendering
seen="data.val=[$out/worlds/seen/questions.jsonl]" cache="data.feature_cache=$out/features"
beside() {
  local reading=$(((workers + 2) / 3))
  stage asking "$asking" bash -c asking
  [ -z "${TUNED-}" ] || train without_midi "$tuned" 512 400 stage2 stage2_without_midi "model.start=$out/from" \
    "lora.start=$TUNED" "$(lists {train,mirrored}/{questions,rare})" "$seen" optim.learning_rate=1.0e-3
  pack tuned.tar without_midi/checkpoints/*/ssr_vlm
}
beside &

reading=$((workers - workers / 3))
ACCELERATE_MIXED_PRECISION=bf16 train towers "$towers" 256 100 small.encoders encoders "worlds=[$out/worlds/train]" \
  "val_worlds=[$out/worlds/val]" "model.start=$out/from" vlm=false optim.learning_rate=1.5e-3
seeing=$out/towers
[ -f "$seeing/reasoner.yaml" ] || seeing=$out/from
pack towers.tar towers/checkpoints/*/*coder
stage grafting "$grafting" "$python" -m training.small.graft "$out/from" "$seeing" "$out/grafted" --worlds "$out/worlds/train" --views 150
knowing=$out/grafted
[ -f "$knowing/reasoner.yaml" ] || knowing=$out/from

train latents "$latents" 512 500 small.latents latents "model.start=$knowing" "model.midi=$knowing/midi" "$cache" "$(lists {train,mirrored}/{questions,rare})" "$seen" \
  as_written=false keep_rationale=0.3 rationale_every=4 data.together=8 optim.recorded=true optim.learning_rate=1.2e-3
saying=$out/latents
[ -f "$saying/reasoner.yaml" ] || saying=$knowing
pack latents.tar latents/checkpoints/*/midi

wait
reading=$workers
train stage2 "$stage2" 512 600 stage2 stage2 "model.start=$saying" "lora.start=$from/ssr_vlm" "$cache" \
  "$(lists {train,mirrored}/{questions,rare,points,points})" "$seen" keep_rationale=0.3 rationale_every=4 data.together=4 \
  optim.learning_rate=1.0e-3
keep stage2
(cd "$out" && tar -czf "$results/said.tgz" ./*.txt ./*/log.jsonl)
cat "$results/clock.md"
