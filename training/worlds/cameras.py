# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Cameras: where they stand, how they look, and their exact pinhole intrinsics."""

from __future__ import annotations

from dataclasses import dataclass
import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ssr_ros.rgbd import CameraIntrinsics
from training.worlds.layout import Room
from training.worlds.opengl import load_mujoco
from training.worlds.physics import FAR_M

SIZES_PX = ((320, 240), (424, 240), (480, 270), (480, 360), (640, 360), (640, 480))
"""(width, height) of the images of sampled cameras."""

WALL_MARGIN_M = 0.15


@dataclass(frozen=True, eq=False)
class Camera:
    """A pinhole camera at a place in the world.

    Attributes:
        position_m: (3,) optical centre in the world.
        world_from_camera: (3, 3) rotation; its columns are the camera's x (right), y (down) and
            z (forward) axes in the world.
        intrinsics: calibration; fx equals fy, width and height are set.
    """

    position_m: NDArray[np.float64]
    world_from_camera: NDArray[np.float64]
    intrinsics: CameraIntrinsics

    @property
    def size_px(self) -> tuple[int, int]:
        """Return (width, height)."""
        return int(self.intrinsics.width or 0), int(self.intrinsics.height or 0)

    @property
    def gravity(self) -> NDArray[np.float64]:
        """Return the (3,) unit vector, in the camera frame, along which things fall."""
        down: NDArray[np.float64] = -self.world_from_camera[2]
        return down

    def to_camera(self, points_m: NDArray[np.float64]) -> NDArray[np.float64]:
        """Turn (..., 3) world points into camera points."""
        return (points_m - self.position_m) @ self.world_from_camera

    def project(self, points_m: NDArray[np.float64]) -> NDArray[np.float64]:
        """Project (..., 3) camera points to (..., 2) columns and rows."""
        k = self.intrinsics
        z = points_m[..., 2]
        return np.stack(
            [k.fx * points_m[..., 0] / z + k.cx, k.fy * points_m[..., 1] / z + k.cy], -1
        )


def look_at(
    position_m: NDArray[np.float64],
    target_m: NDArray[np.float64],
    intrinsics: CameraIntrinsics,
    roll: float = 0.0,
) -> Camera:
    """Return a camera that looks from one place at another, turned about its axis (radians)."""
    forward = np.asarray(target_m, float) - position_m
    forward /= np.linalg.norm(forward)
    right = np.cross(forward, [0.0, 0.0, 1.0])
    if np.linalg.norm(right) < 1e-6:
        right = np.array([1.0, 0.0, 0.0])
    right /= np.linalg.norm(right)
    down = np.cross(forward, right)
    c, s = math.cos(roll), math.sin(roll)
    rotation = np.stack([c * right + s * down, c * down - s * right, forward], 1)
    return Camera(np.asarray(position_m, float), rotation, intrinsics)


def draw_intrinsics(
    rng: np.random.Generator,
    size_px: tuple[int, int] | None = None,
    fov_deg: tuple[float, float] = (50, 78),
) -> CameraIntrinsics:
    """Draw a horizontal field of view and a principal point a little off the middle."""
    drawn_px = SIZES_PX[int(rng.integers(len(SIZES_PX)))]
    width, height = size_px or drawn_px
    fov = math.radians(rng.uniform(*fov_deg))
    focal = width / 2 / math.tan(fov / 2)
    off_x, off_y = rng.uniform(-0.02, 0.02, 2) * width
    return CameraIntrinsics(
        focal, focal, (width - 1) / 2 + off_x, (height - 1) / 2 + off_y, width, height
    )


def draw_camera(
    kind: str,
    room: Room,
    model: Any,
    data: Any,
    rng: np.random.Generator,
    size_px: tuple[int, int] | None = None,
) -> Camera:
    """Draw a camera that sees two to five objects or more, as the draw wants it.

    Where no such place is found in 60 tries, the place that sees the most objects is taken.
    """
    scene = Sight(model, data)
    best, most = None, -1
    wanted = min(int(rng.integers(2, 6)), len(scene.centers_m))
    for _ in range(60):
        camera = _draw_place(kind, room, scene, draw_intrinsics(rng, size_px), rng)
        if not scene.has_space(camera):
            continue
        seen = scene.count_seen(camera)
        if seen > most:
            best, most = camera, seen
        if seen >= wanted:
            break
    if best is None:
        middle = np.array([0.0, 0.0, 0.7 * room.size_m[2]])
        best = look_at(middle, np.array([1.0, 0.3, 0.5]), draw_intrinsics(rng, size_px))
    return best


def swing(start: Camera, model: Any, data: Any, count: int, sweep_m: float) -> list[Camera]:
    """Move a camera sideways and a little up and down, looking at one place all the way.

    It moves to the side that has more space, and at most half of the way to what stands there.
    """
    scene = Sight(model, data)
    right, forward = start.world_from_camera[:, 0], start.world_from_camera[:, 2]
    free = {side: scene.free_m(start.position_m, side * right) for side in (-1, 1)}
    side = max(free, key=lambda s: free[s])
    reach_m = min(sweep_m, 0.5 * free[side])
    target = start.position_m + scene.free_m(start.position_m, forward) * forward
    cameras = []
    for phase in np.linspace(0, math.pi, count):
        shift = side * reach_m * (1 - math.cos(phase)) / 2 * right
        shift = np.add(shift, (0, 0, 0.12 * reach_m * math.sin(phase)))
        cameras.append(look_at(start.position_m + shift, target, start.intrinsics))
    return cameras


def _draw_place(
    kind: str, room: Room, scene: Sight, intrinsics: CameraIntrinsics, rng: np.random.Generator
) -> Camera:
    roll = float(np.clip(rng.normal(0, 0.02), -0.06, 0.06))
    if kind == 'room' or room.focus is None:
        half = np.array(room.size_m[:2]) / 2 - WALL_MARGIN_M
        position = np.array([*(rng.uniform(-1, 1, 2) * half), rng.uniform(0.3, 1.7)])
        target = scene.draw_target(rng) + rng.normal(0, [0.25, 0.25, 0.15])
        return look_at(position, target, intrinsics, roll)
    surfaces = [surface for surface in room.surfaces if surface.owner == room.focus]
    surface = surfaces[int(rng.integers(len(surfaces)))]
    if kind == 'shelf':
        front = surface.yaw - math.pi / 2 + rng.uniform(-0.7, 0.7)
        target = np.add(surface.center_m, (0, 0, 0.12))
        distance, rise = rng.uniform(0.8, 2.4), rng.uniform(-0.15, 0.55)
        step = distance * np.array([math.cos(front), math.sin(front), rise])
    else:
        target = np.array([*surface.to_world(*(rng.uniform(-0.5, 0.5, 2) * surface.half_m)), 0.0])
        target[2] = surface.center_m[2] + 0.05
        heading, tilt = rng.uniform(-math.pi, math.pi), math.radians(rng.uniform(14, 62))
        flat = math.cos(tilt)
        step = rng.uniform(0.55, 1.9) * np.array(
            [flat * math.cos(heading), flat * math.sin(heading), math.sin(tilt)]
        )
    position = target + step
    position[2] = max(position[2], 0.25)
    return look_at(position, target + rng.normal(0, 0.05, 3), intrinsics, roll)


class Sight:
    """Line-of-sight questions to a settled world, answered by rays."""

    def __init__(self, model: Any, data: Any) -> None:
        self._mujoco, self._model, self._data = load_mujoco(), model, data
        self.bodies = np.flatnonzero(model.body_dofnum > 0)
        self._geom = np.zeros(1, np.int32)
        self.centers_m = data.xipos[self.bodies]

    def draw_target(self, rng: np.random.Generator) -> NDArray[np.float64]:
        """Draw the centre of one of the objects."""
        if len(self.centers_m) == 0:
            return np.array([0.0, 0.0, 0.5])
        number = int(rng.integers(len(self.centers_m)))
        center: NDArray[np.float64] = self.centers_m[number].copy()
        return center

    def has_space(self, camera: Camera) -> bool:
        """Tell whether the camera is inside the room and nothing stands right before it."""
        for direction in (*camera.world_from_camera.T, *-camera.world_from_camera.T):
            if self._hit(camera.position_m, direction)[0] < WALL_MARGIN_M:
                return False
        return self.free_m(camera.position_m, camera.world_from_camera[:, 2]) > 0.35

    def free_m(self, origin: NDArray[np.float64], direction: NDArray[np.float64]) -> float:
        """Return the distance to the next thing along a unit vector, metres."""
        distance = self._hit(origin, direction)[0]
        return distance if distance >= 0 else FAR_M

    def count_seen(self, camera: Camera) -> int:
        """Count the objects whose centre is in the picture and not hidden."""
        width, height = camera.size_px
        points = camera.to_camera(self.centers_m)
        seen = 0
        for body, point, center in zip(self.bodies, points, self.centers_m, strict=True):
            if point[2] < 0.3:
                continue
            column, row = camera.project(point)
            if 0 <= column < width and 0 <= row < height:
                seen += self._hit(camera.position_m, center - camera.position_m)[1] == body
        return seen

    def is_clear(self, camera: Camera, body: int, points_m: NDArray[np.float64]) -> bool:
        """Tell whether nothing stands before the middle of a body's points, or near their ends."""
        middle = points_m.mean(0)
        along = (points_m - middle) @ camera.world_from_camera
        ends = [
            points_m[pick(along[:, axis])] for axis in (0, 1) for pick in (np.argmin, np.argmax)
        ]
        for end in (middle, *ends):
            way = middle + 0.75 * (end - middle) - camera.position_m
            distance, hit = self._hit(camera.position_m, way)
            if 0 <= distance < 1 and hit != body:
                return False
        return True

    def _hit(
        self, origin: NDArray[np.float64], direction: NDArray[np.float64]
    ) -> tuple[float, int]:
        """Return (distance in lengths of the direction, body that is hit); (-1, -1) for none."""
        distance = self._mujoco.mj_ray(
            self._model, self._data, origin, direction, None, 1, -1, self._geom
        )
        geom = int(self._geom[0])
        return distance, int(self._model.geom_bodyid[geom]) if geom >= 0 else -1
