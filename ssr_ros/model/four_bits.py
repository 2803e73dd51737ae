# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Products with weights of 4 bits: by torch's kernel, or on a card by ours where that is quicker.

torch's kernel wants the codes in an order of its own, ours takes them as they are stored, so one
of them is taken for all matrices: nobody keeps the codes twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache, partial
import importlib
from importlib.util import find_spec
import logging
from typing import Any, cast

import torch
from torch import Tensor

from ssr_ros.model.graphs import seconds_of
from ssr_ros.model.scan.card import breaks

AGREEMENT = 5e-2
"""Largest difference to float32 over the same codes, relative to the largest number: torch rounds
each weight to 16 bits."""

ROWS, COLUMNS, MATRICES = 11_008, 2048, 8
"""What is tried: more than a card's cache holds."""

QUESTION, ANSWER = 64, 32
"""Tokens that are read at once, and one by one."""

OTHERS = 16, 32, 128
"""Tokens that are read at once as well: nobody is to wait for these kernels later."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class Codes:
    """A matrix of 4 bits as it is stored.

    Attributes:
        codes: (rows, columns / 2) uint8, the even column in the low half.
        scales: (columns / group, rows, 2), scale and zero.
        group: numbers of a row that share these.
    """

    codes: Tensor
    scales: Tensor
    group: int

    def whole(self) -> Tensor:
        """(rows, columns) uint8: one code in each."""
        both = torch.stack([self.codes & 15, self.codes >> 4], dim=-1)
        return both.reshape(len(self.codes), -1)

    def meant(self) -> Tensor:
        """The numbers, (rows, columns) in the dtype of the scales."""
        whole = self.whole()
        numbers = whole.reshape(len(whole), -1, self.group).to(self.scales.dtype)
        scale, zero = self.scales.transpose(0, 1).unbind(-1)
        return ((numbers - 8) * scale[..., None] + zero[..., None]).reshape(whole.shape)


Product = Callable[[Tensor], Tensor]
"""(tokens, columns) in the dtype of the scales -> (tokens, rows)."""


def product_of(matrix: Codes) -> Product:
    """Return what multiplies with a matrix; where torch does, the codes are not kept."""
    ours = own_product(matrix.codes.device, matrix.scales.dtype)
    if ours is not None and matrix.group == ours.keywords['kernels'].GROUP:
        return partial(ours, matrix)
    return by_torch(matrix)


def by_torch(matrix: Codes) -> Product:
    """Return torch's product, over codes in an order of its own."""
    ops, whole, scales, group = torch.ops.aten, matrix.whole(), matrix.scales, matrix.group
    if whole.device.type == 'cpu':
        packed = ops._convert_weight_to_int4pack_for_cpu(whole.to(torch.int32), 8)
        multiply = ops._weight_int4pack_mm_for_cpu
    else:
        tiles = next(tiles for tiles in (8, 4, 2) if whole.shape[1] % (16 * tiles) == 0)
        packed = ops._convert_weight_to_int4pack(whole[:, ::2] << 4 | whole[:, 1::2], tiles)
        multiply = ops._weight_int4pack_mm

    def product(x: Tensor) -> Tensor:
        found: Tensor = multiply(x, packed, group, scales)
        return found

    return product


def by_kernel(matrix: Codes, x: Tensor, *, kernels: Any, tile: Any) -> Tensor:
    """Return a product by a kernel of ours."""
    found: Tensor = kernels.narrow_product(x.contiguous(), matrix.codes, matrix.scales, tile)
    return found


@cache
def own_product(device: torch.device, dtype: torch.dtype) -> partial[Tensor] | None:
    """Return ``by_kernel`` with a tile where that is quicker on this card; None: torch's is."""
    if device.type != 'cuda' or find_spec('triton') is None:
        return None
    try:
        kernels = importlib.import_module('ssr_ros.model.narrow_kernels')
        return quickest(kernels, device, dtype)
    except breaks() as error:
        logger.warning('torch multiplies weights of 4 bits: %s', error)
        return None


def quickest(kernels: Any, device: torch.device, dtype: torch.dtype) -> partial[Tensor] | None:
    """Return ours with the tile that is quickest for question and answer; None: torch's is."""
    matrices = [made(device, dtype, kernels.GROUP, seed) for seed in range(MATRICES)]
    seconds = {cast('partial[Tensor] | None', None): _seconds(map(by_torch, matrices), matrices)}
    for tile in kernels.TILES:
        ours = partial(by_kernel, kernels=kernels, tile=tile)
        try:
            seconds[ours] = _seconds([partial(ours, matrix) for matrix in matrices], matrices)
        except breaks() as error:
            logger.warning('weights of 4 bits by %s: left out: %s', tile, error)
    told = [
        f'{way.keywords["tile"] if way else "torch"} {1e3 * s:.2f}' for way, s in seconds.items()
    ]
    logger.info(
        'weights of 4 bits, ms of %d tokens at once and %d one by one through %d matrices: %s',
        *(QUESTION, ANSWER, MATRICES),
        ', '.join(told),
    )
    return min(seconds, key=lambda way: seconds[way])


def _seconds(products: Iterable[Product], matrices: Sequence[Codes]) -> float:
    """Return how long a question and an answer take.

    Raises:
        RuntimeError: a product is wrong, or cannot be recorded.
    """
    ways, scales = list(products), matrices[0].scales
    draw, seconds = torch.Generator().manual_seed(0), 0.0
    exact_weight = matrices[-1].meant().float().t()
    for tokens, times in ((QUESTION, 1), (1, ANSWER), *((tokens, 0) for tokens in OTHERS)):
        x = torch.randn(tokens, COLUMNS, generator=draw).to(scales.device, scales.dtype)
        exact = x.float() @ exact_weight
        off = float((ways[-1](x) - exact).abs().max() / exact.abs().max())
        if not off < AGREEMENT:
            raise RuntimeError(f'{tokens} tokens: differs by {off:.1e} of the largest number')
        if times:
            seconds += times * seconds_of(partial(_run, ways, x), scales.device)
    return seconds


def _run(ways: Sequence[Product], x: Tensor) -> None:
    for way in ways:
        way(x)


def made(device: torch.device, dtype: torch.dtype, group: int, seed: int) -> Codes:
    """Make a matrix of random codes."""
    draw = torch.Generator(device).manual_seed(seed)
    sizes, shares = (ROWS, COLUMNS // 2), (COLUMNS // group, ROWS, 2)
    codes = torch.randint(256, sizes, generator=draw, dtype=torch.uint8, device=device)
    scales = torch.rand(shares, generator=draw, device=device) / 100
    return Codes(codes, scales.to(dtype), group)
