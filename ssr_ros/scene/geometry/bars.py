# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Bars: the rails and legs of a chair, the handle of a drill.

What is built of bars comes apart where they meet: a valley runs along the joint, and beside each
bar the depth jumps. But a bar is of the colour of what it belongs to, and where it meets that the
surface goes on. Compact things are left alone: a box may well stand on a box of its colour.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from ssr_ros.scene.geometry.borders import Borders
from ssr_ros.scene.geometry.grid import FloatImage, rows_and_columns
from ssr_ros.scene.geometry.patches import areas_of, COLOR_STEP, Labels
from ssr_ros.scene.geometry.pieces import MOST_FOOT, SAME_TINT, Seams

MOST_WIDE = 0.55
"""Width of a bar as a share of its length, at most."""

LEAST_JOINT = 0.5
"""A bar meets its thing along this share of its width at least."""

LEAST_LEVEL = 0.3
"""Share of the joint at which depth runs on, at least: elsewhere a bar stands off."""

LEAST_CELLS = 60
"""Of fewer cells the shape is not known."""


def join_bars(lab: FloatImage, labels: Labels, borders: Borders, planes: int) -> NDArray[np.int32]:
    """Say which label every label goes over to.

    A bar is the smaller one: a cup on a rack is no part of it. Two that both have a foot on a
    plane stand side by side, and stay two.

    Args:
        lab: (h, w, 3) colours of the cells.
        labels: (h, w) labels; 1 to ``planes`` are the planes, things and parts follow.
        borders: of these labels.
        planes: how many planes there are.

    Returns:
        (count,) int32; planes keep their labels.
    """
    count = int(labels.max()) + 1
    seams = Seams.of(borders, planes, count)
    may = (seams.step < COLOR_STEP) & (seams.level >= LEAST_LEVEL)
    may &= np.minimum(seams.foot, seams.thing_foot) <= MOST_FOOT
    bar, thing, length = seams.piece[may], seams.thing[may], seams.length[may]
    area = areas_of(labels, count)
    width, long, tint = _shapes(lab, labels, np.unique(bar), count)
    joined = (area[bar] <= area[thing]) & (width[bar] <= MOST_WIDE * long[bar])
    joined &= length >= LEAST_JOINT * width[bar]
    joined &= np.linalg.norm(tint[bar] - tint[thing], axis=1) < SAME_TINT
    if not joined.any():
        return np.arange(count, dtype=np.int32)
    bar, thing = bar[joined], thing[joined]
    links = coo_array((np.ones(len(bar)), (bar, thing)), (count, count))
    groups = connected_components(links, directed=False)[1]
    first = np.unique(groups, return_index=True)[1]
    return np.asarray(first[groups], np.int32)


def _shapes(
    lab: FloatImage, labels: Labels, chosen: NDArray[np.int64], count: int
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Width and length in cells and mean colour (less lightness) of some labels; else inf, 0, NaN.

    Both are those of the rectangle with the same second moments.
    """
    width, long = np.full(count, np.inf), np.zeros(count)
    tint = np.full((count, 3), np.nan)
    is_chosen = np.zeros(count, np.bool_)
    is_chosen[chosen] = True
    cells = np.flatnonzero(is_chosen.take(labels))
    label = labels.take(cells)
    row, column = rows_and_columns(cells, labels.shape[1])
    area = np.bincount(label, minlength=count)
    known = area >= LEAST_CELLS

    def mean(values: NDArray[np.generic]) -> NDArray[np.float64]:
        return np.bincount(label, values, count)[known] / area[known]

    x, y = mean(column), mean(row)
    xx, yy = mean(column * column) - x * x, mean(row * row) - y * y
    xy = mean(column * row) - x * y
    half, turn = (xx + yy) / 2, np.hypot((xx - yy) / 2, xy)
    long[known] = np.sqrt(12 * (half + turn) + 1)
    width[known] = np.sqrt(12 * np.maximum(half - turn, 0) + 1)
    colors = lab.reshape(-1, 3).take(cells, axis=0)
    tint[known] = np.stack([mean(part) for part in (colors * (0.3, 1, 1)).T], axis=1)
    return width, long, tint
