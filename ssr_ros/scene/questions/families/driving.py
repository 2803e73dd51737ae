# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""How far the way is seen free, and for what."""

from __future__ import annotations

import math
import re

from ssr_ros.scene.geometry.ground import CELL_M, End
from ssr_ros.scene.questions import space, wording
from ssr_ros.scene.questions.asked import Asked
from ssr_ros.scene.questions.cannot_tell import CannotTell, require_down
from ssr_ros.scene.questions.evidence import Evidence, MeasuredAnswer
from ssr_ros.scene.questions.patterns import pattern
from ssr_ros.scene.questions.quantity import Verdict
from ssr_ros.scene.questions.query import Query
from ssr_ros.scene.questions.reader import reads
from ssr_ros.scene.questions.spelling import lengths_in
from ssr_ros.scene.questions.vocabulary import words

MOST_UNSEEN = 0.75
"""A way is not called free when more of it than this share lies under the view."""

_OF_WAYS = words(
    'is are am be there the a an any anything something nothing obstacle obstacles object objects '
    'thing things way ways path road route lane corridor room space area distance free clear '
    'blocked open empty most more how far farther much long can could may should must do i we you '
    'my you your our us me robot drive driving go going move moving travel walk roll proceed '
    'advance safely straight ahead on forward forwards front of in before left right to towards '
    'which what direction side by for from here up until with and wide high tall width height '
    'across within it without hitting bumping into next blocking obstructing now still enough has '
    'offers where along stop at least if when that standing lying or'
)
"""Words of questions about the way, which name nothing else."""

_DRIVE = '(?:drive|go|move|travel|walk|roll|proceed|advance)'
_WHO = '(?:i|we|you|(?:the|my|a|our)(?: <[0-9.]+>[ -](?:wide|high|tall))? robot)'
_ROOM = '(?:distance|space|way|path|room|road|area)'
_HIGH = pattern(
    '(?:height of|height is) <(?P<said>[0-9.]+)>|<(?P<before>[0-9.]+)>[ -](?:tall|high|in height)'
)
_WIDE = pattern(
    """(?:width of|width is) <(?P<said>[0-9.]+)>
    |<(?P<before>[0-9.]+)>[ -](?:wide|across|in width|robot)"""
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
    if not _OF_WAYS.issuperset(re.findall(r"[a-z']+", text)):
        return None  # the way to the red object is not the way ahead
    width_m, height_m, bound_m = _lengths(text)
    if re.search('which (?:way|direction|side)|where (?:is|should|can)', text):
        return Query(kind='most free', width_m=width_m, height_m=height_m)
    side = re.search(r'\b(left|right)\b', text)
    obstacle = re.search('obstacle|anything|something|blocked|in (?:my|the|our|your) way', text)
    whether = bound_m is None and re.match('(?:is|are|can|could|may) ', text)
    return Query(
        kind='obstacle' if obstacle else 'is free' if whether else 'free',
        what=side[1] if side else 'ahead',
        bound_m=bound_m,
        width_m=width_m,
        height_m=height_m,
    )


def _lengths(text: str) -> tuple[float | None, float | None, float | None]:
    """The width and the height of what is to move, and how far, as far as a question says."""
    given: list[float | None] = []
    for size in (_WIDE, _HIGH):
        found = size.search(text)
        given.append(float(found['said'] or found['before']) if found else None)
        text = size.sub('', text)
    return given[0], given[1], next(iter(lengths_in(text)), None)


def free(asked: Asked) -> MeasuredAnswer:
    """Say how far a way is free, or whether it is for a length; 'obstacle' asks the opposite.

    Where no length is given and nothing of it is seen free, what stands in it answers whether.
    """
    ways = _ways(asked, asked.what)
    if not ways:
        wide = wording.given(asked.query.width_m or space.ROBOT_WIDTH_M)
        raise CannotTell(
            f'The view holds no way {_towards(asked.what)} that is {wide} wide, so I cannot tell'
        )
    way = ways[0]
    fact = _way_fact(asked, way)
    told = f'{fact.text[:-1]} ({_body(asked, way)})'
    needed_m = asked.query.bound_m
    kind = asked.query.kind
    if needed_m is None and (way.seen_m or kind == 'free' or not math.isfinite(way.most.value)):
        if way.seen_m or way.blocked:
            return asked.number(told, way.free, [fact])
        raise CannotTell(told, [fact])
    verdict = Verdict.NO if needed_m is None else _is_free(way, needed_m)
    if kind == 'obstacle':
        verdict = ~verdict
    return asked.yes_no(verdict, f'{verdict.opening}: {wording.inner(told)}', [fact])


def most_free(asked: Asked) -> MeasuredAnswer:
    """Say which way is the freest."""
    ways = _ways(asked, *space.WAYS)
    best, *others = sorted(ways, key=lambda way: -way.seen_m)
    evidence = [_way_fact(asked, way) for way in (best, *others)]
    texts = ' '.join(item.text for item in evidence)
    told = f'{texts} ({wording.sentence(_body(asked, best))[:-1]})'
    if not best.seen_m or any((best.free - o.most).verdict is not Verdict.YES for o in others):
        return asked.choice(f'I cannot tell which way is most free. {told}', '', evidence, ())
    return asked.choice(
        f'most free is the way {_towards(best.name)}. {told}', best.name, evidence, ()
    )


def _ways(asked: Asked, *names: str) -> tuple[space.Way, ...]:
    """Those of some ways that are in view.

    Raises:
        CannotTell: no floor is seen, or a higher surface begins right under the view.
    """
    survey, query = asked.survey, asked.query
    if not survey.valid_ratio:
        raise CannotTell('No pixel has depth, so nothing can be measured')
    if space.floor(survey) is None:
        require_down(survey)
        raise CannotTell('I see no floor, so I cannot tell how far the way is free')
    upper = space.underfoot(survey)
    if upper is not None:
        raise CannotTell(
            f'I cannot tell what is driven on: {wording.the(upper[0].name)} begins right under '
            f'the view, {wording.length(upper[1])} above the lowest level surface'
        )
    width_m = query.width_m or space.ROBOT_WIDTH_M
    return space.free_ways(survey, width_m, query.height_m, names)


def _is_free(way: space.Way, needed_m: float) -> Verdict:
    """Whether a way is free up to a distance, or too little of it is seen."""
    if way.most.beyond(needed_m).verdict is Verdict.NO:
        return Verdict.NO
    seen = way.free.beyond(needed_m).verdict is Verdict.YES
    return Verdict.YES if seen and way.near_m < MOST_UNSEEN * needed_m else Verdict.UNSURE


def _body(asked: Asked, way: space.Way) -> str:
    """Say for what the way is judged, and what of it was assumed."""
    width_m, height_m = asked.query.width_m, asked.query.height_m
    wide = f'{wording.given(width_m or space.ROBOT_WIDTH_M)} wide'
    high = f'as high as the camera, {wording.length(way.height_m)}'
    if height_m:
        high = f'{wording.given(height_m)} high'
    if width_m and height_m:
        return f'for something {wide} and {high}'
    if width_m:
        return f'for something {wide}, assuming it {high}'
    if height_m:
        return f'for something {high}, assuming it {wide}'
    return f'assuming something {wide} and {high}'


def _towards(name: str) -> str:
    return name if name == 'ahead' else f'to the {name}'


def _way_fact(asked: Asked, way: space.Way) -> Evidence:
    where, far, thing = _towards(way.name), asked.say(way.free), asked.say(way.thing)
    near = f'no pixel sees the nearest {_plainly(asked, way.near_m)} of it'
    stands = way.end is not End.THING and math.isfinite(way.thing.value)
    if way.seen_m:
        text = f'the way {where} is seen free for {far}, {_until(asked, way)}; '
        text += f'something stands in it {thing} away, and {near}' if stands else near
    elif way.end is End.THING:
        text = f'the way {where} is blocked: the nearest thing above the floor is {thing} away; '
        text += near
    elif stands:
        text = f'something stands in the way {where}, {thing} away, and '
        if way.thing.value > way.near_m + CELL_M:
            text += f'it is not seen free up to there: {_why(asked, way)}, and '
        text += near
    else:
        text = f'nothing of the way {where} is seen free: {_why(asked, way)}, and {near}'
    return Evidence.of('free_distance', (), way.free, 'gravity', text)


def _plainly(asked: Asked, value_m: float) -> str:
    return wording.length(value_m, None, asked.query.unit)


def _until(asked: Asked, way: space.Way) -> str:
    """How far a way is seen free, and why no farther."""
    if way.end is End.THING:
        return 'up to the nearest thing above the floor'
    if way.end is End.LOWER:
        return f'up to where the floor is lower, {wording.side(way.end_bearing_deg)}'
    if way.end is End.VIEW:
        return 'where the view ends'
    return f'beyond that I cannot tell: {_why(asked, way)}'


def _why(asked: Asked, way: space.Way) -> str:
    """Why a place is not seen free."""
    side, place = wording.side(way.end_bearing_deg), _plainly(asked, way.end_m)
    return {
        End.NO_DEPTH: f'no depth {side} may hide something from {place} on',
        End.HIDDEN: f'what stands there hides the floor {side}, {place} away',
        End.LOWER: f'the floor is lower {side}, {place} away',
        End.VIEW: f'the view ends {place} away',
    }.get(way.end, f'something stands {side}, {place} away')
