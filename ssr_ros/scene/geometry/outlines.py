# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What the outlines of labels are made of, and which of them are those of things."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ssr_ros.scene.geometry.borders import Borders
from ssr_ros.scene.geometry.patches import areas_of, framed, Labels

EDGE_VOTES = np.float32(0.45)
"""Votes of a border from which on it is an edge in depth."""


@dataclass(frozen=True)
class Standing:
    """What the outline of a thing must be like, at least; a mere patch has less.

    Attributes:
        edged: share of its known outline that is an edge of its own.
        outlined: the same of its whole outline, unknown depth and image border included.
        before: share of its jumps at which it is the nearer side; a background never is.
    """

    edged: float
    outlined: float
    before: float


LARGE, SMALL = Standing(0.5, 0.32, 0.4), Standing(0.7, 0.5, 0.6)

LEAST_STANDING = 0.03
"""Share of its outline at which a thing is seen to stand before something, at least."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Outlines:
    """What the outline of every label is made of, in sides of cells; all (count,) int64.

    Attributes:
        areas: cells of the label.
        sides: all of it.
        near, far: where depth jumps, and the label is the nearer or farther side.
        edge: where another edge in depth runs.
        smooth: where depth runs on without an edge.
    """

    areas: NDArray[np.int64]
    sides: NDArray[np.int64]
    near: NDArray[np.int64]
    far: NDArray[np.int64]
    edge: NDArray[np.int64]
    smooth: NDArray[np.int64]

    @classmethod
    def of(cls, labels: Labels, borders: Borders, count: int) -> Outlines:
        """Take the outlines of (h, w) labels, of which there are so many."""
        edge = borders.votes >= EDGE_VOTES
        level = borders.before == 0

        def counted(one: NDArray[np.bool_], other: NDArray[np.bool_]) -> NDArray[np.int64]:
            both = np.concatenate([borders.one[one], borders.other[other]])
            return np.bincount(both, minlength=count)

        return cls(
            areas=areas_of(labels, count),
            sides=_sides(labels, count),
            near=counted(borders.before > 0, borders.before < 0),
            far=counted(borders.before < 0, borders.before > 0),
            edge=counted(edge & level, edge & level),
            smooth=counted(~edge, ~edge),
        )

    @property
    def own(self) -> NDArray[np.int64]:
        """Sides at which the label itself ends."""
        return self.near + self.edge

    def stand_out(self, small: NDArray[np.bool_], hidden: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Labels that end at edges of their own, and are not the background of all others.

        Args:
            small: which are held to SMALL.
            hidden: sides at which a thing stands before them: they tell nothing.
        """
        far = self.far - hidden
        known = self.near + far + self.edge + self.smooth
        edged, outlined, before = (
            np.where(small, getattr(SMALL, name), getattr(LARGE, name))
            for name in ('edged', 'outlined', 'before')
        )
        enough = (self.own >= edged * known) & (self.own >= outlined * (self.sides - hidden))
        enough &= self.near >= before * (self.near + far)
        return np.asarray(enough & (self.near >= LEAST_STANDING * self.sides))


def _sides(labels: Labels, count: int) -> NDArray[np.int64]:
    """Number of cell sides on the outline of every label."""
    flat, total = framed(labels).ravel(), np.zeros(count, np.int64)
    for step in (1, labels.shape[1] + 2):
        here = np.flatnonzero(flat[step:] != flat[:-step])
        for side in (here, here + step):
            total += np.bincount(flat.take(side), minlength=count)
    return total
