# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What our Triton kernels compute, written as the plain step has it."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from ssr_ros.model.four_bits import Codes

TILES = (1, 2)
GROUP = 128


def add_and_norm(
    x: Tensor, more: Tensor | None, weight: Tensor, epsilon: float, gives: torch.dtype
) -> Tensor:
    if more is not None:
        x += more
    return (weight * (x * torch.rsqrt(x.square().mean(-1, keepdim=True) + epsilon))).to(gives)


def attend(
    q: Tensor,
    k: Tensor,
    v: Tensor,
    cos: Tensor,
    sin: Tensor,
    position: Tensor,
    place: Tensor,
    keys: Tensor,
    values: Tensor,
    early: bool = False,
) -> Tensor:
    width, n_seen = keys.shape[3], int(place) + 1

    def turned(x: Tensor) -> Tensor:
        heads = x.reshape(-1, width)
        low, high = heads.chunk(2, dim=-1)
        turn = position.view(())
        return heads * cos[turn] + torch.cat([-high, low], dim=-1) * sin[turn]

    keys[0, :, place] = turned(k)[:, None]
    values[0, :, place] = v.reshape(-1, 1, width)
    all_there = (each[:, :, :n_seen] for each in (keys, values))
    out = F.scaled_dot_product_attention(turned(q)[None, :, None], *all_there, enable_gqa=True)
    return out.reshape(q.shape)


def gated(gate: Tensor, up: Tensor) -> Tensor:
    return F.silu(gate) * up


def product(
    x: Tensor, weight: Tensor, tile: int, gives: torch.dtype, early: bool = False
) -> Tensor:
    return F.linear(x.float(), weight.float()).to(gives)


def normed_product(
    x: Tensor,
    more: Tensor | None,
    scale: Tensor,
    epsilon: float,
    weight: Tensor,
    bias: Tensor | None,
    tile: int,
    gates: bool = False,
    early: bool = False,
) -> tuple[Tensor, Tensor]:
    summed = x.clone()
    out = F.linear(add_and_norm(summed, more, scale, epsilon, weight.dtype), weight, bias)
    return summed, gated(*out.chunk(2, dim=-1)) if gates else out


def narrow_product(x: Tensor, codes: Tensor, scales: Tensor, tile: int) -> Tensor:
    weight = Codes(codes, scales.float(), GROUP).meant()
    return F.linear(x.float(), weight).to(x.dtype)
