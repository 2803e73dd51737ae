# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Which reading is the nearest to a pixel that has none of its own to trust."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ssr_ros.scene.geometry.grid import BoolImage, FloatImage


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
