# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Relations of two objects: left of, behind, on, touching, between; yes or no, by how much."""

from __future__ import annotations

import re

from ssr_ros.scene.geometry.objects import SceneObject
from ssr_ros.scene.geometry.survey import Survey
from ssr_ros.scene.questions import referents, relations, wording
from ssr_ros.scene.questions.asked import asked, fact, number, yes_no
from ssr_ros.scene.questions.evidence import Evidence, MeasuredAnswer
from ssr_ros.scene.questions.families.comparing import quantity_of, value_fact
from ssr_ros.scene.questions.phrases import Phrase, read_phrase, RELATION, relation_of
from ssr_ros.scene.questions.rationale import describe
from ssr_ros.scene.questions.referents import CannotTell
from ssr_ros.scene.questions.relations import Quantity

_FIRST = {
    'left': 'left of', 'right': 'left of', 'above': 'above', 'below': 'above', 'over': 'above',
    'under': 'above', 'higher': 'above', 'lower': 'above', 'in front': 'in front of',
    'behind': 'in front of', 'before': 'in front of',
}  # fmt: skip


_CONVERSE = {
    'closer': 'farther', 'farther': 'closer', 'taller': 'shorter', 'shorter': 'taller',
    'wider': 'narrower', 'narrower': 'wider', 'deeper': 'shallower', 'bigger': 'smaller',
    'smaller': 'bigger', 'higher': 'lower', 'lower': 'higher', 'left of': 'right of',
    'right of': 'left of', 'above': 'below', 'below': 'above', 'in front of': 'behind',
    'behind': 'in front of',
}  # fmt: skip


@asked(
    r'^is (?P<a>.+?) (?:to the |on the '
    r')?(?P<first>left|right|above|below|over|under|in '
    r'front|behind|before|higher|lower)(?: of)? or (?:to the |on the '
    r')?(?:left|right|above|below|over|under|in front|behind|higher|lower)(?: '
    r'of| than)? (?P<b>.+?)(?:,? (?:and )?by how much)?$',
)
def answer_left_or_right(
    facts: Survey, match: re.Match[str], unit: str | None
) -> MeasuredAnswer | None:
    """Is A left or right of B, and by how much? In front or behind? Above or below?"""
    a, b = read_phrase(match['a']), read_phrase(match['b'])
    if b.kind == 'camera':
        return None
    first = _FIRST[match['first']]
    said = referents.caveat(facts, a, b)
    one, other = referents.one(facts, a), referents.one(facts, b)
    quantity = _related(facts, one, other, first)
    return _place_choice(facts, one, other, first, quantity, unit, said)


def _place_choice(
    facts: Survey, one: SceneObject, other: SceneObject, relation: str, quantity: Quantity,
    unit: str | None, said: str = '',
) -> MeasuredAnswer:  # fmt: skip
    name, than = facts.label(one), facts.label(other)
    true = relation if quantity.value > 0 else _CONVERSE[relation]
    if quantity.sign == 0:
        text = (
            f'I cannot tell whether {name} is {relation} or {_CONVERSE[relation]} '
            f'{than}: the difference is inside the margin'
        )
        return MeasuredAnswer(
            wording.sentence(said + text),
            True,
            (),
            'choice',
            None,
            None,
            '',
            '',
            (one.name, other.name),
        )
    text = (
        f'{name} is {_spoken(true)} {than}, by '
        f'{wording.length(abs(quantity.value), quantity.sigma, unit)}'
    )
    evidence = _relation_fact(facts, one, other, true, quantity)
    return MeasuredAnswer(
        wording.sentence(said + text),
        True,
        (evidence,),
        'choice',
        None,
        None,
        '',
        true,
        (one.name, other.name),
    )


def _spoken(relation: str) -> str:
    return {'left of': 'to the left of', 'right of': 'to the right of'}.get(relation, relation)


def _related(facts: Survey, a: SceneObject, b: SceneObject, relation: str) -> Quantity:
    if a is b:
        raise CannotTell(f'Both names mean the same object, {facts.label(a)}')
    return referents.relation_quantity(facts, a, b, relation)


def _relation_fact(
    facts: Survey, a: SceneObject, b: SceneObject, relation: str, quantity: Quantity
) -> Evidence:
    text = (
        f'{facts.label(a)} is {_spoken(relation)} {facts.label(b)}, by '
        f'{wording.length(abs(quantity.value), quantity.sigma)}'
    )
    frame = 'gravity' if relation in ('above', 'below') else 'camera'
    kind = relation.replace(' ', '_')
    value = Quantity(abs(quantity.value), quantity.sigma)
    return fact(kind, (a.name, b.name), value, text, frame)


@asked(
    rf'^(?:is|are) (?P<a>.+?) (?:standing |sitting |lying |placed |located '
    rf'|positioned |situated )?(?:{RELATION}) (?P<b>.+?)(?:,? (?:and )?by how '
    rf'much)?$',
)
def answer_relation(
    facts: Survey, match: re.Match[str], unit: str | None
) -> MeasuredAnswer | None:
    """Is A left of B? On it? Touching it? Between B and C?"""
    relation = relation_of(match)
    a = read_phrase(match['a'])
    if (
        a.indefinite
        or match['a'].startswith('there')
        or relation in ('nearest to', 'farthest from')
    ):
        return None
    if relation == 'between':
        return _is_between(facts, a, match['b'])
    b = read_phrase(match['b'])
    if a.kind == 'plane' or b.kind in ('pixel', 'box', 'group'):
        return None
    said = referents.caveat(facts, a, b)
    one = referents.one(facts, a)
    if b.kind == 'camera':
        return _beside_camera(facts, one, relation, said)
    if b.kind == 'plane':
        return _on_plane(facts, one, b, relation, said)
    other = referents.one(facts, b)
    if relation in ('on', 'touching', 'beside'):
        return _contact(facts, one, other, relation, unit, said)
    quantity = _related(facts, one, other, relation)
    name, than = facts.label(one), facts.label(other)
    by = wording.length(abs(quantity.value), quantity.sigma, unit)
    if quantity.sign == 0:
        text = (
            f'I cannot tell whether {name} is {_spoken(relation)} {than}: the '
            f'difference of {by} is inside the margin'
        )
        return yes_no(said, text, 0, (), (one.name, other.name))
    true = relation if quantity.sign > 0 else _CONVERSE[relation]
    text = f'{"yes" if quantity.sign > 0 else "no"}, {name} is {_spoken(true)} {than}, by {by}'
    evidence = _relation_fact(facts, one, other, true, quantity)
    return yes_no(said, text, quantity.sign, (evidence,), (one.name, other.name))


def _beside_camera(
    facts: Survey, thing: SceneObject, relation: str, said: str
) -> MeasuredAnswer | None:
    if relation not in ('left of', 'right of', 'in front of', 'behind', 'above', 'below'):
        return None
    if relation == 'behind':
        raise CannotTell('The camera does not see what is behind it')
    bearing = Quantity(thing.bearing_deg, thing.margins.bearing_deg)
    evidence = (describe(facts, thing),)
    if relation == 'in front of':
        text = f'yes, {facts.label(thing)} is in view, {wording.side(thing.bearing_deg)}'
        return yes_no(said, text, 1, evidence, (thing.name,))
    if relation in ('above', 'below'):
        height = quantity_of(facts, thing, 'place', None)
        sign = height.sign if relation == 'above' else -height.sign
        fact_ = value_fact(facts, thing, 'place', height)
        opening = {1: 'Yes', -1: 'No', 0: 'I cannot tell'}[sign]
        return yes_no(
            said,
            f'{opening}: {fact_.text[:1].lower()}{fact_.text[1:]}',
            sign,
            (fact_,),
            (thing.name,),
        )
    sign = bearing.sign if relation == 'right of' else -bearing.sign
    opening = {1: 'yes', -1: 'no', 0: 'I cannot tell'}[sign]
    text = f'{opening}: {facts.label(thing)} is {wording.side(thing.bearing_deg)}'
    return yes_no(said, text, sign, evidence, (thing.name,))


def _on_plane(
    facts: Survey, thing: SceneObject, phrase: Phrase, relation: str, said: str
) -> MeasuredAnswer:
    surface = referents.plane(facts, phrase)
    sign = referents.to_plane(facts, thing, surface, relation)
    lift = Quantity(float(thing.low_m[2]) - surface.height_m, thing.margins.size_m[2])
    if surface.role in ('support', 'top'):
        text = (
            f'the foot of {facts.label(thing)} is '
            f'{wording.length(abs(lift.value), lift.sigma)} from the height of the '
            f'{surface.name}'
        )
    else:
        lift = relations.distance_to_plane(facts, thing, surface)
        text = (
            f'{facts.label(thing)} is {wording.length(lift.value, lift.sigma)} from the '
            f'{surface.name}'
        )
    evidence = fact('height', (thing.name, surface.name), lift, text, 'gravity')
    opening = {1: 'yes', -1: 'no', 0: 'I cannot tell'}[sign]
    return yes_no(said, f'{opening}: {text}', sign, (evidence,), (thing.name, surface.name))


def _contact(
    facts: Survey, a: SceneObject, b: SceneObject, relation: str, unit: str | None, said: str
) -> MeasuredAnswer:
    if a is b:
        raise CannotTell(f'Both names mean the same object, {facts.label(a)}')
    between = relations.gap(facts, a, b)
    apart = f'{wording.length(between.value, between.sigma, unit)} between their visible points'
    evidence = fact(
        'gap', (a.name, b.name), between, f'{facts.label(a)} and {facts.label(b)} have {apart}'
    )
    names = (a.name, b.name)
    if relation == 'beside':
        text = (
            f'{facts.label(a)} and {facts.label(b)} are '
            f'{wording.length(between.value, between.sigma, unit)} apart; how near '
            '"near" is, you have to say'
        )
        return number(said + text, between, (evidence,))
    if relation == 'touching':
        sign, _ = relations.touching(facts, a, b)
        word = 'yes, no gap can be seen' if sign > 0 else 'no'
        return yes_no(said, f'{word}: there are {apart}', sign, (evidence,), names)
    sign, lift = relations.stands_on(facts, a, b)
    height = wording.length(abs(lift.value), lift.sigma, unit)
    above = 'above' if lift.value >= 0 else 'below'
    stands = fact(
        'on',
        names,
        lift,
        f'the foot of {facts.label(a)} is {height} {above} the top of {facts.label(b)}',
        'gravity',
    )
    opening = {1: 'yes', -1: 'no', 0: 'I cannot tell'}[sign]
    return yes_no(
        said,
        f'{opening}: {stands.text[:1].lower()}{stands.text[1:]}',
        sign,
        (stands, evidence),
        names,
    )


@asked(
    r'^(?:do|does|are|is) (?P<a>.+?) (?:and|or) (?P<b>.+?) (?:touch(?:ing)?|in '
    r'contact|touching each other|touch each other|in contact with each other)$',
    r'^does (?P<a>.+?) touch (?P<b>.+)$',
)
def answer_touch(facts: Survey, match: re.Match[str], unit: str | None) -> MeasuredAnswer | None:
    """Do A and B touch? Are they in contact?"""
    if match['a'] and match['b']:
        a, b = read_phrase(match['a']), read_phrase(match['b'])
        if b.kind == 'plane':
            return _on_plane(
                facts, referents.one(facts, a), b, 'touching', referents.caveat(facts, a)
            )
        said = referents.caveat(facts, a, b)
        return _contact(
            facts, referents.one(facts, a), referents.one(facts, b), 'touching', unit, said
        )
    return None


@asked(r'^(?:do|does) (?P<a>.+?) (?:stand|sit|rest|lie) on (?:top of )?(?P<b>.+)$')
def answer_stands_on(
    facts: Survey, match: re.Match[str], unit: str | None
) -> MeasuredAnswer | None:
    """Does A stand on B?"""
    a, b = read_phrase(match['a']), read_phrase(match['b'])
    if a.indefinite:
        return None
    said = referents.caveat(facts, a, b)
    if b.kind == 'plane':
        return _on_plane(facts, referents.one(facts, a), b, 'on', said)
    return _contact(facts, referents.one(facts, a), referents.one(facts, b), 'on', unit, said)


def _is_between(facts: Survey, a: Phrase, rest: str) -> MeasuredAnswer | None:
    parts = [read_phrase(part) for part in re.split(r' and ', rest)]
    if len(parts) == 2:
        pair = (referents.one(facts, parts[0]), referents.one(facts, parts[1]))
    else:
        found = referents.group(facts, parts[0])
        pair = (found[0], found[1])
    said = referents.caveat(facts, a, *(parts if len(parts) == 2 else ()))
    thing = referents.one(facts, a)
    sign = referents.is_between(facts, thing, *pair)
    opening = {1: 'yes', -1: 'no', 0: 'I cannot tell'}[sign]
    where = [f'{facts.label(t)} is {wording.side(t.bearing_deg)}' for t in (thing, *pair)]
    text = f'{opening}, from left to right as the camera sees it: {wording.listing(where)}'
    evidence = tuple(describe(facts, t) for t in (thing, *pair))
    return yes_no(said, text, sign, evidence, tuple(t.name for t in (thing, *pair)))


@asked(
    r'^is (?P<a>.+?) (?:to|on|at) (?:the |my |your )?(?P<side>left|right)(?: '
    r'side)? or (?:(?:to|on|at) )?(?:the |my |your )?(?P<other>left|right)(?: '
    r'side)?$',
    r'^is (?P<a>.+?) (?:to|on|at|in) (?:the |my |your )?(?P<side>left|right)(?: '
    r'side| half| part)?(?: of (?:the |this '
    r')?(?:image|picture|frame|view|scene|me|you|camera|robot))?$',
)
def answer_on_side(facts: Survey, match: re.Match[str], unit: str | None) -> MeasuredAnswer | None:
    """Is A on the left or on the right?"""
    phrase = read_phrase(match['a'])
    if phrase.indefinite:
        return None
    said = referents.caveat(facts, phrase)
    thing = referents.one(facts, phrase)
    bearing = Quantity(thing.bearing_deg, thing.margins.bearing_deg)
    true = '' if bearing.sign == 0 else ('right' if bearing.sign > 0 else 'left')
    where = f'{facts.label(thing)} is {wording.side(thing.bearing_deg)}'
    evidence = (describe(facts, thing),)
    asked = match['side']
    if match.groupdict().get('other'):
        text = where if true else f'I cannot tell: {where}'
        return MeasuredAnswer(
            wording.sentence(said + text),
            True,
            evidence,
            'choice',
            None,
            None,
            '',
            true and f'{true} of',
            (thing.name,),
        )
    sign = 0 if not true else (1 if true == asked else -1)
    opening = {1: 'yes', -1: 'no', 0: 'I cannot tell'}[sign]
    return yes_no(said, f'{opening}: {where}', sign, evidence, (thing.name,))
