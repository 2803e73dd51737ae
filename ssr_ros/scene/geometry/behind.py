# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""One thing that is seen on both sides of a nearer one: a box behind the handle of a hammer.

Its two pieces are of one colour, their surfaces go on to one another, and line after line all that
is between them is nearer. Two boxes side by side are seen to be two where they meet, by the gap
between them, by their heights, or by sides that lie in no one surface. Where a pole hides the gap
between two like boxes in one line, nobody can tell.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import cv2
import numpy as np
from numpy.typing import NDArray

from ssr_ros.scene.geometry.grid import BoolImage, box_of, FloatImage, Grid
from ssr_ros.scene.geometry.patches import Labels

SAME_COLOR = 8.0
"""Distance in L*a*b*, with less lightness, below which two pieces are of one colour."""

LEAST_LINES = 6
"""Lines that run from one piece to the other, at least."""

LONGEST = 2.0
"""Lines longer than so many times their median run past the end of a piece."""

LEAST_HIDDEN, HIDDEN_LINE = 0.75, 0.5
"""Share of the lines at the ends of the pieces along which the nearer thing hides what is between,
at least: so much of the way."""

MOST_SEEN = 0.1
"""Share of all that is between at which something farther is seen, at most."""

MOST_TURN = 0.5
"""A surface goes on where it leaves its plane by no more depth per width of what is hidden."""

NOISE_SIGMAS = 2.0
"""Less than this is noise."""


def join_behind(
    grid: Grid, lab: FloatImage, labels: Labels, pieces: NDArray[np.bool_]
) -> NDArray[np.int32]:
    """Say which label every label goes over to.

    Args:
        grid: the reduced grid.
        lab: (h, w, 3) colours of the cells.
        labels: (h, w) labels.
        pieces: (count,) which labels are things that are partly hidden.

    Returns:
        (count,) int32.
    """
    to = np.arange(len(pieces), dtype=np.int32)
    if np.count_nonzero(pieces) < 2:
        return to
    seen = [_Piece.of(lab, labels, int(label)) for label in np.flatnonzero(pieces)]
    for one, other in combinations(seen, 2):
        if np.linalg.norm(one.tint - other.tint) < SAME_COLOR and _go_on(grid, labels, one, other):
            to[to == to[other.label]] = to[one.label]
    return to


@dataclass(frozen=True, eq=False)
class _Piece:
    """What is seen of a thing on one side of a nearer one.

    Attributes:
        label: of its cells.
        low, high: (2,) first column and row of its cells, and beyond the last.
        tint: (3,) mean colour, L*a*b* with less lightness.
    """

    label: int
    low: NDArray[np.int64]
    high: NDArray[np.int64]
    tint: NDArray[np.float64]

    @classmethod
    def of(cls, lab: FloatImage, labels: Labels, label: int) -> _Piece:
        """The piece of a label."""
        cells = labels == label
        x0, y0, x1, y1 = box_of(cells)
        window = np.s_[y0:y1, x0:x1]
        tint = np.array(cv2.mean(lab[window], cells[window].view(np.uint8))[:3]) * (0.3, 1, 1)
        return cls(label, np.array([x0, y0]), np.array([x1, y1]), tint)


def _go_on(grid: Grid, labels: Labels, one: _Piece, other: _Piece) -> bool:
    """Whether two pieces are of one thing."""
    way = other.low + other.high - one.low - one.high
    axis = int(np.abs(way).argmax())
    first, last = (one, other) if way[axis] > 0 else (other, one)
    wide = min(first.high[axis] - first.low[axis], last.high[axis] - last.low[axis])
    if abs(last.low[axis] - first.high[axis]) > wide:  # far apart, or in one another
        return False
    lines = min(one.high[1 - axis], other.high[1 - axis])
    lines -= max(one.low[1 - axis], other.low[1 - axis])
    if lines < LEAST_LINES:
        return False
    x0, y0 = np.minimum(one.low, other.low)
    x1, y1 = np.maximum(one.high, other.high)
    window = np.s_[y0:y1, x0:x1]
    images = labels[window], grid.depth_m[window], grid.sigma_m[window]
    here, depth_m, sigma_m = images if axis == 0 else (image.T for image in images)
    between = _Between.of(here == first.label, here == last.label)
    return between is not None and between.is_hidden(depth_m, sigma_m, grid.pitch)


@dataclass(frozen=True, eq=False)
class _Between:
    """What is between two pieces, line after line; all (lines, columns) bool.

    Attributes:
        width: median of the ways between them, cells.
        before, after: cells of the pieces that are no farther from their ends.
        way: cells between them.
    """

    width: float
    before: BoolImage
    after: BoolImage
    way: BoolImage

    @classmethod
    def of(cls, before: BoolImage, after: BoolImage) -> _Between | None:
        """Between the end of one piece and the beginning of the other.

        None where too few lines run there, or where more is hidden than is seen of either.
        """
        columns = before.shape[1]
        end = np.where(before.any(axis=1), columns - 1 - before[:, ::-1].argmax(axis=1), columns)
        start = np.where(after.any(axis=1), after.argmax(axis=1), -1)
        line = np.flatnonzero(end < start)
        if len(line) < LEAST_LINES:
            return None
        width = float(np.median((start - end)[line]))
        line = line[(start - end)[line] <= LONGEST * width]
        seen = (np.flatnonzero(piece.any(axis=0)) for piece in (before, after))
        if width > min(columns[-1] - columns[0] + 1 for columns in seen):
            return None
        column = np.arange(columns)
        way = np.zeros_like(before)
        way[line] = (column > end[line, None]) & (column < start[line, None])
        before = before & (column >= np.median(end[line]) - width)
        after = after & (column <= np.median(start[line]) + width)
        return cls(width, before, after, way)

    def is_hidden(self, depth_m: FloatImage, sigma_m: FloatImage, pitch: float) -> bool:
        """Whether the pieces go on to one another behind something nearer."""
        off = MOST_TURN * self.width * pitch
        noise = NOISE_SIGMAS * float(np.mean((sigma_m / depth_m)[self.before]))
        planes = [_plane(depth_m, piece) for piece in (self.before, self.after)]
        for plane, piece in zip(planes, (self.after, self.before), strict=True):
            if abs(float(np.mean(_over(plane, depth_m, piece)))) > off + noise:
                return False
        way = self.way & np.isfinite(depth_m)  # beside a near thing is its shadow: unknown
        over = _over((planes[0] + planes[1]) / 2, depth_m, way)
        if np.count_nonzero(over < -off) > MOST_SEEN * len(over):
            return False
        nearer = np.zeros(way.shape, np.bool_)
        nearer[way] = over > off
        hides = nearer.sum(axis=1) > HIDDEN_LINE * way.sum(axis=1)
        ends = self.before.any(axis=1) | self.after.any(axis=1)
        return bool(np.count_nonzero(hides) >= LEAST_HIDDEN * np.count_nonzero(ends))


def _places(cells: BoolImage) -> NDArray[np.float64]:
    """(N, 3) of the cells: 1, row and column."""
    rows, columns = np.nonzero(cells)
    return np.stack([np.ones(len(rows)), rows, columns], axis=1)


def _plane(depth_m: FloatImage, cells: BoolImage) -> NDArray[np.float64]:
    """Inverse depth over places, fitted to some cells: (3,), 1/m."""
    places = _places(cells)
    fit: NDArray[np.float64] = np.linalg.pinv(places.T @ places) @ (
        places.T @ (1 / depth_m[cells])
    )
    return fit


def _over(
    plane: NDArray[np.float64], depth_m: FloatImage, cells: BoolImage
) -> NDArray[np.float64]:
    """(N,) how much nearer than a plane some cells are, as a share of their depth."""
    return np.asarray(1 - (_places(cells) @ plane) * depth_m[cells])
