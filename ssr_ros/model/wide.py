# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What of the language model stays in float32 beside 16 bits: all that costs next to nothing.

Matrices, attention, keys and values are in 16 bits: they are what is read and kept. What layers
add to, what norms make of it until a matrix reads it, and what the head is told of the last token
are a few numbers a token; and weights of norms and head that 16 bits cannot hold are kept as they
were stored. Rounding these changed most of the answers that bfloat16 changes.
"""

from __future__ import annotations

from collections.abc import Set
from typing import Any

import torch
from torch import nn, Tensor

from ssr_ros.model.checkpoint import TensorFiles
from ssr_ros.model.lora import now_called

HEAD = 'lm_head.weight'
TEXT = 'model.language_model.'


class Norm(nn.Module):
    """Root mean square norm that rounds once: what it gives, not what it computes.

    Attributes:
        weight: (width,), in any dtype.
        variance_epsilon: added to the mean square.
        gives: the dtype of what it gives.
    """

    def __init__(self, like: Any, gives: torch.dtype) -> None:
        super().__init__()
        self.weight = like.weight
        self.variance_epsilon: float = like.variance_epsilon
        self.gives = gives

    def forward(self, hidden: Tensor) -> Tensor:
        """(..., width) -> the same."""
        wide = hidden.float()
        mean = wide.pow(2).mean(-1, keepdim=True)
        normed: Tensor = self.weight * (wide * torch.rsqrt(mean + self.variance_epsilon))
        return normed.to(self.gives)


def keep_sums_wide(model: Any) -> None:
    """Make the sums and norms of a model in 16 bits those of float32; in float32 nothing changes.

    Args:
        model: Qwen2.5-VL. Once it was given here, it is again where its dtype has changed.
    """
    text, dtype = model.model.language_model, model.get_input_embeddings().weight.dtype
    known = isinstance(text.norm, Norm)
    if not known and dtype == torch.float32:
        return
    for layer in text.layers:
        layer.input_layernorm = Norm(layer.input_layernorm, dtype)
        layer.post_attention_layernorm = Norm(layer.post_attention_layernorm, dtype)
    text.norm = Norm(text.norm, torch.float32)
    if not known:
        # Not before: keys and values take the dtype of what the model is given.
        text.layers[0].register_forward_pre_hook(lambda _, given: (given[0].float(), *given[1:]))
        model.lm_head.register_forward_pre_hook(
            lambda head, given: (given[0].to(head.weight.dtype),)
        )


def kept_wide(files: TensorFiles, dtype: torch.dtype) -> Set[str]:
    """Return the stored tensors that are kept in float32, as ``dtype`` cannot hold them."""
    return {
        name
        for name, stored in files.dtypes.items()
        if stored.is_floating_point
        and torch.promote_types(stored, dtype) != dtype
        and (name == HEAD or (now_called(name).startswith(TEXT) and name.endswith('norm.weight')))
    }


def put_back(model: Any, files: TensorFiles) -> None:
    """Put weights that were rounded back as they are stored; a head that is tied stays so."""
    parameters = dict(model.named_parameters())  # one that is tied has its other name alone
    dtype = model.get_input_embeddings().weight.dtype
    for name in kept_wide(files, dtype):
        parameter = parameters.get(now_called(name))
        if parameter is not None:
            parameter.data = files.tensor(name).to(parameter.device, torch.float32, copy=True)
