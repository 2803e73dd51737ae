# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Which two of several things are closest together, or farthest apart."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations
import re

import numpy as np

from ssr_ros.scene.geometry.objects import SceneObject
from ssr_ros.scene.geometry.survey import Survey
from ssr_ros.scene.questions import referents, relations, wording
from ssr_ros.scene.questions.asked import Asked
from ssr_ros.scene.questions.cannot_tell import CannotTell
from ssr_ros.scene.questions.evidence import Evidence, MeasuredAnswer
from ssr_ros.scene.questions.families.counting import maybe_more, require_depth
from ssr_ros.scene.questions.phrase_reading import read_phrase
from ssr_ros.scene.questions.quantity import Quantity
from ssr_ros.scene.questions.query import Query
from ssr_ros.scene.questions.reader import reads, said

Pair = tuple[SceneObject, SceneObject]

_OTHER = '(?:each other|one another)'
_SO = '(?:closest|nearest|(?P<far>farthest|furthest))'
_MOST = f'(?:the )?{_SO}(?: together| apart| (?:to|from) {_OTHER})'
_TWO = '(?:two|pair)(?: of)?(?: (?:the|these|those|my|your))?'
_OF = f'(?:{_TWO} |of (?:the|these|those|my|your) )?'
_A = r'(?P<a>(?:(?!\b(?:is|are)\b).)+?)'
_ARE = '(?:is|are|lie|lies|stand|stands)'


@reads(
    rf'^(?:which|what) {_TWO} {_ARE} {_MOST}$',
    rf'^(?:which|what) {_OF}{_A} {_ARE} {_MOST}$',
    rf'^(?:which|what) (?:is|are) the {_TWO} {_A} (?:that are |which are )?{_MOST}$',
    rf'^(?:which|what) (?:is|are) the (?:two )?{_SO} (?:two |pair of )?{_A} (?:to|from) {_OTHER}$',
)
def read_pair(match: re.Match[str]) -> Query | None:
    """Which two cups are closest together? Which two things are farthest apart?"""
    a = read_phrase(said(match, 'a') or 'things')
    if a.kind != 'object' or a.pick:
        return None
    return Query(kind='pair', what='farthest' if match['far'] else 'closest', a=a)


def pair(asked: Asked) -> MeasuredAnswer:
    """Name the two things with the least gap between them, or the largest.

    Raises:
        CannotTell: there are not two.
    """
    survey = asked.survey
    require_depth(survey)
    things, unsure = referents.fitting(survey, asked.phrase('a'))
    more = maybe_more(survey, unsure)
    if len(things) < 2:
        raise CannotTell(f'I see {("none", "one only")[len(things)]} of those{more}')
    ranked = _ranked(survey, things, asked.what)
    facts = [_fact(asked, two, gap) for gap, two in ranked]
    names = [thing.name for thing in ranked[0][1]]
    if len(ranked) == 1:
        gap, two = ranked[0]
        text = f'there are two only, {_both(asked, two)}, {asked.say(gap)} apart'
        return asked.text(text + more, facts, names)
    (gap, first), (next_gap, second) = ranked
    most = {'closest': 'closest together', 'farthest': 'farthest apart'}[asked.what]
    then = f'{_both(asked, second)}, {asked.say(next_gap)}'
    if not (next_gap - gap).decided:
        text = (
            f'I cannot tell which two are {most}: {_both(asked, first)}, {asked.say(gap)}, and '
            f'{then}, differ by less than the margin'
        )
        return asked.text(text, facts)
    text = f'{_both(asked, first)} are {most}, {asked.say(gap)}; next are {then}'
    return asked.text(text + more, facts, names)


def _both(asked: Asked, two: Pair) -> str:
    return wording.listing([asked.label(thing) for thing in two])


def _fact(asked: Asked, two: Pair, gap: Quantity) -> Evidence:
    text = f'{_both(asked, two)} are {asked.say(gap)} apart'
    return Evidence.of('gap', [thing.name for thing in two], gap, 'camera', text)


def _ranked(
    survey: Survey, things: Sequence[SceneObject], what: str
) -> list[tuple[Quantity, Pair]]:
    """The pair that is most so, and the next one; both lead all others.

    The boxes around two things say how near they can be at the least, and how far apart at the
    most: pairs are measured in that order until no other can come before the two.
    """
    sense = 1 if what == 'closest' else -1
    best: list[tuple[Quantity, Pair]] = []
    for bound_m, two in _by_bound(survey, things, sense):
        if len(best) == 2 and sense * bound_m > sense * best[1][0].value:
            break
        best.append((relations.gap(survey, *two), two))
        best = sorted(best, key=lambda ranked: sense * ranked[0].value)[:2]
    return best


def _by_bound(
    survey: Survey, things: Sequence[SceneObject], sense: int
) -> Iterator[tuple[float, Pair]]:
    points = [relations.surface(survey, thing) for thing in things]
    low = [each.min(axis=0) for each in points]
    high = [each.max(axis=0) for each in points]
    bounds = []
    for i, j in combinations(range(len(things)), 2):
        if sense > 0:
            away = np.maximum(np.maximum(low[i] - high[j], low[j] - high[i]), 0)
        else:
            away = np.maximum(high[i], high[j]) - np.minimum(low[i], low[j])
        bounds.append((float(np.linalg.norm(away)), i, j))
    for bound_m, i, j in sorted(bounds, key=lambda bound: sense * bound[0]):
        yield bound_m, (things[i], things[j])
