# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What colour a thing has, and whether it has one."""

from __future__ import annotations

from collections import Counter
import re

from ssr_ros.scene.geometry.objects import SceneObject
from ssr_ros.scene.questions import wording
from ssr_ros.scene.questions.asked import Asked
from ssr_ros.scene.questions.called import alike, may_look
from ssr_ros.scene.questions.cannot_tell import CannotTell
from ssr_ros.scene.questions.evidence import Evidence, MeasuredAnswer
from ssr_ros.scene.questions.families.counting import for_certain
from ssr_ros.scene.questions.quantity import Quantity, Verdict
from ssr_ros.scene.questions.query import Query
from ssr_ros.scene.questions.rationale import MOST_NAMED
from ssr_ros.scene.questions.reader import ASKED, phrase, reads, said
from ssr_ros.scene.questions.referents import Things
from ssr_ros.scene.questions.vocabulary import COLOR_WORDS, one_of

_MOST = '(?:(?P<most>most)(?: of)? )?'


@reads(
    rf'^(?:of |in )?(?:what|which) colors? (?:is|are|does|do) {_MOST}(?P<a>.+?)(?: have)?$',
    rf'{ASKED}colors? of {_MOST}(?P<a>.+)$',
)
def read_color(match: re.Match[str]) -> Query | None:
    """What colour is A? What colour are most of the mugs?"""
    a = phrase(match, 'a')
    if a is None or a.kind != 'object':
        return None
    return Query(kind='color', what=said(match, 'most'), a=a)


@reads(
    r"""^(?:is|are|does|do|has|have) (?P<a>.+?)[ ]
    (?:(?:of|have|has|share) )?the (?:exact )?same color (?:as|like|of) (?:that of )?(?P<b>.+)$""",
    '^(?:is|are|do|does|have) (?P<a>.+?) and (?P<b>.+?) '
    '(?:(?:of|all|both|have|share) )*the same color$',
    '^(?:is|are|do|have) (?P<a>.+?) (?:(?:of|all|both|have|share) )*the same color$',
)
def read_same_color(match: re.Match[str]) -> Query | None:
    """Is A the same colour as B? Have the two mugs the same colour?"""
    a, b = phrase(match, 'a'), phrase(match, 'b')
    if a is None or a.indefinite or match['a'].startswith('there') or (b is None and not a.plural):
        return None
    return Query(kind='same color', a=a, b=b)


@reads(
    rf'^(?:is|are) (?P<a>(?!there).+?) (?P<b>(?:dark |light |bright )?(?:{one_of(COLOR_WORDS)}))$'
)
def read_is_colored(match: re.Match[str]) -> Query | None:
    """Is A red?"""
    a = phrase(match, 'a')
    if a is None or a.kind != 'object' or a.indefinite:
        return None
    return Query(kind='is colored', a=a, b=phrase(match, 'b'))


def is_colored(asked: Asked) -> MeasuredAnswer:
    """Say whether an object has a colour; a near one, or half of it, may be that or not."""
    thing, wanted = asked.thing('a'), asked.phrase('b').colors
    verdict = Verdict.of(thing.color in wanted)
    plainly = verdict is Verdict.YES and not asked.phrase('b').loosely
    if not plainly and may_look(thing, wanted):
        verdict = Verdict.UNSURE
    looks = _looks(asked, thing)
    text = f'{verdict.opening}: {wording.inner(looks.text)}'
    return asked.yes_no(verdict, text, [looks])


def same_color(asked: Asked) -> MeasuredAnswer:
    """Say whether two objects, or all of some, look alike."""
    wanted = asked.phrase('a')
    two = asked.has('b') or wanted.kind == 'group'
    first, *others = things = asked.pair() if two else for_certain(asked.survey, wanted)
    if not others:
        raise CannotTell(f'"{wanted.text}" is one object here, {asked.label(first)}')
    verdict = Verdict.all(*(alike(first, other) for other in others))
    looks = [_looks(asked, thing) for thing in things[:MOST_NAMED]]
    text = f'{verdict.opening}: {wording.listing([wording.inner(e.text)[:-1] for e in looks])}'
    return asked.yes_no(verdict, text, looks, [thing.name for thing in things])


def color(asked: Asked) -> MeasuredAnswer:
    """Say what colour an object has, and how much of it; of several, how many have which."""
    wanted = asked.phrase('a')
    if asked.what or (wanted.plural and not wanted.pick):
        things = for_certain(asked.survey, wanted)
        if asked.what or len(things) > 1:
            return _colors(asked, things)
    thing = asked.thing('a')
    looks = _looks(asked, thing)
    return asked.color(looks.text, thing.color, [looks])


def _colors(asked: Asked, things: Things) -> MeasuredAnswer:
    """The colours of several things: that of all, or of most of them, where there is one."""
    counted = Counter(thing.color for thing in things).most_common()
    parts = [f'{many} {"looks" if many == 1 else "look"} {name}' for name, many in counted]
    looks = [_looks(asked, thing) for thing in things[:MOST_NAMED]]
    name, many = counted[0]
    alike = f'all {len(things)} look {name}'
    text = f'of {len(things)}, {wording.listing(parts)}' if counted[1:] else alike
    if many > len(things) / 2 if asked.what else many == len(things):
        return asked.color(text, name, looks)
    text = f'no colour is that of most: {text}' if asked.what else text
    return asked.text(text, looks, [thing.name for thing in things])


def _looks(asked: Asked, thing: SceneObject) -> Evidence:
    share = Quantity(thing.color_share, 0.0, '')
    text = f'{asked.label(thing)} looks {thing.color} ({100 * share.value:.0f} % of its pixels)'
    if thing.second_color:
        text += f', partly {thing.second_color}'
    return Evidence.of('color', (thing.name,), share, 'camera', text)
