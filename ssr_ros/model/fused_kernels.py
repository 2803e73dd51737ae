# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What one token's step is made of, as Triton kernels: norms, attention, and rows of matrices.

They round where the plain step rounds, so that in 16 bits the same numbers come out, up to the
order of sums. A matrix is read by programs that take some of its rows each, with the norm before
it and the gate after it in the same kernel. Such a kernel may begin early (Hopper and later): it
asks for its weights while the one before still runs, and waits before it reads or writes anything
that changes from token to token: what a multiprocessor's own cache holds of that may be old until
then.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
import triton
import triton.language as tl

BLOCK = 1024

COLUMNS = 2048
"""Numbers of a row that a program reads at once, where no norm wants all of them."""

TOKENS = 128
"""Tokens of the cache that a program looks at together."""


@dataclass(frozen=True)
class Tile:
    """How a matrix is shared out: rows of it for each program, and the warps that read them."""

    rows: int
    warps: int


TILES = (Tile(2, 4), Tile(4, 4), Tile(8, 8))
"""The ways that are tried on a card."""


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
    """Turn a token's query and key, write key and value into the cache, and look at all there.

    Args:
        q: heads x width numbers.
        k: heads of the cache x width numbers; v the same.
        v: see k.
        cos: (positions, width) for every position, and sin the same.
        sin: see cos.
        position: int64, one number: which of these is the token's.
        place: (1,) int64, where in the cache it is written; it sees all before, and itself.
        keys: (1, heads, room, width), and values the same.
        values: see keys.
        early: the next kernel may begin meanwhile, and this one while the one before still runs.

    Returns:
        What q has, of the same shape.
    """
    out, (_, n_keys, room, width) = q.new_empty(q.shape), keys.shape
    heads = q.numel() // width
    given = (q, k, v, cos, sin, position, place, out, keys, values)
    more = (room, heads // n_keys, width**-0.5, width // 2, TOKENS, early)
    _attend[(heads,)](*given, *more, num_warps=8, **_launched(early))
    return out


def gated(gate: Tensor, up: Tensor) -> Tensor:
    """Return silu(gate) * up."""
    out, size = torch.empty_like(gate), gate.numel()
    _gated[(triton.cdiv(size, BLOCK),)](gate, up, out, size, BLOCK)
    return out


def product(
    x: Tensor, weight: Tensor, tile: Tile, gives: torch.dtype, early: bool = False
) -> Tensor:
    """(1, ..., columns) -> (1, ..., rows) of a weight (rows, columns); early as in ``attend``."""
    rows, columns = weight.shape
    out = x.new_empty(*x.shape[:-1], rows, dtype=gives)
    block = min(COLUMNS, triton.next_power_of_2(columns))
    given = (x, weight, out, rows, columns, tile.rows, block, early)
    grid = (triton.cdiv(rows, tile.rows),)
    _product[grid](*given, num_warps=tile.warps, **_launched(early))
    return out


def normed_product(
    x: Tensor,
    more: Tensor | None,
    scale: Tensor,
    epsilon: float,
    weight: Tensor,
    bias: Tensor | None,
    tile: Tile,
    gates: bool = False,
    early: bool = False,
) -> tuple[Tensor, Tensor]:
    """Add, norm, and go through a matrix, in one kernel.

    Args:
        x: (1, 1, columns) float32.
        more: the same in any dtype, or None: nothing is added.
        scale: (columns,), of the norm.
        epsilon: see there.
        weight: (rows, columns).
        bias: (rows,), or None.
        tile: how the rows are shared out.
        gates: the first half of the rows is a gate, and silu of it times the other is returned.
        early: as in ``attend``.

    Returns:
        The sum, (1, 1, columns) float32, x being left as it is; and the product in the dtype of
        the weight.
    """
    rows, columns = weight.shape
    rows = rows // 2 if gates else rows
    summed = x if more is None else torch.empty_like(x)
    out = x.new_empty(*x.shape[:-1], rows, dtype=weight.dtype)
    _normed_product[(triton.cdiv(rows, tile.rows),)](
        x,
        x if more is None else more,
        scale,
        weight,
        weight if bias is None else bias,
        summed,
        out,
        epsilon,
        rows,
        columns,
        tile.rows,
        triton.next_power_of_2(columns),
        more is not None,
        bias is not None,
        gates,
        early,
        num_warps=tile.warps,
        **_launched(early),
    )
    return summed, out


def _launched(early: bool) -> dict[str, bool]:
    return {'launch_pdl': True} if early else {}


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
def _turned(x, cos, sin, half: tl.constexpr):  # type: ignore[no-untyped-def]
    """Both halves of a head, turned and rounded as the plain step rounds."""
    n = tl.arange(0, half)
    low, high = tl.load(x + n), tl.load(x + half + n)
    kind = low.dtype
    low, high = low.to(tl.float32), high.to(tl.float32)
    turned_low = (low * tl.load(cos + n).to(tl.float32)).to(kind).to(tl.float32)
    turned_low -= (high * tl.load(sin + n).to(tl.float32)).to(kind).to(tl.float32)
    turned_high = (high * tl.load(cos + half + n).to(tl.float32)).to(kind).to(tl.float32)
    turned_high += (low * tl.load(sin + half + n).to(tl.float32)).to(kind).to(tl.float32)
    return turned_low.to(kind), turned_high.to(kind)


@triton.jit  # type: ignore[untyped-decorator]
def _page(cache, start, at, half: tl.constexpr, block: tl.constexpr):  # type: ignore[no-untyped-def]
    """Both halves of some tokens' keys or values; zeros from the token at ``at`` on."""
    tokens = start + tl.arange(0, block)
    where = tokens[:, None] * 2 * half + tl.arange(0, half)[None, :]
    seen = tokens[:, None] < at
    low = tl.load(cache + where, mask=seen, other=0.0)
    high = tl.load(cache + where + half, mask=seen, other=0.0)
    return low, high


@triton.jit  # type: ignore[untyped-decorator]
def _attend(  # type: ignore[no-untyped-def]
    q,
    k,
    v,
    cos,
    sin,
    position,
    place,
    out,
    keys,
    values,
    room,
    shared,
    scale,
    half: tl.constexpr,
    block: tl.constexpr,
    early: tl.constexpr,
):
    _after_the_one_before(early)
    head = tl.program_id(0)
    own = head // shared
    n = tl.arange(0, half)
    at = tl.load(place).to(tl.int32)
    turn = tl.load(position) * 2 * half
    keys += own * room * 2 * half
    values += own * room * 2 * half
    start = at - at  # a loop to a number that is known late: interpreters want it so
    keys_low, keys_high = _page(keys, start, at, half, block)
    values_low, values_high = _page(values, start, at, half, block)
    q_low, q_high = _turned(q + head * 2 * half, cos + turn, sin + turn, half)
    k_low, k_high = _turned(k + own * 2 * half, cos + turn, sin + turn, half)
    v_low = tl.load(v + own * 2 * half + n)
    v_high = tl.load(v + own * 2 * half + half + n)
    to = at * 2 * half + n
    first = (head % shared == 0) & (n < half)  # one of those that share the key writes it
    tl.store(keys + to, k_low, mask=first)
    tl.store(keys + to + half, k_high, mask=first)
    tl.store(values + to, v_low, mask=first)
    tl.store(values + to + half, v_high, mask=first)
    kind = q_low.dtype
    q_low, q_high = q_low.to(tl.float32), q_high.to(tl.float32)
    own_score = tl.sum(q_low * k_low.to(tl.float32) + q_high * k_high.to(tl.float32), axis=0)
    best = own_score * scale
    total = tl.exp(best - best)
    low, high = v_low.to(tl.float32), v_high.to(tl.float32)
    while start < at:
        following = start + block  # on its way while this is computed
        next_keys_low, next_keys_high = _page(keys, following, at, half, block)
        next_values_low, next_values_high = _page(values, following, at, half, block)
        each = keys_low.to(tl.float32) * q_low[None, :]
        each += keys_high.to(tl.float32) * q_high[None, :]
        seen = start + tl.arange(0, block) < at
        score = tl.where(seen, tl.sum(each, axis=1) * scale, float('-inf'))
        higher = tl.maximum(best, tl.max(score, axis=0))
        weights, kept = tl.exp(score - higher), tl.exp(best - higher)
        total = total * kept + tl.sum(weights, axis=0)
        low = low * kept + tl.sum(weights[:, None] * values_low.to(tl.float32), axis=0)
        high = high * kept + tl.sum(weights[:, None] * values_high.to(tl.float32), axis=0)
        best, start = higher, following
        keys_low, keys_high = next_keys_low, next_keys_high
        values_low, values_high = next_values_low, next_values_high
    tl.store(out + head * 2 * half + n, (low / total).to(kind))
    tl.store(out + head * 2 * half + half + n, (high / total).to(kind))


@triton.jit
def _silu_times(gate, up):  # type: ignore[no-untyped-def]
    """silu(gate) * up in float32, rounded between as the plain step does."""
    kind = gate.dtype
    wide = gate.to(tl.float32)
    silu = (wide / (1.0 + tl.exp(-wide))).to(kind).to(tl.float32)
    return silu * up.to(tl.float32)


@triton.jit  # type: ignore[untyped-decorator]
def _gated(gate, up, out, size, block: tl.constexpr):  # type: ignore[no-untyped-def]
    n = tl.program_id(0) * block + tl.arange(0, block)
    there = n < size
    x = tl.load(gate + n, mask=there, other=0.0)
    y = tl.load(up + n, mask=there, other=0.0)
    tl.store(out + n, _silu_times(x, y).to(x.dtype), mask=there)


@triton.jit  # type: ignore[untyped-decorator]
def _tile(weight, own, rows, n, columns: tl.constexpr):  # type: ignore[no-untyped-def]
    """Some numbers of some rows; nothing of them is read again before the next token."""
    where = own.to(tl.int64)[:, None] * columns + n[None, :]
    there = (own < rows)[:, None] & (n < columns)[None, :]
    return tl.load(weight + where, mask=there, other=0.0, eviction_policy='evict_first')


@triton.jit  # type: ignore[untyped-decorator]
def _after_the_one_before(early: tl.constexpr):  # type: ignore[no-untyped-def]
    """Wait for the kernel before to have ended, and let the next ask for its weights."""
    if early:
        tl.extra.cuda.gdc_wait()
        tl.extra.cuda.gdc_launch_dependents()


@triton.jit  # type: ignore[untyped-decorator]
def _product(  # type: ignore[no-untyped-def]
    x,
    weight,
    out,
    rows,
    columns: tl.constexpr,
    height: tl.constexpr,
    block: tl.constexpr,
    early: tl.constexpr,
):
    own = tl.program_id(0) * height + tl.arange(0, height)
    n = tl.arange(0, block)
    matrix = _tile(weight, own, rows, n, columns)
    _after_the_one_before(early)
    token = tl.load(x + n, mask=n < columns, other=0.0).to(tl.float32)
    sums = matrix.to(tl.float32) * token[None, :]
    for start in range(block, columns, block):
        n = start + tl.arange(0, block)
        matrix = _tile(weight, own, rows, n, columns)
        token = tl.load(x + n, mask=n < columns, other=0.0).to(tl.float32)
        sums += matrix.to(tl.float32) * token[None, :]
    tl.store(out + own, tl.sum(sums, axis=1).to(out.dtype.element_ty), mask=own < rows)


@triton.jit  # type: ignore[untyped-decorator]
def _normed_product(  # type: ignore[no-untyped-def]
    x,
    more,
    scale,
    weight,
    bias,
    summed,
    out,
    epsilon,
    rows,
    columns: tl.constexpr,
    height: tl.constexpr,
    block: tl.constexpr,
    adds: tl.constexpr,
    biased: tl.constexpr,
    gates: tl.constexpr,
    early: tl.constexpr,
):
    own = tl.program_id(0) * height + tl.arange(0, height)
    n = tl.arange(0, block)
    there = n < columns
    # Asked for before the norm, so that it is on its way meanwhile.
    matrix = _tile(weight, own, rows, n, columns)
    if gates:
        other = _tile(weight + rows.to(tl.int64) * columns, own, rows, n, columns)
    gain = tl.load(scale + n, mask=there, other=0.0).to(tl.float32)
    if biased:
        shift = tl.load(bias + own, mask=own < rows, other=0.0).to(tl.float32)
    _after_the_one_before(early)
    token = tl.load(x + n, mask=there, other=0.0)
    if adds:
        token += tl.load(more + n, mask=there, other=0.0).to(tl.float32)
        tl.store(summed + n, token, mask=there & (tl.program_id(0) == 0))
    normed = gain * (token / tl.sqrt(tl.sum(token * token, axis=0) / columns + epsilon))
    kind = matrix.dtype
    normed = normed.to(kind).to(tl.float32)[None, :]
    sums = tl.sum(matrix.to(tl.float32) * normed, axis=1)
    if biased:
        sums += shift
    if gates:
        others = tl.sum(other.to(tl.float32) * normed, axis=1)
        sums = _silu_times(sums.to(kind), others.to(kind))
    tl.store(out + own, sums.to(kind), mask=own < rows)
