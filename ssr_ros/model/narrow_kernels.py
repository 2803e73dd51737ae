# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Products with weights of 4 bits, as Triton kernels that read them as they are stored.

A word of 32 bits holds 8 numbers of a row, the first in its lowest bits. One token is bound by how
often a number is touched: it becomes a float32 by being put behind the bits of 128, and scale and
zero come in once for the 8 of a word. Many tokens go through the card's matrix units.
"""

from __future__ import annotations

import torch
from torch import Tensor
import triton
import triton.language as tl

from ssr_ros.model.fused_kernels import Tile

GROUP = 128
"""Numbers that share scale and zero here."""

TILES = (Tile(4, 2), Tile(8, 4), Tile(8, 8))
"""The ways that are tried on a card for one token."""

WORDS = 256
"""Of a row that a program reads at once for one token."""

HIGH, WIDE = 64, 32
"""Rows and tokens that a program takes of many."""


def narrow_product(x: Tensor, codes: Tensor, scales: Tensor, tile: Tile) -> Tensor:
    """Multiply tokens with a matrix of 4 bits.

    Args:
        x: (tokens, columns), contiguous, in 16 bits.
        codes: (rows, columns / 2) uint8, the even column in the low half; contiguous.
        scales: (columns / GROUP, rows, 2), scale and zero: a number is (code - 8) scale + zero.
        tile: how the rows are shared out for one token.

    Returns:
        (tokens, rows) in the dtype of x, summed in float32.
    """
    (tokens, columns), rows = x.shape, len(codes)
    out, words = x.new_empty(tokens, rows), codes.view(torch.int32)
    if tokens == 1:
        grid: tuple[int, ...] = (triton.cdiv(rows, tile.rows),)
        sizes = (rows, columns // 8, GROUP // 8, tile.rows, WORDS)
        _one_token[grid](x, words, scales, out, *sizes, num_warps=tile.warps)
    else:
        grid = (triton.cdiv(rows, HIGH), triton.cdiv(tokens, WIDE))
        sizes = (rows, columns // 8, GROUP // 8, HIGH, WIDE)
        _many_tokens[grid](x, words, scales, out, tokens, *sizes, num_warps=4)
    return out


@triton.jit
def _scale_and_zero(scales, which, there):  # type: ignore[no-untyped-def]
    both = scales + which[:, :, None] * 2 + tl.arange(0, 2)[None, None, :]
    scale, zero = tl.split(tl.load(both, mask=there[:, :, None], other=0.0).to(tl.float32))
    return scale, zero


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
    own = tl.program_id(0) * height + tl.arange(0, height)
    sums = tl.zeros([height, block], tl.float32)
    for start in range(0, words, block):
        n = start + tl.arange(0, block)
        there = (own < rows)[:, None] & (n < words)[None, :]
        where = own.to(tl.int64)[:, None] * words + n[None, :]
        packed = tl.load(codes + where, mask=there, other=0, eviction_policy='evict_first')
        raised = tl.zeros([height, block], tl.float32)
        total = tl.zeros([block], tl.float32)
        for k in tl.static_range(8):
            token = tl.load(x + 8 * n + k, mask=n < words, other=0.0).to(tl.float32)
            code = (packed >> (4 * k)) & 15
            number = ((code << 16) | 0x43000000).to(tl.float32, bitcast=True)  # 128 + code
            raised += number * token[None, :]
            total += token
        scale, zero = _scale_and_zero(scales, (n // shared)[None, :] * rows + own[:, None], there)
        sums += raised * scale + (zero - 136.0 * scale) * total[None, :]
    tl.store(out + own, tl.sum(sums, axis=1).to(out.dtype.element_ty), mask=own < rows)


@triton.jit  # type: ignore[untyped-decorator]
def _many_tokens(  # type: ignore[no-untyped-def]
    x,
    codes,
    scales,
    out,
    tokens,
    rows,
    words: tl.constexpr,
    shared: tl.constexpr,
    height: tl.constexpr,
    width: tl.constexpr,
):
    own = tl.program_id(0) * height + tl.arange(0, height)
    at = tl.program_id(1) * width + tl.arange(0, width)
    read = codes + own.to(tl.int64)[:, None] * words + tl.arange(0, shared)[None, :]
    given = x + at.to(tl.int64)[None, :] * (8 * words) + 8 * tl.arange(0, shared)[:, None]
    sums = tl.zeros([height, width], tl.float32)
    for group in range(0, words // shared):
        packed = tl.load(read + group * shared, mask=(own < rows)[:, None], other=0)
        products = tl.zeros([height, width], tl.float32)
        total = tl.zeros([width], tl.float32)
        for k in tl.static_range(8):
            token = tl.load(given + 8 * group * shared + k, mask=(at < tokens)[None, :], other=0.0)
            number = (((packed >> (4 * k)) & 15) - 8).to(token.dtype)
            products += tl.dot(number, token)
            total += tl.sum(token.to(tl.float32), axis=0)
        which = (group * rows + own)[:, None]
        scale, zero = _scale_and_zero(scales, which, (own < rows)[:, None])
        sums += products * scale + zero * total[None, :]
    where = at.to(tl.int64)[None, :] * rows + own[:, None]
    there = (own < rows)[:, None] & (at < tokens)[None, :]
    tl.store(out + where, sums.to(out.dtype.element_ty), mask=there)
