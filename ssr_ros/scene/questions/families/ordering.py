# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Things in an order: all, those that are named, those of a kind."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
import re
from typing import cast

from ssr_ros.scene.geometry.objects import SceneObject
from ssr_ros.scene.questions import wording
from ssr_ros.scene.questions.asked import Asked
from ssr_ros.scene.questions.cannot_tell import CannotTell
from ssr_ros.scene.questions.evidence import MeasuredAnswer
from ssr_ros.scene.questions.families.choosing import require_objects
from ssr_ros.scene.questions.families.counting import for_certain
from ssr_ros.scene.questions.phrase_reading import read_phrase, several
from ssr_ros.scene.questions.picking import measure_of, require_smaller_whole, SIZES
from ssr_ros.scene.questions.query import Query
from ssr_ros.scene.questions.rationale import describe, describe_all
from ssr_ros.scene.questions.reader import reads, said
from ssr_ros.scene.questions.relations import is_least
from ssr_ros.scene.questions.vocabulary import one_of, Pick, PICKS, SMALL_NUMBERS

_ORDERS: tuple[tuple[str, Pick, str], ...] = (
    ('right to left', 'left', 'from right to left'),
    ('left to right', 'right', 'from left to right'),
    (r'(?:short|low)\w* (?:first|to)', 'tallest', 'from shortest to tallest'),
    (r'small\w* (?:first|to)', 'biggest', 'from smallest to biggest front'),
    (r'(?:narrow|thin)\w* (?:first|to)', 'widest', 'from narrowest to widest'),
    ('tall|height|high', 'shortest', 'from tallest to shortest'),
    ('size|big|large|small', 'smallest', 'from biggest to smallest front'),
    ('wid', 'narrowest', 'from widest to narrowest'),
    (r'far\w* (?:first|to (?:the )?(?:near|clos))', 'nearest', 'from far to near'),
    ('', 'farthest', 'from near to far'),
)
_HOW = (
    '(?:(?:in order |sorted |ordered )?(?:from|by|in order|according to|in terms of|based on)'
    '|in (?:the )?order|with the) ?.*'
)
_PUT = '(?:list|order|sort|rank|enumerate|name|arrange|organi[sz]e|sequence)'
_EVERY = '(?:(?:all )?(?:of )?(?:the )?(?:objects|things|items|obstacles)|everything|what you see)'
_NEXT = re.compile(r', (?:and )?| and ')


_REVERSED: dict[Pick, Pick] = {
    'nearest': 'farthest',
    'farthest': 'nearest',
    'left': 'right',
    'right': 'left',
    'tallest': 'shortest',
    'shortest': 'tallest',
    'widest': 'narrowest',
    'narrowest': 'widest',
    'biggest': 'smallest',
    'smallest': 'biggest',
}
"""The order in which the first are the most so: from near to far is towards the farthest."""

_EXTREME = one_of(
    word for word, pick in PICKS.items() if word.endswith('est') and pick in _REVERSED
)
_SOME = f'(?P<number>[2-9]|{one_of(SMALL_NUMBERS)})'
_TO_ME = '(?: (?:to|from) (?:me|us|you|the camera))?'


@reads(
    rf"""^(?:(?:list|name|enumerate|find|identify|(?:what|which) are)[ ])?the {_SOME}[ ]
    (?P<pick>{_EXTREME}) (?P<np>.+?){_TO_ME}$""",
    rf'^(?:what|which) {_SOME} (?P<np>.+?) are (?:the )?(?P<pick>{_EXTREME}){_TO_ME}$',
)
def read_first(match: re.Match[str]) -> Query | None:
    """What are the three closest objects? Which two mugs are the tallest?"""
    a, number = read_phrase(match['np']), match['number']
    if a.kind != 'object' or not a.plural or a.pick:
        return None
    return Query(
        kind='order',
        what=_REVERSED[PICKS[match['pick']]],
        a=a,
        number=SMALL_NUMBERS.get(number) or int(number),
    )


@reads(
    f'^{_PUT} {_EVERY}(?:,? {_HOW})?$',
    f'^(?:what is )?(?:the )?order of {_EVERY}(?:,? {_HOW})?$',
    rf"""^{_EVERY},?[ ]
    (?:from (?:left|right|near|clos|far)|in order|by (?:distance|depth|height|size)).*$""",
    f'^{_PUT} (?P<list>.+?),? {_HOW}$',
    '^(?:list|enumerate|name) (?P<list>.+)$',
)
def read_order(match: re.Match[str]) -> Query | None:
    """List the objects from left to right, by height; order A, B and C; list the red things."""
    named = said(match, 'list')
    how = match.string[match.end('list') :] if named else match.string  # not of a 'tall glass'
    pick = next(pick for words, pick, _ in _ORDERS if re.search(words, how))
    if not named:
        return Query(kind='order', what=pick)
    things = _NEXT.split(named)
    if len(things) > 1 and not read_phrase(named).either:
        listed = several(things)
        if any(thing.kind != 'object' or thing.plural for thing in listed.anchors):
            return None
        return Query(kind='order', what=pick, a=listed)
    a = read_phrase(named)
    if a.kind != 'object':
        return None
    if not a.plural:
        return Query(kind='find', a=a) if a.pick else None
    if match.end('list') != match.end():
        return Query(kind='order', what=pick, a=a)
    return None if a.pick else Query(kind='list', a=a)


def order(asked: Asked) -> MeasuredAnswer:
    """List objects in an order, all or those named, or the first of them.

    What is about equal is said to be so.
    """
    require_objects(asked)
    pick = cast(Pick, asked.what)
    words = next(words for _, name, words in _ORDERS if name == pick)
    named = _listed(asked) if asked.has('a') else asked.survey.objects
    things: list[SceneObject] = sorted(named, key=lambda t: measure_of(pick, t).value)
    if asked.query.number is not None:
        things = _first(asked, things, asked.query.number, pick)
    names = [asked.label(things[0])]
    for before, thing in pairwise(things):
        apart = measure_of(pick, thing) - measure_of(pick, before)
        names.append(('' if apart.decided else 'about equal: ') + asked.label(thing))
    evidence = [describe(asked.survey, thing) for thing in things[:8]]
    return asked.text(
        f'{words}: {", ".join(names)}{_larger(asked, things, pick)}',
        evidence,
        [t.name for t in things],
    )


def _first(asked: Asked, things: list[SceneObject], number: int, pick: Pick) -> list[SceneObject]:
    """The first of some things, where the margin does not leave open which they are."""
    if len(things) < number:
        raise CannotTell(f'The depth shows only {wording.count(len(things), "such object")}')
    if len(things) > number:
        last, other = things[number - 1 : number + 1]
        ahead = measure_of(pick, other) - measure_of(pick, last)
        if not ahead.decided:
            both = describe_all(asked.survey, (last, other))
            raise CannotTell(
                f'I cannot tell which {number} these are: {both} differ by less than the margin'
            )
    if pick in SIZES:
        require_smaller_whole(asked.survey, things[:number], things[number:], _REVERSED[pick])
    return things[:number]


def _larger(asked: Asked, things: Sequence[SceneObject], pick: Pick) -> str:
    """Say which things may come elsewhere, as they may be larger than what is seen of them."""
    may_be = [t for t in things if pick in SIZES and is_least(asked.survey, t, SIZES[pick])]
    names = wording.listing([asked.label(thing) for thing in may_be])
    return f'; not all is seen of {names}' if may_be else ''


def _listed(asked: Asked) -> Sequence[SceneObject]:
    """The objects that are named one by one, or all that fit a phrase."""
    if asked.phrase('a').kind == 'several':
        return asked.several()
    return for_certain(asked.survey, asked.phrase('a'))
