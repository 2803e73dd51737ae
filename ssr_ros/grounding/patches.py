# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Patches of one colour: what is too small or too flat to be told as a thing."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from ssr_ros.scene.geometry.colors import COLOR_NAMES, name_colors
from ssr_ros.scene.geometry.grid import BoolImage

LEAST_PIXELS, MOST_SHARE = 12, 0.15
"""Fewer pixels are a speck; what fills more of the picture than this is no small thing."""

Box = tuple[int, int, int, int]


def patches(
    rgb: NDArray[np.uint8], colors: Collection[str], taken: BoolImage
) -> Iterator[tuple[Box, BoolImage]]:
    """Yield what hangs together and is of one of some colours, pixel by pixel.

    Args:
        rgb: (H, W, 3).
        colors: names of ``COLOR_NAMES``.
        taken: (H, W) pixels that are of something else.

    Yields:
        the box (x0, y0, x1, y1) in pixels and the mask (H, W) of each.
    """
    asked = [COLOR_NAMES.index(color) for color in colors]
    alike = np.isin(name_colors(rgb), asked) & ~taken
    count, labels, stats, _ = cv2.connectedComponentsWithStats(
        alike.astype(np.uint8), connectivity=4
    )
    for number in range(1, count):
        x, y, width, height, pixels = map(int, stats[number])
        if LEAST_PIXELS <= pixels <= MOST_SHARE * alike.size:
            yield (x, y, x + width, y + height), labels == number
