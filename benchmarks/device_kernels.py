# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The two kernels that decide what a card can do: Mamba's scan, and a token through 4-bit weights.

    python benchmarks/device_kernels.py scan --device cuda
    python benchmarks/device_kernels.py int4 --device cuda      # torch's own kernel, groups of 128

Each way is compared with the plain one and then timed, the ways in turn, best of the rounds.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from functools import partial
import importlib
from importlib.util import find_spec
from pathlib import Path
import sys

import torch
from torch import Tensor
from torch.nn import functional as F

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.machine import machine
from ssr_ros.model.bench.roof import best_seconds, measure_roof
from ssr_ros.model.graphs import record
from ssr_ros.model.load import pick_device
from ssr_ros.model.scan import blocked_scan, plain_scan, scan

GROUP = 128
Scan = Callable[..., tuple[Tensor, Tensor]]


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('what', choices=('scan', 'int4'))
    parser.add_argument('--device', default='auto')
    parser.add_argument('--rehearse', action='store_true', help='small shapes')
    options = parser.parse_args()
    device = pick_device(options.device)
    print(machine(), torch.cuda.get_device_name(device) if device.type == 'cuda' else '')
    with torch.inference_mode():
        return (scans if options.what == 'scan' else int4)(device, options.rehearse)


def scans(device: torch.device, small: bool) -> int:
    """Time one layer of mamba-130m over 1,306 tokens; 24 of them are a frame pass."""
    time, inner, state = (70, 96, 16) if small else (1306, 1536, 16)
    torch.manual_seed(0)
    u, dt = torch.randn(1, time, inner), torch.rand(1, time, inner) / 10
    a = -torch.rand(inner, state) - 0.1
    b, c = torch.randn(1, time, state), torch.randn(1, time, state)
    h = torch.randn(1, inner, state)
    given = [x.to(device) for x in (u, dt, a, b, c, h)]
    expected, worst = plain_scan(*(x.double() for x in given)), 0.0
    found: dict[str, Scan] = {'plain': plain_scan, 'blocks': blocked_scan, 'chosen': scan}
    if device.type == 'cuda' and find_spec('triton') is not None:
        found['triton'] = importlib.import_module('training.models.scan_triton').triton_scan
    for name, way in found.items():
        off = max(
            float((ours - theirs).abs().max() / theirs.abs().max())
            for ours, theirs in zip(way(*given), expected, strict=True)
        )
        worst = max(worst, off)
        launched = partial(_run, way, given)
        times = [best_ms(launched, device), best_ms(record(launched, device), device)]
        print(
            f'{name:<8} {times[0]:8.3f} ms launched, {times[1]:8.3f} ms recorded a layer; '
            f'differs by {off:.1e} of the largest'
        )
    return 0 if worst < 1e-4 else 1


def int4(device: torch.device, small: bool) -> int:
    """Send one token through the matrices of a 3B layer, in 16 and in 4 bits."""
    shapes = [(512, 256), (256, 512)] if small else [(22_016, 2048), (2048, 11_008), (4608, 2048)]
    n_layers = 2 if small else 12
    dtype = torch.bfloat16
    torch.manual_seed(0)
    weights = [
        torch.randn(*shape, device=device).to(dtype) * 0.02
        for _ in range(n_layers)
        for shape in shapes
    ]
    packed = [_pack(weight) for weight in weights]
    tokens = [torch.randn(1, weight.shape[1], device=device).to(dtype) for weight in weights]
    worst = 0.0
    for token, each in zip(tokens, packed, strict=True):
        meant = F.linear(token, each[2])
        worst = max(worst, float((_int4(token, each) - meant).abs().max() / meant.abs().max()))

    def in_16_bits() -> None:
        for token, weight in zip(tokens, weights, strict=True):
            F.linear(token, weight)

    def in_4_bits() -> None:
        for token, each in zip(tokens, packed, strict=True):
            _int4(token, each)

    wide = best_ms(record(in_16_bits, device), device)
    narrow = best_ms(record(in_4_bits, device), device)
    read = sum(weight.nbytes for weight in weights)
    bound = 1e3 * read / measure_roof(device, dtype).copy
    share = 100 * bound / wide
    print(f'bf16 {wide:.3f} ms ({share:.0f} % of copy bandwidth), int4 {narrow:.3f} ms')
    print(f'int4 is {wide / narrow:.2f} x faster; {worst:.1e} from its own rounded weights')
    return 0 if worst < 0.05 else 1  # the two round to 8 bits of a float in other orders


def best_ms(function: Callable[[], object], device: torch.device) -> float:
    """Return the shortest of some runs, in milliseconds."""
    return 1e3 * best_seconds(function, device)


def _run(way: Scan, given: list[Tensor]) -> None:
    way(*given)


def _pack(weight: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Return packed 4-bit weights, their scales and zeros, and what they stand for."""
    grouped = weight.float().view(weight.shape[0], -1, GROUP)
    low, high = grouped.amin(-1, keepdim=True), grouped.amax(-1, keepdim=True)
    scale = ((high - low) / 15).clamp(min=1e-6).to(weight.dtype).float()
    zero = (low + 8 * scale).to(weight.dtype).float()  # the kernel counts from the middle
    codes = ((grouped - zero) / scale + 8).round().clamp(0, 15)
    meant = ((codes - 8) * scale + zero).view_as(weight).to(weight.dtype)
    codes = codes.view_as(weight).int()
    both = torch.cat([scale, zero], dim=-1).transpose(0, 1).contiguous().to(weight.dtype)
    if weight.device.type == 'cpu':
        return torch.ops.aten._convert_weight_to_int4pack_for_cpu(codes, 8), both, meant
    pairs = (codes[:, ::2] << 4 | codes[:, 1::2]).to(torch.uint8)
    return torch.ops.aten._convert_weight_to_int4pack(pairs, 8), both, meant


def _int4(token: Tensor, packed: tuple[Tensor, Tensor, Tensor]) -> Tensor:
    ops = torch.ops.aten
    multiply = ops._weight_int4pack_mm
    if token.device.type == 'cpu':
        multiply = ops._weight_int4pack_mm_for_cpu
    product: Tensor = multiply(token, packed[0], GROUP, packed[1])
    return product


if __name__ == '__main__':
    sys.exit(main())
