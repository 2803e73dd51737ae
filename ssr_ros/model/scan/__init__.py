# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Mamba's recurrence: one meaning, and for each place the quickest way to it.

``plain`` is the twin that the others are compared with; ``native`` is compiled C++ for CPUs;
``in_triton`` is one kernel for CUDA, used where it agrees with ``blocks``, which is for all that
launch; ``gradients`` wraps them for training. All of them take a state in and give one out, for
any number of tokens and any state size. ``mixing`` is what a layer does around it, and
``mixing_in_triton`` the same in few kernels, where they agree.
"""

from __future__ import annotations

import torch
from torch import Tensor

from ssr_ros.model.scan.blocks import blocked_scan
from ssr_ros.model.scan.card import card_mix, card_scan
from ssr_ros.model.scan.gradients import native_scan_with_gradients, scan_with_gradients
from ssr_ros.model.scan.mixing import MixWeights, plain_mix, Scan
from ssr_ros.model.scan.native import native_scan, NativeScan
from ssr_ros.model.scan.plain import plain_scan

__all__ = ['MixWeights', 'blocked_scan', 'describe_scan', 'mix', 'plain_mix', 'plain_scan', 'scan']


def scan(
    u: Tensor, dt: Tensor, a: Tensor, b: Tensor, c: Tensor, h: Tensor
) -> tuple[Tensor, Tensor]:
    """Compute what ``plain_scan`` computes, as fast as this place allows."""
    native = _native_for(u, a.shape[1])
    if _learns(u, dt, a, b, c, h):
        if native is not None:
            return native_scan_with_gradients(native, u, dt, a, b, c, h)
        return scan_with_gradients(u, dt, a, b, c, h, blocks=u.device.type != 'cpu')
    if native is not None:
        return native.forward(u, dt, a, b, c, h)
    if u.device.type == 'cpu' or u.shape[1] == 1:
        return plain_scan(u, dt, a, b, c, h)
    on_card = card_scan(u.device, a.shape[1]) if u.device.type == 'cuda' else None
    return (on_card or blocked_scan)(u, dt, a, b, c, h)


def mix(
    both: Tensor, conv: Tensor, ssm: Tensor, weights: MixWeights, recur: Scan = scan
) -> tuple[Tensor, Tensor, Tensor]:
    """Compute what ``plain_mix`` computes, as fast as this place allows.

    Another ``recur`` than ``scan`` is used as it is.
    """
    if recur is scan and both.device.type == 'cuda' and both.dtype == torch.float32:
        state, taps = weights.a_log.shape[1], weights.taps.shape[2]
        on_card = card_mix(both.device, state, taps)
        if on_card is not None and not _learns(both, conv, ssm, *weights):
            return on_card(both, conv, ssm, weights)
    return plain_mix(both, conv, ssm, weights, recur)


def describe_scan(device: torch.device, state: int) -> str:
    """Say which scan a float32 model on this device runs: for the log."""
    if device.type == 'cuda' and card_scan(device, state) is not None:
        return 'in Triton'
    if device.type != 'cpu':
        return 'in blocks'
    return 'in torch' if native_scan(state) is None else 'compiled'


def _learns(*given: Tensor | None) -> bool:
    return torch.is_grad_enabled() and any(x is not None and x.requires_grad for x in given)


def _native_for(u: Tensor, state: int) -> NativeScan | None:
    if u.device.type != 'cpu' or u.dtype != torch.float32:
        return None
    return native_scan(state)
