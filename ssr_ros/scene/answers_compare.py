# Copyright 2026 The ssr_ros authors
#
# Licensed under the Apache License, Version 2.0 (the "License");
# you may not use this file except in compliance with the License.
# You may obtain a copy of the License at
#
#     http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS,
# WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.
# See the License for the specific language governing permissions and
# limitations under the License.

"""Comparisons and relations of two objects: which is more so, and yes or no, by how much."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ssr_ros.scene import referents, relations, wording
from ssr_ros.scene.answers_distance import fact, Family, number
from ssr_ros.scene.evidence import Evidence, MeasuredAnswer
from ssr_ros.scene.language import Phrase, read_phrase, RELATION, relation_of
from ssr_ros.scene.objects import SceneObject
from ssr_ros.scene.rationale import describe
from ssr_ros.scene.referents import CannotTell
from ssr_ros.scene.relations import Quantity

if TYPE_CHECKING:
    from ssr_ros.scene.facts import SceneFacts

# comparative -> (what is compared, its sense, the word in the answer)
_ADJECTIVES: dict[str, tuple[str, int, str]] = {}
for _words, _entry in (
    ('closer closest nearer nearest close near', ('distance', -1, 'closer')),
    ('farther farthest far distant remote', ('distance', 1, 'farther')),
    ('taller tallest tall', ('height', 1, 'taller')),
    ('shorter shortest short', ('height', -1, 'shorter')),
    ('wider widest wide broader broadest broad longer longest long', ('width', 1, 'wider')),
    ('narrower narrowest narrow thinner thinnest thin slimmer', ('width', -1, 'narrower')),
    ('deeper deepest deep', ('depth', 1, 'deeper')),
    ('bigger biggest big larger largest large greater', ('area', 1, 'bigger')),
    ('smaller smallest small', ('area', -1, 'smaller')),
    ('higher highest high', ('place', 1, 'higher')),
    ('lower lowest low', ('place', -1, 'lower')),
):
    for _word in _words.split():
        _ADJECTIVES[_word] = _entry
_ADJ = '|'.join(sorted(_ADJECTIVES, key=len, reverse=True))
_WHAT = {'area': 'by width times height of what is seen'}

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


def _quantity(
    facts: SceneFacts, thing: SceneObject, what: str, origin: SceneObject | None
) -> Quantity:
    if what == 'distance' and origin is not None:
        return relations.gap(facts, origin, thing)
    if what == 'distance':
        return relations.distance(thing)
    if what == 'place':
        height = float(relations.place(facts, thing)[2])
        return Quantity(height, thing.margins.center_m[1])
    return relations.size(thing, what)


def _compared(
    facts: SceneFacts, a: SceneObject, b: SceneObject, what: str, origin: SceneObject | None = None
) -> tuple[Quantity, tuple[Evidence, ...]]:
    """Return a minus b, and the two values as evidence."""
    if a is b:
        raise CannotTell(f'Both names mean the same object, {facts.label(a)}')
    one, other = (_quantity(facts, t, what, origin) for t in (a, b))
    _refuse_cut_off(facts, a, b, what, one, other)
    evidence = tuple(_value_fact(facts, t, what, q) for t, q in ((a, one), (b, other)))
    return one - other, evidence


def _refuse_cut_off(
    facts: SceneFacts, a: SceneObject, b: SceneObject, what: str, one: Quantity, other: Quantity
) -> None:
    """A size of something that leaves the image is a least value: it may decide, or not."""
    if what not in ('width', 'height', 'area', 'depth'):
        return
    smaller = a if one.value < other.value else b
    if smaller.touches_edge:
        raise CannotTell(
            f'I cannot tell: {facts.label(smaller)} leaves the image, so its size is '
            'only a least value'
        )


def _value_fact(facts: SceneFacts, thing: SceneObject, what: str, value: Quantity) -> Evidence:
    if what == 'area':
        return fact(
            'front_area', (thing.name,), value,
            f'{facts.label(thing)} shows a front of {10000 * value.value:.0f} square centimetres',
            'gravity', 'm2',
        )  # fmt: skip
    if what == 'place':
        where = 'above' if value.value >= 0 else 'below'
        text = (
            f'the centre of {facts.label(thing)} lies '
            f'{wording.length(abs(value.value), value.sigma)} {where} the height of the camera'
        )
        return fact('height', (thing.name,), value, text, 'gravity')
    word = {'distance': 'away', 'height': 'high', 'width': 'wide', 'depth': 'deep'}[what]
    text = f'{facts.label(thing)} is {wording.length(value.value, value.sigma)} {word}'
    return fact(what, (thing.name,), value, text, 'camera' if what == 'distance' else 'gravity')


def choose(
    facts: SceneFacts, a: SceneObject, b: SceneObject, adjective: str, origin: SceneObject | None,
    unit: str | None, said: str = '',
) -> MeasuredAnswer:  # fmt: skip
    """Say which of two objects is more so."""
    what, sense, word = _ADJECTIVES[adjective]
    difference, evidence = _compared(facts, a, b, what, origin)
    winner, loser = (a, b) if difference.value * sense > 0 else (b, a)
    apart = _apart(difference, what, unit)
    if difference.sign == 0:
        first, second = sorted((facts.label(a), facts.label(b)))
        text = (
            f'I cannot tell which is {word}: {first} and {second} differ by {apart}, which is '
            'inside the margin'
        )
        return MeasuredAnswer(
            wording.sentence(said + text),
            True,
            evidence,
            'choice',
            None,
            None,
            '',
            '',
            (a.name, b.name),
        )
    near = f' to {facts.label(origin)}' if origin is not None else ''
    text = f'{facts.label(winner)} is {word}{near} than {facts.label(loser)}, by {apart}'
    return MeasuredAnswer(
        wording.sentence(said + text), True, evidence, 'choice', None, None, '', winner.name,
        (a.name, b.name),
    )  # fmt: skip


def _apart(difference: Quantity, what: str, unit: str | None) -> str:
    if what == 'area':
        return f'{10000 * abs(difference.value):.0f} ± {20000 * difference.sigma:.0f} cm2 of front'
    return wording.length(abs(difference.value), difference.sigma, unit)


def _which(facts: SceneFacts, match: re.Match[str], unit: str | None) -> MeasuredAnswer | None:
    """Which is taller, A or B?"""
    groups = match.groupdict()
    a, b = read_phrase(groups['a']), read_phrase(groups['b'])
    origin = read_phrase(groups['c']) if groups.get('c') else None
    said = referents.caveat(facts, a, b)
    from_ = None if origin is None or origin.kind == 'camera' else referents.one(facts, origin)
    return choose(
        facts, referents.one(facts, a), referents.one(facts, b), groups['adj'], from_, unit, said
    )


def _which_of_group(
    facts: SceneFacts, match: re.Match[str], unit: str | None
) -> MeasuredAnswer | None:
    """Which of the two is taller?"""
    phrase = read_phrase(match['both'])
    if phrase.kind != 'group' and 'two' not in match['both']:
        return None
    a, b = referents.group(facts, phrase)
    return choose(facts, a, b, match['adj'], None, unit)


def _is_more(facts: SceneFacts, match: re.Match[str], unit: str | None) -> MeasuredAnswer | None:
    """Is A taller than B? Is A closer to C than B? Is A wider than 20 cm?"""
    groups = match.groupdict()
    a, b = read_phrase(groups['a']), read_phrase(groups['b'])
    if a.indefinite or groups['a'].startswith('there'):
        return None
    if groups.get('adj2'):
        return _which(facts, match, unit)
    bound = re.fullmatch(r'<([\d.]+)>(?: (?:away|tall|high|wide))?', groups['b'])
    if bound:
        return _against_bound(facts, a, groups['adj'], float(bound[1]), unit)
    if b.kind in ('camera', 'plane') or a.kind in ('camera', 'plane'):
        return None
    origin = read_phrase(groups['c']) if groups.get('c') else None
    said = referents.caveat(facts, a, b)
    one, other = referents.one(facts, a), referents.one(facts, b)
    what, sense, word = _ADJECTIVES[groups['adj']]
    from_ = None if origin is None or origin.kind == 'camera' else referents.one(facts, origin)
    difference, evidence = _compared(facts, one, other, what, from_)
    apart = _apart(difference, what, unit)
    sign = difference.sign * sense
    name, than = facts.label(one), facts.label(other)
    if sign == 0:
        text = f'I cannot tell: {name} and {than} differ by {apart}, which is inside the margin'
    else:
        said_word = word if sign > 0 else _CONVERSE[word]
        text = f'{"yes" if sign > 0 else "no"}, {name} is {said_word} than {than}, by {apart}'
    return yes_no(said, text, sign, evidence, (one.name, other.name))


def yes_no(
    said: str, text: str, sign: int, evidence: tuple[Evidence, ...], subjects: tuple[str, ...]
) -> MeasuredAnswer:
    """Make an answer of yes (1), no (-1) or cannot tell (0)."""
    value = None if sign == 0 else float(sign > 0)
    sentence = wording.sentence(text)
    if said:
        sentence = said + (
            sentence[:1].lower() + sentence[1:] if sentence[:2] != 'I ' else sentence
        )
    return MeasuredAnswer(sentence, True, evidence, 'yes_no', value, None, '', '', subjects)


def _against_bound(
    facts: SceneFacts, phrase: Phrase, adjective: str, bound_m: float, unit: str | None
) -> MeasuredAnswer:
    what, sense, _ = _ADJECTIVES[adjective]
    if what in ('area', 'place'):
        what = 'height' if what == 'place' else 'width'
    said = referents.caveat(facts, phrase)
    thing = referents.one(facts, phrase)
    value = _quantity(facts, thing, what, None)
    sign = Quantity(value.value - bound_m, value.sigma).sign * sense
    if thing.touches_edge and what != 'distance' and value.value < bound_m:
        raise CannotTell(
            f'I cannot tell: {facts.label(thing)} leaves the image, so its {what} is '
            'only a least value'
        )
    measured = wording.length(value.value, value.sigma, unit)
    opening = {1: 'yes', -1: 'no', 0: 'I cannot tell'}[sign]
    kind = {'distance': 'away', 'height': 'high', 'width': 'wide', 'depth': 'deep'}[what]
    text = (
        f'{opening}: {facts.label(thing)} is {measured} {kind}, and '
        f'{wording.given(bound_m)} was asked'
    )
    return yes_no(said, text, sign, (_value_fact(facts, thing, what, value),), (thing.name,))


def _how_much(facts: SceneFacts, match: re.Match[str], unit: str | None) -> MeasuredAnswer | None:
    """How much taller is A than B?"""
    a, b = read_phrase(match['a']), read_phrase(match['b'])
    said = referents.caveat(facts, a, b)
    one, other = referents.one(facts, a), referents.one(facts, b)
    what, sense, word = _ADJECTIVES[match['adj']]
    difference, evidence = _compared(facts, one, other, what)
    signed = Quantity(difference.value * sense, difference.sigma)
    apart = _apart(difference, what, unit)
    if difference.sign == 0:
        text = f'{facts.label(one)} and {facts.label(other)} differ by {apart}: too little to tell'
    else:
        said_word = word if signed.value > 0 else _CONVERSE[word]
        text = f'{facts.label(one)} is {apart} {said_word} than {facts.label(other)}'
    return number(said + text, signed, evidence)


def _alike(facts: SceneFacts, match: re.Match[str], unit: str | None) -> MeasuredAnswer | None:
    """Is A as tall as B?"""
    a, b = read_phrase(match['a']), read_phrase(match['b'])
    said = referents.caveat(facts, a, b)
    one, other = referents.one(facts, a), referents.one(facts, b)
    what, _, _ = _ADJECTIVES[match['adj']]
    difference, evidence = _compared(facts, one, other, what)
    apart = _apart(difference, what, unit)
    if difference.sign:
        text = f'no, they differ by {apart}'
        return yes_no(said, text, -1, evidence, (one.name, other.name))
    text = f'as far as can be measured, yes: they differ by {apart}, which is inside the margin'
    return yes_no(said, text, 1, evidence, (one.name, other.name))


def _left_or_right(
    facts: SceneFacts, match: re.Match[str], unit: str | None
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
    facts: SceneFacts, one: SceneObject, other: SceneObject, relation: str, quantity: Quantity,
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
        wording.sentence(said + text), True, (evidence,), 'choice', None, None, '', true,
        (one.name, other.name),
    )  # fmt: skip


def _spoken(relation: str) -> str:
    return {'left of': 'to the left of', 'right of': 'to the right of'}.get(relation, relation)


def _related(facts: SceneFacts, a: SceneObject, b: SceneObject, relation: str) -> Quantity:
    if a is b:
        raise CannotTell(f'Both names mean the same object, {facts.label(a)}')
    return referents.relation_quantity(facts, a, b, relation)


def _relation_fact(
    facts: SceneFacts, a: SceneObject, b: SceneObject, relation: str, quantity: Quantity
) -> Evidence:
    text = (
        f'{facts.label(a)} is {_spoken(relation)} {facts.label(b)}, by '
        f'{wording.length(abs(quantity.value), quantity.sigma)}'
    )
    frame = 'gravity' if relation in ('above', 'below') else 'camera'
    kind = relation.replace(' ', '_')
    value = Quantity(abs(quantity.value), quantity.sigma)
    return fact(kind, (a.name, b.name), value, text, frame)


def _relation(facts: SceneFacts, match: re.Match[str], unit: str | None) -> MeasuredAnswer | None:
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
    facts: SceneFacts, thing: SceneObject, relation: str, said: str
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
        height = _quantity(facts, thing, 'place', None)
        sign = height.sign if relation == 'above' else -height.sign
        fact_ = _value_fact(facts, thing, 'place', height)
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
    facts: SceneFacts, thing: SceneObject, phrase: Phrase, relation: str, said: str
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
    facts: SceneFacts, a: SceneObject, b: SceneObject, relation: str, unit: str | None, said: str
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


def _touch(facts: SceneFacts, match: re.Match[str], unit: str | None) -> MeasuredAnswer | None:
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


def _is_between(facts: SceneFacts, a: Phrase, rest: str) -> MeasuredAnswer | None:
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


def _on_side(facts: SceneFacts, match: re.Match[str], unit: str | None) -> MeasuredAnswer | None:
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


_BE = r'(?:is|are|does|do|lies|stands|sits|was|would)'
FAMILIES: tuple[tuple[re.Pattern[str], Family], ...] = (
    (
        re.compile(
            rf'^(?:how much|by how much is|how many \w+) (?P<adj>{_ADJ}) (?:is|are) '
            rf'(?P<a>.+?) (?:than|compared to) (?P<b>.+)$'
        ),
        _how_much,
    ),
    (
        re.compile(rf'^by how much (?:is|are) (?P<a>.+?) (?P<adj>{_ADJ}) than (?P<b>.+)$'),
        _how_much,
    ),
    (
        re.compile(rf'^(?:is|are) (?P<a>.+?) (?P<adj>{_ADJ}) or (?P<adj2>{_ADJ}) than (?P<b>.+)$'),
        _is_more,
    ),
    (
        re.compile(
            rf'^(?:is|are|does) (?P<a>.+?) (?:as|the same|equally|just as) '
            rf'(?P<adj>{_ADJ})(?: as| like)? (?P<b>.+)$'
        ),
        _alike,
    ),
    (
        re.compile(rf'^(?:is|are) (?P<a>.+?) (?P<adj>{_ADJ})(?: to (?P<c>.+?))? than (?P<b>.+)$'),
        _is_more,
    ),
    (
        re.compile(
            rf'^(?:which|what|who)(?: one| object| thing| item)?(?: of (?:the '
            rf'two|them|these|those))? (?:is|looks|stands|lies|seems) (?:the '
            rf')?(?P<adj>{_ADJ})(?: one| object)?(?: (?:to|from) (?P<c>(?:the '
            rf')?[^,:]+?))?(?: ?[,:]| -)? '
            rf'?(?P<a>(?:the|a|red|blue|green|object|it|my|yellow|white|black|gray|brown|'
            rf'orange|purple|pink)\b.*?),? or (?P<b>.+)$'
        ),
        _which,
    ),
    (
        re.compile(
            rf'^(?:is |are )?(?P<a>.+?) or (?P<b>.+?)[,:]? (?:which|what)(?: one)? is '
            rf'(?:the )?(?P<adj>{_ADJ})$'
        ),
        _which,
    ),
    (
        re.compile(
            rf'^between (?P<a>.+?) and (?P<b>.+?)[,:]? (?:which|what)(?: one)? is (?:the '
            rf')?(?P<adj>{_ADJ})(?: one)?$'
        ),
        _which,
    ),
    (
        re.compile(
            rf'^which of (?P<a>.+?) (?:and|or) (?P<b>.+?) is (?:the )?(?P<adj>{_ADJ})(?: '
            rf'one)?(?: to (?:me|the camera|you))?$'
        ),
        _which,
    ),
    (
        re.compile(
            rf'^which of (?P<both>.+?) is (?:the )?(?P<adj>{_ADJ})(?: one)?(?: to '
            rf'(?:me|the camera|you))?$'
        ),
        _which_of_group,
    ),
    (
        re.compile(
            r'^is (?P<a>.+?) (?:to the |on the '
            r')?(?P<first>left|right|above|below|over|under|in '
            r'front|behind|before|higher|lower)(?: of)? or (?:to the |on the '
            r')?(?:left|right|above|below|over|under|in front|behind|higher|lower)(?: '
            r'of| than)? (?P<b>.+?)(?:,? (?:and )?by how much)?$'
        ),
        _left_or_right,
    ),
    (
        re.compile(
            r'^is (?P<a>.+?) (?:to|on|at) (?:the |my |your )?(?P<side>left|right)(?: '
            r'side)? or (?:(?:to|on|at) )?(?:the |my |your )?(?P<other>left|right)(?: '
            r'side)?$'
        ),
        _on_side,
    ),
    (
        re.compile(
            r'^is (?P<a>.+?) (?:to|on|at|in) (?:the |my |your )?(?P<side>left|right)(?: '
            r'side| half| part)?(?: of (?:the |this '
            r')?(?:image|picture|frame|view|scene|me|you|camera|robot))?$'
        ),
        _on_side,
    ),
    (
        re.compile(
            r'^(?:do|does|are|is) (?P<a>.+?) (?:and|or) (?P<b>.+?) (?:touch(?:ing)?|in '
            r'contact|touching each other|touch each other|in contact with each other)$'
        ),
        _touch,
    ),
    (re.compile(r'^does (?P<a>.+?) touch (?P<b>.+)$'), _touch),
    (
        re.compile(
            rf'^(?:is|are) (?P<a>.+?) (?:standing |sitting |lying |placed |located '
            rf'|positioned |situated )?(?:{RELATION}) (?P<b>.+?)(?:,? (?:and )?by how '
            rf'much)?$'
        ),
        _relation,
    ),
)
