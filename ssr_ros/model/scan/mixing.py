# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What a Mamba layer does between its two large products, in torch."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

Scan = Callable[[Tensor, Tensor, Tensor, Tensor, Tensor, Tensor], tuple[Tensor, Tensor]]
"""As ``plain_scan``."""


class MixWeights(NamedTuple):
    """The weights of a layer that are not in its two large products.

    Attributes:
        taps: (D, 1, K), of the convolution.
        tap_bias: (D,), if it has one.
        x_proj: (R + 2 N, D), makes the step's R numbers, b and c.
        dt_proj: (D, R), makes steps of them, before softplus.
        dt_bias: (D,).
        a_log: (D, N), the logarithm of how fast a state decays.
        skip: (D,), the share of the input that passes by.
    """

    taps: Tensor
    tap_bias: Tensor | None
    x_proj: Tensor
    dt_proj: Tensor
    dt_bias: Tensor
    a_log: Tensor
    skip: Tensor


def plain_mix(
    both: Tensor, conv: Tensor, ssm: Tensor, weights: MixWeights, scan: Scan
) -> tuple[Tensor, Tensor, Tensor]:
    """Convolve, run the recurrence, and gate.

    Args:
        both: (B, T, 2 D), what is mixed and its gate.
        conv: (B, D, K - 1), the last inputs of the convolution; not written to.
        ssm: (B, D, N), the recurrent state; not written to.
        weights: of the layer.
        scan: runs the recurrence.

    Returns:
        (B, T, D) and the two states after the last token.
    """
    u, gate = both.chunk(2, dim=-1)
    window = torch.cat([conv.transpose(1, 2), u], dim=1)
    # A copy: a scene that is kept would keep the window of all its tokens alive.
    conv = window[:, window.shape[1] - conv.shape[-1] :].transpose(1, 2).contiguous()
    u = F.silu(_convolve(window, weights.taps, weights.tap_bias))
    state = weights.a_log.shape[1]
    splits = [weights.dt_proj.shape[1], state, state]
    dt, b, c = torch.split(F.linear(u, weights.x_proj), splits, dim=-1)
    dt = F.softplus(F.linear(dt, weights.dt_proj, weights.dt_bias))
    y, ssm = scan(u, dt, -torch.exp(weights.a_log), b, c, ssm)
    return torch.addcmul(y, u, weights.skip) * F.silu(gate), conv, ssm


def _convolve(window: Tensor, taps: Tensor, bias: Tensor | None) -> Tensor:
    """(B, K - 1 + T, D) -> (B, T, D): every channel by itself.

    On a CPU as shifted sums: the library wants time last, and turning twice takes longer.
    """
    if window.device.type != 'cpu' or window.requires_grad:
        turned: Tensor = F.conv1d(window.transpose(1, 2), taps, bias, groups=len(taps))
        return turned.transpose(1, 2)
    by_tap = taps[:, 0].t()
    time = window.shape[1] - len(by_tap) + 1
    out = window[:, :time] * by_tap[0]
    for shift, tap in enumerate(by_tap[1:], 1):
        out.addcmul_(window[:, shift : shift + time], tap)
    return out if bias is None else out.add_(bias)
