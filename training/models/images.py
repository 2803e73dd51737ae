# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The VLM's tokens of a batch of images, those of one grid all at once.

transformers' tower goes through the images of a batch one by one in every layer: with 64 small
ones that is ten times as many launches, and a card waits for them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from ssr_ros.model.towers import TowerOfGrid

Grid = tuple[int, int, int]


def common_grid(grids: Tensor) -> Grid | None:
    """Return time, rows and columns of patches where all images have the same, else None.

    Args:
        grids: (F, 3), on the CPU: a device would have to be waited for.
    """
    first, *others = (tuple(grid) for grid in grids.tolist())
    time, rows, columns = first
    return (time, rows, columns) if time == 1 and all(grid == first for grid in others) else None


class ImageTokens:
    """What a VLM makes of images; no module: it has no weights of its own."""

    def __init__(self, model: Any, at_once: bool = True) -> None:
        """Take a model.

        Args:
            model: of transformers.
            at_once: images of one grid go through the tower together. Not where somebody waits for
                its blocks to be called one after another: sharded, or forgetting activations.
        """
        self._model = model
        self._at_once = at_once
        self._towers: dict[Grid, TowerOfGrid] = {}

    def __call__(self, patches: Tensor, grids: Tensor, grid: Grid | None) -> Sequence[Tensor]:
        """Return each image's tokens, (tokens, width).

        Args:
            patches: of all images, as the tower wants them.
            grids: (F, 3), of each image.
            grid: of all, see ``common_grid``.
        """
        if grid is None or not self._at_once:
            seen: Sequence[Tensor] = self._model.get_image_features(patches, grids).pooler_output
            return seen
        if grid not in self._towers:
            self._towers[grid] = TowerOfGrid(self._model.visual, torch.tensor([grid]))
        images = patches.to(self._model.visual.dtype).view(len(grids), -1, patches.shape[-1])
        tokens: Tensor = self._towers[grid](images)
        return tokens.unbind()
