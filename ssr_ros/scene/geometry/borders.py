# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Where labels meet: what speaks for two things there, and which of the two stands before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ssr_ros.scene.geometry.creases import BLOCK
from ssr_ros.scene.geometry.grid import FloatImage, Grid, rows_and_columns
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


@dataclass(frozen=True, eq=False)
class BorderWalk:
    """Walks over the borders of labels along rows and columns, and over holes in the depth.

    Attributes:
        rows, columns: what borders are judged by, line after line.
    """

    rows: _Lines
    columns: _Lines

    @classmethod
    def of(cls, grid: Grid, angles: FloatImage, lab: FloatImage) -> BorderWalk:
        """Prepare the walk over a grid with these (h, w) valleys and (h, w, 3) colours."""
        tint = cv2.blur(lab, (3, 3))
        tint[..., 0] *= LIGHTNESS
        images = grid.depth_m, grid.sigma_m, cv2.dilate(angles, BLOCK)
        turned = [cv2.transpose(image) for image in images]
        return cls(
            _Lines.of(grid.pitch, images, tint),
            _Lines.of(grid.pitch, turned, cv2.transpose(tint)),
        )

    def borders(self, labels: Labels) -> Borders:
        """Return the borders of (h, w) labels, 0 outside."""
        rows, columns = (
            self.rows.walk(labels.ravel()),
            self.columns.walk(cv2.transpose(labels).ravel()),
        )
        return Borders(
            one=np.concatenate([rows.one, columns.one]),
            other=np.concatenate([rows.other, columns.other]),
            votes=np.concatenate([rows.votes, columns.votes]),
            before=np.concatenate([rows.before, columns.before]),
            tint=np.concatenate([rows.tint, columns.tint]),
            one_cell=np.concatenate([rows.one_cell, self._by_rows(columns.one_cell)]),
            other_cell=np.concatenate([rows.other_cell, self._by_rows(columns.other_cell)]),
        )

    def _by_rows(self, cells: NDArray[np.intp]) -> NDArray[np.intp]:
        """Flat indices along the rows of cells that are counted along the columns."""
        column, row = rows_and_columns(cells, self.columns.width)
        return row * self.rows.width + column


@dataclass(frozen=True, eq=False)
class _Lines:
    """The cells of a grid line after line, all (n,), colours (n, 3); cells are flat indices.

    Attributes:
        width: cells of a line.
        pitch: of the grid.
        depth_m: of the cells.
        sigma_m: of their depth.
        deepest: valley next to each.
        tint: colour of each, with less lightness.
    """

    width: int
    pitch: float
    depth_m: FloatImage
    sigma_m: FloatImage
    deepest: FloatImage
    tint: FloatImage

    @classmethod
    def of(cls, pitch: float, images: Sequence[FloatImage], tint: FloatImage) -> _Lines:
        """Flatten images whose rows are the lines: depth, sigma, valleys; and their colours."""
        depth_m, sigma_m, deepest = (image.ravel() for image in images)
        return cls(tint.shape[1], pitch, depth_m, sigma_m, deepest, tint.reshape(-1, 3))

    def walk(self, labels: Labels) -> Borders:
        """Compare every labelled cell with the labelled cell before it in its line."""
        here, there = self._neighbours(labels)
        one, other = self.depth_m[here], self.depth_m[there]
        cells = (here - there).astype(np.float32)
        slope = np.where(cells > 1, np.float32(HOLE_SLOPE), np.float32(STEEPEST))
        limit = slope * np.float32(self.pitch) * cells * np.minimum(one, other)
        jumps = np.abs(one - other) > limit + 4 * self.sigma_m[here]
        valley = np.maximum(self.deepest[here], self.deepest[there]) / PARTING_RAD
        votes = np.where(cells > 1, HOLE_VOTES, np.minimum(valley, MOST_VOTES))
        inside = (
            self._inward(labels, here, BESIDE_CELLS),
            self._inward(labels, there, -BESIDE_CELLS),
        )
        before = self._smeared_jumps(labels, *inside)
        return Borders(
            one=labels[here].astype(np.int64),
            other=labels[there].astype(np.int64),
            votes=np.where(jumps, JUMP_VOTES, votes).astype(np.float32),
            before=np.where(jumps, np.sign(other - one), before).astype(np.int8),
            tint=self.tint.take(inside[0], axis=0) - self.tint.take(inside[1], axis=0),
            one_cell=here,
            other_cell=there,
        )

    def _neighbours(self, labels: Labels) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Labelled cells, and of each the labelled cell before it that has another label."""
        end = np.flatnonzero(labels[1:] != labels[:-1])  # of every run of one label, or of none
        here, there = end + 1, np.where(labels[end] > 0, end, np.append(-1, end[:-1]))
        meet = (labels[here] > 0) & (there >= 0) & (labels[here] != labels[there])
        meet &= here - there <= np.minimum(here % self.width, WIDEST_HOLE)
        return here[meet], there[meet]

    def _inward(self, labels: Labels, cells: NDArray[np.intp], step: int) -> NDArray[np.intp]:
        """Cells a step away along the line, or right there where the label ends before."""
        _, column = rows_and_columns(cells, self.width)
        away = cells + (np.clip(column + step, 0, self.width - 1) - column)
        return np.where(labels[away] == labels[cells], away, cells)

    def _smeared_jumps(
        self, labels: Labels, here: NDArray[np.intp], there: NDArray[np.intp]
    ) -> NDArray[np.int8]:
        """Tell jumps that the sensor has drawn out over some cells: steeper than either side.

        Returns:
            1 where the surface around ``here`` stands before the other, -1 behind, 0 for none.
        """
        one, other = self.depth_m[here], self.depth_m[there]
        per_cell = np.float32(1 / self.pitch) / np.minimum(one, other)
        across = (other - one) * per_cell / (here - there)
        ahead = self._inward(labels, here, BESIDE_CELLS)
        behind = self._inward(labels, there, -BESIDE_CELLS)
        beside = [
            np.abs(self.depth_m[far] - near) * per_cell / np.maximum(np.abs(far - cell), 1)
            for far, near, cell in ((ahead, one, here), (behind, other, there))
        ]
        steep = np.abs(across) > JUMP_SLOPE + np.fmax(*beside)
        return np.where(steep, np.sign(across), 0).astype(np.int8)
