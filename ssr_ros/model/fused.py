# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""One token through Qwen2.5's layers in few kernels: matrices, attention, and three of our own.

A step of transformers' own code starts some 40 kernels a layer, most of them over 2,000 numbers:
they take longer than reading the layer's matrices. Here it is 12. The kernels are given, so that
what is around them can be tried where there is no Triton.
"""

from __future__ import annotations

from collections.abc import Callable
import importlib
from importlib.util import find_spec
import logging
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from ssr_ros.model.scan.card import breaks

AGREEMENT = {torch.float32: 1e-3, torch.float16: 3e-2, torch.bfloat16: 1e-1}
"""Largest difference to transformers' own step, relative to the largest number of a token."""

Read = Callable[[Any, Tensor, Tensor, Tensor], Tensor]
"""From (cache, embeds (1, 1, width), positions (1, 1), mask (1, 1, 1, room)) to (1, 1, width) in
float32."""

logger = logging.getLogger(__name__)


class FusedRead:
    """Reads one token after a ``FixedCache``."""

    def __init__(self, language_model: Any, kernels: Any) -> None:
        self._model = language_model
        self._kernels = kernels

    def __call__(self, cache: Any, embeds: Tensor, positions: Tensor, mask: Tensor) -> Tensor:
        """Return what the last norm makes of the token, (1, 1, width) float32."""
        model, kernels = self._model, self._kernels
        cos, sin = model.rotary_emb(embeds, positions.expand(3, -1, -1))
        cos, sin = cos.contiguous(), sin.contiguous()
        # Once for all layers: attention would turn a mask of bools into one of numbers in each.
        unseen = torch.zeros_like(mask, dtype=embeds.dtype).masked_fill_(~mask, float('-inf'))
        kind, x, more = embeds.dtype, embeds.to(torch.float32, copy=True), None
        for layer, (keys, values) in zip(model.layers, cache.pairs, strict=True):
            h = self._norm(x, more, layer.input_layernorm, kind)
            attention = layer.self_attn
            q, k, v = attention.q_proj(h), attention.k_proj(h), attention.v_proj(h)
            q = kernels.rotate(q, k, v, cos, sin, cache.places, keys, values)
            more = attention.o_proj(_attend(q, keys, values, unseen))
            h = self._norm(x, more, layer.post_attention_layernorm, kind)
            more = layer.mlp.down_proj(kernels.gated(layer.mlp.gate_proj(h), layer.mlp.up_proj(h)))
        return self._norm(x, more, model.norm, torch.float32)

    def _norm(self, x: Tensor, more: Tensor | None, norm: Any, gives: torch.dtype) -> Tensor:
        add_and_norm, epsilon = self._kernels.add_and_norm, norm.variance_epsilon
        normed: Tensor = add_and_norm(x, more, norm.weight, epsilon, gives)
        return normed


def _attend(q: Tensor, keys: Tensor, values: Tensor, mask: Tensor) -> Tensor:
    """(1, 1, heads x width) -> the same: queries that share a key stand as if they were tokens."""
    shared = q.view(keys.shape[1], 1, -1, keys.shape[3])
    # Every head of the cache is a sequence of its own, so that the result lies in order.
    out = F.scaled_dot_product_attention(shared, keys[0][:, None], values[0][:, None], mask)
    return out.reshape(q.shape)


def fused_read(language_model: Any, device: torch.device) -> FusedRead | None:
    """Return the quick way for a model that it knows; None without CUDA or Triton."""
    config = language_model.config
    width = config.hidden_size // config.num_attention_heads
    known = config.hidden_act == 'silu' and width & (width - 1) == 0
    if device.type != 'cuda' or not known or find_spec('triton') is None:
        return None
    try:
        return FusedRead(language_model, importlib.import_module('ssr_ros.model.fused_kernels'))
    except (ImportError, RuntimeError, OSError) as error:
        logger.warning('steps are launched kernel by kernel: Triton: %s', error)
        return None


def agrees(quick: Read, plain: Read, given: tuple[Any, Tensor, Tensor, Tensor]) -> bool:
    """Say whether the quick way runs here and gives what the plain one gives, and log why not."""
    try:
        found = quick(*given)
    except breaks() as error:
        logger.warning('a step is not fused: %s', error)
        return False
    expected = plain(*given)
    off = float((found - expected).abs().max() / expected.abs().max())
    if not off < AGREEMENT[given[1].dtype]:
        logger.warning('a step is not fused: it would differ by %.1e of the largest number', off)
        return False
    logger.info('a step is fused (differs by %.1e of the largest number)', off)
    return True
