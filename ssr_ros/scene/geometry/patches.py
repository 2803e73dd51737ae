# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Patches: connected cells of one smooth surface and one colour, the parts that things are of."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ssr_ros.scene.geometry.connected import connected
from ssr_ros.scene.geometry.grid import BoolImage, FloatImage, Grid
from ssr_ros.scene.geometry.passes import passes
from ssr_ros.scene.geometry.planes import STEEPEST

Labels = NDArray[np.int32]

LEAST_PATCH = 12
"""Patches of fewer cells are dealt out to their neighbours."""

LEAST_REST = 4
"""What no patch reaches is a patch of its own from so many cells on."""

GROWTH_CELLS, GROWTH_SLOPE = 8, 2.0
"""Patches grow so far, over steps of so much depth per width at most."""

COLOR_STEP = 12.0
"""Step in L*a*b* (lightness counts half, for shadows) that is the border of a patch."""

STEPS: tuple[tuple[Any, Any], ...] = ((np.s_[:, 1:], np.s_[:, :-1]), (np.s_[1:], np.s_[:-1]))


def find_patches(
    grid: Grid, lab: FloatImage, free: BoolImage, faces: Labels, open_cells: BoolImage
) -> tuple[int, Labels]:
    """Cut the free cells into patches at jumps, valleys and steps of colour.

    Args:
        grid: the reduced grid.
        lab: (h, w, 3) colour of the cells in L*a*b*.
        free: (h, w) bool: cells to label.
        faces: (h, w) what may not be in one patch with other numbers.
        open_cells: (h, w) bool: cells that lie in no valley.

    Returns:
        number of labels and (h, w) int32 labels, 0 outside, without gaps.
    """
    linked = tuple(holds(grid, here, there) for here, there in STEPS)
    same = tuple(
        hold & (faces[here] == faces[there]) & ~_color_steps(lab, here, there)
        for hold, (here, there) in zip(linked, STEPS, strict=True)
    )
    count, patches = connected(free & open_cells, same)
    patches = _without_small(patches, count, LEAST_PATCH)
    patches = _grown(grid, patches, free)
    rest_count, rest = connected(free & (patches == 0), linked)
    rest = _without_small(rest, rest_count, LEAST_REST)
    patches += (rest + np.int32(count)) * (rest > 0)  # where none is
    return renumber(patches, areas_of(patches, count + rest_count) > 0)


def holds(grid: Grid, here: Any, there: Any) -> BoolImage:
    """Whether neighbouring readings can lie on one surface."""
    one, other = grid.depth_m[here], grid.depth_m[there]
    with np.errstate(invalid='ignore'):
        limit = np.float32(STEEPEST * grid.pitch) * np.minimum(one, other)
        return np.asarray(np.abs(one - other) < limit + 4 * grid.sigma_m[there], np.bool_)


def renumber(labels: Labels, keep: NDArray[np.bool_]) -> tuple[int, Labels]:
    """Keep some labels, numbered without gaps; the others become 0."""
    keep[0] = False
    number = np.zeros(len(keep), np.int32)
    number[keep] = np.arange(1, np.count_nonzero(keep) + 1)
    return int(np.count_nonzero(keep)) + 1, number.take(labels)


def areas_of(labels: Labels, count: int) -> NDArray[np.int64]:
    """(count,) number of cells of every label, int32: run by run, not cell by cell."""
    quick = passes()
    return plain_areas(labels, count) if quick is None else quick.areas(labels, count)


def plain_areas(labels: Labels, count: int) -> NDArray[np.int64]:
    """Count the same without a compiler."""
    flat = labels.ravel()
    last = np.ones(flat.size, np.bool_)
    np.not_equal(flat[1:], flat[:-1], out=last[:-1])
    ends = np.flatnonzero(last)
    lengths = np.diff(ends, prepend=-1)
    return np.bincount(flat.take(ends), lengths, count).astype(np.int64)


def _color_steps(lab: FloatImage, here: Any, there: Any) -> BoolImage:
    step = lab[here] - lab[there]
    square = 0.25 * step[..., 0] ** 2 + step[..., 1] ** 2 + step[..., 2] ** 2
    return np.asarray(square > COLOR_STEP**2, np.bool_)


def _without_small(labels: Labels, count: int, least: int) -> Labels:
    keep = areas_of(labels, count) >= least
    return (np.arange(count, dtype=np.int32) * keep).take(labels)


def _grown(grid: Grid, labels: Labels, free: BoolImage) -> Labels:
    """Let patches grow over free cells, each to the neighbour that it is nearest to in depth."""
    grown, depth_m, sigma_m = (framed(image) for image in (labels, grid.depth_m, grid.sigma_m))
    todo = np.flatnonzero(framed((free & (labels == 0)).view(np.uint8)))
    quick = passes()
    grow = plain_grow if quick is None else quick.grow
    grow(grown, depth_m, sigma_m, todo, GROWTH_SLOPE * grid.pitch, GROWTH_CELLS)
    return np.asarray(grown[1:-1, 1:-1])


def plain_grow(
    labels: Labels,
    depth_m: FloatImage,
    sigma_m: FloatImage,
    todo: NDArray[np.intp],
    slope: float,
    rounds: int,
) -> None:
    """Let labels grow without a compiler; all images are framed.

    Args:
        labels: (h, w), which are changed.
        depth_m: (h, w) of the cells.
        sigma_m: (h, w) of their depth.
        todo: flat indices of the cells to grow over.
        slope: depth per cell at which labels still grow, as a share of depth.
        rounds: cells that they grow by.
    """
    width = labels.shape[1]
    grown, depth, sigma = labels.ravel(), depth_m.ravel(), sigma_m.ravel()
    for _ in range(rounds):
        here_m, owner = depth[todo], np.zeros(len(todo), np.int32)
        nearest = np.float32(slope) * here_m + 4 * sigma[todo]
        for step in (1, -1, width, -width):
            beside = todo + step
            label, apart = grown[beside], np.abs(depth[beside] - here_m)
            nearer = (label > 0) & (apart < nearest)
            np.copyto(nearest, apart, where=nearer)
            np.copyto(owner, label, where=nearer)
        grown[todo] = owner
        if not owner.any():
            break
        todo = todo[owner == 0]


def framed(image: NDArray[Any]) -> NDArray[Any]:
    """An image with a cell of zeros around it."""
    return np.asarray(cv2.copyMakeBorder(image, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0))
