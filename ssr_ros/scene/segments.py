# Copyright 2026 The ssr_ros authors
#
# Licensed under the Apache License, Version 2.0 (the "License");
# you may not use this file except in compliance with the License.
# You may obtain a copy of the License at
#
#     http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS,
# WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.
# See the License for the specific language governing permissions and
# limitations under the License.

"""Class-free segments: connected surfaces that stand off the structure of the scene."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ssr_ros.scene.grid import BoolImage, Grid

Labels = NDArray[np.int32]

STEEPEST = 4.5
"""Steepest surface that still counts as one, in depth per width (about 77 degrees)."""


def connected_surfaces(grid: Grid, free: BoolImage, cut: BoolImage) -> tuple[int, Labels]:
    """Label the parts of ``free`` that hang together without a jump in depth.

    Cells and the links between them are drawn on an image of twice the size, so that one pass of
    connected components follows exactly those links that hold.

    Args:
        grid: the reduced grid.
        free: (h, w) bool: cells that may belong to an object.
        cut: (h, w) bool: cells that no link may pass (creases between touching objects).

    Returns:
        number of labels and (h, w) int32 labels, 0 outside.
    """
    height, width = grid.shape
    links = np.zeros((2 * height - 1, 2 * width - 1), np.uint8)
    links[::2, ::2] = free
    depth, sigma = grid.depth_m, grid.sigma_m
    links[::2, 1::2] = _holds(depth[:, :-1], depth[:, 1:], sigma[:, :-1], grid.pitch)
    links[::2, 1::2] &= (free & ~cut)[:, :-1] & (free & ~cut)[:, 1:]
    links[1::2, ::2] = _holds(depth[:-1], depth[1:], sigma[:-1], grid.pitch)
    links[1::2, ::2] &= (free & ~cut)[:-1] & (free & ~cut)[1:]
    count, labels = cv2.connectedComponents(links, connectivity=4)
    return count, np.ascontiguousarray(labels[::2, ::2])


def _holds(
    one: NDArray[np.float32],
    other: NDArray[np.float32],
    sigma: NDArray[np.float32],
    pitch: float,
) -> BoolImage:
    """Whether two neighbouring readings can lie on one surface."""
    with np.errstate(invalid='ignore'):
        limit = np.float32(STEEPEST * pitch) * np.minimum(one, other) + np.float32(4) * sigma
        return np.asarray(np.abs(one - other) < limit, np.bool_)


def drop_small(labels: Labels, count: int, least_cells: float) -> tuple[int, Labels]:
    """Remove what is smaller than ``least_cells`` or nowhere three cells thick, and renumber."""
    areas = np.bincount(labels.ravel(), minlength=count)
    core = cv2.erode(labels.astype(np.float32), np.ones((3, 3), np.uint8))
    thick = core == cv2.dilate(labels.astype(np.float32), np.ones((3, 3), np.uint8))
    cores = np.bincount(labels[thick], minlength=count)
    keep = (areas >= least_cells) & (cores > 0)
    keep[0] = False
    renumber = np.zeros(count, np.int32)
    renumber[keep] = np.arange(1, np.count_nonzero(keep) + 1)
    return int(np.count_nonzero(keep)) + 1, renumber[labels]
