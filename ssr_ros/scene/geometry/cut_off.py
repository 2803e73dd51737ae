# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Whether a thing goes on behind a nearer one: as large as it is seen it is at least, then."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from ssr_ros.rgbd import RgbdFrame
from ssr_ros.scene.geometry.grid import BoolImage, FloatImage

BESIDE_PX = 12
"""What stands beside a thing shows within so many pixels, where its edge blurs."""

LEAST_JUMP = 0.015
"""Nearer or farther by this share of its depth something else is seen, and not the thing's rim."""

LEAST_ROWS = 0.15
"""In this share of a thing's rows it is hidden on one side, at least."""

LEAST_COLUMNS = 0.5
"""In this share of its columns its foot is, where nothing is seen that it stands on."""


def hidden_beside(frame: RgbdFrame, mask: BoolImage) -> bool:
    """Tell whether something nearer stands right beside a thing, to the left or to the right.

    Args:
        frame: the frame.
        mask: (H, W) bool: the thing, at least one pixel.
    """
    rows = np.flatnonzero(mask.any(axis=1))
    thing, depth_m = mask[rows], frame.depth_m[rows]
    sides = ((thing, depth_m), (thing[:, ::-1], depth_m[:, ::-1]))
    return any(_nearer_before(*side).mean() >= LEAST_ROWS for side in sides)


def hidden_below(frame: RgbdFrame, mask: BoolImage) -> bool:
    """Tell whether something nearer is seen right below a thing, as what it stands on is, too.

    Args:
        frame: the frame.
        mask: (H, W) bool: the thing, at least one pixel.
    """
    columns = np.flatnonzero(mask.any(axis=0))
    thing, depth_m = mask[::-1, columns].T, frame.depth_m[::-1, columns].T
    return bool(_nearer_before(thing, depth_m).mean() >= LEAST_COLUMNS)


def _nearer_before(thing: BoolImage, depth_m: FloatImage) -> NDArray[np.bool_]:
    """(R,) whether what is seen before a thing's first pixel in each of its rows is nearer."""
    first = thing.argmax(axis=1)
    inward = np.arange(BESIDE_PX)[:, None]
    own_m = _first(np.isfinite, _readings(thing, depth_m, first + inward))
    before_m = _readings(~thing, depth_m, first - 1 - inward)
    other_m = _first(lambda m: np.abs(m - own_m) > LEAST_JUMP * own_m, before_m)
    return np.asarray(other_m < own_m)  # unknown is not nearer


def _readings(
    where: BoolImage, depth_m: FloatImage, columns: NDArray[np.intp]
) -> NDArray[np.float32]:
    """(K, R) metres in the (K, R) columns of (R, W) rows, NaN elsewhere."""
    inside = (columns >= 0) & (columns < depth_m.shape[1])
    columns = columns.clip(0, depth_m.shape[1] - 1)
    row = np.arange(len(depth_m))
    there = inside & where[row, columns]
    return np.asarray(np.where(there, depth_m[row, columns], np.float32(np.nan)))


def _first(
    fits: Callable[[NDArray[np.float32]], NDArray[np.bool_]], readings_m: NDArray[np.float32]
) -> NDArray[np.float32]:
    """(R,) the first of (K, R) readings that fits, NaN where none does."""
    right = fits(readings_m)
    chosen = np.take_along_axis(readings_m, right.argmax(axis=0)[None], axis=0)[0]
    return np.asarray(np.where(right.any(axis=0), chosen, np.float32(np.nan)))
