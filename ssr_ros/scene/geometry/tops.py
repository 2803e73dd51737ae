# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Tops: what is seen right above a front, and is as wide, may be its lid or its inside.

The rim of a can, and noise along the edge of a box, make a valley between top and front, a mug is
seen into past its rim, and their colours may differ. But what lies on a thing shows a front of its
own, or is not as wide; and an inside is hollow from side to side, behind a front that is round.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property, partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import find_objects

from ssr_ros.scene.geometry.borders import Borders
from ssr_ros.scene.geometry.floating import LEAST_CELLS, LEAST_MEETING, UPRIGHT
from ssr_ros.scene.geometry.gravity import Gravity, LEVEL_COS
from ssr_ros.scene.geometry.grid import FloatImage, Grid
from ssr_ros.scene.geometry.medians import quantile_of
from ssr_ros.scene.geometry.patches import areas_of, Labels
from ssr_ros.scene.geometry.planes import FloatArray

AS_WIDE, OF_FRONT = 0.7, 0.5
"""Share of its width along which a top is right above a front, and the same of the front's."""

MOST_LOWER = 0.1
"""A lid lies lower than the front's upper end by this share of its length at most."""

MOST_LEVEL = 0.8
"""The normal of a front is nearer to the vertical by no more than this cosine."""

LEAST_ROUND, MOST_ROUGH = 0.1, 0.15
"""From its middle to its sides a round face goes back, or a hollow one forward, by this share of
its width at least; it is off such a curve by no more, one standard deviation."""

EVERY, COARSE = 7, 2
"""A face lies as every seventh of its cells do, and is as wide as in every second row."""


def with_tops(
    grid: Grid, labels: Labels, borders: Borders, things: Labels, planes: int, gravity: Gravity
) -> Labels:
    """Put tops and fronts together, of which one at least is a thing or of one.

    Args:
        grid: the reduced grid.
        labels: (h, w) labels; 1 to ``planes`` are the planes, things and parts follow.
        borders: of these labels.
        things: (h, w) things, 0 outside: labels that were put together.
        planes: how many planes there are.
        gravity: where down is; where it is not known, nothing is put together.

    Returns:
        (h, w) things; of those that went over to others the numbers are used no more.
    """
    if not gravity.known or gravity.down[1] < UPRIGHT:
        return things
    tops, fronts = _tops(grid, labels, borders, planes, gravity)
    more = things.copy() if len(tops) else things
    for parts in zip(tops.tolist(), fronts.tolist(), strict=True):
        cells = [labels == part for part in parts]
        top, front = (int(more[part].max()) for part in cells)
        for part, number in zip(cells, (top, front), strict=True):
            more[(more == number) if number else part] = front or top
    return more


def _tops(
    grid: Grid, labels: Labels, borders: Borders, planes: int, gravity: Gravity
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Labels that are tops, and those of their fronts."""
    count = int(labels.max()) + 1
    coarse = np.ascontiguousarray(labels[::COARSE, ::COARSE])
    large = COARSE**2 * areas_of(coarse, count) >= LEAST_CELLS
    large[: planes + 1] = False
    above = borders.one_cell - borders.other_cell >= labels.shape[1]  # the other is
    above &= large[borders.one] & large[borders.other]
    pairs, where = np.unique((borders.other * count + borders.one)[above], return_inverse=True)
    length = np.bincount(where, minlength=len(pairs))
    before = np.bincount(where, borders.before[above] < 0, len(pairs))
    behind = np.bincount(where, borders.before[above] > 0, len(pairs))
    tops, fronts = pairs // count, pairs % count
    boxes = [box and _enlarged(box) for box in (None, *find_objects(coarse))]
    wide = np.array([box[1].stop - box[1].start if box else 0 for box in boxes])
    may = (length >= AS_WIDE * wide[tops]) & (length >= OF_FRONT * wide[fronts])
    may &= before <= LEAST_MEETING * length  # a board stands before the wall below it
    meets = before + behind <= LEAST_MEETING * length
    face = cache(partial(_Face.of, grid, labels, boxes, gravity.axes))
    for index in np.flatnonzero(may).tolist():
        top, front = face(int(tops[index])), face(int(fronts[index]))
        may[index] = top.is_inside_of(front) or (meets[index] and top.is_lid_of(front))
    return tops[may], fronts[may]


def _enlarged(box: tuple[slice, ...]) -> tuple[slice, ...]:
    """A box around coarse cells, in cells."""
    return tuple(slice(COARSE * side.start, COARSE * side.stop) for side in box)


@dataclass(frozen=True, eq=False)
class _Face:
    """What is seen of a part.

    Attributes:
        points_m: (3, N) some of its points: to the right, forward, and up.
    """

    points_m: FloatArray

    @classmethod
    def of(
        cls, grid: Grid, labels: Labels, boxes: Sequence[Any], axes: FloatArray, label: int
    ) -> _Face:
        """The face of a label, along three axes."""
        window = boxes[label]
        points_m = grid.points_m[window][labels[window] == label]
        return cls(axes @ points_m[::EVERY].T)

    @cached_property
    def lie(self) -> tuple[float, float]:
        """Cosine between its normal and the vertical, and its length in metres."""
        off_m = self.points_m - self.points_m.mean(axis=1, keepdims=True)
        squares, axes = np.linalg.eigh(off_m @ off_m.T / off_m.shape[1])  # the smallest first
        return float(abs(axes[2, 0])), float(np.sqrt(12 * squares[2]))

    @cached_property
    def rise_m(self) -> FloatImage:
        """How high its points lie, in rising order."""
        return np.sort(self.points_m[2]).astype(np.float32)

    @cached_property
    def bend(self) -> tuple[float, float]:
        """How much nearer its sides are than its middle, and how rough it is: shares of width."""
        aside_m, ahead_m, rise_m = self.points_m - self.points_m.mean(axis=1, keepdims=True)
        wide_m = max(float(np.ptp(aside_m)), 1e-6)
        aside = 2 * aside_m / wide_m
        curve = np.stack([np.ones_like(aside), aside, aside * aside, rise_m / wide_m])
        fit = np.linalg.pinv(curve @ curve.T) @ (curve @ ahead_m)
        return float(-fit[2] / wide_m), float(np.std(ahead_m - fit @ curve) / wide_m)

    def is_lid_of(self, front: _Face) -> bool:
        """Whether it may be the top of what ends right below it."""
        level, long_m = self.lie
        if level <= LEVEL_COS or front.lie[0] > MOST_LEVEL:
            return False
        lowest_m = quantile_of(front.rise_m, 0.95) - MOST_LOWER * long_m
        return quantile_of(self.rise_m, 0.5) >= lowest_m

    def is_inside_of(self, front: _Face) -> bool:
        """Whether it is hollow and the front is round."""
        hollow, rough = self.bend
        return hollow >= LEAST_ROUND and rough <= MOST_ROUGH and front.bend[0] <= -LEAST_ROUND
