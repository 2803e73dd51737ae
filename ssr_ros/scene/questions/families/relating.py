# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Relations of two objects: left of, behind, on, touching, between; yes or no, by how much."""

from __future__ import annotations

import re
from typing import cast, get_args

from ssr_ros.scene.geometry.objects import SceneObject
from ssr_ros.scene.questions import referents, relations, standing, surfaces, wording
from ssr_ros.scene.questions.asked import Asked
from ssr_ros.scene.questions.evidence import Evidence, Frame, MeasuredAnswer
from ssr_ros.scene.questions.families.comparing import value_fact
from ssr_ros.scene.questions.phrase_reading import read_phrase
from ssr_ros.scene.questions.quantity import Quantity, Verdict
from ssr_ros.scene.questions.query import Query
from ssr_ros.scene.questions.rationale import describe
from ssr_ros.scene.questions.reader import phrase, reads, said
from ssr_ros.scene.questions.relation_words import RELATION, relation_of
from ssr_ros.scene.questions.vocabulary import COLOR_WORDS, CONVERSE, one_of, Order, Relation

_SIDE_OF: dict[str, Order] = {
    'left': 'left of',
    'right': 'right of',
    'above': 'above',
    'over': 'above',
    'below': 'below',
    'under': 'below',
    'underneath': 'below',
    'beneath': 'below',
    'in front': 'in front of',
    'before': 'in front of',
    'behind': 'behind',
}
_EITHER_SIDE: tuple[Order, ...] = ('left of', 'above', 'in front of')
_SIDE = '(?:to|on|at) (?:the |my |your )?'
_VIEW = '(?: of (?:the |this )?(?:image|picture|frame|view|scene|me|you|camera|robot))?'
_PLACED = '(?:standing |sitting |lying |placed |located |positioned |situated )?'
_IN_CONTACT = '(?:touch(?:ing)?|(?:in|making) (?:direct )?contact)(?: (?:with )?each other)?'

_BY = re.compile(
    '(?P<a>.+?) (?:by )?(?:(?P<more>at least|more than)|about|exactly|less than|under|at most'
    '|no more than|up to) <(?P<length>[0-9.]+)>$'
)
_COLORED_SIDE = re.compile(
    rf'^(?:the |my |your )?(?:far )?(?:left|right)(?: side)? (?:{one_of(COLOR_WORDS)})$'
)


@reads(
    rf"""^is (?P<a>.+?) (?:to the |on the )?(?P<one>{one_of(_SIDE_OF)})(?: side)?(?: of)? or[ ]
    (?:(?:to|on) )?(?:the )?(?P<other>{one_of(_SIDE_OF)})(?: side)?(?: of| than)?[ ]
    (?P<b>(?!(?:half|part|side)\b|(?:the |this )?(?:image|picture|view|scene|frame)$).+?)$""",
    rf"""^on which side of (?P<b>.+?) is (?P<a>.+?)[,:]? (?P<one>{one_of(_SIDE_OF)}) or[ ]
    (?P<other>{one_of(_SIDE_OF)})$""",
)
def read_which_side_of(match: re.Match[str]) -> Query | None:
    """Is A left or right of B, and by how much? In front or behind? Above or below?"""
    a, b = phrase(match, 'a'), phrase(match, 'b')
    sides = {_SIDE_OF[match['one']], _SIDE_OF[match['other']]}
    asked = [one for one in _EITHER_SIDE if sides == {one, CONVERSE[one]}]
    if b is None or b.kind == 'camera' or not asked:
        return None  # left of it or behind it a thing may be both
    return Query(kind='which side of', what=asked[0], a=a, b=b)


@reads(rf'^(?:is|are) (?P<a>.+?) {_PLACED}(?:{RELATION}) (?P<b>.+?)$')
def read_related(match: re.Match[str]) -> Query | None:
    """Is A left of B? On it? Touching it? Between B and C?"""
    if _COLORED_SIDE.search(match['b']):
        return None  # 'is the cup on the left white' asks for the colour of the one on the left
    by = _BY.match(match['a'])
    relation, b = relation_of(match), phrase(match, 'b')
    a = read_phrase(by['a'] if by else match['a'])
    if b is None or a.indefinite or match['a'].startswith('there'):
        return None
    if by:
        is_length = by['more'] and relation in get_args(Order) and b.kind == 'object'
        bound_m = float(by['length'])
        return (
            Query(kind='related', what=relation, a=a, b=b, bound_m=bound_m) if is_length else None
        )
    if relation == 'between':
        parts = [read_phrase(part) for part in match['b'].split(' and ', 1)]
        return Query(
            kind='related', what=relation, a=a, b=parts[0], c=parts[1] if parts[1:] else None
        )
    if relation in ('nearest to', 'farthest from') or a.kind == 'plane':
        return None
    contact = relation in ('on', 'touching', 'beside')
    if b.kind in ('pixel', 'box', 'group') or (b.kind == 'camera' and contact):
        return None
    return Query(kind='related', what=relation, a=a, b=b)


@reads(
    rf'^(?:do|does|are|is) (?P<a>.+?) (?:and|or) (?P<b>.+?) {_IN_CONTACT}$',
    '^does (?P<a>.+?) touch (?P<b>.+)$',
)
def read_touching(match: re.Match[str]) -> Query | None:
    """Do A and B touch? Are they in contact?"""
    return Query(kind='related', what='touching', a=phrase(match, 'a'), b=phrase(match, 'b'))


@reads('^(?:do|does) (?P<a>.+?) (?:stand|sit|rest|lie) on (?:top of )?(?P<b>.+)$')
def read_stands_on(match: re.Match[str]) -> Query | None:
    """Does A stand on B?"""
    a = phrase(match, 'a')
    if a is None or a.indefinite:
        return None
    return Query(kind='related', what='on', a=a, b=phrase(match, 'b'))


@reads(
    rf"""^is (?P<a>.+?) {_SIDE}(?P<side>left|right)(?: side)? or[ ]
    (?:{_SIDE})?(?:the |my |your )?(?P<other>left|right)(?: side| half| part)?{_VIEW}$""",
    rf"""^(?:is|are) (?P<a>.+?) (?:in (?:the |my |your )?|{_SIDE})(?P<side>left|right)
    (?: side| half| part)?{_VIEW}$""",
)
def read_on_side(match: re.Match[str]) -> Query | None:
    """Is A on the left? On the left or on the right?"""
    a = phrase(match, 'a')
    if a is None or a.indefinite or match['a'].startswith('there'):
        return None
    if said(match, 'other'):
        return Query(kind='which side', a=a)
    if a.relation:
        return None  # 'is the cup on the chair on the left' asks whether it is on that chair
    return Query(kind='on side', what=match['side'], a=a)


def spoken(relation: str) -> str:
    """Put a relation into words."""
    return {'left of': 'to the left of', 'right of': 'to the right of'}.get(relation, relation)


def which_side_of(asked: Asked) -> MeasuredAnswer:
    """Say on which of two opposite sides of b a is, and by how much."""
    a, b = asked.pair()
    relation = cast(Order, asked.what)
    quantity = relations.by_how_much(asked.survey, a, b, relation)
    name, than = asked.label(a), asked.label(b)
    if not quantity.decided:
        text = (
            f'I cannot tell whether {name} is {spoken(relation)} or {spoken(CONVERSE[relation])} '
            f'{than}: the difference is inside the margin'
        )
        return asked.choice(text, '', (), (a.name, b.name))
    true = relation if quantity.value > 0 else CONVERSE[relation]
    text = f'{name} is {spoken(true)} {than}, by {asked.say(abs(quantity))}'
    fact = _relation_fact(asked, a, b, true, quantity)
    return asked.choice(text, true, [fact], (a.name, b.name))


def _relation_fact(
    asked: Asked, a: SceneObject, b: SceneObject, relation: str, quantity: Quantity
) -> Evidence:
    text = (
        f'{asked.label(a)} is {spoken(relation)} {asked.label(b)}, by '
        f'{wording.amount(abs(quantity))}'
    )
    frame: Frame = 'gravity' if relation in ('above', 'below') else 'camera'
    kind = relation.replace(' ', '_')
    return Evidence.of(kind, (a.name, b.name), abs(quantity), frame, text)


def related(asked: Asked) -> MeasuredAnswer:
    """Say whether a stands in a relation to b."""
    b = asked.phrase('b')
    if asked.what == 'between':
        return _between(asked)
    if b.kind == 'camera':
        return _to_camera(asked)
    if b.kind == 'plane':
        return _to_plane(asked)
    if asked.what == 'touching':
        return _touching(asked)
    if asked.what == 'on':
        return _on(asked)
    if asked.what == 'beside':
        return _beside(asked)
    return _in_order(asked)


def _in_order(asked: Asked) -> MeasuredAnswer:
    a, b = asked.pair()
    relation = cast(Order, asked.what)
    quantity = relations.by_how_much(asked.survey, a, b, relation)
    name, than, by = asked.label(a), asked.label(b), asked.say(abs(quantity))
    if not quantity.decided:
        text = (
            f'I cannot tell whether {name} is {spoken(relation)} {than}: the difference of {by} '
            'is inside the margin'
        )
        return asked.yes_no(Verdict.UNSURE, text, (), (a.name, b.name))
    true = relation if quantity.value > 0 else CONVERSE[relation]
    verdict, least_m = quantity.verdict, asked.query.bound_m
    text = f'{name} is {spoken(true)} {than}, by {by}'
    if least_m is not None:
        verdict = quantity.beyond(least_m).verdict
        text += f', and {wording.given(least_m)} was asked'
    fact = _relation_fact(asked, a, b, true, quantity)
    return asked.yes_no(verdict, f'{verdict.opening}, {text}', [fact])


def _to_camera(asked: Asked) -> MeasuredAnswer:
    thing, relation = asked.thing('a'), cast(Relation, asked.what)
    verdict = standing.to_camera(asked.survey, thing, relation)
    here = f'{asked.label(thing)} is {wording.side(thing.bearing_deg)}'
    fact = describe(asked.survey, thing)
    if relation == 'in front of':
        here = f'{asked.label(thing)} is in view, {wording.side(thing.bearing_deg)}'
    if relation in ('above', 'below'):
        height = relations.elevation(asked.survey, thing)
        fact = value_fact(asked.survey, thing, 'place', height)
        here = wording.inner(fact.text)
    return asked.yes_no(verdict, f'{verdict.opening}: {here}', [fact])


def _to_plane(asked: Asked) -> MeasuredAnswer:
    thing, relation = asked.thing('a'), cast(Relation, asked.what)
    surface = surfaces.plane(asked.survey, asked.phrase('b'))
    verdict = standing.to_plane(asked.survey, thing, surface, relation)
    if surface.role in standing.LEVEL_ROLES:
        lift = relations.foot_above(thing, surface)
        text = (
            f'the foot of {asked.label(thing)} is {wording.amount(abs(lift))} from the height of '
            f'{wording.the(surface.name)}'
        )
    else:
        lift = relations.distance_to_plane(asked.survey, thing, surface)
        text = f'{asked.label(thing)} is {wording.amount(lift)} from {wording.the(surface.name)}'
    fact = Evidence.of('height', (thing.name, surface.name), lift, 'gravity', text)
    return asked.yes_no(verdict, f'{verdict.opening}: {text}', [fact])


def _gap_fact(asked: Asked, a: SceneObject, b: SceneObject, gap: Quantity) -> Evidence:
    text = (
        f'{asked.label(a)} and {asked.label(b)} have {asked.say(gap)} between their visible points'
    )
    return Evidence.of('gap', (a.name, b.name), gap, 'camera', text)


def _beside(asked: Asked) -> MeasuredAnswer:
    a, b = asked.pair()
    gap = relations.gap(asked.survey, a, b)
    text = (
        f'{asked.label(a)} and {asked.label(b)} are {asked.say(gap)} apart; what is near and what '
        'far, you have to say'
    )
    return asked.number(text, gap, [_gap_fact(asked, a, b, gap)])


def _touching(asked: Asked) -> MeasuredAnswer:
    a, b = asked.pair()
    verdict, gap = relations.touching(asked.survey, a, b)
    opening = 'yes, no gap can be seen' if verdict is Verdict.YES else verdict.opening
    text = f'{opening}: there are {asked.say(gap)} between their visible points'
    return asked.yes_no(verdict, text, [_gap_fact(asked, a, b, gap)])


def _on(asked: Asked) -> MeasuredAnswer:
    a, b = asked.pair()
    verdict, lift = relations.stands_on(asked.survey, a, b)
    text = (
        f'the foot of {asked.label(a)} is {asked.say(abs(lift))} {wording.over(lift.value)} the '
        f'top of {asked.label(b)}'
    )
    gap = _gap_fact(asked, a, b, relations.gap(asked.survey, a, b))
    evidence = [Evidence.of('on', (a.name, b.name), lift, 'gravity', text), gap]
    return asked.yes_no(verdict, f'{verdict.opening}: {text}', evidence)


def _between(asked: Asked) -> MeasuredAnswer:
    survey, thing = asked.survey, asked.thing('a')
    if asked.has('c'):
        ends = (asked.thing('b'), asked.thing('c'))
    else:
        ends = referents.group(survey, asked.phrase('b'))
    verdict = standing.between(survey, thing, *ends)
    if any(thing is end for end in ends):
        text = f'{verdict.opening}: {asked.label(thing)} is one of the two'
        return asked.yes_no(verdict, text, [describe(survey, t) for t in ends])
    apart = relations.apart_deg(survey, thing, *ends)
    both = wording.listing([asked.label(end) for end in ends])
    seen = f'seen from {asked.label(thing)}, {both} lie {wording.amount(apart)} apart'
    fact = Evidence.of('angle', [t.name for t in (thing, *ends)], apart, 'gravity', seen)
    text = f'{verdict.opening}: {seen}; what lies between them sees them more than '
    text += f'{wording.angle(standing.BETWEEN_DEG)} apart'
    return asked.yes_no(verdict, text, [fact, *(describe(survey, t) for t in (thing, *ends))])


def _side_seen(thing: SceneObject) -> str:
    right = relations.bearing(thing).verdict
    return {Verdict.YES: 'right', Verdict.NO: 'left', Verdict.UNSURE: ''}[right]


def which_side(asked: Asked) -> MeasuredAnswer:
    """Say on which side of the view an object is."""
    thing = asked.thing('a')
    side = _side_seen(thing)
    text = f'{asked.label(thing)} is {wording.side(thing.bearing_deg)}'
    evidence = [describe(asked.survey, thing)]
    if not side:
        return asked.choice(f'I cannot tell: {text}', '', evidence, [thing.name])
    return asked.choice(text, f'{side} of', evidence, [thing.name])


def on_side(asked: Asked) -> MeasuredAnswer:
    """Say whether an object is on one side of the view."""
    thing = asked.thing('a')
    side = _side_seen(thing)
    verdict = Verdict.of(side == asked.what) if side else Verdict.UNSURE
    text = f'{verdict.opening}: {asked.label(thing)} is {wording.side(thing.bearing_deg)}'
    return asked.yes_no(verdict, text, [describe(asked.survey, thing)])
