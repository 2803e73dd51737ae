# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Where a surface bends towards the camera: the valleys between things.

Things are convex, more or less, and meet their neighbours and their support in concave edges (the
locally convex connected patches of S. C. Stein et al., "Object partitioning using local
convexity", CVPR 2014). Over a plane inverse depth is linear, however steeply it is seen; so the
angle between two arms of inverse depth is the angle between two surfaces, whose sensor noise is
known. A jump in depth, sharp or smeared over several pixels, is a valley at its far side too.
"""

from __future__ import annotations

import cv2
import numpy as np

from ssr_ros.scene.geometry.grid import BoolImage, FloatImage, Grid

ARM_CELLS = 3
"""Length of the arms between which an angle is taken."""

SURE_SIGMAS = 2.0
"""An angle counts less so many of its standard errors."""

ARM_NOISE = 0.73
"""Standard error of the difference of two arms' slopes after smoothing, per cell's."""

LEAST_VALLEY_RAD = np.float32(np.radians(12))
"""Angles from here on cut a surface into patches, to be put together again or not."""

CREST = np.float32(0.6)
"""Share of the deepest valley next to it from which on a cell lies in that valley's bed."""

DIRECTIONS = ((0, 1), (1, 0), (1, 1), (1, -1))
BLOCK, BED = np.ones((3, 3), np.uint8), np.ones((5, 5), np.uint8)
"""The bed of a valley: labels may meet anywhere in it."""


def valley_angles(grid: Grid) -> FloatImage:
    """Return (h, w) float32 radians, 0 where the surface is flat, convex, or not known.

    The largest of four directions, less what noise alone would show.
    """
    inverse = _smooth_inverse(grid)
    height, width = grid.shape
    frame = cv2.BORDER_CONSTANT, None, np.nan
    padded = cv2.copyMakeBorder(inverse, *4 * (ARM_CELLS,), *frame)
    angles = np.zeros(grid.shape, np.float32)
    for down, right in DIRECTIONS:
        diagonal = float(np.hypot(down, right))
        arm = round(ARM_CELLS / diagonal)
        y, x = ARM_CELLS + arm * down, ARM_CELLS + arm * right
        back_y, back_x = ARM_CELLS - arm * down, ARM_CELLS - arm * right
        before = padded[back_y : back_y + height, back_x : back_x + width]
        after = padded[y : y + height, x : x + width]
        slope = grid.depth_m * np.float32(1 / (arm * diagonal * grid.pitch))
        _deepen(angles, (inverse - before) * slope, (after - inverse) * slope)
    noise = grid.sigma_m / grid.depth_m * np.float32(ARM_NOISE / (ARM_CELLS * grid.pitch))
    return np.asarray(np.fmax(angles - np.float32(SURE_SIGMAS) * noise, 0), np.float32)


def _deepen(angles: FloatImage, before: FloatImage, after: FloatImage) -> None:
    """Raise angles, radians, to those by which one slope turns up into another, known or not."""
    turn = after - before
    angle = cv2.phase(1 + before * after, turn)
    angle *= turn > 0
    np.fmax(angles, angle, out=angles)


def in_valley(angles: FloatImage) -> BoolImage:
    """Mark the beds of valleys: three cells wide, however far an arm reaches."""
    deepest = cv2.dilate(angles, BLOCK)
    beds = (angles > LEAST_VALLEY_RAD) & (angles >= CREST * deepest)
    closed = cv2.morphologyEx(beds.astype(np.uint8), cv2.MORPH_CLOSE, BED)
    return np.asarray(closed > 0)


def _smooth_inverse(grid: Grid) -> FloatImage:
    """Inverse depth, averaged with its neighbours as far as they are known."""
    with np.errstate(divide='ignore', invalid='ignore'):
        inverse = 1 / grid.depth_m
    known = np.isfinite(inverse)
    kernel = np.array([0.25, 0.5, 0.25], np.float32)
    sums, weights = (
        cv2.sepFilter2D(image, -1, kernel, kernel, borderType=cv2.BORDER_REPLICATE)
        for image in (np.where(known, inverse, np.float32(0)), known.astype(np.float32))
    )
    with np.errstate(divide='ignore', invalid='ignore'):
        return np.asarray(np.where(known, sums / weights, np.float32(np.nan)), np.float32)
