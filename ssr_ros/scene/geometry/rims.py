# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Rims of things that are not theirs: a sensor that filters lifts the table beside a thing.

Between a thing and what it stands on such a sensor draws depth out, so that the table rises to the
thing and is joined to it. But there it is low over its plane, and its colours are the table's.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import uniform_filter

from ssr_ros.scene.geometry.borders import LIGHTNESS
from ssr_ros.scene.geometry.creases import BED, BLOCK
from ssr_ros.scene.geometry.grid import BoolImage, box_of, FloatImage, Grid, without_specks
from ssr_ros.scene.geometry.joining import HIGHEST_RIPPLE
from ssr_ros.scene.geometry.patches import Labels
from ssr_ros.scene.geometry.planes import PlaneFit

MORE = 2.0
"""A colour is the plane's where it is, as a share, so many times as much of the plane as of what
lies higher of the thing."""

LEAST_PART = 0.1
"""A smaller share of what is left of a thing, apart from the rest, is a thread of its rim."""

BIN, BINS = np.float32(5.0), (8, 16, 16)
"""Width of the bins of colours, in L*a*b* with less lightness, and how many there are of each."""

EVERY = 8
"""Palettes are those of every eighth cell."""


def without_rims(
    grid: Grid,
    lab: FloatImage,
    labels: Labels,
    things: Labels,
    planes: Sequence[PlaneFit],
    least_cells: float,
) -> Labels:
    """Take from things what lies low over a plane and is of its colours.

    Args:
        grid: the reduced grid.
        lab: (h, w, 3) colours of the cells in L*a*b*.
        labels: (h, w) int32: 1, 2, ... are the planes' cells.
        things: (h, w) int32 things, 0 outside.
        planes: the planes of the room.
        least_cells: a thing of which less would be left stays as it is.

    Returns:
        (h, w) int32 labels of the things.
    """
    of_thing = np.where(labels > len(planes), things, 0)
    at = np.flatnonzero(of_thing)
    thing, count = of_thing.take(at), int(things.max())
    points_m, colors = grid.points_m.reshape(-1, 3).take(at, axis=0), lab.reshape(-1, 3)
    some, bins = thing[::EVERY], _bins(colors.take(at[::EVERY], axis=0))
    number = labels.ravel()[::EVERY]
    on = np.flatnonzero((number > 0) & (number <= len(planes)))
    of_planes = _palettes(number.take(on), _bins(colors.take(EVERY * on, axis=0)), len(planes))
    rims = np.zeros(things.shape, np.uint8)
    for plane, palette in zip(planes, of_planes[1:], strict=True):
        height = plane.height_m(points_m) / points_m[:, 2]
        above = height > HIGHEST_RIPPLE
        enough = np.bincount(thing, above, count + 1) >= least_cells
        low = np.flatnonzero((np.abs(height) <= HIGHEST_RIPPLE) & enough.take(thing))
        if len(low):
            more = palette > MORE * _palettes(some * above[::EVERY], bins, count)
            of_plane = more[thing.take(low), _bins(colors.take(at.take(low), axis=0))]
            rims.ravel()[at.take(low[of_plane])] = 1
    if not rims.any():
        return things
    rims, left = _thick(rims), things.copy()
    for index in np.unique(things[rims > 0]).tolist():
        x0, y0, x1, y1 = box_of(of_thing == index)
        window = np.s_[y0:y1, x0:x1]
        cells = of_thing[window] == index
        rest = _rest(cells, cells & (rims[window] > 0))
        if np.count_nonzero(rest) >= least_cells:
            left[window][cells & ~rest] = 0
    return np.asarray(left, np.int32)


def _thick(rims: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Those that are three cells thick: at any outline the colours of both sides mix in a cell."""
    count, parts = cv2.connectedComponents(rims, connectivity=4)
    thick = np.bincount(parts[cv2.erode(rims, BLOCK) > 0], minlength=count) > 0
    return np.asarray(thick.take(parts).view(np.uint8))


def _rest(cells: BoolImage, rim: BoolImage) -> BoolImage:
    """The cells of a thing without its rim, and without the threads of it that are left."""
    rest = cells & ~rim
    thin = cv2.morphologyEx(rest.view(np.uint8), cv2.MORPH_OPEN, BED) == 0
    rest &= ~(thin & (cv2.dilate(rim.view(np.uint8), BED) > 0))
    return without_specks(rest, int(LEAST_PART * np.count_nonzero(rest)))


def _bins(colors: FloatImage) -> NDArray[np.int32]:
    """The bin of each of (N, 3) colours in L*a*b*: (N,)."""
    _, greens, blues = BINS
    light, green, blue = (colors * (np.array([LIGHTNESS, 1, 1], np.float32) / BIN)).T
    bins = np.clip(light, 0, BINS[0] - 1).astype(np.int32) * greens
    bins = (bins + np.clip(green + greens / 2, 0, greens - 1).astype(np.int32)) * blues
    return np.asarray(bins + np.clip(blue + blues / 2, 0, blues - 1).astype(np.int32))


def _palettes(labels: Labels, bins: NDArray[np.int32], count: int) -> FloatImage:
    """Share of the cells of labels 0 to count that is of each colour, or next to it.

    Returns:
        (count + 1, number of bins).
    """
    size = int(np.prod(BINS))
    counts = np.bincount(labels * size + bins, minlength=(count + 1) * size)
    counts = counts.reshape(-1, *BINS).astype(np.float32)
    around = uniform_filter(counts, (0, 3, 3, 3), mode='constant').reshape(-1, size)
    cells = np.bincount(labels, minlength=count + 1)[:, None]
    return np.asarray(around / np.maximum(cells, 1), np.float32)
