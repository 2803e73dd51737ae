# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What hangs on the walls and lies on the floor: it is looked at, and nothing stands on it.

All of it is flatter than the gap that furniture keeps from the walls.
"""

from __future__ import annotations

import math

import numpy as np

from training.worlds.shapes import Part

RUG_HEIGHT_M = 0.001

_WINDOW, _PICTURE = 'window', 'picture'


def decorate(
    size_m: tuple[float, float, float], rng: np.random.Generator
) -> tuple[tuple[Part, ...], tuple[Part, ...]]:
    """Draw baseboards, windows, pictures and perhaps a rug for a room of a size.

    Returns:
        (what is on the walls, what lies on the floor), in the world.
    """
    walls: list[Part] = []
    for wall in range(4):
        length = size_m[0] if wall % 2 == 0 else size_m[1]
        reach = size_m[1 if wall % 2 == 0 else 0] / 2
        walls.append(_on_wall(wall, reach, 0.0, 0.05, length, 0.1, 0.012, 'trim'))
        what = rng.choice([_WINDOW, _PICTURE, ''], p=[0.4, 0.35, 0.25])
        if what == _WINDOW:
            walls += _window(wall, reach, length, rng)
        elif what == _PICTURE:
            walls += _picture(wall, reach, length, rng)
    return tuple(walls), _rug(size_m, rng) if rng.random() < 0.4 else ()


def _on_wall(
    wall: int,
    reach: float,
    along: float,
    height: float,
    width: float,
    tall: float,
    thick: float,
    material: str,
) -> Part:
    """Place a flat box on a wall: 0 at +y, then counter-clockwise as furniture is turned."""
    yaw = wall * math.pi / 2
    c, s = math.cos(yaw), math.sin(yaw)
    x, y = along, reach - thick / 2
    return Part(
        'box',
        (width / 2, thick / 2, tall / 2),
        (c * x - s * y, s * x + c * y, height),
        (math.cos(yaw / 2), 0.0, 0.0, math.sin(yaw / 2)),
        material=material,
        solid=False,
    )


def _window(wall: int, reach: float, length: float, rng: np.random.Generator) -> list[Part]:
    width, tall = rng.uniform(0.9, 1.6), rng.uniform(0.9, 1.2)
    along = rng.uniform(-1, 1) * (length / 2 - width / 2 - 0.3)
    height, bar = 0.95 + tall / 2, 0.06
    parts = [
        _on_wall(wall, reach, along, height, width, tall, 0.02, 'glass'),
        _on_wall(wall, reach, along, height - tall / 2, width + 0.16, 0.05, 0.035, 'trim'),
        _on_wall(wall, reach, along, height + tall / 2, width, bar, 0.03, 'trim'),
    ]
    for x in (-width / 2, 0.0, width / 2):
        parts.append(_on_wall(wall, reach, along + x, height, bar, tall + bar, 0.03, 'trim'))
    return parts


def _picture(wall: int, reach: float, length: float, rng: np.random.Generator) -> list[Part]:
    width, tall = rng.uniform(0.35, 1.0), rng.uniform(0.35, 0.7)
    along = rng.uniform(-1, 1) * (length / 2 - width / 2 - 0.2)
    height, rim = rng.uniform(1.3, 1.6), 0.05
    frame = str(rng.choice(['dark', 'wood', 'trim']))
    return [
        _on_wall(wall, reach, along, height, width + rim, tall + rim, 0.02, frame),
        _on_wall(wall, reach, along, height, width, tall, 0.025, 'picture'),
    ]


def _rug(size_m: tuple[float, float, float], rng: np.random.Generator) -> tuple[Part, ...]:
    half = rng.uniform(0.15, 0.35) * size_m[0], rng.uniform(0.15, 0.35) * size_m[1]
    x, y = rng.uniform(-0.1, 0.1, 2) * size_m[:2]
    low = -0.01
    thick = (RUG_HEIGHT_M - low) / 2
    return (Part('box', (*half, thick), (x, y, low + thick), material='rug', solid=False),)
