# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Class-free segments: connected surfaces that stand off the structure of the scene.

Surfaces are first cut into patches, wherever depth jumps, a level face meets a steep one, or the
colour changes; then patches are put together again unless the depth at their border speaks
against it. A steep face that falls away from a level one belongs to it (the front of a box and
its top); one that rises from it stands on it (a cup on a board). Of two patches of different
colour, one that stands out from the other's surface is another thing; print on a flat side is not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from ssr_ros.scene.geometry.grid import BoolImage, FloatImage, Grid
from ssr_ros.scene.geometry.planes import STEEPEST

Labels = NDArray[np.int32]

LEVEL_CELL_COS = 0.85
LEAST_PATCH = 16
"""Patches of fewer cells are dealt out to their neighbours."""

GROWTH_CELLS = 8
COLOR_STEP = 12.0
"""Step in L*a*b* (lightness counts half, for shadows) that is the border of a patch."""

FALLING = -0.15
"""Mean slope over a border below which a steep patch falls away from a level one; other steep
patches stand on it, or only pass by."""

FLUSH = 0.35
"""Mean slope over the border of two level patches above which there is a step between them."""

LEAST_CONTACT = 0.15
"""Least border of two patches, as a share of the smaller one's side, that is not chance."""

UNLIKE = 30.0
"""Distance in L*a*b* (lightness counts 0.3) of colours that two things have, or print on one."""

JUMPING = 1.5
"""Mean slope over a border, too short to tell more of, above which depth jumps there."""

STANDING_OUT = 1.0
"""Mean step over a border, in cells, by which a patch is another thing than its neighbour."""

STEPS: tuple[tuple[Any, Any], ...] = ((np.s_[:, 1:], np.s_[:, :-1]), (np.s_[1:], np.s_[:-1]))


def segment(
    grid: Grid,
    lab: FloatImage,
    free: BoolImage,
    level: BoolImage,
    rise_m: FloatImage,
) -> tuple[int, Labels]:
    """Label the things among the free cells.

    Args:
        grid: the reduced grid.
        lab: (h, w, 3) colour of the cells in L*a*b*.
        free: (h, w) bool: cells that are not structure.
        level: (h, w) bool: cells on level faces.
        rise_m: (h, w) height of the cells over the camera.

    Returns:
        number of labels and (h, w) int32 labels, 0 outside.
    """
    linked = tuple(holds(grid, here, there) for here, there in STEPS)
    same = tuple(
        hold & (level[here] == level[there]) & ~_color_steps(lab, here, there)
        for hold, (here, there) in zip(linked, STEPS, strict=True)
    )
    count, patches = _connect(free, same)
    patches = _without_small(patches, count)
    patches = _grown(patches, free, linked)
    rest_count, rest = _connect(free & (patches == 0), linked)
    patches = np.where(rest > 0, rest + np.int32(count), patches)
    borders = _Borders.of(grid, patches, rise_m)
    total = count + rest_count
    area = np.bincount(patches.ravel(), minlength=total)
    is_level = np.bincount(patches[level], minlength=total) > 0.5 * area
    return _join(
        patches, total, borders.belonging(is_level, area, _mean_colors(lab, patches, area))
    )


def level_cells(
    grid: Grid, along: FloatImage, on_planes: BoolImage, free: BoolImage, rise_m: FloatImage
) -> BoolImage:
    """Find the cells of level faces, up to their rims, where a jump in depth hides the normal.

    Args:
        grid: the reduced grid.
        along: (h, w) cosine between a cell's normal and up, NaN unknown.
        on_planes: (h, w) bool: cells on level planes.
        free: (h, w) bool: cells to look at.
        rise_m: (h, w) height of the cells over the camera.
    """
    with np.errstate(invalid='ignore'):
        level = free & ((along > LEVEL_CELL_COS) | on_planes)
        limit = np.float32(0.35 * grid.pitch) * grid.depth_m + 1.5 * grid.sigma_m
    unknown = free & np.isnan(along)
    for _ in range(4):
        before = level.copy()
        for one, other in STEPS:
            with np.errstate(invalid='ignore'):
                as_high = np.abs(rise_m[one] - rise_m[other]) < limit[one]
            level[one] |= before[other] & unknown[one] & as_high
            level[other] |= before[one] & unknown[other] & as_high
    return level


def holds(grid: Grid, here: Any, there: Any) -> BoolImage:
    """Whether neighbouring readings can lie on one surface."""
    one, other = grid.depth_m[here], grid.depth_m[there]
    with np.errstate(invalid='ignore'):
        limit = np.float32(STEEPEST * grid.pitch) * np.minimum(one, other)
        return np.asarray(np.abs(one - other) < limit + 4 * grid.sigma_m[there], np.bool_)


def _color_steps(lab: FloatImage, here: Any, there: Any) -> BoolImage:
    step = lab[here] - lab[there]
    square = 0.25 * step[..., 0] ** 2 + step[..., 1] ** 2 + step[..., 2] ** 2
    return np.asarray(square > COLOR_STEP**2, np.bool_)


def _connect(cells: BoolImage, links: tuple[BoolImage, ...]) -> tuple[int, Labels]:
    """Label the connected parts of some cells.

    Cells and the links between them are drawn on an image of twice the size, so that one pass of
    connected components follows exactly those links that hold.
    """
    height, width = cells.shape
    drawn = np.zeros((2 * height - 1, 2 * width - 1), np.uint8)
    drawn[::2, ::2] = cells
    drawn[::2, 1::2] = links[0] & cells[:, :-1] & cells[:, 1:]
    drawn[1::2, ::2] = links[1] & cells[:-1] & cells[1:]
    count, labels = cv2.connectedComponents(drawn, connectivity=4)
    return count, np.ascontiguousarray(labels[::2, ::2])


def _without_small(labels: Labels, count: int) -> Labels:
    keep = np.bincount(labels.ravel(), minlength=count) >= LEAST_PATCH
    return np.asarray(np.where(keep[labels], labels, 0), np.int32)


def _grown(labels: Labels, free: BoolImage, links: tuple[BoolImage, ...]) -> Labels:
    """Let patches grow over the free cells that no patch owns, along links."""
    grown: Labels = labels.copy()
    for _ in range(GROWTH_CELLS):
        before = grown.copy()
        for hold, (here, there) in zip(links, STEPS, strict=True):
            for one, other in ((here, there), (there, here)):
                take = hold & free[one] & (grown[one] == 0) & (before[other] > 0)
                grown[one] = np.where(take, before[other], grown[one])
        if (grown == before).all():
            break
    return grown


@dataclass(frozen=True, eq=False)
class _Borders:
    """Means along the borders between patches, one entry per ordered pair (one, other).

    Attributes:
        one, other: (P,) labels on the two sides.
        slope: (P,) how steeply the height rises from one to the other.
        step: (P,) how far the other lies before the surface of the one, carried on over the
            border, in cells (positive: nearer to the camera); NaN where it cannot be told.
        length: (P,) number of cells along the border.
    """

    one: NDArray[np.int64]
    other: NDArray[np.int64]
    slope: NDArray[np.float64]
    step: NDArray[np.float64]
    length: NDArray[np.int64]

    @classmethod
    def of(cls, grid: Grid, labels: Labels, rise_m: FloatImage) -> _Borders:
        """Walk over all borders. Values are taken two cells to either side."""
        margin = 3
        around = np.pad(labels, margin)
        width, flat = around.shape[1], around.ravel()
        rise, depth = np.pad(rise_m, margin).ravel(), np.pad(grid.depth_m, margin).ravel()
        sigma = np.pad(grid.sigma_m, margin).ravel()
        owned = np.flatnonzero(flat)
        keys, slopes, steps = [], [], []
        for step in (1, -1, width, -width):
            here = owned[(flat[owned + step] > 0) & (flat[owned + step] != flat[owned])]
            gap = np.abs(depth[here] - depth[here + step])
            limit = STEEPEST * grid.pitch * np.minimum(depth[here], depth[here + step])
            here = here[gap < limit + 4 * sigma[here]]
            there = here + step
            ahead = np.where(flat[there + 2 * step] == flat[there], there + 2 * step, there)
            back = np.where(flat[here - 2 * step] == flat[here], here - 2 * step, here)
            cells = np.abs(ahead - back) / abs(step)
            slopes.append((rise[ahead] - rise[back]) / (cells * grid.pitch * depth[here]))
            carried = 1 / depth[here] + (1 / depth[here] - 1 / depth[back]) * 1.5
            out = (1 - depth[ahead] * carried) / grid.pitch
            steps.append(np.where((ahead != there) & (back != here), out, np.nan))
            keys.append(flat[here].astype(np.int64) << 32 | flat[there])
        return cls._averaged(*(np.concatenate(part) for part in (keys, slopes, steps)))

    @classmethod
    def _averaged(
        cls, keys: NDArray[np.int64], slopes: NDArray[np.float64], steps: NDArray[np.float64]
    ) -> _Borders:
        pairs, where = np.unique(keys, return_inverse=True)
        told = np.isfinite(steps)
        count = np.bincount(where, minlength=len(pairs))
        slope = np.bincount(where, weights=slopes, minlength=len(pairs)) / np.maximum(count, 1)
        number = np.bincount(where[told], minlength=len(pairs))
        total = np.bincount(where[told], weights=steps[told], minlength=len(pairs))
        step = np.where(number > 2, total / np.maximum(number, 1), np.nan)
        return cls(pairs >> 32, pairs & 0xFFFFFFFF, slope, step, count)

    def belonging(
        self, level: NDArray[np.bool_], area: NDArray[np.int64], color: NDArray[np.float64]
    ) -> list[tuple[int, int]]:
        """Return the pairs of patches that nothing keeps apart.

        Args:
            level: (N,) whether each patch is level.
            area: (N,) its number of cells.
            color: (N, 3) its mean colour in L*a*b*.
        """
        falling = level[self.one] & ~level[self.other] & (self.slope < FALLING)
        steep = ~level[self.one] & ~level[self.other]
        flush = level[self.one] & level[self.other] & (np.abs(self.slope) < FLUSH)
        least = LEAST_CONTACT * np.sqrt(np.minimum(area[self.one], area[self.other]))
        smooth = np.isfinite(self.step) | (np.abs(self.slope) < JUMPING)
        joined = falling | ((steep | flush) & smooth & (self.length >= least))
        with np.errstate(invalid='ignore'):
            apart = (steep | flush) & (self.step > STANDING_OUT)
            apart |= self._unlike(color) & ~(np.abs(self.step) < STANDING_OUT)
        low, high = np.minimum(self.one, self.other), np.maximum(self.one, self.other)
        key = low << 32 | high
        keep = joined & ~np.isin(key, key[apart])
        return list(zip(low[keep].tolist(), high[keep].tolist(), strict=True))

    def _unlike(self, color: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Pairs of clearly different colours; shade alone makes none."""
        difference = (color[self.one] - color[self.other]) * (0.3, 1.0, 1.0)
        return np.asarray(np.linalg.norm(difference, axis=1) > UNLIKE, np.bool_)


def _mean_colors(lab: FloatImage, labels: Labels, area: NDArray[np.int64]) -> NDArray[np.float64]:
    flat = labels.ravel()
    sums = [np.bincount(flat, lab[..., i].ravel(), len(area)) for i in range(3)]
    return np.stack(sums, axis=1) / np.maximum(area, 1)[:, None]


def _join(labels: Labels, count: int, pairs: list[tuple[int, int]]) -> tuple[int, Labels]:
    """Give joined segments one label."""
    if not pairs:
        return count, labels
    one, other = np.array(pairs).T
    graph = coo_matrix((np.ones(len(one)), (one, other)), shape=(count, count))
    found, groups = connected_components(graph, directed=False)
    background = groups[0]
    groups = np.where(groups == background, 0, groups + 1).astype(np.int32)
    return found + 1, groups[labels]
