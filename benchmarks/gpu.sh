#!/bin/bash
# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0
#
# Everything that only a GPU can show, in four minutes:
#
#   PARITY=../shared/parity benchmarks/gpu.sh [--rehearse]
#
# Most wanted first: CUDA graphs and streams against launched kernels token by token; the latency table of the 3B
# shape with random weights (the published order of work, ours way by way, 4 bits); 4-bit weights and Mamba's scans by
# themselves; parity in float32 and bfloat16; CLIP in ONNX Runtime (needs onnxruntime-gpu and onnxscript).
# Each part has its own clock, no part begins after four minutes, and one that fails stops no other.
# --rehearse runs the same lines on the CPU with small shapes, and no clock for all. A part's output is kept in $OUT,
# or here in out/gpu.
set -u
cd "$(dirname "$0")/.." || exit 1
out=${OUT:-out/gpu}
parity=${PARITY:-../shared/parity}
python=${PYTHON:-python3}
device=cuda shape=3b dtype=bfloat16 small=() networks=(--true clip --rounds 3) tokens=32 rounds=4 slower=1
legs=U0,U1,ours,scan,graph,streams,int4 most=240
if [ "${1:-}" = --rehearse ]; then
  device=cpu shape=nano small=(--rehearse) networks=(--rounds 1) tokens=8 rounds=1 slower=5 most=100000
fi
mkdir -p "$out"
failed=0

part() { # name, seconds, command
  local name=$1 limit=$(($2 * slower)) start=$SECONDS code
  shift 2
  [ $((SECONDS + limit)) -le $most ] || limit=$((most - SECONDS))
  if [ $limit -le 0 ]; then
    echo "== $name: no time left"
    failed=$((failed + 1))
    return
  fi
  echo "== $name"
  PYTHONUNBUFFERED=1 timeout "$limit" "$@" > "$out/$name.txt" 2> "$out/$name.err"
  code=$?
  tail -n 30 "$out/$name.txt"
  if [ $code != 0 ]; then
    failed=$((failed + 1))
    echo "$name: exit code $code"
    tail -n 5 "$out/$name.err"
  fi
  echo "== $name: $((SECONDS - start)) s"
}

[ $device = cpu ] || nvidia-smi --query-gpu=name,driver_version --format=csv,noheader
"$python" -c 'import torch, transformers; print("torch", torch.__version__, "transformers", transformers.__version__)'
part same_tokens 45 "$python" -m pytest -q -p no:cacheprovider test/model/test_decode.py test/model/test_lanes.py \
  test/model/test_scan.py -k 'cuda or nano_says'
part latency 95 "$python" benchmarks/latency.py --shape $shape --device $device --dtype $dtype \
  --tokens $tokens --rounds $rounds --seconds 25 --legs $legs --results "$out"
part int4 25 "$python" benchmarks/device_kernels.py int4 --device $device "${small[@]}"
part scans 25 "$python" benchmarks/device_kernels.py scan --device $device "${small[@]}"
if [ -e "$parity/expected.json" ]; then
  part parity_float32 30 "$python" benchmarks/parity.py "$parity" --device $device
  part parity_bfloat16 30 "$python" benchmarks/parity.py "$parity" --device $device --dtype bfloat16
else
  echo "no parity data in $parity: not compared"
fi
part onnx 45 "$python" benchmarks/encoders.py --device $device "${networks[@]}"
echo "$failed parts failed, $SECONDS s in all"
exit $((failed > 0))
