# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Whether a thing stands in a relation to another thing, to a surface, to the camera."""

from __future__ import annotations

from typing import cast

import cv2
import numpy as np

from ssr_ros.scene.geometry.objects import SceneObject, ScenePlane
from ssr_ros.scene.geometry.survey import Survey
from ssr_ros.scene.questions import relations, wording
from ssr_ros.scene.questions.called import alike
from ssr_ros.scene.questions.cannot_tell import CannotTell
from ssr_ros.scene.questions.quantity import Verdict
from ssr_ros.scene.questions.vocabulary import Order, Region, Relation, Trait

LEVEL_ROLES = ('support', 'top')
WIDEST_TABLE_M = 1.5
"""No table is wider: one reaches to its middle from either side. It may well be longer."""

TALLEST_ON_TABLE_M = 1.0
"""What is taller, a curtain or a door, stands on the floor."""

BETWEEN_DEG = 120.0
"""Seen from what lies between two things they are farther apart than this: then, and only then,
the shortest paths that join all three lead through it.
"""

_STEP = 8
"""Of a plane's pixels, every so many rows and columns tell how wide it is."""

TOUCH_SHARE = 0.02
"""A thing this near to a wall, in parts of its distance, touches it."""


def to_thing(survey: Survey, a: SceneObject, b: SceneObject, relation: Relation) -> Verdict:
    """Whether a stands in a relation to b."""
    if relation == 'touching':
        return relations.touching(survey, a, b)[0]
    if relation == 'on':
        return relations.stands_on(survey, a, b)[0]
    if relation == 'colored as':
        return alike(a, b)
    if relation == 'beside':
        apart = relations.gap(survey, a, b).value
        return Verdict.of(apart < max(a.size_m.max(), b.size_m.max()))
    if relation.endswith(' than'):
        return relations.more_so(survey, a, b, cast(Trait, relation.removesuffix(' than')))
    return relations.by_how_much(survey, a, b, cast(Order, relation)).verdict


def between(survey: Survey, thing: SceneObject, a: SceneObject, b: SceneObject) -> Verdict:
    """Whether an object lies between two others: seen from it, they are on opposite sides."""
    if thing is a or thing is b:
        return Verdict.NO
    return relations.apart_deg(survey, thing, a, b).beyond(BETWEEN_DEG).verdict


def to_plane(
    survey: Survey, thing: SceneObject, surface: ScenePlane, relation: Relation
) -> Verdict:
    """Whether an object stands on, above or below a plane.

    Raises:
        CannotTell: it is seen from one side only.
    """
    if surface.role in LEVEL_ROLES and relation in ('on', 'touching'):
        return Verdict.of(thing.support is not None and survey.planes[thing.support] is surface)
    if surface.role in LEVEL_ROLES and relation in ('above', 'below'):
        over = relations.foot_above(thing, surface).verdict
        return over if relation == 'above' else ~over
    if relation in ('touching', 'on', 'beside'):
        apart = relations.distance_to_plane(survey, thing, surface)
        return Verdict.of(apart.value < 2 * apart.sigma + TOUCH_SHARE * thing.distance_m)
    if relation == 'in front of':
        return Verdict.YES
    raise CannotTell(f'I cannot tell what is {relation} {wording.the(surface.name)}')


def to_camera(survey: Survey, thing: SceneObject, relation: Relation) -> Verdict:
    """Whether an object is left of, right of, above or below the camera.

    Raises:
        CannotTell: it is behind, or a matter of opinion.
    """
    if relation in ('in front of', 'beside', 'nearest to'):
        return Verdict.YES
    if relation in ('left of', 'right of'):
        right = relations.bearing(thing).verdict
        return right if relation == 'right of' else ~right
    if relation in ('above', 'below'):
        over = relations.elevation(survey, thing).verdict
        return over if relation == 'above' else ~over
    raise CannotTell(f'The camera does not see what is {relation} it')


def why_no_table(survey: Survey, surface: ScenePlane) -> str:
    """Why a level surface is a floor, in words that follow its name; '' if it may be a table."""
    if _width_m(survey, surface) > WIDEST_TABLE_M:
        return 'is wider than a table'
    on_it = [t for t in survey.objects if to_plane(survey, t, surface, 'on') is Verdict.YES]
    tallest = max(on_it, key=lambda thing: thing.size_m[2], default=None)
    if tallest is None or tallest.size_m[2] <= TALLEST_ON_TABLE_M:
        return ''
    high = wording.length(float(tallest.size_m[2]))
    return f'carries {survey.label(tallest)}, {high} high, as no table does'


def _width_m(survey: Survey, surface: ScenePlane) -> float:
    """How wide a level surface is seen to be, whichever way it is turned."""
    frame, seen = survey.frame, np.zeros_like(surface.mask)
    seen[::_STEP, ::_STEP] = surface.mask[::_STEP, ::_STEP]
    rows, columns = np.nonzero(seen & frame.valid)
    if not len(rows):
        return 0.0
    camera, z = frame.intrinsics, frame.depth_m[rows, columns]
    points = (columns - camera.cx) / camera.fx * z, (rows - camera.cy) / camera.fy * z, z
    right, forward, _ = survey.gravity.axes @ np.stack(points)
    _, sides, _ = cv2.minAreaRect(np.stack([right, forward], axis=1).astype(np.float32))
    return float(min(sides))


def in_region(survey: Survey, thing: SceneObject, region: Region) -> bool:
    """Whether the middle of an object's box lies in a part of the image.

    What covers the middle of the image is in its middle, too, however far it reaches aside. Front
    and back are no parts of it: what lies there is the nearest or the farthest.
    """
    x = (thing.box_px[0] + thing.box_px[2]) / 2 / survey.frame.width
    y = (thing.box_px[1] + thing.box_px[3]) / 2 / survey.frame.height
    middle = survey.frame.height // 2, survey.frame.width // 2
    return {
        'left': x < 0.5,
        'right': x >= 0.5,
        'top': y < 0.5,
        'bottom': y >= 0.5,
        'middle': abs(x - 0.5) < 1 / 6 or bool(thing.mask[middle]),
        'front': True,
        'back': True,
    }[region]
