# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Where labels meet: what speaks for two things there, and which of the two stands before."""

from __future__ import annotations

from dataclasses import dataclass

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
    """

    one: NDArray[np.int64]
    other: NDArray[np.int64]
    votes: NDArray[np.float32]
    before: NDArray[np.int8]
    tint: NDArray[np.float32]

    @classmethod
    def of(cls, grid: Grid, labels: Labels, angles: FloatImage, lab: FloatImage) -> Borders:
        """Walk over the borders along rows and columns, and over holes in the depth."""
        deepest = cv2.dilate(angles, BLOCK)
        tint = cv2.blur(lab, (3, 3)) * np.array([LIGHTNESS, 1, 1], np.float32)
        rows = _walk(grid.pitch, grid.depth_m, grid.sigma_m, labels, deepest, tint)
        columns = _walk(
            grid.pitch,
            grid.depth_m.T,
            grid.sigma_m.T,
            np.ascontiguousarray(labels.T),
            deepest.T,
            tint.transpose(1, 0, 2),
        )
        return cls(
            one=np.concatenate([rows.one, columns.one]),
            other=np.concatenate([rows.other, columns.other]),
            votes=np.concatenate([rows.votes, columns.votes]),
            before=np.concatenate([rows.before, columns.before]),
            tint=np.concatenate([rows.tint, columns.tint]),
        )


def _walk(
    pitch: float,
    depth_m: FloatImage,
    sigma_m: FloatImage,
    labels: Labels,
    deepest: FloatImage,
    tint: FloatImage,
) -> Borders:
    """Compare every labelled cell with the labelled cell before it in its row."""
    width = labels.shape[1]
    columns = np.where(labels > 0, np.arange(width, dtype=np.int32), np.int32(-1))
    last = np.maximum.accumulate(columns, axis=1)[:, :-1]
    rows, here = np.nonzero((labels[:, 1:] > 0) & (labels[:, 1:] != labels[:, :-1]))
    there = last[rows, here]
    here = here + 1
    apart = (there >= 0) & (here - there <= WIDEST_HOLE)
    apart &= labels[rows, here] != labels[rows, there]
    rows, here, there = rows[apart], here[apart], there[apart]
    one, other = depth_m[rows, here], depth_m[rows, there]
    cells = (here - there).astype(np.float32)
    slope = np.where(cells > 1, np.float32(HOLE_SLOPE), np.float32(STEEPEST))
    limit = slope * np.float32(pitch) * cells * np.minimum(one, other) + 4 * sigma_m[rows, here]
    jumps = np.abs(one - other) > limit
    valley = np.maximum(deepest[rows, here], deepest[rows, there]) / PARTING_RAD
    votes = np.where(cells > 1, HOLE_VOTES, np.minimum(valley, MOST_VOTES))
    inside = _inward(labels, rows, here, BESIDE_CELLS), _inward(labels, rows, there, -BESIDE_CELLS)
    before = _smeared_jumps(pitch, depth_m, labels, rows, *inside)
    return Borders(
        one=labels[rows, here].astype(np.int64),
        other=labels[rows, there].astype(np.int64),
        votes=np.where(jumps, JUMP_VOTES, votes).astype(np.float32),
        before=np.where(jumps, np.sign(other - one), before).astype(np.int8),
        tint=tint[rows, inside[0]] - tint[rows, inside[1]],
    )


def _inward(
    labels: Labels, rows: NDArray[np.intp], columns: NDArray[np.intp], step: int
) -> NDArray[np.intp]:
    """Columns a step away along the row, or right there where the label ends before."""
    away = np.clip(columns + step, 0, labels.shape[1] - 1)
    return np.where(labels[rows, away] == labels[rows, columns], away, columns)


def _smeared_jumps(
    pitch: float,
    depth_m: FloatImage,
    labels: Labels,
    rows: NDArray[np.intp],
    here: NDArray[np.intp],
    there: NDArray[np.intp],
) -> NDArray[np.int8]:
    """Tell jumps that the sensor has drawn out over some cells: steeper than either side.

    Returns:
        1 where the surface around ``here`` stands before the other, -1 where behind, 0 for none.
    """
    one, other = depth_m[rows, here], depth_m[rows, there]
    per_cell = np.float32(1 / pitch) / np.minimum(one, other)
    across = (other - one) * per_cell / (here - there)
    ahead = _inward(labels, rows, here, BESIDE_CELLS)
    behind = _inward(labels, rows, there, -BESIDE_CELLS)
    beside = [
        np.abs(depth_m[rows, far] - near) * per_cell / np.maximum(np.abs(far - column), 1)
        for far, near, column in ((ahead, one, here), (behind, other, there))
    ]
    steep = np.abs(across) > JUMP_SLOPE + np.fmax(*beside)
    return np.where(steep, np.sign(across), 0).astype(np.int8)
