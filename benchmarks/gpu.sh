#!/bin/bash
# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0
#
# Everything that only a GPU can show, in 240 seconds (MOST):
#
#   [PARITY=../shared/parity] [MOST=240] [PARTS='latency_3b kernels'] benchmarks/gpu.sh [--rehearse]
#
# LEGS_3B='U1,graph,int4', ROUNDS_3B_S=18: the ways in the 3B table, and seconds in which its rounds begin.
# QUESTIONS=FILE: rows of a test, as for benchmarks/same_answers.py; without it nano's answers are not compared.
# Correctness first, and alone: graphs, streams, fused steps and scan against the plain ways, token by token. Then what
# no card has shown to its end: the 7B shape (random weights), Mamba at its true size. Then what was shown on one: the 3B
# shape; 4 bits, scans and merging by themselves; beside each other, as nothing in them is timed, parity in float32 and
# bfloat16 and nano's answers; last CLIP in ONNX Runtime (needs onnxruntime-gpu and onnxscript).
# Each part has its own clock, none begins when the time for all is over, and one that fails stops no other.
# --rehearse runs the same lines on the CPU with small shapes, and no clock for all. What parts print is kept in
# out/gpu (or $RESULTS) and, where $OUT names a folder, packed into $OUT/gpu.tgz after every part.
set -u
cd "$(dirname "$0")/.." || exit 1
out=${RESULTS:-out/gpu}
parity=${PARITY:-../shared/parity}
python=${PYTHON:-python3}
export PYTHONUNBUFFERED=1 TOKENIZERS_PARALLELISM=false HF_HUB_OFFLINE=1
device=cuda dtype=bfloat16 most=${MOST:-240} slower=1 small=() networks=(--shape 3b --rounds 3)
true_3b=3b true_7b=7b true_mamba=130m tokens=32
if [ "${1:-}" = --rehearse ]; then
  device=cpu most=100000 slower=6 small=(--rehearse) networks=(--rounds 1)
  true_3b=nano true_7b=nano true_mamba=nano tokens=8
fi
rm -rf "$out" && mkdir -p "$out"
failed=0

run() { # name, seconds, command: output and exit code are kept
  local name=$1 limit=$(($2 * slower)) start=$SECONDS
  shift 2
  [[ " ${PARTS:-$name} " == *" $name "* ]] || return
  [ $((start + limit)) -le $most ] || limit=$((most - start))
  if [ $limit -le 0 ]; then
    echo 'no time left' > "$out/$name.err"
    echo 1 > "$out/$name.code"
    return
  fi
  timeout -k 5 "$limit" "$@" > "$out/$name.txt" 2> "$out/$name.err" < /dev/null
  echo $? > "$out/$name.code"
  echo "$((SECONDS - start)) s of $limit" >> "$out/$name.txt"
}

tell() { # name, lines: what a part said, and its traceback where it failed
  local name=$1 code
  [ -e "$out/$name.code" ] || return
  code=$(cat "$out/$name.code")
  echo "== $name"
  tail -n "$2" "$out/$name.txt" 2> /dev/null | cut -c 1-400
  grep -h '^FAIL' "$out/$name.txt" 2> /dev/null | head -n 8
  if [ "$code" != 0 ]; then
    failed=$((failed + 1))
    echo "$name: exit code $code"
    grep -h ': first ' "$out/$name.err" | tail -n 24
    grep -v '^[0-9]*/[0-9]* ' "$out/$name.err" | tail -n 15 | cut -c 1-300
  elif grep -q '^Traceback' "$out/$name.err"; then
    grep -v '^[0-9]*/[0-9]* ' "$out/$name.err" | grep -A 60 '^Traceback' | tail -n 25 | cut -c 1-300
  fi
  [ -z "${OUT:-}" ] || tar -C "$out" -czf "$OUT/gpu.tgz" .
}

part() { # name, seconds, lines, command
  local name=$1 seconds=$2 lines=$3
  shift 3
  run "$name" "$seconds" "$@"
  tell "$name" "$lines"
}

latency() { # name, seconds, rounds begun for so long, shape, dtype, legs
  part "$1" "$2" 24 "$python" benchmarks/latency.py --shape "$4" --device $device --dtype "$5" --tokens $tokens \
    --rounds 3 --seconds "$3" --legs "$6" --results "$out/$1"
}

part machine 25 12 bash -c 'nvidia-smi --query-gpu=name,driver_version,memory.total,clocks.sm,clocks.mem --format=csv,noheader
  nvcc --version | tail -n 2; nproc; grep MemAvailable /proc/meminfo; exec "$0" -c "
import PIL, torch, transformers
print(\"Pillow\", PIL.__version__, \"torch\", torch.__version__, \"CUDA\", torch.version.cuda, \"transformers\", transformers.__version__)
for i in range(torch.cuda.device_count()):
    print(torch.cuda.get_device_properties(i), torch.cuda.mem_get_info(i))"' "$python"

part same_tokens 90 25 "$python" -m pytest -q -p no:cacheprovider test/model/test_fused.py test/model/test_decode.py \
  test/model/test_lanes.py test/model/test_scan.py test/model/test_mamba.py test/model/test_four_bits.py -k 'cuda or nano_says' --tb=short --durations=8
latency latency_7b 60 10 $true_7b $dtype graph,streams,int4
latency latency_130m 40 8 $true_mamba float32 scan,graph,streams
latency latency_3b 85 ${ROUNDS_3B_S:-18} $true_3b $dtype ${LEGS_3B:-U0,U1,ours,scan,graph,fused,streams,int4,int8}
part kernels 75 70 "$python" benchmarks/device_kernels.py step joined int4 frame scan merge --device $device "${small[@]}"

unseen=()
if [ -e "$parity/expected.json" ]; then
  unseen=(parity_float32 parity_bfloat16)
  run parity_float32 45 "$python" benchmarks/parity.py "$parity" --device $device &
  run parity_bfloat16 45 "$python" benchmarks/parity.py "$parity" --device $device --dtype bfloat16 &
else
  echo "no parity data in $parity: not compared"
fi
if [ -e "${QUESTIONS:-}" ]; then
  unseen+=(same_answers)
  run same_answers 60 "$python" benchmarks/same_answers.py --test "$QUESTIONS" --limit 0 --device $device \
    --only launched,bfloat16,int8,int4 &
fi
wait
for name in "${unseen[@]}"; do tell "$name" 7; done

if [ $device = cpu ] || "$python" -c 'import onnxruntime as o, sys; sys.exit("CUDAExecutionProvider" not in o.get_available_providers())'; then
  part onnx 120 12 "$python" benchmarks/encoders.py --device $device "${networks[@]}"
else
  echo '== onnx: this ONNX Runtime has no CUDA: not run'
fi
echo "$failed parts failed, $SECONDS s in all"
exit $((failed > 0))
