# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What fits into a gripper that opens so far."""

from __future__ import annotations

import re

from ssr_ros.scene.geometry.calipers import narrowest_m
from ssr_ros.scene.questions import relations, wording
from ssr_ros.scene.questions.asked import Asked
from ssr_ros.scene.questions.evidence import MeasuredAnswer
from ssr_ros.scene.questions.families.comparing import value_fact
from ssr_ros.scene.questions.quantity import Quantity, Verdict
from ssr_ros.scene.questions.query import Query
from ssr_ros.scene.questions.reader import phrase, reads
from ssr_ros.scene.questions.spelling import lengths_in

_GRIPPER = '(?:gripper|grasper|hand|claw|jaws?|fingers|grip)s?'
_OPENING = f"""(?:an?[ ]|the[ ]|my[ ]|our[ ]|your[ ]|its[ ]|the robot's[ ])?
    (?:<[0-9.]+>(?:[ -]wide)?(?:[ ]parallel)?[ ]{_GRIPPER}(?:[ ](?:opening|width))?
    |(?:parallel[ ])?{_GRIPPER}[ ](?:(?:that|which)[ ])?
    (?:opens?|opening|with[ ]an?[ ](?:opening|stroke|width)[ ]of|of)
    (?:[ ]up)?(?:[ ](?:to|by))?[ ]<[0-9.]+>(?:[ ]wide)?)"""
_GRASP = '(?:grasp|grip|hold|grab|pick up|take|clasp|close around|fit around)'


@reads(
    rf"""^(?:does|do|will|would|can|could)[ ](?P<a>.+?)[ ](?:fit|go)[ ]
    (?:in|into|inside|between|within)[ ]{_OPENING}$""",
    rf'^(?:can|could|will|would|does)[ ]{_OPENING}[ ]{_GRASP}[ ](?P<a>.+)$',
    rf"""^(?:can|could)[ ](?:i|we|you|it|the[ ]robot|the[ ]arm|my[ ]robot)[ ]{_GRASP}[ ]
    (?P<a>.+?)[ ](?:with|using|in|by|if)[ ]{_OPENING}$""",
    rf"""^is[ ](?P<a>.+?)[ ](?:small|narrow|thin|slim)[ ]enough[ ](?:for|to[ ]fit[ ](?:in|into))[ ]
    {_OPENING}$""",
)
def read_grip(match: re.Match[str]) -> Query | None:
    """Does A fit into a gripper that opens 8 cm?"""
    a = phrase(match, 'a')
    if a is None or a.kind != 'object' or a.indefinite:
        return None
    return Query(kind='grip', a=a, bound_m=lengths_in(match.string)[0])


def grip(asked: Asked) -> MeasuredAnswer:
    """Say whether a thing is narrower than a gripper opens.

    Its width across the view is seen from side to side, unless it goes on behind another thing or
    beyond the image. From every other side only its front is: it may be narrower than the width,
    and is at least as wide as what is seen of it.
    """
    thing, opening_m = asked.thing('a'), asked.query.bound_m or 0.0
    width = relations.measure(asked.survey, thing, 'width')
    name, given = asked.label(thing), wording.given(opening_m)
    fits = (-width.beyond(opening_m)).verdict
    if fits is not Verdict.NO:
        asked.require_whole(thing, 'width', f'width, {asked.say(width)},')
    text = f'{name} is {asked.say(width)} wide across the view, and {given} was asked'
    if fits is Verdict.NO:
        least_m = narrowest_m(thing.points_m, asked.survey.gravity)
        least = Quantity(least_m, width.sigma, 'm')
        too_wide = least.beyond(opening_m).verdict is Verdict.YES
        fits = Verdict.NO if too_wide else Verdict.UNSURE
        text += f'; turned, it is at least {asked.say(least)} wide'
    evidence = [value_fact(asked.survey, thing, 'width', width)]
    return asked.yes_no(fits, f'{fits.opening}: {text}', evidence)
