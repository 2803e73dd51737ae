# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Weights of the language model in 8 or 4 bits, multiplied by torch's kernels or our own.

What they read is in 16 bits. 8 bits: one scale per row, values -127..127. 4 bits: a scale and a
zero per 128 numbers of a row. torchao stores the same; without compiling it multiplied 8 bits 13
times slower than bfloat16 on a CPU, and has no 4 bits there. torch's kernels it calls itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
import logging
from typing import Any

import torch
from torch import nn, Tensor
from torch.nn import functional as F
from transformers.quantizers import HfQuantizer, register_quantization_config, register_quantizer
from transformers.utils.quantization_config import QuantizationConfigMixin

from ssr_ros.errors import ConfigError
from ssr_ros.model.folder import OWN_QUANTISATION
from ssr_ros.model.four_bits import Codes, Product, product_of

BITS = (8, 4)
GROUPS = (128, 64, 32)
"""Numbers of a row that share a scale: the first of them that a row is made of."""

ROW_UNIT = 16
"""Rows of a matrix must be a multiple of this for the 4-bit kernels."""

TINY = 1e-8

LAYERS = 'model.language_model.layers.'
"""Whose linear modules are quantised."""

logger = logging.getLogger(__name__)


def group_of(rows: int, columns: int, bits: int) -> int | None:
    """Return how many numbers share a scale; None where a matrix cannot be quantised."""
    if bits == 8:
        return columns
    if rows % ROW_UNIT:
        return None
    return next((group for group in GROUPS if columns % group == 0), None)


def quantise(weight: Tensor, bits: int) -> dict[str, Tensor]:
    """Return what stands in a weight's place: 'codes' and 'scales'.

    Args:
        weight: (rows, columns) of any float dtype, finite.
        bits: 8 or 4.

    Returns:
        8 bits: codes (rows, columns) int8, scales (rows,). 4 bits: codes (rows, columns / 2)
        uint8, the even column in the low half; scales (columns / group, rows, 2), scale and zero.
        Scales are bfloat16, and the codes are chosen for them as rounded.
    """
    rows, columns = weight.shape
    group = group_of(rows, columns, bits)
    if group is None:
        raise ConfigError(f'a matrix of {rows} x {columns} cannot be quantised to {bits} bits')
    numbers = weight.float().reshape(rows, columns // group, group)
    if bits == 8:
        scales = (numbers.abs().amax(-1) / 127).clamp(min=TINY).bfloat16()
        codes = (numbers / scales.float()[..., None]).round().clamp(-127, 127)
        return {'codes': codes.reshape(rows, columns).to(torch.int8), 'scales': scales[:, 0]}
    low, high = numbers.amin(-1), numbers.amax(-1)
    scales = ((high - low) / 15).clamp(min=TINY).bfloat16()
    zeros = (low + 8 * scales.float()).bfloat16()
    codes = ((numbers - zeros.float()[..., None]) / scales.float()[..., None] + 8).round()
    whole = codes.clamp(0, 15).to(torch.uint8).reshape(rows, columns)
    both = torch.stack([scales, zeros], dim=-1).transpose(0, 1).contiguous()
    return {'codes': whole[:, ::2] | whole[:, 1::2] << 4, 'scales': both}


@cache
def _has_kernel(bits: int, device: str) -> bool:
    """Say whether this torch multiplies such weights on a kind of device."""
    if bits == 4:
        return True
    if device == 'cuda':  # it has one, seven times slower there than bfloat16
        logger.warning('8 bits are widened at each step on CUDA: less memory, not more speed')
        return False
    ones = torch.ones(32, 32, dtype=torch.bfloat16, device=device)
    try:
        torch.ops.aten._weight_int8pack_mm(ones, ones.to(torch.int8), ones[0])
    except (NotImplementedError, RuntimeError) as error:
        logger.warning('8 bits are widened at each step on %s: %s', device, str(error)[:100])
        return False
    return True


class QuantisedLinear(nn.Module):
    """Stands where a linear module does.

    Attributes:
        bits: of a weight.
        codes: see ``quantise``; given up to who multiplies at the first use.
        scales: see ``quantise``, in the dtype of the activations.
        bias: as it was.
    """

    codes: Tensor | None
    scales: Tensor

    def __init__(self, like: nn.Linear, bits: int) -> None:
        """Make room for a weight of the same shape."""
        super().__init__()
        rows, columns = like.weight.shape
        self.bits = bits
        self.shape = (rows, columns)
        group = group_of(rows, columns, bits) or columns
        kept = {8: (rows, columns), 4: (rows, columns // 2)}[bits]
        scales = {8: (rows,), 4: (columns // group, rows, 2)}[bits]
        self.group = group
        code = torch.int8 if bits == 8 else torch.uint8
        self.register_buffer('codes', torch.empty(kept, dtype=code))
        self.register_buffer('scales', torch.empty(scales))
        self.bias = like.bias
        self._product: Product | None = None

    def forward(self, x: Tensor) -> Tensor:
        """(..., columns) -> (..., rows)."""
        flat = x.reshape(-1, self.shape[1]).to(self.scales.dtype)
        # The kernels are for 16 bits and slow in 32.
        widened = flat.dtype == torch.float32 or not _has_kernel(self.bits, x.device.type)
        if widened:
            product = F.linear(flat, self.weight)
        elif self.bits == 8:
            product = torch.ops.aten._weight_int8pack_mm(flat, self._own_order(), self.scales)
        else:
            product = self._in_4_bits(flat)
        if self.bias is not None:
            product = product + self.bias
        return product.reshape(*x.shape[:-1], self.shape[0]).to(x.dtype)

    @property
    def weight(self) -> Tensor:
        """The weight that is meant, (rows, columns) in the dtype of the scales."""
        if self.bits == 8:
            return self._own_order() * self.scales[:, None]
        return Codes(self._own_order(), self.scales, self.group).meant()

    def _in_4_bits(self, flat: Tensor) -> Tensor:
        if self._product is None:
            self._product = product_of(Codes(self._own_order(), self.scales, self.group))
            self.codes = None
        return self._product(flat)

    def _own_order(self) -> Tensor:
        if self.codes is None:
            raise RuntimeError('the codes were given up for the order of a kernel')
        return self.codes


class OwnQuantisation(QuantizationConfigMixin):  # type: ignore[misc]
    """What config.json says of it, as transformers reads it."""

    def __init__(self, bits: int, **_: Any) -> None:
        self.quant_method = OWN_QUANTISATION
        self.bits = bits


class OwnQuantizer(HfQuantizer):  # type: ignore[misc]
    """Puts quantised modules in their places before transformers fills them."""

    def _process_model_before_weight_loading(self, model: Any, **kwargs: Any) -> Any:
        for name, linear in list(quantisable(model, self.quantization_config.bits)):
            parent, _, own = name.rpartition('.')
            with torch.device('meta'):
                made = QuantisedLinear(linear, self.quantization_config.bits)
            setattr(model.get_submodule(parent), own, made)
        return model

    def is_serializable(self) -> bool:
        """These folders are written by ``ssr-ros quantise`` alone."""
        return False

    @property
    def is_trainable(self) -> bool:
        """Weights of 8 or 4 bits have no gradients."""
        return False


@cache
def tell_transformers() -> None:
    """Make transformers know what our folders say of themselves."""
    register_quantization_config(OWN_QUANTISATION)(OwnQuantisation)
    register_quantizer(OWN_QUANTISATION)(OwnQuantizer)


def quantisable(model: nn.Module, bits: int) -> Iterator[tuple[str, nn.Linear]]:
    """Yield (name, module) of the linear modules that are quantised; without weights, too."""
    for name, module in model.named_modules():
        if isinstance(module, nn.Linear) and name.startswith(LAYERS):
            rows, columns = module.weight.shape
            if group_of(rows, columns, bits) is not None:
                yield name, module
