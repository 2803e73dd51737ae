# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Free space: how far ahead, through which gap, and where something could be put down."""

from __future__ import annotations

from dataclasses import dataclass
import math

import cv2
import numpy as np

from ssr_ros.scene.geometry.grid import make_grid, usable
from ssr_ros.scene.geometry.objects import SceneObject, ScenePlane
from ssr_ros.scene.geometry.survey import Survey
from ssr_ros.scene.questions.quantity import Quantity
from ssr_ros.scene.questions.relations import gap

SECTORS = (('left', -90.0, -12.0), ('ahead', -12.0, 12.0), ('right', 12.0, 90.0))
LEAST_READINGS = 12
MAP_CELLS = 160


@dataclass(frozen=True)
class FreeSector:
    """Free distance in one sector.

    Attributes:
        name: 'left', 'ahead' or 'right'.
        free: horizontal distance to the nearest thing that is not floor.
        blocked: whether something was seen; otherwise ``free`` is how far the sight goes.
    """

    name: str
    free: Quantity
    blocked: bool


def floor(facts: Survey) -> ScenePlane | None:
    """The lowest support, or None."""
    supports = [p for p in facts.planes if p.role == 'support']
    return min(supports, key=lambda p: p.height_m) if supports else None


def free_sectors(facts: Survey, half_width_m: float | None = None) -> tuple[FreeSector, ...]:
    """Measure the free distance to the left, ahead and to the right, above the floor.

    Args:
        facts: of the frame.
        half_width_m: half the width of what is to move: 'ahead' is then a lane of that width
            instead of a sector of 24 degrees.
    """
    grid = make_grid(usable(facts.frame.depth_m), facts.frame.intrinsics, facts.noise)
    level = grid.points_m[grid.valid] @ facts.gravity.axes.T.astype(np.float32)
    sigma = grid.sigma_m[grid.valid]
    ground = floor(facts)
    standing = np.ones(len(level), np.bool_)
    if ground is not None:
        margin = 4 * sigma + 0.015 * level[:, 1]
        standing = level[:, 2] > ground.height_m + margin
    bearing = np.degrees(np.arctan2(level[:, 0], level[:, 1]))
    far = np.hypot(level[:, 0], level[:, 1])
    found = []
    for name, low, high in SECTORS:
        inside = (bearing >= low) & (bearing < high)
        if name == 'ahead' and half_width_m is not None:
            inside = np.abs(level[:, 0]) < half_width_m
        if np.count_nonzero(inside) < LEAST_READINGS:
            continue
        found.append(_free_in(name, far[inside], standing[inside], facts))
    return tuple(found)


def _free_in(
    name: str, far: np.ndarray[tuple[int], np.dtype[np.float32]],
    standing: np.ndarray[tuple[int], np.dtype[np.bool_]], facts: Survey,
) -> FreeSector:  # fmt: skip
    blocked = bool(np.count_nonzero(standing) >= LEAST_READINGS)
    if blocked:
        value = float(np.partition(far[standing], LEAST_READINGS - 1)[LEAST_READINGS - 1])
    else:
        value = float(np.percentile(far, 98))
    return FreeSector(
        name, Quantity(value, facts.noise.sigma_at(value) / 2 + 0.002 * value, 'm'), blocked
    )


def between(
    facts: Survey, a: SceneObject, b: SceneObject
) -> tuple[Quantity, tuple[SceneObject, ...]]:
    """Width of the passage between two objects on the ground, and what stands in it."""
    width = gap(facts, a, b, horizontal=True)
    low = np.minimum(a.low_m[:2], b.low_m[:2])
    high = np.maximum(a.high_m[:2], b.high_m[:2])
    inner_low = min(a.high_m[0], b.high_m[0])
    inner_high = max(a.low_m[0], b.low_m[0])
    blocking = []
    for other in facts.objects:
        if other is a or other is b:
            continue
        middle = (other.low_m[:2] + other.high_m[:2]) / 2
        if inner_low < middle[0] < inner_high and low[1] <= middle[1] <= high[1]:
            blocking.append(other)
    return width, tuple(blocking)


@dataclass(frozen=True)
class Place:
    """The largest free disc on a support.

    Attributes:
        plane: name of the support.
        diameter: of the disc.
        center_m: its centre, camera frame, metres.
        bearing_deg: horizontal angle to it.
        distance_m: from the camera to it.
    """

    plane: str
    diameter: Quantity
    center_m: tuple[float, float, float]
    bearing_deg: float
    distance_m: float


def vacant_place(facts: Survey, plane: ScenePlane) -> Place | None:
    """Find the largest disc of a support that is seen to be empty.

    What is hidden behind something counts as taken.
    """
    axes = facts.gravity.axes
    rows, columns = np.nonzero(plane.mask[::2, ::2] & facts.frame.valid[::2, ::2])
    if len(rows) < LEAST_READINGS:
        return None
    camera = facts.frame.intrinsics
    z = facts.frame.depth_m[2 * rows, 2 * columns]
    x, y = (2 * columns - camera.cx) / camera.fx * z, (2 * rows - camera.cy) / camera.fy * z
    level = np.column_stack([x, y, z]) @ axes[:2].T
    low, high = np.percentile(level, (0.5, 99.5), axis=0)
    cell = float(max(high - low)) / MAP_CELLS
    if cell <= 0:
        return None
    at = ((level - low) / cell).astype(np.int64)
    inside = ((at >= 0) & (at < MAP_CELLS)).all(axis=1)
    seen = np.zeros((MAP_CELLS, MAP_CELLS), np.uint8)
    seen[at[inside, 1], at[inside, 0]] = 1
    seen = cv2.morphologyEx(seen, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
    radius = cv2.distanceTransform(np.pad(seen, 1), cv2.DIST_L2, 5)[1:-1, 1:-1]
    row, column = np.unravel_index(int(np.argmax(radius)), radius.shape)
    if radius[row, column] < 2:
        return None
    right, forward = low + (np.array([column, row]) + 0.5) * cell
    center = axes.T @ np.array([right, forward, plane.height_m])
    return Place(
        plane.name,
        Quantity(2 * float(radius[row, column] - 0.5) * cell, cell + plane.sigma_m, 'm'),
        (float(center[0]), float(center[1]), float(center[2])),
        math.degrees(math.atan2(right, forward)),
        float(np.linalg.norm(center)),
    )
