# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Class-free segments: planes of the room with their ripples, and things before them."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from ssr_ros.scene.geometry.bars import join_bars
from ssr_ros.scene.geometry.borders import Borders, BorderWalk, joined
from ssr_ros.scene.geometry.creases import BLOCK, in_valley
from ssr_ros.scene.geometry.floating import join_floating
from ssr_ros.scene.geometry.gravity import Gravity
from ssr_ros.scene.geometry.grid import BoolImage, FloatImage, Grid
from ssr_ros.scene.geometry.joining import join_patches
from ssr_ros.scene.geometry.patches import areas_of, find_patches, Labels
from ssr_ros.scene.geometry.pieces import join_pieces
from ssr_ros.scene.geometry.planes import LEAST_SHARE, PlaneFit

LEAST_BEHIND = 20
"""Cells of a wall that are seen together, at least."""

FOOT = np.ones((13, 13), np.uint8)
"""In the valley at the foot of a thing, what lies in the plane is the plane's, so far from it."""


def segment(
    grid: Grid,
    lab: FloatImage,
    angles: FloatImage,
    planes: Sequence[PlaneFit],
    behind: Sequence[bool],
    gravity: Gravity,
) -> tuple[Labels, Borders]:
    """Label every cell with depth that belongs to something.

    A small part of a plane, cut off by edges, may be the face of a thing that happens to lie in
    it: it is a patch like others.

    Args:
        grid: the reduced grid.
        lab: (h, w, 3) colour of the cells in L*a*b*.
        angles: (h, w) of valleys.
        planes: the planes of the room.
        behind: whether each is the background of all else, a wall: what lies in it is of it,
            however little of it is seen, through a shelf or between two things.
        gravity: where down is.

    Returns:
        (h, w) int32 labels, 0 outside: 1, 2, ... are the planes, segments follow; their borders.
    """
    faces = np.zeros(grid.shape, np.int32)
    of_planes = np.zeros(grid.shape, np.int32)
    open_cells = ~in_valley(angles)
    least = LEAST_SHARE * np.count_nonzero(grid.valid)
    for number, plane in enumerate(planes, 1):
        np.copyto(faces, number, where=plane.cells)
        part_of = LEAST_BEHIND if behind[number - 1] else least
        near = cv2.dilate(_large_parts(plane.cells & open_cells, part_of), FOOT) > 0
        np.copyto(of_planes, number, where=plane.cells & near)
    count, patches = find_patches(grid, lab, grid.valid & (of_planes == 0), faces, open_cells)
    labels = of_planes + (patches + np.int32(len(planes))) * (patches > 0)
    walk = BorderWalk.of(grid, angles, lab)
    borders = walk.borders(labels)
    owner = join_patches(grid, lab, labels, count + len(planes), borders, planes, behind)
    labels = _without_slivers(owner.take(labels), len(planes))
    borders = walk.borders(labels)
    owner = join_pieces(grid, labels, borders, len(planes))
    labels, borders = joined(labels, borders, owner)
    owner = join_bars(lab, labels, borders, len(planes))
    labels, borders = joined(labels, borders, owner)
    owner = join_floating(grid, labels, borders, planes, gravity)
    return joined(labels, borders, owner)


def _without_slivers(labels: Labels, planes: int) -> Labels:
    """Drop what is nowhere three cells thick, so that the neighbours on its two sides meet."""
    count = int(labels.max()) + 1
    keep = thick(labels, count)
    keep[: planes + 1] = True
    return labels * keep.take(labels)


def thick(labels: Labels, count: int) -> NDArray[np.bool_]:
    """Tell which labels are three cells thick somewhere."""
    numbers = labels.astype(np.float32)
    inner = cv2.erode(numbers, BLOCK) == cv2.dilate(numbers, BLOCK)
    return np.asarray(areas_of(labels * inner, count) > 0)


def _large_parts(cells: BoolImage, least: float) -> NDArray[np.uint8]:
    count, labels = cv2.connectedComponents(cells.astype(np.uint8), connectivity=4)
    keep = areas_of(labels, count) >= least
    keep[0] = False
    return np.asarray(keep.take(labels).view(np.uint8))
