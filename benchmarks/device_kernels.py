# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What decides what a card can do: fused steps and layers, the scan, 4-bit weights, merging.

    python benchmarks/device_kernels.py step joined int4 scan frame merge --device cuda

4 bits are torch's own kernel and ours, in groups of 128; widened, they become 16 at each step,
which may suit a whole prompt. Each way is compared with the plain one and then timed, best of the
rounds; one that breaks is told, and the next begins.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from functools import partial
import importlib
from pathlib import Path
import sys
from time import perf_counter
import traceback
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.fused_step import step
from benchmarks.machine import machine
from ssr_ros.model.bench.legs import BROKEN
from ssr_ros.model.bench.roof import measure_roof
from ssr_ros.model.four_bits import by_kernel, by_torch, Codes, own_product
from ssr_ros.model.graphs import best_seconds, record, wait
from ssr_ros.model.load import pick_device
from ssr_ros.model.lora import add_product
from ssr_ros.model.mamba import Mamba, MambaSizes
from ssr_ros.model.quantised import quantise
from ssr_ros.model.scan import blocked_scan, describe_scan, plain_scan, scan
from ssr_ros.model.scan.card import card_mix

JOINED = {
    '3b': (2048, ((2048, 256, 256), (11_008, 11_008))),
    '7b': (3584, ((3584, 512, 512), (18_944, 18_944))),
}
"""Width of Qwen2.5-VL, and rows of its q, k, v and of gate, up."""

Scan = Callable[..., tuple[Tensor, Tensor]]


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    ways = {
        'scan': scans,
        'frame': frame,
        'int4': int4,
        'merge': merge,
        'joined': joined,
        'step': step,
    }
    parser.add_argument('what', choices=ways, nargs='+')
    parser.add_argument('--device', default='auto')
    parser.add_argument('--rehearse', action='store_true', help='small shapes')
    options = parser.parse_args()
    device = pick_device(options.device)
    print(machine(), torch.cuda.get_device_name(device) if device.type == 'cuda' else '')
    failed = 0
    for what in options.what:
        try:
            with torch.inference_mode():
                failed += ways[what](device, options.rehearse)
        except BROKEN:
            failed += 1
            traceback.print_exc()
            print(f'{what}: broke', flush=True)
    return 1 if failed else 0


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
    print('chosen:', describe_scan(device, state))
    for name, way in found.items():
        off = max(
            float((ours - theirs).abs().max() / theirs.abs().max())
            for ours, theirs in zip(way(*given), expected, strict=True)
        )
        worst = max(worst, off)
        launched = partial(_run, way, given)
        print(f'{name:<8} {best_ms(launched, device):8.3f} ms launched', end='', flush=True)
        recorded = best_ms(record(launched, device), device)
        print(f', {recorded:8.3f} ms recorded a layer; differs by {off:.1e} of the largest')
    return 0 if worst < 1e-4 else 1


def frame(device: torch.device, small: bool) -> int:
    """Time a frame pass of mamba-130m, with what lies around its scans in torch and fused."""
    torch.manual_seed(0)
    sizes = MambaSizes(vocabulary=2, layers=2, inner=96) if small else MambaSizes(vocabulary=2)
    mamba = Mamba(sizes).eval().requires_grad_(False).to(device)
    x = torch.randn(1, 70 if small else 1306, sizes.width, device=device)
    mixers: list[Any] = [layer.mixer for layer in mamba.backbone.layers]
    chosen, states = card_mix(device, sizes.state, sizes.conv_kernel), []
    print('around the scan:', 'in torch' if chosen is None else 'in Triton')
    for name, recur in (('in torch', partial(scan)), ('chosen', scan)):
        for mixer in mixers:
            mixer.scan = recur  # another than ours: nothing around it is fused
        out, state = mamba(x)
        states.append([out, *state.conv, *state.ssm])
        ms = best_ms(record(partial(mamba, x), device), device)
        print(f'{name:<8} {ms:8.3f} ms recorded a frame pass', flush=True)
    off = max(float((a - b).abs().max() / b.abs().max()) for a, b in zip(*states, strict=True))
    print(f'they differ by {off:.1e} of the largest')
    return 0 if off < 1e-4 else 1


def int4(device: torch.device, small: bool) -> int:
    """Send 1 to 128 tokens through matrices of 3B, in 16 and in 4 bits, and in 4 widened to 16."""
    shapes = [(512, 256), (256, 512)] if small else [(22_016, 2048), (2048, 11_008), (4608, 2048)]
    n_layers = 2 if small else 12
    dtype = torch.bfloat16
    torch.manual_seed(0)
    weights = [
        torch.randn(*shape, device=device).to(dtype) * 0.02
        for _ in range(n_layers)
        for shape in shapes
    ]
    narrow = [_in_4_bits(weight) for weight in weights]
    read = sum(weight.nbytes for weight in weights)
    bound = 1e3 * read / measure_roof(device, dtype).copy
    ways: dict[str, list[Callable[[Tensor], Tensor]]] = {
        'bf16': [partial(F.linear, weight=weight) for weight in weights],
        'torch': [by_torch(matrix) for matrix in narrow],
        'widened': [partial(_widened, matrix) for matrix in narrow],
    }
    if device.type == 'cuda':
        kernels: Any = importlib.import_module('ssr_ros.model.narrow_kernels')
        for tile in kernels.TILES:
            ours = partial(by_kernel, kernels=kernels, tile=tile)
            ways[str(tile)] = [partial(ours, matrix) for matrix in narrow]
        chosen = own_product(device, dtype)
        print(f'chosen: {chosen.keywords["tile"] if chosen else "torch"}')
    worst = 0.0
    for rows in (1, 32, 128):
        given = [torch.randn(rows, weight.shape[1], device=device).to(dtype) for weight in weights]
        times = {}
        for name, way in ways.items():
            off = max(_off(*each) for each in zip(way, narrow, given, strict=True))
            times[name] = best_ms(record(partial(_run_all, way, given), device), device)
            faster = times['bf16'] / times[name]
            print(f'{rows} tokens, {name}: {times[name]:.3f} ms, {faster:.2f} x, off by {off:.1e}')
            worst = worst if name == 'bf16' else max(worst, off)
        print(f'{rows} tokens, bf16: {bound / times["bf16"]:.0%} of a copy', flush=True)
    return 0 if worst < 0.05 else 1  # torch's and ours round to 8 bits of a float in other orders


def merge(device: torch.device, small: bool) -> int:
    """Merge an adapter of rank 64 that lies on the host into the matrices of 36 layers of 3B."""
    shapes = [(11_008, 2048), (11_008, 2048), (2048, 11_008), (2048, 2048), (2048, 2048)]
    n_layers, rank = (1, 4) if small else (36, 64)
    dtype = torch.bfloat16
    weights = [
        torch.full(shape, 0.02, device=device, dtype=dtype)
        for _ in range(n_layers)
        for shape in shapes
    ]
    pairs = [
        [torch.full(shape, 0.25, dtype=dtype) for shape in ((rank, columns), (rows, rank))]
        for rows, columns in shapes
    ] * n_layers
    on_cuda, held = device.type == 'cuda', 0
    if on_cuda:
        torch.cuda.reset_peak_memory_stats(device)
        held = torch.cuda.memory_allocated(device)
    wait(device)
    began = perf_counter()
    for place, (a, b) in enumerate(pairs):
        weights[place] = add_product(weights[place], a, b, 2.0, weights[place].dtype)
    wait(device)
    seconds = perf_counter() - began
    more = torch.cuda.max_memory_allocated(device) - held if on_cuda else 0
    size = sum(weight.nbytes for weight in weights)
    print(
        f'merged {len(weights)} matrices of {size / 1e9:.2f} GB in {seconds:.2f} s, '
        f'{more / 1e6:.0f} MB beside them at most'
    )
    meant = torch.tensor(0.02 + 2.0 * rank * 0.25**2).to(dtype).item()
    return 0 if all(abs(w[-1, -1].item() - meant) < 0.01 * meant for w in weights) else 1


def joined(device: torch.device, small: bool) -> int:
    """Send a token through a layer's q, k, v and gate, up: five products, and two."""
    shapes = {'small': (64, ((64, 16, 16), (96, 96)))} if small else JOINED
    copy = measure_roof(device, torch.bfloat16).copy
    return sum(_joined(device, name, *shape, copy) for name, shape in shapes.items())


def _joined(
    device: torch.device, name: str, width: int, sizes: tuple[tuple[int, ...], ...], copy: float
) -> int:
    n_layers, dtype = 8, torch.bfloat16
    torch.manual_seed(0)
    whole = [
        (torch.randn(sum(rows), width, device=device) * 0.02).to(dtype)
        for _ in range(n_layers)
        for rows in sizes
    ]
    apart = [
        part
        for weight, rows in zip(whole, sizes * n_layers, strict=True)
        for part in torch.split(weight, list(rows))
    ]
    token = torch.randn(1, width, device=device).to(dtype)
    times, said = [], []
    for weights in (apart, whole):
        said.append(torch.cat([F.linear(token, weight) for weight in weights], dim=-1))
        ways: list[Callable[[Tensor], Tensor]] = [partial(F.linear, weight=w) for w in weights]
        launched = partial(_run_all, ways, [token] * len(weights))
        times.append(best_ms(record(launched, device), device))
    off = float((said[0] - said[1]).abs().max() / said[0].abs().max())
    least = 1e3 * sum(weight.nbytes for weight in whole) / copy
    print(
        f'{name}, {n_layers} layers of q, k, v, gate, up: apart {times[0]:.3f} ms '
        f'({least / times[0]:.0%} of a copy), joined {times[1]:.3f} ({least / times[1]:.0%}): '
        f'{times[0] / times[1]:.3f} x faster; differs by {off:.1e} of the largest'
    )
    return 0 if off < 0.01 else 1


def best_ms(function: Callable[[], object], device: torch.device) -> float:
    """Return the shortest of some runs, in milliseconds."""
    return 1e3 * best_seconds(function, device)


def _run(way: Scan, given: list[Tensor]) -> None:
    way(*given)


def _run_all(ways: list[Callable[[Tensor], Tensor]], given: list[Tensor]) -> None:
    for way, tokens in zip(ways, given, strict=True):
        way(tokens)


def _widened(matrix: Codes, tokens: Tensor) -> Tensor:
    return F.linear(tokens, matrix.meant())


def _off(product: Callable[[Tensor], Tensor], matrix: Codes, tokens: Tensor) -> float:
    """Return how far a product is from that of the rounded weights, of the largest number."""
    meant = F.linear(tokens, matrix.meant())
    return float((product(tokens) - meant).abs().max() / meant.abs().max())


def _in_4_bits(weight: Tensor) -> Codes:
    parts = quantise(weight, 4)
    return Codes(parts['codes'], parts['scales'].to(weight.dtype), 128)


if __name__ == '__main__':
    sys.exit(main())
