#!/usr/bin/env bash
# nano in nine minutes on one GPU and 16 cores, from rendering to the table:
#     training/recipes/nano/gpu.sh                from the repository; nothing is fetched
#     training/recipes/nano/gpu.sh --try          every stage for seconds: does it run, and how fast?
#     training/recipes/nano/gpu.sh --rehearse     the same path with tiny numbers on a CPU
# Every stage has a share of the time and ends by its own clock with its learning rate at 0; what it has
# made so far lies in RESULTS (out/nano-gpu/results): nano.tar (weights that stand alone), parts.tar and latents.tar
# (the MIDI after each stage, the tuned VLM's adapter), said.tgz (what every stage printed), log.md (losses),
# clock.md (shares and seconds), table_seen.md, table_test.md.
# A run that is cut short keeps what is there. TOWERS=FOLDER takes towers (a checkpoint in the form of
# training.small.encoders) that were trained before, FIRST=SEED other worlds than theirs; TABLE=no leaves the
# tables to benchmarks/ssr.py elsewhere.
# A GPU at home does as well: JOBS=8 for 8 cores, and more minutes where the shares below are raised.
# Needs mujoco with EGL; on a machine without network bring what carry.txt beside this file lists.
set -uo pipefail
cd "$(dirname "$0")/../../.."
recipe=training/recipes/nano python=${PYTHON:-python3} jobs=${JOBS:-$(nproc)}
export OMP_NUM_THREADS=1 PYTHONUNBUFFERED=1 TOKENIZERS_PARALLELISM=false
export MUJOCO_GL=${MUJOCO_GL:-egl}

# Shares in seconds. What is trained side by side shares the card and the time.
out=${WORK:-out/nano-gpu} worlds='50 100 50 4000 3000' per_frame=2 slack=45 workers=$((jobs - 2)) limit=30 scale=1 kept=1
towers=55 base=75 notes=50 mamba=115 latents=55 stage2=50 tuned=85 render=85 asking=40 aligning=25 table=65 further=110
vary='model.tf32=true'
case ${1-} in
  --try)
    out=${WORK:-out/nano-try} worlds='4 4 4 200 50'
    towers=5 base=4 notes=4 mamba=14 latents=5 stage2=5 tuned=5 table=20
    ;;
  --rehearse)
    out=${WORK:-out/nano-rehearsal} worlds='2 2 2 6 3' per_frame=1 slack=400 workers=1 limit=2 vary='' scale=8 kept=0
    towers=6 base=6 notes=6 mamba=12 latents=8 stage2=8 tuned=8 render=900 asking=900 aligning=900 table=1500 further=900
    MUJOCO_GL=osmesa
    ;;
esac
eval "${SHARES-}" # SHARES='mamba=200 latents=90' divides the time otherwise
results=${RESULTS:-$out/results}
mkdir -p "$results" "$out/worlds"
results=$(cd "$results" && pwd)
began=$SECONDS

# stage NAME SECONDS COMMAND: run it for at most so long, note how long it took and how it ended.
stage() {
  local name=$1 share=$2 from=$SECONDS ended=done
  shift 2
  timeout -s INT -k 10 "$share" "$@" > "$out/$name.txt" 2>&1 < /dev/null || ended="ended with $?"
  [ "$ended" != 'ended with 124' ] || ended='cut by the clock'
  [ "$ended" = done ] || { echo "$name $ended:"; tail -n 5 "$out/$name.txt"; } >> "$results/log.md"
  echo "| $name | $share | $((SECONDS - from)) | $((SECONDS - began)) | $ended |" >> "$results/clock.md"
}
# train NAME SECONDS BATCH KEPT MODULE RECIPE SETTING...: as many steps as fit; the newest losses go to log.md.
# KEPT batches stay on the card: in these times it learns from them oftener than the cores can read them.
train() {
  local name=$1 seconds=$2 batch=$3 stay=$4 module=$5 settings=$6
  shift 6
  stage "$name" $((seconds + slack)) "$python" -m "training.$module" "$recipe/$settings.yaml" "run.output=$out/$name" \
    optim.steps=1000000 "optim.minutes=$(awk "BEGIN{print $seconds/60}")" run.eval_every=0 run.save_every=0 run.keep=1 \
    run.log_every=100 "optim.batch=$((batch / scale))" "data.kept=$((stay * kept))" "data.workers=$reading" \
    "run.eval_samples=$((384 / scale))" $vary "$@"
  [ ! -f "$out/$name/log.jsonl" ] || { echo "$name:"; tail -n 2 "$out/$name/log.jsonl"; } >> "$results/log.md"
}
# keep NAME: the weights of a run, in one file that stands alone.
keep() {
  rm -rf "$out/export"
  "$python" -m training.export "$out/$1" "$out/export" --float16 --note "$1 of recipes/nano/gpu.sh" >> "$out/export.txt" 2>&1 &&
    tar -C "$out" -cf "$results/nano.tar" export
}
lists() { # FILE...: the rows of training worlds that are there, as a setting
  local joined='' name
  for name in "$@"; do [ ! -s "$out/worlds/$name.jsonl" ] || joined+="$out/worlds/$name.jsonl,"; done
  echo "data.train=[${joined%,}]"
}
newest() { ls -d "$out/$1"/checkpoints/step-* | tail -n 1; }

echo '| stage | share, s | took, s | since start, s | |
|---|---|---|---|---|' > "$results/clock.md"
: > "$results/log.md"

read -r n_val n_test n_seen n_train n_further <<< "$worlds"
display='--views 4 --kind display --size 160x120 --noise stereo'
# shellcheck disable=SC2086  # options are words
views() { # PLACE SPLIT COUNT SEED PROCESSES
  "$python" -m training.worlds --out "$out/worlds/$1" --split "$2" --count "$3" --seed "$4" --jobs "$5" $display
}
# shellcheck disable=SC2086
rows() { # PLACE PROCESSES: of each of the three
  while read -r file how; do
    "$python" -m training.curate "$out/worlds/$1" --out "$out/worlds/$1/$file.jsonl" --workers "$2" $how &
  done <<< "questions --per-frame $per_frame --families closer,distance,order,size,gap,left_right,exists,attribute
inventory --per-frame 2 --families inventory
places --per-frame 3 --families place --look-size 140x140"
  wait
}
rendering() { # the few views to judge by beside the many to learn from
  views val val "$n_val" 0 1 & views test test "$n_test" 0 1 & views seen train "$n_seen" 100000 1 &
  views train train "$n_train" "$first" "$jobs"
  wait
}
asking() {
  rows val 1 & rows test 1 & rows seen 1 & rows train $((jobs > 3 ? jobs / 3 : 1))
  wait
  cat "$out"/worlds/val/{questions,inventory,places}.jsonl > "$out/corpus.jsonl"
  "$python" -m training.small.new_checkpoint "$out/untrained" "$recipe/sizes_wide.yaml" --corpus "$out/corpus.jsonl"
}
further() { # while MIDI learns from the first views: for what comes after it
  # In half of the time, or its views would have no questions.
  timeout -s INT $((further / 2)) nice -n 10 bash -c 'views further train "$n_further" $((first + 5000)) $((jobs > 3 ? jobs - 6 : 1))'
  rows further $((jobs > 3 ? 3 : 1))
}
export -f rendering asking further views rows
first=${FIRST:-0}
export out python jobs first display recipe per_frame n_val n_test n_seen n_train n_further further

stage rendering "$render" bash -c rendering
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
  bf16 train reading "$base" 256 600 small.base_vlm base_vlm "model.start=$out/towers" "$(lists train/{questions,inventory,places})" \
    "$seen" optim.learning_rate=2.0e-3
  bf16 train base "$notes" 256 400 small.base_vlm base_vlm_notes "model.start=$out/reading" "$(lists train/{questions,inventory,places})" \
    "$seen" optim.learning_rate=1.5e-3
}
names() {
  local reading=$(((2 * workers + 2) / 3))
  [ -d "$out/aligned" ] || align
  train mamba "$mamba" 128 700 small.mamba mamba "model.start=$out/towers" "model.midi=$out/aligned/midi" "$cache" \
    optim.recorded=true optim.learning_rate=2.0e-3 "$(lists train/{inventory,inventory,questions})" "data.val=[$out/worlds/seen/inventory.jsonl]"
}
answers() {
  local reading=$(((2 * workers + 2) / 3))
  train latents "$latents" 256 400 small.latents latents "model.start=$out/base" "model.midi=$(newest mamba)/midi" "$cache" \
    "$(lists {train,further}/questions)" "$seen" optim.recorded=true optim.learning_rate=1.0e-3
  keep latents
  train stage2 "$stage2" 256 300 stage2 stage2 "model.start=$out/latents" "$cache" "$(lists {train,further}/questions)" "$seen" \
    optim.learning_rate=8.0e-4
  keep stage2
}
tuned() {
  local reading=$(((workers + 2) / 3))
  bf16 train without_midi "$tuned" 256 400 stage2 stage2_without_midi "model.start=$out/base" "$(lists {train,further}/questions)" "$seen" \
    optim.learning_rate=1.5e-3
}
stage further "$further" bash -c further &
reads & names; wait
tuned & answers; wait
(cd "$out" && tar -cf "$results/parts.tar" mamba/checkpoints/*/midi without_midi/checkpoints/*/ssr_vlm)
(cd "$out" && tar -cf "$results/latents.tar" latents/checkpoints/*/midi)
(cd "$out" && tar -czf "$results/said.tgz" ./*.txt ./*/log.jsonl)

judge() {
  stage "table_$1" "$table" "$python" benchmarks/ssr.py --runs "$out" --test "$out/worlds/$1/questions.jsonl" --limit "$limit" \
    --train "$out/worlds/train/questions.jsonl" --markdown "$results/table_$1.md" --batch 256 --rationales 20 --timed 2 \
    --places "$out/worlds/$1/places.jsonl" \
    --only majority,base,tuned,full,'zero latents','matched noise','shuffled depth','no depth',grounded
}
[ "${TABLE-}" = no ] || { judge seen & judge test; wait; }
cat "$results/clock.md"
