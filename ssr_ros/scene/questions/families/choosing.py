# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Which object, what is there, in what order, of what colour."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
import re
from typing import cast

from ssr_ros.scene.geometry.objects import SceneObject
from ssr_ros.scene.questions import referents, relations, wording
from ssr_ros.scene.questions.asked import Asked
from ssr_ros.scene.questions.cannot_tell import CannotTell
from ssr_ros.scene.questions.evidence import Evidence, MeasuredAnswer
from ssr_ros.scene.questions.families.counting import maybe_more, require_depth
from ssr_ros.scene.questions.phrases import Phrase, read_phrase, RELATION, relation_of, several
from ssr_ros.scene.questions.quantity import Quantity, Verdict
from ssr_ros.scene.questions.query import Query
from ssr_ros.scene.questions.rationale import describe, how_many
from ssr_ros.scene.questions.reader import ASKED, phrase, reads, said
from ssr_ros.scene.questions.vocabulary import (
    COLOR_WORDS,
    NEAR_COLORS,
    one_of,
    ORDINALS,
    Pick,
    PICKS,
)

_THINGS = '(?:objects?|things?|items?|ones?|obstacles?)'
_PICKED = one_of(word for word in PICKS if word.endswith(('er', 'est', 'most')))
_EXTREMES = ('nearest to', 'farthest from')
_ORDERS: tuple[tuple[str, Pick, str], ...] = (
    ('right to left', 'left', 'from right to left'),
    ('left to right', 'right', 'from left to right'),
    (r'(?:short|low)\w* (?:first|to)', 'tallest', 'from shortest to tallest'),
    (r'small\w* (?:first|to)', 'biggest', 'from smallest to biggest front'),
    (r'(?:narrow|thin)\w* (?:first|to)', 'widest', 'from narrowest to widest'),
    ('tall|height|high', 'shortest', 'from tallest to shortest'),
    ('size|big|large|small', 'smallest', 'from biggest to smallest front'),
    ('wid', 'narrowest', 'from widest to narrowest'),
    (r'far\w* (?:first|to (?:the )?(?:near|clos))', 'nearest', 'from far to near'),
    ('', 'farthest', 'from near to far'),
)
_HOW = (
    '(?:(?:in order |sorted |ordered )?(?:from|by|in order|according to|in terms of)|in (?:the )?'
    'order|with the) ?.*'
)
_EVERY = '(?:(?:all )?(?:of )?(?:the )?(?:objects|things|items|obstacles)|everything|what you see)'
_NEXT = re.compile(r', (?:and )?| and ')


@reads(
    rf'^(?:what|which|who)(?: is| are)? (?:{_THINGS} (?:is|are) )?(?:the )?(?P<np>.+)$',
    '^(?:identify |point to |show )?the (?P<np>.+)$',
)
def read_superlative(match: re.Match[str]) -> Query | None:
    """What is the closest thing? Which object is tallest? Which is nearest to B?"""
    a = read_phrase(match['np'])
    singled_out = a.pick or (a.region and not a.plural) or a.relation in _EXTREMES
    if a.kind == 'object' and singled_out:
        return Query(kind='find', a=a)
    return None


@reads('^(?:describe|(?:tell me |what can you tell me )?about) (?P<a>.+)$')
def read_about(match: re.Match[str]) -> Query | None:
    """Describe the red object."""
    a = phrase(match, 'a')
    return Query(kind='find', a=a) if a is not None and a.kind == 'object' else None


@reads(rf'^what(?: kind of {_THINGS}| type of {_THINGS})? is (?P<a>.+)$')
def read_called(match: re.Match[str]) -> Query | None:
    """What is the grey object?"""
    a = read_phrase(match['a'])
    pointed_out = a.colors or a.number is not None
    placed = a.pick or a.region or a.relation or a.bound
    if a.kind != 'object' or a.noun or a.plural or placed or not pointed_out:
        return None
    return Query(kind='called', a=a)


@reads(
    rf"""^(?:which|what)(?: of (?:the|these|those|my|your))?[ ]
    (?P<np>[^,]+?)[ ](?:is|stands|lies)[ ]
    (?:(?:the )?(?P<adj>{_PICKED})(?: one)?|(?:on|to|at) the (?:far )?(?P<side>left|right))
    (?: to (?:me|you|us|the camera))?$"""
)
def read_which_kind(match: re.Match[str]) -> Query | None:
    """Which book is closer? Which of the chairs is to the left?"""
    a = read_phrase(match['np'])
    if a.kind != 'object' or not (a.noun or a.colors) or a.pick or a.relation:
        return None
    return Query(kind='find', a=replace(a, pick=PICKS[match['adj'] or match['side']]))


@reads(
    rf"""^(?:what|which|who)(?: objects?| things?| items?| one)?[ ]
    (?:is|are|lies|stands|sits|lie|stand|sit)(?: located| standing| placed| lying)?[ ]
    (?:{RELATION}) (?P<b>.+)$"""
)
def read_what_is(match: re.Match[str]) -> Query | None:
    """What is behind B? What is on the table? What is between A and B?"""
    relation = relation_of(match)
    if relation in (*_EXTREMES, 'beside'):
        relation = 'nearest to' if relation == 'beside' else relation
        anchor = read_phrase(match['b'])
        return Query(kind='find', a=Phrase(text=anchor.text, relation=relation, anchors=(anchor,)))
    words = match[relation.replace(' ', '_')]
    return Query(kind='list', a=read_phrase(f'objects {words} {match["b"]}'))


@reads(
    rf'^(?:what|which) {_THINGS} (?:are|is|stand|lie) (?P<np>.+)$',
    r'^what is (?P<np>(?:in|at|on) .*\b(?:half|side|part)\b.*)$',
    '^what is (?P<np>(?:to|at|on) (?:the |my |your )?(?:left|right)(?: of (?:me|you))?)$',
)
def read_which_are(match: re.Match[str]) -> Query | None:
    """Which objects are red? Which objects are within 1 m?"""
    words = match['np']
    a = read_phrase(f'{words} objects' if words in COLOR_WORDS else f'objects {words}')
    if a.noun or not (a.colors or a.bound or a.region or a.relation):
        return None
    return Query(kind='list', a=a)


@reads(
    f'^(?:list|order|sort|rank|enumerate|name) {_EVERY}(?:,? {_HOW})?$',
    f'^(?:what is )?(?:the )?order of {_EVERY}(?:,? {_HOW})?$',
    rf"""^{_EVERY},?[ ]
    (?:from (?:left|right|near|clos|far)|in order|by (?:distance|depth|height|size)).*$""",
    f'^(?:list|order|sort|rank|enumerate|name) (?P<list>.+?),? {_HOW}$',
    '^(?:list|enumerate|name) (?P<list>.+)$',
)
def read_order(match: re.Match[str]) -> Query | None:
    """List the objects from left to right, by height; order A, B and C; list the red things."""
    pick = next(pick for words, pick, _ in _ORDERS if re.search(words, match.string))
    named = said(match, 'list')
    if not named:
        return Query(kind='order', what=pick)
    things = _NEXT.split(named)
    if len(things) > 1:
        listed = several(things)
        if any(thing.kind != 'object' or thing.plural for thing in listed.anchors):
            return None
        return Query(kind='order', what=pick, a=listed)
    a = read_phrase(named)
    if a.kind != 'object':
        return None
    if not a.plural:
        return Query(kind='find', a=a) if a.pick else None
    return (
        Query(kind='list', a=a)
        if match.end('list') == match.end()
        else Query(kind='order', what=pick, a=a)
    )


@reads(
    '^(?:of |in )?(?:what|which) color (?:is|are|does|do) (?P<a>.+?)(?: have)?$',
    f'{ASKED}color of (?P<a>.+)$',
)
def read_color(match: re.Match[str]) -> Query | None:
    """What colour is A?"""
    a = phrase(match, 'a')
    return Query(kind='color', a=a) if a is not None and a.kind == 'object' else None


@reads(
    rf'^(?:is|are) (?P<a>(?!there).+?) (?P<b>(?:dark |light |bright )?(?:{one_of(COLOR_WORDS)}))$'
)
def read_is_colored(match: re.Match[str]) -> Query | None:
    """Is A red?"""
    a = phrase(match, 'a')
    if a is None or a.kind != 'object' or a.indefinite:
        return None
    return Query(kind='is colored', a=a, b=phrase(match, 'b'))


def _require_objects(asked: Asked) -> None:
    require_depth(asked.survey)
    if not asked.survey.objects:
        raise CannotTell('The depth shows no object that stands off its surroundings')


def find(asked: Asked) -> MeasuredAnswer:
    """Say which object a phrase means."""
    _require_objects(asked)
    survey, wanted = asked.survey, asked.phrase('a')
    thing = asked.thing('a')
    here = describe(survey, thing)
    if wanted.relation in _EXTREMES and wanted.anchors[0].kind == 'object':
        other = referents.one(survey, wanted.anchors[0])
        between = relations.gap(survey, other, thing)
        text = f'{asked.label(thing)} is {wording.amount(between)} from {asked.label(other)}'
        fact = Evidence.of('gap', (thing.name, other.name), between, 'camera', text)
        return asked.choice(text, thing.name, [fact, here], [thing.name])
    others = [t for t in referents.matching(survey, wanted) if t is not thing]
    evidence = [here, *(describe(survey, other) for other in others[:1])]
    text = here.text
    if wanted.pick:
        which = f'{ORDINALS[wanted.rank]} {wording.superlative(wanted.pick)}'.strip()
        text = f'the {which} one is {asked.label(thing)}. {here.text}'
    return asked.choice(text, thing.name, evidence, [thing.name])


def called(asked: Asked) -> MeasuredAnswer:
    """Say what a thing is, where somebody has named it."""
    thing = asked.thing('a')
    if not thing.label:
        raise CannotTell(
            f'Nobody has named {asked.label(thing)}, and depth does not tell what a thing is'
        )
    text = f'{asked.phrase("a").text} is {asked.label(thing)}'
    return asked.choice(text, thing.name, [describe(asked.survey, thing)], [thing.name])


def list_fitting(asked: Asked) -> MeasuredAnswer:
    """Name all objects that fit a phrase."""
    survey = asked.survey
    require_depth(survey)
    sure, unsure = referents.fitting(survey, asked.phrase('a'))
    names = [thing.name for thing in sure]
    nothing = 'nothing for certain' if unsure else 'nothing that the depth shows'
    text = (referents.describe_all(survey, sure) or nothing) + maybe_more(survey, unsure)
    evidence = [describe(survey, t) for t in (sure + unsure)[: referents.MOST_NAMED]]
    if len(names) == 1:
        return asked.choice(text, names[0], evidence, names)
    return asked.text(text, evidence or [how_many(survey)], names)


def order(asked: Asked) -> MeasuredAnswer:
    """List objects in an order, all or those named; what is about equal is said to be so."""
    _require_objects(asked)
    pick = cast(Pick, asked.what)
    words = next(words for _, name, words in _ORDERS if name == pick)
    named = _listed(asked) if asked.has('a') else asked.survey.objects
    things: list[SceneObject] = sorted(named, key=lambda t: referents.measure_of(pick, t).value)
    names = [asked.label(things[0])]
    for before, thing in pairwise(things):
        apart = referents.measure_of(pick, thing) - referents.measure_of(pick, before)
        names.append(('' if apart.decided else 'about equal: ') + asked.label(thing))
    evidence = [describe(asked.survey, thing) for thing in things[:8]]
    return asked.text(f'{words}: {", ".join(names)}', evidence, [t.name for t in things])


def is_colored(asked: Asked) -> MeasuredAnswer:
    """Say whether an object has a colour; a near one, or half of it, may be that or not."""
    thing, wanted = asked.thing('a'), asked.phrase('b').colors
    near = {other for color in wanted for other in NEAR_COLORS[color].split()}
    seen = {thing.color, thing.second_color}
    verdict = Verdict.of(thing.color in wanted)
    if verdict is Verdict.NO and seen & {*wanted, *near}:
        verdict = Verdict.UNSURE
    looks = _looks(asked, thing)
    text = f'{verdict.opening}: {wording.inner(looks.text)}'
    return asked.yes_no(verdict, text, [looks])


def _listed(asked: Asked) -> Sequence[SceneObject]:
    """The objects that are named one by one, or all that fit a phrase."""
    if asked.phrase('a').kind == 'several':
        return asked.several()
    sure, unsure = referents.fitting(asked.survey, asked.phrase('a'))
    if unsure or not sure:
        raise CannotTell(
            f'I see nothing that is one of "{asked.phrase("a").text}" for certain'
            f'{maybe_more(asked.survey, unsure)}'
        )
    return sure


def color(asked: Asked) -> MeasuredAnswer:
    """Say what colour an object has, and how much of it."""
    thing = asked.thing('a')
    looks = _looks(asked, thing)
    return asked.color(looks.text, thing.color, [looks])


def _looks(asked: Asked, thing: SceneObject) -> Evidence:
    share = Quantity(thing.color_share, 0.0, '')
    text = f'{asked.label(thing)} looks {thing.color} ({100 * share.value:.0f} % of its pixels)'
    if thing.second_color:
        text += f', partly {thing.second_color}'
    return Evidence.of('color', (thing.name,), share, 'camera', text)
