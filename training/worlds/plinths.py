# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Plinths: slender pieces of furniture, each made for the object that it carries."""

from __future__ import annotations

from dataclasses import dataclass
import math

import numpy as np
from numpy.typing import NDArray

from training.worlds.layout import Footprint, Placed, PlacedSurface
from training.worlds.shapes import Part, turn, UPRIGHT

RIM_M = 0.012
"""How far the top reaches beyond its object."""

_MATERIALS = ('wood', 'panel', 'metal', 'dark', 'stone', 'appliance', 'fabric', 'trim')
_ALIKE = {
    'black': ('dark',),
    'gray': ('metal', 'stone'),
    'brown': ('wood', 'panel'),
    'white': ('trim', 'appliance', 'panel'),
}
"""Colour of an object -> materials from which it would hardly stand out."""


@dataclass(frozen=True, eq=False)
class Plinth:
    """A plinth as furniture, the floor that it takes, and its top."""

    thing: Placed
    footprint: Footprint
    top: PlacedSurface


def build_plinth(
    name: str,
    color: str,
    half_m: NDArray[np.float64],
    top_m: tuple[float, float, float],
    rng: np.random.Generator,
) -> Plinth:
    """Make a plinth, round or square, just wide enough for its object.

    Args:
        name: its name in the world.
        color: colour of the object.
        half_m: (2,) half extents of the object along the axes of the plinth.
        top_m: the middle of its top, in the world.
        rng: where the rest is drawn from.
    """
    x, y, height = top_m
    kind, half = 'box', half_m + RIM_M
    if rng.random() < 0.4:
        kind, half = 'cylinder', np.full(2, math.hypot(*half_m) + RIM_M)
    parts = tuple(
        _storey(kind, half * share, bottom, top, material)
        for share, bottom, top, material in _storeys(height, color, rng)
    )
    yaw = rng.uniform(-math.pi, math.pi)
    sides = (float(half[0]), float(half[1]))
    return Plinth(
        Placed(name, 'furniture', '', 'plinth', parts, (x, y, 0), turn(UPRIGHT, yaw), ''),
        Footprint(x, y, sides, yaw),
        PlacedSurface('top', name, (x, y, height), sides, yaw, 1.0),
    )


def _storeys(
    height: float, color: str, rng: np.random.Generator
) -> list[tuple[float, float, float, str]]:
    """Draw (share of the full width, bottom, top, material): one block, or a slab on a shaft."""
    materials = [name for name in _MATERIALS if name not in _ALIKE.get(color, ())]
    body, slab = (str(material) for material in rng.choice(materials, 2))
    if rng.random() < 0.5:
        return [(1.0, 0.0, height, body)]
    neck = height - rng.uniform(0.02, 0.05)
    return [(rng.uniform(0.6, 0.85), 0.0, neck, body), (1.0, neck, height, slab)]


def _storey(
    kind: str, half_m: NDArray[np.float64], bottom: float, top: float, material: str
) -> Part:
    tall = (top - bottom) / 2
    across = half_m if kind == 'box' else half_m[:1]
    size = (*(float(side) for side in across), tall)
    return Part(kind, size, (0.0, 0.0, bottom + tall), material=material)
