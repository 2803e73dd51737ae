# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Flat things: books and pens are lower than a sensor may bend the table that they lie on.

Their cells are the plane's, and no valley is seen around them. But they are of another colour,
and what is around them tells where the plane runs right there: a patch of another colour that is
nearer than a plane fitted to the ring around it lies on it; print and cloth do not.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ssr_ros.scene.geometry.borders import LIGHTNESS
from ssr_ros.scene.geometry.creases import BLOCK
from ssr_ros.scene.geometry.gravity import BIN_M, FACING_COS
from ssr_ros.scene.geometry.grid import BoolImage, box_of, dotted, FloatImage, Grid, to_pixels
from ssr_ros.scene.geometry.medians import median_of
from ssr_ros.scene.geometry.objects import PlaneRole
from ssr_ros.scene.geometry.patches import Labels
from ssr_ros.scene.geometry.planes import PlaneFit, WARP

LEAST_UNLIKE = 20.0
"""Step in L*a*b*, with less lightness, from the colour of most of the plane, and of the ring."""

MOST_OF_PLANE = 0.25
"""A larger share of a plane is another part of it."""

LEAST_RAISED, MOSTLY = WARP / 2, 0.8
"""How much nearer a flat thing is than the plane around it, as a share of depth, and the share of
its cells that are nearer, at least."""

GAP, RING = np.ones((5, 5), np.uint8), np.ones((17, 17), np.uint8)
"""The ring begins beyond what the sensor draws a thing out to, and ends there."""

LEAST_AROUND, LEAST_RING = 0.6, 40
"""Share of the ring, and cells of it, that are the plane's and of its colour, at least."""

LEAST_MET = 0.1
"""Share of what is right beside a patch that is of a thing that it may be part of, at least."""

BLOCK_CELLS, LEAST_OF_BLOCK = 6, 9
"""The plane is as sure as means over so wide parts of the ring, of so many cells at least."""

SPECK = np.ones((2, 2), np.uint8)
WEIGHTS = np.array([LIGHTNESS, 1, 1], np.float32)

COARSE, EVERY = 2, 16
"""Patches are sought in every second row and column; the colour of a plane in every 16th cell."""


def add_flats(
    grid: Grid,
    lab: FloatImage,
    labels: Labels,
    things: Labels,
    count: int,
    planes: Sequence[tuple[PlaneFit, PlaneRole]],
    least_cells: float,
) -> tuple[int, Labels]:
    """Add to the things what lies flat on planes that are no walls.

    Args:
        grid: the reduced grid.
        lab: (h, w, 3) colours of the cells.
        labels: (h, w) int32: 1, 2, ... are the planes' cells.
        things: (h, w) int32 things that are known, 0 outside.
        count: number of their labels, 0 included.
        planes: the planes and their roles.
        least_cells: smaller things are not told.

    Returns:
        number of labels and (h, w) labels, as they were given, and more.
    """
    surfaces = [number for number, plane in enumerate(planes, 1) if _may_carry(*plane)]
    if not surfaces:
        return count, things
    patches, more = _Patches.of(lab, labels), things.copy()
    for number in surfaces:
        for patch in patches.unlike(number, least_cells):
            if _lies_upon(grid.depth_m[patch.window], patch):
                body = _body(patch, things[patch.window])
                more[patch.window][patch.cells] = body or count
                count += not body
    return count, more


def _may_carry(plane: PlaneFit, role: PlaneRole) -> bool:
    """Whether things may lie on a plane; where down is not known, if a camera looks into a bin."""
    bottom = -plane.normal[2] > FACING_COS and plane.offset_m < BIN_M
    return bool(role in ('support', 'top') or (role == 'surface' and bottom))


@dataclass(frozen=True, eq=False)
class _Patch:
    """A patch of a plane that is of another colour.

    Attributes:
        window: the part of the grid that it is looked at in; of this part are:
        cells: (m, n) bool: the patch.
        around: (m, n) bool: the ring of plane around it.
        tint: (m, n, 3) colours, L*a*b* with less lightness.
    """

    window: tuple[slice, slice]
    cells: BoolImage
    around: BoolImage
    tint: FloatImage


@dataclass(frozen=True, eq=False)
class _Patches:
    """Labels and their colours, L*a*b* with less lightness, in every second row and column.

    Attributes:
        lab: (h, w, 3) L*a*b* of all cells.
        labels: (h, w) of all cells.
        coarse: (h / 2, w / 2) of these.
        tint: (h / 2, 3 w / 2) of these, one after another.
    """

    lab: FloatImage
    labels: Labels
    coarse: Labels
    tint: FloatImage

    @classmethod
    def of(cls, lab: FloatImage, labels: Labels) -> _Patches:
        """Take the colours of (h, w) labels."""
        height, width = (COARSE * (side // COARSE) for side in labels.shape)
        coarse = np.ascontiguousarray(labels[:height:COARSE, :width:COARSE])
        some = cv2.resize(
            lab[:height, :width], coarse.shape[::-1], interpolation=cv2.INTER_NEAREST
        )
        tint = some.reshape(len(coarse), -1) * np.tile(WEIGHTS, coarse.shape[1])
        return cls(lab, labels, coarse, tint)

    def unlike(self, number: int, least_cells: float) -> Iterator[_Patch]:
        """Yield patches of a plane that are of another colour than it is, and all in view."""
        plane = self.coarse == number
        cells = np.flatnonzero(plane)
        if COARSE**2 * MOST_OF_PLANE * len(cells) < least_cells:
            return
        some = self.tint.reshape(-1, 3)[cells[::EVERY]]
        color = np.array([median_of(part) for part in some.T], np.float32)
        step = self.tint - np.tile(color, plane.shape[1])
        square = dotted((step * step).reshape(*plane.shape, 3), np.ones(3))
        unlike = (plane & (square > LEAST_UNLIKE**2)).view(np.uint8)
        opened = cv2.morphologyEx(unlike, cv2.MORPH_OPEN, SPECK)
        count, numbers = cv2.connectedComponents(opened, connectivity=4)
        areas = np.bincount(numbers.ravel(), minlength=count)
        fits = (COARSE**2 * areas >= least_cells) & (areas <= MOST_OF_PLANE * len(cells))
        for line in (0, numbers[0], numbers[-1], numbers[:, 0], numbers[:, -1]):
            fits[line] = False
        for index in np.flatnonzero(fits).tolist():
            patch = self._with_ring(number, color, numbers == index)
            if patch is not None:
                yield patch

    def _with_ring(
        self, number: int, color: NDArray[np.float32], seed: BoolImage
    ) -> _Patch | None:
        """A patch in all cells, or None where the plane and its colour are not around it.

        Args:
            number: of the plane.
            color: (3,) of most of it.
            seed: (h / 2, w / 2) bool: where the patch is.
        """
        reach = len(RING) // COARSE // 2 + 1
        left, top, right, bottom = box_of(seed)
        left, top = max(left - reach, 0), max(top - reach, 0)
        right, bottom = right + reach, bottom + reach
        window = (slice(COARSE * top, COARSE * bottom), slice(COARSE * left, COARSE * right))
        tint, plane = self.lab[window] * WEIGHTS, self.labels[window] == number
        here = to_pixels(seed[top:bottom, left:right], plane.shape, COARSE)
        unlike = _length(tint - color) > LEAST_UNLIKE
        cells = (cv2.dilate(here.view(np.uint8), GAP) > 0) & plane & unlike
        inside = cells.view(np.uint8)
        ring = (cv2.dilate(inside, RING) > 0) & (cv2.dilate(inside, GAP) == 0)
        around = ring & plane & ~unlike
        if np.count_nonzero(around) < max(LEAST_RING, LEAST_AROUND * np.count_nonzero(ring)):
            return None
        apart = _length(tint[cells].mean(axis=0) - tint[around].mean(axis=0))
        return _Patch(window, cells, around, tint) if apart > LEAST_UNLIKE else None


def _length(step: FloatImage) -> FloatImage:
    """How long steps in colour are."""
    return np.asarray(np.sqrt((step * step).sum(axis=-1)))


def _body(patch: _Patch, things: Labels) -> int:
    """The thing of its colour that a patch ends at: a bowl, of its bottom; or 0."""
    beside = (cv2.dilate(patch.cells.view(np.uint8), GAP) > 0) & ~patch.cells
    met = things[beside & (things > 0)]
    if len(met) < LEAST_MET * np.count_nonzero(beside):
        return 0
    body = int(np.bincount(met).argmax())
    step = patch.tint[beside & (things == body)].mean(axis=0)
    apart = _length(step - patch.tint[patch.cells].mean(axis=0))
    return body if apart < LEAST_UNLIKE else 0


def _lies_upon(depth_m: FloatImage, patch: _Patch) -> bool:
    """Whether a patch is nearer than the plane around it runs, by more than that is off there.

    Over a plane inverse depth is linear.
    """
    places = _places(patch.around)
    fit = np.linalg.pinv(places.T @ places) @ (places.T @ (1 / depth_m[patch.around]))
    off = 1 - (places @ fit) * depth_m[patch.around]
    rows, columns = (places[:, 1:].T // BLOCK_CELLS).astype(np.int64)
    block = rows * depth_m.shape[1] + columns
    length = np.bincount(block)
    large = length >= LEAST_OF_BLOCK
    means = np.bincount(block, off)[large] / length[large]
    inner = cv2.erode(patch.cells.view(np.uint8), BLOCK) > 0
    raised = 1 - (_places(inner) @ fit) * depth_m[inner]
    if not len(means) or len(raised) < LEAST_OF_BLOCK:
        return False
    least = max(LEAST_RAISED, float(np.sqrt(np.mean(means**2))))
    mostly = np.count_nonzero(raised > 0) >= MOSTLY * len(raised)
    return bool(mostly and np.median(raised) >= least)


def _places(cells: BoolImage) -> NDArray[np.float64]:
    """(N, 3) of the cells: 1, row and column."""
    rows, columns = np.nonzero(cells)
    return np.stack([np.ones(len(rows)), rows, columns], axis=1)
