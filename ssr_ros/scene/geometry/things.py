# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Which segments are things: what stands before something else, and is large enough."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from ssr_ros.scene.geometry.behind import join_behind
from ssr_ros.scene.geometry.borders import Borders, joined, LIGHTNESS
from ssr_ros.scene.geometry.grid import FloatImage, Grid
from ssr_ros.scene.geometry.insides import find_insides
from ssr_ros.scene.geometry.objects import PlaneRole
from ssr_ros.scene.geometry.outlines import EDGE_VOTES, LEAST_STANDING, Outlines
from ssr_ros.scene.geometry.patches import Labels, renumber
from ssr_ros.scene.geometry.pieces import SAME_TINT

SMALL_SHARE = 0.004
"""Segments with a smaller share of the image are more often noise: they must stand out more."""

TINY_M2, TINY_SHARE, LEAST_ALONE = 0.0009, 0.004, 0.6
"""What is seen of less than 3 cm x 3 cm, and of this share of the image, is more often a corner of
something: it is a thing where this share of its outline meets planes, as a die on a table does."""

LEAST_SEEN, LEAST_CONTRAST = 0.1, 15.0
"""What is partly hidden stands before something along this share of the rest at least; where
it ends without a jump it is of another colour: a step so large in L*a*b* with less lightness."""

LEAST_EDGED = 0.75
"""What is not small, and has an edge in depth along so much of where it ends without a jump, need
differ there by no more than what counts as a step in colour at all: a book below books."""

MOST_HIDING = 3
"""Things are sought behind things behind things, so often."""

BEFORE_WALLS, LEAST_COLOR_EDGE, SHOWN_BY_DEPTH, EDGED = 0.75, 2.0, 0.6, 0.8
"""What meets walls along so much of its outline is more of the wall, and what differs in colour by
less from all that it meets is a fault of the depth, unless depth jumps along this share of it, or
edges in depth, jumps and valleys, run along this share: no fault has valleys all around."""


FEW_SHARE, FEW_STANDING = 0.01, 1 / 8
"""What is less than this share of the image stands before something along a larger share of its
outline, but for where things stand before it; else it is more often a sliver of something, or is
seen through a hole. A striking one before which nothing stands is neither."""

LEAST_END = 6
"""What goes on behind a nearer thing ends there along so many sides of cells, at least."""

BORDER_OCCLUDING = 0.4
"""At an image border a thing must be seen to stand before something, this share of its side."""

LEAST_RIM = 0.3
"""Border of a raised surface with its body, as a share of its side, at least."""

STRIKING, LEAST_VALLEY, PARTED = 32.0, 0.15, 0.85
"""What is of another colour wherever depth runs on, a step so large in L*a*b* with less lightness,
and meets valleys there along this share of its outline, need not stand before what it meets: it
ends at edges of its own along so much of its outline, but for where others stand before it."""


LEAST_UNLIKE = 20.0
"""What meets planes along LEAST_ALONE of its outline, has next to nothing before it, and is, all
of it, so much of another colour than they are beside it, a step in L*a*b* with less lightness,
lies on them, be it ever so low and its edges smoothed away."""


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
    insides = partial(find_insides, grid, lab, rise_m, planes=len(roles))
    outlines, thing = _things(grid, lab, labels, borders, roles, least_cells)
    to = insides(labels, borders, outlines, fronts=~thing, parts=~thing)
    if (to != np.arange(len(to))).any():  # together they may be what neither is alone
        labels, borders = joined(labels, borders, to)
        outlines, thing = _things(grid, lab, labels, borders, roles, least_cells)
    to = insides(labels, borders, outlines, fronts=thing, parts=np.ones_like(thing))
    hidden = thing & (to == np.arange(len(to))) & (outlines.far >= LEAST_END)
    to = join_behind(grid, lab, to.take(labels), hidden)[to]
    owner = np.where(thing[to], to, 0).astype(np.int32)
    for number, role in enumerate(roles, 1):
        if role == 'top':
            owner[number] = owner[_body(borders, number, thing, outlines.areas)]
    used, numbers = renumber(owner, np.bincount(owner, outlines.areas, len(owner)) > 0)
    return used, numbers.take(labels)


def _things(
    grid: Grid,
    lab: FloatImage,
    labels: Labels,
    borders: Borders,
    roles: Sequence[PlaneRole],
    least_cells: float,
) -> tuple[Outlines, NDArray[np.bool_]]:
    """Outlines of labels, and which of them are things."""
    count = int(labels.max()) + 1
    outlines = Outlines.of(labels, borders, count)
    areas = outlines.areas
    may = areas >= least_cells
    may &= ~_cut_off(labels, count) | (outlines.near >= BORDER_OCCLUDING * np.sqrt(areas))
    may &= ~_corners(grid, labels, borders, areas, len(roles))
    may[: len(roles) + 1] = False
    sliver = areas < FEW_SHARE * labels.size
    sliver &= outlines.near < FEW_STANDING * (outlines.sides - outlines.far)
    of_walls = _of_walls(borders, roles, count)
    striking = may & ~of_walls & _striking(outlines, borders)
    striking &= ~sliver | (outlines.far == 0)
    may &= ~sliver
    small = areas < SMALL_SHARE * labels.size
    lies = may & ~of_walls & ~small & (outlines.far < LEAST_STANDING * outlines.sides)
    lies &= _alone(borders, count, len(roles))
    striking |= lies & _unlike_planes(lab, labels, borders, lies, len(roles))
    shown = outlines.near >= SHOWN_BY_DEPTH * outlines.sides
    edged = outlines.own >= EDGED * outlines.sides
    may &= shown | ~of_walls
    may &= shown | edged | (_color_edge(borders, count) >= LEAST_COLOR_EDGE)
    may &= outlines.near > 0
    return outlines, striking | _stand_out(outlines, borders, may, small)


def _striking(outlines: Outlines, borders: Borders) -> NDArray[np.bool_]:
    """Which labels valleys and colour part from all around them: a low bowl, a plate."""
    contrast = _contrast(borders, len(outlines.sides))
    parted = (contrast >= STRIKING) & (outlines.edge >= LEAST_VALLEY * outlines.sides)
    return np.asarray(parted & (outlines.own >= PARTED * (outlines.sides - outlines.far)))


def _corners(
    grid: Grid, labels: Labels, borders: Borders, areas: NDArray[np.int64], planes: int
) -> NDArray[np.bool_]:
    """Which labels are tiny, and beside other things more than on a plane."""
    small = (areas < TINY_SHARE * labels.size) & (np.arange(len(areas)) > planes)
    cells = np.flatnonzero(small.take(labels))
    square = (grid.depth_m.take(cells) * np.float32(grid.pitch)) ** 2
    tiny = small & (np.bincount(labels.take(cells), square, len(areas)) < TINY_M2)
    return tiny & ~_alone(borders, len(areas), planes)


def _alone(borders: Borders, count: int, planes: int) -> NDArray[np.bool_]:
    """Which labels meet planes along most of their outline."""
    of_plane = borders.one <= planes, borders.other <= planes
    met = np.bincount(borders.one, of_plane[1], count)
    met += np.bincount(borders.other, of_plane[0], count)
    return np.asarray(met >= LEAST_ALONE * _length(borders, count))


def _unlike_planes(
    lab: FloatImage, labels: Labels, borders: Borders, asked: NDArray[np.bool_], planes: int
) -> NDArray[np.bool_]:
    """Which of some labels are of another colour than the planes that they meet.

    The sensor may draw a low thing out over the plane, so that its own border is of the plane's
    colour: all of it is compared with the plane beside it.
    """
    if not asked.any():
        return asked
    count, colors = len(asked), lab.reshape(-1, 3)
    one, other = borders.other <= planes, borders.one <= planes
    thing = np.concatenate([borders.one[one], borders.other[other]])
    beside = np.concatenate([borders.other_cell[one], borders.one_cell[other]])
    own = np.flatnonzero(asked.take(labels))

    def mean(number: NDArray[np.integer], cells: NDArray[np.intp]) -> NDArray[np.float64]:
        length = np.maximum(np.bincount(number, minlength=count), 1)
        parts = (colors.take(cells, axis=0) * (LIGHTNESS, 1, 1)).T
        return np.array([np.bincount(number, part, count) for part in parts]) / length

    step = np.linalg.norm(mean(labels.take(own), own) - mean(thing, beside), axis=0)
    return np.asarray(step >= LEAST_UNLIKE)


def _of_walls(borders: Borders, roles: Sequence[PlaneRole], count: int) -> NDArray[np.bool_]:
    """Which labels end at walls nearly all around: a ledge, a duct, a corner of the room."""
    wall = np.zeros(count, np.bool_)
    wall[1 : len(roles) + 1] = [role in ('wall', 'ceiling') for role in roles]
    at_wall = np.bincount(borders.one, wall[borders.other], count)
    at_wall += np.bincount(borders.other, wall[borders.one], count)
    return np.asarray(at_wall >= BEFORE_WALLS * _length(borders, count))


def _color_edge(borders: Borders, count: int) -> NDArray[np.float64]:
    """Mean step in colour along the outlines of labels, L*a*b* with less lightness."""
    step = np.linalg.norm(borders.tint, axis=1)
    total = np.bincount(borders.one, step, count) + np.bincount(borders.other, step, count)
    return np.asarray(total / np.maximum(_length(borders, count), 1))


def _length(borders: Borders, count: int) -> NDArray[np.int64]:
    """Sides at which labels meet others."""
    return np.bincount(np.concatenate([borders.one, borders.other]), minlength=count)


def _stand_out(
    outlines: Outlines, borders: Borders, may: NDArray[np.bool_], small: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Tell the things among the labels that may be some: those in front first."""
    count = len(may)
    thing = may & outlines.stand_out(small, np.zeros(count, np.int64))
    contrast = _contrast(borders, count)
    edged = ~small & (outlines.edge >= LEAST_EDGED * (outlines.edge + outlines.smooth))
    may &= (contrast >= LEAST_CONTRAST) | (edged & (contrast >= SAME_TINT))
    for _ in range(MOST_HIDING):
        hidden = _hidden(borders, thing, count)
        seen = outlines.near >= LEAST_SEEN * (outlines.sides - hidden)
        thing |= may & seen & outlines.stand_out(small, hidden)
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


def _cut_off(labels: Labels, count: int) -> NDArray[np.bool_]:
    """Which labels reach the border of the image."""
    at_border = np.zeros(count, np.bool_)
    for line in (labels[0], labels[-1], labels[:, 0], labels[:, -1]):
        at_border[line] = True
    return at_border
