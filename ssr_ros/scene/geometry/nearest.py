# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Which reading is the nearest to a pixel that has none of its own to trust."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ssr_ros.scene.geometry.grid import BoolImage, FloatImage, rows_and_columns
from ssr_ros.scene.geometry.passes import passes

NEAR_PX = 12
"""What is nearest is sought so far around what is asked for, and only then everywhere."""

AROUND = np.ones((2 * NEAR_PX + 1, 2 * NEAR_PX + 1), np.uint8)


def nearest_steady(
    depth_m: FloatImage, steady: BoolImage, pixels: NDArray[np.intp]
) -> tuple[FloatImage, FloatImage]:
    """Find the steady reading nearest to each of (N,) others; of several one, by their order.

    Args:
        depth_m: (h, w) metres.
        steady: (h, w) bool, some of them.
        pixels: (N,) flat indices of others, which are not steady.

    Returns:
        (N,) float32 distance in pixels, and (N,) float32 depth there, metres.
    """
    away_px, labels = cv2.distanceTransformWithLabels(
        (~steady).view(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    # Every steady pixel has a label of its own: 1, 2, ... row after row.
    nearest = np.flatnonzero(steady)[labels.take(pixels) - 1]
    return away_px.take(pixels), depth_m.take(nearest)


def nearer_steady(depth_m: FloatImage, steady: BoolImage, pixels: NDArray[np.intp]) -> FloatImage:
    """(N,) depth of the steady reading nearest to each of (N,) others, metres.

    Of several the first from the left or the first from the right, whichever has less depth.
    Compiled, only what is around the others is looked at.

    Args:
        depth_m: (h, w) metres.
        steady: (h, w) bool, some of them.
        pixels: (N,) flat indices of others, which are not steady.
    """
    quick = passes()
    if quick is not None:
        asked = np.zeros(steady.shape, np.uint8)
        asked.ravel()[pixels] = 1
        sought = cv2.dilate(asked, AROUND).view(np.bool_) & ~steady
        away_px, nearest = quick.nearest_steady(steady, sought, pixels)
        if away_px.max(initial=0) <= NEAR_PX:
            turned = steady[:, ::-1], sought[:, ::-1], _turned(pixels, steady)
            other = _turned(quick.nearest_steady(*turned)[1], steady)
            return np.minimum(depth_m.take(nearest), depth_m.take(other))
    return plain_nearer(depth_m, steady, pixels)


def plain_nearer(depth_m: FloatImage, steady: BoolImage, pixels: NDArray[np.intp]) -> FloatImage:
    """Find the same without a compiler: all pixels are looked at."""
    _, one_m = nearest_steady(depth_m, steady, pixels)
    mirrored = depth_m[:, ::-1], np.ascontiguousarray(steady[:, ::-1])
    _, other_m = nearest_steady(*mirrored, _turned(pixels, steady))
    return np.minimum(one_m, other_m)


def _turned(pixels: NDArray[np.intp], image: BoolImage) -> NDArray[np.intp]:
    """Flat indices of (N,) pixels of an image whose columns are in reverse order."""
    last = image.shape[1] - 1
    _, columns = rows_and_columns(pixels, last + 1)
    return np.asarray(pixels + last - 2 * columns)
