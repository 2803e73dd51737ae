# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Where labels meet: what speaks for two things there, and which of the two stands before."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ssr_ros.scene.geometry.creases import BLOCK
from ssr_ros.scene.geometry.grid import FloatImage, Grid
from ssr_ros.scene.geometry.patches import Labels
from ssr_ros.scene.geometry.planes import STEEPEST

PARTING_RAD = np.float32(np.radians(40))
"""A valley this deep counts as one full vote for two things."""

MOST_VOTES = np.float32(2.0)
"""The most that a valley can count for."""

JUMP_VOTES = np.float32(3.0)
"""What a jump in depth counts for."""

HOLE_VOTES = np.float32(0.6)
"""What unknown cells count for that lie between readings of about one depth."""

WIDEST_HOLE = 16
"""Readings farther apart than so many cells are no neighbours."""

HOLE_SLOPE = 1.5
"""Steepest surface, in depth per width, that is taken to go on under unknown cells."""


BESIDE_CELLS = 2
"""Colours are compared so far on either side of a border, where it does not blur them."""

JUMP_SLOPE = 1.0
"""Depth per width by which a border must be steeper than its two sides to be a jump drawn out."""

LIGHTNESS = np.float32(0.3)
"""Weight of lightness among colours: shade makes no other thing."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Borders:
    """Pairs of neighbouring readings with different labels; all (N,).

    Attributes:
        one, other: int64 labels on the two sides.
        votes: float32: how strongly depth speaks for two things, 0 to JUMP_VOTES.
        before: int8: 1 where the one stands before the other (depth jumps), -1 where behind, or 0.
        tint: (N, 3) float32: colour of the one less the other's, L*a*b* with less lightness.
        one_cell, other_cell: flat indices of the two readings' cells.
    """

    one: NDArray[np.int64]
    other: NDArray[np.int64]
    votes: NDArray[np.float32]
    before: NDArray[np.int8]
    tint: NDArray[np.float32]
    one_cell: NDArray[np.intp]
    other_cell: NDArray[np.intp]

    def renamed(self, to: NDArray[np.int32]) -> Borders:
        """The borders that are left where labels go over to others."""
        one, other = to[self.one].astype(np.int64), to[self.other].astype(np.int64)
        left = np.flatnonzero(one != other)
        rest = {name: values.take(left, axis=0) for name, values in vars(self).items()}
        return Borders(**{**rest, 'one': one[left], 'other': other[left]})


def joined(labels: Labels, borders: Borders, to: NDArray[np.int32]) -> tuple[Labels, Borders]:
    """Labels and their borders where labels go over to others; most often none does."""
    if (to == np.arange(len(to))).all():
        return labels, borders
    return to.take(labels), borders.renamed(to)


@dataclass(frozen=True, eq=False)
class BorderWalk:
    """Walks over the borders of labels along rows and columns, and over holes in the depth.

    All rows of cells, one after another, and then all columns are one long line of n steps, so
    that both are walked at once.

    Attributes:
        pitch: of the grid.
        way: where its steps lead.
        depth_m: (n,) of the cells.
        sigma_m: (n,) of their depth.
        deepest: (n,) valley next to each.
        tint: (h w, 3) colour of every cell, with less lightness.
    """

    pitch: float
    way: _Way
    depth_m: FloatImage
    sigma_m: FloatImage
    deepest: FloatImage
    tint: FloatImage

    @classmethod
    def of(cls, grid: Grid, angles: FloatImage, lab: FloatImage) -> BorderWalk:
        """Prepare the walk over a grid with these (h, w) valleys and (h, w, 3) colours."""
        tint = cv2.blur(lab, (3, 3))
        tint[..., 0] *= LIGHTNESS
        return cls(
            pitch=grid.pitch,
            way=_Way.over(grid.shape),
            depth_m=_line(grid.depth_m),
            sigma_m=_line(grid.sigma_m),
            deepest=_line(cv2.dilate(angles, BLOCK)),
            tint=tint.reshape(-1, 3),
        )

    def borders(self, labels: Labels) -> Borders:
        """Compare every labelled cell with the labelled cell before it in its row and column.

        Args:
            labels: (h, w), 0 outside.
        """
        line = _line(labels)
        here, there = self._neighbours(line)
        one, other = self.depth_m.take(here), self.depth_m.take(there)
        cells = (here - there).astype(np.float32)
        slope = np.where(cells > 1, np.float32(HOLE_SLOPE), np.float32(STEEPEST))
        limit = slope * np.float32(self.pitch) * cells * np.minimum(one, other)
        jumps = np.abs(one - other) > limit + 4 * self.sigma_m.take(here)
        valley = np.maximum(self.deepest.take(here), self.deepest.take(there)) / PARTING_RAD
        votes = np.where(cells > 1, HOLE_VOTES, np.minimum(valley, MOST_VOTES))
        inside = self._ahead(line, here), self._back(line, there)
        before = self._smeared_jumps(line, *inside)
        tints = [self.tint.take(self.way.cell.take(steps), axis=0) for steps in inside]
        return Borders(
            one=line.take(here).astype(np.int64),
            other=line.take(there).astype(np.int64),
            votes=np.where(jumps, JUMP_VOTES, votes).astype(np.float32),
            before=np.where(jumps, np.sign(other - one), before).astype(np.int8),
            tint=tints[0] - tints[1],
            one_cell=self.way.cell.take(here),
            other_cell=self.way.cell.take(there),
        )

    def _neighbours(self, line: Labels) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Labelled steps, and of each the labelled one before it that has another label."""
        end = np.flatnonzero(line[1:] != line[:-1])  # of every run of one label, or of none
        here, there = end + 1, np.where(line.take(end) > 0, end, np.append(-1, end[:-1]))
        meet = (line.take(here) > 0) & (there >= 0) & (line.take(here) != line.take(there))
        meet &= here - there <= np.minimum(here - self.way.first.take(here), WIDEST_HOLE)
        return here[meet], there[meet]

    def _ahead(self, line: Labels, steps: NDArray[np.intp]) -> NDArray[np.intp]:
        """Steps some cells on, or right there where the label ends before."""
        away = np.minimum(steps + BESIDE_CELLS, self.way.last.take(steps))
        return np.where(line.take(away) == line.take(steps), away, steps)

    def _back(self, line: Labels, steps: NDArray[np.intp]) -> NDArray[np.intp]:
        """The same backwards."""
        away = np.maximum(steps - BESIDE_CELLS, self.way.first.take(steps))
        return np.where(line.take(away) == line.take(steps), away, steps)

    def _smeared_jumps(
        self, line: Labels, here: NDArray[np.intp], there: NDArray[np.intp]
    ) -> NDArray[np.int8]:
        """Tell jumps that the sensor has drawn out over some cells: steeper than either side.

        Returns:
            1 where the surface around ``here`` stands before the other, -1 behind, 0 for none.
        """
        one, other = self.depth_m.take(here), self.depth_m.take(there)
        per_cell = np.float32(1 / self.pitch) / np.minimum(one, other)
        across = (other - one) * per_cell / (here - there)
        sides = (self._ahead(line, here), one, here), (self._back(line, there), other, there)
        beside = [
            np.abs(self.depth_m.take(far) - near) * per_cell / np.maximum(np.abs(far - cell), 1)
            for far, near, cell in sides
        ]
        steep = np.abs(across) > JUMP_SLOPE + np.fmax(*beside)
        return np.where(steep, np.sign(across), 0).astype(np.int8)


@dataclass(frozen=True, eq=False)
class _Way:
    """Along all rows of a grid, and then along all columns; (n,) intp each.

    Attributes:
        cell: flat index of every step's cell.
        first, last: steps at which its row or column begins and ends.
    """

    cell: NDArray[np.intp]
    first: NDArray[np.intp]
    last: NDArray[np.intp]

    @classmethod
    @lru_cache(maxsize=4)  # a camera's images are all of one size
    def over(cls, shape: tuple[int, int]) -> _Way:
        """The way over a grid of so many rows and columns."""
        cells = np.arange(shape[0] * shape[1]).reshape(shape)
        lengths = np.repeat(shape[::-1], shape)
        ends = np.cumsum(lengths)
        cell = np.concatenate([cells.ravel(), cells.T.ravel()])
        return cls(cell, np.repeat(ends - lengths, lengths), np.repeat(ends - 1, lengths))


def _line(image: NDArray[Any]) -> NDArray[Any]:
    """(2 h w,) cells of an (h, w) image, row after row and then column after column."""
    return np.concatenate([image.ravel(), cv2.transpose(image).ravel()])
