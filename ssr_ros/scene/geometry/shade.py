# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Beside a nearer thing: what of a border tells nothing, because it runs along another's outline.

A jump in depth is a valley at its far side too, as far as the arms of an angle reach. So the parts
of a box that looks out from behind another box are parted by valleys that are not its own: where
two parts meet beside what stands before both, no valley says anything.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ssr_ros.scene.geometry.borders import Borders, JUMP_VOTES
from ssr_ros.scene.geometry.creases import ARM_CELLS
from ssr_ros.scene.geometry.patches import Labels

REACH = ARM_CELLS + 2
"""Cells beside a jump that its valley is drawn out to: by arms, smoothing and its bed."""

BESIDE = np.ones((2 * REACH + 1, 2 * REACH + 1), np.uint8)

LEAST_HIDDEN = 0.1
"""Share of its outline along which a part lies behind what hides more of it, at least."""


@dataclass(frozen=True, eq=False)
class Shade:
    """What stands before what.

    Attributes:
        shaded: (N,) bool: borders of no plane, without a jump, beside the outline of something
            that stands before either.
        behind, front: (M,) labels wherever depth jumps for sure.
        sides: (count,) at which every label meets others.
    """

    shaded: NDArray[np.bool_]
    behind: NDArray[np.int64]
    front: NDArray[np.int64]
    sides: NDArray[np.int64]

    @classmethod
    def of(cls, labels: Labels, borders: Borders, count: int, planes: int) -> Shade:
        """Look beside the jumps of the (N,) borders of (h, w) labels; a plane hides nothing."""
        front, back = _ordered(borders, borders.one, borders.other)
        jump = (borders.before != 0) & (borders.votes == JUMP_VOTES) & (front > planes)
        beside = np.zeros(labels.size, np.float32)
        beside[_ordered(borders, borders.one_cell, borders.other_cell)[1][jump]] = front[jump]
        beside = cv2.dilate(beside.reshape(labels.shape), BESIDE).ravel()
        asked = np.flatnonzero(
            (borders.before == 0) & (borders.one > planes) & (borders.other > planes)
        )
        one, other = borders.one[asked], borders.other[asked]
        shaded = np.zeros(len(front), np.bool_)
        for cell in (borders.one_cell[asked], borders.other_cell[asked]):
            third = beside[cell]
            shaded[asked] |= (third > 0) & (third != one) & (third != other)
        sides = np.bincount(np.concatenate([borders.one, borders.other]), minlength=count)
        return cls(shaded, back[jump], front[jump], sides)

    def joined(self, to: NDArray[np.int32]) -> Shade:
        """The same where labels go over to others."""
        behind, front = to[self.behind].astype(np.int64), to[self.front].astype(np.int64)
        left = behind != front
        sides = np.bincount(to, self.sides, len(self.sides)).astype(np.int64)
        return Shade(self.shaded, behind[left], front[left], sides)

    def of_one(self, low: NDArray[np.int64], high: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Which (P,) pairs of labels one thing hides more of, both."""
        count = len(self.sides)
        asked = np.zeros(count, np.bool_)
        asked[low], asked[high] = True, True
        here = asked[self.behind]
        pairs, length = np.unique(self.behind[here] * count + self.front[here], return_counts=True)
        pairs = pairs[length >= LEAST_HIDDEN * self.sides[pairs // count]]
        fronts: dict[int, set[int]] = {}
        for pair in pairs.tolist():
            fronts.setdefault(pair // count, set()).add(pair % count)
        both = [
            bool(fronts.get(one, set()) & fronts.get(other, set()))
            for one, other in zip(low.tolist(), high.tolist(), strict=True)
        ]
        return np.array(both, np.bool_)


def _ordered(
    borders: Borders, one: NDArray[np.int64], other: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """What is on the nearer and on the farther side of every border."""
    first = borders.before > 0
    return np.where(first, one, other), np.where(first, other, one)
