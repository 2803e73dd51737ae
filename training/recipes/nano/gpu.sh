#!/usr/bin/env bash
# nano in nine minutes on one GPU and 16 cores, from rendering to the table:
#     training/recipes/nano/gpu.sh                from the repository; nothing is fetched
#     training/recipes/nano/gpu.sh --try          every stage for seconds: does it run, and how fast?
#     training/recipes/nano/gpu.sh --rehearse     the same path with tiny numbers on a CPU
# Every stage ends at its time, counted from the start, with its learning rate at 0, however long it took to begin;
# one that is cut saves its last step. What it has made lies in RESULTS (out/nano-gpu/results): nano.tar (weights that
# stand alone), parts.tar and latents.tar (towers, base VLM, the MIDI after each stage, the tuned VLM's adapter),
# said.tgz (what every stage printed), log.md (losses), clock.md (times), table_seen.md, table_test.md.
# TOWERS=FOLDER takes towers (a checkpoint in the form of training.small.encoders) that were trained before,
# FIRST=SEED other worlds than theirs; TABLE=no leaves the tables to benchmarks/ssr.py elsewhere;
# ENDS='mamba=400 latents=560' sets other times.
# A GPU at home does as well: JOBS=8 for 8 cores, and more minutes where the times below are raised.
# Needs mujoco with EGL; on a machine without network bring what carry.txt beside this file lists.
set -uo pipefail
cd "$(dirname "$0")/../../.."
recipe=training/recipes/nano python=${PYTHON:-python3} jobs=${JOBS:-$(nproc)}
export OMP_NUM_THREADS=1 PYTHONUNBUFFERED=1 TOKENIZERS_PARALLELISM=false
export MUJOCO_GL=${MUJOCO_GL:-egl}

# When each ends, in seconds. What is trained side by side shares the card and the time.
out=${WORK:-out/nano-gpu} worlds='50 100 50 1500 1500' per_frame=2 workers=$((jobs - 2)) limit=30 scale=1 kept=1
rendering=65 asking=110 towers=165 aligning=185 reading_ends=240 base=300 mamba=330 further=250 latents=400 stage2=455
tuned=455 table=535
vary='model.tf32=true'
case ${1-} in
  --try)
    out=${WORK:-out/nano-try} worlds='4 4 4 200 50'
    rendering=40 asking=80 towers=115 aligning=140 reading_ends=145 base=175 mamba=180 further=170 latents=220 stage2=260
    tuned=260 table=330
    ;;
  --rehearse)
    out=${WORK:-out/nano-rehearsal} worlds='2 2 2 6 3' per_frame=1 workers=1 limit=2 scale=8 kept=0
    least=1 vary=optim.minutes=0.1 # and by the clock only where the machine is busy
    rendering=900 asking=1500 towers=1500 aligning=2700 reading_ends=2100 base=2700 mamba=2700 further=2700 latents=3450 stage2=4200
    tuned=4200 table=9000
    MUJOCO_GL=osmesa
    ;;
esac
eval "${ENDS-}"
results=${RESULTS:-$out/results}
# shellcheck source=training/recipes/nano/stages.sh
. "$recipe/stages.sh"
begin

read -r n_val n_test n_seen n_train n_further <<< "$worlds"
asked() { # what is asked of each view
  echo "questions --per-frame $per_frame --families closer,distance,order,size,gap,left_right,exists,attribute
inventory --per-frame 2 --families inventory
places --per-frame 3 --families place --look-size 140x140
points --per-frame 4 --families point"
}
rendering() { # the few views to judge by beside the many to learn from
  views val val "$n_val" 0 1 & views test test "$n_test" 0 1 & views seen train "$n_seen" 100000 1 &
  views train train "$n_train" "$first" "$jobs"
  wait
}
asking() {
  asked | rows val 1 & asked | rows test 1 & asked | rows seen 1 & asked | rows train $((jobs > 3 ? jobs / 3 : 1))
  wait
  cat "$out"/worlds/val/{questions,inventory,places,points}.jsonl > "$out/corpus.jsonl"
  "$python" -m training.small.new_checkpoint "$out/untrained" "$recipe/sizes_wide.yaml" --corpus "$out/corpus.jsonl"
}
further() { # while MIDI learns from the first views: for what comes after it
  # For a minute, or its views would have no questions.
  timeout -s INT 60 nice -n 10 bash -c 'views further train "$n_further" $((first + 5000)) $((jobs > 3 ? jobs - 6 : 1))'
  asked | rows further $((jobs > 3 ? 3 : 1))
}
export -f rendering asking asked further views rows
first=${FIRST:-0}
export out python jobs first display recipe per_frame n_val n_test n_seen n_train n_further further

stage rendering "$rendering" bash -c rendering
align() { stage aligning "$aligning" "$python" -m training.small.align "$out/towers" "$out/aligned" --worlds "$out/worlds/train"; }
[ -z "${TOWERS-}" ] || { cp -r "$TOWERS" "$out/towers" && align & }
stage asking "$asking" bash -c asking
wait
bf16() { ACCELERATE_MIXED_PRECISION=bf16 "$@"; }

seen="data.val=[$out/worlds/seen/questions.jsonl]" cache="data.feature_cache=$out/features" reading=$workers
[ -n "${TOWERS-}" ] || bf16 train towers "$towers" 256 125 small.encoders encoders "worlds=[$out/worlds/train]" \
  "val_worlds=[$out/worlds/val]" "model.start=$out/untrained" optim.learning_rate=2.0e-3
[ "$MUJOCO_GL" = osmesa ] || "$python" -m training.models.scan_gpu >> "$results/log.md" 2>&1

# Two stages at a time from here on: MIDI's rows are short, and it learns from them faster than they are read.
reads() {
  local reading=$(((workers + 2) / 3))
  bf16 train reading "$reading_ends" 256 600 small.base_vlm base_vlm "model.start=$out/towers" "$(lists train/{questions,inventory,places})" \
    "$seen" optim.learning_rate=2.0e-3
  bf16 train base "$base" 256 400 small.base_vlm base_vlm_notes "model.start=$out/reading" "$(lists train/{questions,inventory,places})" \
    "$seen" optim.learning_rate=1.5e-3
  pack parts.tar towers/checkpoints/*/*coder base/checkpoints/*/vlm
}
names() {
  local reading=$(((2 * workers + 2) / 3))
  [ -d "$out/aligned" ] || align
  train mamba "$mamba" 128 700 small.mamba mamba "model.start=$out/towers" "model.midi=$out/aligned/midi" "$cache" \
    optim.recorded=true optim.learning_rate=2.0e-3 "$(lists train/{inventory,inventory,questions})" "data.val=[$out/worlds/seen/inventory.jsonl]"
  pack latents.tar mamba/checkpoints/*/midi
}
answers() {
  local reading=$(((2 * workers + 2) / 3))
  train latents "$latents" 256 400 small.latents latents "model.start=$out/base" "model.midi=$(newest mamba)/midi" "$cache" \
    "$(lists {train,further}/questions)" "$seen" optim.recorded=true optim.learning_rate=1.0e-3
  keep latents
  pack latents.tar {mamba,latents}/checkpoints/*/midi
  train stage2 "$stage2" 256 300 stage2 stage2 "model.start=$out/latents" "$cache" "$(lists {train,further}/{questions,points})" "$seen" \
    optim.learning_rate=8.0e-4
  keep stage2
}
tuned() {
  local reading=$(((workers + 2) / 3))
  bf16 train without_midi "$tuned" 256 400 stage2 stage2_without_midi "model.start=$out/base" "$(lists {train,further}/questions)" "$seen" \
    optim.learning_rate=1.5e-3
  pack parts.tar towers/checkpoints/*/*coder base/checkpoints/*/vlm without_midi/checkpoints/*/ssr_vlm
}
stage further "$further" bash -c further &
reads & names; wait
tuned & answers; wait
(cd "$out" && tar -czf "$results/said.tgz" ./*.txt ./*/log.jsonl)

judge() {
  stage "table_$1" "$table" "$python" benchmarks/ssr.py --runs "$out" --test "$out/worlds/$1/questions.jsonl" --limit "$limit" \
    --train "$out/worlds/train/questions.jsonl" --markdown "$results/table_$1.md" --batch 256 --rationales 20 --timed 2 \
    --places "$out/worlds/$1/places.jsonl" \
    --only majority,base,tuned,full,'zero latents','matched noise','shuffled depth','no depth',grounded
}
[ "${TABLE-}" = no ] || { judge seen & judge test; wait; }
cat "$results/clock.md"
