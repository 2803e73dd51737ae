# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What things are made of: convex parts, each with the points that span it.

Every shape is a union of convex parts, so that its extent along any direction, its silhouette and
its contacts all follow from the same few points.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
import math

import numpy as np
from numpy.typing import NDArray

UPRIGHT = (1.0, 0.0, 0.0, 0.0)
LYING = (math.sqrt(0.5), math.sqrt(0.5), 0.0, 0.0)
_RING = 48

Profile = tuple[tuple[float, float], ...]
"""(radius, z) along the outline of a body of revolution."""


@dataclass(frozen=True, eq=False)
class Part:
    """One convex piece of a thing, in the frame of the thing (z up, metres).

    Attributes:
        kind: 'box', 'cylinder', 'sphere', 'capsule' or 'mesh'.
        size_m: half extents of a box; radius and half length (along z) of a cylinder or capsule;
            radius of a sphere; empty for a mesh.
        center_m: (3,) where its centre stands.
        quat: its rotation, w x y z.
        rings: a mesh is a body of revolution about z, given by its profile of (radius, z).
        solid: whether it takes part in contacts.
        material: name of a material, or '' for the colour of the thing.
    """

    kind: str
    size_m: tuple[float, ...]
    center_m: tuple[float, float, float] = (0.0, 0.0, 0.0)
    quat: tuple[float, float, float, float] = UPRIGHT
    rings: Profile = ()
    solid: bool = True
    material: str = ''

    def points_m(self) -> NDArray[np.float64]:
        """Return (N, 3) points, in the frame of the thing, whose convex hull is the part."""
        turned = _LOCAL_POINTS[self.kind](self) @ rotation(self.quat).T
        points: NDArray[np.float64] = turned + self.center_m
        return points


@dataclass(frozen=True)
class Solid:
    """A movable thing before it has a place.

    Attributes:
        parts: its pieces; the origin is near its centre.
        poses: rotations in which it may be put down.
    """

    parts: tuple[Part, ...]
    poses: tuple[tuple[float, float, float, float], ...]

    def points_m(self) -> NDArray[np.float64]:
        """Return the points that span all parts."""
        return np.concatenate([part.points_m() for part in self.parts])


def rotation(quat: tuple[float, ...] | NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the (3, 3) matrix of a unit quaternion w x y z."""
    w, x, y, z = quat
    return np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
            [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
            [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
        ]
    )


def turn(quat: tuple[float, ...], yaw: float) -> tuple[float, float, float, float]:
    """Turn a pose about the vertical by yaw (radians)."""
    w, x, y, z = quat
    c, s = math.cos(yaw / 2), math.sin(yaw / 2)
    return (c * w - s * z, c * x - s * y, c * y + s * x, c * z + s * w)


def build_solid(shape: str, length_m: float, rng: np.random.Generator) -> Solid:
    """Make a solid of a named shape whose longest side is about length_m."""
    return _BUILDERS[shape](length_m / 2, rng)


def revolve(
    rings: tuple[tuple[float, float], ...],
) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
    """Sweep a profile of (radius, z) about z.

    Returns:
        ((N, 3) float64 vertices, (M, 3) int32 triangles). The profile runs counter-clockwise as
        seen with radius to the right and z up, so that the triangles face outwards.
    """
    here, after = np.arange(_RING), (np.arange(_RING) + 1) % _RING
    faces = []
    for ring, ((r0, _), (r1, _)) in enumerate(pairwise(rings)):
        a, b = ring * _RING + here, ring * _RING + after
        c, d = a + _RING, b + _RING
        if r0 > 0:
            faces.append(np.stack([a, b, c], 1))
        if r1 > 0:
            faces.append(np.stack([b, d, c], 1))
    return _ring_points(rings), np.concatenate(faces).astype(np.int32)


def _ring_points(rings: Profile) -> NDArray[np.float64]:
    """Return the (N, 3) points of a swept profile, ring by ring."""
    angle = np.arange(_RING) * (2 * math.pi / _RING)
    radius, z = np.array(rings).T[:, :, None]
    flat = np.ones(_RING)
    return np.stack([radius * np.cos(angle), radius * np.sin(angle), z * flat], -1).reshape(-1, 3)


def _box(half: float, rng: np.random.Generator) -> Solid:
    sides = half * np.array([1.0, *rng.uniform(0.35, 1.0, 2)])
    size = tuple(float(side) for side in rng.permutation(sides))
    return Solid((Part('box', size),), (UPRIGHT,))


def _cylinder(half: float, rng: np.random.Generator) -> Solid:
    radius, height = half * rng.uniform(0.3, 0.8), half * rng.uniform(0.6, 1.0)
    return Solid((Part('cylinder', (radius, height)),), (UPRIGHT, UPRIGHT, LYING))


def _ball(half: float, rng: np.random.Generator) -> Solid:
    return Solid((Part('sphere', (half * rng.uniform(0.6, 1.0),)),), (UPRIGHT,))


def _capsule(half: float, rng: np.random.Generator) -> Solid:
    radius = half * rng.uniform(0.25, 0.45)
    return Solid((Part('capsule', (radius, half - radius)),), (LYING,))


def _cone(half: float, rng: np.random.Generator) -> Solid:
    radius, tip = half * rng.uniform(0.4, 0.7), half * rng.uniform(0.02, 0.12)
    profile = ((0.0, -half), (radius, -half), (tip, half), (0.0, half))
    return Solid((Part('mesh', (), rings=profile),), (UPRIGHT,))


def _mug(half: float, rng: np.random.Generator) -> Solid:
    radius, height = half * rng.uniform(0.6, 0.75), half * rng.uniform(0.75, 1.0)
    wall, bar = 0.1 * radius, 0.13 * radius
    profile = _cup(((radius, -height), (radius, height)), wall)
    reach, lift = radius * rng.uniform(0.35, 0.55), height * rng.uniform(0.4, 0.6)
    across = (math.sqrt(0.5), 0.0, math.sqrt(0.5), 0.0)
    arm = (bar, reach / 2)
    out = radius + reach / 2 - wall / 2
    handle = (
        Part('capsule', arm, (out, 0, lift), across),
        Part('capsule', arm, (out, 0, -lift), across),
        Part('capsule', (bar, lift), (radius + reach - wall / 2, 0, 0)),
    )
    return Solid((Part('mesh', (), rings=profile), *handle), (UPRIGHT,))


def _bowl(half: float, rng: np.random.Generator) -> Solid:
    rim, height, foot = half, half * rng.uniform(0.25, 0.5), half * rng.uniform(0.35, 0.5)
    steps = np.linspace(0, 1, 7)
    radii = foot + (rim - foot) * np.sqrt(steps * (2 - steps))
    outside = tuple(
        (float(r), float(height * (2 * s - 1))) for r, s in zip(radii, steps, strict=True)
    )
    profile = _cup(outside, 0.07 * half)
    upside_down = (0.0, 1.0, 0.0, 0.0)
    return Solid((Part('mesh', (), rings=profile),), (UPRIGHT, UPRIGHT, UPRIGHT, upside_down))


def _bottle(half: float, rng: np.random.Generator) -> Solid:
    radius, neck = half * rng.uniform(0.28, 0.42), half * rng.uniform(0.09, 0.13)
    body_top, neck_bottom = half * rng.uniform(0.1, 0.3), half * rng.uniform(0.5, 0.6)
    shoulder = ((0.0, body_top), (radius, body_top), (neck, neck_bottom), (0.0, neck_bottom))
    cap = (1.25 * neck, 0.08 * half)
    parts = (
        Part('cylinder', (radius, (half + body_top) / 2), (0, 0, (body_top - half) / 2)),
        Part('mesh', (), rings=shoulder),
        Part('cylinder', (neck, (half - neck_bottom) / 2), (0, 0, (half + neck_bottom) / 2)),
        Part('cylinder', cap, (0, 0, half - cap[1]), material='cap'),
    )
    return Solid(parts, (UPRIGHT, UPRIGHT, LYING))


def _cup(outside: Profile, wall: float) -> Profile:
    """Hollow a body of revolution out from its top."""
    floor = outside[0][1] + 2 * wall
    inside = tuple((r - wall, max(z, floor)) for r, z in reversed(outside))
    return ((0.0, outside[0][1]), *outside, *inside, (0.0, floor))


def _box_points(part: Part) -> NDArray[np.float64]:
    corners = np.array(np.meshgrid(*([-s, s] for s in part.size_m)))
    points: NDArray[np.float64] = corners.reshape(3, -1).T
    return points


def _cylinder_points(part: Part) -> NDArray[np.float64]:
    radius, half = part.size_m
    return _ring_points(((radius, -half), (radius, half)))


def _sphere_points(part: Part) -> NDArray[np.float64]:
    return _dome(part.size_m[0], 0.0)


def _capsule_points(part: Part) -> NDArray[np.float64]:
    return _dome(*part.size_m)


def _mesh_points(part: Part) -> NDArray[np.float64]:
    return _ring_points(part.rings)


def _dome(radius: float, half: float) -> NDArray[np.float64]:
    tilt = np.linspace(0, math.pi, 25)
    rings = [
        (float(radius * np.sin(t)), float(radius * np.cos(t) + np.sign(np.cos(t)) * half))
        for t in (*tilt[:13], *tilt[12:])
    ]
    rings[12], rings[13] = (radius, half), (radius, -half)
    return _ring_points(tuple(rings))


_LOCAL_POINTS: dict[str, Callable[[Part], NDArray[np.float64]]] = {
    'box': _box_points,
    'cylinder': _cylinder_points,
    'sphere': _sphere_points,
    'capsule': _capsule_points,
    'mesh': _mesh_points,
}

_BUILDERS: dict[str, Callable[[float, np.random.Generator], Solid]] = {
    'box': _box,
    'cylinder': _cylinder,
    'ball': _ball,
    'capsule': _capsule,
    'cone': _cone,
    'mug': _mug,
    'bowl': _bowl,
    'bottle': _bottle,
}
