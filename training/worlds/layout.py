# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What a furnished room is, before physics: things at places, surfaces that carry, lamps.

World frame: origin on the floor in the middle of the room, z up, metres.
"""

from __future__ import annotations

from dataclasses import dataclass
import math

from training.worlds.materials import Material
from training.worlds.shapes import Part


@dataclass(frozen=True, eq=False)
class Placed:
    """A thing at its place in the world.

    Attributes:
        name: unique in the world: 'red mug', 'table', 'blue box 2'.
        role: 'object' (movable) or 'furniture' (fixed).
        color: colour name, '' for furniture of mixed colour.
        shape: shape name, or what piece of furniture it is.
        parts: convex pieces in its own frame.
        position_m: (3,) where its origin stands.
        quat: its rotation, w x y z.
        material: name in the room's materials.
    """

    name: str
    role: str
    color: str
    shape: str
    parts: tuple[Part, ...]
    position_m: tuple[float, float, float]
    quat: tuple[float, float, float, float]
    material: str


@dataclass(frozen=True)
class PlacedSurface:
    """A carrying rectangle in the world.

    Attributes:
        name: name of the surface: 'floor', 'top', 'board 2'.
        owner: name of the thing that it belongs to; 'floor' for the floor.
        center_m: (3,) in the world.
        half_m: half extents along its own axes.
        yaw: turn of its axes about the vertical, radians.
        clearance_m: free height above it.
    """

    name: str
    owner: str
    center_m: tuple[float, float, float]
    half_m: tuple[float, float]
    yaw: float
    clearance_m: float

    def to_world(self, x: float, y: float) -> tuple[float, float]:
        """Turn coordinates on the surface into world x, y."""
        c, s = math.cos(self.yaw), math.sin(self.yaw)
        return self.center_m[0] + c * x - s * y, self.center_m[1] + s * x + c * y


@dataclass(frozen=True)
class Footprint:
    """The rectangle of floor that a piece of furniture takes."""

    x: float
    y: float
    half_m: tuple[float, float]
    yaw: float

    def distance_m(self, x: float, y: float) -> float:
        """Return how far a floor point is from the rectangle; 0 inside."""
        c, s = math.cos(self.yaw), math.sin(self.yaw)
        dx, dy = x - self.x, y - self.y
        u, v = abs(c * dx + s * dy) - self.half_m[0], abs(c * dy - s * dx) - self.half_m[1]
        return math.hypot(max(u, 0), max(v, 0))

    def corners(self) -> list[tuple[float, float]]:
        """Return corners and edge middles of the rectangle in the world."""
        c, s = math.cos(self.yaw), math.sin(self.yaw)
        a, b = self.half_m
        grid = [(i * a, j * b) for i in (-1, 0, 1) for j in (-1, 0, 1)]
        return [(self.x + c * u - s * v, self.y + s * u + c * v) for u, v in grid]


@dataclass(frozen=True, eq=False)
class Light:
    """A lamp: position, direction and colour; one of them throws shadows."""

    position_m: tuple[float, float, float]
    direction: tuple[float, float, float]
    rgb: tuple[float, float, float]
    shadow: bool


@dataclass(frozen=True, eq=False)
class Room:
    """A furnished room without its objects.

    Attributes:
        room_type: one of ROOM_TYPES.
        size_m: length along x, along y, height.
        materials: by name; 'floor', 'wall' and 'ceiling' among them.
        ambient: light that comes from everywhere, 0..1.
        lights: the lamps.
        on_walls, on_floor: decoration that is part of the walls and the floor.
        furniture: fixed things.
        footprints: the floor that they take.
        surfaces: where objects may stand, the floor first.
        focus: the piece that carries the objects of a tabletop or shelf world, or None.
        stand_m: (3,) from where the objects of a display are meant to be looked at, or None.
    """

    room_type: str
    size_m: tuple[float, float, float]
    materials: dict[str, Material]
    ambient: float
    lights: tuple[Light, ...]
    on_walls: tuple[Part, ...]
    on_floor: tuple[Part, ...]
    furniture: tuple[Placed, ...]
    footprints: tuple[Footprint, ...]
    surfaces: tuple[PlacedSurface, ...]
    focus: str | None
    stand_m: tuple[float, float, float] | None = None
