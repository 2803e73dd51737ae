# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Image networks as functions of pixels alone, so that they can be written as one graph.

Qwen's vision tower computes windows, positions and lengths from the grid of every image, on the
host, layer by layer. For one grid all of it is constant, and windows are one mask.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import nn, Tensor
from torch.nn import functional as F
from transformers.vision_utils import get_vision_position_ids, get_vision_window_index


class TokensOf(nn.Module):
    """CLIP or SigLIP: (1, 3, side, side) -> (1, tokens, width)."""

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.model = model

    def forward(self, pixels: Tensor) -> Tensor:
        """Return the last hidden state."""
        tokens: Tensor = self.model(pixel_values=pixels).last_hidden_state
        return tokens


class TowerOfGrid(nn.Module):
    """Qwen2.5-VL's vision tower for images of one grid.

    (patches, numbers of a patch) -> (tokens, width), or both with images before.
    """

    def __init__(self, tower: Any, grid: Tensor) -> None:
        """Compute beforehand what the tower computes from the grid.

        Args:
            tower: of transformers; its weights are shared.
            grid: (1, 3) time, rows and columns of patches of one image, on the CPU: time is 1.
        """
        super().__init__()
        self.tower = tower
        unit = tower.spatial_merge_unit
        order, ends = get_vision_window_index(
            grid, tower.spatial_merge_size, tower.window_size, tower.patch_size
        )
        patches = (order[:, None] * unit + torch.arange(unit)).flatten()
        places = get_vision_position_ids(grid, tower.spatial_merge_size)
        device = tower.device
        cos, sin = tower.rotary_pos_emb(torch.zeros(1, device=device), places.to(device))
        # No buffers: angles stay in float32 whatever the weights become.
        self.order, self.back = patches.to(device), torch.argsort(order).to(device)
        self.cos, self.sin = (each[self.order][:, None].float() for each in (cos, sin))
        self.windows = _same_span(ends, len(patches)).to(device)

    def forward(self, patches: Tensor) -> Tensor:
        """Return the tokens of each image, row by row."""
        projection = self.tower.patch_embed.proj.weight
        images = patches[None] if patches.ndim == 2 else patches
        x = F.linear(images, projection.flatten(1))[:, self.order]
        for number, block in enumerate(self.tower.blocks):
            whole = number in self.tower.fullatt_block_indexes
            mask = None if whole else self.windows  # an image is one span, nothing is masked
            x = x + self._attend(block.attn, block.norm1(x), mask)
            x = x + block.mlp(block.norm2(x))
        tokens: Tensor = self.tower.merger(x).unflatten(0, (len(images), -1))[:, self.back]
        return tokens[0] if patches.ndim == 2 else tokens

    def _attend(self, attention: Any, x: Tensor, mask: Tensor | None) -> Tensor:
        q, k, v = attention.qkv(x).unflatten(-1, (3, attention.num_heads, -1)).unbind(2)
        q, k = self._rotate(q), self._rotate(k)
        q, k, v = (each.transpose(1, 2) for each in (q, k, v))
        mixed = F.scaled_dot_product_attention(q, k, v, attn_mask=mask)
        out: Tensor = attention.proj(mixed.transpose(1, 2).flatten(2))
        return out

    def _rotate(self, x: Tensor) -> Tensor:
        wide = x.float()
        low, high = wide.chunk(2, dim=-1)
        turned = wide * self.cos + torch.cat([-high, low], dim=-1) * self.sin
        back: Tensor = turned.to(x.dtype)
        return back


def _same_span(ends: Tensor, length: int) -> Tensor:
    """(spans + 1,) cumulative ends -> (length, length) bool: who sees whom."""
    span = torch.bucketize(torch.arange(length), ends[1:-1], right=True)
    return span[:, None] == span[None]
