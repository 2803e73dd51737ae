# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Two figures of one step on a CPU: how near decoding is to its weights, and what the host costs.

    python benchmarks/decode_step.py rate --shape 3b     # 7 GB: decoding against matrix-vector
    python benchmarks/decode_step.py host --shape 3b     # true layers, tiny widths: only starting

``rate`` sends a token through every matrix of the language model by itself, and through the model,
in turn. ``host`` has the true number of layers, so narrow that computing is nothing: what is left
is what starting costs the host, where a CUDA graph starts once; and beside it what adding two
numbers costs, as machines differ. One thread, the processor's time.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from statistics import median
import sys
from time import process_time

import torch
from torch import nn
from torch.nn import functional as F

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.machine import machine
from ssr_ros.model import Reasoner
from ssr_ros.model.bench.measure import made_frame, QUESTION
from ssr_ros.model.bench.shapes import random_reasoner, Shape, SHAPES
from ssr_ros.model.mamba import MambaSizes
from ssr_ros.model.static import StaticDecoder
from ssr_ros.model.trace import Trace

CPU = torch.device('cpu')


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
    alone()
    step()
    rows = [(seconds(alone), seconds(step)) for _ in range(rounds)]
    gigabytes = sum(weight.nbytes for weight in matrices) / 1e9
    once, whole = (median(column) for column in zip(*rows, strict=True))
    share = median(one / other for one, other in rows)
    print(
        f'{name}, bfloat16: {gigabytes:.2f} GB of matrices alone {once:.3f} s '
        f'({gigabytes / once:.2f} GB/s), a decoding step {whole:.3f} s: {share:.0%} of that rate'
    )


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
    parser.add_argument('what', choices=('rate', 'host'))
    parser.add_argument('--shape', choices=('nano', '3b', '7b'), default='3b')
    parser.add_argument('--rounds', type=int, default=5)
    options = parser.parse_args()
    torch.set_num_threads(1)
    print(f'{machine()}, torch {torch.__version__}, one thread, processor time')
    {'rate': rate, 'host': host}[options.what](options.shape, options.rounds)


if __name__ == '__main__':
    main()
