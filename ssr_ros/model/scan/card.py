# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Whether a card runs the Triton kernels: where Triton is there, compiles, and agrees with torch.

What stands in the place of several kernels must be quicker as well. Triton comes with CUDA builds
of torch. Nothing depends on it but speed.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
import importlib
from importlib.util import find_spec
import logging
import subprocess
from typing import Any

import torch
from torch import Tensor

from ssr_ros.model.graphs import seconds_of
from ssr_ros.model.scan.blocks import blocked_scan
from ssr_ros.model.scan.mixing import MixWeights, plain_mix

Scan = Callable[..., tuple[Tensor, Tensor]]
Mix = Callable[..., tuple[Tensor, Tensor, Tensor]]

AGREEMENT = 1e-4
"""Largest difference of the two, relative to the largest value."""

MOST_STATE = 64
"""Numbers of a state that fit into a program's registers."""

FRAME = 1, 1306, 1536
"""What is timed: a frame of the released sizes, in channels of mamba-130m."""

logger = logging.getLogger(__name__)


@cache
def card_scan(device: torch.device, state: int) -> Scan | None:
    """Return the Triton scan, or None where torch's must do."""
    check = partial(difference, sizes=(2, 75, 10, state), device=device)
    found: Scan | None = _kernel('the scan', 'in_triton', 'triton_scan', state, check)
    return found


@cache
def card_mix(device: torch.device, state: int, taps: int) -> Mix | None:
    """Return what lies between a layer's products in Triton, or None where torch's must do."""
    check = partial(mix_difference, sizes=(2, 150, 40, state), taps=taps, device=device)
    name = 'what lies around the scan'
    found: Mix | None = _kernel(name, 'mixing_in_triton', 'triton_mix', state, check)
    return found if found is not None and _is_quicker(found, state, taps, device) else None


def _is_quicker(mix: Mix, state: int, taps: int, device: torch.device) -> bool:
    """Say whether a way takes less time than torch's for a frame; the log tells both times."""
    given = _mixed(FRAME, state, taps, device)
    plain = partial(plain_mix, scan=card_scan(device, state) or blocked_scan)
    ours, theirs = (seconds_of(partial(way, *given), device) for way in (mix, plain))
    told = FRAME[1], 1e3 * ours, 1e3 * theirs
    logger.info('around the scan, ms of %d tokens in a layer: Triton %.3f, torch %.3f', *told)
    return ours < theirs


def _kernel(what: str, module: str, name: str, state: int, check: Callable[[Any], float]) -> Any:
    if state & (state - 1) or state > MOST_STATE or find_spec('triton') is None:
        return None
    try:
        kernel = getattr(importlib.import_module(f'{__package__}.{module}'), name)
        off = check(kernel)
    except breaks() as error:
        logger.warning('%s runs in torch, several times slower: Triton: %s', what, error)
        return None
    if not off < AGREEMENT:
        logger.warning('%s runs in torch: Triton differs from it by %.1e', what, off)
        return None
    logger.info('%s runs in Triton (differs from torch by %.1e)', what, off)
    return kernel


def breaks() -> tuple[type[Exception], ...]:
    """Return what a Triton kernel raises that this card, or the compiler there, cannot run."""
    # KeyError: an older Triton that does not know how a kernel is launched.
    errors = (RuntimeError, OSError, KeyError, subprocess.CalledProcessError)
    if find_spec('triton') is None:  # kernels in torch stand in its place
        return errors
    run: Any = importlib.import_module('triton.runtime.errors')
    compiler: Any = importlib.import_module('triton.compiler.errors')
    return (*errors, run.TritonError, compiler.CompilationError)


def difference(scan: Scan, sizes: tuple[int, int, int, int], device: torch.device) -> float:
    """Return by how much a scan differs from ``blocked_scan``, relative to the largest value.

    Args:
        scan: the other.
        sizes: sequences, tokens, channels, numbers of a state.
        device: to run on.
    """
    batch, tokens, channels, state = sizes
    draw = torch.Generator().manual_seed(0)
    u, dt = (torch.randn(batch, tokens, channels, generator=draw) for _ in range(2))
    b, c = (torch.randn(batch, tokens, state, generator=draw) for _ in range(2))
    a, h = (
        torch.randn(*shape, state, generator=draw) for shape in ((channels,), (batch, channels))
    )
    given = [x.to(device) for x in (u, dt.sigmoid(), -a.exp(), b, c, h)]
    return _apart(scan(*given), blocked_scan(*given))


def mix_difference(
    mix: Mix, sizes: tuple[int, int, int, int], taps: int, device: torch.device
) -> float:
    """Return by how much a way differs from ``plain_mix``, relative to the largest value.

    Args:
        mix: the other.
        sizes: sequences, tokens, channels, numbers of a state.
        taps: of the convolution.
        device: to run on.
    """
    *sequences, state = sizes
    given = _mixed(tuple(sequences), state, taps, device)
    return _apart(mix(*given), plain_mix(*given, blocked_scan))


def _mixed(
    sizes: tuple[int, ...], state: int, taps: int, device: torch.device
) -> tuple[Tensor, Tensor, Tensor, MixWeights]:
    """Make inputs of a layer: sequences, tokens, channels."""
    batch, tokens, channels = sizes
    rank, draw = max(5, channels // 32), torch.Generator().manual_seed(0)
    # Steps on both sides of where softplus ends.
    dt_bias = torch.linspace(-8, 2, channels)
    dt_bias[channels // 2] = 25
    weights = MixWeights(
        taps=torch.randn(channels, 1, taps, generator=draw),
        tap_bias=torch.randn(channels, generator=draw),
        x_proj=torch.randn(rank + 2 * state, channels, generator=draw) / channels**0.5,
        dt_proj=torch.randn(channels, rank, generator=draw) / rank**0.5,
        dt_bias=dt_bias,
        a_log=torch.arange(1, state + 1).float().log().repeat(channels, 1),
        skip=torch.randn(channels, generator=draw),
    )
    both, conv, ssm = (
        torch.randn(batch, *shape, generator=draw)
        for shape in ((tokens, 2 * channels), (channels, taps - 1), (channels, state))
    )
    weights = MixWeights(*(x.to(device) for x in weights if x is not None))
    return both.to(device), conv.to(device), ssm.to(device), weights


def _apart(found: tuple[Tensor, ...], expected: tuple[Tensor, ...]) -> float:
    pairs = zip(found, expected, strict=True)
    return max(float((ours - theirs).abs().max() / theirs.abs().max()) for ours, theirs in pairs)
