# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Handles: what hangs on a thing of its own colour and stands on nothing is of that thing.

Depth alone parts a handle from its cup: a valley runs along the short seams, and through the gap
between them the depth jumps. But it touches no plane, it reaches no higher and no lower than the
cup, and where the two meet no colour changes; a thing beside a thing of its colour has a foot.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import find_objects

from ssr_ros.scene.geometry.borders import Borders
from ssr_ros.scene.geometry.grid import Grid
from ssr_ros.scene.geometry.patches import areas_of, Labels

SAME_TINT = 6.0
"""Step in colour along the border, L*a*b* with less lightness, that is none."""

LEAST_SEAM = 0.12
"""Share of its outline along which a piece meets its thing, at least."""

MOST_FOOT = 0.1
"""Share of its outline that touches planes, at most: a jump away from them is no touch."""

MOST_BEHIND = 0.5
"""Share of the seam along which a piece lies behind a jump, at most: what is hidden has its foot
behind the other thing."""

MOST_AREA = 0.5
"""A piece has at most this share of its thing's area."""

MOST_OFF = 0.75
"""The depths of a piece and its thing differ by this share of the thing's width, at most."""

LARGEST_M = 0.5
"""A thing with a handle is no larger, metres, side of a square as large as its box in the image:
what is larger is furniture, and what stands on its boards has its foot there."""

SLACK_CELLS = 2
"""By so many cells a piece may reach beyond its thing, up and down."""


def join_pieces(grid: Grid, labels: Labels, borders: Borders, planes: int) -> NDArray[np.int32]:
    """Say which label every label goes over to.

    Args:
        grid: the reduced grid.
        labels: (h, w) labels; 1 to ``planes`` are the planes, things and pieces follow.
        borders: of these labels.
        planes: how many planes there are.

    Returns:
        (count,) int32; planes keep their labels.
    """
    count = int(labels.max()) + 1
    seams = Seams.of(borders, planes, count)
    to = np.arange(count, dtype=np.int32)
    hangs = seams.hang()
    if not hangs.any():
        return to
    hangs[hangs] = _fits(grid, labels, seams.piece[hangs], seams.thing[hangs])
    longest_last = np.argsort(seams.length[hangs], kind='stable')
    to[seams.piece[hangs][longest_last]] = seams.thing[hangs][longest_last]
    while (to[to] != to).any():  # ends: a thing's foot is always larger than its piece's
        to = to[to]
    return to


@dataclass(frozen=True, eq=False, kw_only=True)
class Seams:
    """Where a label, maybe a piece, meets another, maybe its thing; both ways round, all (N,).

    Attributes:
        piece, thing: their labels; neither is a plane.
        length: sides of cells along which they meet.
        share: the same as a share of the piece's outline.
        step: mean step in colour across.
        behind: share of the seam at which the piece lies behind a jump.
        level: share of it at which depth runs on.
        foot, thing_foot: share of the outline of each that touches planes.
    """

    piece: NDArray[np.int64]
    thing: NDArray[np.int64]
    length: NDArray[np.int64]
    share: NDArray[np.float64]
    step: NDArray[np.float64]
    behind: NDArray[np.float64]
    level: NDArray[np.float64]
    foot: NDArray[np.float64]
    thing_foot: NDArray[np.float64]

    @classmethod
    def of(cls, borders: Borders, planes: int, count: int) -> Seams:
        """Sum the borders up; 1 to ``planes`` of ``count`` labels are planes."""
        piece = np.concatenate([borders.one, borders.other])
        thing = np.concatenate([borders.other, borders.one])
        far = np.concatenate([borders.before < 0, borders.before > 0])
        sides = np.maximum(np.bincount(piece, minlength=count), 1)
        level = np.tile(borders.before == 0, 2)
        touches = level & (thing <= planes)
        foot = np.bincount(piece[touches], minlength=count) / sides
        both = (piece > planes) & (thing > planes)
        pairs, where = np.unique((piece * count + thing)[both], return_inverse=True)
        tint = np.concatenate([borders.tint, -borders.tint])[both].T
        piece, thing = pairs // count, pairs % count
        length = np.bincount(where, minlength=len(pairs))
        total = [np.bincount(where, part, len(pairs)) for part in tint]
        return cls(
            piece=piece,
            thing=thing,
            length=length,
            share=length / sides[piece],
            step=np.linalg.norm(total, axis=0) / length,
            behind=np.bincount(where, far[both], len(pairs)) / length,
            level=np.bincount(where, level[both], len(pairs)) / length,
            foot=foot[piece],
            thing_foot=foot[thing],
        )

    def hang(self) -> NDArray[np.bool_]:
        """At which the piece hangs on a thing of its colour that stands, and stands itself not."""
        floats = (self.foot <= MOST_FOOT) & (self.foot < self.thing_foot)
        meets = (self.share >= LEAST_SEAM) & (self.behind <= MOST_BEHIND)
        return np.asarray(floats & meets & (self.step < SAME_TINT))


def _fits(
    grid: Grid, labels: Labels, piece: NDArray[np.int64], thing: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Whether pieces are smaller than their things, at their depth and height."""
    count = int(labels.max()) + 1
    area = areas_of(labels, count)
    total_m = np.bincount(labels.ravel(), cv2.patchNaNs(grid.depth_m.copy(), 0.0).ravel(), count)
    depth_m = total_m / np.maximum(area, 1)
    top, bottom, box = _boxes(labels, count)
    fits = area[piece] <= MOST_AREA * area[thing]
    pitch_m = grid.pitch * depth_m
    width_m = np.sqrt(area) * pitch_m
    fits &= np.abs(depth_m[piece] - depth_m[thing]) <= MOST_OFF * width_m[thing]
    fits &= top[piece] >= top[thing] - SLACK_CELLS
    fits &= bottom[piece] <= bottom[thing] + SLACK_CELLS
    return np.asarray(fits & (np.sqrt(box[thing]) * pitch_m[thing] <= LARGEST_M))


def _boxes(labels: Labels, count: int) -> NDArray[np.int64]:
    """First row, row beyond the last, and area of the box around every label: (3, count)."""
    boxes = np.zeros((3, count), np.int64)
    for number, window in enumerate(find_objects(labels), 1):
        if window is not None:
            rows, columns = window
            area = (rows.stop - rows.start) * (columns.stop - columns.start)
            boxes[:, number] = rows.start, rows.stop, area
    return boxes
