# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The three image networks in ONNX Runtime against torch, in turn, on the same pixels.

    python benchmarks/encoders.py --model nano                 # a checkpoint, float32
    python benchmarks/encoders.py --true clip siglip tower     # true sizes, random weights

One thread on a CPU. ``--blocks`` builds the tower with fewer than its 32 blocks: all are alike,
and memory may be short. Milliseconds are medians; the ratio is the median over the rounds.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
import sys
import tempfile
from time import perf_counter, process_time
from typing import Any

import torch
from torch import nn, Tensor
from transformers.models.qwen2_5_vl.modeling_qwen2_5_vl import (
    Qwen2_5_VisionTransformerPretrainedModel,
)

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.machine import machine
from ssr_ros.errors import SsrError
from ssr_ros.model.bench.shapes import encoders_of, SHAPES, vision_config
from ssr_ros.model.load import pick_device
from ssr_ros.model.onnx.entry import Entry
from ssr_ros.model.onnx.export import NETWORKS, write_network
from ssr_ros.model.onnx.session import OnnxNetwork, pick_provider
from ssr_ros.model.spec import read_spec
from ssr_ros.model.towers import TokensOf, TowerOfGrid

GRID = torch.tensor([[1, 18, 18]])
"""Of an image of 252 x 252 pixels, in patches."""


def networks(
    options: argparse.Namespace,
) -> Iterator[tuple[str, nn.Module, Tensor, Tensor | None]]:
    """Yield (name, network of pixels, pixels, grid or None), one in memory at a time."""
    if not options.true:
        for part, make in NETWORKS.items():
            network, pixels = make(read_spec(options.model))
            yield part, network, pixels, None
        return
    for name in options.true:
        torch.manual_seed(0)
        if name == 'tower':
            config = vision_config(SHAPES['3b'], options.blocks)
            tower = Qwen2_5_VisionTransformerPretrainedModel(config).eval()
            yield f'tower, {options.blocks} blocks', tower, torch.randn(324, 1176), GRID
        else:
            model = encoders_of(SHAPES['3b'])[name == 'siglip'].model
            side = model.config.image_size
            yield name, TokensOf(model), torch.randn(1, 3, side, side), None


def as_fixed(network: nn.Module, grid: Tensor | None) -> nn.Module:
    """Return the network for one grid."""
    return network if grid is None else TowerOfGrid(network, grid)


@torch.inference_mode()
def measure(
    network: nn.Module, pixels: Tensor, grid: Tensor | None, device: torch.device, rounds: int
) -> dict[str, Any]:
    """Write the network, open it, and time both in turn."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / 'network.onnx'
        fixed = as_fixed(network.requires_grad_(False), grid)
        entry: Entry = write_network(fixed, pixels, path, 'none', 'float32')
        onnx = OnnxNetwork(path, entry, device, pick_provider('', device), None)
        network, pixels = network.to(device), pixels.to(device)

        def in_torch() -> object:
            return network(pixels) if grid is None else network(pixels, grid.to(device))

        rows = [
            (_ms(in_torch, device), _ms(lambda: onnx(pixels), device)) for _ in range(rounds + 1)
        ][1:]
    return {
        'torch_ms': median(row[0] for row in rows),
        'onnx_ms': median(row[1] for row in rows),
        'ratio': median(row[0] / row[1] for row in rows),
        'difference': entry.difference,
        'provider': onnx.provider,
    }


def _ms(call: Callable[[], object], device: torch.device) -> float:
    """Time a call; one thread of a CPU by its own clock, which others do not slow."""
    clock = perf_counter if device.type == 'cuda' else process_time
    start = clock()
    call()
    if device.type == 'cuda':
        torch.cuda.synchronize(device)
    return 1e3 * (clock() - start)


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('--model', default='nano', help='a checkpoint')
    parser.add_argument('--true', nargs='*', choices=('clip', 'siglip', 'tower'), default=[])
    parser.add_argument('--blocks', type=int, default=32, help='of the tower')
    parser.add_argument('--device', default='cpu')
    parser.add_argument('--rounds', type=int, default=5)
    options = parser.parse_args()
    torch.set_num_threads(1)
    try:
        _print_all(options, pick_device(options.device))
    except SsrError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def _print_all(options: argparse.Namespace, device: torch.device) -> None:
    print(f'{machine()}, one thread, torch {torch.__version__}, float32, {device}')
    for name, network, pixels, grid in networks(options):
        found = measure(network, pixels, grid, device, options.rounds)
        print(
            f'{name:<18} torch {found["torch_ms"]:9.2f} ms   ONNX Runtime ({found["provider"]}) '
            f'{found["onnx_ms"]:9.2f} ms   {found["ratio"]:5.2f} x   differs by '
            f'{found["difference"]:.1e}',
            flush=True,
        )


if __name__ == '__main__':
    sys.exit(main())
