# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What cannot stand by itself is part of what holds it: the chuck of a drill, a hammer's handle.

A thing that lies higher than every plane stands on another thing. It does so where its middle is
over what it rests on, and where it is not too slender for its foot; else it would fall, and is
held: it is a part of what it touches, whatever its colour.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ssr_ros.scene.geometry.borders import Borders, joined
from ssr_ros.scene.geometry.gravity import Gravity, is_level
from ssr_ros.scene.geometry.grid import dotted, FloatImage, Grid, rows_and_columns
from ssr_ros.scene.geometry.medians import median_of, quantile_of
from ssr_ros.scene.geometry.patches import areas_of, Labels
from ssr_ros.scene.geometry.planes import PlaneFit

LEAST_CELLS = 60
"""Smaller labels are not asked how they stand."""

HIGH_M, HIGH_SHARE = 0.02, 0.03
"""What lies so high over every level plane, and this share of its depth, stands on none; it is
higher than half of its width, too, for of a ball the lower half is not seen."""

LEAST_REST = 3
"""Sides of cells below a thing on which it rests, at least."""

SEEN_BELOW = 0.7
"""Of so much of a thing's width something must be known right below it."""

MOST_SLENDER = 6.0
"""A thing that is higher than so many times the width of its foot falls over."""

LEAST_HOLD = 4
"""Sides of cells along which a part meets what holds it, at least."""

LEAST_MEETING = 0.5
"""Along this share of their border depth runs on, at least: what jumps there passes behind."""

MOST_UPON = 0.4
"""What lies above a part along a larger share of their border stands on it, and holds it not."""

UPRIGHT = 0.5
"""Share of gravity along the image's columns, at least, for its rows to tell what is below."""

ROUNDS = 3
"""A part of a part of a part is told."""


def join_floating(
    grid: Grid, labels: Labels, borders: Borders, planes: Sequence[PlaneFit], gravity: Gravity
) -> NDArray[np.int32]:
    """Say which label every label goes over to.

    Args:
        grid: the reduced grid.
        labels: (h, w) labels; 1, 2, ... are the planes, things and parts follow.
        borders: of these labels.
        planes: the planes of the room.
        gravity: where down is; where it is not known, nothing is joined.

    Returns:
        (count,) int32; planes keep their labels.
    """
    to = np.arange(int(labels.max()) + 1, dtype=np.int32)
    level = [plane for plane in planes if is_level(plane, gravity)]
    if not gravity.known or not level or gravity.down[1] < UPRIGHT:
        return to
    right, _, up = gravity.axes
    room = _Room(
        pitch=grid.pitch,
        depth_m=grid.depth_m.ravel(),
        side_m=dotted(grid.points_m, right).ravel(),
        rise_m=dotted(grid.points_m, up).ravel(),
        height_m=np.min([plane.height_m(grid.points_m) for plane in level], axis=0).ravel(),
        planes=len(planes),
    )
    for _ in range(ROUNDS):
        step = room.held(labels, _Contacts.of(borders, labels.shape[1]))
        if (step == np.arange(len(step))).all():
            break
        to = step[to]
        labels, borders = joined(labels, borders, step)
    return to


@dataclass(frozen=True, eq=False, kw_only=True)
class _Contacts:
    """Where labels meet others, both ways round, by the part; all (N,).

    Attributes:
        part, other: the two labels.
        cell: flat index of the part's cell.
        level: whether depth runs on.
        above, below: whether the other is right above or below.
        rests: whether it is, and runs on there or hides what is there.
    """

    part: NDArray[np.int64]
    other: NDArray[np.int64]
    cell: NDArray[np.intp]
    level: NDArray[np.bool_]
    above: NDArray[np.bool_]
    below: NDArray[np.bool_]
    rests: NDArray[np.bool_]

    @classmethod
    def of(cls, borders: Borders, width: int) -> _Contacts:
        part = np.concatenate([borders.one, borders.other])
        order = np.argsort(part, kind='stable')
        cell = np.concatenate([borders.one_cell, borders.other_cell])[order]
        down = np.concatenate([borders.other_cell, borders.one_cell])[order] - cell
        before = np.concatenate([borders.before, -borders.before])[order]
        return cls(
            part=part[order],
            other=np.concatenate([borders.other, borders.one])[order],
            cell=cell,
            level=before == 0,
            above=down <= -width,
            below=down >= width,
            rests=(down >= width) & (before <= 0),
        )

    def about(self, part: int) -> _Contacts:
        """Those of one label."""
        start, end = np.searchsorted(self.part, (part, part + 1))
        return _Contacts(**{name: all_of[start:end] for name, all_of in vars(self).items()})

    def holders(self, count: int, planes: int) -> NDArray[np.intp]:
        """What may hold each of so many labels, of all that it meets: the longest border, or 0."""
        pair = self.part * count + self.other
        lengths, meets, upon = (
            np.bincount(pair[chosen], minlength=count * count).reshape(count, count)
            for chosen in (slice(None), self.level, self.level & self.above)
        )
        may = (meets >= LEAST_HOLD) & (meets >= LEAST_MEETING * lengths)
        may &= upon <= MOST_UPON * meets
        may[:, : planes + 1] = False
        return np.asarray((meets * may).argmax(axis=1))


@dataclass(frozen=True, eq=False, kw_only=True)
class _Room:
    """Where the cells are, flat, in metres.

    Attributes:
        pitch: of the grid.
        depth_m, side_m, rise_m: of the cells.
        height_m: over the level plane that they are lowest over.
        planes: how many labels are planes.
    """

    pitch: float
    depth_m: FloatImage
    side_m: FloatImage
    rise_m: FloatImage
    height_m: FloatImage
    planes: int

    def held(self, labels: Labels, contacts: _Contacts) -> NDArray[np.int32]:
        """One round of joining."""
        count = int(labels.max()) + 1
        areas = areas_of(labels, count)
        may = areas >= LEAST_CELLS
        may[: self.planes + 1] = False
        for line in (labels[0], labels[-1], labels[:, 0], labels[:, -1]):
            may[line] = False
        to = np.arange(count, dtype=np.int32)
        holders = contacts.holders(count, self.planes)
        for part in np.flatnonzero(may)[np.argsort(areas[may], kind='stable')]:
            holder = holders[part]
            if holder and to[holder] != part:
                cells = np.flatnonzero(labels == part)
                _, columns = rows_and_columns(cells, labels.shape[1])
                if self._falls(cells, columns, contacts.about(int(part))):
                    to[part] = to[holder]
        return to[to]

    def _falls(
        self, cells: NDArray[np.intp], columns: NDArray[np.intp], contacts: _Contacts
    ) -> bool:
        """Whether what is in some cells lies high and would fall from what it rests on."""
        depth_m = median_of(self.depth_m[cells])
        height_m, side_m = np.sort(self.height_m[cells]), np.sort(self.side_m[cells])
        wide_m = quantile_of(side_m, 0.95) - quantile_of(side_m, 0.05)
        if quantile_of(height_m, 0.05) < max(HIGH_M + HIGH_SHARE * depth_m, wide_m / 2):
            return False  # of a ball the lower half is not seen
        if np.count_nonzero(contacts.below) < SEEN_BELOW * np.count_nonzero(np.bincount(columns)):
            return False
        rest = np.sort(self.side_m[contacts.cell[contacts.rests]])
        if len(rest) < LEAST_REST:
            return True
        left, right = quantile_of(rest, 0.1), quantile_of(rest, 0.9)
        rise_m = np.sort(self.rise_m[cells])
        tall_m = quantile_of(rise_m, 0.95) - quantile_of(rise_m, 0.05)
        slender = tall_m > MOST_SLENDER * (right - left + self.pitch * depth_m)
        return bool(slender or not left <= np.mean(side_m) <= right)
