# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Products with weights of 4 bits, as Triton kernels that read them as they are stored.

A word of 32 bits holds 8 numbers of a row, the first in its lowest bits. One token is bound by how
often a number is touched: where it stands in a word it is put behind the bits of 2^23, which makes
it a float32, and its place and the 2^23 are taken out of the token beforehand. For many tokens a
number becomes one of 16 bits once, for all of them, and goes through the card's matrix units.
"""

from __future__ import annotations

import torch
from torch import Tensor
import triton
import triton.language as tl

from ssr_ros.model.fused_kernels import Tile

GROUP = 128
"""Numbers that share scale and zero here."""

TILES = (Tile(8, 4), Tile(4, 4))
"""The ways that are tried on a card for one token."""

WORDS = 256
"""Of a row that a program reads at once for one token."""

HIGH, WIDTHS = 64, (16, 32, 64, 128)
"""Rows that a program takes of many tokens, and how many of these."""

PROGRAMS, PARTS = 256, (1, 2, 4, 8)
"""What keeps a card busy: where there are few rows, each is read in parts side by side."""

LEAST_GROUPS = 4
"""Of such a part."""


def narrow_product(x: Tensor, codes: Tensor, scales: Tensor, tile: Tile) -> Tensor:
    """Multiply tokens with a matrix of 4 bits.

    Args:
        x: (tokens, columns), contiguous, in 16 bits.
        codes: (rows, columns / 2) uint8, the even column in the low half; contiguous.
        scales: (columns / GROUP, rows, 2), scale and zero: a number is (code - 8) scale + zero;
            contiguous, in the dtype of x.
        tile: how the rows are shared out for one token.

    Returns:
        (tokens, rows) in the dtype of x, summed in float32.
    """
    (tokens, columns), rows = x.shape, len(codes)
    given = x, codes.view(torch.int32), scales.view(torch.int32)
    n_words, shared = columns // 8, GROUP // 8
    if tokens == 1:
        out, block = x.new_empty(1, rows), min(WORDS, triton.next_power_of_2(n_words))
        sizes = (rows, n_words, shared, tile.rows, block)
        _one_token[(triton.cdiv(rows, tile.rows),)](*given, out, *sizes, num_warps=tile.warps)
        return out
    width = next((width for width in WIDTHS if tokens <= width), WIDTHS[-1])
    high, wide, n_groups = triton.cdiv(rows, HIGH), triton.cdiv(tokens, width), n_words // shared
    wanted = min(triton.cdiv(PROGRAMS, high * wide), n_groups // LEAST_GROUPS)
    n_parts = max(count for count in PARTS if count <= max(wanted, 1))
    out, arrived = x.new_empty(tokens, rows), x.new_zeros(high, wide, dtype=torch.int32)
    parts = x.new_empty(n_parts if n_parts > 1 else 0, tokens, rows, dtype=torch.float32)
    taken = (tokens, rows, n_words, triton.cdiv(n_groups, n_parts), n_parts, shared, HIGH, width)
    _many_tokens[high, wide, n_parts](*given, out, parts, arrived, *taken, num_warps=4)
    return out


@triton.jit
def _apart(x):  # type: ignore[no-untyped-def]
    """(..., 2, 2, 2) -> the eight (...) of it, in their order."""
    even, odd = tl.split(x)
    e0, e1 = tl.split(even)
    o0, o1 = tl.split(odd)
    x0, x4 = tl.split(e0)
    x2, x6 = tl.split(e1)
    x1, x5 = tl.split(o0)
    x3, x7 = tl.split(o1)
    return x0, x1, x2, x3, x4, x5, x6, x7


@triton.jit  # type: ignore[untyped-decorator]
def _scale_and_zero(both, like: tl.constexpr):  # type: ignore[no-untyped-def]
    """Words of two numbers of 16 bits -> these, in float32."""
    if like == tl.bfloat16:
        scale = (both << 16).to(tl.float32, bitcast=True)
        zero = (both & -65536).to(tl.float32, bitcast=True)
    else:
        scale = (both & 0xFFFF).to(tl.int16).to(like, bitcast=True).to(tl.float32)
        zero = (both >> 16).to(tl.int16).to(like, bitcast=True).to(tl.float32)
    return scale, zero


@triton.jit  # type: ignore[untyped-decorator]
def _behind(packed, place: tl.constexpr):  # type: ignore[no-untyped-def]
    """Return 2^23 + 2^place times the number that stands at a place of a word, in float32."""
    return ((packed & (15 << place)) | 0x4B000000).to(tl.float32, bitcast=True)


@triton.jit  # type: ignore[untyped-decorator]
def _one_token(  # type: ignore[no-untyped-def]
    x,
    codes,
    scales,
    out,
    rows,
    words: tl.constexpr,
    shared: tl.constexpr,
    height: tl.constexpr,
    block: tl.constexpr,
):
    like: tl.constexpr = x.dtype.element_ty
    four: tl.constexpr = block // 4  # words that a thread adds up before scale and zero come in
    at8: tl.constexpr = 1.0 / 256
    at12: tl.constexpr = 1.0 / 4096
    at16: tl.constexpr = 1.0 / 65536
    own = tl.program_id(0) * height + tl.arange(0, height)
    own_there = (own < rows)[:, None]
    sums = tl.zeros([height, four], tl.float32)
    for start in tl.range(0, words, block, num_stages=3):
        n = start + tl.arange(0, block)
        m = start // 4 + tl.arange(0, four)
        where = own.to(tl.int64)[:, None] * words + n[None, :]
        there = own_there & (n < words)[None, :]
        packed = tl.load(codes + where, mask=there, other=0, eviction_policy='evict_first')
        which = (m // (shared // 4))[None, :] * rows + own[:, None]
        both = tl.load(scales + which, mask=own_there & (m < words // 4)[None, :], other=0)
        wide = 8 * start + tl.arange(0, 8 * block)
        token = tl.load(x + wide, mask=wide < 8 * words, other=0.0).to(tl.float32)
        x0, x1, x2, x3, x4, x5, x6, x7 = _apart(tl.reshape(token, [block, 2, 2, 2]))
        total = ((x0 + x1) + (x2 + x3)) + ((x4 + x5) + (x6 + x7))
        x0, x2, x5 = x0 * at8, x2 * at8, x5 * at8
        x1, x3, x6 = x1 * at12, x3 * at12, x6 * at12
        x4, x7 = x4 * at16, x7 * at16
        low, high = packed << 8, packed >> 12
        product = ((x0 + x2 + x5) + (x1 + x3 + x6) + (x4 + x7))[None, :] * -8388608.0
        product += _behind(low, 8) * x0[None, :]
        product += _behind(packed, 8) * x2[None, :]
        product += _behind(high, 8) * x5[None, :]
        product += _behind(low, 12) * x1[None, :]
        product += _behind(packed, 12) * x3[None, :]
        product += _behind(high, 12) * x6[None, :]
        product += _behind(packed, 16) * x4[None, :]
        product += _behind(high, 16) * x7[None, :]
        product = tl.sum(tl.reshape(product, [height, four, 4]), axis=2)
        total = tl.sum(tl.reshape(total, [four, 4]), axis=1)
        scale, zero = _scale_and_zero(both, like)
        sums += product * scale + (zero - 8.0 * scale) * total[None, :]
    tl.store(out + own, tl.sum(sums, axis=1).to(like), mask=own < rows)


@triton.jit  # type: ignore[untyped-decorator]
def _number(packed, k: tl.constexpr, scale, zero, like: tl.constexpr):  # type: ignore[no-untyped-def]
    """Return the number that a code means, in 16 bits."""
    code = (packed >> (4 * k)) & 15
    if like == tl.bfloat16:
        number = (code | 0x4300).to(tl.int16).to(like, bitcast=True) - 136.0  # 128 + code
    else:
        number = (code | 0x6400).to(tl.int16).to(like, bitcast=True) - 1032.0  # 1024 + code
    return number.to(like) * scale + zero


@triton.jit  # type: ignore[untyped-decorator]
def _many_tokens(  # type: ignore[no-untyped-def]
    x,
    codes,
    scales,
    out,
    parts,
    arrived,
    tokens,
    rows,
    words,
    steps,
    n_parts: tl.constexpr,
    shared: tl.constexpr,
    height: tl.constexpr,
    width: tl.constexpr,
):
    like: tl.constexpr = x.dtype.element_ty
    own = tl.program_id(0) * height + tl.arange(0, height)
    at = tl.program_id(1) * width + tl.arange(0, width)
    own_there, at_there = (own < rows)[:, None], at < tokens
    first = tl.program_id(2) * steps
    last = tl.minimum(first + steps, words // shared)
    sums = tl.zeros([height, width], tl.float32)
    for group in tl.range(first, last, num_stages=3):
        n = group * shared + tl.arange(0, shared)
        where = own.to(tl.int64)[:, None] * words + n[None, :]
        packed = tl.load(codes + where, mask=own_there, other=0)
        both = tl.load(scales + (group * rows + own), mask=own < rows, other=0)[:, None]
        scale, zero = _scale_and_zero(both, like)
        scale, zero = scale.to(like), zero.to(like)
        wide = 8 * group * shared + tl.arange(0, 8 * shared)
        given = x + at.to(tl.int64)[:, None] * (8 * words) + wide[None, :]
        token = tl.load(given, mask=at_there[:, None], other=0.0)
        x0, x1, x2, x3, x4, x5, x6, x7 = _apart(tl.reshape(token, [width, shared, 2, 2, 2]))
        sums = tl.dot(_number(packed, 0, scale, zero, like), tl.trans(x0), sums)
        sums = tl.dot(_number(packed, 1, scale, zero, like), tl.trans(x1), sums)
        sums = tl.dot(_number(packed, 2, scale, zero, like), tl.trans(x2), sums)
        sums = tl.dot(_number(packed, 3, scale, zero, like), tl.trans(x3), sums)
        sums = tl.dot(_number(packed, 4, scale, zero, like), tl.trans(x4), sums)
        sums = tl.dot(_number(packed, 5, scale, zero, like), tl.trans(x5), sums)
        sums = tl.dot(_number(packed, 6, scale, zero, like), tl.trans(x6), sums)
        sums = tl.dot(_number(packed, 7, scale, zero, like), tl.trans(x7), sums)
    where = at.to(tl.int64)[None, :] * rows + own[:, None]
    there = own_there & at_there[None, :]
    if n_parts == 1:
        tl.store(out + where, sums.to(like), mask=there)
    else:
        size = tokens.to(tl.int64) * rows
        tl.store(parts + tl.program_id(2) * size + where, sums, mask=there)
        tl.debug_barrier()
        counter = arrived + tl.program_id(0) * tl.num_programs(1) + tl.program_id(1)
        if tl.atomic_add(counter, 1, sem='acq_rel') == n_parts - 1:
            # Whoever comes last adds up, in an order that does not depend on who that is.
            sums = tl.zeros([height, width], tl.float32)
            for part in range(n_parts):
                there_too = parts + part * size + where
                sums += tl.load(there_too, mask=there, other=0.0, cache_modifier='.cg')
            tl.store(out + where, sums.to(like), mask=there)
