# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Comparisons of two objects: which is more so, by how much, against a bound."""

from __future__ import annotations

import re
from typing import cast

from ssr_ros.scene.geometry.objects import SceneObject, ScenePlane
from ssr_ros.scene.geometry.survey import Survey
from ssr_ros.scene.questions import relations, wording
from ssr_ros.scene.questions.asked import Asked
from ssr_ros.scene.questions.cannot_tell import CannotTell
from ssr_ros.scene.questions.evidence import Evidence, Frame, MeasuredAnswer
from ssr_ros.scene.questions.families.counting import for_certain
from ssr_ros.scene.questions.patterns import pattern
from ssr_ros.scene.questions.phrases import Phrase
from ssr_ros.scene.questions.picking import picked
from ssr_ros.scene.questions.quantity import Quantity, Verdict
from ssr_ros.scene.questions.query import Query
from ssr_ros.scene.questions.rationale import describe
from ssr_ros.scene.questions.reader import phrase, reads
from ssr_ros.scene.questions.relation_words import RELATION
from ssr_ros.scene.questions.spelling import lengths_in
from ssr_ros.scene.questions.vocabulary import (
    Aspect,
    ASPECTS,
    COLOR_WORDS,
    CONVERSE,
    one_of,
    Pick,
    PICKS,
    Trait,
    TRAITS,
)

Compared = SceneObject | ScenePlane
_ADJ = one_of(TRAITS)
_MOST = one_of(word for word in PICKS if word.endswith(('est', 'most')))
_TO_ME = '(?: to (?:me|us|you|the camera))?'
_BEGINS = rf'(?:_\w+|the|a|object|it|my|{one_of(COLOR_WORDS)})'
_ENDS_IN_RELATION = pattern(rf'[ ](?:{RELATION})$')
_SO_BIG: dict[str, Trait] = {
    **dict.fromkeys(('tall', 'high'), 'taller'),
    **dict.fromkeys(('wide', 'long', 'broad'), 'wider'),
    **dict.fromkeys(('deep', 'thick'), 'deeper'),
}
_WORDS = {'distance': 'away', 'height': 'high', 'width': 'wide', 'depth': 'deep'}


@reads(
    rf"""^(?:which|what|who)(?: one| object| thing| item)?(?: of (?:the two|them|these|those))?
    [ ](?:is|looks|stands|lies|seems) (?:the )?(?P<adj>{_ADJ})(?: one| object| away)?
    (?: (?:to|from) (?P<c>(?:the )?[^,:]+?))?(?:[ ]?[,:]|[ ]-|(?=[ ]))[ ]?
    (?P<a>{_BEGINS}\b[^,:]*?),? or (?P<b>.+)$""",
    rf"""^(?:which|what|who)(?: one| object| thing| item)?(?: of (?:the two|them|these|those))?
    [ ](?:is|looks|stands|lies|seems) (?:the )?(?P<adj>{_ADJ})(?: one| object| away)?
    (?: (?:to|from) (?P<c>[^,:]+?))?
    (?:[ ]?[,:]|[ ]-)[ ](?P<a>(?!(?:to|from|than)[ ])[^,]+?),? or (?P<b>[^,]+)$""",
    rf"""^(?:is |are )?(?P<a>.+?) or (?P<b>.+?)[,:]? (?:which|what|who)(?: one)? is (?:the )?
    (?P<adj>{_ADJ})$""",
    rf"""^between (?P<a>.+?) and (?P<b>.+?)[,:]? (?:which|what|who)(?: one)? is (?:the )?
    (?P<adj>{_ADJ})(?: one)?$""",
    rf"""^which of (?P<a>.+?) (?:and|or) (?P<b>.+?) is (?:the )?(?P<adj>{_ADJ})(?: one| away)?
    (?: (?:to|from) (?P<c>.+))?$""",
    rf"""^(?:is|are) (?P<a>.+?) (?P<adj>{_ADJ}) or (?P<other>{_ADJ})(?: (?:to|from) (?P<c>.+?))?[ ]
    than (?P<b>.+)$""",
)
def read_which(match: re.Match[str]) -> Query | None:
    """Which is taller, A or B? Is A taller or shorter than B?"""
    other = match.groupdict().get('other')
    if other and TRAITS[other] != CONVERSE[TRAITS[match['adj']]]:
        return None
    return Query(
        kind='which',
        what=TRAITS[match['adj']],
        a=phrase(match, 'a'),
        b=phrase(match, 'b'),
        c=origin_in(match),
    )


def origin_in(match: re.Match[str]) -> Phrase | None:
    """Whence distances are meant; None: from the camera."""
    origin = phrase(match, 'c')
    return None if origin is None or origin.kind == 'camera' else origin


@reads(
    rf"""^which of (?P<a>.+?) is (?:the )?(?P<adj>{_ADJ})(?: one)?
    {_TO_ME}$"""
)
def read_which_of_group(match: re.Match[str]) -> Query | None:
    """Which of the two is taller?"""
    both = phrase(match, 'a')
    if both is None or (both.kind != 'group' and 'two' not in match['a']):
        return None
    return Query(kind='which', what=TRAITS[match['adj']], a=both)


@reads(
    rf"""^(?:is|are) (?P<a>.+?)(?: (?:by )?(?:at least|more than|over) <(?P<by>[0-9.]+)>)?[ ]
    (?P<adj>{_ADJ})(?: (?:to|from) (?P<c>.+?))? than (?P<b>.+?){_TO_ME}$"""
)
def read_is_more(match: re.Match[str]) -> Query | None:
    """Is A (20 cm) taller than B? Is A closer to C than B? Is A wider than 20 cm?"""
    a, b, trait = phrase(match, 'a'), phrase(match, 'b'), TRAITS[match['adj']]
    if a is None or b is None or match['a'].startswith('there') or a.indefinite:
        return None
    is_far = ASPECTS[trait][0] == 'distance'
    if a.kind != 'object' and not (a.kind == 'plane' and is_far):
        return None
    bound = re.fullmatch('<[0-9.]+>(?: (?:away|tall|high|wide))?', match['b'])
    if bound:
        return Query(kind='is beyond', what=trait, a=a, bound_m=lengths_in(match['b'])[0])
    if b.kind == 'camera' or (b.kind == 'plane' and not is_far):
        return None
    by_m = float(match['by']) if match['by'] else None
    if by_m is not None and ASPECTS[trait][0] == 'area':
        return None
    return Query(kind='is more', what=trait, a=a, b=b, c=origin_in(match), bound_m=by_m)


@reads(
    rf"""^(?:is|are) (?P<a>.+?) (?:(?P<more>at least|more than|over|no less than)|less than|under
    |at most|no more than) <[0-9.]+> (?P<adj>{one_of(_SO_BIG)})$"""
)
def read_is_so_big(match: re.Match[str]) -> Query | None:
    """Is A at least 20 cm tall?"""
    a, trait = phrase(match, 'a'), _SO_BIG[match['adj']]
    if a is None or a.kind != 'object' or a.indefinite or match['a'].startswith('there'):
        return None
    what = trait if match['more'] else CONVERSE[trait]
    return Query(kind='is beyond', what=what, a=a, bound_m=lengths_in(match.string)[0])


@reads(
    rf"""^(?:how much|by how much is) (?P<adj>{_ADJ})(?: away)? (?:is|are) (?P<a>.+?)
    (?: (?:to|from) (?P<c>.+?))?[ ](?:than|compared to) (?P<b>.+)$""",
    rf"""^by how much (?:is|are) (?P<a>.+?) (?P<adj>{_ADJ})(?: (?:to|from) (?P<c>.+?))?[ ]
    than (?P<b>.+)$""",
)
def read_how_much(match: re.Match[str]) -> Query | None:
    """How much taller is A than B?"""
    return Query(
        kind='how much more',
        what=TRAITS[match['adj']],
        a=phrase(match, 'a'),
        b=phrase(match, 'b'),
        c=origin_in(match),
    )


@reads(
    rf"""^(?:is|are|does) (?P<a>.+?) (?:as|the same|equally|just as) (?P<adj>{_ADJ})
    (?: as| like)? (?P<b>.+)$"""
)
def read_alike(match: re.Match[str]) -> Query | None:
    """Is A as tall as B?"""
    return Query(
        kind='as much', what=TRAITS[match['adj']], a=phrase(match, 'a'), b=phrase(match, 'b')
    )


@reads(
    rf"""^(?:is|are) (?P<a>.+?) the (?P<pick>{_MOST})(?: one| object| thing| item)?(?: of all)?
    {_TO_ME}$""",
    rf'^(?:is|are) (?P<a>.+?) the (?P<pick>{_MOST})(?: of)? (?P<b>.+?){_TO_ME}$',
)
def read_is_most(match: re.Match[str]) -> Query | None:
    """Is A the tallest? The tallest mug on the table?"""
    a, b = phrase(match, 'a'), phrase(match, 'b')
    if a is None or a.indefinite or _ENDS_IN_RELATION.search(match['a']):
        return None
    if b is not None and (b.kind != 'object' or b.pick or not _chooses(b)):
        return None

    return Query(kind='is most', what=PICKS[match['pick']], a=a, b=b)


def _chooses(phrase: Phrase) -> bool:
    """Whether a phrase means some things and not all: 'the three' may be any of six."""
    return bool(phrase.noun or phrase.colors or phrase.relation or phrase.region or phrase.bound)


def which(asked: Asked) -> MeasuredAnswer:
    """Say which of two objects is more so."""
    a, b = _compared(asked)
    trait = cast(Trait, asked.what)
    ahead, evidence = lead(asked, a, b, whence(asked))
    by = apart(asked, ahead)
    names = (a.name, b.name)
    if not ahead.decided:
        first, second = sorted((asked.label(a), asked.label(b)))
        text = (
            f'I cannot tell which is {trait}: {first} and {second} differ by {by}, which is '
            'inside the margin'
        )
        return asked.choice(text, '', evidence, names)
    winner, loser = (a, b) if ahead.value > 0 else (b, a)
    text = f'{asked.label(winner)} is {said(asked, trait)} than {asked.label(loser)}, by {by}'
    return asked.choice(text, winner.name, evidence, names)


def is_more(asked: Asked) -> MeasuredAnswer:
    """Say whether a is more so than b, or is so by a length."""
    a, b = _compared(asked)
    ahead, evidence = lead(asked, a, b, whence(asked))
    name, than, by = asked.label(a), asked.label(b), apart(asked, ahead)
    least_m = asked.query.bound_m
    verdict = ahead.verdict if least_m is None else ahead.beyond(least_m).verdict
    opening = verdict.opening
    if least_m is not None:
        said_so = asked.what if ahead.value > 0 else CONVERSE[asked.what]
        text = (
            f'{opening}: {name} is {by} {said_so} than {than}, and {wording.given(least_m)} was '
            'asked'
        )
    elif ahead.decided:
        true = asked.what if ahead.value > 0 else CONVERSE[asked.what]
        text = f'{opening}, {name} is {said(asked, true)} than {than}, by {by}'
    else:
        text = f'{opening}: {name} and {than} differ by {by}, which is inside the margin'
    return asked.yes_no(verdict, text, evidence, (a.name, b.name))


def _compared(asked: Asked) -> tuple[Compared, Compared]:
    """The two that are compared: a surface may be one where it is asked how far they are."""
    kinds = asked.phrase('a').kind, asked.has('b') and asked.phrase('b').kind
    is_far = ASPECTS[cast(Trait, asked.what)][0] == 'distance'
    if is_far and 'plane' in kinds:
        return asked.place('a'), asked.place('b')
    return asked.pair()


def how_much_more(asked: Asked) -> MeasuredAnswer:
    """Say by how much a is more so than b; negative where it is less so."""
    a, b = _compared(asked)
    ahead, evidence = lead(asked, a, b, whence(asked))
    name, than, by = asked.label(a), asked.label(b), apart(asked, ahead)
    if not ahead.decided:
        text = f'{name} and {than} differ by {by}: too little to tell'
        return asked.number(text, ahead, evidence)
    true = asked.what if ahead.value > 0 else CONVERSE[asked.what]
    text = f'{name} is {asked.say(abs(ahead))} {said(asked, true)} than {than}'
    return asked.number(text, ahead, evidence, choice=true)


def as_much(asked: Asked) -> MeasuredAnswer:
    """Say whether two objects are alike in a trait, as far as can be measured."""
    a, b = asked.pair()
    ahead, evidence = lead(asked, a, b, whence(asked))
    by, aspect = apart(asked, ahead), ASPECTS[cast(Trait, asked.what)][0]
    for thing in () if ahead.decided else (a, b):
        asked.require_whole(thing, aspect)
    text = f'as far as can be measured, yes: they differ by {by}, which is inside the margin'
    if ahead.decided:
        text = f'no, they differ by {by}'
    return asked.yes_no(Verdict.of(not ahead.decided), text, evidence, (a.name, b.name))


def is_beyond(asked: Asked) -> MeasuredAnswer:
    """Say whether an object is more so than a given length."""
    aspect, sense = ASPECTS[cast(Trait, asked.what)]
    stands_for: dict[Aspect, Aspect] = {'area': 'width', 'place': 'height'}
    aspect = stands_for.get(aspect, aspect)
    thing, bound_m = asked.thing('a'), asked.query.bound_m or 0.0
    value = quantity_of(asked.survey, thing, aspect, None)
    if value.value < bound_m:
        asked.require_whole(thing, aspect, aspect)
    if aspect == 'depth' and value.value < bound_m:
        deep = f'{asked.label(thing)} is at least {asked.say(value)} deep, as far as it is seen'
        raise CannotTell(f'{deep}: I cannot tell whether {wording.given(bound_m)}')
    verdict = value.beyond(bound_m).verdict
    verdict = verdict if sense > 0 else ~verdict
    text = (
        f'{verdict.opening}: {asked.label(thing)} is {asked.say(value)} {_WORDS[aspect]}, and '
        f'{wording.given(bound_m)} was asked'
    )
    return asked.yes_no(verdict, text, (value_fact(asked.survey, thing, aspect, value),))


def is_most(asked: Asked) -> MeasuredAnswer:
    """Say whether an object is the most extreme of all, or of those that fit a phrase."""
    thing = asked.thing('a')
    pick, things, named = cast(Pick, asked.what), asked.survey.objects, 'one'
    if asked.has('b'):
        things, named = for_certain(asked.survey, asked.phrase('b')), 'one of these'

    winner = picked(asked.survey, things, pick)

    verdict = Verdict.of(winner is thing)
    things = (winner,) if winner is thing else (winner, thing)
    evidence = [describe(asked.survey, each) for each in things]
    most = f'{wording.superlative(pick)} {named}'
    text = f'{verdict.opening}, the {most} is {asked.label(winner)}'
    return asked.yes_no(verdict, text, evidence, (thing.name, winner.name))


def quantity_of(
    survey: Survey, thing: Compared, aspect: Aspect, origin: Compared | None
) -> Quantity:
    """What is compared of an object; distances from ``origin`` or from the camera.

    Raises:
        CannotTell: two surfaces have no distance.
    """
    if isinstance(thing, ScenePlane):
        if isinstance(origin, SceneObject):
            return relations.distance_to_plane(survey, origin, thing)
        if origin is not None:
            raise CannotTell('I measure how far a thing is from a surface, not two surfaces')
        return Quantity(thing.distance_m, thing.sigma_m, 'm')
    if isinstance(origin, ScenePlane):
        return relations.distance_to_plane(survey, thing, origin)
    if aspect == 'distance' and origin is not None:
        return relations.gap(survey, origin, thing)
    return relations.measure(survey, thing, aspect)


def value_fact(survey: Survey, thing: Compared, aspect: Aspect, value: Quantity) -> Evidence:
    """Put one of the compared values into words."""
    name = wording.the(thing.name) if isinstance(thing, ScenePlane) else survey.label(thing)
    if aspect == 'area':
        text = f'{name} shows a front of {10000 * value.value:.0f} square centimetres'
        return Evidence.of('front_area', (thing.name,), value, 'gravity', text)
    if aspect == 'place':
        text = (
            f'the centre of {name} lies {wording.amount(abs(value))} {wording.over(value.value)} '
            'the height of the camera'
        )
        return Evidence.of('height', (thing.name,), value, 'gravity', text)
    text = f'{name} is {wording.amount(value)} {_WORDS[aspect]}'
    frame: Frame = 'camera' if aspect == 'distance' else 'gravity'
    return Evidence.of(aspect, (thing.name,), value, frame, text)


def lead(
    asked: Asked, a: Compared, b: Compared, origin: Compared | None = None
) -> tuple[Quantity, tuple[Evidence, Evidence]]:
    """By how much a is more so than b, and the two values as evidence.

    Args:
        asked: whose trait is compared.
        a: one thing.
        b: the other.
        origin: whence distances are meant; None: from the camera.

    Raises:
        CannotTell: what is not seen whole might be larger than it seems.
    """
    aspect, sense = ASPECTS[cast(Trait, asked.what)]
    one, other = (quantity_of(asked.survey, thing, aspect, origin) for thing in (a, b))
    smaller = a if one.value < other.value else b
    # What is not seen whole is larger than it seems: the larger one may be, the smaller may not.
    asked.require_whole(smaller, aspect)
    evidence = (
        value_fact(asked.survey, a, aspect, one),
        value_fact(asked.survey, b, aspect, other),
    )
    return (one - other if sense > 0 else other - one), evidence


def whence(asked: Asked) -> Compared | None:
    """The object or surface from which distances are meant; None: from the camera."""
    return asked.place('c') if asked.has('c') else None


def said(asked: Asked, trait: str) -> str:
    """Put a trait into words: 'taller', 'closer to the red object'."""
    if not asked.has('c'):
        return trait
    return f'{trait} {"from" if trait == "farther" else "to"} {asked.label(asked.place("c"))}'


def apart(asked: Asked, difference: Quantity) -> str:
    """Write how much two things differ."""
    return asked.say(abs(difference)) + (' of front' if difference.unit == 'm2' else '')
