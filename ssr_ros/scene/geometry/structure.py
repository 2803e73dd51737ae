# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Which planes are the room (floor, tables, walls) and which are only faces of objects."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ssr_ros.scene.geometry.gravity import Gravity, is_level, is_upright
from ssr_ros.scene.geometry.grid import BoolImage, Grid
from ssr_ros.scene.geometry.objects import PlaneRole
from ssr_ros.scene.geometry.planes import PlaneFit, visible_area_m2

TOP_OF_SHARE = 0.03
"""Least share of the measured cells of a level plane that is told of by itself."""

TOP_OF_LARGEST = 0.1
"""Least share of the largest level plane's area: the top of a box on a table is no table."""

TOP_OF_IMAGE = 0.12
"""Share of the measured cells that makes a near table one, however large the floor beyond is."""

LEAST_TOP_M2 = 0.05
"""Smaller faces are the tops of things."""

LOWEST_TOP = 1 / 4
"""What is lower over a wider level plane than this share of its own breadth lies on it."""

SIDE_SHARE = 0.5
"""A plane that fills this share of a side of the image may go on to below the camera."""

BEHIND_SHARE = 0.04
"""A wall has at most this share of the scene behind it; more lies behind the face of an object."""

TOP_SHARE = 0.12
"""A plane that fills this share of the topmost row reaches higher than the camera sees."""


def plane_roles(
    planes: Sequence[PlaneFit], grid: Grid, gravity: Gravity
) -> list[PlaneRole | None]:
    """Name the part that each plane plays.

    Returns:
        for each its role; None for a face of an object.
    """
    areas = [visible_area_m2(plane, grid) if is_level(plane, gravity) else 0.0 for plane in planes]
    largest = max(areas, default=0.0)
    roles = [
        _role(plane, grid, gravity, area, largest)
        for plane, area in zip(planes, areas, strict=True)
    ]
    ground = planes[int(np.argmax(areas))] if largest else None
    return [
        None if role == 'top' and ground and _is_low(plane, grid, area, ground) else role
        for plane, role, area in zip(planes, roles, areas, strict=True)
    ]


def _is_low(plane: PlaneFit, grid: Grid, area_m2: float, ground: PlaneFit) -> bool:
    """Whether a level plane is the faces of what lies on a wider one: books of one height.

    What fills a side of the image is none: it may be the floor below the camera, up to a step.
    """
    points_m = grid.points_m.reshape(-1, 3).take(np.flatnonzero(plane.cells), axis=0)
    height_m = float(np.median(ground.height_m(points_m)))
    if not 0 < height_m < LOWEST_TOP * float(np.sqrt(area_m2)):
        return False
    sides = (_at_top(np.rot90(plane.cells, k), np.rot90(grid.valid, k)) for k in range(4))
    return max(sides) < SIDE_SHARE


def _role(
    plane: PlaneFit, grid: Grid, gravity: Gravity, area_m2: float, largest_m2: float
) -> PlaneRole | None:
    measured = np.count_nonzero(grid.valid)
    share = np.count_nonzero(plane.cells) / measured
    if not gravity.known:
        return 'surface' if share > 0.02 and _behind(plane, grid) < BEHIND_SHARE else None
    if area_m2:
        return _level_role(plane, grid, share, area_m2, area_m2 / largest_m2)
    if plane.normal @ gravity.down > 0.9:
        return 'ceiling'
    upright = is_upright(plane, gravity)
    if share <= (0.02 if upright else 0.35):
        return None
    if _behind(plane, grid) < BEHIND_SHARE:
        return 'wall' if upright else 'slope'
    at_top = share > 0.04 and _at_top(plane.cells, grid.valid) > TOP_SHARE
    return 'wall' if upright and at_top else None


def _level_role(
    plane: PlaneFit, grid: Grid, share: float, area_m2: float, of_largest: float
) -> PlaneRole | None:
    """The largest level plane carries the scene, and so does the lowest: a floor beyond a table.

    Other large ones are the tops of furniture.
    """
    if of_largest >= 1 or (area_m2 >= LEAST_TOP_M2 and _is_lowest(plane, grid)):
        return 'support'
    large = of_largest >= TOP_OF_LARGEST or share >= TOP_OF_IMAGE
    return 'top' if large and share >= TOP_OF_SHARE and area_m2 >= LEAST_TOP_M2 else None


def _is_lowest(plane: PlaneFit, grid: Grid) -> bool:
    """Whether next to nothing in the scene lies below the plane."""
    slack = np.float32(0.03) * grid.depth_m + 4 * grid.sigma_m
    with np.errstate(invalid='ignore'):
        below = np.count_nonzero(plane.height_m(grid.points_m) < -slack)
    return bool(below < 0.1 * np.count_nonzero(plane.cells))


def _behind(plane: PlaneFit, grid: Grid) -> float:
    """Share of the scene that lies behind a plane."""
    slack = 0.05 * plane.offset_m + 1e-6
    return np.count_nonzero(plane.height_m(grid.points_m) < -slack) / np.count_nonzero(grid.valid)


def _at_top(cells: BoolImage, valid: BoolImage) -> float:
    """Share of the topmost row of an image (of what was measured of it) that some cells fill."""
    columns = np.flatnonzero(valid.any(axis=0))
    top = valid[:, columns].argmax(axis=0)
    filled = np.count_nonzero(cells[np.minimum(top + 2, len(cells) - 1), columns])
    return float(filled / cells.shape[1])
