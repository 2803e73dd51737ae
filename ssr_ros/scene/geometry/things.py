# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Which segments are things: what stands before something else, and is large enough."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ssr_ros.scene.geometry.grid import BoolImage, FloatImage, Grid
from ssr_ros.scene.geometry.planes import STEEPEST
from ssr_ros.scene.geometry.segments import Labels

LEAST_OCCLUDING = 0.15
"""Share of a segment's depth edges at which a thing is the nearer side; a background never is."""

BORDER_OCCLUDING = 0.4
"""At an image border a thing must be seen to stand before something, this share of its side."""

INSIDE_OCCLUDED = 0.3
WIDEST_GAP = 4

SAME_COLOR = 22.0
"""Distance in L*a*b* below which the inside of a container is taken to be of its colour."""


def keep_things(
    grid: Grid,
    lab: FloatImage,
    rise_m: FloatImage,
    labels: Labels,
    count: int,
    least_cells: float,
) -> tuple[int, Labels]:
    """Remove background pieces, add insides to their containers, and drop what is too small.

    A piece of wall beside an image border, or seen through the back of a chair, and the inside of
    a mug have this in common: wherever depth jumps at their outline, they are the farther side.

    Args:
        grid: the reduced grid.
        lab: (h, w, 3) colours of the cells.
        rise_m: (h, w) height of the cells over the camera.
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
    owner[background] = 0
    for index in np.flatnonzero(occluded > INSIDE_OCCLUDED * (occluding + occluded)):
        inside = _Inside(grid, lab, rise_m, labels, int(index), near[far == index])
        owner[index] = inside.container() or owner[index]
    labels = owner[labels]
    return _renumber(labels, np.bincount(labels.ravel(), minlength=count) > 0)


def _cut_off(labels: Labels, count: int) -> NDArray[np.bool_]:
    """Which labels reach the border of the image."""
    at_border = np.zeros(count, np.bool_)
    for line in (labels[0], labels[-1], labels[:, 0], labels[:, -1]):
        at_border[line] = True
    return at_border


def _depth_edges(grid: Grid, labels: Labels) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Labels on the near and on the far side of every jump in depth between two cells.

    Sensors leave the jump itself unknown: readings a few unknown cells apart count as neighbours.
    """
    nearer, farther = [np.zeros(0, np.int32)], [np.zeros(0, np.int32)]
    for depth, owner in ((grid.depth_m, labels), (grid.depth_m.T, labels.T)):
        blank = np.ones((depth.shape[0], depth.shape[1] - 1), np.bool_)
        for gap in range(1, min(WIDEST_GAP, depth.shape[1] - 1) + 1):
            one, other = depth[:, :-gap], depth[:, gap:]
            limit = np.float32(STEEPEST * grid.pitch * gap) * np.fmin(one, other)
            with np.errstate(invalid='ignore'):
                jump = blank & (np.abs(one - other) > limit)
            jump &= owner[:, :-gap] != owner[:, gap:]
            first, second = owner[:, :-gap][jump], owner[:, gap:][jump]
            first_is_nearer = one[jump] < other[jump]
            nearer.append(np.where(first_is_nearer, first, second))
            farther.append(np.where(first_is_nearer, second, first))
            blank = blank[:, :-1] & np.isnan(depth[:, gap : depth.shape[1] - 1])
    return np.concatenate(nearer), np.concatenate(farther)


@dataclass(frozen=True, eq=False)
class _Inside:
    """A segment that may be the inside of another one: of a mug, a bowl, an open box."""

    grid: Grid
    lab: FloatImage
    rise_m: FloatImage
    labels: Labels
    index: int
    before: NDArray[np.int32]

    def container(self) -> int:
        """Return the label of its container, or 0."""
        before = self.before[self.before > 0]
        if not len(before):
            return 0
        outside = int(np.bincount(before).argmax())
        if np.count_nonzero(before == outside) < 0.7 * len(before) or outside == self.index:
            return 0
        inner, outer = self.labels == self.index, self.labels == outside
        return outside if self._fits(inner, outer) and self._alike(inner, outer) else 0

    def _fits(self, inner: BoolImage, outer: BoolImage) -> bool:
        """Whether it lies behind the other's front, no wider, no higher and not far off."""
        columns = [np.flatnonzero(cells.any(axis=0)) for cells in (inner, outer)]
        slack = 2 + len(columns[1]) // 4  # a bowl is wider at its rim
        if columns[0][0] < columns[1][0] - slack or columns[0][-1] > columns[1][-1] + slack:
            return False
        depths = [float(np.median(self.grid.depth_m[cells])) for cells in (inner, outer)]
        width = (columns[1][-1] - columns[1][0] + 1) * self.grid.pitch * depths[1]
        low, top = np.percentile(self.rise_m[outer], (2, 98))
        inner_top = float(np.percentile(self.rise_m[inner], 98))
        return bool(depths[0] - depths[1] < width and inner_top < top + 0.1 * (top - low))

    def _alike(self, inner: BoolImage, outer: BoolImage) -> bool:
        """Whether both have about the same colour."""
        colors = [np.median(self.lab[cells], axis=0) for cells in (inner, outer)]
        return float(np.linalg.norm((colors[0] - colors[1]) * (0.5, 1, 1))) < SAME_COLOR


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
