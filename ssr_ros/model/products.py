# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Products in 16 bits on CPUs that have no instructions for them: in float32, block by block.

There a prompt's products in 16 bits take six times as long as in float32. A block of the weight is
widened, multiplied with all tokens and forgotten, so that no float32 copy of the whole is made,
and sums are rounded once. One token is bound by reading the weight and stays as it is.
"""

from __future__ import annotations

from functools import cache
import logging

import torch
from torch import nn, Tensor

FEW = 4
"""From so many tokens on widening pays."""

NUMBERS = 1 << 20
"""Of a weight that are widened at a time: 4 MB, which stay in a processor's cache."""

logger = logging.getLogger(__name__)


class WideLinear(nn.Linear):
    """A linear module whose products are in float32 whatever it is stored in."""

    def forward(self, x: Tensor) -> Tensor:
        """(..., columns) -> (..., rows)."""
        few = x.numel() < FEW * x.shape[-1]
        if few or x.dtype == torch.float32 or x.device.type != 'cpu' or torch.is_grad_enabled():
            return super().forward(x)
        return wide_product(x, self.weight, self.bias)


def is_plain(module: object) -> bool:
    """Say whether a module is a matrix and nothing more: no adapter, no codes."""
    return type(module) in (nn.Linear, WideLinear)


def wide_product(x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
    """Return x @ weight.T + bias, summed in float32 and rounded to the dtype of x.

    Args:
        x: (..., columns).
        weight: (rows, columns), of any float dtype.
        bias: (rows,), or None.

    Returns:
        (..., rows).
    """
    rows, columns = weight.shape
    tokens = x.reshape(-1, columns).float()
    out = x.new_empty(len(tokens), rows)
    height = max(1, NUMBERS // columns)
    room = tokens.new_empty(min(height, rows), columns)
    for at in range(0, rows, height):
        block = slice(at, at + height)
        own = weight[block]
        product = tokens @ room[: len(own)].copy_(own).t()
        if bias is not None:
            product += bias[block]
        out[:, block] = product
    return out.view(*x.shape[:-1], rows)


def widen_products(model: nn.Module, dtype: torch.dtype) -> None:
    """Make the linear modules of a model in 16 bits multiply so, where this CPU needs it."""
    if multiplies_in(dtype):
        return
    for module in model.modules():
        if type(module) is nn.Linear and module.weight.device.type == 'cpu':
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
        logger.info('this CPU multiplies in float32 where %s is stored', dtype)
    return has
