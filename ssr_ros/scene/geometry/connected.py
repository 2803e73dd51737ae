# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Connected parts of cells."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from ssr_ros.scene.geometry.grid import BoolImage
from ssr_ros.scene.geometry.passes import passes


def connected(cells: BoolImage, links: Sequence[BoolImage]) -> tuple[int, NDArray[np.int32]]:
    """Number the parts of cells that are linked with each other, row after row.

    Args:
        cells: (h, w) bool.
        links: (h, w - 1) and (h - 1, w) bool: which are linked with the next to the right, and
            with the one below, if both are cells.

    Returns:
        number of labels, and (h, w) labels, 0 outside.
    """
    quick = passes()
    right, below = links
    return (plain_connected if quick is None else quick.connected)(cells, right, below)


def plain_connected(
    cells: BoolImage, right: BoolImage, below: BoolImage
) -> tuple[int, NDArray[np.int32]]:
    """Number them without a compiler: cells and links are drawn at double size, as one picture.

    Links that touch at a corner are of one cell, so that eight neighbours tell what four do, and
    are found in half the time.
    """
    height, width = cells.shape
    drawn = np.zeros((2 * height - 1, 2 * width - 1), np.uint8)
    drawn[::2, ::2] = cells
    drawn[::2, 1::2] = right & cells[:, :-1] & cells[:, 1:]
    drawn[1::2, ::2] = below & cells[:-1] & cells[1:]
    count, labels = cv2.connectedComponents(drawn, connectivity=8)
    return count, np.ascontiguousarray(labels[::2, ::2])
