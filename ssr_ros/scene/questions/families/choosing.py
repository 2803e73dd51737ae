# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Which object, and what is there."""

from __future__ import annotations

from dataclasses import replace
import re

from ssr_ros.scene.questions import referents, relations, wording
from ssr_ros.scene.questions.asked import Asked
from ssr_ros.scene.questions.cannot_tell import CannotTell
from ssr_ros.scene.questions.evidence import Evidence, MeasuredAnswer
from ssr_ros.scene.questions.families.counting import maybe_more, require_depth
from ssr_ros.scene.questions.measures import MORE
from ssr_ros.scene.questions.phrase_reading import read_phrase
from ssr_ros.scene.questions.phrases import Phrase
from ssr_ros.scene.questions.query import Query
from ssr_ros.scene.questions.rationale import describe, describe_all, how_many, MOST_NAMED
from ssr_ros.scene.questions.reader import phrase, reads, said
from ssr_ros.scene.questions.relation_words import RELATION, relation_of
from ssr_ros.scene.questions.vocabulary import (
    COLOR_WORDS,
    one_of,
    ORDINALS,
    PICKS,
    SMALL_NUMBERS,
)

_THINGS = '(?:objects?|things?|items?|ones?|obstacles?)'
_PICKED = one_of(word for word in PICKS if word.endswith(('er', 'est', 'most')))
_EXTREMES = ('nearest to', 'farthest from')


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
    placed = a.relation or a.region or a.bound
    if a.kind != 'object' or not (a.noun or a.colors or placed) or a.pick:
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
        a = Phrase(text=anchor.text, relation=relation, anchors=(anchor,))
        if anchor.without is not None:  # 'apart from C' leaves out answers, and is not said of B
            a = read_phrase(f'object {relation} {match["b"]}')
        return Query(kind='find', a=a)
    words = match[relation.replace(' ', '_')]
    return Query(kind='list', a=read_phrase(f'objects {words} {match["b"]}'))


@reads(
    rf'^(?:what|which) {_THINGS} (?:are|is|stand|lie) (?P<np>.+)$',
    rf'^(?:what|who) (?:is|are) (?P<np>(?:{MORE})\b(?: (?:to|from) [^,]+?)? than .+)$',
    rf"""^(?:what|which) (?:of (?:the|these|those|my) )?
    (?P<kind>(?!(?:of|[0-9]+|{one_of(SMALL_NUMBERS)}|{_THINGS})\b)[^,]+?) are[ ]
    (?P<np>(?:(?:{RELATION})|(?:{MORE})\b.* than|within) .+)$""",
    r'^what is (?P<np>(?:in|at|on) .*\b(?:half|side|part)\b.*)$',
    rf"""^what is (?P<np>(?:to|at|on) (?:the |my |your )?(?:left|right)(?: of (?:me|you))?,?[ ]
    (?:{RELATION}) .+)$""",
    '^what is (?P<np>(?:to|at|on) (?:the |my |your )?(?:left|right)(?: side)?'
    '(?: of (?:me|you))?)$',
    r'^what is (?P<np>(?:in|at|on) the (?:left|right|middle|center|top|bottom)'
    r'(?: of (?:the |this )?(?:image|picture|frame|view|scene))?)$',
)
def read_which_are(match: re.Match[str]) -> Query | None:
    """Which objects are red? Which objects are within 1 m?"""
    words, kind = match['np'], said(match, 'kind')
    if kind:
        a = read_phrase(f'{kind} {words}')
        several = a.kind == 'object' and a.plural and not a.pick and a.relation not in _EXTREMES
        return Query(kind='list', a=a) if several else None

    a = read_phrase(f'{words} objects' if words in COLOR_WORDS else f'objects {words}')
    if a.noun or not (a.colors or a.bound or a.region or a.relation):
        return None
    return Query(kind='list', a=a)


def require_objects(asked: Asked) -> None:
    """Refuse to choose where there is nothing to choose from.

    Raises:
        CannotTell: no pixel has depth, or nothing stands out.
    """
    require_depth(asked.survey)
    if not asked.survey.objects:
        raise CannotTell('The depth shows no object that stands off its surroundings')


def find(asked: Asked) -> MeasuredAnswer:
    """Say which object a phrase means."""
    require_objects(asked)
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
    text = (describe_all(survey, sure) or nothing) + maybe_more(survey, unsure)
    evidence = [describe(survey, t) for t in (sure + unsure)[:MOST_NAMED]]
    if len(names) == 1:
        return asked.choice(text, names[0], evidence, names)
    return asked.text(text, evidence or [how_many(survey)], names)
