# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Insides of things: a mug, a bowl or an open box is seen into past its own front."""

from __future__ import annotations

from dataclasses import dataclass

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
    for index in np.flatnonzero(inside):
        beside = pairs[::-1][pairs == index]
        part = _Inside(grid, lab, rise_m, labels, int(index), near, far, cell, beside)
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
class _Inside:
    """A segment that may be the inside of another one: of a mug, a bowl, an open box.

    Attributes:
        grid, lab, rise_m, labels: as find_insides takes them.
        index: its label.
        near, far: (N,) labels wherever a front stands before something.
        cell: (N,) flat index of the front's cell there.
        beside: (M,) labels that it meets without a jump.
    """

    grid: Grid
    lab: FloatImage
    rise_m: FloatImage
    labels: Labels
    index: int
    near: NDArray[np.int64]
    far: NDArray[np.int64]
    cell: _Cells
    beside: NDArray[np.int64]

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
        inner, outer = (np.flatnonzero(self.labels == label) for label in (self.index, outside))
        rim = np.count_nonzero(self.beside == outside)
        if not rim and (
            self._height(inner, outer) < LEAST_HEIGHT
            or self._wall_m(outside, outer) > THICKEST * self._wide_m(outer)
        ):
            return 0
        seen_into = rim >= LEAST_RIM_OF_INSIDE * seam and len(inner) >= LEAST_INSIDE * len(outer)
        if sure and self._fits(inner, outer, aside=0.25):
            most = SAME_COLOR
        elif seen_into and self._fits(inner, outer, aside=0.5):  # a handle
            most = VERY_COLOR
        else:
            return 0
        return outside if self._apart(inner, outer) < most else 0

    def _before_both(self, outside: int) -> int:
        """Sides at which what stands before it stands as much before its container."""
        sides = [self.near[self.far == label] for label in (self.index, outside)]
        count = int(self.near.max()) + 1
        inner, outer = (np.bincount(labels, minlength=count) for labels in sides)
        both = outer >= SAME_FRONT * inner
        both[outside] = False
        return int(inner[both].sum())

    def _fits(self, inner: _Cells, outer: _Cells, aside: float) -> bool:
        """Whether it lies behind the other's front, hardly wider, no higher and not far off."""
        columns = [self._columns(cells) for cells in (inner, outer)]
        slack = 2 + int(aside * len(columns[1]))  # a bowl is wider at its rim
        if columns[0][0] < columns[1][0] - slack or columns[0][-1] > columns[1][-1] + slack:
            return False
        depths = [median_of(self.grid.depth_m.take(cells)) for cells in (inner, outer)]
        behind = (depths[0] - depths[1]) / self._wide_m(outer)
        narrow = len(columns[0]) < NARROW * len(columns[1])
        if behind >= 1 or (narrow and behind < MOST_OFF):
            return False
        return self._height(inner, outer) < 1.1

    def _height(self, inner: _Cells, outer: _Cells) -> float:
        """How high it reaches: 0 is where the other begins, 1 is where it ends."""
        rises = [np.sort(self.rise_m.take(cells)) for cells in (inner, outer)]
        low, top = (quantile_of(rises[1], share) for share in (0.02, 0.98))
        return float((quantile_of(rises[0], 0.98) - low) / max(top - low, 1e-6))

    def _wide_m(self, cells: _Cells) -> float:
        """How wide some cells are."""
        columns = self._columns(cells)
        depth_m = median_of(self.grid.depth_m.take(cells))
        return float((columns[-1] - columns[0] + 1) * self.grid.pitch * depth_m)

    def _wall_m(self, outside: int, outer: _Cells) -> float:
        """How far behind its front a container ends, where the part is seen past it."""
        end = self.cell[(self.near == outside) & (self.far == self.index)]
        width = self.labels.shape[1]
        front_m = np.full(width, np.inf)
        np.minimum.at(front_m, rows_and_columns(outer, width)[1], self._away_m(outer))
        return median_of(self._away_m(end) - front_m[rows_and_columns(end, width)[1]])

    def _away_m(self, cells: _Cells) -> NDArray[np.float64]:
        """How far from the camera cells are, along the ground."""
        points_m = self.grid.points_m.reshape(-1, 3).take(cells, axis=0).astype(np.float64)
        square = (points_m * points_m).sum(axis=1) - self.rise_m.take(cells) ** 2
        return np.asarray(np.sqrt(np.maximum(square, 0)))

    def _columns(self, cells: _Cells) -> _Cells:
        """Columns that some cells are in, from left to right."""
        width = self.labels.shape[1]
        return np.flatnonzero(np.bincount(rows_and_columns(cells, width)[1]))

    def _apart(self, inner: _Cells, outer: _Cells) -> float:
        """How far apart their colours are."""
        flat = self.lab.reshape(-1, 3)
        one, other = (
            np.array([median_of(values) for values in flat.take(cells, axis=0).T])
            for cells in (inner, outer)
        )
        return float(np.linalg.norm((one - other) * (0.3, 1, 1)))
