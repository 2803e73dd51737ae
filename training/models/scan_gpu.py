# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Which scan trains a Mamba on a GPU: the Triton kernels where they work, torch's otherwise.

    python -m training.models.scan_gpu        # compares both on this machine's GPU, and times them

Triton comes with CUDA builds of torch. Nothing depends on it but speed.
"""

from __future__ import annotations

from collections.abc import Callable
import importlib
from importlib.util import find_spec
import logging
import subprocess
import time
from typing import Any

import torch
from torch import Tensor

from ssr_ros.model.mamba import Mamba
from ssr_ros.model.scan import scan

Scan = Callable[..., tuple[Tensor, Tensor]]

AGREEMENT = 1e-4
"""Largest difference of the two, relative to the largest value, outputs and gradients alike."""

logger = logging.getLogger(__name__)


def install(mamba: Mamba, device: torch.device) -> None:
    """Let a Mamba on a GPU use the Triton kernels, if they agree with torch's scan there."""
    state = mamba.sizes.state
    if device.type != 'cuda' or state & (state - 1) or find_spec('triton') is None:
        return
    from_triton = importlib.import_module('training.models.scan_triton')
    errors = importlib.import_module('triton.runtime.errors')
    try:
        off = difference(from_triton.triton_scan, (2, 37, 40, state), device)
    except (errors.TritonError, RuntimeError, OSError, subprocess.CalledProcessError) as error:
        logger.warning('the scan runs in torch, several times slower: Triton: %s', error)
        return
    if not off < AGREEMENT:
        logger.warning('the scan runs in torch: Triton differs from it by %.1e', off)
        return
    mixers: Any = [layer.mixer for layer in mamba.backbone.layers]
    for mixer in mixers:
        mixer.scan = from_triton.triton_scan
    logger.info('the scan runs in Triton (differs from torch by %.1e)', off)


def difference(other: Scan, sizes: tuple[int, int, int, int], device: torch.device) -> float:
    """Return by how much another scan differs from torch's, outputs and gradients.

    Args:
        other: the scan.
        sizes: sequences, tokens, channels, numbers of a state.
        device: to run on.
    """
    ours, theirs = (_run(each, sizes, device) for each in (other, scan))
    pairs = zip(ours, theirs, strict=True)
    return max(float((a - b).abs().max() / b.abs().max()) for a, b in pairs)


def _run(each: Scan, sizes: tuple[int, int, int, int], device: torch.device) -> list[Tensor]:
    batch, tokens, channels, state = sizes
    draw = torch.Generator().manual_seed(0)

    def drawn(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=draw)

    given = [
        drawn(batch, tokens, channels),
        drawn(batch, tokens, channels).sigmoid(),
        -drawn(channels, state).exp(),
        drawn(batch, tokens, state),
        drawn(batch, tokens, state),
        drawn(batch, channels, state),
    ]
    given = [tensor.to(device).requires_grad_() for tensor in given]
    y, last = each(*given)
    # Every place weighs differently, so that no gradient can hide.
    weights = torch.arange(1, y.numel() + 1, device=device).view_as(y).cos()
    total: Any = (y * weights).sum() + last.square().sum()
    total.backward()
    return [y.detach(), last.detach(), *(g.grad for g in given if g.grad is not None)]


def main() -> None:
    """Compare and time the scans at nano's size."""
    device = torch.device('cuda')
    triton_scan = importlib.import_module('training.models.scan_triton').triton_scan
    sizes = (256, 128, 256, 16)
    print(f'difference {difference(triton_scan, sizes, device):.1e} at {sizes}')
    for name, each in (('Triton', triton_scan), ('torch', scan)):
        _run(each, sizes, device)
        torch.cuda.synchronize()
        began = time.perf_counter()
        for _ in range(5):
            _run(each, sizes, device)
        torch.cuda.synchronize()
        print(f'{name}: {200 * (time.perf_counter() - began):.1f} ms there and back')


if __name__ == '__main__':
    main()
