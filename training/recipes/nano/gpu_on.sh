#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0
#
# The nano that ships (FROM), carried on for nine minutes on one GPU and 16 cores:
#     training/recipes/nano/gpu_on.sh               from the repository; nothing is fetched
#     training/recipes/nano/gpu_on.sh --rehearse    the same path with tiny numbers on a CPU
# New worlds are rendered, and seen in a mirror as well; then its towers, MIDI and adapter learn to answer together. The
# VLM stays: what was tuned without MIDI stays comparable, and TUNED (the adapter of such a run) is carried on beside.
# Every stage ends at its time, counted from the start, with its learning rate at 0. What it has made lies in RESULTS
# (out/nano-gpu-on/results): nano.tar (weights that stand alone), tuned.tar,
# said.tgz (what every stage printed), log.md (losses), clock.md (times).
# KEPT=800 where a card has 140 GB (450 batches of pictures take 50). FIRST=SEED for other worlds; ENDS='stage2=500' sets other times. It needs what gpu.sh needs.
set -uo pipefail
cd "$(dirname "$0")/../../.."
recipe=training/recipes/nano python=${PYTHON:-python3} jobs=${JOBS:-$(nproc)} from=${FROM:-ssr_ros/presets/nano}
export OMP_NUM_THREADS=1 PYTHONUNBUFFERED=1 TOKENIZERS_PARALLELISM=false
export MUJOCO_GL=${MUJOCO_GL:-egl}

# When each ends, in seconds.
out=${WORK:-out/nano-gpu-on} worlds='40 3400' per_frame=1 workers=$((jobs - 2)) scale=1 kept=1
rendering=110 asking=190 tuned=250 stage2=520
vary='model.tf32=true'
if [ "${1-}" = --rehearse ]; then
  out=${WORK:-out/nano-rehearsal-on} worlds='2 6' per_frame=1 workers=1 scale=32 kept=0
  least=1 vary=optim.minutes=0.1 # and by the clock only where the machine is busy
  rendering=900 asking=1500 tuned=2400 stage2=3200
  MUJOCO_GL=osmesa
fi
eval "${ENDS-}"
results=${RESULTS:-$out/results}
# shellcheck source=training/recipes/nano/stages.sh
. "$recipe/stages.sh"
begin

read -r n_seen n_train <<< "$worlds"
rendering() {
  views seen train "$n_seen" 100000 1 & views train train "$n_train" "$first" "$jobs"
  wait
  "$python" -m training.worlds --out "$out/worlds/mirrored" --mirror "$out/worlds/train" --jobs "$jobs"
}
asked() { # the last: what the first holds too little of. More than can be learnt from is read for nothing, 19,000 rows a second
  echo "questions --per-frame $per_frame --families closer,distance,order,size,gap,left_right,exists,attribute
points --per-frame 4 --families point
rare --per-frame $((8 * per_frame)) --families exists,attribute,order"
}
asking() {
  asked | rows seen 1 & asked | rows mirrored $((jobs > 5 ? jobs / 6 : 1)) & asked | rows train $((jobs > 5 ? jobs / 6 : 1))
  wait
}
export -f rendering asking asked views rows
first=${FIRST:-40000}
export out python jobs first display recipe per_frame n_seen n_train

# What it starts from, as it was before its adapter.
rm -rf "$out/from" && cp -r "$from" "$out/from" && sed -i /^adapter:/d "$out/from/reasoner.yaml"
stage rendering "$rendering" bash -c rendering
stage asking "$asking" bash -c asking
seen="data.val=[$out/worlds/seen/questions.jsonl]"
beside() {
  local reading=$(((workers + 2) / 3))
  train without_midi "$tuned" 512 250 stage2 stage2_without_midi "model.start=$out/from" "lora.start=$TUNED" \
    "$(lists {train,mirrored}/{questions,rare})" "$seen" optim.learning_rate=5.0e-4
  pack tuned.tar without_midi/checkpoints/*/ssr_vlm
}
[ -z "${TUNED-}" ] || beside &

# Towers that are its own learn what answers need: no features to keep, and more to gain than from the best frozen ones.
reading=$((workers - workers / 4))
train stage2 "$stage2" 512 "${KEPT:-450}" stage2 stage2 "model.start=$out/from" "lora.start=$from/ssr_vlm" data.feature_cache= \
  "encoders=0.5" "$(lists {train,mirrored}/{questions,rare,points,points})" "$seen" keep_rationale=0.5 rationale_every=2 data.together=4 \
  optim.learning_rate=6.0e-4
keep stage2
wait
(cd "$out" && tar -czf "$results/said.tgz" ./*.txt ./*/log.jsonl)
cat "$results/clock.md"
