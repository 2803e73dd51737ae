# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""How objects stand to each other and to the camera: numbers with standard errors.

Places are those of the centres of what is seen. Left and right, in front and behind are as the
camera sees them; above and below, heights and horizontal distances follow gravity.
"""

from __future__ import annotations

from dataclasses import dataclass
import math

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from ssr_ros.scene.geometry.objects import SceneObject, ScenePlane
from ssr_ros.scene.geometry.planes import FloatArray
from ssr_ros.scene.geometry.survey import Survey
from ssr_ros.scene.questions.evidence import decide

Points = NDArray[np.float32]

MOST_POINTS = 8000
CONTACT_PX = 2.0
"""Gaps of fewer pixels cannot be told from contact."""


@dataclass(frozen=True)
class Quantity:
    """A number with its standard error, in metres unless said otherwise."""

    value: float
    sigma: float

    def __sub__(self, other: Quantity) -> Quantity:
        return Quantity(self.value - other.value, math.hypot(self.sigma, other.sigma))

    @property
    def sign(self) -> int:
        """1, -1, or 0 where it lies inside its margin."""
        return decide(self.value, self.sigma)


def distance(thing: SceneObject) -> Quantity:
    """Distance from the camera to the nearest part."""
    return Quantity(thing.distance_m, thing.margins.distance_m)


def size(thing: SceneObject, dimension: str) -> Quantity:
    """Extent of the visible part: 'width', 'depth', 'height', or 'area' (of the front, m2)."""
    width, depth, height = (float(value) for value in thing.size_m)
    sigmas = thing.margins.size_m
    if dimension == 'area':
        return Quantity(width * height, math.hypot(sigmas[0] * height, sigmas[2] * width))
    index = ('width', 'depth', 'height').index(dimension)
    return Quantity((width, depth, height)[index], sigmas[index])


def volume(thing: SceneObject) -> Quantity:
    """Volume of the box around the visible part, cubic metres."""
    sides = np.maximum(thing.size_m, 1e-9)
    value = float(np.prod(sides))
    relative = float(np.linalg.norm(np.array(thing.margins.size_m) / sides))
    return Quantity(value, value * relative)


def place(facts: Survey, thing: SceneObject) -> FloatArray:
    """(3,) centre along right, forward, up; the origin is the camera."""
    return np.asarray(facts.gravity.axes @ thing.center_m)


def offset(facts: Survey, a: SceneObject, b: SceneObject) -> tuple[Quantity, ...]:
    """How far b lies to the right of, behind and above a."""
    difference = place(facts, b) - place(facts, a)
    spread = np.hypot(a.margins.center_m, b.margins.center_m)
    along = np.sqrt(facts.gravity.axes**2 @ spread**2)
    return tuple(Quantity(float(d), float(s)) for d, s in zip(difference, along, strict=True))


def right_of(facts: Survey, a: SceneObject, b: SceneObject) -> Quantity:
    """How far a lies to the right of b.

    Undecided (a sigma as large as the value) where the picture and the room disagree: a thing far
    away can be further right in metres and further left in the image.
    """
    across = offset(facts, b, a)[0]
    seen = Quantity(
        a.bearing_deg - b.bearing_deg, math.hypot(a.margins.bearing_deg, b.margins.bearing_deg)
    )
    if across.sign == seen.sign:
        return across
    return Quantity(across.value, max(across.sigma, abs(across.value)))


def in_front_of(facts: Survey, a: SceneObject, b: SceneObject) -> Quantity:
    """How far a lies before b, along the camera's level heading."""
    return offset(facts, a, b)[1]


def above(facts: Survey, a: SceneObject, b: SceneObject) -> Quantity:
    """How far the centre of a lies above that of b."""
    return offset(facts, b, a)[2]


def surface(facts: Survey, thing: SceneObject) -> Points:
    """(N, 3) points of what is seen of an object, camera frame, at most MOST_POINTS."""
    rows, columns = np.nonzero(thing.mask & facts.frame.valid)
    step = -(-len(rows) // MOST_POINTS)
    rows, columns = rows[::step], columns[::step]
    camera = facts.frame.intrinsics
    z = facts.frame.depth_m[rows, columns]
    points = np.column_stack(
        [(columns - camera.cx) / camera.fx * z, (rows - camera.cy) / camera.fy * z, z]
    )
    return np.asarray(points, np.float32)


def gap(facts: Survey, a: SceneObject, b: SceneObject, horizontal: bool = False) -> Quantity:
    """Distance between the closest visible points of two objects, at most the true one plus error.

    Args:
        facts: of the frame.
        a: one object.
        b: another.
        horizontal: whether to measure in the ground plane.
    """
    one, other = surface(facts, a), surface(facts, b)
    if horizontal:
        ground = facts.gravity.axes[:2].T.astype(np.float32)
        one, other = one @ ground, other @ ground
    distances = np.sort(cKDTree(other).query(one)[0])
    value = float(distances[min(len(distances) - 1, len(distances) // 500)])
    pixel = max(a.depth_m, b.depth_m) / facts.frame.intrinsics.fx
    sigma = math.hypot(a.margins.distance_m, b.margins.distance_m, pixel)
    return Quantity(value, sigma)


def touching(facts: Survey, a: SceneObject, b: SceneObject) -> tuple[int, Quantity]:
    """1 where no gap can be seen, -1 where one is, and the gap."""
    between = gap(facts, a, b)
    pixel = max(a.depth_m, b.depth_m) / facts.frame.intrinsics.fx
    open_ = between.value > CONTACT_PX * pixel + 2 * between.sigma
    return (-1 if open_ else 1), between


def straight(facts: Survey, a: SceneObject, b: SceneObject, how: str) -> Quantity:
    """Distance of two centres: 'centre', 'horizontal' or 'vertical'."""
    right, forward, up = offset(facts, a, b)
    if how == 'vertical':
        return Quantity(abs(up.value), up.sigma)
    parts = [right, forward] if how == 'horizontal' else [right, forward, up]
    value = math.hypot(*(part.value for part in parts))
    weights = [part.value / value if value else 1.0 for part in parts]
    sigma = math.hypot(*(w * part.sigma for w, part in zip(weights, parts, strict=True)))
    return Quantity(value, sigma)


def direction_deg(facts: Survey, a: SceneObject | None, b: SceneObject) -> Quantity:
    """Direction of b from a in the ground plane, degrees: 0 away from the camera, right positive.

    From the camera where a is None.
    """
    if a is None:
        return Quantity(b.bearing_deg, b.margins.bearing_deg)
    right, forward, _ = offset(facts, a, b)
    far = math.hypot(right.value, forward.value)
    sigma = math.degrees(math.hypot(right.sigma, forward.sigma) / max(far, 1e-9))
    return Quantity(math.degrees(math.atan2(right.value, forward.value)), min(sigma, 180.0))


def distance_to_plane(facts: Survey, thing: SceneObject, plane: ScenePlane) -> Quantity:
    """Distance from an object's nearest visible part to a plane (as if it had no end)."""
    heights = surface(facts, thing) @ plane.normal.astype(np.float32) + np.float32(plane.offset_m)
    sigma = math.hypot(thing.margins.distance_m, plane.sigma_m)
    return Quantity(max(0.0, float(np.percentile(heights, 1))), sigma)


def heights_above(thing: SceneObject, plane: ScenePlane) -> tuple[Quantity, Quantity]:
    """How far an object's foot and its top lie above a level plane, along gravity."""
    sigma = math.hypot(thing.margins.size_m[2], plane.sigma_m)
    low, high = float(thing.low_m[2]), float(thing.high_m[2])
    return Quantity(low - plane.height_m, sigma), Quantity(high - plane.height_m, sigma)


def stands_on(facts: Survey, a: SceneObject, b: SceneObject) -> tuple[int, Quantity]:
    """Whether a stands on b (1, -1, or 0 for cannot tell), and a's foot above b's top."""
    foot = Quantity(float(a.low_m[2]), a.margins.size_m[2])
    top = Quantity(float(b.high_m[2]), b.margins.size_m[2])
    lift = foot - top
    overlap = min(_overlap(a, b, axis) for axis in (0, 1))
    slack = 0.02 * a.distance_m
    if overlap < 0.2 or above(facts, a, b).value <= 0 or abs(lift.value) > slack + 3 * lift.sigma:
        return -1, lift
    return (1 if abs(lift.value) <= slack else 0), lift


def overlap_on_ground(a: SceneObject, b: SceneObject) -> bool:
    """Whether one lies over the other, seen from above."""
    return min(_overlap(a, b, axis) for axis in (0, 1)) > 0


def _overlap(a: SceneObject, b: SceneObject, axis: int) -> float:
    """Share of a's extent along an axis that b's extent covers."""
    low = max(a.low_m[axis], b.low_m[axis])
    high = min(a.high_m[axis], b.high_m[axis])
    return float((high - low) / max(a.high_m[axis] - a.low_m[axis], 1e-9))
