# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What stands between a layer's matrices when one token is read, as three Triton kernels.

They round where the plain step rounds, so that in 16 bits the same numbers come out.
"""

from __future__ import annotations

import torch
from torch import Tensor
import triton
import triton.language as tl

BLOCK = 1024


def add_and_norm(
    x: Tensor, more: Tensor | None, weight: Tensor, epsilon: float, gives: torch.dtype
) -> Tensor:
    """Add ``more`` to ``x`` in its place, and return the root mean square norm of that.

    All are (width,) numbers in a row, contiguous: the sums in float32, the others in any dtype.
    """
    out, width = torch.empty_like(x, dtype=gives), weight.numel()
    other = x if more is None else more
    block = triton.next_power_of_2(width)
    _add_and_norm[(1,)](
        x, other, weight, out, epsilon, width, block, more is not None, num_warps=8
    )
    return out


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
    """Turn a token's query and key, write key and value into the cache, and return the query.

    Args:
        q: heads x width numbers.
        k: heads of the cache x width numbers; v the same.
        v: see k.
        cos: (..., width), and sin the same.
        sin: see cos.
        place: (1,) int64, where in the cache.
        keys: (1, heads, room, width), and values the same.
        values: see keys.
    """
    out, (_, n_keys, room, width) = torch.empty_like(q), keys.shape
    heads = q.numel() // width
    grid = (heads + 2 * n_keys,)
    _rotate[grid](q, k, v, cos, sin, place, out, keys, values, room, heads, n_keys, width // 2)
    return out


def gated(gate: Tensor, up: Tensor) -> Tensor:
    """Return silu(gate) * up."""
    out, size = torch.empty_like(gate), gate.numel()
    _gated[(triton.cdiv(size, BLOCK),)](gate, up, out, size, BLOCK)
    return out


@triton.jit  # type: ignore[untyped-decorator]
def _add_and_norm(  # type: ignore[no-untyped-def]
    x, more, weight, out, epsilon, width, block: tl.constexpr, adds: tl.constexpr
):
    n = tl.arange(0, block)
    there = n < width
    token = tl.load(x + n, mask=there, other=0.0)
    if adds:
        token += tl.load(more + n, mask=there, other=0.0).to(tl.float32)
        tl.store(x + n, token, mask=there)
    normed = token / tl.sqrt(tl.sum(token * token, axis=0) / width + epsilon)
    scale = tl.load(weight + n, mask=there, other=0.0).to(tl.float32)
    tl.store(out + n, (scale * normed).to(out.dtype.element_ty), mask=there)


@triton.jit  # type: ignore[untyped-decorator]
def _rotate(  # type: ignore[no-untyped-def]
    q, k, v, cos, sin, place, out, keys, values, room, heads, n_keys, half: tl.constexpr
):
    head = tl.program_id(0)
    n = tl.arange(0, half)
    at = tl.load(place)
    if head >= heads + n_keys:
        own = head - heads - n_keys
        to = values + (own * room + at) * 2 * half + n
        tl.store(to, tl.load(v + own * 2 * half + n))
        tl.store(to + half, tl.load(v + own * 2 * half + half + n))
    else:
        if head < heads:
            source = q + head * 2 * half + n
            to = out + head * 2 * half + n
        else:
            own = head - heads
            source = k + own * 2 * half + n
            to = keys + (own * room + at) * 2 * half + n
        low = tl.load(source)
        high = tl.load(source + half)
        kind = low.dtype
        low, high = low.to(tl.float32), high.to(tl.float32)
        turned_low = (low * tl.load(cos + n).to(tl.float32)).to(kind).to(tl.float32)
        turned_low -= (high * tl.load(sin + n).to(tl.float32)).to(kind).to(tl.float32)
        turned_high = (high * tl.load(cos + half + n).to(tl.float32)).to(kind).to(tl.float32)
        turned_high += (low * tl.load(sin + half + n).to(tl.float32)).to(kind).to(tl.float32)
        tl.store(to, turned_low.to(kind))
        tl.store(to + half, turned_high.to(kind))


@triton.jit  # type: ignore[untyped-decorator]
def _gated(gate, up, out, size, block: tl.constexpr):  # type: ignore[no-untyped-def]
    n = tl.program_id(0) * block + tl.arange(0, block)
    there = n < size
    x = tl.load(gate + n, mask=there, other=0.0)
    kind = x.dtype
    wide = x.to(tl.float32)
    silu = (wide / (1.0 + tl.exp(-wide))).to(kind).to(tl.float32)
    y = tl.load(up + n, mask=there, other=0.0).to(tl.float32)
    tl.store(out + n, (silu * y).to(kind), mask=there)
