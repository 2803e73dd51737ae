# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Where something is, and what it stands on."""

from __future__ import annotations

import math
import re

from ssr_ros.scene.geometry.objects import SceneObject
from ssr_ros.scene.questions import referents, relations, surfaces, wording
from ssr_ros.scene.questions.asked import Asked
from ssr_ros.scene.questions.cannot_tell import CannotTell, require_down
from ssr_ros.scene.questions.evidence import Evidence, MeasuredAnswer
from ssr_ros.scene.questions.families.choosing import list_fitting
from ssr_ros.scene.questions.quantity import Quantity, Verdict
from ssr_ros.scene.questions.query import Query
from ssr_ros.scene.questions.rationale import describe
from ssr_ros.scene.questions.reader import ASKED, phrase, reads
from ssr_ros.scene.questions.vocabulary import CONVERSE, Order

_FROM = (
    '(?:relative to|with respect to|in relation to|compared to|compared with|as seen from|'
    'seen from|from)'
)
_WHICH_WAY = (
    "(?:which|what) (?:direction|way|bearing|angle|clock position|clock direction|o'clock)"
    '(?: position| direction)?'
)
_GO = (
    '(?:should|must|do|would|need|can) (?:i|we|you|the robot) (?:have to |need to )?'
    '(?:go|turn|rotate|drive|move|head|walk|look|point)(?: in order)? to '
    '(?:reach|face|see|find|get to|go to|look at)'
)
_ASIDE = {'left of': 'to the left', 'right of': 'to the right', 'in front of': 'in front'}
_ORDERS: tuple[Order, ...] = ('left of', 'above', 'in front of')


@reads(
    f'^where (?:is|are) (?P<a>.+?) {_FROM} (?P<b>.+)$',
    rf"""^(?:in |at |to |towards |from )?{_WHICH_WAY}[ ]
    (?:is|are|lies) (?P<a>.+?)(?: {_FROM} (?P<b>.+))?$""",
    rf"""{ASKED}(?:relative )?
    (?:direction|bearing|angle|clock position|position|location|whereabouts) (?:to|of)[ ]
    (?P<a>.+?)(?: {_FROM} (?P<b>.+))?$""",
    rf"""^(?:in |at |to |towards )?{_WHICH_WAY}[ ]
    (?:relative to|seen from|from) (?P<b>.+?) (?:is|are|lies) (?P<a>.+)$""",
    '^where (?:is|are) (?P<a>.+)$',
    f'^(?:(?:which|what) (?:direction|way)|how many degrees) {_GO} (?P<a>.+)$',
    '^how many degrees (?:off |away |to the (?:left|right) )?(?:is|are|lies) (?P<a>.+)$',
    '^(?:find|locate)(?: me)? (?P<a>.+)$',
)
def read_where(match: re.Match[str]) -> Query | None:
    """Where is A? In which direction is A from B?"""
    a, b = phrase(match, 'a'), phrase(match, 'b')
    if a is None or a.kind not in ('object', 'plane'):
        return None
    if b is None or b.kind == 'camera':
        return Query(kind='where', a=a)
    return Query(kind='where', a=a, b=b) if b.kind == 'object' else None


@reads(
    r"""^(?:what|which)(?: surface| object| thing)? (?:is|does) (?P<a>.+?)[ ]
    (?:standing|sitting|resting|lying|placed|located|stand|sit|rest|lie) on(?: top of)?$""",
    '^(?:what|which)(?: surface| object| thing)? is (?P<a>(?:the|my|your|object|_).+?) on$',
    '^what (?:supports|carries|is (?:under|below|underneath|beneath)) (?P<a>.+)$',
)
def read_support(match: re.Match[str]) -> Query | None:
    """What is A standing on?"""
    a = phrase(match, 'a')
    return Query(kind='support', a=a) if a is not None and a.kind == 'object' else None


def where(asked: Asked) -> MeasuredAnswer:
    """Where an object or a surface is, from the camera or from another object."""
    if asked.phrase('a').kind == 'plane':
        return _where_plane(asked)
    if asked.has('b'):
        return _from_other(asked)
    several = asked.phrase('a').plural and not asked.phrase('a').pick
    if several and len(referents.matching(asked.survey, asked.phrase('a'))) > 1:
        return list_fitting(asked)
    survey, thing = asked.survey, asked.thing('a')
    direction = relations.bearing(thing)
    height = relations.elevation(survey, thing)
    side = wording.side(direction.value)
    text = (
        f'{asked.label(thing)} is {asked.say(relations.distance(thing))} away, {side} '
        f'({wording.clock(direction.value)}), its centre {asked.say(abs(height))} '
        f'{wording.over(height.value)} the camera'
    )
    turn = Evidence.of(
        'bearing', (thing.name,), direction, 'camera', f'{asked.label(thing)} is {side}'
    )
    return asked.direction(text, direction, [describe(survey, thing), turn])


def _where_plane(asked: Asked) -> MeasuredAnswer:
    surface = surfaces.plane(asked.survey, asked.phrase('a'))
    right, forward, _ = asked.survey.gravity.axes @ surface.center_m
    away = Quantity(surface.distance_m, surface.sigma_m, 'm')
    text = (
        f'{wording.the(surface.name)} is {asked.say(away)} away at its nearest, its middle '
        f'{wording.side(math.degrees(math.atan2(right, forward)))}'
    )
    return asked.measured('distance', (surface.name,), away, 'camera', text)


def _from_other(asked: Asked) -> MeasuredAnswer:
    thing, other = asked.pair()
    direction = relations.direction_deg(asked.survey, other, thing)
    text = (
        f'{_offsets(asked, thing, other)}; {wording.clock(direction.value)}, where 12 points away '
        'from the camera'
    )
    fact = Evidence.of('direction', (thing.name, other.name), direction, 'gravity', text)
    return asked.direction(text, direction, [fact])


def _offsets(asked: Asked, thing: SceneObject, other: SceneObject) -> str:
    parts = []
    for relation in _ORDERS:
        quantity = relations.by_how_much(asked.survey, thing, other, relation)
        if quantity.decided:
            true = relation if quantity.value > 0 else CONVERSE[relation]
            parts.append(f'{asked.say(abs(quantity))} {_ASIDE.get(true, true)}')
    name, origin = asked.label(thing), asked.label(other)
    if not parts:
        return f'seen from {origin}, {name} is at the same place, as far as can be told'
    if parts[-1].endswith(tuple(_ASIDE.values())):
        return f'{name} is {wording.listing(parts)} of {origin}'
    return f'seen from {origin}, {name} is {wording.listing(parts)}'


def support(asked: Asked) -> MeasuredAnswer:
    """Say which object or surface an object stands on."""
    survey, thing = asked.survey, asked.thing('a')
    for other in survey.objects:
        if other is not thing:
            verdict, lift = relations.stands_on(survey, thing, other)
            if verdict is Verdict.YES:
                return _stands(asked, thing, other.name, asked.label(other), lift)
    if thing.support is None:
        require_down(survey)
        raise CannotTell(f'What {asked.label(thing)} stands on is not seen')
    surface = survey.planes[thing.support]
    lift = relations.foot_above(thing, surface)
    return _stands(asked, thing, surface.name, f'{wording.the(surface.name)}', lift)


def _stands(
    asked: Asked, thing: SceneObject, name: str, label: str, lift: Quantity
) -> MeasuredAnswer:
    text = f'{asked.label(thing)} stands on {label}'
    fact = Evidence.of('on', (thing.name, name), lift, 'gravity', text)
    return asked.choice(text, name, [fact], (thing.name, name))
