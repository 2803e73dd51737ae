# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""A display: a few objects, each on a plinth of its own, set out for one place to look from.

Seen from that place, how high an object appears is drawn without regard to how far away it is,
and the plinth is made as tall as this takes. On a table the far stands higher in the picture; here
the place in the picture does not say how far away an object is, and its true size hardly does.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
import math

import numpy as np
from numpy.typing import NDArray

from training.worlds.clutter import (
    draw_length,
    draw_material,
    draw_textures,
    put_down,
    unique_name,
)
from training.worlds.layout import Placed, Room
from training.worlds.materials import Material
from training.worlds.palette import combinations
from training.worlds.plinths import build_plinth, Plinth, RIM_M
from training.worlds.rooms import with_materials
from training.worlds.shapes import build_solid, rotation, Solid, turn

LENGTH_M = (0.12, 0.40)
"""Range of the longest side, drawn uniformly in its logarithm."""

COUNT = (3, 7)
"""Least and (excluded) most plinths asked for."""

LARGER_FARTHER = 0.0
"""How much the larger objects are put farther away: 0 not at all, 5 nearly in order.

True size should not tell distance, and size in the picture should not either; one is had at the
cost of the other. At 0 the rank correlation of distance with true size is 0.1 to 0.2, because the
large find no place nearby, with size in the picture -0.55; at 5 they are 0.7 and -0.3.
"""

FEWEST = 3
EYE_M = (0.5, 1.5)
PLINTH_M = (0.2, 1.4)
_NEAREST_M, _FARTHEST_M = (0.70, 0.95), (1.9, 2.9)
_FAN, _FAN_MORE = math.radians(25), math.radians(3)
_STEEPEST = 0.22
_REPEATS = 0.08
_APART = math.radians(1)


@dataclass(frozen=True, eq=False)
class _Exhibit:
    """An object in the pose in which it will stand, before it has a place."""

    color: str
    shape: str
    solid: Solid
    pose: tuple[float, float, float, float]

    @cached_property
    def box_m(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The lowest and the highest x, y, z of the posed object."""
        points = self.solid.points_m() @ rotation(self.pose).T
        return points.min(0), points.max(0)

    @property
    def half_m(self) -> NDArray[np.float64]:
        """The (3,) half extents of the posed object."""
        low, high = self.box_m
        return (high - low) / 2

    @property
    def radius_m(self) -> float:
        """The radius of the circle that a plinth for it takes at most."""
        return math.hypot(*self.half_m[:2]) + RIM_M


@dataclass(frozen=True)
class _Stand:
    """The place to look from: a floor point, the height of the eye, the direction of view."""

    x: float
    y: float
    eye_m: float
    heading: float

    @classmethod
    def draw(cls, room: Room, rng: np.random.Generator) -> _Stand:
        """Draw a place anywhere in the room, turned to somewhere about its middle."""
        length, width = room.size_m[:2]
        x, y = rng.uniform(-0.5, 0.5) * (length - 0.7), rng.uniform(-0.5, 0.5) * (width - 0.7)
        to_x, to_y = rng.uniform(-0.2, 0.2) * length, rng.uniform(-0.2, 0.2) * width
        return cls(x, y, rng.uniform(*EYE_M), math.atan2(to_y - y, to_x - x))

    def at(self, bearing: float, distance_m: float) -> tuple[float, float]:
        """Return the floor point at a bearing (radians) and a distance."""
        angle = self.heading + bearing
        return self.x + distance_m * math.cos(angle), self.y + distance_m * math.sin(angle)


@dataclass(frozen=True)
class _Spot:
    """Where a plinth stands: its middle, how wide it is in plan, how high its object's middle."""

    x: float
    y: float
    radius: float
    middle_m: float

    def top_m(self, exhibit: _Exhibit) -> tuple[float, float, float]:
        """Return the middle of the top of a plinth that lifts an object to its height."""
        height = np.clip(self.middle_m - exhibit.half_m[2], *PLINTH_M)
        return self.x, self.y, float(height)


def set_out(room: Room, split: str, rng: np.random.Generator) -> tuple[Room, tuple[Placed, ...]]:
    """Draw objects and the plinths that carry them, around a place to look from.

    Returns:
        (the room with plinths, materials and the place; the objects). The fewer objects where the
        room has no space for more.
    """
    exhibits = _draw_exhibits(split, rng)
    best: list[tuple[_Exhibit, _Spot]] = []
    for _ in range(40):
        stand = _Stand.draw(room, rng)
        found = _spread(exhibits, room, stand, rng)
        if len(found) > len(best):
            best, room = found, replace(room, stand_m=(stand.x, stand.y, stand.eye_m))
        if len(best) == len(exhibits):
            break
    textures = draw_textures(rng)
    materials: dict[str, Material] = {}
    plinths: list[Plinth] = []
    objects: list[Placed] = []
    for index, (exhibit, spot) in enumerate(best):
        name = 'plinth' if index == 0 else f'plinth {index + 1}'
        plinth = build_plinth(name, exhibit.color, exhibit.half_m[:2], spot.top_m(exhibit), rng)
        plinths.append(plinth)
        objects.append(_put_on(plinth, exhibit, objects))
        materials[objects[-1].name] = draw_material(exhibit.color, textures, rng)
    return _with_plinths(with_materials(room, materials), plinths), tuple(objects)


def _draw_exhibits(split: str, rng: np.random.Generator) -> list[_Exhibit]:
    pairs = combinations(split)
    distinct = rng.random() > _REPEATS
    exhibits: list[_Exhibit] = []
    for _ in range(int(rng.integers(*COUNT))):
        taken = {exhibit.color for exhibit in exhibits} if distinct else set()
        free = [pair for pair in pairs if pair[0] not in taken]
        color, shape = free[int(rng.integers(len(free)))]
        solid = build_solid(shape, draw_length(LENGTH_M, rng), rng)
        pose = solid.poses[int(rng.integers(len(solid.poses)))]
        exhibits.append(_Exhibit(color, shape, solid, pose))
    return exhibits


def _spread(
    exhibits: list[_Exhibit], room: Room, stand: _Stand, rng: np.random.Generator
) -> list[tuple[_Exhibit, _Spot]]:
    """Find places, widely spread in distance, whose objects do not hide one another."""
    near_m, far_m = rng.uniform(*_NEAREST_M), rng.uniform(*_FARTHEST_M)
    lengths = np.log([exhibit.half_m.max() for exhibit in exhibits])
    rank = np.argsort(np.argsort(LARGER_FARTHER * lengths + rng.normal(0, 1, len(exhibits))))
    step = (rank + rng.random(len(exhibits))) / len(exhibits)
    distances_m = near_m * (far_m / near_m) ** step
    # Every height of this range can be had at every distance, so none tells the distance.
    slopes = (
        max((PLINTH_M[0] + 0.15 - stand.eye_m) / far_m, -_STEEPEST),
        min((PLINTH_M[1] - stand.eye_m) / far_m, _STEEPEST),
    )
    fan = _FAN + _FAN_MORE * (len(exhibits) - FEWEST)
    found: list[tuple[_Exhibit, _Spot]] = []
    sectors: list[tuple[float, float]] = []
    for exhibit, distance_m in zip(exhibits, distances_m, strict=True):
        radius = exhibit.radius_m
        half = math.asin(0.85 * radius / distance_m) + _APART
        height_m = stand.eye_m + distance_m * rng.uniform(*slopes)
        for _ in range(12):
            bearing = rng.uniform(-1, 1) * (fan - half)
            spot = _Spot(*stand.at(bearing, distance_m), radius, height_m)
            clear = all(abs(bearing - other) > half + wide for other, wide in sectors)
            apart = all(
                math.hypot(spot.x - other.x, spot.y - other.y) > radius + other.radius
                for _, other in found
            )
            if clear and apart and _is_free(spot, stand, room):
                found.append((exhibit, spot))
                sectors.append((bearing, half))
                break
    return found


def _is_free(spot: _Spot, stand: _Stand, room: Room) -> bool:
    """Tell whether a plinth fits between walls and furniture, and is seen past the latter."""
    reach = spot.radius + 0.06
    if any(
        abs(at) > side / 2 - reach
        for at, side in zip((spot.x, spot.y), room.size_m[:2], strict=True)
    ):
        return False
    way = np.linspace((stand.x, stand.y), (spot.x, spot.y), 9)
    return all(footprint.distance_m(x, y) > reach for footprint in room.footprints for x, y in way)


def _put_on(plinth: Plinth, exhibit: _Exhibit, objects: list[Placed]) -> Placed:
    """Put the middle of an object over the middle of its plinth, turned alike."""
    low, high = exhibit.box_m
    x, y = plinth.top.to_world(*(-(low + high)[:2] / 2))
    quat = turn(exhibit.pose, plinth.top.yaw)
    name = unique_name(f'{exhibit.color} {exhibit.shape}', objects)
    point_m = (x, y, plinth.top.center_m[2])
    return put_down(name, exhibit.color, exhibit.shape, exhibit.solid, quat, point_m)


def _with_plinths(room: Room, plinths: list[Plinth]) -> Room:
    return replace(
        room,
        furniture=(*room.furniture, *(plinth.thing for plinth in plinths)),
        footprints=(*room.footprints, *(plinth.footprint for plinth in plinths)),
        surfaces=(*room.surfaces, *(plinth.top for plinth in plinths)),
    )
