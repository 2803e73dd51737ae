# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Whether a card runs the Triton kernel: where Triton is there, compiles, and agrees with torch.

Triton comes with CUDA builds of torch. Nothing depends on it but speed.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
import importlib
from importlib.util import find_spec
import logging
import subprocess
from typing import Any

import torch
from torch import Tensor

from ssr_ros.model.scan.blocks import blocked_scan

Scan = Callable[..., tuple[Tensor, Tensor]]

AGREEMENT = 1e-4
"""Largest difference of the two, relative to the largest value."""

MOST_STATE = 64
"""Numbers of a state that fit into a program's registers."""

logger = logging.getLogger(__name__)


@cache
def card_scan(device: torch.device, state: int) -> Scan | None:
    """Return the Triton scan, or None where torch's must do."""
    if state & (state - 1) or state > MOST_STATE or find_spec('triton') is None:
        return None
    try:
        scan: Scan = importlib.import_module('ssr_ros.model.scan.in_triton').triton_scan
        off = difference(scan, (2, 75, 10, state), device)
    except breaks() as error:
        logger.warning('the scan runs in torch, several times slower: Triton: %s', error)
        return None
    if not off < AGREEMENT:
        logger.warning('the scan runs in torch: Triton differs from it by %.1e', off)
        return None
    logger.info('the scan runs in Triton (differs from torch by %.1e)', off)
    return scan


def breaks() -> tuple[type[Exception], ...]:
    """Return what a Triton kernel raises that this card, or the compiler there, cannot run."""
    run: Any = importlib.import_module('triton.runtime.errors')
    compiler: Any = importlib.import_module('triton.compiler.errors')
    errors = (run.TritonError, compiler.CompilationError)
    # KeyError: an older Triton that does not know how a kernel is launched.
    return (*errors, RuntimeError, OSError, KeyError, subprocess.CalledProcessError)


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
    pairs = zip(scan(*given), blocked_scan(*given), strict=True)
    return max(float((ours - theirs).abs().max() / theirs.abs().max()) for ours, theirs in pairs)
