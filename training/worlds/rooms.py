# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Rooms, drawn: which type has which furniture, where it stands, where the light comes from."""

from __future__ import annotations

from dataclasses import replace
import math

import numpy as np

from training.worlds.decor import decorate
from training.worlds.furniture import build_furniture, Furniture, Surface
from training.worlds.layout import Footprint, Light, Placed, PlacedSurface, Room
from training.worlds.materials import draw_materials, KITCHEN, Material

HELD_OUT_ROOM = KITCHEN
"""This room type occurs in the test split only."""

FURNISHING: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    'living_room': (
        ('sofa', 'cabinet', 'bookcase', 'bookcase'),
        ('table', 'round_table', 'stool'),
    ),
    'office': (('desk', 'bookcase', 'cabinet', 'desk'), ('chair', 'chair', 'table')),
    'storage': (('rack', 'rack', 'cabinet'), ('table', 'stool')),
    HELD_OUT_ROOM: (('counter', 'fridge', 'cabinet', 'rack'), ('table', 'chair', 'stool')),
}
"""Room type -> (what stands along its walls, what stands about in it)."""

ROOM_TYPES = tuple(FURNISHING)


FOCUS = {
    'room': {},
    'tabletop': {
        'living_room': ('table', 'round_table'),
        'office': ('table', 'desk'),
        'storage': ('table',),
        HELD_OUT_ROOM: ('table', 'counter', 'round_table'),
    },
    'shelf': {
        'living_room': ('bookcase',),
        'office': ('bookcase',),
        'storage': ('rack',),
        HELD_OUT_ROOM: ('rack', 'bookcase'),
    },
    'display': {},
}
"""Kind -> room type -> the pieces one of which carries the objects."""

_FREE_STANDING = {'table', 'round_table', 'chair', 'stool'}


def furnish(kind: str, room_type: str, rng: np.random.Generator) -> Room:
    """Draw a room of a type, furnished for a kind of world."""
    size_m = (rng.uniform(3.4, 6.0), rng.uniform(3.4, 5.5), rng.uniform(2.4, 3.0))
    materials = draw_materials(room_type, rng)
    on_walls, on_floor = decorate(size_m, rng)
    furnisher = _Furnisher(size_m, rng)
    focus = None
    if FOCUS[kind]:
        focus = furnisher.place(str(rng.choice(FOCUS[kind][room_type])))
    along_walls, about = FURNISHING[room_type]
    if kind == 'display':
        least, most, about = 0, 2, ()
    else:
        least, most = 1, len(along_walls)
    for name in rng.permutation(along_walls)[: rng.integers(least, most + 1)]:
        furnisher.place(str(name))
    for name in rng.permutation(about)[: rng.integers(0, len(about))] if about else ():
        furnisher.place(str(name))
    ambient, lights = _lights(size_m, rng)
    floor = PlacedSurface(
        'floor', 'floor', (0.0, 0.0, 0.0), (size_m[0] / 2, size_m[1] / 2), 0.0, size_m[2]
    )
    return Room(
        room_type=room_type,
        size_m=size_m,
        materials=materials,
        ambient=ambient,
        lights=lights,
        on_walls=on_walls,
        on_floor=on_floor,
        furniture=tuple(furnisher.furniture),
        footprints=tuple(furnisher.footprints),
        surfaces=(floor, *furnisher.surfaces),
        focus=focus,
    )


class _Furnisher:
    """Places one piece after another where there is room for it."""

    def __init__(self, size_m: tuple[float, float, float], rng: np.random.Generator) -> None:
        self._size_m = size_m
        self._rng = rng
        self.furniture: list[Placed] = []
        self.footprints: list[Footprint] = []
        self.surfaces: list[PlacedSurface] = []

    def place(self, kind: str) -> str | None:
        """Put a piece into the room; return its name, or None where it finds no place."""
        piece = build_furniture(kind, self._rng)
        for _ in range(40):
            spot = self._in_the_room(piece) if kind in _FREE_STANDING else self._at_a_wall(piece)
            if self._is_free(spot):
                return self._add(piece, spot)
        return None

    def _add(self, piece: Furniture, spot: Footprint) -> str:
        count = sum(placed.shape == piece.name for placed in self.furniture)
        name = piece.name if count == 0 else f'{piece.name} {count + 1}'
        quat = (math.cos(spot.yaw / 2), 0.0, 0.0, math.sin(spot.yaw / 2))
        self.furniture.append(
            Placed(name, 'furniture', '', piece.name, piece.parts, (spot.x, spot.y, 0.0), quat, '')
        )
        self.footprints.append(spot)
        self.surfaces += [_place_surface(surface, name, spot) for surface in piece.surfaces]
        return name

    def _at_a_wall(self, piece: Furniture) -> Footprint:
        wall = int(self._rng.integers(4))
        along, across = (0, 1) if wall % 2 == 0 else (1, 0)
        slack = max(self._size_m[along] / 2 - piece.half_m[0] - 0.05, 0.0)
        offset = self._rng.uniform(-slack, slack)
        reach = self._size_m[across] / 2 - piece.half_m[1] - self._rng.uniform(0.04, 0.07)
        x, y = [(offset, reach), (-reach, offset), (offset, -reach), (reach, offset)][wall]
        return Footprint(x, y, piece.half_m, wall * math.pi / 2)

    def _in_the_room(self, piece: Furniture) -> Footprint:
        reach = math.hypot(*piece.half_m) + 0.05
        x, y = (self._rng.uniform(-1, 1) * max(side / 2 - reach, 0) for side in self._size_m[:2])
        return Footprint(x, y, piece.half_m, self._rng.uniform(-math.pi, math.pi))

    def _is_free(self, spot: Footprint) -> bool:
        gap = 0.08
        return all(
            other.distance_m(*corner) > gap and spot.distance_m(*opposite) > gap
            for other in self.footprints
            for corner, opposite in zip(spot.corners(), other.corners(), strict=True)
        )


def _place_surface(surface: Surface, owner: str, spot: Footprint) -> PlacedSurface:
    c, s = math.cos(spot.yaw), math.sin(spot.yaw)
    x, y, z = surface.center_m
    center_m = (spot.x + c * x - s * y, spot.y + s * x + c * y, z)
    return PlacedSurface(
        surface.name, owner, center_m, surface.half_m, spot.yaw, surface.clearance_m
    )


def _lights(
    size_m: tuple[float, float, float], rng: np.random.Generator
) -> tuple[float, tuple[Light, ...]]:
    x, y = (rng.uniform(-0.2, 0.2) * side for side in size_m[:2])
    warm = rng.uniform(-0.04, 0.04)
    tint = np.array([1 + warm, 1.0, 1 - warm])
    lamp = Light(
        (x, y, size_m[2] - 0.1),
        (-0.15 * x, -0.15 * y, -1.0),
        tuple(rng.uniform(0.55, 0.75) * tint),
        shadow=True,
    )
    side = rng.choice([-1, 1])
    window = Light(
        (side * size_m[0] * 0.45, rng.uniform(-0.4, 0.4) * size_m[1], 1.8),
        (-side, 0.0, -0.35),
        tuple(rng.uniform(0.12, 0.28) * (2 - tint)),
        shadow=False,
    )
    return rng.uniform(0.48, 0.60), (lamp, window)


def with_materials(room: Room, more: dict[str, Material]) -> Room:
    """Return the room with further materials."""
    return replace(room, materials={**room.materials, **more})
