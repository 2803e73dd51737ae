# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Where something is, and what it stands on."""

from __future__ import annotations

import re

from ssr_ros.scene.geometry.objects import SceneObject
from ssr_ros.scene.geometry.survey import Survey
from ssr_ros.scene.questions import referents, relations, wording
from ssr_ros.scene.questions.asked import asked, fact
from ssr_ros.scene.questions.evidence import MeasuredAnswer
from ssr_ros.scene.questions.families.counting import plane_exists
from ssr_ros.scene.questions.phrases import Phrase, read_phrase
from ssr_ros.scene.questions.rationale import describe
from ssr_ros.scene.questions.referents import CannotTell
from ssr_ros.scene.questions.relations import Quantity


@asked(
    r'^where (?:is|are) (?P<a>.+?) (?:relative to|with respect to|in relation '
    r'to|compared to|compared with|as seen from|seen from|from) (?P<b>.+)$',
    r'(?:which|what) (?:direction|way|bearing|angle|clock position|clock '
    r"direction|o'clock)(?: position)? (?:is|are|lies) (?P<a>.+?)(?: "
    r'(?:from|relative to|as seen from|seen from) (?P<b>.+))?$',
    r'(?:direction|bearing|angle|clock position|position|location|whereabouts) '
    r'(?:to|of) (?P<a>.+?)(?: (?:from|relative to) (?P<b>.+))?$',
    r'^where (?:is|are) (?P<a>.+)$',
    r'^(?:find|locate)(?: me)? (?P<a>.+)$',
)
def answer_where(facts: Survey, match: re.Match[str], unit: str | None) -> MeasuredAnswer | None:
    """Where is A? In which direction is A from B?"""
    groups = match.groupdict()
    phrase = read_phrase(groups['a'])
    if phrase.kind == 'plane':
        return plane_exists(facts, phrase)
    if phrase.kind != 'object':
        return None
    said = referents.caveat(facts, phrase)
    thing = referents.one(facts, phrase)
    origin = read_phrase(groups['b']) if groups.get('b') else None
    if origin is not None and origin.kind == 'object':
        return _from_other(facts, thing, origin, unit, said)
    direction = relations.direction_deg(facts, None, thing)
    height = float(relations.place(facts, thing)[2])
    where = 'above' if height >= 0 else 'below'
    text = (
        f'{facts.label(thing)} is '
        f'{wording.length(thing.distance_m, thing.margins.distance_m, unit)} away, '
        f'{wording.side(direction.value)} ({wording.clock(direction.value)}), its centre '
        f'{wording.length(abs(height), thing.margins.center_m[1], unit)} {where} the camera'
    )
    evidence = (
        describe(facts, thing),
        fact(
            'bearing',
            (thing.name,),
            direction,
            f'{facts.label(thing)} is {wording.side(direction.value)}',
            unit='deg',
        ),
    )
    return MeasuredAnswer(
        wording.sentence(said + text),
        True,
        evidence,
        'direction',
        direction.value,
        direction.sigma,
        'deg',
        '',
        (thing.name,),
    )


def _from_other(
    facts: Survey, thing: SceneObject, origin: Phrase, unit: str | None, said: str
) -> MeasuredAnswer:
    other = referents.one(facts, origin)
    said = said or referents.caveat(facts, origin)
    if other is thing:
        raise CannotTell(f'Both names mean the same object, {facts.label(thing)}')
    direction = relations.direction_deg(facts, other, thing)
    parts = []
    for relation in ('left of', 'above', 'in front of'):
        quantity = referents.relation_quantity(facts, thing, other, relation)
        if quantity.sign:
            true = (
                relation
                if quantity.sign > 0
                else {'left of': 'right of', 'above': 'below', 'in front of': 'behind'}[relation]
            )
            spoken = {
                'left of': 'to the left',
                'right of': 'to the right',
                'in front of': 'in front',
            }.get(true, true)
            parts.append(f'{wording.length(abs(quantity.value), quantity.sigma, unit)} {spoken}')
    where = wording.listing(parts) or 'at the same place, as far as can be told,'
    text = (
        f'{facts.label(thing)} is {where} of {facts.label(other)}'
        if parts and parts[-1].endswith(('left', 'right', 'front'))
        else f'seen from {facts.label(other)}, {facts.label(thing)} is {where}'
    )
    text += f'; {wording.clock(direction.value)}, where 12 points away from the camera'
    evidence = (fact('direction', (other.name, thing.name), direction, text, 'gravity', 'deg'),)
    return MeasuredAnswer(
        wording.sentence(said + text),
        True,
        evidence,
        'direction',
        direction.value,
        direction.sigma,
        'deg',
        '',
        (thing.name, other.name),
    )


@asked(
    r'^what (?:is|does) (?P<a>.+?) '
    r'(?:standing|sitting|resting|lying|stand|sit|rest|lie) on$',
    r'^what (?:supports|carries|is under|is below|is underneath|is beneath) (?P<a>.+)$',
)
def answer_standing_on(
    facts: Survey, match: re.Match[str], unit: str | None
) -> MeasuredAnswer | None:
    """What is A standing on?"""
    phrase = read_phrase(match['a'])
    if phrase.kind != 'object':
        return None
    said = referents.caveat(facts, phrase)
    thing = referents.one(facts, phrase)
    for other in facts.objects:
        if other is not thing:
            sign, lift = relations.stands_on(facts, thing, other)
            if sign == 1:
                return _stands(facts, thing, other.name, facts.label(other), lift, said)
    if thing.support is None:
        raise CannotTell(f'What {facts.label(thing)} stands on is not seen')
    surface = facts.planes[thing.support]
    lift = Quantity(float(thing.low_m[2]) - surface.height_m, thing.margins.size_m[2])
    return _stands(facts, thing, surface.name, f'the {surface.name}', lift, said)


def _stands(
    facts: Survey, thing: SceneObject, name: str, label: str, lift: Quantity, said: str
) -> MeasuredAnswer:
    text = f'{facts.label(thing)} stands on {label}'
    evidence = fact('on', (thing.name, name), lift, text, 'gravity')
    return MeasuredAnswer(
        wording.sentence(said + text),
        True,
        (evidence,),
        'choice',
        choice=name,
        subjects=(thing.name, name),
    )
