# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Which object, what is there, in what order, of what colour."""

from __future__ import annotations

from itertools import pairwise
import re

from ssr_ros.scene.geometry.objects import SceneObject
from ssr_ros.scene.geometry.survey import Survey
from ssr_ros.scene.questions import referents, relations, wording
from ssr_ros.scene.questions.asked import asked, fact, require_depth
from ssr_ros.scene.questions.evidence import Evidence, MeasuredAnswer
from ssr_ros.scene.questions.families.counting import fitting, maybe_more
from ssr_ros.scene.questions.phrases import (
    COLOR_WORDS,
    Phrase,
    read_phrase,
    RELATION,
    relation_of,
)
from ssr_ros.scene.questions.rationale import describe, how_many
from ssr_ros.scene.questions.referents import CannotTell
from ssr_ros.scene.questions.relations import Quantity


@asked(
    r'^(?:what|which|who)(?: is| are)? '
    r'(?:(?:objects?|things?|items?|ones?|obstacles?) (?:is|are) )?(?:the '
    r')?(?P<np>.+)$',
    r'^(?:find|locate|identify|point to|show)(?: me)? (?P<np>.+)$',
)
def answer_superlative(
    facts: Survey, match: re.Match[str], unit: str | None
) -> MeasuredAnswer | None:
    """What is the closest thing? Which object is tallest? Which is nearest to B?"""
    words = match['np']
    phrase = read_phrase(words)
    if phrase.kind != 'object' or not (
        phrase.pick or phrase.relation in ('nearest to', 'farthest from')
    ):
        return None
    require_depth(facts)
    if not facts.objects:
        raise CannotTell('The depth shows no object that stands off its surroundings')
    thing = referents.one(facts, phrase)
    evidence = describe(facts, thing)
    return MeasuredAnswer(
        evidence.text,
        True,
        (evidence, *_runner_up(facts, phrase, thing)),
        'choice',
        None,
        None,
        '',
        thing.name,
        (thing.name,),
    )


def _runner_up(facts: Survey, phrase: Phrase, thing: SceneObject) -> tuple[Evidence, ...]:
    others = [t for t in referents.matching(facts, phrase) if t is not thing]
    return (describe(facts, others[0]),) if others else ()


@asked(
    rf'^(?:what|which|who)(?: objects?| things?| items?| one)?(?: '
    rf'(?:is|are|lies|stands|sits|lie|stand|sit))(?: located| standing| placed| '
    rf'lying)? (?:{RELATION}) (?P<b>.+)$',
)
def answer_what_is(facts: Survey, match: re.Match[str], unit: str | None) -> MeasuredAnswer | None:
    """What is behind B? What is on the table? What is between A and B?"""
    relation = relation_of(match)
    if relation in ('nearest to', 'farthest from'):
        return _superlative_from(facts, match['b'], relation)
    phrase = read_phrase(f'objects {match[relation.replace(" ", "_")]} {match["b"]}')
    if relation == 'beside':
        return _superlative_from(facts, match['b'], 'nearest to')
    sure, unsure = fitting(facts, phrase)
    evidence = tuple(describe(facts, t) for t in (sure + unsure)[: referents.MOST_NAMED])
    names = tuple(t.name for t in sure)
    if not sure and not unsure:
        text = 'nothing that the depth shows'
        return MeasuredAnswer(
            wording.sentence(text), True, (how_many(facts),), 'text', None, None, '', '', names
        )
    text = referents.describe_all(facts, sure) or 'nothing for certain'
    return MeasuredAnswer(
        wording.sentence(text + maybe_more(facts, unsure)),
        True,
        evidence,
        'choice',
        None,
        None,
        '',
        names[0] if len(names) == 1 else '',
        names,
    )


@asked(
    r'^(?:what|which) (?:objects?|things?|items?|ones?) (?:are|is|stand|lie) (?P<np>.+)$',
    r'^what is (?P<np>(?:in|at|on) .*\b(?:half|side|part)\b.*)$',
)
def answer_which_are(
    facts: Survey, match: re.Match[str], unit: str | None
) -> MeasuredAnswer | None:
    """Which objects are red? Which objects are within 1 m?"""
    require_depth(facts)
    colored = match['np'] in COLOR_WORDS
    phrase = read_phrase(f'{match["np"]} objects' if colored else f'objects {match["np"]}')
    if phrase.noun or not (phrase.colors or phrase.threshold or phrase.region or phrase.relation):
        return None
    sure, unsure = fitting(facts, phrase)
    names = tuple(t.name for t in sure)
    evidence = tuple(describe(facts, t) for t in (sure + unsure)[: referents.MOST_NAMED])
    text = referents.describe_all(facts, sure) or 'none'
    return MeasuredAnswer(
        wording.sentence(text + maybe_more(facts, unsure)), True,
        evidence or (how_many(facts),), 'text', subjects=names,
    )  # fmt: skip


def _superlative_from(facts: Survey, anchor: str, relation: str) -> MeasuredAnswer:
    phrase = Phrase(anchor, relation=relation, anchors=(read_phrase(anchor),))
    thing = referents.one(facts, phrase)
    evidence = [describe(facts, thing)]
    if phrase.anchors[0].kind == 'object':
        other = referents.one(facts, phrase.anchors[0])
        between = relations.gap(facts, other, thing)
        text = (
            f'{facts.label(thing)} is {wording.length(between.value, between.sigma)} '
            f'from {facts.label(other)}'
        )
        evidence.insert(0, fact('gap', (thing.name, other.name), between, text))
    return MeasuredAnswer(
        evidence[0].text,
        True,
        tuple(evidence),
        'choice',
        None,
        None,
        '',
        thing.name,
        (thing.name,),
    )


@asked(
    r'^(?:list|order|sort|rank|enumerate|name)\b|\border\b.*\b(?:objects|'
    r'things)|(?:objects|things).*\b(?:from (?:left|right|near|clos|far)|in '
    r'order|by (?:distance|depth|height|size))',
)
def answer_order(facts: Survey, match: re.Match[str], unit: str | None) -> MeasuredAnswer | None:
    """List the objects from left to right, by distance, by height."""
    text = match.string
    require_depth(facts)
    if not facts.objects:
        raise CannotTell('The depth shows no object that stands off its surroundings')
    if re.search(r'left to right|right to left', text):
        pick, words = (
            ('right', 'from left to right')
            if 'left to right' in text
            else ('left', 'from right to left')
        )
    elif re.search(r'tall|height|high', text):
        pick, words = 'shortest', 'from tallest to shortest'
    elif re.search(r'size|big|large|small', text):
        pick, words = 'smallest', 'from biggest to smallest front'
    elif re.search(r'wid', text):
        pick, words = 'narrowest', 'from widest to narrowest'
    elif re.search(r'far\w* to (?:the )?(?:near|clos)', text):
        pick, words = 'nearest', 'from far to near'
    else:
        pick, words = 'farthest', 'from near to far'
    things = sorted(facts.objects, key=lambda t: referents.measure_of(pick, facts, t).value)
    names = [facts.label(things[0])]
    for before, thing in pairwise(things):
        apart = referents.measure_of(pick, facts, thing) - referents.measure_of(
            pick, facts, before
        )
        names.append(('about equal: ' if apart.sign == 0 else '') + facts.label(thing))
    return MeasuredAnswer(
        wording.sentence(f'{words}: {", ".join(names)}'),
        True,
        tuple(describe(facts, t) for t in things[:8]),
        'text',
        subjects=tuple(t.name for t in things),
    )


@asked(
    r'(?:what|which) color (?:is|are|does|do) (?P<a>.+?)(?: have)?$',
    r'(?:the )?color of (?P<a>.+)$',
)
def answer_color(facts: Survey, match: re.Match[str], unit: str | None) -> MeasuredAnswer | None:
    """What colour is A?"""
    phrase = read_phrase(match['a'])
    if phrase.kind != 'object':
        return None
    thing = referents.one(facts, phrase)
    share = f'{100 * thing.color_share:.0f} % of its pixels'
    text = f'{facts.label(thing)} looks {thing.color} ({share})'
    value = Quantity(thing.color_share, 0.0)
    return MeasuredAnswer(
        wording.sentence(text),
        True,
        (fact('color', (thing.name,), value, text, unit=''),),
        'color',
        None,
        None,
        '',
        thing.color,
        (thing.name,),
    )
