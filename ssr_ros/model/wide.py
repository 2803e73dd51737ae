# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What of a transformer stays in float32 beside 16 bits: all that costs next to nothing.

Matrices, attention, keys and values are in 16 bits: they are what is read and kept. Pixels and the
one matrix that reads them, what layers add to, what norms make of it until a matrix reads it, what
an encoder hands on, and what the head is told of the last token are little beside them. So are
weights of norms, places and head, and those that 16 bits cannot hold are kept as they were stored.
On a CPU without instructions for 16 bits these cost time: there weights alone are in them.
Rounding these changed most of the answers that bfloat16 changes.
"""

from __future__ import annotations

from collections.abc import Callable, Set
import re
from typing import Any

import torch
from torch import nn, Tensor
from torch.nn import functional as F

from ssr_ros.model.checkpoint import TensorFiles
from ssr_ros.model.products import beside, widen_products

KEPT = re.compile(r'lm_head\.|(norm\d?|ln_q)\.\w+$|(class|position)_embedding')
"""Names of weights that are few, and the head's."""

BEFORE_MATRICES = re.compile(r'\.\d+\.\w+$|ln_q$')
"""Names of norms that a matrix reads: those in layers. Of others the sums go on."""

PIXELS = re.compile(r'patch_embed(ding)?(\.|$)')
"""Names of what reads pixels."""

TEXT = re.compile(r'language_model\.layers\.0$')
"""Where sums of text begin."""


class Norm(nn.Module):
    """A norm that rounds once: what it gives, not what it computes.

    Attributes:
        weight: (width,), in any dtype.
        bias: the same, and the mean is taken off; None: a root mean square norm.
        variance_epsilon: added to the mean square.
        gives: the dtype of what it gives.
    """

    def __init__(self, like: Any, gives: torch.dtype) -> None:
        super().__init__()
        self.weight = like.weight
        self.bias: Any = getattr(like, 'bias', None)
        epsilon = like.eps if isinstance(like, nn.LayerNorm) else like.variance_epsilon
        self.variance_epsilon: float = epsilon
        self.gives = gives

    def forward(self, hidden: Tensor) -> Tensor:
        """(..., width) -> the same."""
        wide, epsilon = hidden.float(), self.variance_epsilon
        if self.bias is None:
            mean = wide.pow(2).mean(-1, keepdim=True)
            normed: Tensor = self.weight * (wide * torch.rsqrt(mean + epsilon))
        else:
            weight, bias = self.weight.float(), self.bias.float()
            normed = F.layer_norm(wide, weight.shape, weight, bias, epsilon)
        return normed.to(self.gives)


def keep_sums_wide(model: Any) -> None:
    """Make the sums and norms of a model in 16 bits those of float32; in float32 nothing changes.

    Args:
        model: Qwen2.5-VL, its vision tower, or the image encoder of CLIP or SigLIP. Once it was
            given here, it is again where its dtype has changed.
    """
    known = any(isinstance(module, Norm) for module in model.modules())
    dtype = dtype_of(model)
    if not known and dtype == torch.float32:
        return
    between = beside(dtype, model.device)
    if between != dtype:
        widen_products(model)
    modules = list(model.named_modules())
    for name, module in modules:
        if isinstance(module, Norm) or type(module).__name__.endswith(('LayerNorm', 'RMSNorm')):
            gives = between if BEFORE_MATRICES.search(name) else torch.float32
            model.set_submodule(name, Norm(module, gives))
        elif PIXELS.search(name):
            module.float()
        elif not known and TEXT.search(name):
            # Not before: keys and values take the dtype of what the model is given.
            module.register_forward_pre_hook(lambda _, given: (given[0].float(), *given[1:]))
        elif not known and name == 'lm_head' and between == dtype:
            module.register_forward_pre_hook(lambda head, given: (given[0].to(head.weight.dtype),))
        elif not known and name.endswith('embed_tokens') and between != dtype:
            module.register_forward_hook(lambda _, given, made: made.float())


def dtype_of(model: nn.Module) -> torch.dtype:
    """Return the dtype of a model's matrices, those that only codes are left of aside."""
    dtype: torch.dtype = next(
        module.weight.dtype
        for name, module in model.named_modules()
        if (isinstance(module, nn.Linear) or name.endswith('embed_tokens'))
        and module.weight.is_floating_point()
    )
    return dtype


def kept_wide(files: TensorFiles, dtype: torch.dtype) -> Set[str]:
    """Return the stored tensors that are kept in float32 beside ``dtype``.

    Those are what reads pixels, and of the others those that ``dtype`` cannot hold.
    """
    if dtype == torch.float32:
        return set()
    return {
        name
        for name, stored in files.dtypes.items()
        if PIXELS.search(name)
        or (KEPT.search(name) and torch.promote_types(stored, dtype) != dtype)
    }


def put_back(model: nn.Module, files: TensorFiles, now_called: Callable[[str], str]) -> None:
    """Put weights that were rounded back as they are stored; a head that is tied stays so.

    Args:
        model: that was loaded from the files.
        files: the checkpoint.
        now_called: turns a tensor's name in older files into the model's.
    """
    parameters = dict(model.named_parameters())  # one that is tied has its other name alone
    for name in kept_wide(files, dtype_of(model)):
        parameter = parameters.get(name, parameters.get(now_called(name)))
        if parameter is not None:
            parameter.data = files.tensor(name).to(parameter.device, torch.float32, copy=True)
