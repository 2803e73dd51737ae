# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Patches that belong to one thing are joined, the surest first.

The border of two patches speaks for two things by its votes, averaged over its length: valleys
and jumps. Colour alone parts nothing (there is print on boxes), but it weighs what depth says: a
handle bends away from its cup and is of its colour. Sensors draw outlines out, so that on both
sides of a border the colour may be that of one of the two: the colours of all of them count, too.
After every join the averages are taken anew, so that one leak in a border joins nothing.
At last parts that look out from behind one thing are joined where they meet without a valley but
for those along its outline.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ssr_ros.scene.geometry.borders import Borders, LIGHTNESS
from ssr_ros.scene.geometry.grid import FloatImage, Grid
from ssr_ros.scene.geometry.patches import areas_of, Labels
from ssr_ros.scene.geometry.pieces import SAME_TINT
from ssr_ros.scene.geometry.planes import FloatArray, PlaneFit, WARP
from ssr_ros.scene.geometry.shade import Shade

MOST_VOTES_WITHIN = 0.6
"""Weighed mean votes below which a border runs inside one thing."""

MOST_VOTES_ON_PLANE = 0.4
"""The same where one side is a plane of the room: what is left then is its ripples."""

LIKE, UNLIKE = 0.25, 1.5
"""Weights of the votes between like and unlike colours."""

UNLIKE_STEP = 30.0
"""Distance of unlike colours, averaged along the border, in L*a*b* with less lightness."""

OF_ALL, LEAST_OF_ALL = 0.7, 49
"""Share of the distance of the mean colours of two patches that counts where the step along their
border is less. A patch of fewer cells may be nothing but such an outline."""

FULL_CONTACT = 0.4
"""Border of two patches, as a share of the smaller one's side, that is no chance; votes over a
shorter one count more."""

HIGHEST_RIPPLE = 0.02
"""Mean height over a plane, as a share of depth, of its ripples; higher patches stand on it."""

MOST_BEFORE_OF_WALL = 0.1
"""What is of a wall stands before something along this share of its outline at most."""

LEAST_OPEN, EVERY = 0.1, 16
"""A part of a table that things cut off meets planes, or stands before something, along this share
of its outline at least; the inside of a box does neither. The colour of a plane is that of every
16th cell."""

LEAST_CLEAR = 0.25
"""Parts that look out from behind one thing meet clear of its outline along this share of their
border at least, to be joined there."""

NEVER = 9.0


def join_patches(
    grid: Grid,
    lab: FloatImage,
    labels: Labels,
    count: int,
    borders: Borders,
    planes: Sequence[PlaneFit],
    behind: Sequence[bool],
) -> NDArray[np.int32]:
    """Say which label every label goes over to.

    Args:
        grid: the reduced grid.
        lab: (h, w, 3) colour of the cells in L*a*b*.
        labels: (h, w) labels; 1, 2, ... are the planes' cells, the patches follow.
        count: number of labels, 0 included.
        borders: of these labels.
        planes: the planes of the room.
        behind: whether each is the background of all else, a wall.

    Returns:
        (count,) int32; planes keep their labels.
    """
    regions = _Regions.of(grid, lab, labels, count, planes)
    tints = _plane_tints(lab, labels, len(planes))
    before = _before(borders, count)
    is_open = before + _at_planes(borders, count, len(planes)) >= LEAST_OPEN
    owner = regions.of_planes(behind, before, is_open, tints)
    graph, regions = _Graph.of(borders).joined(owner), regions.joined(owner)
    owner, regions = _surest_first(graph, regions, owner, len(planes))
    borders = borders.renamed(owner)
    shade = Shade.of(labels, borders, count, len(planes))
    graph = _Graph.of(borders, shade.shaded)
    return _surest_first(graph, regions, owner, len(planes), shade)[0]


def _surest_first(
    graph: _Graph,
    regions: _Regions,
    owner: NDArray[np.int32],
    planes: int,
    shade: Shade | None = None,
) -> tuple[NDArray[np.int32], _Regions]:
    """Join until no border is left that runs inside one thing; in the shade of one, if given.

    Returns:
        (count,) which label every label goes over to, and what they are then.
    """
    count = len(owner)
    while len(graph.low):
        score = regions.scores(graph)
        if shade is not None:
            may = (score < MOST_VOTES_WITHIN) & (graph.low > planes)
            may &= graph.clear >= LEAST_CLEAR
            if not may.any():
                break
            may[may] = shade.of_one(graph.low[may], graph.high[may])
            score[~may] = NEVER
        best = np.full(count, NEVER)
        np.minimum.at(best, graph.low, score)
        np.minimum.at(best, graph.high, score)
        join = (score < MOST_VOTES_WITHIN) & (score <= best[graph.high])
        join &= (score <= best[graph.low]) | (graph.low <= planes)  # planes take several
        if not join.any():
            break
        to = np.arange(count, dtype=np.int32)
        to[graph.high[join]] = graph.low[join]
        while (to[to] != to).any():
            to = to[to]
        owner, graph, regions = to[owner], graph.joined(to), regions.joined(to)
        shade = shade and shade.joined(to)
    return owner, regions


def _before(borders: Borders, count: int) -> FloatArray:
    """Share of the outline of every label at which it stands before something."""
    sides = np.bincount(np.concatenate([borders.one, borders.other]), minlength=count)
    near = np.bincount(borders.one[borders.before > 0], minlength=count)
    near += np.bincount(borders.other[borders.before < 0], minlength=count)
    return np.asarray(near / np.maximum(sides, 1))


def _at_planes(borders: Borders, count: int, planes: int) -> FloatArray:
    """Share of the outline of every label at which it meets planes."""
    sides = np.bincount(np.concatenate([borders.one, borders.other]), minlength=count)
    met = np.bincount(borders.one[borders.other <= planes], minlength=count)
    met += np.bincount(borders.other[borders.one <= planes], minlength=count)
    return np.asarray(met / np.maximum(sides, 1))


def _plane_tints(lab: FloatImage, labels: Labels, planes: int) -> FloatArray:
    """(3, planes) mean colours of the planes, L*a*b* with less lightness."""
    number, colors = labels.ravel()[::EVERY], lab.reshape(-1, 3)[::EVERY]
    cells = np.flatnonzero((number > 0) & (number <= planes))
    plane = number.take(cells) - 1
    length = np.maximum(np.bincount(plane, minlength=planes), 1)
    parts = (colors.take(cells, axis=0) * (LIGHTNESS, 1, 1)).T
    return np.array([np.bincount(plane, part, planes) for part in parts]) / length


@dataclass(frozen=True, eq=False)
class _Graph:
    """Borders of labels low < high; sums along each.

    Attributes:
        low, high: (P,) the labels.
        sums: (6, P) votes, length, the three parts of the step in colour from low to high, and
            the length in the shade of something nearer, where no votes are counted.
    """

    low: NDArray[np.int64]
    high: NDArray[np.int64]
    sums: FloatArray

    @classmethod
    def of(cls, borders: Borders, shaded: NDArray[np.bool_] | None = None) -> _Graph:
        turn = np.where(borders.one < borders.other, 1.0, -1.0)
        dark = np.zeros(len(turn), np.bool_) if shaded is None else shaded
        votes = np.where(dark, 0, borders.votes)
        sums = [votes, np.ones(len(turn)), *(borders.tint.T * turn), dark]
        low = np.minimum(borders.one, borders.other)
        return cls._summed(low, np.maximum(borders.one, borders.other), np.array(sums))

    @classmethod
    def _summed(cls, low: NDArray[np.int64], high: NDArray[np.int64], parts: FloatArray) -> _Graph:
        pairs, where = np.unique(low << 32 | high, return_inverse=True)
        return cls(pairs >> 32, pairs & 0xFFFFFFFF, _summed(parts, where, len(pairs)))

    def joined(self, to: NDArray[np.int32]) -> _Graph:
        low, high = to[self.low].astype(np.int64), to[self.high].astype(np.int64)
        sums = self.sums.copy()
        sums[2:5] *= np.where(low < high, 1, -1)
        left = low != high
        low, high = np.minimum(low, high)[left], np.maximum(low, high)[left]
        return self._summed(low, high, sums[:, left])

    @property
    def length(self) -> FloatArray:
        return np.asarray(self.sums[1])

    @property
    def votes(self) -> FloatArray:
        """(P,) mean votes."""
        return np.asarray(self.sums[0] / self.length)

    @property
    def clear(self) -> FloatArray:
        """(P,) share of the border that nothing nearer shades."""
        return np.asarray(1 - self.sums[5] / self.length)

    @property
    def step(self) -> FloatArray:
        """(P,) mean step in colour."""
        return np.asarray(np.linalg.norm(self.sums[2:5] / self.length, axis=0))


@dataclass(frozen=True, eq=False)
class _Regions:
    """Sums over the cells of every label.

    Attributes:
        area: (count,) number of cells.
        heights: (planes, count) sums of the cells' distances from each plane, as shares of depth;
            0 of the planes themselves.
        tint: (3, count) sums of the cells' colours, L*a*b* with less lightness; likewise.
    """

    area: FloatArray
    heights: FloatArray
    tint: FloatArray

    @classmethod
    def of(
        cls, grid: Grid, lab: FloatImage, labels: Labels, count: int, planes: Sequence[PlaneFit]
    ) -> _Regions:
        flat = labels.ravel()
        cells = np.flatnonzero(flat > len(planes))
        patch = flat.take(cells).astype(np.intp)
        colors = lab.reshape(-1, 3).take(cells, axis=0).T
        tint = np.array([np.bincount(patch, part, count) for part in colors], np.float64)
        tint[0] *= LIGHTNESS
        points_m = grid.points_m.reshape(-1, 3).take(cells, axis=0)
        depth_m = points_m[:, 2].copy()
        heights = np.zeros((len(planes), count))
        for row, plane in zip(heights, planes, strict=True):
            row[:] = np.bincount(patch, np.abs(plane.height_m(points_m)) / depth_m, count)
        return cls(areas_of(labels, count).astype(np.float64), heights, tint)

    def of_planes(
        self,
        behind: Sequence[bool],
        before: FloatArray,
        is_open: NDArray[np.bool_],
        tints: FloatArray,
    ) -> NDArray[np.int32]:
        """Say which plane a patch is of, though things part it from the rest; else it is its own.

        Of a wall is what lies in it but for ripples, in no other plane more, and stands before
        nothing. Of a table, on which things lie, is what lies in it without a ripple, is of its
        colour and no inside of a thing; it may stand before the floor.
        """
        owner = np.arange(len(self.area), dtype=np.int32)
        if len(behind):
            nearest = self.heights.argmin(axis=0)
            height = self.heights.min(axis=0)
            patch = (self.area > 0) & (owner > len(behind))
            wall = np.array(behind)[nearest]
            of_wall = wall & (height <= HIGHEST_RIPPLE * self.area)
            of_wall &= before <= MOST_BEFORE_OF_WALL
            apart = np.linalg.norm(
                self.tint / np.maximum(self.area, 1) - tints[:, nearest], axis=0
            )
            level = ~wall & is_open & (height <= WARP * self.area) & (apart <= SAME_TINT)
            owner = np.where(patch & (of_wall | level), nearest + 1, owner).astype(np.int32)
        return owner

    def scores(self, graph: _Graph) -> FloatArray:
        """Weighed mean votes of every border, NEVER where it must stay."""
        low, high = graph.low, graph.high
        step = np.maximum(graph.step, OF_ALL * self._apart(low, high))
        score = graph.votes * (LIKE + (UNLIKE - LIKE) * np.minimum(step / UNLIKE_STEP, 1))
        side = np.sqrt(np.minimum(self.area[low], self.area[high]))
        score *= np.maximum(1, FULL_CONTACT * side / graph.length)
        planes = len(self.heights)
        on_plane = np.flatnonzero(low <= planes)
        score[on_plane] *= MOST_VOTES_WITHIN / MOST_VOTES_ON_PLANE
        above = self.heights[low[on_plane] - 1, high[on_plane]]
        ripples = above <= HIGHEST_RIPPLE * self.area[high[on_plane]]
        score[on_plane[~ripples]] = NEVER
        score[high <= planes] = NEVER
        return score

    def _apart(self, low: NDArray[np.int64], high: NDArray[np.int64]) -> FloatArray:
        """(P,) distance of the mean colours of two patches.

        0 where nothing is told: from planes, which may have many colours, and of small patches.
        """
        mean = self.tint / np.maximum(self.area, 1)
        apart = np.linalg.norm(mean[:, low] - mean[:, high], axis=0)
        smaller = np.minimum(self.area[low], self.area[high])
        told = (low > len(self.heights)) & (smaller >= LEAST_OF_ALL)
        return np.asarray(np.where(told, apart, 0))

    def joined(self, to: NDArray[np.int32]) -> _Regions:
        count, planes = len(self.area), len(self.heights)
        sums = _summed(np.vstack([self.area, self.heights, self.tint]), to, count)
        return _Regions(sums[0], sums[1 : planes + 1], sums[planes + 1 :])


def _summed(rows: FloatArray, to: NDArray[np.integer], count: int) -> FloatArray:
    """Sums (K, count) of the columns of (K, N) rows that go to the same place, in one pass."""
    places = to + count * np.arange(len(rows))[:, None]
    total = np.bincount(places.ravel(), rows.ravel(), len(rows) * count)
    return np.asarray(total.reshape(len(rows), count), np.float64)
