# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Where something could be put down."""

from __future__ import annotations

import re
from typing import cast

from ssr_ros.scene.geometry.objects import SceneObject
from ssr_ros.scene.questions import referents, space, surfaces, wording
from ssr_ros.scene.questions.asked import Asked
from ssr_ros.scene.questions.cannot_tell import CannotTell, require_down
from ssr_ros.scene.questions.evidence import Evidence, MeasuredAnswer
from ssr_ros.scene.questions.families.passing import SIZE_CLAUSES
from ssr_ros.scene.questions.patterns import named, pattern
from ssr_ros.scene.questions.phrase_reading import read_phrase
from ssr_ros.scene.questions.phrases import Phrase
from ssr_ros.scene.questions.quantity import Quantity, Verdict
from ssr_ros.scene.questions.query import Query
from ssr_ros.scene.questions.reader import reads
from ssr_ros.scene.questions.relation_words import RELATION_WORDS
from ssr_ros.scene.questions.spelling import lengths_in
from ssr_ros.scene.questions.vocabulary import one_of, Order, PLANE_NOUNS, USUAL_WIDTHS_CM

SIDES: tuple[Order, ...] = ('left of', 'right of', 'in front of', 'behind')
_ON = re.compile(r'\bon (?:top of )?(?!which|what|it\b)(.+?)(?: for .+| to put .+|$)')
_ELSEWHERE = pattern(
    r"""\b(?:left|right) of\b
    |\bthat (?:is|are)\b
    |\b(?:behind|beside|between|next to|near|under|below|inside|in front of|against|along)\b
    |\bin (?:the|this|my|your|that) (?!image|picture|scene|view|room\b)"""
)
_SIDE = pattern(
    rf"""[ ](?:{named({side: RELATION_WORDS[side] for side in SIDES})})[ ]
    (?P<anchor>(?!(?:me|you|us|it|what|which)\b).+?)(?=[ ](?:for|on|to put|where)[ ]|[.,]|$)"""
)
_FREE = (
    '(?:(?:free|empty|vacant|open|unoccupied)[ ]|enough[ ])*(?:room|space|place|area|spot|region)'
)
_SURFACE = pattern(
    rf"""\b(?:on|onto|upon|of|at)[ ](?:top of )?(?:(?:the|a|my|your|this|that)[ ])?
    (?:[\w-]+[ ]){{0,2}}?(?P<noun>{one_of(PLANE_NOUNS)})s?\b"""
)
_PUT = pattern(
    rf"""^(?!where|on[ ]w).*\b(?:for|put|place|set|lay)(?:[ ]down)?[ ]
    (?:a|an|another|one[ ]more|my|your|the|this|that)[ ](?:[a-z]+[ ]){{0,2}}?
    (?P<noun>{one_of(USUAL_WIDTHS_CM)})(?=$|[,.]|[ ](?:of|on|in|here|there|anywhere|left|too)\b)"""
)


@reads(
    r"""^(?:where|on what|on which)\b.*[ ]
    (?:can|could|should|may|do|would|might|must) (?:i|we|you)[ ]
    (?:best |still |now |have to )?(?:put|place|set|lay|drop|leave|park)\b""",
    r'^where (?:is|are) (?:there )?(?:enough )?(?:room|space|a place|a free spot)\b.*\bfor\b',
    r"""(?:is there|are there|(?:is|are) (?:any|enough|some|more|still))\b.*\b
    (?:room|free space|space|place|vacant|empty spot|free spot|spot)\b.*\b
    (?:on|for|of|behind)\b""",
    rf"""^(?:where|what) is (?:there )?(?:the |a |any |some |enough )?{_FREE}[ ]
    (?=(?:to|on|at|in|left|right|behind|before)\b)""",
    r'^(?:can|could|may) (?:i|we|you) (?:put|place|set|lay).*\b(?:on|of|behind)\b',
    r'^how much (?:free |empty )?(?:space|room) is (?:there |left |still |free )*on\b',
)
def read_vacant(match: re.Match[str]) -> Query | None:
    """Where could I put a plate down? Is there room on the table for a 20 cm box?"""
    beside = _SIDE.search(match.string)
    side = beside and next(side for side in SIDES if beside[side.replace(' ', '_')])
    text = _SIDE.sub('', match.string)
    supports = [read_phrase(words) for words in _ON.findall(SIZE_CLAUSES.sub('', text))]
    if any(each.kind != 'plane' for each in supports) or _ELSEWHERE.search(text):
        return None
    surface = _SURFACE.search(text)
    noun = surface['noun'] if surface else ''
    bound_m = next(iter(lengths_in(text)), None)
    put = _PUT.search(text) if bound_m is None else None
    return Query(
        kind='vacant',
        what=put['noun'] if put else '',
        a=Phrase(text=noun, kind='plane', noun=noun) if noun else None,
        b=beside and side and _beside(side, read_phrase(beside['anchor'])),
        bound_m=bound_m,
    )


def _beside(side: Order, anchor: Phrase) -> Phrase | None:
    return Phrase(text=f'{side} {anchor.text}', relation=side, anchors=(anchor,))


def vacant(asked: Asked) -> MeasuredAnswer:
    """Say where on a surface there is most room, or whether there is enough."""
    survey = asked.survey
    if asked.has('a'):
        candidates = [surfaces.plane(survey, asked.phrase('a'))]
    else:
        candidates = surfaces.level_planes(survey)
    if not candidates:
        require_down(survey)
        raise CannotTell('The depth shows no level surface to put anything on')
    side, thing, where = _side(asked)
    found = (space.vacant_place(survey, surface, side, thing) for surface in candidates)
    places = [place for place in found if place is not None]
    if not places:
        raise CannotTell(
            f'I see no free part of the surface{where} that is large enough to measure'
        )
    least_m, most_m = _needed(asked.query)
    best = max(places, key=lambda place: place.diameter.value)
    if most_m is not None:
        heights = {surface.name: surface.height_m for surface in candidates}
        fit = [p for p in places if p.diameter.beyond(most_m).verdict is Verdict.YES]
        best = max(fit, key=lambda place: heights[place.plane], default=best)
    text = (
        f'the largest free disc on {wording.the(best.plane)}{where} measures '
        f'{asked.say(best.diameter)} across, '
        f'{wording.length(best.distance_m)} away, {wording.side(best.bearing_deg)} '
        f'(all of it seen, and clear up to {wording.given(space.PLACED_HEIGHT_M)})'
    )
    names = (best.plane,) if thing is None else (best.plane, thing.name)
    evidence = [Evidence.of('vacant', names, best.diameter, 'gravity', text)]
    if least_m is None or most_m is None:
        return asked.number(text, best.diameter, evidence)
    enough = _enough(best.diameter, least_m, most_m)
    if asked.what:
        usual = f'a {asked.what} is usually {100 * least_m:g} to {100 * most_m:g} cm wide'
        text = f'{text}; {usual}'
        if enough is Verdict.UNSURE:
            text = f'{text}, so say how wide yours is'
    return asked.yes_no(enough, f'{enough.opening}: {text}', evidence)


def _side(asked: Asked) -> tuple[Order | None, SceneObject | None, str]:
    """On which side of which thing there must be room, and that in words."""
    if not asked.has('b'):
        return None, None, ''
    beside = asked.phrase('b')
    thing, side = referents.one(asked.survey, beside.anchors[0]), cast(Order, beside.relation)
    to_the = 'to the ' if side in ('left of', 'right of') else ''
    return side, thing, f' {to_the}{side} {asked.label(thing)}'


def _needed(query: Query) -> tuple[float | None, float | None]:
    """The least and the most room that is needed, metres; None where nobody knows."""
    if query.what:
        least_cm, most_cm = USUAL_WIDTHS_CM[query.what]
        return least_cm / 100, most_cm / 100
    return query.bound_m, query.bound_m


def _enough(room: Quantity, least_m: float, most_m: float) -> Verdict:
    """Whether there is room for what is between so and so wide."""
    most, least = (room.beyond(needed_m).verdict for needed_m in (most_m, least_m))
    if most is Verdict.YES or least is Verdict.NO:
        return most
    return Verdict.UNSURE
