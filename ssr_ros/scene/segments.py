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

"""Class-free segments: connected surfaces that stand off the structure of the scene.

Surfaces are first cut wherever a level face meets a steep one, then put together again: a steep
face that falls away from a level one belongs to the same thing (the front of a box and its top); one
that rises from it stands on it (a cup on a board).
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from ssr_ros.scene.gravity import Gravity
from ssr_ros.scene.grid import BoolImage, FloatImage, Grid
from ssr_ros.scene.planes import STEEPEST

Labels = NDArray[np.int32]

LEVEL_CELL_COS = 0.85
RIM_CELLS = 4
_NEIGHBOURS = (
    (np.s_[:, 1:], np.s_[:, :-1]), (np.s_[:, :-1], np.s_[:, 1:]),
    (np.s_[1:], np.s_[:-1]), (np.s_[:-1], np.s_[1:]),
)  # fmt: skip
LEAST_LEVEL_CELLS = 24
RISING = 0.12
"""Mean slope at a border above which one surface stands on the other."""


def segment(
    grid: Grid, normals: FloatImage, free: BoolImage, gravity: Gravity
) -> tuple[int, Labels]:
    """Label the things among the free cells.

    Args:
        grid: the reduced grid.
        normals: (h, w, 3) unit normals of its cells, NaN unknown.
        free: (h, w) bool: cells that are not structure.
        gravity: where down is.

    Returns:
        number of labels and (h, w) int32 labels, 0 outside.
    """
    links = _Links(grid)
    up = -gravity.down.astype(np.float32)
    rise_m = grid.points_m @ up
    along = normals @ up
    with np.errstate(invalid='ignore'):
        level = free & (along > LEVEL_CELL_COS)
    level = _grown(grid, level, free & np.isnan(along), rise_m)
    level_count, level_labels = links.connect(level)
    level = _large(level_labels, level_count, LEAST_LEVEL_CELLS)
    level_labels = np.where(level, level_labels, 0)
    steep_count, labels = links.connect(free & ~level)
    labels = np.where(level, level_labels + np.int32(steep_count), labels)
    belongs = _falling_borders(grid, labels, steep_count, rise_m)
    return _join(labels, steep_count + level_count, belongs)


class _Links:
    """Which neighbouring cells hang together without a jump in depth."""

    def __init__(self, grid: Grid) -> None:
        depth, sigma = grid.depth_m, grid.sigma_m
        self.across = _holds(depth[:, :-1], depth[:, 1:], sigma[:, :-1], grid.pitch)
        self.down = _holds(depth[:-1], depth[1:], sigma[:-1], grid.pitch)

    def connect(self, cells: BoolImage) -> tuple[int, Labels]:
        """Label the connected parts of some cells.

        Cells and the links between them are drawn on an image of twice the size, so that one pass
        of connected components follows exactly those links that hold.
        """
        height, width = cells.shape
        drawn = np.zeros((2 * height - 1, 2 * width - 1), np.uint8)
        drawn[::2, ::2] = cells
        drawn[::2, 1::2] = self.across & cells[:, :-1] & cells[:, 1:]
        drawn[1::2, ::2] = self.down & cells[:-1] & cells[1:]
        count, labels = cv2.connectedComponents(drawn, connectivity=4)
        return count, np.ascontiguousarray(labels[::2, ::2])


def _holds(one: FloatImage, other: FloatImage, sigma: FloatImage, pitch: float) -> BoolImage:
    """Whether two neighbouring readings can lie on one surface."""
    with np.errstate(invalid='ignore'):
        limit = np.float32(STEEPEST * pitch) * np.minimum(one, other) + np.float32(4) * sigma
        return np.asarray(np.abs(one - other) < limit, np.bool_)


def _grown(grid: Grid, level: BoolImage, unknown: BoolImage, rise_m: FloatImage) -> BoolImage:
    """Let level faces reach to their rims, where a jump in depth hides the normal.

    A cell joins when it is as high as a level neighbour.
    """
    with np.errstate(invalid='ignore'):
        limit = np.float32(0.35 * grid.pitch) * grid.depth_m + 1.5 * grid.sigma_m
    grown = level.copy()
    for _ in range(RIM_CELLS):
        before = grown.copy()
        for here, there in _NEIGHBOURS:
            with np.errstate(invalid='ignore'):
                as_high = np.abs(rise_m[here] - rise_m[there]) < limit[here]
            grown[here] |= before[there] & unknown[here] & as_high
    return grown


def _large(labels: Labels, count: int, least: int) -> BoolImage:
    keep = np.bincount(labels.ravel(), minlength=count) >= least
    keep[0] = False
    return np.asarray(keep[labels], np.bool_)


def _falling_borders(
    grid: Grid, labels: Labels, steep_count: int, rise_m: FloatImage
) -> list[tuple[int, int]]:
    """Find the pairs (steep, level) of linked segments of which the steep one does not rise.

    The slope over a border is taken from two cells before it to two cells behind it, and averaged
    along the border.
    """
    margin = 3
    around = np.pad(labels, margin)
    rise = np.pad(rise_m, margin).ravel()
    depth = np.pad(grid.depth_m, margin).ravel()
    sigma = np.pad(grid.sigma_m, margin).ravel()
    width = around.shape[1]
    flat = around.ravel()
    total = int(flat.max()) + 1
    level = np.flatnonzero(flat > steep_count)
    keys, slopes = [], []
    for step in (1, -1, width, -width):
        beyond = flat[level + step]
        border = level[(beyond > 0) & (beyond < steep_count)]
        linked = _holds(depth[border], depth[border + step], sigma[border], grid.pitch)
        border = border[linked]
        ahead = np.where(flat[border + 3 * step] == flat[border + step], 3, 1)
        back = np.where(flat[border - 2 * step] == flat[border], 2, 0)
        height = rise[border + ahead * step] - rise[border - back * step]
        slopes.append(height / ((ahead + back) * grid.pitch * depth[border]))
        keys.append(flat[border + step].astype(np.int64) * total + flat[border])
    pairs, where = np.unique(np.concatenate(keys), return_inverse=True)
    count = np.bincount(where, minlength=len(pairs))
    mean = np.bincount(where, weights=np.concatenate(slopes), minlength=len(pairs)) / count
    return [(int(pair // total), int(pair % total)) for pair in pairs[mean < RISING]]


def _join(labels: Labels, count: int, pairs: list[tuple[int, int]]) -> tuple[int, Labels]:
    """Give joined segments one label."""
    if not pairs:
        return count, labels
    one, other = np.array(pairs).T
    graph = coo_matrix((np.ones(len(one)), (one, other)), shape=(count, count))
    found, groups = connected_components(graph, directed=False)
    background = groups[0]
    groups = np.where(groups == background, 0, groups + 1).astype(np.int32)
    return found + 1, groups[labels]


def drop_small(labels: Labels, count: int, least_cells: float) -> tuple[int, Labels]:
    """Remove what is smaller than ``least_cells`` or nowhere three cells thick, and renumber."""
    areas = np.bincount(labels.ravel(), minlength=count)
    square = np.ones((3, 3), np.uint8)
    numbers = labels.astype(np.float32)
    thick = cv2.erode(numbers, square) == cv2.dilate(numbers, square)
    cores = np.bincount(labels[thick], minlength=count)
    keep = (areas >= least_cells) & (cores > 0)
    keep[0] = False
    renumber = np.zeros(count, np.int32)
    renumber[keep] = np.arange(1, np.count_nonzero(keep) + 1)
    return int(np.count_nonzero(keep)) + 1, renumber[labels]
