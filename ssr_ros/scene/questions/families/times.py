# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Ratios of two objects: how many times as tall, whether twice as far."""

from __future__ import annotations

import re
from typing import cast

from ssr_ros.scene.geometry.objects import SceneObject
from ssr_ros.scene.questions import wording
from ssr_ros.scene.questions.asked import Asked
from ssr_ros.scene.questions.cannot_tell import CannotTell
from ssr_ros.scene.questions.evidence import Evidence, Frame, MeasuredAnswer
from ssr_ros.scene.questions.families.comparing import quantity_of, value_fact
from ssr_ros.scene.questions.quantity import Quantity, Verdict
from ssr_ros.scene.questions.query import Query
from ssr_ros.scene.questions.reader import ASKED, phrase, reads, said
from ssr_ros.scene.questions.vocabulary import (
    Aspect,
    ASPECTS,
    one_of,
    SMALL_NUMBERS,
    Trait,
    TRAITS,
)

_ADJ = one_of(TRAITS)
_MORE = one_of(word for word in TRAITS if word.endswith('er'))
_OF: dict[str, Trait] = {
    'height': 'taller',
    'width': 'wider',
    'length': 'wider',
    'depth': 'deeper',
    'size': 'bigger',
    'distance': 'farther',
}
_WHAT_OF = f'(?:the )?(?P<of>{one_of(_OF)})s?'
_FACTORS = {'half': 0.5, 'twice': 2.0, 'double': 2.0, 'thrice': 3.0, 'triple': 3.0}
_FACTOR = (
    rf'(?P<factor>{one_of(_FACTORS)}|(?:[0-9]{{1,3}}(?:\.[0-9]{{1,3}})?|{one_of(SMALL_NUMBERS)})'
    ' times)'
)
_OVER = '(?:(?P<over>more than|over|at least) )?'
_AWAY = '(?: away)?(?: from (?:me|us|you|the camera))?'
_STANDS_FOR: dict[Trait, Trait] = {'higher': 'taller', 'lower': 'shorter'}
"""Twice as high is twice as tall: heights of places have no zero of their own."""

_AS: dict[Aspect, str] = {'height': 'tall', 'width': 'wide', 'depth': 'deep', 'distance': 'far'}


@reads(
    rf"""^how many times (?:as )?(?P<adj>{_ADJ}){_AWAY} (?:is|are) (?P<a>.+?) (?:as|than)[ ]
    (?P<b>.+)$""",
    rf"""^by (?:what|which|how large a|how big a) factor (?:is|are) (?P<a>.+?)[ ]
    (?P<adj>{_MORE}){_AWAY} than (?P<b>.+)$""",
    rf'^how many times {_WHAT_OF} of (?P<b>.+?) is (?:(?:that|the (?P=of)) of )?(?P<a>.+)$',
    rf"""{ASKED}ratio (?:of|between) {_WHAT_OF} (?:of|to) (?P<a>.+?) (?:to|and|over)[ ]
    (?:(?:that|the (?P=of)) (?:of|to) )?(?P<b>.+)$""",
    rf'{ASKED}{_WHAT_OF} ratio (?:of|between) (?P<a>.+?) (?:to|and) (?P<b>.+)$',
)
def read_times(match: re.Match[str]) -> Query | None:
    """How many times taller is A than B? The ratio of the heights of A and B?"""
    return Query(
        kind='how many times', what=_trait(match), a=phrase(match, 'a'), b=phrase(match, 'b')
    )


@reads(
    rf'^(?:is|are) (?P<a>.+?) {_OVER}{_FACTOR} as (?P<adj>{_ADJ}){_AWAY} as (?P<b>.+)$',
    rf'^(?:is|are) (?P<a>.+?) {_OVER}{_FACTOR} (?P<adj>{_MORE}){_AWAY} than (?P<b>.+)$',
    rf"""^(?:is|are|has|have|does) (?P<a>.+?)(?: have)? {_OVER}{_FACTOR} {_WHAT_OF}[ ]
    (?:of|to) (?P<b>.+)$""",
)
def read_is_times(match: re.Match[str]) -> Query | None:
    """Is A twice as wide as B? More than three times?"""
    word = match['factor'].removesuffix(' times')
    factor = _FACTORS.get(word) or float(SMALL_NUMBERS.get(word, word))
    return Query(
        kind='is over times' if match['over'] else 'is times',
        what=_trait(match),
        a=phrase(match, 'a'),
        b=phrase(match, 'b'),
        factor=factor,
    )


def _trait(match: re.Match[str]) -> Trait:
    trait = _OF[match['of']] if said(match, 'of') else TRAITS[match['adj']]
    return _STANDS_FOR.get(trait, trait)


def how_many_times(asked: Asked) -> MeasuredAnswer:
    """Say how many times as much of a trait a has as b."""
    times, text, evidence = _measured(asked)
    return asked.number(text, times, evidence)


def is_times(asked: Asked) -> MeasuredAnswer:
    """Say whether a has so many times as much as b, as far as can be measured."""
    times, text, evidence = _measured(asked)
    if times.beyond(asked.query.factor or 0.0).decided:
        return asked.yes_no(Verdict.NO, f'no: {text}', evidence)
    if not times.beyond(1.0).decided:  # as much would be as true as twice
        return asked.yes_no(Verdict.UNSURE, f'I cannot tell: {text}', evidence)
    return asked.yes_no(Verdict.YES, f'as far as can be measured, yes: {text}', evidence)


def is_over_times(asked: Asked) -> MeasuredAnswer:
    """Say whether a has more than so many times as much as b."""
    times, text, evidence = _measured(asked)
    verdict = times.beyond(asked.query.factor or 0.0).verdict
    return asked.yes_no(verdict, f'{verdict.opening}: {text}', evidence)


def _measured(asked: Asked) -> tuple[Quantity, str, list[Evidence]]:
    """The ratio, in words too, and the two values; three times closer is a third as far.

    Raises:
        CannotTell: one is not seen whole, so that the ratio may be any, or b is as good as 0.
    """
    a, b = asked.pair()
    aspect, sense = ASPECTS[cast(Trait, asked.what)]
    more, less = (a, b) if sense > 0 else (b, a)
    for thing in (more, less):
        asked.require_whole(thing, aspect)
    value, unit = (quantity_of(asked.survey, thing, aspect, None) for thing in (more, less))
    if not unit.decided:
        raise CannotTell(f'{asked.label(less)} measures {asked.say(unit)}: no ratio can be told')
    times = value / unit
    text = _in_words(asked, more, less, aspect, times)
    frame: Frame = 'camera' if aspect == 'distance' else 'gravity'
    fact = Evidence.of(f'{aspect}_ratio', (more.name, less.name), times, frame, text)
    facts = [value_fact(asked.survey, t, aspect, v) for t, v in ((more, value), (less, unit))]
    return times, text, [fact, *facts]


def _in_words(
    asked: Asked, more: SceneObject, less: SceneObject, aspect: Aspect, times: Quantity
) -> str:
    name, than, many = asked.label(more), asked.label(less), wording.times(times)
    if aspect == 'area':
        return f'{name} shows {many} the front of {than}'
    return f'{name} is {many} as {_AS[aspect]} as {than}'
