# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""``plain_mix`` in three Triton kernels and two small products, without gradients.

Lanes are channels: all numbers of a channel's state, and its tokens, are one thread's, which
therefore asks no other for anything. A program takes one segment of the tokens, so that there are
enough of them; what every segment makes of no state is found first, ``ends``: a state decays over
a segment by ``exp(a s)`` with s the sum of its steps, so what was before needs not be known.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F
import triton
import triton.language as tl

from ssr_ros.model.scan.mixing import MixWeights

CHANNELS = 32
"""Channels of a program of the recurrence: as many as lanes, times WARPS."""

WARPS = 1

SEGMENT = 64
"""Tokens of a program of the recurrence."""

HELD = 64
"""Numbers of a channel that a thread holds at once: those of a state for a few tokens."""

TILE = (16, 128)
"""Tokens and channels of a program of the convolution."""


def triton_mix(
    both: Tensor, conv: Tensor, ssm: Tensor, weights: MixWeights
) -> tuple[Tensor, Tensor, Tensor]:
    """Compute what ``plain_mix`` computes, in float32; see there for the arguments.

    The state's size must be a power of two.
    """
    both, conv, ssm = both.contiguous(), conv.contiguous(), ssm.contiguous()
    u, gate = both.chunk(2, dim=-1)
    u, conv = _convolved(u, conv, weights)
    read, rank = F.linear(u, weights.x_proj), weights.dt_proj.shape[1]
    steps = read.flatten(0, 1)[:, :rank] @ weights.dt_proj.t()
    y, ssm = _scanned(u, steps, read[..., rank:], gate, ssm, weights)
    return y, conv, ssm


def _convolved(u: Tensor, window: Tensor, weights: MixWeights) -> tuple[Tensor, Tensor]:
    (batch, time, channels), taps = u.shape, weights.taps.shape[2]
    out, after = u.new_empty(u.shape), torch.empty_like(window)
    bias, (tokens, width) = weights.tap_bias, TILE
    grid = (batch, triton.cdiv(time, tokens), triton.cdiv(channels, width))
    given = (u, window, weights.taps, weights.skip if bias is None else bias)
    sizes = (time, channels, u.stride(1), taps, bias is not None, tokens, width)
    _convolve[grid](*given, out, after, *sizes)
    return out, after


def _scanned(
    u: Tensor, steps: Tensor, b_and_c: Tensor, gate: Tensor, h: Tensor, weights: MixWeights
) -> tuple[Tensor, Tensor]:
    (batch, time, channels), state = u.shape, weights.a_log.shape[1]
    y, last = torch.empty_like(u), torch.empty_like(h)
    segments, tile = triton.cdiv(time, SEGMENT), (CHANNELS, max(2, HELD // state), SEGMENT)
    grid = (batch, triton.cdiv(channels, CHANNELS), segments)
    given = (u, steps, weights.dt_bias, weights.a_log, b_and_c)
    sizes = (time, channels, b_and_c.stride(1))
    ends = h.new_empty(batch, segments, state, channels) if segments > 1 else h
    sums = h.new_empty(batch, segments, channels) if segments > 1 else h
    if segments > 1:
        _end[grid](*given, ends, sums, *sizes, state, *tile, num_warps=WARPS)
    others = (gate, weights.skip, h, ends, sums)
    _scan[grid](*given, *others, y, last, *sizes, gate.stride(1), state, *tile, num_warps=WARPS)
    return y, last


@triton.jit  # type: ignore[untyped-decorator]
def _convolve(  # type: ignore[no-untyped-def]
    x,
    window,
    taps,
    bias,
    out,
    after,
    time,
    channels,
    row_of_x,
    n_taps: tl.constexpr,
    biased: tl.constexpr,
    tokens: tl.constexpr,
    width: tl.constexpr,
):
    row, block = tl.program_id(0), tl.program_id(1)
    t = block * tokens + tl.arange(0, tokens)
    d = tl.program_id(2) * width + tl.arange(0, width)
    there = d < channels
    inside = (t < time)[:, None] & there[None, :]
    before: tl.constexpr = n_taps - 1
    x += row * time * row_of_x
    window += row * channels * before
    total = tl.zeros([tokens, width], tl.float32)
    if biased:
        total += tl.load(bias + d, mask=there, other=0.0)[None, :]
    for k in tl.static_range(n_taps):
        at = (t + k - before)[:, None]
        now = tl.load(x + at * row_of_x + d[None, :], mask=inside & (at >= 0), other=0.0)
        total += now * tl.load(taps + d * n_taps + k, mask=there, other=0.0)[None, :]
    if block == 0:
        for k in tl.static_range(before):
            at = (t + k)[:, None]
            old = tl.load(
                window + d[None, :] * before + at, mask=inside & (at < before), other=0.0
            )
            total += old * tl.load(taps + d * n_taps + k, mask=there, other=0.0)[None, :]
        for k in tl.static_range(before):
            # Where fewer tokens came than it is long, the window's end is its next beginning.
            from_x = time - before + k
            new = tl.load(x + from_x * row_of_x + d, mask=there & (from_x >= 0), other=0.0)
            kept = tl.load(window + d * before + time + k, mask=there & (from_x < 0), other=0.0)
            tl.store(after + (row * channels + d) * before + k, new + kept, mask=there)
    place = (row * time + t)[:, None] * channels + d[None, :]
    tl.store(out + place, total * tl.sigmoid(total), mask=inside)


@triton.jit
def _step(at, shift, inside):  # type: ignore[no-untyped-def]
    """Load numbers and take softplus of them, as torch does: x itself above 20.

    Past the end steps are 0: nothing decays, nothing is written.
    """
    x = tl.load(at, mask=inside, other=0.0) + shift
    power = tl.exp(tl.minimum(x, 20.0))
    more = 1.0 + power
    # What rounding took of a small power is given back.
    rounded = more == 1.0
    found = tl.log(more) * (power / tl.where(rounded, 1.0, more - 1.0))
    found = tl.where(x > 20.0, x, tl.where(rounded, power, found))
    return tl.where(inside, found, 0.0)


@triton.jit  # type: ignore[untyped-decorator]
def _rates(a_log, d, n, state: tl.constexpr, channels):  # type: ignore[no-untyped-def]
    """(state, width), of powers of two: what the hardware has."""
    found = tl.load(
        a_log + d[None, :] * state + n[:, None], mask=(d < channels)[None, :], other=0.0
    )
    return -1.4426950408889634 * tl.exp(found)


@triton.jit  # type: ignore[untyped-decorator]
def _end(  # type: ignore[no-untyped-def]
    u,
    steps,
    bias,
    a_log,
    b,
    ends,
    sums,
    time,
    channels,
    row_of_b,
    state: tl.constexpr,
    width: tl.constexpr,
    span: tl.constexpr,
    segment: tl.constexpr,
):
    row, part, parts = tl.program_id(0), tl.program_id(2), tl.num_programs(2)
    d = tl.program_id(1) * width + tl.arange(0, width)
    n = tl.arange(0, state)
    t = tl.arange(0, span)
    there = d < channels
    rate = _rates(a_log, d, n, state, channels)
    shift = tl.load(bias + d, mask=there, other=0.0)[None, :]
    h = tl.zeros([state, width], tl.float32)
    passed = tl.zeros([width], tl.float32)
    end = tl.minimum(time, (part + 1) * segment)
    for start in range(part * segment, end, span):
        now = start + t < end
        inside = now[:, None] & there[None, :]
        at = (row * time + start + t)[:, None]
        place = at * channels + d[None, :]
        step = _step(steps + place, shift, inside)
        x = tl.load(u + place, mask=inside, other=0.0)
        write = tl.load(b + at * row_of_b + n[None, :], mask=now[:, None], other=0.0)
        whole = tl.sum(step, 0)
        left = whole[None, :] - tl.cumsum(step, 0)
        add = (step * x)[:, None, :] * write[:, :, None]
        h *= tl.exp2(whole[None, :] * rate)
        h += tl.sum(tl.exp2(left[:, None, :] * rate[None, :, :]) * add, 0)
        passed += whole
    there_in_all = row * parts + part
    place = (there_in_all * state + n)[:, None] * channels + d[None, :]
    tl.store(ends + place, h, mask=there[None, :])
    tl.store(sums + there_in_all * channels + d, passed, mask=there)


@triton.jit
def _join(keep_before, add_before, keep, add):  # type: ignore[no-untyped-def]
    return keep_before * keep, add_before * keep + add


@triton.jit  # type: ignore[untyped-decorator]
def _scan(  # type: ignore[no-untyped-def]
    u,
    steps,
    bias,
    a_log,
    b_and_c,
    gate,
    skip,
    h0,
    ends,
    sums,
    y,
    last,
    time,
    channels,
    row_of_b,
    row_of_gate,
    state: tl.constexpr,
    width: tl.constexpr,
    span: tl.constexpr,
    segment: tl.constexpr,
):
    row, part, parts = tl.program_id(0), tl.program_id(2), tl.num_programs(2)
    d = tl.program_id(1) * width + tl.arange(0, width)
    n = tl.arange(0, state)
    t = tl.arange(0, span)
    there = d < channels
    rate = _rates(a_log, d, n, state, channels)
    shift = tl.load(bias + d, mask=there, other=0.0)[None, :]
    passing = tl.load(skip + d, mask=there, other=0.0)[None, :]
    tile = (row * channels + d)[None, :] * state + n[:, None]
    h = tl.load(h0 + tile, mask=there[None, :], other=0.0)
    for before in range(part):
        there_in_all = row * parts + before
        passed = tl.load(sums + there_in_all * channels + d, mask=there, other=0.0)
        place = (there_in_all * state + n)[:, None] * channels + d[None, :]
        h *= tl.exp2(passed[None, :] * rate)
        h += tl.load(ends + place, mask=there[None, :], other=0.0)
    end = tl.minimum(time, (part + 1) * segment)
    for start in range(part * segment, end, span):
        now = start + t < end
        inside = now[:, None] & there[None, :]
        at = (row * time + start + t)[:, None]
        place = at * channels + d[None, :]
        both = b_and_c + at * row_of_b + n[None, :]
        step = _step(steps + place, shift, inside)
        x = tl.load(u + place, mask=inside, other=0.0)
        z = tl.load(gate + at * row_of_gate + d[None, :], mask=inside, other=0.0)
        write = tl.load(both, mask=now[:, None], other=0.0)
        read = tl.load(both + state, mask=now[:, None], other=0.0)
        keep = tl.exp2(step[:, None, :] * rate[None, :, :])
        add = (step * x)[:, None, :] * write[:, :, None]
        add = tl.where(t[:, None, None] == 0, keep * h[None, :, :] + add, add)
        _, states = tl.associative_scan((keep, add), 0, _join)
        found = tl.sum(states * read[:, :, None], 1) + x * passing
        tl.store(y + place, found * z * tl.sigmoid(z), mask=inside)
        h = tl.sum(tl.where(t[:, None, None] == span - 1, states, 0.0), 0)
    if part == parts - 1:
        tl.store(last + tile, h, mask=there[None, :])
