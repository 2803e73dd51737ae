# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Mamba's scan for training on a GPU, as two Triton kernels.

A program keeps the states of some channels of one sequence in registers and goes through time
once; in torch every token's states pass through the GPU's memory several times. The way back
starts from states kept every CHUNK tokens and computes those between again. What the gradients
mean stands in ``ssr_ros.model.scan.gradients``, whose torch version is the twin.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable
import triton
import triton.language as tl

CHANNELS = 32
"""Channels of a program."""

CHUNK = 16
"""Tokens between kept states."""


def triton_scan(
    u: Tensor, dt: Tensor, a: Tensor, b: Tensor, c: Tensor, h: Tensor
) -> tuple[Tensor, Tensor]:
    """Compute what ``plain_scan`` computes, in float32; see there for the arguments.

    The state's size must be a power of two.
    """
    result: tuple[Tensor, Tensor] = _TritonScan.apply(  # type: ignore[no-untyped-call]
        u, dt, a, b, c, h
    )
    return result


class _TritonScan(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, *inputs: Tensor) -> tuple[Tensor, Tensor]:
        u, dt, a, b, c, h = (x.float().contiguous() for x in inputs)
        (batch, time, channels), state = u.shape, a.shape[1]
        kept = u.new_empty(batch, triton.cdiv(time, CHUNK), channels, state)
        y, last = torch.empty_like(u), torch.empty_like(h)
        sizes = (time, channels, state, CHANNELS, CHUNK)
        _forward[_grid(batch, channels)](u, dt, a, b, c, h, y, last, kept, *sizes)
        ctx.save_for_backward(u, dt, a, b, c, kept)
        return y, last

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad_y: Tensor, grad_h: Tensor) -> tuple[Tensor, ...]:
        u, dt, a, b, c, kept = ctx.saved_tensors
        (batch, time, channels), state = u.shape, a.shape[1]
        grid = _grid(batch, channels)
        grad_u, grad_dt = torch.empty_like(u), torch.empty_like(dt)
        # Sums over channels and over sequences are finished by torch: no order is left to chance.
        parts_b, parts_c = (u.new_empty(grid[1], batch, time, state) for _ in range(2))
        parts_a, flow = u.new_empty(batch, channels, state), torch.empty_like(grad_h)
        between = u.new_empty(batch, CHUNK, channels, state)
        _backward[grid](
            u,
            dt,
            a,
            b,
            c,
            kept,
            grad_y.float().contiguous(),
            grad_h.float().contiguous(),
            grad_u,
            grad_dt,
            parts_a,
            parts_b,
            parts_c,
            flow,
            between,
            batch,
            time,
            channels,
            state,
            CHANNELS,
            CHUNK,
        )
        return grad_u, grad_dt, parts_a.sum(0), parts_b.sum(0), parts_c.sum(0), flow


def _grid(batch: int, channels: int) -> tuple[int, int]:
    return batch, triton.cdiv(channels, CHANNELS)


@triton.jit  # type: ignore[untyped-decorator]
def _forward(  # type: ignore[no-untyped-def]
    u,
    dt,
    a,
    b,
    c,
    h0,
    y,
    last,
    kept,
    time,
    channels,
    state: tl.constexpr,
    width: tl.constexpr,
    chunk: tl.constexpr,
):
    row = tl.program_id(0)
    d = tl.program_id(1) * width + tl.arange(0, width)
    n = tl.arange(0, state)
    there = d < channels
    tile = d[:, None] * state + n[None, :]
    both = there[:, None] & (n[None, :] < state)
    decay = tl.load(a + tile, mask=both, other=0.0)
    h = tl.load(h0 + row * channels * state + tile, mask=both, other=0.0)
    n_kept = (time + chunk - 1) // chunk
    for t in range(time):
        if t % chunk == 0:
            place = (row * n_kept + t // chunk) * channels * state
            tl.store(kept + place + tile, h, mask=both)
        at = row * time + t
        step = tl.load(dt + at * channels + d, mask=there, other=0.0)
        x = tl.load(u + at * channels + d, mask=there, other=0.0)
        write = tl.load(b + at * state + n)
        read = tl.load(c + at * state + n)
        h = tl.exp(step[:, None] * decay) * h + (step * x)[:, None] * write[None, :]
        tl.store(y + at * channels + d, tl.sum(h * read[None, :], axis=1), mask=there)
    tl.store(last + row * channels * state + tile, h, mask=both)


@triton.jit  # type: ignore[untyped-decorator]
def _backward(  # type: ignore[no-untyped-def]
    u,
    dt,
    a,
    b,
    c,
    kept,
    grad_y,
    grad_h,
    grad_u,
    grad_dt,
    parts_a,
    parts_b,
    parts_c,
    flow_out,
    between,
    batch,
    time,
    channels,
    state: tl.constexpr,
    width: tl.constexpr,
    chunk: tl.constexpr,
):
    row = tl.program_id(0)
    block = tl.program_id(1)
    d = block * width + tl.arange(0, width)
    n = tl.arange(0, state)
    there = d < channels
    tile = d[:, None] * state + n[None, :]
    both = there[:, None] & (n[None, :] < state)
    decay = tl.load(a + tile, mask=both, other=0.0)
    flow = tl.load(grad_h + row * channels * state + tile, mask=both, other=0.0)
    sum_a = tl.zeros([width, state], tl.float32)
    n_kept = (time + chunk - 1) // chunk
    for back in range(n_kept):
        number = n_kept - 1 - back
        h = tl.load(kept + (row * n_kept + number) * channels * state + tile, mask=both, other=0.0)
        for k in range(chunk):
            # Past the end the steps are 0: nothing decays, nothing is written.
            at = row * time + number * chunk + k
            inside = there & (number * chunk + k < time)
            step = tl.load(dt + at * channels + d, mask=inside, other=0.0)
            x = tl.load(u + at * channels + d, mask=inside, other=0.0)
            write = tl.load(b + at * state + n, mask=number * chunk + k + 0 * n < time, other=0.0)
            tl.store(between + (row * chunk + k) * channels * state + tile, h, mask=both)
            h = tl.exp(step[:, None] * decay) * h + (step * x)[:, None] * write[None, :]
        tl.debug_barrier()
        for backwards in range(chunk):
            k = chunk - 1 - backwards
            at = row * time + number * chunk + k
            inside = there & (number * chunk + k < time)
            now = number * chunk + k + 0 * n < time
            step = tl.load(dt + at * channels + d, mask=inside, other=0.0)
            x = tl.load(u + at * channels + d, mask=inside, other=0.0)
            gy = tl.load(grad_y + at * channels + d, mask=inside, other=0.0)
            write = tl.load(b + at * state + n, mask=now, other=0.0)
            read = tl.load(c + at * state + n, mask=now, other=0.0)
            before = tl.load(
                between + (row * chunk + k) * channels * state + tile, mask=both, other=0.0
            )
            keep = tl.exp(step[:, None] * decay)
            after = keep * before + (step * x)[:, None] * write[None, :]
            g = flow + gy[:, None] * read[None, :]
            place = ((block * batch + row) * time + number * chunk + k) * state + n
            tl.store(parts_c + place, tl.sum(after * gy[:, None], axis=0), mask=now)
            tl.store(parts_b + place, tl.sum(g * (step * x)[:, None], axis=0), mask=now)
            driven = tl.sum(g * write[None, :], axis=1)
            through = g * keep * before
            tl.store(grad_u + at * channels + d, driven * step, mask=inside)
            grad_step = driven * x + tl.sum(through * decay, axis=1)
            tl.store(grad_dt + at * channels + d, grad_step, mask=inside)
            sum_a += through * step[:, None]
            flow = g * keep
        tl.debug_barrier()
    tl.store(parts_a + row * channels * state + tile, sum_a, mask=both)
    tl.store(flow_out + row * channels * state + tile, flow, mask=both)
