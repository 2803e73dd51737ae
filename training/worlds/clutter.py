# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Objects: what they are, how large, and where they are put down before physics settles them.

Sizes are drawn without regard to the place, over a range of six to one, so that neither the kind
of an object nor its size says how far away it is.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
import math

import numpy as np
from numpy.typing import NDArray

from training.worlds.layout import Placed, PlacedSurface, Room
from training.worlds.materials import Material
from training.worlds.palette import combinations, draw_shade
from training.worlds.shapes import build_solid, rotation, Solid, turn
from training.worlds.textures import draw_texture, SURFACES

LENGTH_M = {'room': (0.07, 0.42), 'tabletop': (0.05, 0.30), 'shelf': (0.05, 0.30)}
"""Kind -> range of the longest side, drawn uniformly in its logarithm."""

COUNT = {'room': (7, 17), 'tabletop': (3, 11), 'shelf': (5, 15)}
"""Kind -> least and (excluded) most objects asked for; those that find no place are left out."""

_DROP_M = 0.004
_OBJECT_TEXTURES = 4


@dataclass(frozen=True)
class _Spot:
    """The upright cylinder that a placed object takes."""

    x: float
    y: float
    z: float
    radius: float
    top: float
    stackable: bool


def place_objects(
    room: Room, kind: str, split: str, rng: np.random.Generator
) -> tuple[tuple[Placed, ...], dict[str, Material]]:
    """Draw objects and put them just above the surfaces of a room.

    Returns:
        (objects, the materials that they use).
    """
    pairs = combinations(split)
    textures = draw_textures(rng)
    surfaces = [s for s in room.surfaces if room.focus is None or s.owner == room.focus]
    taken: list[_Spot] = []
    objects: list[Placed] = []
    materials: dict[str, Material] = {}
    crowd = rng.uniform(0.25, 1.0)
    for _ in range(int(rng.integers(*COUNT[kind]))):
        color, shape = pairs[int(rng.integers(len(pairs)))]
        surface = surfaces[_draw_surface(surfaces, rng)]
        length_m = draw_length(LENGTH_M[kind], rng)
        solid = build_solid(shape, length_m, rng)
        quat = turn(
            solid.poses[int(rng.integers(len(solid.poses)))], rng.uniform(-math.pi, math.pi)
        )
        spot = _find_spot(solid, quat, surface, room, taken, crowd, rng)
        if spot is None:
            continue
        taken.append(spot)
        name = unique_name(f'{color} {shape}', objects)
        materials[name] = draw_material(color, textures, rng)
        objects.append(put_down(name, color, shape, solid, quat, (spot.x, spot.y, spot.z)))
    return tuple(objects), materials


def draw_textures(rng: np.random.Generator) -> list[NDArray[np.uint8]]:
    """Draw the textures that the objects of a world share."""
    return [draw_texture(str(name), rng) for name in rng.permutation(SURFACES)]


def draw_material(
    color: str, textures: list[NDArray[np.uint8]], rng: np.random.Generator
) -> Material:
    """Draw how an object of a named colour looks."""
    return Material(
        draw_shade(color, rng),
        textures[int(rng.integers(_OBJECT_TEXTURES))],
        color,
        shine=float(rng.choice([0.0, 0.2, 0.5])),
    )


def put_down(
    name: str,
    color: str,
    shape: str,
    solid: Solid,
    quat: tuple[float, float, float, float],
    point_m: tuple[float, float, float],
) -> Placed:
    """Place an object just above a point of a surface, from where it falls."""
    x, y, z = point_m
    position_m = (x, y, z - _low(solid, quat) + _DROP_M)
    return Placed(name, 'object', color, shape, solid.parts, position_m, quat, name)


def draw_length(bounds_m: tuple[float, float], rng: np.random.Generator) -> float:
    """Draw a longest side, uniform in its logarithm."""
    return float(np.exp(rng.uniform(*np.log(bounds_m))))


def _draw_surface(surfaces: list[PlacedSurface], rng: np.random.Generator) -> int:
    """Prefer large ones, though not in proportion, and the floor above all, where it counts."""
    weight = np.array([math.sqrt(s.half_m[0] * s.half_m[1]) for s in surfaces])
    on_floor = np.array([s.owner == 'floor' for s in surfaces])
    if on_floor.any() and not on_floor.all():
        weight[on_floor] = 1.8 * weight[~on_floor].sum()
    return int(rng.choice(len(surfaces), p=weight / weight.sum()))


def unique_name(name: str, objects: list[Placed]) -> str:
    """Number the second and further objects of one colour and shape."""
    count = sum(f'{o.color} {o.shape}' == name for o in objects)
    return name if count == 0 else f'{name} {count + 1}'


def _low(solid: Solid, quat: tuple[float, ...]) -> float:
    return float((solid.points_m() @ rotation(quat)[2]).min())


def _find_spot(
    solid: Solid,
    quat: tuple[float, ...],
    surface: PlacedSurface,
    room: Room,
    taken: list[_Spot],
    crowd: float,
    rng: np.random.Generator,
) -> _Spot | None:
    """Find a free place on the surface, or now and then on top of another box."""
    points = solid.points_m() @ rotation(quat).T
    radius = float(np.hypot(points[:, 0], points[:, 1]).max())
    height = float(np.ptp(points[:, 2]))
    flat = len(solid.parts) == 1 and solid.parts[0].kind == 'box'
    if height > surface.clearance_m - 0.03 or radius > 1.2 * min(surface.half_m):
        return None
    if rng.random() < 0.15:
        base = _find_base(taken, radius, height, surface, room)
        if base is not None:
            taken[taken.index(base)] = replace(base, stackable=False)
            return _Spot(base.x, base.y, base.top, radius, base.top + height, False)
    reach = [max(half - 0.6 * radius, 0.0) for half in surface.half_m]
    if surface.owner == 'floor':
        reach = [max(half - radius - 0.05, 0.0) for half in surface.half_m]
    for attempt in range(30):
        spread = min(crowd * (1 + attempt / 10), 1.0)
        x, y = surface.to_world(*(rng.uniform(-1, 1) * r * spread for r in reach))
        z = surface.center_m[2]
        spot = _Spot(x, y, z, 0.7 * radius if flat else radius, z + height, flat)
        if _is_free(spot, radius, surface, room, taken):
            return spot
    return None


def _find_base(
    taken: list[_Spot], radius: float, height: float, surface: PlacedSurface, room: Room
) -> _Spot | None:
    """Find a box wide enough to carry something, with head room above it."""
    for base in taken:
        rise = base.top - base.z + height
        fits = rise < surface.clearance_m - 0.03 and base.top + height < room.size_m[2]
        if base.stackable and radius < base.radius and fits:
            return base
    return None


def _is_free(
    spot: _Spot, radius: float, surface: PlacedSurface, room: Room, taken: list[_Spot]
) -> bool:
    if surface.owner == 'floor' and any(
        footprint.distance_m(spot.x, spot.y) < radius + 0.01 for footprint in room.footprints
    ):
        return False
    reach = radius + 0.004
    return all(
        math.hypot(spot.x - other.x, spot.y - other.y)
        > reach + other.radius * (1.45 if other.stackable else 1.0)
        or spot.z > other.top
        or other.z > spot.top
        for other in taken
    )
