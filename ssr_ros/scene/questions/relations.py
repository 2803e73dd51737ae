# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""How objects stand to each other and to the camera: numbers with standard errors.

Places are those of the centres of what is seen. Left and right, in front and behind are as the
camera sees them; above and below, heights and horizontal distances follow gravity.
"""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from ssr_ros.scene.geometry.cut_off import hidden_below, hidden_beside
from ssr_ros.scene.geometry.objects import SceneObject, ScenePlane
from ssr_ros.scene.geometry.planes import FloatArray
from ssr_ros.scene.geometry.survey import Survey
from ssr_ros.scene.questions.quantity import DECIDED_SIGMAS, Quantity, Verdict
from ssr_ros.scene.questions.vocabulary import Aspect, ASPECTS, Dimension, Order, Trait

Points = NDArray[np.float32]
Straight = Literal['center', 'horizontal', 'vertical']
"""A distance of centres: straight, along the ground, in height."""

MOST_POINTS = 8000
CONTACT_PX = 2.0
"""Gaps of fewer pixels cannot be told from contact."""

NEIGHBOURS = 9
"""A reading and those around it."""

LIFT_SHARE = 0.02
"""A foot this near to a top, in parts of the distance, stands on it."""

LEAST_OVERLAP = 0.2
"""Share of a thing that must lie over another to stand on it."""


def distance(thing: SceneObject) -> Quantity:
    """Distance from the camera to the nearest part."""
    return Quantity(thing.distance_m, thing.margins.distance_m, 'm')


def size(thing: SceneObject, dimension: Dimension) -> Quantity:
    """Extent of the visible part."""
    index = ('width', 'depth', 'height').index(dimension)
    return Quantity(float(thing.size_m[index]), float(thing.margins.size_m[index]), 'm')


def area(thing: SceneObject) -> Quantity:
    """Width times height of the front that is seen."""
    width, height = size(thing, 'width'), size(thing, 'height')
    sigma = math.hypot(width.sigma * height.value, height.sigma * width.value)
    return Quantity(width.value * height.value, sigma, 'm2')


def volume(thing: SceneObject) -> Quantity:
    """Volume of the box around the visible part."""
    sides = np.maximum(thing.size_m, 1e-9)
    value = float(np.prod(sides))
    relative = float(np.linalg.norm(np.array(thing.margins.size_m) / sides))
    return Quantity(value, value * relative, 'm3')


def place(survey: Survey, thing: SceneObject) -> FloatArray:
    """(3,) centre along right, forward, up; the origin is the camera."""
    return np.asarray(survey.gravity.axes @ thing.center_m)


def offset(survey: Survey, a: SceneObject, b: SceneObject) -> tuple[Quantity, ...]:
    """How far b lies to the right of, behind and above a."""
    difference = place(survey, b) - place(survey, a)
    spread = np.hypot(a.margins.center_m, b.margins.center_m)
    along = np.sqrt(survey.gravity.axes**2 @ spread**2)
    return tuple(Quantity(float(d), float(s), 'm') for d, s in zip(difference, along, strict=True))


def right_of(survey: Survey, a: SceneObject, b: SceneObject) -> Quantity:
    """How far a lies to the right of b.

    Undecided (a sigma as large as the value) where the picture and the room disagree: a thing far
    away can be further right in metres and further left in the image.
    """
    across = offset(survey, b, a)[0]
    seen = bearing(a) - bearing(b)
    if across.verdict is seen.verdict:
        return across
    return Quantity(across.value, max(across.sigma, abs(across.value)), 'm')


def bearing(thing: SceneObject) -> Quantity:
    """Horizontal angle from straight ahead, right positive."""
    return Quantity(thing.bearing_deg, thing.margins.bearing_deg, 'deg')


def elevation(survey: Survey, thing: SceneObject) -> Quantity:
    """How far the centre lies above the camera."""
    return Quantity(float(place(survey, thing)[2]), thing.margins.center_m[1], 'm')


def in_front_of(survey: Survey, a: SceneObject, b: SceneObject) -> Quantity:
    """How far a lies before b, along the camera's level heading."""
    return offset(survey, a, b)[1]


def above(survey: Survey, a: SceneObject, b: SceneObject) -> Quantity:
    """How far the centre of a lies above that of b."""
    return offset(survey, b, a)[2]


def measure(survey: Survey, thing: SceneObject, aspect: Aspect) -> Quantity:
    """What is compared of an object; its distance is that from the camera."""
    if aspect == 'distance':
        return distance(thing)
    if aspect == 'place':
        return elevation(survey, thing)
    return area(thing) if aspect == 'area' else size(thing, aspect)


def is_least(survey: Survey, thing: SceneObject, aspect: Aspect) -> bool:
    """Whether a size is that of what is seen, and the object may be larger.

    What leaves the image goes on there, and what something nearer hides on the left or right goes
    on behind it, as what stands on nothing that is seen does below. How deep a thing is on its far
    side is never seen, and told apart from this.
    """
    if aspect in ('distance', 'place', 'depth') or thing.touches_edge:
        return thing.touches_edge and aspect not in ('distance', 'place')
    return (aspect != 'height' and hidden_beside(survey.frame, thing.mask)) or (
        aspect != 'width' and _is_foot_hidden(survey, thing)
    )


def _is_foot_hidden(survey: Survey, thing: SceneObject) -> bool:
    if thing.support is not None or not hidden_below(survey.frame, thing.mask):
        return False
    others = (other for other in survey.objects if other is not thing)
    return all(stands_on(survey, thing, other)[0] is Verdict.NO for other in others)


def more_so(survey: Survey, a: SceneObject, b: SceneObject, trait: Trait) -> Verdict:
    """Whether a is more so than b; what is not seen whole may be larger than it seems."""
    aspect, sense = ASPECTS[trait]
    one, other = (measure(survey, thing, aspect) for thing in (a, b))
    smaller = a if one.value < other.value else b
    if is_least(survey, smaller, aspect):
        return Verdict.UNSURE
    return (one - other if sense > 0 else other - one).verdict


def by_how_much(survey: Survey, a: SceneObject, b: SceneObject, order: Order) -> Quantity:
    """By how much a stands in a relation to b; negative where it is the other way round."""
    measure = {
        'right of': right_of,
        'left of': right_of,
        'above': above,
        'below': above,
        'in front of': in_front_of,
        'behind': in_front_of,
    }[order]
    quantity = measure(survey, a, b)
    return -quantity if order in ('left of', 'below', 'behind') else quantity


def surface(survey: Survey, thing: SceneObject) -> Points:
    """(N, 3) points of what is seen of an object, camera frame, at most MOST_POINTS."""
    rows, columns = np.nonzero(thing.mask & survey.frame.valid)
    step = -(-len(rows) // MOST_POINTS)
    rows, columns = rows[::step], columns[::step]
    camera = survey.frame.intrinsics
    z = survey.frame.depth_m[rows, columns]
    points = np.column_stack(
        [(columns - camera.cx) / camera.fx * z, (rows - camera.cy) / camera.fy * z, z]
    )
    return np.asarray(points, np.float32)


def gap(survey: Survey, a: SceneObject, b: SceneObject, horizontal: bool = False) -> Quantity:
    """Distance between the closest visible points of two objects, at most the true one plus error.

    Args:
        survey: of the frame.
        a: one object.
        b: another.
        horizontal: whether to measure in the ground plane.
    """
    one, other = surface(survey, a), surface(survey, b)
    if horizontal:
        ground = survey.gravity.axes[:2].T.astype(np.float32)
        one, other = one @ ground, other @ ground
    distances = np.sort(cKDTree(other).query(one)[0])
    value = float(distances[min(len(distances) - 1, len(distances) // 500)])
    pixel = max(a.depth_m, b.depth_m) / survey.frame.intrinsics.fx
    sigma = math.hypot(a.margins.distance_m, b.margins.distance_m, pixel)
    return Quantity(value, sigma, 'm')


def touching(survey: Survey, a: SceneObject, b: SceneObject) -> tuple[Verdict, Quantity]:
    """Whether no gap can be seen, and the gap.

    A gap beyond its margin is one, unless readings that lie that far apart cannot show it: then it
    cannot be told. A side that is seen at a grazing angle has few readings, and the nearest of
    them may lie off what it touches by as much as they lie off each other.
    """
    between = gap(survey, a, b)
    if not between.decided:
        return Verdict.YES, between
    pixel = max(a.depth_m, b.depth_m) / survey.frame.intrinsics.fx
    visible = between.value - DECIDED_SIGMAS * between.sigma
    unseen = CONTACT_PX * pixel
    if unseen < visible <= NEIGHBOURS * pixel:
        unseen = _spacing(surface(survey, a), surface(survey, b))
    return Verdict.UNSURE if visible <= unseen else Verdict.NO, between


def _spacing(one: Points, other: Points) -> float:
    """How far the readings around the closest two points of two things reach, metres."""
    trees = cKDTree(one), cKDTree(other)
    apart, partner = trees[1].query(one)
    nearest = int(np.argmin(apart))
    around = (
        tree.query(point, k=min(NEIGHBOURS, tree.n))[0]
        for tree, point in zip(trees, (one[nearest], other[partner[nearest]]), strict=True)
    )
    return max(float(np.max(distances)) for distances in around)


def straight(
    survey: Survey,
    a: SceneObject,
    b: SceneObject,
    how: Straight,
) -> Quantity:
    """Distance of two centres."""
    right, forward, up = offset(survey, a, b)
    if how == 'vertical':
        return abs(up)
    parts = [right, forward] if how == 'horizontal' else [right, forward, up]
    value = math.hypot(*(part.value for part in parts))
    weights = [part.value / value if value else 1.0 for part in parts]
    sigma = math.hypot(*(w * part.sigma for w, part in zip(weights, parts, strict=True)))
    return Quantity(value, sigma, 'm')


def from_camera(survey: Survey, thing: SceneObject, how: Straight) -> Quantity:
    """How far the centre of an object is from the camera."""
    if how == 'vertical':
        return abs(elevation(survey, thing))
    along = place(survey, thing)[: 2 if how == 'horizontal' else 3]
    return Quantity(float(np.linalg.norm(along)), max(thing.margins.center_m), 'm')


def direction_deg(survey: Survey, a: SceneObject | None, b: SceneObject) -> Quantity:
    """Direction of b from a in the ground plane, degrees: 0 away from the camera, right positive.

    From the camera where a is None.
    """
    if a is None:
        return bearing(b)
    right, forward, _ = offset(survey, a, b)
    far = math.hypot(right.value, forward.value)
    sigma = math.degrees(math.hypot(right.sigma, forward.sigma) / max(far, 1e-9))
    direction = math.degrees(math.atan2(right.value, forward.value))
    return Quantity(direction, min(sigma, 180.0), 'deg')


def apart_deg(survey: Survey, thing: SceneObject, a: SceneObject, b: SceneObject) -> Quantity:
    """How far apart two things lie as seen from a third one, in the ground plane, degrees."""
    directions = [direction_deg(survey, thing, other) for other in (a, b)]
    turned = (directions[0].value - directions[1].value + 180.0) % 360.0 - 180.0
    return Quantity(abs(turned), math.hypot(*(each.sigma for each in directions)), 'deg')


def distance_to_plane(survey: Survey, thing: SceneObject, plane: ScenePlane) -> Quantity:
    """Distance from an object's nearest visible part to a plane (as if it had no end)."""
    heights = surface(survey, thing) @ plane.normal.astype(np.float32) + np.float32(plane.offset_m)
    sigma = math.hypot(thing.margins.distance_m, plane.sigma_m)
    return Quantity(max(0.0, float(np.percentile(heights, 1))), sigma, 'm')


def foot_above(thing: SceneObject, plane: ScenePlane) -> Quantity:
    """How far an object's foot lies above a level plane, along gravity."""
    sigma = math.hypot(thing.margins.size_m[2], plane.sigma_m)
    return Quantity(float(thing.low_m[2]) - plane.height_m, sigma, 'm')


def stands_on(survey: Survey, a: SceneObject, b: SceneObject) -> tuple[Verdict, Quantity]:
    """Whether a stands on b, and how far its foot is above b's top."""
    foot = Quantity(float(a.low_m[2]), a.margins.size_m[2], 'm')
    lift = foot - Quantity(float(b.high_m[2]), b.margins.size_m[2], 'm')
    slack = LIFT_SHARE * a.distance_m
    apart = abs(lift.value) > slack + 3 * lift.sigma
    if apart or above(survey, a, b).value <= 0 or _covered(a, b) < LEAST_OVERLAP:
        return Verdict.NO, lift
    return (Verdict.YES if abs(lift.value) <= slack else Verdict.UNSURE), lift


def overlap_on_ground(a: SceneObject, b: SceneObject) -> bool:
    """Whether one lies over the other, seen from above."""
    return _covered(a, b) > 0


def _covered(a: SceneObject, b: SceneObject) -> float:
    """Share of a's extent that lies over or under b, along the worse axis of the ground."""
    return min(_overlap(a, b, axis) for axis in (0, 1))


def _overlap(a: SceneObject, b: SceneObject, axis: int) -> float:
    """Share of a's extent along an axis that b's extent covers."""
    low = max(a.low_m[axis], b.low_m[axis])
    high = min(a.high_m[axis], b.high_m[axis])
    return float((high - low) / max(a.high_m[axis] - a.low_m[axis], 1e-9))
