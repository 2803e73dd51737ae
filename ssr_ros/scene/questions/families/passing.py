# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What fits through, and how far the way is free."""

from __future__ import annotations

import re

from ssr_ros.scene.geometry.objects import SceneObject
from ssr_ros.scene.questions import relations, space, wording
from ssr_ros.scene.questions.asked import Asked
from ssr_ros.scene.questions.cannot_tell import CannotTell
from ssr_ros.scene.questions.evidence import Evidence, MeasuredAnswer
from ssr_ros.scene.questions.patterns import pattern
from ssr_ros.scene.questions.phrases import read_phrase
from ssr_ros.scene.questions.quantity import Quantity, Verdict
from ssr_ros.scene.questions.query import Query
from ssr_ros.scene.questions.rationale import describe
from ssr_ros.scene.questions.reader import reads
from ssr_ros.scene.questions.spelling import lengths_in

_PASS = (
    '(?:drive|pass|go|fit|get|squeeze|move|walk|roll|slide|steer|travel|navigate|slip|maneuver|'
    'manoeuvre|run|come)'
)
_DRIVE = '(?:drive|go|move|travel|walk|roll|proceed|advance)'
_WHO = '(?:i|we|you|(?:the|my|a|our)(?: <[0-9.]+>[ -]wide)? robot)'
_ROOM = '(?:distance|space|way|path|room|road|area)'
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
_MOVING = pattern('(?:does|do|will|would|can|could) (?P<np>the .+?|object .+?) (?:fit|pass|go)')
_WIDE = pattern('(?:am|is|width of|with) <(?P<said>[0-9.]+)>|<(?P<before>[0-9.]+)>[ -]wide')


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
        a=read_phrase(ends[0]),
        b=read_phrase(ends[1]) if ends[1:] else None,
        c=moving if moving is not None and moving.kind == 'object' else None,
        bound_m=widths[0] if widths else None,
    )


@reads(
    rf'how (?:far|long|much farther) can {_WHO} {_DRIVE}',
    rf"""(?:can|could|may) {_WHO} (?:safely )?{_DRIVE}(?: \w+)?[ ]
    (?:straight|forwards?|ahead|on|left|right|by|for|to the left|to the right|<[0-9.]+>)""",
    r"""(?:way|path|road|route|lane|space|area|corridor)(?: \w+){0,3}[ ]
    (?:free|clear|blocked|open|empty)""",
    rf"""(?:free|clear|open|empty) {_ROOM}(?: is there)?
    (?: (?:ahead|in front|to the|on the|before|straight|i|forward)|$)""",
    'how much (?:room|space|clearance) (?:is |are )?(?:there )?(?:ahead|in front|before)',
    """which (?:way|direction|side) (?:is|has|should|can|offers)
    .*(?:free|clear|open|space|go|drive|room)""",
    '(?:in|blocking|obstructing) (?:my|the|our|your) (?:way|path)$',
    '^(?:is|are) there .*(?:obstacles?|anything|something).*(?:ahead|in front of me|before me)$',
)
def read_free(match: re.Match[str]) -> Query | None:
    """How far can I drive ahead? Is the way free for 1 m? Which way is free?"""
    text = match.string
    wide = _WIDE.search(text) if 'wid' in text else None
    width = float(wide['said'] or wide['before']) if wide else None
    if re.search('which (?:way|direction|side)|where (?:is|should|can)', text):
        return Query(kind='most free', width_m=width)
    side = re.search(r'\b(left|right)\b', text)
    obstacle = re.search('obstacle|anything|something|in (?:my|the|our) way', text)
    return Query(
        kind='obstacle' if obstacle else 'free',
        what=side[1] if side else 'ahead',
        bound_m=next((value for value in lengths_in(text) if value != width), None),
        width_m=width,
    )


def passage(asked: Asked) -> MeasuredAnswer:
    """Say whether something fits between two objects, or how wide the passage is."""
    survey = asked.survey
    a, b = _ends(asked)
    width, blocking = space.between(survey, a, b)
    passage_text = (
        f'the passage between {asked.label(a)} and {asked.label(b)} is {asked.say(width)} wide '
        'between their visible sides'
    )
    evidence = [Evidence.of('passage', (a.name, b.name), width, 'gravity', passage_text)]
    if blocking:
        stands = wording.listing([asked.label(t) for t in blocking])
        evidence += [describe(survey, t) for t in blocking]
        text = f'no: {stands} stands between them; {passage_text}'
        return asked.yes_no(Verdict.NO, text, evidence)
    if asked.has('c'):
        return _thing_fits(asked, width, evidence)
    if asked.query.bound_m is None:
        text = f'{passage_text}; say how wide you are and I can tell whether it fits'
        return asked.number(text, width, evidence)
    room = width.beyond(asked.query.bound_m)
    text = f'{passage_text}, and {wording.given(asked.query.bound_m)} is needed'
    return asked.yes_no(room.verdict, f'{_fits(room)}: {text}', evidence)


def _ends(asked: Asked) -> tuple[SceneObject, SceneObject]:
    if 'plane' in (asked.phrase('a').kind, asked.has('b') and asked.phrase('b').kind):
        raise CannotTell('I measure passages between objects, not along a wall')
    both = asked.phrase('a')
    objects = asked.survey.objects
    if not asked.has('b') and both.noun and not both.colors and len(objects) == 2:
        return objects[0], objects[1]  # 'the two boxes', where there are two things
    return asked.pair()


def _thing_fits(asked: Asked, width: Quantity, evidence: list[Evidence]) -> MeasuredAnswer:
    thing = asked.thing('c')
    own = relations.size(thing, 'width')
    text = f'{asked.label(thing)} is {wording.amount(own)} wide'
    room = width - own
    if thing.touches_edge and room.verdict is not Verdict.NO:
        raise CannotTell(
            f'{evidence[0].text} {wording.sentence(text)[:-1]} at least, but it leaves the image'
        )
    evidence = [*evidence, Evidence.of('width', (thing.name,), own, 'gravity', text)]
    passage_text = wording.inner(evidence[0].text[:-1])
    return asked.yes_no(room.verdict, f'{_fits(room)}: {passage_text}, and {text}', evidence)


def _fits(room: Quantity) -> str:
    inside = '' if room.decided else ', the difference is inside the margin'
    return room.verdict.opening + inside


def _sectors(asked: Asked) -> dict[str, space.FreeSector]:
    width = asked.query.width_m
    found = space.free_sectors(asked.survey, None if width is None else width / 2)
    if not found:
        raise CannotTell('Too little of the view has depth to tell how far the way is free')
    return {sector.name: sector for sector in found}


def free(asked: Asked) -> MeasuredAnswer:
    """Say how far a way is free, or whether it is for a length; 'obstacle' asks the opposite."""
    sectors, name = _sectors(asked), asked.what
    if name not in sectors:
        raise CannotTell(f'Nothing has depth {_towards(name)}, so I cannot tell')
    sector = sectors[name]
    fact = _sector_fact(asked, sector)
    if asked.query.bound_m is None:
        return asked.number(fact.text, sector.free, [fact])
    room = sector.free.beyond(asked.query.bound_m).verdict
    verdict = room if sector.blocked or room is Verdict.YES else Verdict.UNSURE
    if asked.query.kind == 'obstacle':
        verdict = ~verdict
    return asked.yes_no(verdict, f'{verdict.opening}: {wording.inner(fact.text)}', [fact])


def _towards(name: str) -> str:
    return name if name == 'ahead' else f'to the {name}'


def _sector_fact(asked: Asked, sector: space.FreeSector) -> Evidence:
    where, far = _towards(sector.name), asked.say(sector.free)
    if sector.blocked:
        text = f'The way {where} is free for {far}, up to the nearest thing above the floor'
    else:
        text = f'Nothing stands {where} as far as the depth reaches, {far}'
    return Evidence.of('free_distance', (), sector.free, 'gravity', text)


def most_free(asked: Asked) -> MeasuredAnswer:
    """Say which way is the freest."""
    order = sorted(_sectors(asked).values(), key=lambda sector: -sector.free.value)
    evidence = [_sector_fact(asked, sector) for sector in order]
    texts = ' '.join(item.text for item in evidence)
    if len(order) > 1 and not (order[0].free - order[1].free).decided:
        text = f'I cannot tell: the way is about equally free. {texts}'
        return asked.choice(text, '', evidence, ())
    text = f'Most free is the way {_towards(order[0].name)}. {texts}'
    return asked.choice(text, order[0].name, evidence, ())
