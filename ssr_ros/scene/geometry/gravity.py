# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Which way is down, and what the planes are because of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
import math
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ssr_ros.errors import ConfigError
from ssr_ros.scene.geometry.grid import Grid
from ssr_ros.scene.geometry.planes import FloatArray, PlaneFit, visible_area_m2

Direction = Sequence[float] | NDArray[np.floating]
"""Three numbers, in any unit."""

LEVEL_COS = math.cos(math.radians(15))
"""A plane whose normal is this near to the vertical is horizontal."""

UPRIGHT_SIN = math.sin(math.radians(15))
MOST_TILT_COS = math.cos(math.radians(65))
"""A camera tilted more than this sees the floor as it would see a wall: gravity must be given."""


GravitySource = Literal['given', 'plane', 'level']

BIN_M = 1.2
"""Where half of the scene is nearer than this, the camera may look into a bin."""

FACING_COS = math.cos(math.radians(35))
"""A plane that faces the camera so squarely may be the bottom of the bin."""

MOST_BIN_WALL_M2 = 0.3
"""No wall of a bin that stands on a table or a shelf is larger."""

LEAST_FLOOR = 0.2
"""Least share of the measured cells of a plane that is no wall of a bin."""


@dataclass(frozen=True, eq=False)
class Gravity:
    """Where down is, in the camera frame.

    Attributes:
        down: (3,) float64 unit vector.
        source: 'given', 'plane' (the largest floor or table), or 'level' (nothing horizontal is
            in view, the camera is taken to be held level: gravity-frame numbers are not reliable).
    """

    down: FloatArray
    source: GravitySource

    @property
    def known(self) -> bool:
        """Whether something tells where down is."""
        return self.source != 'level'

    @cached_property
    def axes(self) -> FloatArray:
        """(3, 3) float64: rows right, forward (both horizontal) and up, in the camera frame."""
        up = -self.down
        forward = np.array([0.0, 0.0, 1.0]) - up[2] * up
        if np.linalg.norm(forward) < 1e-3:  # looking straight down: the image's top is forward
            forward = np.array([0.0, -1.0, 0.0]) + up[1] * up
        forward /= np.linalg.norm(forward)
        return np.stack([np.cross(forward, up), forward, up])

    @property
    def tilt_deg(self) -> float:
        """How far the optical axis points below the horizon, degrees."""
        return math.degrees(math.asin(float(np.clip(self.down[2], -1, 1))))


def down_from_tilt(tilt_deg: float, roll_deg: float = 0.0) -> FloatArray:
    """Return the direction of gravity in the frame of a camera of known attitude.

    Args:
        tilt_deg: how far the optical axis points below the horizon; 90 looks straight down.
        roll_deg: rotation about the optical axis, clockwise as the camera sees itself.

    Returns:
        (3,) float64 unit vector in the camera frame.
    """
    tilt, roll = math.radians(tilt_deg), math.radians(roll_deg)
    return np.array(
        [math.cos(tilt) * math.sin(roll), math.cos(tilt) * math.cos(roll), math.sin(tilt)]
    )


def find_gravity(planes: Sequence[PlaneFit], grid: Grid, given: Direction | None) -> Gravity:
    """Take gravity as given, or from the largest plane that can be a floor or a table.

    Args:
        planes: the dominant planes.
        grid: the reduced grid.
        given: direction of down, if something knows it.

    Raises:
        ConfigError: the given vector is not three finite numbers, or is zero.
    """
    if given is not None:
        return Gravity(_unit(given), 'given')
    level = [plane for plane in planes if -plane.normal[1] > MOST_TILT_COS]
    if not level:
        return Gravity(np.array([0.0, 1.0, 0.0]), 'level')
    largest = max(level, key=lambda plane: _cells(plane) * -plane.normal[1])
    near = np.count_nonzero(grid.depth_m < BIN_M) > np.count_nonzero(grid.valid) / 2
    if near and _is_doubtful(largest, planes, grid):
        return Gravity(np.array([0.0, 1.0, 0.0]), 'level')
    return Gravity(-largest.normal, 'plane')


def _is_doubtful(floor: PlaneFit, planes: Sequence[PlaneFit], grid: Grid) -> bool:
    """Whether a plane may be the wall of a bin: smaller than a bottom beside it, or small."""
    if visible_area_m2(floor, grid) > MOST_BIN_WALL_M2:
        return False
    bottoms = sum(
        _cells(plane)
        for plane in planes
        if -plane.normal[2] > FACING_COS and plane.normal @ floor.normal < LEVEL_COS
    )
    least = LEAST_FLOOR * int(np.count_nonzero(grid.valid))
    return bottoms > _cells(floor) or _cells(floor) < least


def _cells(plane: PlaneFit) -> int:
    return int(np.count_nonzero(plane.cells))


def is_level(plane: PlaneFit, gravity: Gravity) -> bool:
    """Whether a plane is horizontal and faces up."""
    return bool(-plane.normal @ gravity.down > LEVEL_COS)


def is_upright(plane: PlaneFit, gravity: Gravity) -> bool:
    """Whether a plane is vertical."""
    return bool(abs(plane.normal @ gravity.down) < UPRIGHT_SIN)


def _unit(vector: Direction) -> FloatArray:
    down = np.asarray(vector, np.float64)
    if down.shape != (3,) or not np.isfinite(down).all() or not np.linalg.norm(down):
        raise ConfigError(
            'gravity must be three finite numbers, the direction of down in the camera frame '
            f'(0, 1, 0 for a level camera), got {vector!r}'
        )
    return np.asarray(down / np.linalg.norm(down))
