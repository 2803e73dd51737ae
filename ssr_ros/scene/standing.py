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

"""Which segments are things: what stands before something else, and is large enough."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ssr_ros.scene.grid import FloatImage, Grid
from ssr_ros.scene.segments import holds, Labels, STEPS

LEAST_OCCLUDING = 0.15
"""Share of a segment's depth edges at which a thing is the nearer side; a background never is."""

BORDER_OCCLUDING = 0.4
"""At an image border a thing must be seen to stand before something along this share of its side."""

SAME_COLOR = 22.0
"""Distance in L*a*b* below which the inside of a container is taken to be of its colour."""


def keep_things(
    grid: Grid, lab: FloatImage, labels: Labels, count: int, least_cells: float
) -> tuple[int, Labels]:
    """Remove background pieces, add insides to their containers, and drop what is too small.

    A piece of wall beside an image border, or seen through the back of a chair, and the inside of a
    mug have this in common: wherever depth jumps at their outline, they are the farther side.

    Args:
        grid: the reduced grid.
        lab: (h, w, 3) colours of the cells.
        labels: (h, w) int32 segments, 0 outside.
        count: number of labels, 0 included.
        least_cells: smaller segments are dropped.

    Returns:
        the number of labels, and (h, w) labels numbered without gaps.
    """
    labels, count = _drop_small(labels, count, least_cells)
    areas = np.bincount(labels.ravel(), minlength=count)
    near, far = _depth_edges(grid, labels)
    occluding = np.bincount(near, minlength=count)
    occluded = np.bincount(far, minlength=count)
    background = occluding < LEAST_OCCLUDING * (occluding + occluded)
    background |= _cut_off(labels, count) & (occluding < BORDER_OCCLUDING * np.sqrt(areas))
    owner = np.arange(count, dtype=np.int32)
    for index in np.flatnonzero(background[1:]) + 1:
        owner[index] = _container(grid, lab, labels, int(index), near[far == index])
    labels = owner[labels]
    return _renumber(labels, np.bincount(labels.ravel(), minlength=count) > 0)


def _cut_off(labels: Labels, count: int) -> NDArray[np.bool_]:
    """Which labels reach the border of the image."""
    at_border = np.zeros(count, np.bool_)
    for line in (labels[0], labels[-1], labels[:, 0], labels[:, -1]):
        at_border[line] = True
    return at_border


def _depth_edges(grid: Grid, labels: Labels) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Labels on the near and on the far side of every jump in depth between two cells."""
    nearer, farther = [], []
    depth = grid.depth_m
    for here, there in STEPS:
        known = np.isfinite(depth[here]) & np.isfinite(depth[there])
        jump = known & ~holds(grid, here, there) & (labels[here] != labels[there])
        one, other = labels[here][jump], labels[there][jump]
        one_is_nearer = depth[here][jump] < depth[there][jump]
        nearer.append(np.where(one_is_nearer, one, other))
        farther.append(np.where(one_is_nearer, other, one))
    return np.concatenate(nearer), np.concatenate(farther)


def _container(
    grid: Grid, lab: FloatImage, labels: Labels, index: int, before: NDArray[np.int32]
) -> int:
    """The segment that a background segment is the inside of, or 0."""
    before = before[before > 0]
    if not len(before):
        return 0
    outside = int(np.bincount(before).argmax())
    inside_cells, outside_cells = labels == index, labels == outside
    if np.count_nonzero(before == outside) < 0.7 * len(before):
        return 0
    colors = [np.median(lab[cells], axis=0) for cells in (inside_cells, outside_cells)]
    depths = [float(np.median(grid.depth_m[cells])) for cells in (inside_cells, outside_cells)]
    columns = np.flatnonzero(outside_cells.any(axis=0))
    width = (columns[-1] - columns[0] + 1) * grid.pitch * depths[1]
    alike = float(np.linalg.norm((colors[0] - colors[1]) * (0.5, 1, 1))) < SAME_COLOR
    return outside if alike and depths[0] - depths[1] < width else 0


def _drop_small(labels: Labels, count: int, least_cells: float) -> tuple[Labels, int]:
    """Drop what is smaller than ``least_cells`` or nowhere three cells thick."""
    areas = np.bincount(labels.ravel(), minlength=count)
    square = np.ones((3, 3), np.uint8)
    numbers = labels.astype(np.float32)
    thick = cv2.erode(numbers, square) == cv2.dilate(numbers, square)
    cores = np.bincount(labels[thick], minlength=count)
    count, labels = _renumber(labels, (areas >= least_cells) & (cores > 0))
    return labels, count


def _renumber(labels: Labels, keep: NDArray[np.bool_]) -> tuple[int, Labels]:
    keep[0] = False
    number = np.zeros(len(keep), np.int32)
    number[keep] = np.arange(1, np.count_nonzero(keep) + 1)
    return int(np.count_nonzero(keep)) + 1, number[labels]
