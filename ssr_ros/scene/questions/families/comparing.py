# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Comparisons of two objects: which is more so, by how much, against a bound."""

from __future__ import annotations

import re

from ssr_ros.scene.geometry.objects import SceneObject
from ssr_ros.scene.geometry.survey import Survey
from ssr_ros.scene.questions import referents, relations, wording
from ssr_ros.scene.questions.asked import asked, fact, number, yes_no
from ssr_ros.scene.questions.evidence import Evidence, MeasuredAnswer
from ssr_ros.scene.questions.phrases import Phrase, read_phrase, SUPERLATIVES
from ssr_ros.scene.questions.rationale import describe
from ssr_ros.scene.questions.referents import CannotTell
from ssr_ros.scene.questions.relations import Quantity

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


_CONVERSE = {
    'closer': 'farther', 'farther': 'closer', 'taller': 'shorter', 'shorter': 'taller',
    'wider': 'narrower', 'narrower': 'wider', 'deeper': 'shallower', 'bigger': 'smaller',
    'smaller': 'bigger', 'higher': 'lower', 'lower': 'higher', 'left of': 'right of',
    'right of': 'left of', 'above': 'below', 'below': 'above', 'in front of': 'behind',
    'behind': 'in front of',
}  # fmt: skip


def quantity_of(
    facts: Survey, thing: SceneObject, what: str, origin: SceneObject | None
) -> Quantity:
    """What is compared of an object; distances from ``origin`` or from the camera."""
    if what == 'distance' and origin is not None:
        return relations.gap(facts, origin, thing)
    if what == 'distance':
        return relations.distance(thing)
    if what == 'place':
        height = float(relations.place(facts, thing)[2])
        return Quantity(height, thing.margins.center_m[1])
    return relations.size(thing, what)


def _compared(
    facts: Survey, a: SceneObject, b: SceneObject, what: str, origin: SceneObject | None = None
) -> tuple[Quantity, tuple[Evidence, ...]]:
    """Return a minus b, and the two values as evidence."""
    if a is b:
        raise CannotTell(f'Both names mean the same object, {facts.label(a)}')
    one, other = (quantity_of(facts, t, what, origin) for t in (a, b))
    _refuse_cut_off(facts, a, b, what, one, other)
    evidence = tuple(value_fact(facts, t, what, q) for t, q in ((a, one), (b, other)))
    return one - other, evidence


def _refuse_cut_off(
    facts: Survey, a: SceneObject, b: SceneObject, what: str, one: Quantity, other: Quantity
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


def value_fact(facts: Survey, thing: SceneObject, what: str, value: Quantity) -> Evidence:
    """Put one of the compared values into words."""
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
    facts: Survey, a: SceneObject, b: SceneObject, adjective: str, origin: SceneObject | None,
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
        wording.sentence(said + text),
        True,
        evidence,
        'choice',
        None,
        None,
        '',
        winner.name,
        (a.name, b.name),
    )


def _apart(difference: Quantity, what: str, unit: str | None) -> str:
    if what == 'area':
        return f'{10000 * abs(difference.value):.0f} ± {20000 * difference.sigma:.0f} cm2 of front'
    return wording.length(abs(difference.value), difference.sigma, unit)


@asked(
    rf'^(?:which|what|who)(?: one| object| thing| item)?(?: of (?:the '
    rf'two|them|these|those))? (?:is|looks|stands|lies|seems) (?:the '
    rf')?(?P<adj>{_ADJ})(?: one| object)?(?: (?:to|from) (?P<c>(?:the '
    rf')?[^,:]+?))?(?: ?[,:]| -)? '
    rf'?(?P<a>(?:the|a|red|blue|green|object|it|my|yellow|white|black|gray|brown|'
    rf'orange|purple|pink)\b.*?),? or (?P<b>.+)$',
    rf'^(?:is |are )?(?P<a>.+?) or (?P<b>.+?)[,:]? (?:which|what)(?: one)? is '
    rf'(?:the )?(?P<adj>{_ADJ})$',
    rf'^between (?P<a>.+?) and (?P<b>.+?)[,:]? (?:which|what)(?: one)? is (?:the '
    rf')?(?P<adj>{_ADJ})(?: one)?$',
    rf'^which of (?P<a>.+?) (?:and|or) (?P<b>.+?) is (?:the )?(?P<adj>{_ADJ})(?: '
    rf'one)?(?: to (?:me|the camera|you))?$',
)
def answer_which(facts: Survey, match: re.Match[str], unit: str | None) -> MeasuredAnswer | None:
    """Which is taller, A or B?"""
    groups = match.groupdict()
    a, b = read_phrase(groups['a']), read_phrase(groups['b'])
    origin = read_phrase(groups['c']) if groups.get('c') else None
    said = referents.caveat(facts, a, b)
    from_ = None if origin is None or origin.kind == 'camera' else referents.one(facts, origin)
    return choose(
        facts, referents.one(facts, a), referents.one(facts, b), groups['adj'], from_, unit, said
    )


@asked(
    rf'^which of (?P<both>.+?) is (?:the )?(?P<adj>{_ADJ})(?: one)?(?: to '
    rf'(?:me|the camera|you))?$',
)
def answer_which_of_group(
    facts: Survey, match: re.Match[str], unit: str | None
) -> MeasuredAnswer | None:
    """Which of the two is taller?"""
    phrase = read_phrase(match['both'])
    if phrase.kind != 'group' and 'two' not in match['both']:
        return None
    a, b = referents.group(facts, phrase)
    return choose(facts, a, b, match['adj'], None, unit)


@asked(
    rf'^(?:is|are) (?P<a>.+?) (?P<adj>{_ADJ}) or (?P<adj2>{_ADJ}) than (?P<b>.+)$',
    rf'^(?:is|are) (?P<a>.+?) (?P<adj>{_ADJ})(?: to (?P<c>.+?))? than (?P<b>.+)$',
)
def answer_is_more(facts: Survey, match: re.Match[str], unit: str | None) -> MeasuredAnswer | None:
    """Is A taller than B? Is A closer to C than B? Is A wider than 20 cm?"""
    groups = match.groupdict()
    a, b = read_phrase(groups['a']), read_phrase(groups['b'])
    if a.indefinite or groups['a'].startswith('there'):
        return None
    if groups.get('adj2'):
        return answer_which.handle(facts, match, unit)
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


def _against_bound(
    facts: Survey, phrase: Phrase, adjective: str, bound_m: float, unit: str | None
) -> MeasuredAnswer:
    what, sense, _ = _ADJECTIVES[adjective]
    if what in ('area', 'place'):
        what = 'height' if what == 'place' else 'width'
    said = referents.caveat(facts, phrase)
    thing = referents.one(facts, phrase)
    value = quantity_of(facts, thing, what, None)
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
    return yes_no(said, text, sign, (value_fact(facts, thing, what, value),), (thing.name,))


@asked(
    rf'^(?:how much|by how much is|how many \w+) (?P<adj>{_ADJ}) (?:is|are) '
    rf'(?P<a>.+?) (?:than|compared to) (?P<b>.+)$',
    rf'^by how much (?:is|are) (?P<a>.+?) (?P<adj>{_ADJ}) than (?P<b>.+)$',
)
def answer_how_much(
    facts: Survey, match: re.Match[str], unit: str | None
) -> MeasuredAnswer | None:
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


@asked(
    rf'^(?:is|are|does) (?P<a>.+?) (?:as|the same|equally|just as) '
    rf'(?P<adj>{_ADJ})(?: as| like)? (?P<b>.+)$',
)
def answer_alike(facts: Survey, match: re.Match[str], unit: str | None) -> MeasuredAnswer | None:
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


_SUPERLATIVE = '|'.join(word for word in SUPERLATIVES if word.endswith('est') or 'most' in word)


@asked(rf'^(?:is|are) (?P<a>.+?) the (?P<pick>{_SUPERLATIVE})(?: one| object| thing| of all)?$')
def answer_is_most(facts: Survey, match: re.Match[str], unit: str | None) -> MeasuredAnswer | None:
    """Is A the tallest?"""
    phrase = read_phrase(match['a'])
    if phrase.indefinite:
        return None
    said = referents.caveat(facts, phrase)
    thing = referents.one(facts, phrase)
    winner = referents.picked(facts, facts.objects, SUPERLATIVES[match['pick']])
    opening = 'yes' if winner is thing else 'no'
    text = f'{opening}, the {match["pick"]} is {facts.label(winner)}'
    evidence = (describe(facts, winner), describe(facts, thing))[: 1 if winner is thing else 2]
    sign = 1 if winner is thing else -1
    return yes_no(said, text, sign, evidence, (thing.name, winner.name))
