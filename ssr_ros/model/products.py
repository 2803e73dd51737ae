# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Products on CPUs without instructions for 16 bits: weights in 16 bits, all else in float32.

There 16 bits save memory and what is read, and nothing else. A prompt's products would take six
times as long as in float32: a block of the weight is widened, multiplied with all tokens and
forgotten, so that no float32 copy of the whole is made. One token is bound by reading the weight:
that is widened number by number as it is read, by compiled code; without a compiler the token is
rounded and torch multiplies it.
"""

from __future__ import annotations

import ctypes
from functools import cache
import logging
from pathlib import Path

import torch
from torch import nn, Tensor

from ssr_ros.compiled import compiled, FAST
from ssr_ros.model.shares import in_shares

NUMBERS = 1 << 20
"""Of a weight that are widened at a time: 4 MB, which stay in a processor's cache."""

SHARE = 1 << 20
"""Numbers of a weight that are worth a thread of their own."""

SOURCE = Path(__file__).with_name('product.cpp')

logger = logging.getLogger(__name__)


class WideLinear(nn.Linear):
    """A linear module that gives products in float32 whatever it is stored in."""

    def forward(self, x: Tensor) -> Tensor:
        """(..., columns) -> (..., rows) float32."""
        weight, bias = self.weight, self.bias
        narrow = x.device.type == 'cpu' and weight.dtype != torch.float32
        if not narrow or torch.is_grad_enabled():
            return super().forward(x.to(weight.dtype)).float()
        if x.numel() > x.shape[-1]:
            return wide_product(x, weight, bias)
        fits = weight.dtype == torch.bfloat16 and weight.is_contiguous()
        read = reader() if fits else None
        if read is None:
            return super().forward(x.to(weight.dtype)).float()
        product = token_product(read, x, weight)
        return product if bias is None else product + bias


def is_plain(module: object) -> bool:
    """Say whether a module is a matrix and nothing more: no adapter, no codes."""
    return type(module) in (nn.Linear, WideLinear)


def wide_product(x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
    """Return x @ weight.T + bias in float32, block by block.

    Args:
        x: (..., columns).
        weight: (rows, columns), of any float dtype.
        bias: (rows,), or None.

    Returns:
        (..., rows) float32.
    """
    rows, columns = weight.shape
    tokens = x.reshape(-1, columns).float()
    out = tokens.new_empty(len(tokens), rows)
    height = max(1, NUMBERS // columns)
    room = tokens.new_empty(min(height, rows), columns)
    for at in range(0, rows, height):
        block = slice(at, at + height)
        own = weight[block]
        product = tokens @ room[: len(own)].copy_(own).t()
        out[:, block] = product if bias is None else product.add_(bias[block])
    return out.view(*x.shape[:-1], rows)


def token_product(read: ctypes.CDLL, x: Tensor, weight: Tensor) -> Tensor:
    """Return x @ weight.T of one token, in float32.

    Args:
        read: from ``reader``.
        x: (..., columns), all but the last of them 1.
        weight: (rows, columns) bfloat16, contiguous.

    Returns:
        (..., rows) float32.
    """
    rows, columns = weight.shape
    token = x.float().contiguous()
    out = token.new_empty(*x.shape[:-1], rows)
    places = [tensor.data_ptr() for tensor in (weight, token, out)]

    def run(first: int, end: int) -> None:
        read.product_rows(*places, columns, first, end)

    in_shares(run, rows, max(1, SHARE // columns))
    return out


@cache
def reader() -> ctypes.CDLL | None:
    """Return what reads a matrix of bfloat16 for one token, or None where it cannot be had."""
    library = compiled(SOURCE, 'products of one token', 'torch', *FAST)
    if library is not None:
        library.product_rows.argtypes = [*[ctypes.c_void_p] * 3, *[ctypes.c_int64] * 3]
        library.product_rows.restype = None
    return library


def beside(dtype: torch.dtype, device: torch.device) -> torch.dtype:
    """Return the dtype of all that is not a weight where weights are in ``dtype``."""
    return dtype if device.type != 'cpu' or multiplies_in(dtype) else torch.float32


def widen_products(model: nn.Module) -> None:
    """Make the linear modules of a model multiply in float32."""
    for module in model.modules():
        if type(module) is nn.Linear:
            module.__class__ = WideLinear


@cache
def multiplies_in(dtype: torch.dtype) -> bool:
    """Say whether torch's CPU library has instructions of this CPU for products in a dtype."""
    asked = {
        torch.bfloat16: '_is_mkldnn_bf16_supported',
        torch.float16: '_is_mkldnn_fp16_supported',
    }
    ask = getattr(torch.ops.mkldnn, asked[dtype], None) if dtype in asked else None
    has = ask is None or bool(ask())
    if not has:
        logger.info('this CPU computes in float32 where %s is stored', dtype)
    return has
