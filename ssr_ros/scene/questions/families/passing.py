# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What fits through, and how far the way is free."""

from __future__ import annotations

import math
import re

from ssr_ros.scene.geometry.ground import End
from ssr_ros.scene.geometry.objects import SceneObject
from ssr_ros.scene.geometry.survey import Survey
from ssr_ros.scene.questions import referents, relations, space, wording
from ssr_ros.scene.questions.asked import asked, fact, number, yes_no
from ssr_ros.scene.questions.evidence import Evidence, MeasuredAnswer
from ssr_ros.scene.questions.phrases import lengths_in, Phrase, read_phrase
from ssr_ros.scene.questions.rationale import describe
from ssr_ros.scene.questions.referents import CannotTell
from ssr_ros.scene.questions.relations import Quantity

_MOVE = (
    r'(?:drive|pass|go|fit|get|squeeze|move|walk|roll|slide|steer|travel|'
    r'navigate|slip|maneuver|manoeuvre|run|come)'
)


MOST_UNSEEN = 0.75
"""A way is not called free when more of it than this share lies under the view."""

SIZE_CLAUSES = re.compile(
    r',? ?(?:if |when |and |assuming |given )?(?:i am|we are|it is|the robot '
    r'is|my width is|our width is|'
    r'my robot is|the vehicle is) <[\d.]+>(?: wide| across| in width)?'
    r'|,? ?(?:with|given|for|by|at) (?:a |the |my )?(?:width|robot '
    r'width|diameter|arm|reach|robot|body)?'
    r'(?: of| that is| which is)? ?<[\d.]+>(?:[- ]wide)?(?: \w+)?(?: wide| across)?'
    r'|<[\d.]+>(?:[- ]wide)?'
)


@asked(
    rf'\b{_MOVE}\b.*?\b(?:through )?(?:in )?between (?P<rest>.+)$',
    r'(?:gap|space|room|passage|opening|way) between (?P<rest>.+?) (?:is '
    r')?(?:wide|big|large) enough',
    r'(?:enough|sufficient) (?:room|space|clearance).*?between (?P<rest>.+)$',
    r'(?:wide|big|large) (?:is )?(?:the )?(?:gap|passage|opening|space) between '
    r'(?P<rest>.+)$',
)
def answer_passable(
    facts: Survey, match: re.Match[str], unit: str | None
) -> MeasuredAnswer | None:
    """Can I drive between A and B? I am 45 cm wide."""
    text = match.string
    widths = lengths_in(text)
    rest = text[match.start('rest') :]
    rest = re.split(r'[.]\s|\. |, (?:if|i|and|with|my|given)\b|\bif\b', rest)[0]
    rest = SIZE_CLAUSES.sub('', rest).strip(' ,.')
    a, b = _pair(facts, rest)
    passage = space.between(facts, a, b)
    width, blocking = passage.width, passage.blocking
    gap_text = (
        f'the passage between {facts.label(a)} and {facts.label(b)} is '
        f'{wording.length(width.value, width.sigma, unit)} wide between their visible sides'
    )
    evidence: tuple[Evidence, ...] = (
        fact('passage', (a.name, b.name), width, gap_text, 'gravity'),
    )
    names = tuple(t.name for t in (a, b, *blocking))
    if blocking:
        text = (
            f'no: {wording.listing([facts.label(t) for t in blocking])} stands between '
            f'them; {gap_text}'
        )
        return yes_no('', text, -1, evidence + tuple(describe(facts, t) for t in blocking), names)
    moving = re.search(
        r'(?:does|do|will|would|can|could) (the .+?|object .+?) (?:fit|pass|go)', text
    )
    if not widths and moving and read_phrase(moving[1]).kind == 'object':
        return _object_fits(facts, read_phrase(moving[1]), passage, gap_text, evidence, names)
    if not widths:
        return number(
            f'{gap_text}; say how wide you are and I can tell whether it fits', width, evidence
        )
    opening, sign = _fits(passage, Quantity(widths[0], 0.0))
    needed = f'{wording.given(widths[0])} is needed'
    return yes_no('', f'{opening}: {gap_text}, and {needed}', sign, evidence, names)


def _object_fits(
    facts: Survey, phrase: Phrase, passage: space.Passage, gap_text: str,
    evidence: tuple[Evidence, ...], names: tuple[str, ...],
) -> MeasuredAnswer:  # fmt: skip
    said = referents.caveat(facts, phrase)
    thing = referents.one(facts, phrase)
    own = relations.size(thing, 'width')
    text = f'{facts.label(thing)} is {wording.length(own.value, own.sigma)} wide'
    opening, sign = _fits(passage, own)
    if thing.touches_edge and sign >= 0:
        raise CannotTell(
            f'{wording.sentence(gap_text)} {wording.sentence(text)[:-1]} at least, but '
            'it leaves the image'
        )
    both = (*evidence, fact('width', (thing.name,), own, text, 'gravity'))
    return yes_no(said, f'{opening}: {gap_text}, and {text}', sign, both, (*names, thing.name))


def _fits(passage: space.Passage, needed: Quantity) -> tuple[str, int]:
    """The first words of the answer, and 1, -1 or 0: free is only what is seen free."""
    sign = (passage.width - needed).sign
    if sign < 0:
        return 'no', -1
    if sign == 0:
        return 'I cannot tell, the difference is inside the margin', 0
    if (passage.free - needed).sign > 0:
        return 'yes', 1
    seen = wording.length(passage.free.value, passage.free.sigma)
    if passage.free.value <= 0:
        return 'I cannot tell, the floor of the passage is not seen free anywhere', 0
    return f'I cannot tell, the floor of the passage is seen free over {seen} only', 0


def _pair(facts: Survey, rest: str) -> tuple[SceneObject, SceneObject]:
    parts = re.split(r' and ', rest, maxsplit=1)
    if len(parts) == 2:
        phrases = [read_phrase(part) for part in parts]
        if 'plane' in (phrases[0].kind, phrases[1].kind):
            raise CannotTell('I measure passages between objects, not along a wall')
        return referents.one(facts, phrases[0]), referents.one(facts, phrases[1])
    phrase = read_phrase(rest)
    if phrase.noun:
        found = facts.objects
        if len(found) != 2 or phrase.colors:
            referents.one(facts, phrase)
    else:
        found = referents.group(facts, phrase)
    return found[0], found[1]


@asked(
    r'how (?:far|long|much farther) can (?:i|we|you|the robot) '
    r'(?:drive|go|move|travel|walk|roll|proceed|advance)',
    r'(?:can|could|may) (?:i|we|you|the robot) (?:safely '
    r')?(?:drive|go|move|travel|walk|roll|proceed|advance)(?: \w+)?(?: '
    r'(?:straight|forward|forwards|ahead|on|left|right|by|for|to the left|to '
    r'the right|<[\d.]+>))',
    r'(?:way|path|road|route|lane|space|area|corridor)(?: \w+){0,3} '
    r'(?:free|clear|blocked|open|empty)',
    r'(?:free|clear|open|empty) (?:distance|space|way|path|room|road|area)(?: '
    r'is there)?(?: (?:ahead|in front|to the|on '
    r'the|before|straight|i|forward)|$)',
    r'how much (?:room|space|clearance) (?:is |are )?(?:there )?(?:ahead|in front|before)',
    r'which (?:way|direction|side) '
    r'(?:is|has|should|can|offers).*(?:free|clear|open|space|go|drive|room)',
    r'(?:in|blocking|obstructing) (?:my|the|our|your) (?:way|path)$',
    r'^(?:is|are) there .*(?:obstacles?|anything|something).*(?:ahead|in front of me|before me)$',
)
def answer_free(facts: Survey, match: re.Match[str], unit: str | None) -> MeasuredAnswer | None:
    """How far can I drive ahead? Is the way free for 1 m? Which way is free?"""
    text = match.string
    width, height, needed = _lengths(text)
    ways = {way.name: way for way in space.free_ways(facts, width or space.ROBOT_WIDTH_M, height)}
    _check_floor(facts, ways)
    body = _body(ways['ahead'], width, height)
    if re.search(r'which (?:way|direction|side)|where (?:is|should|can)', text):
        return _freest(ways, unit, body)
    side = re.search(r'\b(left|right)\b', text)
    name = side[1] if side else 'ahead'
    if name not in ways:
        raise CannotTell(f'No pixel sees the floor to the {name}, so I cannot tell')
    way = ways[name]
    evidence = (_way_fact(way, unit),)
    told = f'{evidence[0].text[:-1]} ({body})'
    if needed is None and way.free.value <= way.near_m and not way.blocked:
        raise CannotTell(told, evidence)
    if needed is None:
        return number(told, way.free, evidence)
    sign = _is_free(way, needed)
    if re.search(r'obstacle|anything|something|blocked|in (?:my|the|our|your) way', text):
        sign = -sign
    words = {1: 'yes', -1: 'no', 0: 'I cannot tell'}[sign]
    return yes_no('', f'{words}: {told[:1].lower()}{told[1:]}', sign, evidence, ())


_HIGH = re.compile(r'(?:height of|height is) <([\d.]+)>|<([\d.]+)>[- ](?:tall|high|in height)')
_WIDE = re.compile(
    r'(?:width of|width is) <([\d.]+)>|<([\d.]+)>[- ](?:wide|across|in width|robot)'
)


def _lengths(text: str) -> tuple[float | None, float | None, float | None]:
    """The width and the height of what is to move, and how far, as far as a question says."""
    given = []
    for pattern in (_WIDE, _HIGH):
        found = pattern.search(text)
        given.append(float(found[1] or found[2]) if found else None)
        text = pattern.sub('', text)
    needed = lengths_in(text)
    return given[0], given[1], needed[0] if needed else None


def _check_floor(facts: Survey, ways: dict[str, space.Way]) -> None:
    """Refuse where it is not known what is driven on.

    Raises:
        CannotTell: no floor is seen, or a higher surface begins right under the view.
    """
    if not facts.valid_ratio:
        raise CannotTell('No pixel has depth, so nothing can be measured')
    if not ways:
        raise CannotTell('I see no floor, so I cannot tell how far the way is free')
    upper = space.underfoot(facts)
    if upper is not None:
        raise CannotTell(
            f'I cannot tell what is driven on: the {upper[0].name} begins right under the view, '
            f'{wording.length(upper[1])} above the lowest level surface'
        )


def _is_free(way: space.Way, needed_m: float) -> int:
    """Whether a way is free up to a distance: 1, -1, or 0 where too little of it is seen."""
    if Quantity(way.most.value - needed_m, way.most.sigma).sign < 0:
        return -1
    room = Quantity(way.free.value - needed_m, way.free.sigma)
    return 1 if room.sign > 0 and way.near_m < MOST_UNSEEN * needed_m else 0


def _body(way: space.Way, width: float | None, height: float | None) -> str:
    """Say for what the way is judged, and what of it was assumed."""
    wide = f'{wording.given(width or space.ROBOT_WIDTH_M)} wide'
    high = f'{wording.given(height)} high' if height else (
        f'as high as the camera, {wording.length(way.height_m)}'
    )  # fmt: skip
    if width and height:
        return f'for something {wide} and {high}'
    if width or height:
        return f'for something {wide if width else high}, assuming it {high if width else wide}'
    return f'assuming something {wide} and {high}'


def _way_fact(way: space.Way, unit: str | None) -> Evidence:
    where = way.name if way.name == 'ahead' else f'to the {way.name}'
    far = wording.length(way.free.value, way.free.sigma, unit)
    text = f'The way {where} is seen free for {far}, {_beyond(way, unit)}'
    near = f'no pixel sees the nearest {wording.length(way.near_m, None, unit)} of it'
    thing = wording.length(way.thing.value, way.thing.sigma, unit)
    if way.free.value <= way.near_m and way.end is End.THING:
        text = f'The way {where} is blocked: the nearest thing above the floor is {thing} away'
    elif way.free.value <= way.near_m:
        text = f'The way {where} is not seen free, {_beyond(way, unit)}'
    if way.end is not End.THING and math.isfinite(way.thing.value):
        near = f'something stands in it {thing} away, and {near}'
    return fact('free_distance', (), way.free, f'{text}; {near}', 'gravity')


def _beyond(way: space.Way, unit: str | None) -> str:
    """What ends a way, and where."""
    side, place = wording.side(way.end_bearing_deg), wording.length(way.end_m, None, unit)
    return {
        End.THING: 'up to the nearest thing above the floor',
        End.NO_DEPTH: f'beyond that I cannot tell: no depth {side} may hide something '
                      f'from {place} on',
        End.HIDDEN: f'beyond that I cannot tell: what stands there hides the floor {side}, '
                    f'{place} away',
        End.LOWER: f'up to where the floor is lower, {side}',
        End.VIEW: 'where the view ends',
    }[way.end]  # fmt: skip


def _freest(ways: dict[str, space.Way], unit: str | None, body: str) -> MeasuredAnswer:
    order = sorted(ways.values(), key=lambda way: -way.free.value)
    evidence = tuple(_way_fact(way, unit) for way in order)
    told = ' '.join(item.text for item in evidence) + f' ({wording.sentence(body)[:-1]}.)'
    best, others = order[0], order[1:]
    seen = best.free.value > best.near_m
    if not seen or any((best.free - other.most).sign <= 0 for other in others):
        text = f'I cannot tell which way is most free. {told}'
        return MeasuredAnswer(text, True, evidence, 'choice')
    where = best.name if best.name == 'ahead' else f'to the {best.name}'
    text = f'Most free is the way {where}. {told}'
    return MeasuredAnswer(text, True, evidence, 'choice', None, None, '', best.name)
