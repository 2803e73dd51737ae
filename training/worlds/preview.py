# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""A contact sheet of worlds: colour large, depth and segmentation small below it."""

from __future__ import annotations

from collections.abc import Sequence
import colorsys

import cv2
import numpy as np
from numpy.typing import NDArray

from training.worlds.truth import BACKGROUND, FLOOR
from training.worlds.world import RenderedView

_WIDTH, _HEIGHT = 416, 312
_MARGIN, _CAPTION = 10, 24
_PAPER, _INK = 255, (70, 70, 70)


def contact_sheet(views: Sequence[RenderedView], columns: int = 4) -> NDArray[np.uint8]:
    """Arrange views on a sheet.

    Args:
        views: the views, row by row.
        columns: tiles per row.

    Returns:
        (H, W, 3) uint8 picture, red first.
    """
    tiles = [_tile(view) for view in views]
    tiles += [np.full_like(tiles[0], _PAPER)] * (-len(tiles) % columns)
    rows = [np.concatenate(tiles[i : i + columns], 1) for i in range(0, len(tiles), columns)]
    sheet = np.concatenate(rows)
    return np.pad(sheet, ((_MARGIN, 0), (_MARGIN, 0), (0, 0)), constant_values=_PAPER)


def color_depth(depth_m: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Paint metres as (H, W, 3) colours, near warm and far cold, black where unknown."""
    known = np.isfinite(depth_m)
    if not known.any():
        return np.zeros((*depth_m.shape, 3), np.uint8)
    low, high = np.percentile(1 / depth_m[known], [1, 99])
    near = np.clip((1 / depth_m - low) / max(high - low, 1e-6), 0, 1)
    gray = np.where(known, np.nan_to_num(near) * 255, 0).astype(np.uint8)
    picture: NDArray[np.uint8] = cv2.applyColorMap(gray, cv2.COLORMAP_TURBO)[..., ::-1].copy()
    picture[~known] = 0
    return picture


def color_segmentation(segmentation: NDArray[np.int32]) -> NDArray[np.uint8]:
    """Paint every thing in a colour of its own, floor and walls in two greys."""
    ids = np.arange(max(int(segmentation.max()), 0) + 1)
    hues = ids * 0.618 % 1
    colors = np.array(
        [colorsys.hsv_to_rgb(h, 0.55 + 0.3 * (i % 2), 0.95) for i, h in enumerate(hues)]
    )
    colors[BACKGROUND] = 0.88
    picture = colors[np.maximum(segmentation, 0)]
    picture[segmentation == FLOOR] = 0.72
    return (picture * 255).astype(np.uint8)


def _tile(view: RenderedView) -> NDArray[np.uint8]:
    half = (_WIDTH // 2, _HEIGHT // 2)
    small = np.concatenate(
        [
            _fit(color_depth(view.frame.depth_m), half, cv2.INTER_NEAREST),
            _fit(color_segmentation(view.segmentation), half, cv2.INTER_NEAREST),
        ],
        1,
    )
    truth = view.truth
    caption = np.full((_CAPTION, _WIDTH, 3), _PAPER, np.uint8)
    text = f'{truth.kind}, {truth.room_type.replace("_", " ")}, {truth.split} {truth.seed}'
    cv2.putText(caption, text, (2, 16), cv2.FONT_HERSHEY_SIMPLEX, 0.45, _INK, 1, cv2.LINE_AA)
    picture = _fit(view.frame.rgb, (_WIDTH, _HEIGHT), cv2.INTER_AREA)
    tile = np.concatenate([picture, small, caption])
    return np.pad(tile, ((0, 0), (0, _MARGIN), (0, 0)), constant_values=_PAPER)


def _fit(
    picture: NDArray[np.uint8], size_px: tuple[int, int], interpolation: int
) -> NDArray[np.uint8]:
    """Scale a picture to fill a rectangle, cutting off what sticks out."""
    height, width = picture.shape[:2]
    scale = max(size_px[0] / width, size_px[1] / height)
    size = (round(width * scale), round(height * scale))
    scaled: NDArray[np.uint8] = cv2.resize(picture, size, interpolation=interpolation)
    x, y = (size[0] - size_px[0]) // 2, (size[1] - size_px[1]) // 2
    return scaled[y : y + size_px[1], x : x + size_px[0]]
