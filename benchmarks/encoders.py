# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The three image networks in ONNX Runtime against torch, in turn, on the same pixels.

    python benchmarks/encoders.py --model nano
    python benchmarks/encoders.py --shape 3b    # true sizes, random weights: 11 GB in --scratch

The networks are those that ``ssr-ros export MODEL --onnx`` writes, and torch's the ones that a
checkpoint loads otherwise. float32, one thread on a CPU; milliseconds are medians, the ratio is
the median over the rounds, and a difference is the part of the largest value that the command
found when it compared the two.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from statistics import median
import subprocess
import sys
import tempfile
from time import perf_counter, process_time
from typing import Any

import torch
from torch import Tensor

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.machine import machine
from benchmarks.true_checkpoint import write_checkpoint
from ssr_ros.errors import SsrError
from ssr_ros.model.bench.shapes import shape_called, SHAPES
from ssr_ros.model.encoders import load_depth_encoder, load_image_encoder
from ssr_ros.model.load import pick_device
from ssr_ros.model.onnx.entry import PARTS, path_of, read_entry
from ssr_ros.model.onnx.session import OnnxNetwork, pick_provider
from ssr_ros.model.spec import CheckpointSpec, read_spec
from ssr_ros.model.vlm import image_prompt_of, load_tower

Network = Callable[[Tensor], object]


def exported(model: str, folder: Path) -> CheckpointSpec:
    """Run the command, and return the checkpoint that it wrote.

    Raises:
        CalledProcessError: it has failed.
    """
    command = (sys.executable, '-m', 'ssr_ros.cli', 'export', model, '--onnx', '--out')
    subprocess.run([*command, str(folder)], check=True, stdout=sys.stderr)
    return read_spec(folder)


@torch.inference_mode()
def in_torch(spec: CheckpointSpec, part: str, device: torch.device) -> Network:
    """Return what a checkpoint runs where nothing was exported."""
    if part != 'vision_tower':
        load = load_image_encoder if part == 'image_encoder' else load_depth_encoder
        model = load(spec.folder(part), device, torch.float32).model
        return lambda pixels: model(pixel_values=pixels)
    folder = spec.folder('vlm')
    tower = load_tower(folder, spec.folder('adapter') if spec.adapter else None).to(device)
    grid = image_prompt_of(folder, spec.image_size).grid.to(device)
    return lambda pixels: tower(pixels, grid)


@torch.inference_mode()
def measure(spec: CheckpointSpec, part: str, device: torch.device, rounds: int) -> dict[str, Any]:
    """Time both in turn."""
    folder = spec.source.parent
    entry = read_entry(folder, part, spec)
    onnx = OnnxNetwork(
        path_of(folder, part), entry, device, pick_provider('', device), config=None
    )
    torch_network = in_torch(spec, part, device)
    pixels = torch.randn(entry.given, generator=torch.Generator().manual_seed(1)).to(device)
    rows = [
        (_ms(torch_network, pixels, device), _ms(onnx, pixels, device)) for _ in range(rounds + 1)
    ][1:]
    return {
        'torch_ms': median(row[0] for row in rows),
        'onnx_ms': median(row[1] for row in rows),
        'ratio': median(row[0] / row[1] for row in rows),
        'difference': entry.difference,
        'provider': onnx.provider,
    }


def _ms(network: Network, pixels: Tensor, device: torch.device) -> float:
    """Time a call; one thread of a CPU by its own clock, which others do not slow."""
    clock = perf_counter if device.type == 'cuda' else process_time
    start = clock()
    network(pixels)
    if device.type == 'cuda':
        torch.cuda.synchronize(device)
    return 1e3 * (clock() - start)


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('--model', default='nano', help='a checkpoint')
    parser.add_argument('--shape', choices=tuple(SHAPES), help='in its place: random weights')
    parser.add_argument('--scratch', type=Path, help='a folder for what is written')
    parser.add_argument('--device', default='cpu')
    parser.add_argument('--rounds', type=int, default=5)
    options = parser.parse_args()
    torch.set_num_threads(1)
    try:
        with tempfile.TemporaryDirectory(dir=options.scratch) as scratch:
            _print_all(options, Path(scratch), pick_device(options.device))
    except (SsrError, subprocess.CalledProcessError) as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def _print_all(options: argparse.Namespace, scratch: Path, device: torch.device) -> None:
    model = options.model
    if options.shape:
        model = str(scratch / 'checkpoint')
        # The export reads the vision tower alone of the vision-language model.
        write_checkpoint(Path(model), replace(shape_called(options.shape), layers=1))
    spec = exported(model, scratch / 'onnx')
    print(f'{machine()}, one thread, torch {torch.__version__}, float32, {device}')
    for part in PARTS:
        found = measure(spec, part, device, options.rounds)
        print(
            f'{part:<14} torch {found["torch_ms"]:9.2f} ms   ONNX Runtime ({found["provider"]}) '
            f'{found["onnx_ms"]:9.2f} ms   {found["ratio"]:5.2f} x   differs by '
            f'{found["difference"]:.1e}',
            flush=True,
        )


if __name__ == '__main__':
    sys.exit(main())
