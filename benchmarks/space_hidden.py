# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What may hide where a frame has no depth: how many ways nobody could honestly call free.

A way that is free in truth may still not be called so where something that would be in the way
could stand in it and be all in pixels without depth: the readings would be the same. Two kinds of
things are tried at every place, the least that answers must think of (``space.py --hidden``):

- a stick as thin as a ray that rises 3.5 cm from the lane's floor;
- a round table on one foot, up to 1.2 m wide and lower than the camera, whose top reaches 2 cm
  into the lane.

A part of either may be outside the view, but not all. What would be in view over the nearest
stretch counts, too: with depth it would be seen to block the way.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ssr_ros.rgbd import CameraIntrinsics
from ssr_ros.scene.geometry.grid import BoolImage
from ssr_ros.scene.geometry.ground import Ground

STICK_M = 0.035
"""Lower than this a thing is not told from the floor."""

RADII_M = (0.05, 0.1, 0.15, 0.2, 0.3, 0.45, 0.6)
HEIGHT_STEP_M, FOOT_STEP_M, LANE_STEP_M, TOP_STEP_M = 0.06, 0.05, 0.01, 0.02
HIGHEST_M, NEAREST_M = 1.2, 0.1
REACH_M = 0.02
"""What reaches less into a lane does not block it."""

UPRIGHT = np.linspace(0, 1, 5)
_TURNS = np.linspace(0, 2 * np.pi, 16, endpoint=False)
_CIRCLE = np.column_stack([np.cos(_TURNS), np.sin(_TURNS)])
DISC = np.concatenate([np.zeros((1, 2)), _CIRCLE / 2, _CIRCLE])

Points = NDArray[np.float64]
KNOWN, UNKNOWN, OUTSIDE = 0, 1, 2


class Hidden:
    """What a frame without depth at some pixels may hide over a floor.

    Args:
        ground: the floor from above; places are (right, forward, up) metres from below the camera.
        unknown: (H, W) pixels without depth.
    """

    def __init__(self, ground: Ground, unknown: BoolImage) -> None:
        self.lines, self.unknown = ground.lines, unknown
        if unknown.shape != ground.lines.why.shape:
            raise ValueError(f'expected {ground.lines.why.shape} pixels, got {unknown.shape}')

    def in_lane(self, width_m: float, far_m: float) -> str:
        """What could hide in a lane straight ahead, up to a length: '' for nothing."""
        if self._stick(width_m, far_m):
            return 'a stick'
        return 'a table' if any(self._table(r, width_m, far_m) for r in RADII_M) else ''

    def _stick(self, width_m: float, far_m: float) -> bool:
        half = width_m / 2 - LANE_STEP_M / 2
        sees = self._sees(_upright(_grid((-half, half), far_m, LANE_STEP_M), STICK_M))
        return bool(((sees != KNOWN).all(axis=1) & (sees == UNKNOWN).any(axis=1)).any())

    def _table(self, radius: float, width_m: float, far_m: float) -> bool:
        edge = width_m / 2 - REACH_M
        feet = _grid((-edge - radius, edge + radius), far_m + radius, FOOT_STEP_M)
        for height in np.arange(HEIGHT_STEP_M, min(self.lines.eye_m, HIGHEST_M), HEIGHT_STEP_M):
            feet = feet[(self._sees(_upright(feet, float(height))) != KNOWN).all(axis=1)]
            if self._any_hides(feet, radius, float(height), edge, far_m):
                return True
        return False

    def _any_hides(
        self, feet: Points, radius: float, height_m: float, edge_m: float, far_m: float
    ) -> bool:
        """Whether a top over one of (N, 2) feet is nowhere seen, and reaches into the lane."""
        (may,) = np.nonzero(
            (self._sees(_tops(feet, radius * DISC, height_m)) != KNOWN).all(axis=1)
        )
        dense = _disc(radius)
        for foot in feet[may]:  # few, and each of many points
            top = _tops(foot[None], dense, height_m)[0]
            sees = self._sees(top)
            inside = (np.abs(top[:, 0]) < edge_m) & (top[:, 1] < far_m)
            if (sees != KNOWN).all() and (inside & (sees == UNKNOWN)).any():
                return True
        return False

    def _sees(self, places: Points) -> NDArray[np.int8]:
        """What the pixel that looks at each of (..., 3) places says."""
        lines, camera = self.lines, self.lines.camera
        points = (places - [0, 0, lines.eye_m]) @ lines.axes
        column, row = _pixels(points, camera)
        x0, y0, x1, y1 = lines.box_px
        seen = (column >= x0) & (column < x1) & (row >= y0) & (row < y1)
        dark = self.unknown[np.where(seen, row, 0), np.where(seen, column, 0)]
        return np.where(seen, np.where(dark, UNKNOWN, KNOWN), OUTSIDE).astype(np.int8)


def _pixels(
    points: Points, camera: CameraIntrinsics
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Column and row of (..., 3) camera points, -1 for those beside or behind the camera."""
    before = points[..., 2] > 0.02
    z = np.where(before, points[..., 2], 1.0)
    column = np.rint(camera.fx * points[..., 0] / z + camera.cx).astype(np.int64)
    row = np.rint(camera.fy * points[..., 1] / z + camera.cy).astype(np.int64)
    return np.where(before, column, -1), np.where(before, row, -1)


def _grid(right_m: tuple[float, float], far_m: float, step_m: float) -> Points:
    """(N, 2) places of a rectangle before the camera."""
    sides = np.arange(right_m[0], right_m[1] + step_m / 2, step_m)
    right, forward = np.meshgrid(sides, np.arange(NEAREST_M, far_m, step_m))
    return np.column_stack([right.ravel(), forward.ravel()])


def _tops(feet: Points, around: Points, height_m: float) -> Points:
    """(N, M, 3) places of (M, 2) around (N, 2) feet, at a height."""
    places = feet[:, None] + around
    return np.concatenate([places, np.full((*places.shape[:2], 1), height_m)], axis=2)


def _disc(radius: float) -> Points:
    """(M, 2) places of a disc, TOP_STEP_M apart, its edge among them."""
    steps = np.arange(-radius, radius + TOP_STEP_M, TOP_STEP_M)
    places = np.stack(np.meshgrid(steps, steps), axis=-1).reshape(-1, 2)
    turns = np.arange(0, 2 * np.pi, TOP_STEP_M / radius)
    edge = radius * np.column_stack([np.cos(turns), np.sin(turns)])
    return np.concatenate([places[np.hypot(*places.T) < radius], edge])


def _upright(feet: Points, height_m: float) -> Points:
    """(N, 5, 3) places on posts of a height."""
    rises = np.broadcast_to(height_m * UPRIGHT[:, None], (len(feet), len(UPRIGHT), 1))
    return np.concatenate([np.repeat(feet[:, None], len(UPRIGHT), axis=1), rises], axis=2)
