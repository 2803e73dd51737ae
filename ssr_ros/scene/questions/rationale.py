# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The rationale: measured facts in sentences, in a fixed order."""

from __future__ import annotations

from collections.abc import Sequence

from ssr_ros.scene.geometry.objects import SceneObject, ScenePlane
from ssr_ros.scene.geometry.survey import Survey
from ssr_ros.scene.questions import relations, wording
from ssr_ros.scene.questions.evidence import Evidence, MeasuredAnswer, Rationale
from ssr_ros.scene.questions.quantity import Quantity

MOST_NAMED = 6
MOST_OBJECTS = 8
"""A rationale speaks of so many objects, the nearest ones."""


def rationale_of(survey: Survey, measured: MeasuredAnswer | None = None) -> Rationale:
    """Say what an answer stands on; everything, where it stands on nothing or there is none."""
    return Rationale((measured.evidence if measured else ()) or overview(survey))


def overview(survey: Survey) -> list[Evidence]:
    """Return one sentence for the depth, the surfaces, and each object from near to far."""
    evidence = [depth_known(survey)]
    evidence += surfaces(survey)
    shown = survey.objects[:MOST_OBJECTS]
    evidence.append(how_many(survey))
    evidence += [describe(survey, thing) for thing in shown]
    return evidence


def depth_known(survey: Survey) -> Evidence:
    """Say how much of the image has depth."""
    ratio = survey.valid_ratio
    text = f'Depth is known for {100 * ratio:.0f} % of the image.'
    if not ratio:
        text = 'No pixel has depth: nothing is measurable.'
    return Evidence.of('valid_ratio', (), Quantity(ratio, 0.0, ''), 'camera', text)


def surfaces(survey: Survey) -> list[Evidence]:
    """Say where the large surfaces are."""
    return [_surface(plane) for plane in survey.planes]


def _surface(plane: ScenePlane) -> Evidence:
    if plane.role in ('support', 'top', 'ceiling'):
        height = Quantity(plane.height_m, plane.sigma_m, 'm')
        text = (
            f'The {plane.name} lies {wording.amount(abs(height))} {wording.over(height.value)} '
            'the camera.'
        )
        return Evidence.of('height', (plane.name,), height, 'gravity', text)
    distance = Quantity(plane.distance_m, plane.sigma_m, 'm')
    text = f'A {plane.role} is {wording.amount(distance)} away at its nearest.'
    return Evidence.of('distance', (plane.name,), distance, 'camera', text)


def how_many(survey: Survey) -> Evidence:
    """Say how many objects there are."""
    number = len(survey.objects)
    verb = 'stands' if number == 1 else 'stand'
    text = f'{wording.count(number, "object").capitalize()} {verb} off the surfaces.'
    return Evidence.of('count', (), Quantity(float(number), 0.0, ''), 'camera', text)


def describe(survey: Survey, thing: SceneObject) -> Evidence:
    """Say where an object is and how large its visible part is."""
    distance = relations.distance(thing)
    width, height = (wording.amount(relations.size(thing, d)) for d in ('width', 'height'))
    least = 'at least ' if thing.touches_edge else ''
    where = '' if survey.gravity.known else ' in the image'
    text = (
        f'{survey.label(thing)} is {wording.amount(distance)} away, '
        f'{wording.side(thing.bearing_deg)}, {least}{width} wide and {least}{height} high{where}'
    )
    return Evidence.of('distance', (thing.name,), distance, 'camera', text)


def describe_all(survey: Survey, things: Sequence[SceneObject]) -> str:
    """Name objects with their place: 'the red object (47 cm, 3° to the left) and 2 more'."""
    named = [
        f'{survey.label(t)} ({wording.length(t.distance_m)}, {wording.side(t.bearing_deg)})'
        for t in things
    ]
    return wording.listing(wording.first(named, MOST_NAMED))
