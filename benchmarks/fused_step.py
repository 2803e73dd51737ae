# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Where the time of one fused token goes: each matrix by each way, whole steps, and every kernel.

Part of ``benchmarks/device_kernels.py``, as ``step``. 3B has its true language model and a small
tower, 7B the same with 8 of its 28 layers: random weights, bfloat16.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
import importlib.util
import logging
from pathlib import Path
from statistics import median
import sys
from time import perf_counter
import traceback
from typing import Any

import torch
from torch.profiler import profile, ProfilerActivity

from benchmarks.decode_step import language_alone
from ssr_ros.model import Reasoner
from ssr_ros.model.bench.legs import BROKEN
from ssr_ros.model.bench.measure import made_frame, QUESTION
from ssr_ros.model.bench.roof import measure_roof
from ssr_ros.model.bench.shapes import language_bytes, random_reasoner, Shape
from ssr_ros.model.fused import ATTENDED, DOWN, fused_read, FusedRead, GATED, HEAD, PARTS, QKV
from ssr_ros.model.graphs import wait
from ssr_ros.model.side_by_side import lay_side_by_side
from ssr_ros.model.static import StaticDecoder
from ssr_ros.model.trace import Trace

DTYPE = torch.bfloat16
TOKENS, PROFILED, LINES = 24, 4, 15


def step(device: torch.device, small: bool) -> int:
    """Measure; what breaks is told, and the next begins."""
    logging.basicConfig(stream=sys.stdout, format='  %(message)s')
    logging.getLogger('ssr_ros.model').setLevel(logging.WARNING)
    shapes: dict[str, Shape] = {'nano': language_alone('nano')}
    if not small:
        shapes = {'3b': language_alone('3b'), '7b': replace(language_alone('7b'), layers=8)}
    copy = measure_roof(device, DTYPE).copy
    print(f'a copy moves {copy / 1e12:.2f} TB/s', flush=True)
    failed = 0
    for name, shape in shapes.items():
        parts: tuple[Callable[[Reasoner, FusedRead, float], None], ...]
        parts = (matrices, tokens, kernels)
        with torch.inference_mode(False):  # as weights that are loaded
            reasoner = random_reasoner(shape, device, DTYPE, name)
        fused = _fused(reasoner)
        for part in parts if name != '7b' else parts[:2]:
            began = perf_counter()
            try:
                part(reasoner, fused, copy)
            except BROKEN:
                failed += 1
                print(f'{name}: {part.__name__} broke: {traceback.format_exc(limit=-6)}')
            print(f'  ({name}, {part.__name__}: {perf_counter() - began:.1f} s)', flush=True)
        del reasoner, fused
    return failed


def matrices(reasoner: Reasoner, fused: FusedRead, copy: float) -> None:
    """Tell what every way takes for every matrix of a token, as a share of a copy's rate."""
    model = reasoner.vlm.model
    layers = model.model.language_model.layers
    first = layers[0]
    groups = {
        QKV: (first.self_attn.q_proj, first.self_attn.k_proj, first.self_attn.v_proj),
        ATTENDED: (first.self_attn.o_proj,),
        GATED: (first.mlp.gate_proj, first.mlp.up_proj),
        DOWN: (first.mlp.down_proj,),
    }
    sizes = {part: len(layers) * sum(m.weight.nbytes for m in g) for part, g in groups.items()}
    sizes[HEAD] = model.lm_head.weight.nbytes
    quickest = 0.0
    for part, seconds in fused.choose().items():
        quickest += min(seconds.values())
        told = ', '.join(
            f'{tile or "library"} {1e3 * taken:.3f} ({sizes[part] / copy / taken:.0%})'
            for tile, taken in seconds.items()
        )
        print(f'{reasoner.description}, {part}, ms (of a copy): {told}')
    of_copy = language_bytes(reasoner) / copy / quickest
    print(f'the quickest of each: {1e3 * quickest:.3f} ms, {of_copy:.0%} of a copy')


def tokens(reasoner: Reasoner, fused: FusedRead, copy: float) -> None:
    """Tell what a token takes by the plain step, with the library's matrices, and as chosen."""
    least = language_bytes(reasoner) / copy
    logging.getLogger('ssr_ros.model.fused').setLevel(logging.INFO)
    library = _fused(reasoner)
    library.tiles = dict.fromkeys(PARTS)
    ways: dict[str, FusedRead | None] = {
        'plain': None,
        'fused, the library reads matrices': library,
        'fused, as chosen': fused,
    }
    for name, way in ways.items():
        run = _running(reasoner, way)
        seconds = []
        for _ in range(TOKENS):
            start = perf_counter()
            run()
            seconds.append(perf_counter() - start)
        taken = median(seconds)
        print(
            f'{reasoner.description}: a token, {name}: {1e3 * taken:.3f} ms (least '
            f'{1e3 * min(seconds):.3f}), {least / taken:.0%} of a copy',
            flush=True,
        )


def kernels(reasoner: Reasoner, fused: FusedRead, copy: float) -> None:
    """Tell which kernels a token starts, how often, and what they take."""
    device = reasoner.device
    run = _running(reasoner, fused)
    activities = [ProfilerActivity.CPU]
    if device.type == 'cuda':
        activities.append(ProfilerActivity.CUDA)
    with profile(activities=activities) as found:
        start = perf_counter()
        for _ in range(PROFILED):
            run()
        wait(device)
        taken = (perf_counter() - start) / PROFILED
    rows = []
    for event in found.key_averages():
        each = event.self_cpu_time_total
        if device.type == 'cuda':
            each = event.self_device_time_total if 'CUDA' in str(event.device_type) else 0
        if each:
            rows.append((each / PROFILED, event.count / PROFILED, event.key))
    rows.sort(reverse=True)
    total, count = (sum(row[i] for row in rows) for i in (0, 1))
    print(
        f'{reasoner.description}: {count:.0f} kernels a token, {total:.0f} us in them of '
        f'{1e6 * taken:.0f} (the profiler slows it)'
    )
    for each, times, key in rows[:LINES]:
        print(f'  {each:9.1f} us {times:6.1f} x {key[:90]}')


def _fused(reasoner: Reasoner) -> FusedRead:
    """Return a fused step; without a card one over kernels in torch, so that this can be run."""
    model = reasoner.vlm.model
    fused = fused_read(model, reasoner.device)
    if fused is None and reasoner.device.type == 'cpu':
        lay_side_by_side(model.model.language_model.layers)
        fused = FusedRead(model, _kernels_in_torch())
    if fused is None:
        raise RuntimeError('there is no Triton')
    return fused


def _kernels_in_torch() -> Any:
    path = Path(__file__).resolve().parent.parent / 'test' / 'model' / 'kernels_in_torch.py'
    spec = importlib.util.spec_from_file_location('kernels_in_torch', path)
    if spec is None or spec.loader is None:
        raise RuntimeError(f'{path} is not there')
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _running(reasoner: Reasoner, fused: FusedRead | None) -> Callable[[], object]:
    """Return what makes one token after another, recorded where the device can."""
    vlm = reasoner.vlm
    encoded = reasoner.encode(made_frame())
    latents = reasoner.latents(encoded, QUESTION)[None]
    (request,) = vlm.requests([encoded.image_prefix], latents, [QUESTION])
    decoder = StaticDecoder(vlm.model, vlm.plain.penalty, frozenset())
    decoder.quick = fused
    made = decoder.generate(request, 200, Trace(reasoner.device))
    for _ in range(3):
        next(made)
    return lambda: next(made)
