# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Which segments are things: what stands before something else, and is large enough."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ssr_ros.scene.geometry.borders import Borders
from ssr_ros.scene.geometry.grid import FloatImage, Grid, rows_and_columns
from ssr_ros.scene.geometry.medians import median_of, quantile_of
from ssr_ros.scene.geometry.objects import PlaneRole
from ssr_ros.scene.geometry.patches import Labels, LEAST_PATCH, renumber, STEPS

EDGE_VOTES = np.float32(0.45)
"""Votes of a border from which on it is an edge in depth."""


_Cells = NDArray[np.intp]
"""Flat indices of cells."""


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
SMALL_SHARE = 0.004
"""Segments with a smaller share of the image are more often noise: they must stand out more."""

TINY_M2, TINY_SHARE, LEAST_ALONE = 0.0009, 0.004, 0.6
"""What is seen of less than 3 cm x 3 cm, and of this share of the image, is more often a corner of
something: it is a thing where this share of its outline meets planes, as a die on a table does."""

LEAST_SEEN, LEAST_CONTRAST = 0.1, 15.0
"""What is partly hidden stands before something along this share of its outline at least; where
it ends without a jump it is of another colour: a step so large in L*a*b* with less lightness."""

MOST_HIDING = 3
"""Things are sought behind things behind things, so often."""

BEFORE_WALLS, LEAST_COLOR_EDGE, SHOWN_BY_DEPTH = 0.75, 2.0, 0.6
"""What meets walls along so much of its outline is more of the wall, and what differs in colour by
less from all that it meets is a fault of the depth, unless depth jumps along this share of it."""

LEAST_STANDING = 0.03
"""Share of its outline at which a thing is seen to stand before something, at least."""

FEW_SHARE, FEW_STANDING = 0.01, 1 / 8
"""What is less than this share of the image stands before something along a larger share of its
outline, but for where things stand before it; else it is more often a sliver of something."""

BORDER_OCCLUDING = 0.4
"""At an image border a thing must be seen to stand before something, this share of its side."""

LEAST_RIM = 0.3
"""Border of a raised surface with its body, as a share of its side, at least."""

INSIDE_OCCLUDED, MAYBE_INSIDE = 0.3, 0.2
"""Share of its jumps at which the inside of a container is the farther side; with less of them it
must be of the container's very colour, and meet it at its rim."""

LEAST_RIM_OF_INSIDE, LEAST_INSIDE = 0.05, 0.3
"""Border without a jump, as a share of that with one, at which it meets its container then, and
its area, as a share of the container's."""

MOST_FOOT = 0.1
"""Share of its outline along which an inside lies on planes, at most: what has a foot of its own
stands behind the other."""

SAME_COLOR, VERY_COLOR = 22.0, 15.0
"""Distance in L*a*b* below which the inside of a container is taken to be of its colour."""


def keep_things(
    grid: Grid,
    lab: FloatImage,
    rise_m: FloatImage,
    labels: Labels,
    borders: Borders,
    roles: Sequence[PlaneRole],
    least_cells: float,
) -> tuple[int, Labels]:
    """Remove planes and background, add insides to their containers, drop what is too small.

    A piece of wall beside an image border, or seen through the back of a chair, and the inside of
    a mug have this in common: wherever depth jumps at their outline, they are the farther side.
    A piece of something larger has no edge of its own along most of its outline. Where a thing
    stands before a segment, though, its outline is the other's and tells nothing of it.

    Args:
        grid: the reduced grid.
        lab: (h, w, 3) colours of the cells.
        rise_m: (h, w) height of the cells over the camera.
        labels: (h, w) int32 segments, 0 outside; 1, 2, ... are the planes of the room.
        borders: of these labels.
        roles: of the planes.
        least_cells: smaller segments are dropped.

    Returns:
        the number of labels, and (h, w) labels numbered without gaps.
    """
    count = int(labels.max()) + 1
    outlines = _Outlines.of(labels, borders, count)
    areas = np.bincount(labels.ravel(), minlength=count)
    may = (areas >= least_cells) & (outlines.near > 0)
    may &= ~_cut_off(labels, count) | (outlines.near >= BORDER_OCCLUDING * np.sqrt(areas))
    may &= ~_corners(grid, labels, borders, areas, len(roles))
    may &= (outlines.near >= SHOWN_BY_DEPTH * outlines.sides) | ~(
        _of_walls(borders, roles, count) | (_color_edge(borders, count) < LEAST_COLOR_EDGE)
    )
    few = areas < FEW_SHARE * labels.size
    may &= ~few | (outlines.near >= FEW_STANDING * (outlines.sides - outlines.far))
    may[: len(roles) + 1] = False
    thing = _stand_out(outlines, borders, may, areas < SMALL_SHARE * labels.size)
    owner = np.where(thing, np.arange(count), 0).astype(np.int32)
    jumps = outlines.near + outlines.far
    inside = (outlines.far > MAYBE_INSIDE * jumps) & (areas >= LEAST_PATCH)
    inside &= _foot(borders, len(roles), count) <= MOST_FOOT * outlines.sides
    inside[: len(roles) + 1] = False
    level = borders.before == 0
    pairs = np.stack([borders.one[level], borders.other[level]])
    near = np.where(borders.before > 0, borders.one, borders.other)[borders.before != 0]
    far = np.where(borders.before > 0, borders.other, borders.one)[borders.before != 0]
    for index in np.flatnonzero(inside):
        before = near[far == index]
        beside = pairs[::-1][pairs == index]
        part = _Inside(grid, lab, rise_m, labels, int(index), before[thing[before]], beside)
        sure = outlines.far[index] > INSIDE_OCCLUDED * jumps[index]
        owner[index] = part.container(bool(sure)) or owner[index]
    for _ in range(MOST_HIDING):  # the inside of an inside; two that are in each other stay two
        owner = owner[owner]
    for number, role in enumerate(roles, 1):
        if role == 'top':
            owner[number] = owner[_body(borders, number, thing, areas)]
    used, numbers = renumber(owner, np.bincount(owner, areas, count) > 0)
    return used, numbers[labels]


def _corners(
    grid: Grid, labels: Labels, borders: Borders, areas: NDArray[np.int64], planes: int
) -> NDArray[np.bool_]:
    """Which labels are tiny, and beside other things more than on a plane."""
    small = (areas < TINY_SHARE * labels.size) & (np.arange(len(areas)) > planes)
    cells = np.flatnonzero(small[labels])
    square = (grid.depth_m.ravel()[cells] * np.float32(grid.pitch)) ** 2
    tiny = small & (np.bincount(labels.ravel()[cells], square, len(areas)) < TINY_M2)
    of_plane = borders.one <= planes, borders.other <= planes
    met = np.bincount(borders.one, of_plane[1], len(areas))
    met += np.bincount(borders.other, of_plane[0], len(areas))
    return np.asarray(tiny & (met < LEAST_ALONE * _length(borders, len(areas))))


def _of_walls(borders: Borders, roles: Sequence[PlaneRole], count: int) -> NDArray[np.bool_]:
    """Which labels end at walls nearly all around: a ledge, a duct, a corner of the room."""
    wall = np.zeros(count, np.bool_)
    wall[1 : len(roles) + 1] = [role in ('wall', 'ceiling') for role in roles]
    at_wall = np.bincount(borders.one, wall[borders.other], count)
    at_wall += np.bincount(borders.other, wall[borders.one], count)
    return np.asarray(at_wall >= BEFORE_WALLS * _length(borders, count))


def _foot(borders: Borders, planes: int, count: int) -> NDArray[np.int64]:
    """Sides at which labels meet planes without a jump."""
    level = borders.before == 0
    foot = np.bincount(borders.one[level & (borders.other <= planes)], minlength=count)
    return foot + np.bincount(borders.other[level & (borders.one <= planes)], minlength=count)


def _color_edge(borders: Borders, count: int) -> NDArray[np.float64]:
    """Mean step in colour along the outlines of labels, L*a*b* with less lightness."""
    step = np.linalg.norm(borders.tint, axis=1)
    total = np.bincount(borders.one, step, count) + np.bincount(borders.other, step, count)
    return np.asarray(total / np.maximum(_length(borders, count), 1))


def _length(borders: Borders, count: int) -> NDArray[np.int64]:
    """Sides at which labels meet others."""
    return np.bincount(np.concatenate([borders.one, borders.other]), minlength=count)


def _stand_out(
    outlines: _Outlines, borders: Borders, may: NDArray[np.bool_], small: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Tell the things among the labels that may be some: those in front first."""
    count = len(may)
    thing = may & outlines.stand_out(small, np.zeros(count, np.int64))
    may = may & (outlines.near >= LEAST_SEEN * outlines.sides)
    may &= _contrast(borders, count) >= LEAST_CONTRAST
    for _ in range(MOST_HIDING):
        thing |= may & outlines.stand_out(small, _hidden(borders, thing, count))
    return thing


def _hidden(borders: Borders, thing: NDArray[np.bool_], count: int) -> NDArray[np.int64]:
    """Sides of every label at which it ends because a thing stands before it."""
    front = np.where(borders.before > 0, borders.one, borders.other)
    back = np.where(borders.before > 0, borders.other, borders.one)
    return np.bincount(back[(borders.before != 0) & thing[front]], minlength=count)


def _contrast(borders: Borders, count: int) -> NDArray[np.float64]:
    """Mean step in colour where a label ends without a jump in depth; inf where it never does."""
    level = borders.before == 0
    step = np.linalg.norm(borders.tint[level], axis=1)
    sides = borders.one[level], borders.other[level]
    total = sum(np.bincount(side, step, count) for side in sides)
    length = sum(np.bincount(side, minlength=count) for side in sides)
    return np.asarray(np.where(length > 0, total / np.maximum(length, 1), np.inf))


def _body(borders: Borders, top: int, thing: NDArray[np.bool_], areas: NDArray[np.int64]) -> int:
    """Return the thing of which a raised surface is the top: it falls off from it; or 0."""
    here = (borders.one == top) | (borders.other == top)
    beside = np.where(borders.one == top, borders.other, borders.one)[here]
    length = np.bincount(beside, minlength=len(thing))
    votes = np.bincount(beside, borders.votes[here], len(thing)) / np.maximum(length, 1)
    falls = thing & (votes < EDGE_VOTES) & (length > LEAST_RIM * np.sqrt(areas[top]))
    return int(np.argmax(np.where(falls, length, 0))) if falls.any() else 0


@dataclass(frozen=True, eq=False, kw_only=True)
class _Outlines:
    """What the outline of every label is made of, in sides of cells; all (count,).

    Attributes:
        sides: all of it.
        near, far: where depth jumps, and the label is the nearer or farther side.
        edge: where another edge in depth runs.
        smooth: where depth runs on without an edge.
    """

    sides: NDArray[np.int64]
    near: NDArray[np.int64]
    far: NDArray[np.int64]
    edge: NDArray[np.int64]
    smooth: NDArray[np.int64]

    @classmethod
    def of(cls, labels: Labels, borders: Borders, count: int) -> _Outlines:
        edge = borders.votes >= EDGE_VOTES
        level = borders.before == 0

        def counted(one: NDArray[np.bool_], other: NDArray[np.bool_]) -> NDArray[np.int64]:
            both = np.concatenate([borders.one[one], borders.other[other]])
            return np.bincount(both, minlength=count)

        return cls(
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
    framed = np.pad(labels, 1)
    total = np.zeros(count, np.int64)
    for here, there in STEPS:
        differ = framed[here] != framed[there]
        for side in (framed[here], framed[there]):
            total += np.bincount(side[differ], minlength=count)
    return total


def _cut_off(labels: Labels, count: int) -> NDArray[np.bool_]:
    """Which labels reach the border of the image."""
    at_border = np.zeros(count, np.bool_)
    for line in (labels[0], labels[-1], labels[:, 0], labels[:, -1]):
        at_border[line] = True
    return at_border


@dataclass(frozen=True, eq=False)
class _Inside:
    """A segment that may be the inside of another one: of a mug, a bowl, an open box."""

    grid: Grid
    lab: FloatImage
    rise_m: FloatImage
    labels: Labels
    index: int
    before: NDArray[np.int64]
    beside: NDArray[np.int64]

    def container(self, sure: bool) -> int:
        """Return the label of its container, or 0.

        Args:
            sure: whether what stands before it alone may tell; else its rim and colour must.
        """
        before = self.before[self.before > 0]
        if not len(before):
            return 0
        outside = int(np.bincount(before).argmax())
        seam = np.count_nonzero(before == outside)
        if seam < 0.7 * len(before) or outside == self.index:
            return 0
        inner, outer = (np.flatnonzero(self.labels == label) for label in (self.index, outside))
        rim = np.count_nonzero(self.beside == outside) >= LEAST_RIM_OF_INSIDE * seam
        seen_into = rim and len(inner) >= LEAST_INSIDE * len(outer)
        if sure and self._fits(inner, outer, aside=0.25):
            most = SAME_COLOR
        elif seen_into and self._fits(inner, outer, aside=0.5):  # a handle
            most = VERY_COLOR
        else:
            return 0
        return outside if self._apart(inner, outer) < most else 0

    def _fits(self, inner: _Cells, outer: _Cells, aside: float) -> bool:
        """Whether it lies behind the other's front, hardly wider, no higher and not far off."""
        columns = [self._columns(cells) for cells in (inner, outer)]
        slack = 2 + int(aside * len(columns[1]))  # a bowl is wider at its rim
        if columns[0][0] < columns[1][0] - slack or columns[0][-1] > columns[1][-1] + slack:
            return False
        depths = [median_of(self.grid.depth_m.ravel()[cells]) for cells in (inner, outer)]
        width = (columns[1][-1] - columns[1][0] + 1) * self.grid.pitch * depths[1]
        if depths[0] - depths[1] >= width:
            return False
        rises = [np.sort(self.rise_m.ravel()[cells]) for cells in (inner, outer)]
        low, top = (quantile_of(rises[1], share) for share in (0.02, 0.98))
        return bool(quantile_of(rises[0], 0.98) < top + 0.1 * (top - low))

    def _columns(self, cells: _Cells) -> _Cells:
        """Columns that some cells are in, from left to right."""
        width = self.labels.shape[1]
        return np.flatnonzero(np.bincount(rows_and_columns(cells, width)[1]))

    def _apart(self, inner: _Cells, outer: _Cells) -> float:
        """How far apart their colours are."""
        flat = self.lab.reshape(-1, 3)
        one, other = (
            np.array([median_of(values) for values in flat[cells].T]) for cells in (inner, outer)
        )
        return float(np.linalg.norm((one - other) * (0.3, 1, 1)))
