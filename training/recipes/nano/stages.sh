# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154  # the variables are those of the scripts that read this
#
# What gpu.sh and gpu_on.sh share: stages that end at their time, whatever came before.
# They set: out results recipe python scale kept vary, and reading (processes) before each training.

least=${least:-50} # steps below which a run is thrown away: in so few with a rising rate it has only forgotten

# stage NAME END COMMAND: run it until then at most, note how long it took and how it ended.
stage() {
  local name=$1 left=$(($2 - SECONDS + began)) from=$SECONDS ended=done
  shift 2
  [ $left -gt 1 ] || left=1
  timeout -s INT -k 20 "$left" "$@" > "$out/$name.txt" 2>&1 < /dev/null || ended="ended with $?"
  [ "$ended" != 'ended with 124' ] || ended='cut by the clock'
  [ "$ended" = done ] || { echo "$name $ended:"; tail -n 5 "$out/$name.txt"; } >> "$results/log.md"
  echo "| $name | $((from - began)) | $((SECONDS - began)) | $((SECONDS - from)) | $ended |" >> "$results/clock.md"
}

# train NAME END BATCH KEPT MODULE RECIPE SETTING...: as many steps as fit; the newest losses go to log.md.
# KEPT batches stay on the card: in these times it learns from them oftener than the cores can read them.
train() {
  local name=$1 end=$2 batch=$3 stay=$4 module=$5 settings=$6
  shift 6
  # What comes after the last step (losses on other worlds, saving) has half a minute before it is cut.
  stage "$name" $((end + 30)) "$python" -m "training.$module" "$recipe/$settings.yaml" "run.output=$out/$name" \
    optim.steps=1000000 "optim.until=$((started + end))" run.eval_every=0 run.save_every=0 run.keep=1 \
    run.log_every=100 "optim.batch=$((batch / scale))" "data.kept=$((stay * kept))" "data.workers=$reading" \
    "run.eval_samples=$((384 / scale))" $vary "$@"
  [ -f "$out/$name/log.jsonl" ] || return
  { echo "$name:"; tail -n 2 "$out/$name/log.jsonl"; } >> "$results/log.md"
  local steps
  steps=$(grep '"train"' "$out/$name/log.jsonl" | tail -n 1 | sed 's/.*"step": \([0-9]*\).*/\1/')
  [ "${steps:-0}" -ge "$least" ] || { rm -rf "$out/$name"; echo "$name: $steps steps are too few to go on from" >> "$results/log.md"; }
}

# keep NAME: the weights of a run, in one file that stands alone.
keep() {
  rm -rf "$out/export"
  "$python" -m training.export "$out/$1" "$out/export" --float16 --note "$1 of $0" >> "$out/export.txt" 2>&1 &&
    tar -C "$out" -cf "$results/nano.tar" export
}

# shellcheck disable=SC2068  # patterns are looked up in $out
pack() { # FILE FOLDER...: those that are there
  (cd "$out" && ls -d ${@:2} 2> /dev/null | tar -hcf "$results/$1" -T -)
}

lists() { # FILE...: the rows of training worlds that are there, as a setting
  local joined='' name
  for name in "$@"; do [ ! -s "$out/worlds/$name.jsonl" ] || joined+="$out/worlds/$name.jsonl,"; done
  echo "data.train=[${joined%,}]"
}

newest() { ls -d "$out/$1"/checkpoints/step-* | tail -n 1; }

display='--views 4 --kind display --size 160x120 --noise stereo'
# shellcheck disable=SC2086  # options are words
views() { # PLACE SPLIT COUNT SEED PROCESSES
  "$python" -m training.worlds --out "$out/worlds/$1" --split "$2" --count "$3" --seed "$4" --jobs "$5" $display
}

# shellcheck disable=SC2086
rows() { # PLACE PROCESSES, and lines FILE HOW on standard input: each file by so many
  while read -r file how; do
    "$python" -m training.curate "$out/worlds/$1" --out "$out/worlds/$1/$file.jsonl" --workers "$2" $how &
  done
  wait
}

begin() { # the clock, and where results go
  mkdir -p "$results" "$out/worlds"
  results=$(cd "$results" && pwd)
  began=$SECONDS started=$(date +%s)
  echo '| stage | began, s | ended, s | took, s | |
|---|---|---|---|---|' > "$results/clock.md"
  : > "$results/log.md"
}
