# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What it costs to have a model with its adapter and without it in turn, in three ways.

    python benchmarks/set_aside.py [--size 3B] [--dtype bfloat16] [--rank 64]

One decoder layer of Qwen2.5-VL's true shapes, random weights, LoRA on all its linear modules:
``swapped`` keeps the weights of before beside the merged ones and changes pointers (as
``ssr_ros.model.lora.StockWeights`` does); ``unmerged`` never merges and leaves the product out
when asked without it; ``subtracted`` adds and takes away the product in place. Memory and the time
of a switch are for all layers; steps are one token through the layer's linear modules.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
import sys
import time

import torch
from torch import nn

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.machine import machine
from ssr_ros.model.lora import StockWeights

SHAPES = {'3B': (2048, 256, 11008, 36), '7B': (3584, 512, 18944, 28)}
"""Width, width of keys, width of the feed-forward part, layers."""

SCALE = 0.5
Pair = tuple[torch.Tensor, torch.Tensor]


def layer(size: str, dtype: torch.dtype) -> list[nn.Linear]:
    """The linear modules of one layer."""
    width, keys, inner, _ = SHAPES[size]
    pairs = ((width, width), (width, keys), (width, keys), (width, width))
    shapes = (*pairs, (width, inner), (width, inner), (inner, width))
    return [nn.Linear(i, o, bias=False, dtype=dtype).requires_grad_(False) for i, o in shapes]


def adapter(modules: list[nn.Linear], rank: int, dtype: torch.dtype) -> list[Pair]:
    """A and B of every module."""
    return [
        (
            torch.randn(rank, m.in_features).mul_(0.02).to(dtype),
            torch.randn(m.out_features, rank).mul_(0.02).to(dtype),
        )
        for m in modules
    ]


def step(modules: list[nn.Linear], pairs: list[Pair] | None = None) -> None:
    """One token through every module, with the product beside it where it is not merged."""
    for index, module in enumerate(modules):
        x = torch.ones(1, module.in_features, dtype=module.weight.dtype)
        y = module(x)
        if pairs is not None:
            a, b = pairs[index]
            y += SCALE * (x @ a.T) @ b.T


def add(modules: list[nn.Linear], pairs: list[Pair], sign: float) -> None:
    """Add the products to the weights, or take them away, in float32 as a merge does."""
    for module, (a, b) in zip(modules, pairs, strict=True):
        merged = torch.addmm(module.weight.float(), b.float(), a.float(), alpha=sign * SCALE)
        module.weight.copy_(merged)


def timed_ms(action: Callable[[], object], repeats: int) -> float:
    """Median time of some runs."""
    action()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        action()
        times.append((time.perf_counter() - start) * 1e3)
    return sorted(times)[len(times) // 2]


@torch.inference_mode()
def run(size: str, dtype: torch.dtype, rank: int) -> list[tuple[str, str, str, str, str]]:
    """Measure the three ways: rows of a table."""
    torch.manual_seed(1)
    layers = SHAPES[size][3]
    modules = layer(size, dtype)
    pairs = adapter(modules, rank, dtype)
    before = [module.weight.clone() for module in modules]
    bytes_of = sum(weight.nbytes for weight in before) * layers
    bytes_of_pairs = sum(a.nbytes + b.nbytes for a, b in pairs) * layers

    stock = StockWeights()
    for module in modules:
        stock.keep(module.get_parameter('weight'))
    add(modules, pairs, 1)
    merged = [module.weight.clone() for module in modules]

    def swap() -> None:
        with stock.in_place():
            pass

    swapped_ms = timed_ms(swap, 50) * layers
    with stock.in_place():
        exact = all(torch.equal(m.weight, w) for m, w in zip(modules, before, strict=True))
    exact &= all(torch.equal(m.weight, w) for m, w in zip(modules, merged, strict=True))
    merged_ms = timed_ms(lambda: step(modules), 20)
    unmerged_ms = timed_ms(lambda: step(modules, pairs), 20)
    add(modules, pairs, -1)
    off = [(m.weight != w).float().mean().item() for m, w in zip(modules, before, strict=True)]
    subtracted_ms = timed_ms(lambda: add(modules, pairs, -1), 3) * layers
    gone = f'no: {100 * max(off):.1f} % of weights differ'
    return [
        ('way', 'more memory', 'a switch', 'a step of a layer', 'exact'),
        (
            'swapped',
            f'{bytes_of / 2**30:.2f} GiB',
            f'{swapped_ms:.2f} ms',
            f'{merged_ms:.1f} ms',
            'yes' if exact else 'NO',
        ),
        (
            'unmerged',
            f'{bytes_of_pairs / 2**30:.2f} GiB',
            'none',
            f'{unmerged_ms:.1f} ms',
            'yes without it; with it as the merged one up to rounding',
        ),
        (
            'subtracted',
            f'{bytes_of_pairs / 2**30:.2f} GiB',
            f'{subtracted_ms:.0f} ms',
            f'{merged_ms:.1f} ms',
            gone,
        ),
    ]


def main() -> int:
    """Measure, print, and return 0."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--size', choices=sorted(SHAPES), default='3B')
    parser.add_argument('--dtype', choices=('bfloat16', 'float32'), default='bfloat16')
    parser.add_argument('--rank', type=int, default=64)
    options = parser.parse_args()
    print(machine(), options.size, options.dtype, 'rank', options.rank)
    for row in run(options.size, getattr(torch, options.dtype), options.rank):
        print('{:11} {:12} {:12} {:18} {}'.format(*row))
    return 0


if __name__ == '__main__':
    sys.exit(main())
