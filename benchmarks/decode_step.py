# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Three figures of a CPU: how near decoding is to its weights, what the host costs, and prompts.

    python benchmarks/decode_step.py rate --shape 3b     # 7 GB: decoding against matrix-vector
    python benchmarks/decode_step.py host --shape 3b     # true layers, tiny widths: only starting
    python benchmarks/decode_step.py prompt --shape 3b   # 120 tokens through 4 layers

``rate`` sends a token through every matrix of the language model by itself, as torch multiplies in
bfloat16, and through the model, with and without a C++ compiler, in turn. ``host`` has the true
number of layers, so narrow that computing is nothing: what is left is what starting costs the
host, where a CUDA graph starts once; and beside it what adding two numbers costs, as machines
differ. ``prompt`` reads 120 tokens with weights in bfloat16 and all else in 16 bits or in float32,
in turn, and tells memory and the distance to float32. One thread, the processor's time.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from statistics import median
import sys
from time import process_time
from typing import Any
from unittest.mock import patch

import torch
from torch import nn
from torch.nn import functional as F

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.machine import machine
from ssr_ros.model import products, Reasoner
from ssr_ros.model.bench.measure import made_frame, QUESTION
from ssr_ros.model.bench.peak import forget_peak, peak_bytes
from ssr_ros.model.bench.shapes import random_reasoner, Shape, SHAPES
from ssr_ros.model.mamba import MambaSizes
from ssr_ros.model.static import StaticDecoder
from ssr_ros.model.trace import Trace
from ssr_ros.model.wide import keep_sums_wide

CPU = torch.device('cpu')
PROMPT, PROMPT_LAYERS = 120, 4


def language_alone(name: str) -> Shape:
    """Return a shape whose language model is the true one, all else nano's."""
    nano = SHAPES['nano']
    return replace(
        SHAPES[name], image=nano.image, depth=nano.depth, tower=nano.tower, mamba=nano.mamba
    )


def narrow(name: str) -> Shape:
    """Return a shape of the true numbers of layers and tokens, all of it narrow."""
    true, nano = SHAPES[name], SHAPES['nano']
    return replace(
        nano,
        width=64,
        inner=64,
        layers=true.layers,
        heads=2,
        kv_heads=2,
        mamba=MambaSizes(vocabulary=550, width=16, inner=32, dt_rank=2, layers=true.mamba.layers),
        image=replace(nano.image, side=true.image.side),
        depth=replace(nano.depth, side=true.depth.side),
    )


def seconds(call: Callable[[], object]) -> float:
    """Return the processor's seconds of one call."""
    start = process_time()
    call()
    return process_time() - start


@torch.inference_mode()
def rate(name: str, rounds: int) -> None:
    """Compare decoding with the model's own matrices."""
    reasoner = random_reasoner(language_alone(name), CPU, torch.bfloat16, name)
    model = reasoner.vlm.model
    layers = model.model.language_model.layers
    matrices = [m.weight for m in layers.modules() if isinstance(m, nn.Linear)]
    matrices.append(model.lm_head.weight)
    tokens = {w.shape[1]: torch.ones((1, w.shape[1]), dtype=w.dtype) for w in matrices}

    def alone() -> None:
        for weight in matrices:
            F.linear(tokens[weight.shape[1]], weight)

    step = _step(reasoner)

    def without_compiler() -> None:
        with patch.object(products, 'reader', _no_reader):
            step()

    ways = {'alone': alone, 'a step': step, 'a step without a compiler': without_compiler}
    rows = [[seconds(way) for way in ways.values()] for _ in range(rounds + 1)][1:]
    gigabytes = sum(weight.nbytes for weight in matrices) / 1e9
    print(f'{name}: {gigabytes:.2f} GB of matrices in bfloat16')
    for place, way in enumerate(ways):
        taken = median(row[place] for row in rows)
        share = median(row[0] / row[place] for row in rows)
        print(f'{way}: {taken:.3f} s ({gigabytes / taken:.2f} GB/s), {share:.0%} of alone')


@torch.inference_mode()
def host(name: str, rounds: int) -> None:
    """Time decoding steps and frame passes that compute next to nothing."""
    reasoner = random_reasoner(narrow(name), CPU, torch.float32, name)
    step, midi = _step(reasoner), reasoner.midi
    width = SHAPES['nano'].image.width
    image, depth = (torch.zeros((1, n, width)) for n in (577, 729))
    one = torch.ones(1)

    def add() -> None:
        for _ in range(1000):
            one.add(one)

    step()
    rows = [
        (seconds(add), seconds(step), seconds(lambda: midi.read_frame(image, depth)))
        for _ in range(rounds + 1)
    ][1:]
    add_s, step_s, pass_s = (median(column) for column in zip(*rows, strict=True))
    print(
        f'{name}: {1e3 * step_s:.2f} ms a decoding step of {SHAPES[name].layers} layers, '
        f'{step_s / add_s:.1f} thousand additions; {1e3 * pass_s:.2f} ms a Mamba frame pass of '
        f'{midi.mamba.sizes.layers}, {pass_s / add_s:.1f} thousand ({1e3 * add_s:.1f} us each)'
    )


@torch.inference_mode()
def prompt(name: str, rounds: int) -> None:
    """Read a prompt with weights in 16 bits, and all else in 16 or in float32."""
    shape = replace(language_alone(name), layers=PROMPT_LAYERS)
    embeds = torch.randn(1, PROMPT, shape.width).bfloat16()
    kinds = {'in 16 bits': True, 'in float32': False}
    models: dict[str, Any] = {}
    for kind, narrow in kinds.items():
        with patch.object(products, 'multiplies_in', lambda _, narrow=narrow: narrow):
            models[kind] = random_reasoner(shape, CPU, torch.bfloat16, name).vlm.model

    def read(model: Any, embeds: torch.Tensor) -> torch.Tensor:
        language = model.model.language_model
        hidden: torch.Tensor = language(inputs_embeds=embeds, use_cache=False).last_hidden_state
        return hidden.float()

    taken: dict[str, list[float]] = {kind: [] for kind in kinds}
    above, said = {}, {}
    for number in range(rounds + 1):
        for kind, narrow in kinds.items():
            given = embeds if narrow else embeds.float()
            forget_peak(CPU)
            held, start = peak_bytes(CPU) or 0, process_time()
            said[kind] = read(models[kind], given)
            taken[kind] += [process_time() - start] if number else []
            above[kind] = (peak_bytes(CPU) or 0) - held
    whole = models['in 16 bits'].float()
    keep_sums_wide(whole)
    exact = read(whole, embeds.float())
    for kind in kinds:
        off = float((said[kind] - exact).norm() / exact.norm())
        print(
            f'{name}, {PROMPT_LAYERS} layers, {PROMPT} tokens, all but weights {kind}: '
            f'{median(taken[kind]):.3f} s, {above[kind] / 1e6:.0f} MB above what was held, '
            f'{off:.1e} from float32'
        )
    before, after = (median(taken[kind]) for kind in kinds)
    print(f'{before / after:.2f} times as fast')


def _no_reader() -> None:
    """Stand for a machine without a compiler."""


def _step(reasoner: Reasoner) -> Callable[[], object]:
    """Return one decoding step over the cache that stays where it is."""
    vlm = reasoner.vlm
    encoded = reasoner.encode(made_frame())
    latents = reasoner.latents(encoded, QUESTION)[None]
    (request,) = vlm.requests([encoded.image_prefix], latents, [QUESTION])
    decoder = StaticDecoder(vlm.model, vlm.plain.penalty, frozenset())
    tokens = decoder.generate(request, 400, Trace(CPU))
    next(tokens)
    return lambda: next(tokens)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('what', choices=('rate', 'host', 'prompt'))
    parser.add_argument('--shape', choices=('nano', '3b', '7b'), default='3b')
    parser.add_argument('--rounds', type=int, default=5)
    options = parser.parse_args()
    torch.set_num_threads(1)
    print(f'{machine()}, torch {torch.__version__}, one thread, processor time')
    {'rate': rate, 'host': host, 'prompt': prompt}[options.what](options.shape, options.rounds)


if __name__ == '__main__':
    main()
