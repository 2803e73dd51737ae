# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What colour a thing has, and whether it has one."""

from __future__ import annotations

import re

from ssr_ros.scene.geometry.objects import SceneObject
from ssr_ros.scene.questions import wording
from ssr_ros.scene.questions.asked import Asked
from ssr_ros.scene.questions.called import may_look
from ssr_ros.scene.questions.evidence import Evidence, MeasuredAnswer
from ssr_ros.scene.questions.quantity import Quantity, Verdict
from ssr_ros.scene.questions.query import Query
from ssr_ros.scene.questions.reader import ASKED, phrase, reads
from ssr_ros.scene.questions.vocabulary import COLOR_WORDS, one_of


@reads(
    '^(?:of |in )?(?:what|which) color (?:is|are|does|do) (?P<a>.+?)(?: have)?$',
    f'{ASKED}color of (?P<a>.+)$',
)
def read_color(match: re.Match[str]) -> Query | None:
    """What colour is A?"""
    a = phrase(match, 'a')
    return Query(kind='color', a=a) if a is not None and a.kind == 'object' else None


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
    if verdict is Verdict.NO and may_look(thing, wanted):
        verdict = Verdict.UNSURE
    looks = _looks(asked, thing)
    text = f'{verdict.opening}: {wording.inner(looks.text)}'
    return asked.yes_no(verdict, text, [looks])


def color(asked: Asked) -> MeasuredAnswer:
    """Say what colour an object has, and how much of it."""
    thing = asked.thing('a')
    looks = _looks(asked, thing)
    return asked.color(looks.text, thing.color, [looks])


def _looks(asked: Asked, thing: SceneObject) -> Evidence:
    share = Quantity(thing.color_share, 0.0, '')
    text = f'{asked.label(thing)} looks {thing.color} ({100 * share.value:.0f} % of its pixels)'
    if thing.second_color:
        text += f', partly {thing.second_color}'
    return Evidence.of('color', (thing.name,), share, 'camera', text)
