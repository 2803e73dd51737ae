# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Scenes made by hand: flat things facing a level camera, so that every number can be reckoned.

Places are (right, forward) of the middle, metres; the camera is the origin and the floor lies
half a metre below it. One pixel is a hundredth of the distance.
"""

from __future__ import annotations

import math

import numpy as np

from ssr_ros.rgbd import CameraIntrinsics, RgbdFrame
from ssr_ros.scene import Gravity, Margins, NoiseModel, SceneFacts, SceneObject, ScenePlane

WIDTH, HEIGHT, FOCAL = 200, 160, 100.0
FLOOR_M, WALL_M = -0.5, 4.0
MARGINS = Margins(
    center_m=(0.004, 0.004, 0.004),
    size_m=(0.005, 0.005, 0.005),
    distance_m=0.003,
    median_distance_m=0.003,
    bearing_deg=0.5,
)
LEVEL = Gravity(np.array([0.0, 1.0, 0.0]), 'given')


def flat(color, place, size, foot=FLOOR_M, number=1, **changes):
    """Make a thing of size (width, depth, height) whose front stands at a place."""
    right, forward = place
    width, deep, height = size
    low = np.array([right - width / 2, forward, foot])
    high = np.array([right + width / 2, forward + deep, foot + height])
    columns = WIDTH / 2 - 0.5 + FOCAL * np.array([low[0], high[0]]) / forward
    rows = HEIGHT / 2 - 0.5 - FOCAL * np.array([high[2], low[2]]) / forward
    x0, x1 = (int(v) for v in np.clip(np.rint(columns) + np.arange(2), 0, WIDTH))
    y0, y1 = (int(v) for v in np.clip(np.rint(rows) + np.arange(2), 0, HEIGHT))
    mask = np.zeros((HEIGHT, WIDTH), np.bool_)
    mask[y0:y1, x0:x1] = True
    fields = {
        'name': f'{color} object {number}',
        'box_px': (x0, y0, x1, y1),
        'mask': mask,
        'center_m': np.array([right, -(foot + height / 2), forward]),
        'size_m': np.array(size),
        'low_m': low,
        'high_m': high,
        'points_m': np.zeros((1, 3), np.float32),
        'distance_m': forward,
        'median_distance_m': forward + 0.01,
        'depth_m': forward,
        'bearing_deg': math.degrees(math.atan2(right, forward)),
        'color': color,
        'color_share': 0.95,
        'valid_ratio': 1.0,
        'touches_edge': False,
        'support': 0 if foot == FLOOR_M else None,
        'top': None,
        'margins': MARGINS,
    }
    return SceneObject(**{**fields, **changes})


def surface(name, role, height, distance, rows=(92, 160), normal=(0.0, -1.0, 0.0)):
    """Make a plane; level ones have a height over the camera, others NaN."""
    mask = np.zeros((HEIGHT, WIDTH), np.bool_)
    mask[slice(*rows)] = True
    return ScenePlane(
        name=name,
        role=role,
        normal=np.array(normal),
        offset_m=distance if math.isnan(height) else abs(height),
        sigma_m=0.002,
        distance_m=distance,
        height_m=height,
        center_m=np.zeros(3),
        tilt_deg=0.0,
        rms_m=0.001,
        box_px=(0, rows[0], WIDTH, rows[1]),
        mask=mask,
    )


FLOOR = surface('floor', 'support', FLOOR_M, 0.8)
WALL = surface('wall', 'wall', math.nan, WALL_M, (0, 92), (0.0, 0.0, -1.0))


def scene(*things, planes=(FLOOR, WALL)):
    """Put things on the floor before a wall, from near to far."""
    things = sorted(things, key=lambda thing: thing.distance_m)
    below = np.maximum(np.arange(HEIGHT) - (HEIGHT / 2 - 0.5), 1e-3)
    depth = np.repeat(np.minimum(WALL_M, -FLOOR_M * FOCAL / below)[:, None], WIDTH, axis=1)
    for thing in reversed(things):
        depth[thing.mask] = thing.depth_m
    rgb = np.full((HEIGHT, WIDTH, 3), 120, np.uint8)
    camera = CameraIntrinsics(FOCAL, FOCAL, WIDTH / 2 - 0.5, HEIGHT / 2 - 0.5)
    return SceneFacts(
        frame=RgbdFrame(rgb, depth.astype(np.float32), camera),
        noise=NoiseModel.named('none'),
        gravity=LEVEL,
        planes=planes,
        objects=tuple(things),
    )


def room():
    """Return six things: a yellow one on the blue one, two white ones of which one is cut off."""
    return scene(
        flat('red', (-0.4, 1.0), (0.2, 0.1, 0.3)),
        flat('blue', (0.1, 1.5), (0.4, 0.2, 0.2)),
        flat('yellow', (0.1, 1.6), (0.1, 0.08, 0.1), foot=-0.3),
        flat('green', (0.7, 2.0), (0.1, 0.3, 0.6)),
        flat('white', (-1.9, 2.0), (0.24, 0.1, 0.25), touches_edge=True),
        flat('white', (1.5, 2.5), (0.3, 0.1, 0.25), number=2),
    )


def whole():
    """Return the same things without the one that is cut off: how large they are is seen."""
    return scene(*(thing for thing in room().objects if not thing.touches_edge))


def alike():
    """Return two things that differ by less than their margins in all but their place."""
    return scene(
        flat('red', (-0.3, 1.2), (0.2, 0.1, 0.2)),
        flat('blue', (0.3, 1.204), (0.203, 0.103, 0.204)),
    )


def furnished():
    """Return a table with a cup on it, on a floor between two walls and below a ceiling."""
    planes = (
        FLOOR,
        surface('table', 'top', -0.1, 1.1, (85, 100)),
        surface('wall 1', 'wall', math.nan, 4.0, (0, 60), (0.0, 0.0, -1.0)),
        surface('wall 2', 'wall', math.nan, 3.0, (60, 85), (1.0, 0.0, 0.0)),
        surface('ceiling', 'ceiling', 1.5, 2.5, (0, 20), (0.0, 1.0, 0.0)),
    )
    return scene(
        flat('brown', (0.0, 1.5), (1.2, 0.8, 0.4), top=1),
        flat('red', (0.2, 1.4), (0.1, 0.1, 0.12), foot=-0.1, support=1),
        flat('green', (1.2, 1.8), (0.1, 0.1, 0.3)),
        planes=planes,
    )


SCENES = {'room': room(), 'whole': whole(), 'alike': alike(), 'furnished': furnished()}
