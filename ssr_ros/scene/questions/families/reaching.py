# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What is in reach, and where something could be put down."""

from __future__ import annotations

import re

from ssr_ros.scene.questions import referents, relations, space, wording
from ssr_ros.scene.questions.asked import Asked
from ssr_ros.scene.questions.cannot_tell import CannotTell, require_down
from ssr_ros.scene.questions.evidence import Evidence, MeasuredAnswer
from ssr_ros.scene.questions.families.passing import SIZE_CLAUSES
from ssr_ros.scene.questions.patterns import pattern
from ssr_ros.scene.questions.phrases import Phrase, read_phrase
from ssr_ros.scene.questions.quantity import Quantity, Verdict
from ssr_ros.scene.questions.query import Query
from ssr_ros.scene.questions.reader import reads, said
from ssr_ros.scene.questions.spelling import lengths_in
from ssr_ros.scene.questions.vocabulary import one_of, PLANE_NOUNS, USUAL_WIDTHS_CM

_ON = re.compile(r'\bon (?:top of )?(?!which|what|it\b)(.+?)(?: for .+| to put .+|$)')
_ELSEWHERE = pattern(
    r"""\b(?:left|right) of\b
    |\b(?:behind|beside|between|next to|near|under|below|inside|in front of)\b"""
)
_MORE, _LESS = 'more than|at least|over|no less than', 'less than|within|under|below|at most'
_FAR = (
    f'(?:(?P<more>{_MORE}|farther than)|{_LESS}|no more than|inside of|closer than|nearer than) '
    '(?:a (?:distance|radius|range) of )?<[0-9.]+>'
)
_WIDE = (
    f'(?:(?P<more>{_MORE}|(?:larger|greater|bigger|wider) than)|{_LESS}|no more than|'
    '(?:smaller|narrower) than) <[0-9.]+>'
)
_PUT = pattern(
    rf"""^(?!where|on[ ]w).*\b(?:for|put|place|set|lay)(?:[ ]down)?[ ]
    (?:a|an|another|one[ ]more|my|your|the|this|that)[ ](?:[a-z]+[ ]){{0,2}}?
    (?P<noun>{one_of(USUAL_WIDTHS_CM)})(?=$|[,.]|[ ](?:of|on|in|here|there|anywhere|left|too)\b)"""
)
_ENDS = re.compile(' (?:and|to) ')
_AFTER_NAME = pattern(r'[.,][ ]?(?:my|if|with|i|the arm)\b|[ ](?:if|with|from here|from where)\b')


@reads(
    """^(?:can|could) (?:i|we|you|(?:the|a) robot|(?:the robot|the|my|an) arm)(?: with .+?)?[ ]
    (?:reach|grasp|grab|touch|pick up|get) (?P<a>.+)$""",
    """^is (?P<a>.+?) (?:with)?in (?:my |the robot's |your |arm's |easy )?
    reach(?:ing distance)?(?P<rest>.*)$""",
)
def read_reach(match: re.Match[str]) -> Query | None:
    """Can I reach A? Is A within reach of my 70 cm arm?"""
    words = _AFTER_NAME.split(SIZE_CLAUSES.sub('', match['a']))[0]
    a = read_phrase(words)
    if a.indefinite or a.kind != 'object':
        return None
    return Query(kind='reach', a=a, bound_m=next(iter(lengths_in(match.string)), None))


@reads(
    rf"""^(?:is|are) (?P<a>(?!there).+? and .+?) {_FAR}[ ]
    (?:apart|(?:away )?(?:of|from) (?:each other|one another))$""",
    rf"""^is (?:the )?(?:distance|gap|space|clearance|spacing) (?:between|from)[ ]
    (?P<a>.+? (?:and|to) .+?) {_WIDE}$""",
    rf'^(?:is|are) there {_WIDE} (?:of space |of room )?between (?P<a>.+ and .+)$',
    rf"""^(?:is|are) (?!there|the (?:distance|gap|space) )(?P<a>.+?) {_FAR}(?: away| far)?
    (?: (?:from|of|to) (?P<b>.+?))?$""",
)
def read_farther(match: re.Match[str]) -> Query | None:
    """Are A and B less than 60 cm apart? Is A within 80 cm? Is it more than 1 m away?"""
    named = [match['a'], said(match, 'b')] if said(match, 'b') else _ENDS.split(match['a'], 1)
    things = [thing for thing in map(read_phrase, named) if thing.kind != 'camera']
    if not things or any(thing.kind != 'object' or thing.indefinite for thing in things):
        return None
    a, b = things[0], things[1] if things[1:] else None
    return Query(
        kind='reach',
        what='beyond' if match['more'] else '',
        a=a,
        b=b,
        bound_m=lengths_in(match.string)[0],
    )


@reads(
    r"""^(?:where|on what|on which)\b.*[ ]
    (?:can|could|should|may|do|would|might|must) (?:i|we|you)\b
    .*\b(?:put|place|set|lay|drop|leave|park)\b""",
    r'^where (?:is|are) (?:there )?(?:enough )?(?:room|space|a place|a free spot)\b.*\bfor\b',
    r"""(?:is there|is|are there).*\b
    (?:room|free space|space|place|vacant|empty spot|free spot|spot)\b.*\b(?:on|for)\b""",
    r'(?:can|could|may) (?:i|we|you) (?:put|place|set|lay).*\bon\b',
)
def read_vacant(match: re.Match[str]) -> Query | None:
    """Where could I put a plate down? Is there room on the table for a 20 cm box?"""
    text = match.string
    supports = [read_phrase(words) for words in _ON.findall(SIZE_CLAUSES.sub('', text))]
    if any(each.kind != 'plane' for each in supports) or _ELSEWHERE.search(text):
        return None
    noun = next((word for word in re.findall(r'\w+', text) if word in PLANE_NOUNS), '')
    bound_m = next(iter(lengths_in(text)), None)
    put = _PUT.search(text) if bound_m is None else None
    return Query(
        kind='vacant',
        what=put['noun'] if put else '',
        a=Phrase(text=noun, kind='plane', noun=noun) if noun else None,
        bound_m=bound_m,
    )


def reach(asked: Asked) -> MeasuredAnswer:
    """Say whether an object is within a length of the camera or of another object, or beyond."""
    thing = asked.thing('a')
    if asked.has('b'):
        thing, other = asked.pair()
        value = relations.gap(asked.survey, other, thing)
        where = f'from {asked.label(other)}'
    else:
        value, where = relations.distance(thing), 'away'
    text = f'{asked.label(thing)} is {asked.say(value)} {where}'
    evidence = [Evidence.of('distance', (thing.name,), value, 'camera', text)]
    if asked.query.bound_m is None:
        text = f'{text}; say how far you reach and I can tell whether it is in reach'
        return asked.number(text, value, evidence)
    room = value.beyond(asked.query.bound_m)
    within = (room if asked.what == 'beyond' else -room).verdict
    text = f'{within.opening}: {text}, and {wording.given(asked.query.bound_m)} was asked'
    return asked.yes_no(within, text, evidence)


def vacant(asked: Asked) -> MeasuredAnswer:
    """Say where on a surface there is most room, or whether there is enough."""
    survey = asked.survey
    if asked.has('a'):
        surfaces = [referents.plane(survey, asked.phrase('a'))]
    else:
        surfaces = referents.level_planes(survey)
    if not surfaces:
        require_down(survey)
        raise CannotTell('The depth shows no level surface to put anything on')
    places = [found for surface in surfaces if (found := space.vacant_place(survey, surface))]
    if not places:
        raise CannotTell('I see no free part of the surface that is large enough to measure')
    least_m, most_m = _needed(asked.query)
    best = max(places, key=lambda place: place.diameter.value)
    if most_m is not None:
        heights = {surface.name: surface.height_m for surface in surfaces}
        fit = [p for p in places if p.diameter.beyond(most_m).verdict is Verdict.YES]
        best = max(fit, key=lambda place: heights[place.plane], default=best)
    text = (
        f'the largest free disc on {wording.the(best.plane)} measures '
        f'{asked.say(best.diameter)} across, '
        f'{wording.length(best.distance_m)} away, {wording.side(best.bearing_deg)} '
        f'(all of it seen, and clear up to {wording.given(space.PLACED_HEIGHT_M)})'
    )
    evidence = [Evidence.of('vacant', (best.plane,), best.diameter, 'gravity', text)]
    if least_m is None or most_m is None:
        return asked.number(text, best.diameter, evidence)
    enough = _enough(best.diameter, least_m, most_m)
    if asked.what:
        usual = f'a {asked.what} is usually {100 * least_m:g} to {100 * most_m:g} cm wide'
        text = f'{text}; {usual}'
        if enough is Verdict.UNSURE:
            text = f'{text}, so say how wide yours is'
    return asked.yes_no(enough, f'{enough.opening}: {text}', evidence)


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
