# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Scenes of boxes and balls on a floor, ray-cast with numpy: exact depth, exact truth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
import math

import numpy as np
from numpy.typing import NDArray

from ssr_ros.rgbd import CameraIntrinsics, RgbdFrame

COLORS = {
    'red': (200, 30, 30),
    'green': (40, 160, 60),
    'blue': (40, 80, 200),
    'yellow': (235, 215, 50),
    'white': (240, 240, 240),
    'black': (25, 25, 25),
    'orange': (240, 140, 30),
    'purple': (130, 40, 150),
    'gray': (128, 128, 128),
    'brown': (120, 80, 50),
}


@dataclass(frozen=True)
class Box:
    """A box. Right, forward, up in metres; the origin is on the floor, below the camera.

    Attributes:
        color: a key of COLORS.
        middle: (right, forward) of its middle.
        size: (width, depth, height).
        foot: height of its underside.
    """

    color: str
    middle: tuple[float, float]
    size: tuple[float, float, float]
    foot: float = 0.0


@dataclass(frozen=True)
class Ball:
    """A ball on the floor."""

    color: str
    middle: tuple[float, float]
    radius: float
    foot: float = 0.0


@dataclass(frozen=True)
class Rendered:
    """A frame and which thing each pixel shows: 0 background, k the k-th thing."""

    frame: RgbdFrame
    ids: NDArray[np.int32]
    down: NDArray[np.float64]


def render(
    things: Sequence[Box | Ball],
    height_m: float = 0.7,
    tilt_deg: float = 30.0,
    wall_m: float | None = 3.0,
    size: tuple[int, int] = (320, 240),
    noise: float = 0.0,
    seed: int = 0,
) -> Rendered:
    """Ray-cast things on a level floor, with a wall behind.

    Args:
        things: what stands there.
        height_m: height of the camera over the floor.
        tilt_deg: how far the camera looks down.
        wall_m: how far ahead the wall is; None for no wall.
        size: (width, height) in pixels.
        noise: standard deviation of depth in metres at 1 m; it grows with the square of depth.
        seed: of the noise.
    """
    width, height = size
    focal = 0.85 * width
    camera = CameraIntrinsics(focal, focal, (width - 1) / 2, (height - 1) / 2)
    tilt = math.radians(tilt_deg)
    right = np.array([1.0, 0.0, 0.0])
    forward = np.array([0.0, -math.sin(tilt), math.cos(tilt)])
    up = np.array([0.0, -math.cos(tilt), -math.sin(tilt)])
    axes = np.stack([right, forward, up])
    rays = camera.back_project(np.ones((height, width), np.float32)).astype(np.float64) @ axes.T
    depth = np.full((height, width), np.inf)
    ids = np.zeros((height, width), np.int32)
    rgb = np.zeros((height, width, 3), np.uint8)
    origin = np.array([0.0, 0.0, height_m])
    with np.errstate(divide='ignore', invalid='ignore'):
        _paint(depth, ids, rgb, _plane(rays, -height_m, 2), 0, (150, 130, 105))
        if wall_m is not None:
            _paint(depth, ids, rgb, _plane(rays, wall_m, 1), 0, (190, 195, 185))
        for number, thing in enumerate(things, 1):
            hit = (
                _box(rays, origin, thing) if isinstance(thing, Box) else _ball(rays, origin, thing)
            )
            _paint(depth, ids, rgb, hit, number, COLORS[thing.color])
    depth[~np.isfinite(depth)] = np.nan
    if noise:
        rng = np.random.default_rng(seed)
        depth = depth + rng.normal(0, noise, depth.shape) * depth**2
    return Rendered(RgbdFrame(rgb, depth.astype(np.float32), camera), ids, -up)


def _paint(depth, ids, rgb, hit, number, color):
    nearer = (hit > 0) & (hit < depth)
    depth[nearer] = hit[nearer]
    ids[nearer] = number
    rgb[nearer] = color


def _plane(rays, offset, axis):
    hit = offset / rays[..., axis]
    return np.where(hit > 0, hit, np.inf)


def _box(rays, origin, box):
    half = np.array(box.size) / 2
    middle = np.array([*box.middle, box.foot + half[2]]) - origin
    near, far = (middle - half) / rays, (middle + half) / rays
    enter = np.minimum(near, far).max(axis=-1)
    leave = np.maximum(near, far).min(axis=-1)
    return np.where((enter < leave) & (enter > 0), enter, np.inf)


def _ball(rays, origin, ball):
    middle = np.array([*ball.middle, ball.foot + ball.radius]) - origin
    a = (rays * rays).sum(axis=-1)
    b = rays @ middle
    root = b * b - a * (middle @ middle - ball.radius**2)
    return np.where(root > 0, (b - np.sqrt(np.maximum(root, 0))) / a, np.inf)
