# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The nearest of some things, the second tallest, the middle one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product

from ssr_ros.scene.geometry.objects import SceneObject
from ssr_ros.scene.geometry.survey import Survey
from ssr_ros.scene.questions import relations, wording
from ssr_ros.scene.questions.cannot_tell import CannotTell, require_whole
from ssr_ros.scene.questions.quantity import Quantity
from ssr_ros.scene.questions.rationale import describe_all
from ssr_ros.scene.questions.vocabulary import Aspect, Pick

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

SIZES: dict[Pick, Aspect] = {
    **dict.fromkeys(('tallest', 'shortest'), 'height'),
    **dict.fromkeys(('widest', 'narrowest'), 'width'),
    **dict.fromkeys(('biggest', 'smallest'), 'area'),
    'deepest': 'depth',
}
"""What may be larger than it is seen to be."""


def measure_of(pick: Pick, thing: SceneObject) -> Quantity:
    """The quantity that a superlative compares; larger is more so."""
    return _PICKS[pick](thing)


def picked(
    survey: Survey, things: Sequence[SceneObject], pick: Pick, rank: int = 1
) -> SceneObject:
    """The most extreme of some objects, if it is so beyond its margin.

    Raises:
        CannotTell: two of them are too alike, there are too few, or one that seems smaller may be
            the larger one.
    """
    if pick == 'middle':
        return _middle(things)
    named = f'the {wording.superlative(pick)} one'
    found = ranked(survey, [(measure_of(pick, t), t) for t in things], rank, named)
    if pick in SIZES:
        require_smaller_whole(survey, [found], things, pick)
    return found


def require_smaller_whole(
    survey: Survey, some: Sequence[SceneObject], others: Sequence[SceneObject], pick: Pick
) -> None:
    """Refuse to say that some things are larger or smaller than others as far as they are seen.

    Args:
        survey: of the frame.
        some: things.
        others: what each of them is compared with, where it is another one.
        pick: what by, one of SIZES.

    Raises:
        CannotTell: the smaller of two may be the larger one.
    """
    aspect = SIZES[pick]
    are = 'is' if len(some) == 1 else 'are'
    for one, other in product(some, others):
        sizes = [relations.measure(survey, thing, aspect).value for thing in (one, other)]
        smaller = one if sizes[0] < sizes[1] else other
        if one is not other:
            seen = f'; of what is seen, {describe_all(survey, some)} {are} {pick}'
            require_whole(survey, smaller, aspect, seen=seen)


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
