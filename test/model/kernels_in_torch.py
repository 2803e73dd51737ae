# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What the Triton kernels of a fused step compute, written as the plain step has it."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F


def add_and_norm(
    x: Tensor, more: Tensor | None, weight: Tensor, epsilon: float, gives: torch.dtype
) -> Tensor:
    if more is not None:
        x += more
    return (weight * (x * torch.rsqrt(x.square().mean(-1, keepdim=True) + epsilon))).to(gives)


def rotate(
    q: Tensor,
    k: Tensor,
    v: Tensor,
    cos: Tensor,
    sin: Tensor,
    place: Tensor,
    keys: Tensor,
    values: Tensor,
) -> Tensor:
    width = keys.shape[3]

    def turned(x: Tensor) -> Tensor:
        heads = x.view(-1, width)
        low, high = heads.chunk(2, dim=-1)
        return heads * cos.view(1, -1) + torch.cat([-high, low], dim=-1) * sin.view(1, -1)

    keys[0, :, place] = turned(k)[:, None]
    values[0, :, place] = v.view(-1, 1, width)
    return turned(q).view(q.shape)


def gated(gate: Tensor, up: Tensor) -> Tensor:
    return F.silu(gate) * up
