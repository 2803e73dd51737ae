# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The rationale: measured facts in sentences, in a fixed order."""

from __future__ import annotations

from ssr_ros.scene.geometry.objects import SceneObject
from ssr_ros.scene.geometry.survey import Survey
from ssr_ros.scene.questions import wording
from ssr_ros.scene.questions.evidence import Evidence

MOST_OBJECTS = 8
"""A rationale speaks of so many objects, the nearest ones."""


def overview(facts: Survey) -> list[Evidence]:
    """Return one sentence for the depth, the surfaces, and each object from near to far."""
    evidence = [depth_known(facts)]
    evidence += surfaces(facts)
    shown = facts.objects[:MOST_OBJECTS]
    evidence.append(how_many(facts))
    evidence += [describe(facts, thing) for thing in shown]
    return evidence


def depth_known(facts: Survey) -> Evidence:
    """Say how much of the image has depth."""
    ratio = facts.valid_ratio
    text = f'Depth is known for {100 * ratio:.0f} % of the image.'
    if not ratio:
        text = 'No pixel has depth: nothing is measurable.'
    return Evidence('valid_ratio', (), ratio, 0.0, '', 'camera', text)


def surfaces(facts: Survey) -> list[Evidence]:
    """Say where the large surfaces are."""
    found = []
    for plane in facts.planes:
        if plane.role in ('support', 'top', 'ceiling'):
            where = 'below' if plane.height_m < 0 else 'above'
            height = wording.length(abs(plane.height_m), plane.sigma_m)
            text = f'The {plane.name} lies {height} {where} the camera.'
            found.append(
                Evidence(
                    'height', (plane.name,), plane.height_m, plane.sigma_m, 'm', 'gravity', text
                )
            )
        else:
            far = wording.length(plane.distance_m, plane.sigma_m)
            text = f'A {plane.role} is {far} away at its nearest.'
            found.append(
                Evidence(
                    'distance', (plane.name,), plane.distance_m, plane.sigma_m, 'm', 'camera', text
                )
            )
    return found


def how_many(facts: Survey) -> Evidence:
    """Say how many objects there are."""
    number = len(facts.objects)
    verb = 'stands' if number == 1 else 'stand'
    text = f'{wording.count(number, "object").capitalize()} {verb} off the surfaces.'
    return Evidence('count', (), float(number), 0.0, '', 'camera', text)


def describe(facts: Survey, thing: SceneObject) -> Evidence:
    """Say where an object is and how large its visible part is."""
    width, _, height = (
        wording.length(v, s) for v, s in zip(thing.size_m, thing.margins.size_m, strict=True)
    )
    least = 'at least ' if thing.touches_edge else ''
    text = wording.sentence(
        f'{facts.label(thing)} is '
        f'{wording.length(thing.distance_m, thing.margins.distance_m)} away, '
        f'{wording.side(thing.bearing_deg)}, {least}{width} wide and {least}{height} high'
    )
    return Evidence(
        'distance', (thing.name,), thing.distance_m, thing.margins.distance_m, 'm', 'camera', text
    )
