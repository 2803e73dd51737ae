# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The nearest of some things, the second tallest, the middle one."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ssr_ros.scene.geometry.objects import SceneObject
from ssr_ros.scene.geometry.survey import Survey
from ssr_ros.scene.questions import relations, wording
from ssr_ros.scene.questions.cannot_tell import CannotTell
from ssr_ros.scene.questions.quantity import Quantity
from ssr_ros.scene.questions.rationale import describe_all
from ssr_ros.scene.questions.vocabulary import Pick

_PICKS: dict[Pick, Callable[[SceneObject], Quantity]] = {
    'nearest': lambda thing: -relations.distance(thing),
    'farthest': relations.distance,
    'left': lambda thing: -relations.bearing(thing),
    'right': relations.bearing,
    'tallest': lambda thing: relations.size(thing, 'height'),
    'shortest': lambda thing: -relations.size(thing, 'height'),
    'widest': lambda thing: relations.size(thing, 'width'),
    'narrowest': lambda thing: -relations.size(thing, 'width'),
    'deepest': lambda thing: relations.size(thing, 'depth'),
    'biggest': relations.area,
    'smallest': lambda thing: -relations.area(thing),
    'topmost': lambda thing: Quantity(float(thing.high_m[2]), thing.margins.size_m[2], 'm'),
    'lowest': lambda thing: Quantity(-float(thing.low_m[2]), thing.margins.size_m[2], 'm'),
}


def measure_of(pick: Pick, thing: SceneObject) -> Quantity:
    """The quantity that a superlative compares; larger is more so."""
    return _PICKS[pick](thing)


def picked(
    survey: Survey, things: Sequence[SceneObject], pick: Pick, rank: int = 1
) -> SceneObject:
    """The most extreme of some objects, if it is so beyond its margin.

    Raises:
        CannotTell: two of them are too alike, or there are too few.
    """
    if pick == 'middle':
        return _middle(things)
    named = f'the {wording.superlative(pick)} one'
    return ranked(survey, [(measure_of(pick, t), t) for t in things], rank, named)


def ranked(
    survey: Survey, measured: list[tuple[Quantity, SceneObject]], rank: int, named: str
) -> SceneObject:
    """The one of which there are rank - 1 with more, each of them and the next by its margin.

    Raises:
        CannotTell: as for ``picked``.
    """
    if rank > len(measured):
        raise CannotTell(f'The depth shows only {wording.count(len(measured), "such object")}')
    order = sorted(measured, key=lambda pair: -pair[0].value)
    value, found = order[rank - 1]
    for other_value, other in (*order[max(rank - 2, 0) : rank - 1], *order[rank : rank + 1]):
        if not (value - other_value).decided:
            raise CannotTell(
                f'I cannot tell which is {named}: {describe_all(survey, (found, other))} differ '
                'by less than the margin'
            )
    return found


def _middle(things: Sequence[SceneObject]) -> SceneObject:
    if len(things) % 2 == 0:
        raise CannotTell(f'There is no middle one among {len(things)} objects')
    return sorted(things, key=lambda t: t.bearing_deg)[len(things) // 2]
