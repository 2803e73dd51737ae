# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Mamba's scan token by token: the twin that every faster one is compared with."""

from __future__ import annotations

import torch
from torch import Tensor

CHUNK = 64
"""Tokens whose discretised matrices are formed at once: 6 MB at Mamba-130m's width, in cache."""


def plain_scan(
    u: Tensor, dt: Tensor, a: Tensor, b: Tensor, c: Tensor, h: Tensor
) -> tuple[Tensor, Tensor]:
    """Run ``h_t = exp(dt_t A) h_{t-1} + dt_t B_t u_t``, ``y_t = C_t h_t`` from any state.

    Args:
        u: (B, T, D) input.
        dt: (B, T, D) step sizes, positive.
        a: (D, N), negative.
        b: (B, T, N).
        c: (B, T, N).
        h: (B, D, N) state before the first token; it is not written to.

    Returns:
        y (B, T, D) and the state after the last token (B, D, N).
    """
    ys = []
    for start in range(0, u.shape[1], CHUNK):
        part = slice(start, start + CHUNK)
        step = dt[:, part, :, None]
        decay = torch.exp(step * a).unbind(1)
        drive = (step * u[:, part, :, None] * b[:, part, None, :]).unbind(1)
        states = []
        for keep, add in zip(decay, drive, strict=True):
            h = torch.addcmul(add, keep, h)
            states.append(h)
        ys.append(torch.einsum('btdn,btn->btd', torch.stack(states, dim=1), c[:, part]))
    return torch.cat(ys, dim=1), h
