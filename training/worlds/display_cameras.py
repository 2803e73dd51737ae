# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Cameras that look at a display from about the place that it is set out for."""

from __future__ import annotations

from collections.abc import Sequence
import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ssr_ros.rgbd import CameraIntrinsics
from training.worlds.cameras import Camera, draw_intrinsics, look_at, Sight
from training.worlds.describe import Outline
from training.worlds.layout import Room

DISTANCE_M = (0.5, 3.0)
SPREAD = 1.6
"""The farthest object should be this many times as far as the nearest."""

HEIGHT_M = (0.4, 1.7)
LEAST_PART = 0.1
"""Part of the width or of the height of the picture that an object should take."""

_FOV_DEG = (52, 66)
_TRIES = 30
_MARGIN = 0.02


def draw_display_camera(
    room: Room,
    outlines: Sequence[Outline],
    model: Any,
    data: Any,
    rng: np.random.Generator,
    size_px: tuple[int, int] | None = None,
) -> Camera:
    """Draw a camera that sees three to five objects whole, large and at different distances.

    Where no place of many is all that is wanted, the best of them is taken.
    """
    sight = Sight(model, data)
    objects = [_some(np.concatenate(o.parts_m)) for o in outlines if o.role == 'object']
    centers_m = np.array([points.mean(0) for points in objects])
    wanted = min(int(rng.integers(3, 6)), len(objects))
    best, most = None, -math.inf
    for _ in range(_TRIES):
        camera = _draw_place(room, centers_m, draw_intrinsics(rng, size_px, _FOV_DEG), rng)
        if not sight.has_space(camera):
            continue
        worth, enough = _judge(camera, objects, wanted, sight)
        if worth > most:
            best, most = camera, worth
        if enough:
            break
    if best is None:
        intrinsics = draw_intrinsics(rng, size_px, _FOV_DEG)
        best = look_at(
            np.array(room.stand_m), _middle(np.array(room.stand_m), centers_m), intrinsics
        )
    return best


def _some(points_m: NDArray[np.float64]) -> NDArray[np.float64]:
    """Leave out points where there are many; the margin of the picture makes up for them."""
    return points_m[:: max(len(points_m) // 150, 1)]


def _draw_place(
    room: Room,
    centers_m: NDArray[np.float64],
    intrinsics: CameraIntrinsics,
    rng: np.random.Generator,
) -> Camera:
    position = np.array(room.stand_m) + rng.normal(0, [0.25, 0.25, 0.08])
    position[2] = np.clip(position[2], *HEIGHT_M)
    target = _middle(position, centers_m) + rng.normal(0, [0.08, 0.08, 0.05])
    return look_at(position, target, intrinsics, float(np.clip(rng.normal(0, 0.02), -0.06, 0.06)))


def _middle(
    position_m: NDArray[np.float64], centers_m: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the point, about a metre away, in the middle of the directions of all objects."""
    ways = centers_m - position_m
    ways /= np.linalg.norm(ways, axis=1, keepdims=True)
    middle: NDArray[np.float64] = position_m + (ways.min(0) + ways.max(0)) / 2
    return middle


def _judge(
    camera: Camera, objects: list[NDArray[np.float64]], wanted: int, sight: Sight
) -> tuple[float, bool]:
    """Return (how good a view is, whether it is as good as wanted)."""
    distances_m: list[float] = []
    hidden = 0
    size_px = np.array(camera.size_px)
    for body, points_m in zip(sight.bodies, objects, strict=True):
        seen_m = camera.to_camera(points_m)
        if seen_m[:, 2].min() < 0.1:
            continue
        pixels = camera.project(seen_m).T
        low, high = pixels.min(1) / size_px, pixels.max(1) / size_px
        if (high < 0).any() or (low > 1).any():
            continue
        if not sight.is_clear(camera, int(body), points_m):
            hidden += 1
        elif low.min() > _MARGIN and high.max() < 1 - _MARGIN and (high - low).max() > LEAST_PART:
            distances_m.append(math.sqrt((seen_m * seen_m).sum(1).min()))
    if not distances_m:
        return -hidden, False
    near_m, far_m = min(distances_m), max(distances_m)
    in_range = DISTANCE_M[0] <= near_m and far_m <= DISTANCE_M[1]
    spread = far_m >= SPREAD * near_m
    worth = min(len(distances_m), 5) - 0.5 * hidden + spread + in_range
    return worth, bool(spread and in_range and wanted <= len(distances_m) <= 5 and not hidden)
