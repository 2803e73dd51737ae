# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Mamba's scan as one Triton kernel, without gradients.

A program keeps the states of a few channels in registers and goes through time in spans. A token
of a span maps what came before it to ``keep * h + add``; such maps join to another of their kind
in any grouping, so that a span takes log steps (Blelloch, "Prefix sums and their applications",
1990).
"""

from __future__ import annotations

import torch
from torch import Tensor
import triton
import triton.language as tl

CHANNELS = 4
"""Channels of a program."""

SPAN = 32
"""Tokens that are joined at once."""


def triton_scan(
    u: Tensor, dt: Tensor, a: Tensor, b: Tensor, c: Tensor, h: Tensor
) -> tuple[Tensor, Tensor]:
    """Compute what ``plain_scan`` computes, in float32; see there for the arguments.

    The state's size must be a power of two.
    """
    u, dt, a, b, c, h = (x.float().contiguous() for x in (u, dt, a, b, c, h))
    (batch, time, channels), state = u.shape, a.shape[1]
    y, last = torch.empty_like(u), torch.empty_like(h)
    grid = (batch, triton.cdiv(channels, CHANNELS))
    _scan[grid](u, dt, a, b, c, h, y, last, time, channels, state, CHANNELS, SPAN)
    return y, last


@triton.jit
def _join(keep_before, add_before, keep, add):  # type: ignore[no-untyped-def]
    return keep_before * keep, add_before * keep + add


@triton.jit  # type: ignore[untyped-decorator]
def _scan(  # type: ignore[no-untyped-def]
    u,
    dt,
    a,
    b,
    c,
    h0,
    y,
    last,
    time,
    channels,
    state: tl.constexpr,
    width: tl.constexpr,
    span: tl.constexpr,
):
    row = tl.program_id(0)
    d = tl.program_id(1) * width + tl.arange(0, width)
    n = tl.arange(0, state)
    t = tl.arange(0, span)
    there = d < channels
    tile = d[:, None] * state + n[None, :]
    rate = tl.load(a + tile, mask=there[:, None], other=0.0)
    h = tl.load(h0 + row * channels * state + tile, mask=there[:, None], other=0.0)
    for start in range(0, time, span):
        now = start + t < time
        inside = now[:, None] & there[None, :]
        at = row * time + start + t
        place = at[:, None] * channels + d[None, :]
        both = at[:, None] * state + n[None, :]
        # Past the end the steps are 0: nothing decays, nothing is written.
        step = tl.load(dt + place, mask=inside, other=0.0)
        x = tl.load(u + place, mask=inside, other=0.0)
        write = tl.load(b + both, mask=now[:, None], other=0.0)
        read = tl.load(c + both, mask=now[:, None], other=0.0)
        keep = tl.exp(step[:, :, None] * rate[None, :, :])
        add = (step * x)[:, :, None] * write[:, None, :]
        first = t[:, None, None] == 0
        add = tl.where(first, keep * h[None, :, :] + add, add)
        _, states = tl.associative_scan((keep, add), 0, _join)
        tl.store(y + place, tl.sum(states * read[:, None, :], axis=2), mask=inside)
        h = tl.sum(tl.where(t[:, None, None] == span - 1, states, 0.0), axis=0)
    tl.store(last + row * channels * state + tile, h, mask=there[:, None])
