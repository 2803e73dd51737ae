# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What fits through between two things."""

from __future__ import annotations

import re

from ssr_ros.scene.geometry.objects import SceneObject
from ssr_ros.scene.questions import relations, space, wording
from ssr_ros.scene.questions.asked import Asked
from ssr_ros.scene.questions.cannot_tell import CannotTell
from ssr_ros.scene.questions.evidence import Evidence, MeasuredAnswer
from ssr_ros.scene.questions.patterns import pattern
from ssr_ros.scene.questions.phrase_reading import read_phrase
from ssr_ros.scene.questions.quantity import Quantity, Verdict
from ssr_ros.scene.questions.query import Query
from ssr_ros.scene.questions.rationale import describe
from ssr_ros.scene.questions.reader import reads
from ssr_ros.scene.questions.spelling import lengths_in

_PASS = (
    '(?:drive|pass|go|fit|get|squeeze|move|walk|roll|slide|steer|travel|navigate|slip|maneuver|'
    'manoeuvre|run|come)'
)
SIZE_CLAUSES = pattern(
    r""",?[ ]?(?:if |when |and |assuming |given )?
    (?:i am|we are|it is|the robot is|my width is|our width is|my robot is|the vehicle is)[ ]
    <[0-9.]+>(?: wide| across| in width)?
    |,?[ ]?(?:with|given|for|by|at) (?:a |the |my )?
    (?:width|robot width|diameter|arm|reach|robot|body)?(?: of| that is| which is)?[ ]?
    <[0-9.]+>(?:[ -]wide)?(?: \w+)?(?: wide| across)?
    |<[0-9.]+>(?:[ -]wide)?"""
)
_NEXT_CLAUSE = pattern(r'[.][ ]|,[ ](?:if|i|and|with|my|given)\b|\bif\b')
_HOW_WIDE = pattern('^how (?:wide|big|large)')
_MOVING = pattern('(?:does|do|will|would|can|could) (?P<np>the .+?|object .+?) (?:fit|pass|go)')


@reads(
    rf'\b{_PASS}\b.*?\b(?:through )?(?:in )?between (?P<rest>.+)$',
    """(?:gap|space|room|passage|opening|way) between (?P<rest>.+?)[ ]
    (?:is )?(?:wide|big|large) enough""",
    '(?:enough|sufficient) (?:room|space|clearance).*?between (?P<rest>.+)$',
    """(?:wide|big|large) (?:is )?(?:the )?(?:gap|passage|opening|space) between[ ]
    (?P<rest>.+)$""",
)
def read_passage(match: re.Match[str]) -> Query | None:
    """Can I drive between A and B? I am 45 cm wide."""
    text, widths = match.string, lengths_in(match.string)
    rest = _NEXT_CLAUSE.split(text[match.start('rest') :])[0]
    ends = SIZE_CLAUSES.sub('', rest).strip(' ,.').split(' and ', 1)
    mover = None if widths else _MOVING.search(text)
    moving = read_phrase(mover['np']) if mover else None
    return Query(
        kind='passage',
        what='width' if _HOW_WIDE.search(text) else '',
        a=read_phrase(ends[0]),
        b=read_phrase(ends[1]) if ends[1:] else None,
        c=moving if moving is not None and moving.kind == 'object' else None,
        bound_m=widths[0] if widths else None,
    )


def passage(asked: Asked) -> MeasuredAnswer:
    """Say whether something fits between two objects, or how wide the passage is."""
    survey = asked.survey
    a, b = _ends(asked)
    between = space.between(survey, a, b)
    width, blocking = between.width, between.blocking
    passage_text = (
        f'the passage between {asked.label(a)} and {asked.label(b)} is {asked.say(width)} wide '
        'between their visible sides'
    )
    evidence = [Evidence.of('passage', (a.name, b.name), width, 'gravity', passage_text)]
    if blocking:
        stands = wording.listing([asked.label(t) for t in blocking])
        evidence += [describe(survey, t) for t in blocking]
        verb = 'stands' if len(blocking) == 1 else 'stand'
        if asked.what == 'width':
            return asked.number(f'{passage_text}, and {stands} {verb} there', width, evidence)
        text = f'no: {stands} {verb} between them; {passage_text}'
        return asked.yes_no(Verdict.NO, text, evidence)
    if asked.has('c'):
        return _thing_fits(asked, between, evidence)
    if asked.query.bound_m is None:
        text = f'{passage_text}; say how wide you are and I can tell whether it fits'
        return asked.number(text, width, evidence)
    opening, verdict = _fits(asked, between, Quantity(asked.query.bound_m, 0.0, 'm'))
    text = f'{passage_text}, and {wording.given(asked.query.bound_m)} is needed'
    return asked.yes_no(verdict, f'{opening}: {text}', evidence)


def _ends(asked: Asked) -> tuple[SceneObject, SceneObject]:
    if 'plane' in (asked.phrase('a').kind, asked.has('b') and asked.phrase('b').kind):
        raise CannotTell('I measure passages between objects, not along a wall')
    return asked.pair()


def _thing_fits(asked: Asked, between: space.Passage, evidence: list[Evidence]) -> MeasuredAnswer:
    thing = asked.thing('c')
    own = relations.size(thing, 'width')
    text = f'{asked.label(thing)} is {wording.amount(own)} wide'
    opening, verdict = _fits(asked, between, own)
    if thing.touches_edge and verdict is not Verdict.NO:
        raise CannotTell(
            f'{evidence[0].text} {wording.sentence(text)[:-1]} at least, but it leaves the image'
        )
    passage_text = wording.inner(evidence[0].text[:-1])
    fact = Evidence.of('width', (thing.name,), own, 'gravity', text)
    return asked.yes_no(verdict, f'{opening}: {passage_text}, and {text}', [*evidence, fact])


def _fits(asked: Asked, between: space.Passage, needed: Quantity) -> tuple[str, Verdict]:
    """The first words of the answer, and the verdict: free is only what is seen free."""
    room = (between.width - needed).verdict
    if room is Verdict.UNSURE:
        return 'I cannot tell, the difference is inside the margin', room
    if room is Verdict.NO or (between.free - needed).verdict is Verdict.YES:
        return room.opening, room
    seen = f'over {asked.say(between.free)} only' if between.free.value > 0 else 'nowhere'
    return f'I cannot tell, the floor of the passage is seen free {seen}', Verdict.UNSURE
