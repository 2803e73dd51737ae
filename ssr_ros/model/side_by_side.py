# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Matrices that read the same token lie one after another, so that they can be read as one.

The modules keep their weights: these become views of the whole, and no second copy stays.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
import logging
from typing import Any

import torch
from torch import nn, Tensor

from ssr_ros.model.products import is_plain

logger = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class Whole:
    """Linear modules as one.

    Attributes:
        weight: (rows of all, columns).
        bias: (rows of all,), or None.
        rows: of each.
    """

    weight: Tensor
    bias: Tensor | None
    rows: tuple[int, ...]


def read_together(layer: Any) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    """Return the modules of a layer of Qwen2.5 that read one token: q, k, v, and gate, up."""
    attention, mlp = layer.self_attn, layer.mlp
    return (attention.q_proj, attention.k_proj, attention.v_proj), (mlp.gate_proj, mlp.up_proj)


def lay_side_by_side(layers: Sequence[Any]) -> int:
    """Move the weights of layers so that those that are read together lie together.

    Modules that are not plain ones (few bits, adapters) stay as they are. What was recorded over
    the weights before must not be run again.

    Args:
        layers: of the language model.

    Returns:
        How many groups of modules lie together now.
    """
    together = 0
    for layer in layers:
        for modules in read_together(layer):
            if _plain(modules) and whole_of(modules) is None:
                try:
                    _move(modules)
                except RuntimeError as error:  # out of memory, too: they stay apart
                    logger.warning('weights stay apart: %s', error)
                    return together
            together += whole_of(modules) is not None
    return together


def whole_of(modules: Sequence[Any]) -> Whole | None:
    """Return modules as one where they lie side by side, without a copy; else None."""
    if not _plain(modules):
        return None
    weight = _over([module.weight for module in modules])
    biases = [module.bias for module in modules if module.bias is not None]
    bias = _over(biases) if len(biases) == len(modules) else None
    if weight is None or (biases and bias is None):
        return None
    return Whole(weight, bias, tuple(len(module.weight) for module in modules))


def _plain(modules: Sequence[Any]) -> bool:
    return all(is_plain(module) and not module.weight.is_inference() for module in modules)


@torch.inference_mode(False)
@torch.no_grad()
def _move(modules: Sequence[nn.Linear]) -> None:
    for name in ('weight', 'bias'):
        own = [getattr(module, name) for module in modules]
        if any(parameter is None for parameter in own):
            continue
        whole = torch.cat([parameter.data for parameter in own])
        parts = torch.split(whole, [len(parameter) for parameter in own])
        for parameter, part in zip(own, parts, strict=True):
            parameter.data = part
        del own
        if whole.is_cuda:
            torch.cuda.empty_cache()  # the room of the parts is too small for the next whole


def _over(parts: Sequence[Tensor]) -> Tensor | None:
    """Return one tensor over parts that follow each other in memory."""
    first = parts[0].data
    follow = all(
        one.untyped_storage().data_ptr() == other.untyped_storage().data_ptr()
        and one.data_ptr() + one.nbytes == other.data_ptr()
        for one, other in pairwise(parts)
    )
    if not follow or not all(part.is_contiguous() for part in parts):
        return None
    if len({(part.dtype, part.shape[1:]) for part in parts}) > 1:
        return None
    return first.as_strided((sum(map(len, parts)), *first.shape[1:]), first.stride())
