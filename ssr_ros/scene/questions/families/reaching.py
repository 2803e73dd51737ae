# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What is in reach, and where something could be put down."""

from __future__ import annotations

import re

from ssr_ros.scene.geometry.survey import Survey
from ssr_ros.scene.questions import referents, relations, space, wording
from ssr_ros.scene.questions.asked import asked, fact, number, yes_no
from ssr_ros.scene.questions.evidence import MeasuredAnswer
from ssr_ros.scene.questions.families.passing import SIZE_CLAUSES
from ssr_ros.scene.questions.phrases import lengths_in, Phrase, PLANE_NOUNS, read_phrase
from ssr_ros.scene.questions.referents import CannotTell
from ssr_ros.scene.questions.relations import Quantity


@asked(
    r'^(?:can|could) (?:i|we|you|the robot|the robot arm|the arm|my arm|a robot|an arm)(?: '
    r'with .+?)? (?:reach|grasp|grab|touch|pick up|get) (?P<a>.+)$',
    r"^is (?P<a>.+?) (?:with)?in (?:my |the robot's |your |arm's |easy "
    r')?reach(?:ing distance)?(?P<rest>.*)$',
    r'^is (?!there)(?P<a>.+?) (?:within|inside of|less than|closer than|nearer '
    r'than) (?:a (?:distance|radius|range) of )?<[\d.]+>(?: away)?(?: '
    r'(?:of|from|to) (?P<b>.+?))?$',
)
def answer_reach(facts: Survey, match: re.Match[str], unit: str | None) -> MeasuredAnswer | None:
    """Can I reach A? Is A within 80 cm? Is A within reach of my 70 cm arm?"""
    reach = lengths_in(match.string)
    words = SIZE_CLAUSES.sub('', match['a'])
    words = re.split(
        r'[.,] ?(?:my|if|with|i|the arm)\b| (?:if|with|from here|from where)\b', words
    )[0].strip(' ,.')
    phrase = read_phrase(words)
    if phrase.indefinite or phrase.kind != 'object':
        return None
    origin = None
    if match.groupdict().get('b'):
        anchor = read_phrase(match['b'])
        if anchor.kind == 'object' and anchor.text not in ('reach', 'my reach', "arm's reach"):
            origin = referents.one(facts, anchor)
    said = referents.caveat(facts, phrase)
    thing = referents.one(facts, phrase)
    value = relations.distance(thing) if origin is None else relations.gap(facts, origin, thing)
    where = 'away' if origin is None else f'from {facts.label(origin)}'
    text = f'{facts.label(thing)} is {wording.length(value.value, value.sigma, unit)} {where}'
    evidence = (fact('distance', (thing.name,), value, text),)
    if not reach:
        return number(
            f'{said}{text}; say how far you reach and I can tell whether it is in reach',
            value,
            evidence,
        )
    room = Quantity(reach[0] - value.value, value.sigma)
    asked_for = 'the reach is' if re.search('reach|arm', match.string) else 'the question was'
    words = {1: 'yes', -1: 'no', 0: 'I cannot tell, it is inside the margin'}[room.sign]
    return yes_no(
        said,
        f'{words}: {text}, and {asked_for} {wording.given(reach[0])}',
        room.sign,
        evidence,
        (thing.name,),
    )


@asked(
    r'^(?:where|on what|on which).*\b(?:put|place|set|lay|drop|leave|park)\b',
    r'(?:is there|is|are there).*\b(?:room|free space|space|place|vacant|empty '
    r'spot|free spot|spot)\b.*\b(?:on|for)\b',
    r'(?:can|could|may) (?:i|we|you) (?:put|place|set|lay).*\bon\b',
)
def answer_vacant(facts: Survey, match: re.Match[str], unit: str | None) -> MeasuredAnswer | None:
    """Where could I put a plate down? Is there room on the table for a 20 cm box?"""
    text = match.string
    needed = lengths_in(text)
    on = next((word for word in re.findall(r'\w+', text) if word in PLANE_NOUNS), '')
    if on:
        surfaces = [referents.plane(facts, Phrase(on, 'plane', noun=on))]
    else:
        surfaces = [p for p in facts.planes if p.role in ('support', 'top')]
    if not surfaces:
        raise CannotTell('The depth shows no level surface to put anything on')
    places = [found for surface in surfaces if (found := space.vacant_place(facts, surface))]
    if not places:
        raise CannotTell('I see no free part of the surface that is large enough to measure')
    best = max(places, key=lambda p: p.diameter.value)
    words = (
        f'the largest free disc on the {best.plane} measures '
        f'{wording.length(best.diameter.value, best.diameter.sigma, unit)} across, '
        f'{wording.length(best.distance_m)} away, {wording.side(best.bearing_deg)}'
    )
    evidence = (fact('vacant', (best.plane,), best.diameter, words, 'gravity'),)
    if not needed:
        return number(words, best.diameter, evidence)
    room = Quantity(best.diameter.value - needed[0], best.diameter.sigma)
    opening = {1: 'yes', -1: 'no', 0: 'I cannot tell'}[room.sign]
    return yes_no('', f'{opening}: {words}', room.sign, evidence, (best.plane,))
