# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Mamba's recurrence: one meaning, and for each place the quickest way to it.

``plain`` is the twin that the others are compared with; ``native`` is compiled C++ for CPUs;
``in_triton`` is one kernel for CUDA, used where it agrees with ``blocks``, which is for all that
launch; ``gradients`` wraps them for training. All of them take a state in and give one out, for
any number of tokens and any state size.
"""

from __future__ import annotations

import torch
from torch import Tensor

from ssr_ros.model.scan.blocks import blocked_scan
from ssr_ros.model.scan.card import card_scan
from ssr_ros.model.scan.gradients import native_scan_with_gradients, scan_with_gradients
from ssr_ros.model.scan.native import native_scan, NativeScan
from ssr_ros.model.scan.plain import plain_scan

__all__ = ['blocked_scan', 'describe_scan', 'plain_scan', 'scan']


def scan(
    u: Tensor, dt: Tensor, a: Tensor, b: Tensor, c: Tensor, h: Tensor
) -> tuple[Tensor, Tensor]:
    """Compute what ``plain_scan`` computes, as fast as this place allows."""
    native = _native_for(u, a.shape[1])
    if torch.is_grad_enabled() and any(x.requires_grad for x in (u, dt, a, b, c, h)):
        if native is not None:
            return native_scan_with_gradients(native, u, dt, a, b, c, h)
        return scan_with_gradients(u, dt, a, b, c, h, blocks=u.device.type != 'cpu')
    if native is not None:
        return native.forward(u, dt, a, b, c, h)
    if u.device.type == 'cpu' or u.shape[1] == 1:
        return plain_scan(u, dt, a, b, c, h)
    on_card = card_scan(u.device, a.shape[1]) if u.device.type == 'cuda' else None
    return (on_card or blocked_scan)(u, dt, a, b, c, h)


def describe_scan(device: torch.device, state: int) -> str:
    """Say which scan a float32 model on this device runs: for the log."""
    if device.type == 'cuda' and card_scan(device, state) is not None:
        return 'in Triton'
    if device.type != 'cpu':
        return 'in blocks'
    return 'in torch' if native_scan(state) is None else 'compiled'


def _native_for(u: Tensor, state: int) -> NativeScan | None:
    if u.device.type != 'cpu' or u.dtype != torch.float32:
        return None
    return native_scan(state)
