# Copyright 2026 The ssr_ros authors
#
# Licensed under the Apache License, Version 2.0 (the "License");
# you may not use this file except in compliance with the License.
# You may obtain a copy of the License at
#
#     http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS,
# WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.
# See the License for the specific language governing permissions and
# limitations under the License.

"""Cameras that look at a display from about the place that it is set out for."""

from __future__ import annotations

from collections.abc import Sequence
import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

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
_TRIES = 40
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

    Where no place of 40 is all that is wanted, the best of them is taken.
    """
    sight = Sight(model, data)
    objects = [np.concatenate(o.parts_m) for o in outlines if o.role == 'object']
    wanted = min(int(rng.integers(3, 6)), len(objects))
    best, most = None, -math.inf
    for _ in range(_TRIES):
        camera = _draw_place(room, objects, draw_intrinsics(rng, size_px, _FOV_DEG), rng)
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
            np.array(room.stand_m), _middle(np.array(room.stand_m), objects), intrinsics
        )
    return best


def _draw_place(
    room: Room, objects: list[NDArray[np.float64]], intrinsics: Any, rng: np.random.Generator
) -> Camera:
    position = np.array(room.stand_m) + rng.normal(0, [0.25, 0.25, 0.08])
    position[2] = np.clip(position[2], *HEIGHT_M)
    target = _middle(position, objects) + rng.normal(0, [0.08, 0.08, 0.05])
    return look_at(position, target, intrinsics, float(np.clip(rng.normal(0, 0.02), -0.06, 0.06)))


def _middle(
    position_m: NDArray[np.float64], objects: list[NDArray[np.float64]]
) -> NDArray[np.float64]:
    """Return the point, a metre away, in the middle of the directions of all objects."""
    ways = np.array([points.mean(0) for points in objects]) - position_m
    ways /= np.linalg.norm(ways, axis=1, keepdims=True)
    return position_m + (ways.min(0) + ways.max(0)) / 2


def _judge(
    camera: Camera, objects: list[NDArray[np.float64]], wanted: int, sight: Sight
) -> tuple[float, bool]:
    """Return (how good a view is, whether it is as good as wanted)."""
    distances_m: list[float] = []
    hidden = 0
    for body, points_m in zip(sight.bodies, objects, strict=True):
        seen = camera.to_camera(points_m)
        distance_m = float(np.linalg.norm(seen, axis=1).min())
        if seen[:, 2].min() < 0.1 or not _meets_picture(camera, seen):
            continue
        if not sight.is_clear(camera, int(body), points_m):
            hidden += 1
        elif _is_large_and_whole(camera, seen):
            distances_m.append(distance_m)
    if not distances_m:
        return -hidden, False
    near_m, far_m = min(distances_m), max(distances_m)
    in_range = DISTANCE_M[0] <= near_m and far_m <= DISTANCE_M[1]
    spread = far_m >= SPREAD * near_m
    worth = min(len(distances_m), 5) - 0.5 * hidden + spread + in_range
    return worth, bool(spread and in_range and wanted <= len(distances_m) <= 5 and not hidden)


def _meets_picture(camera: Camera, seen_m: NDArray[np.float64]) -> bool:
    low, high = _box_px(camera, seen_m)
    return bool((high > 0).all() and (low < np.array(camera.size_px)).all())


def _is_large_and_whole(camera: Camera, seen_m: NDArray[np.float64]) -> bool:
    low, high = _box_px(camera, seen_m)
    size = np.array(camera.size_px)
    inside = (low > _MARGIN * size).all() and (high < (1 - _MARGIN) * size).all()
    return bool(inside and ((high - low) >= LEAST_PART * size).any())


def _box_px(
    camera: Camera, seen_m: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    pixels = camera.project(seen_m)
    return pixels.min(0), pixels.max(0)
