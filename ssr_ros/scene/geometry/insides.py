# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Insides of things: a mug, a bowl or an open box is seen into past its own front."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, cached_property, partial

import numpy as np
from numpy.typing import NDArray

from ssr_ros.scene.geometry.borders import Borders
from ssr_ros.scene.geometry.grid import FloatImage, Grid, rows_and_columns
from ssr_ros.scene.geometry.medians import median_of, quantile_of
from ssr_ros.scene.geometry.outlines import Outlines
from ssr_ros.scene.geometry.patches import Labels, LEAST_PATCH

INSIDE_OCCLUDED, MAYBE_INSIDE = 0.3, 0.2
"""Share of its jumps at which the inside of a container is the farther side; with less of them it
must be of the container's very colour, and meet it at its rim."""

LEAST_RIM_OF_INSIDE, LEAST_INSIDE = 0.05, 0.3
"""Border without a jump, as a share of that with one, at which it meets its container then, and
its area, as a share of the container's."""

LEAST_HEIGHT, THICKEST = 0.8, 1 / 5
"""What meets its container nowhere without a jump is seen up to its rim behind, at so much of its
height at least, past a wall no thicker than this share of its width: what is behind a box is
lower, or is seen past its top."""

LEAST_SEAM, MOSTLY, SAME_FRONT = 0.7, 0.5, 0.5
"""Share of what stands before an inside that is its container, at least. Where it is mostly, what
stands before both, along at least this share of their sides, a cone, tells nothing of either."""

MOST_FOOT = 0.1
"""Share of its outline along which an inside lies on planes, at most: what has a foot of its own
stands behind the other."""

NOISE_SIGMAS = 2.0
"""What is farther by less is as far."""

NARROW, MOST_OFF = 1 / 3, 1 / 4
"""What is narrower than this share of the width of what stands before it, and is behind it by less
than that share, stands in it: a box on a shelf. An inside is as wide as its mug, or deep in it."""

DEEPEST = 3
"""The inside of an inside of an inside is told."""

SAME_COLOR, VERY_COLOR = 22.0, 15.0
"""Distance in L*a*b* below which the inside of a container is taken to be of its colour."""

_Cells = NDArray[np.intp]
"""Flat indices of cells."""


def find_insides(
    grid: Grid,
    lab: FloatImage,
    rise_m: FloatImage,
    labels: Labels,
    borders: Borders,
    outlines: Outlines,
    fronts: NDArray[np.bool_],
    parts: NDArray[np.bool_],
    planes: int,
) -> NDArray[np.int32]:
    """Say which label every label goes over to: insides to what they are the inside of.

    Args:
        grid: the reduced grid.
        lab: (h, w, 3) colours of the cells.
        rise_m: (h, w) height of the cells over the camera.
        labels: (h, w) int32 labels; 1 to ``planes`` are the planes.
        borders: of these labels.
        outlines: of these labels.
        fronts: (count,) labels that may have insides; planes have none.
        parts: (count,) labels that may be insides.
        planes: how many planes there are.

    Returns:
        (count,) int32.
    """
    count = len(fronts)
    fronts = fronts & (np.arange(count) > planes)
    to = np.arange(count, dtype=np.int32)
    jumps = outlines.near + outlines.far
    inside = parts & (outlines.far > MAYBE_INSIDE * jumps) & (outlines.areas >= LEAST_PATCH)
    inside &= _foot(grid, borders, planes, count) <= MOST_FOOT * outlines.sides
    inside[: planes + 1] = False
    level = borders.before == 0
    pairs = np.stack([borders.one[level], borders.other[level]])
    near = np.where(borders.before > 0, borders.one, borders.other)[borders.before != 0]
    far = np.where(borders.before > 0, borders.other, borders.one)[borders.before != 0]
    cell = np.where(borders.before > 0, borders.one_cell, borders.other_cell)[borders.before != 0]
    near, far, cell = near[fronts[near]], far[fronts[near]], cell[fronts[near]]
    seen = cache(partial(_Seen, grid, lab, rise_m, labels))
    for index in np.flatnonzero(inside):
        part = _Inside(seen, int(index), near, far, cell, pairs)
        sure = outlines.far[index] > INSIDE_OCCLUDED * jumps[index]
        to[index] = part.container(bool(sure)) or index
    for _ in range(DEEPEST):  # two that are in each other stay two
        to = to[to]
    return to


def _foot(grid: Grid, borders: Borders, planes: int, count: int) -> NDArray[np.int64]:
    """Sides at which planes meet labels without a jump, and do not end behind them.

    Beside a bowl and beyond its rim, where the sensor draws its outline out, they do.
    """
    depth_m, sigma_m = grid.depth_m.ravel(), grid.sigma_m.ravel()
    beyond_m = depth_m[borders.other_cell] - depth_m[borders.one_cell]
    noise_m = NOISE_SIGMAS * sigma_m[borders.one_cell]
    level = borders.before == 0
    one = level & (borders.other <= planes) & (beyond_m <= noise_m)
    other = level & (borders.one <= planes) & (-beyond_m <= noise_m)
    foot = np.bincount(borders.one[one], minlength=count)
    return foot + np.bincount(borders.other[other], minlength=count)


@dataclass(frozen=True, eq=False)
class _Seen:
    """What is seen of one label, looked at once however many things it may be the inside of.

    Attributes:
        grid, lab, rise_m, labels: as find_insides takes them.
        label: which one.
    """

    grid: Grid
    lab: FloatImage
    rise_m: FloatImage
    labels: Labels
    label: int

    @cached_property
    def cells(self) -> _Cells:
        """Flat indices of its cells."""
        return np.flatnonzero(self.labels == self.label)

    @cached_property
    def columns(self) -> _Cells:
        """Columns that it is in, from left to right."""
        return np.flatnonzero(np.bincount(self.columns_of(self.cells)))

    @cached_property
    def depth_m(self) -> float:
        """Median of its depth."""
        return median_of(self.grid.depth_m.take(self.cells))

    @cached_property
    def wide_m(self) -> float:
        """How wide it is."""
        return float((self.columns[-1] - self.columns[0] + 1) * self.grid.pitch * self.depth_m)

    @cached_property
    def rises_m(self) -> FloatImage:
        """How high its cells lie, in rising order."""
        return np.sort(self.rise_m.take(self.cells))

    @cached_property
    def tint(self) -> NDArray[np.float64]:
        """(3,) median colour."""
        colors = self.lab.reshape(-1, 3).take(self.cells, axis=0)
        return np.array([median_of(values) for values in colors.T])

    def columns_of(self, cells: _Cells) -> _Cells:
        """Columns of some cells."""
        return rows_and_columns(cells, self.labels.shape[1])[1]

    def away_m(self, cells: _Cells) -> NDArray[np.float64]:
        """How far from the camera some cells are, along the ground."""
        points_m = self.grid.points_m.reshape(-1, 3).take(cells, axis=0).astype(np.float64)
        square = (points_m * points_m).sum(axis=1) - self.rise_m.take(cells) ** 2
        return np.asarray(np.sqrt(np.maximum(square, 0)))


@dataclass(frozen=True, eq=False)
class _Inside:
    """A segment that may be the inside of another one: of a mug, a bowl, an open box.

    Attributes:
        seen: what is seen of a label.
        index: its own label.
        near, far: (N,) labels wherever a front stands before something.
        cell: (N,) flat index of the front's cell there.
        meet: (2, M) labels wherever two meet without a jump.
    """

    seen: Callable[[int], _Seen]
    index: int
    near: NDArray[np.int64]
    far: NDArray[np.int64]
    cell: _Cells
    meet: NDArray[np.int64]

    def container(self, sure: bool) -> int:
        """Return the label of its container, or 0.

        Args:
            sure: whether what stands before it alone may tell; else its rim and colour must.
        """
        before = np.bincount(self.near[self.far == self.index])
        outside = int(before.argmax()) if len(before) else 0
        if not outside or outside == self.index:
            return 0
        seam, length = before[outside], before.sum()
        if seam < LEAST_SEAM * length:  # something else may stand before both
            if seam < MOSTLY * length or seam < LEAST_SEAM * (length - self._before_both(outside)):
                return 0
            sure = False
        inner, outer = self.seen(self.index), self.seen(outside)
        rim = np.count_nonzero(self.meet[::-1][self.meet == self.index] == outside)
        if not rim and (
            _height(inner, outer) < LEAST_HEIGHT or self._wall_m(outer) > THICKEST * outer.wide_m
        ):
            return 0
        seen_into = rim >= LEAST_RIM_OF_INSIDE * seam
        seen_into &= len(inner.cells) >= LEAST_INSIDE * len(outer.cells)
        if sure and _fits(inner, outer, aside=0.25):
            most = SAME_COLOR
        elif seen_into and _fits(inner, outer, aside=0.5):  # a handle
            most = VERY_COLOR
        else:
            return 0
        apart = float(np.linalg.norm((inner.tint - outer.tint) * (0.3, 1, 1)))
        return outside if apart < most else 0

    def _before_both(self, outside: int) -> int:
        """Sides at which what stands before it stands as much before its container."""
        sides = [self.near[self.far == label] for label in (self.index, outside)]
        count = int(self.near.max()) + 1
        inner, outer = (np.bincount(labels, minlength=count) for labels in sides)
        both = outer >= SAME_FRONT * inner
        both[outside] = False
        return int(inner[both].sum())

    def _wall_m(self, outer: _Seen) -> float:
        """How far behind its front a container ends, where the part is seen past it."""
        end = self.cell[(self.near == outer.label) & (self.far == self.index)]
        front_m = np.full(outer.labels.shape[1], np.inf)
        np.minimum.at(front_m, outer.columns_of(outer.cells), outer.away_m(outer.cells))
        return median_of(outer.away_m(end) - front_m[outer.columns_of(end)])


def _fits(inner: _Seen, outer: _Seen, aside: float) -> bool:
    """Whether one lies behind the other's front, hardly wider, no higher and not far off."""
    slack = 2 + int(aside * len(outer.columns))  # a bowl is wider at its rim
    if (
        inner.columns[0] < outer.columns[0] - slack
        or inner.columns[-1] > outer.columns[-1] + slack
    ):
        return False
    behind = (inner.depth_m - outer.depth_m) / outer.wide_m
    narrow = len(inner.columns) < NARROW * len(outer.columns)
    if behind >= 1 or (narrow and behind < MOST_OFF):
        return False
    return _height(inner, outer) < 1.1


def _height(inner: _Seen, outer: _Seen) -> float:
    """How high one reaches: 0 is where the other begins, 1 is where it ends."""
    low, top = (quantile_of(outer.rises_m, share) for share in (0.02, 0.98))
    return float((quantile_of(inner.rises_m, 0.98) - low) / max(top - low, 1e-6))
