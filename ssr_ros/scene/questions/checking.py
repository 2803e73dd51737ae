# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Hold what a model says against what was measured."""

from __future__ import annotations

from collections.abc import Callable
import re

from ssr_ros.scene.geometry.survey import Survey
from ssr_ros.scene.questions import wording
from ssr_ros.scene.questions.evidence import Agreement, Check, MeasuredAnswer
from ssr_ros.scene.questions.phrases import COLOR_WORDS, mark_lengths, plain, SMALL_NUMBERS

MOST_SIGMAS = 3.0
ROUNDING = 0.1
"""A model may round a number by this share: 'about 2 m' does not contradict 1.84 m."""

_DEGREES = re.compile(
    r'(?P<number>\d+(?:\.\d+)?) ?(?:°|deg(?:rees?)?\b)(?: (?:to (?:the|my|your) '
    r')?(?P<side>left|right))?'
)
_CLOCK = re.compile(r"\b(?P<hour>1[0-2]|[1-9]) ?o'?clock")


def check(facts: Survey, measured: MeasuredAnswer, model_text: str) -> Check:
    """Compare a model's answer with the measured one.

    It contradicts when it is off the measured value by more than three standard errors and what
    the model may have rounded off; what does not answer, or cannot be told, is UNKNOWN.

    """
    if not measured.answered:
        return Check(Agreement.UNKNOWN, measured, f'Not measured: {measured.text}')
    said = plain(model_text)
    verdict = _CHECKS[measured.kind](facts, measured, said)
    if verdict is None:
        return Check(Agreement.UNKNOWN, measured, 'The two answers cannot be compared.')
    agrees = Agreement.AGREES if verdict else Agreement.CONTRADICTS
    word = 'agrees with' if verdict else 'contradicts'
    return Check(
        agrees, measured, f'"{model_text.strip()}" {word} what was measured: {measured.text}'
    )


def _number(facts: Survey, measured: MeasuredAnswer, said: str) -> bool | None:
    if measured.value is None or measured.unit not in ('m', 'deg'):
        return None
    if measured.unit == 'deg':
        return _direction(facts, measured, said)
    values = [float(v) for v in re.findall(r'<([\d.]+)>', mark_lengths(said))]
    return _any_near(measured, values)


def _any_near(measured: MeasuredAnswer, values: list[float]) -> bool | None:
    if not values or measured.value is None:
        return None
    slack = MOST_SIGMAS * (measured.sigma or 0.0)
    return any(abs(abs(measured.value) - v) <= slack + ROUNDING * abs(v) for v in values)


def _count(facts: Survey, measured: MeasuredAnswer, said: str) -> bool | None:
    numbers = [int(n) for n in re.findall(r'(?<![\d.])(\d+)(?![\d.])', said)]
    numbers += [n for word, n in SMALL_NUMBERS.items() if re.search(rf'\b{word}\b', said)]
    if re.search(r'\b(?:no|none|zero|nothing)\b', said):
        numbers.append(0)
    if not numbers or measured.value is None:
        return None
    unsure = 2 * (measured.sigma or 0.0)
    return any(measured.value <= n <= measured.value + unsure for n in numbers)


def _yes_no(facts: Survey, measured: MeasuredAnswer, said: str) -> bool | None:
    match = re.search(r'\b(yes|yeah|yep|true|correct|no|nope|false|incorrect)\b', said)
    if match is None or measured.value is None:
        return None
    return (match[1] in ('yes', 'yeah', 'yep', 'true', 'correct')) == bool(measured.value)


_OPPOSITES = {
    'left of': r'\bleft', 'right of': r'\bright', 'above': r'\b(?:above|over|higher)',
    'below': r'\b(?:below|under|lower|beneath)',
    'in front of': r'\b(?:in front|before|closer|nearer)',
    'behind': r'\b(?:behind|farther)', 'left': r'\bleft', 'right': r'\bright',
    'ahead': r'\b(?:ahead|straight|forward|front)',
}  # fmt: skip
_PAIRS = {
    'left of': 'right of', 'above': 'below', 'in front of': 'behind', 'left': 'right',
}  # fmt: skip


def _choice(facts: Survey, measured: MeasuredAnswer, said: str) -> bool | None:
    if not measured.choice:
        return None
    if measured.choice in _OPPOSITES:
        return _side(measured.choice, said)
    named = _first_named(facts, said)
    return None if named is None else named == measured.choice


def _side(choice: str, said: str) -> bool | None:
    other = {**_PAIRS, **{b: a for a, b in _PAIRS.items()}}.get(choice)
    here = re.search(_OPPOSITES[choice], said)
    there = re.search(_OPPOSITES[other], said) if other else None
    if bool(here) == bool(there):
        return None
    return bool(here)


def _first_named(facts: Survey, said: str) -> str | None:
    """The object that a text names first, if its words fit one object only."""
    places = []
    for thing in facts.objects:
        label = facts.label(thing).removeprefix('the ')
        at = said.find(label)
        alone = sum(o.color == thing.color for o in facts.objects) == 1
        if at < 0 and alone:
            words = [word for word, names in COLOR_WORDS.items() if names == (thing.color,)]
            found = re.search(rf'\b(?:{"|".join(words)})\b', said)
            at = found.start() if found else -1
        if at >= 0:
            places.append((at, thing.name))
    return min(places)[1] if places else None


def _direction(facts: Survey, measured: MeasuredAnswer, said: str) -> bool | None:
    if measured.value is None:
        return None
    hour = _CLOCK.search(said)
    if hour:
        return wording.clock(measured.value) == f"{hour['hour']} o'clock"
    angle = _DEGREES.search(said)
    slack = MOST_SIGMAS * (measured.sigma or 0.0) + 2
    if angle:
        value = float(angle['number'])
        same_side = angle['side'] is None or (angle['side'] == 'right') == (measured.value > 0)
        return same_side and abs(abs(measured.value) - value) <= slack + ROUNDING * value
    if abs(measured.value) <= slack:
        return None
    return _side('right' if measured.value > 0 else 'left', said)


def _color(facts: Survey, measured: MeasuredAnswer, said: str) -> bool | None:
    words = [word for word in re.findall(r'\w+', said) if word in COLOR_WORDS]
    if not words:
        return None
    return any(measured.choice in COLOR_WORDS[word] for word in words)


def _nothing(facts: Survey, measured: MeasuredAnswer, said: str) -> bool | None:
    return None


_CHECKS: dict[str, Callable[[Survey, MeasuredAnswer, str], bool | None]] = {
    'number': _number, 'count': _count, 'yes_no': _yes_no, 'choice': _choice,
    'direction': _direction, 'color': _color, 'text': _nothing,
}  # fmt: skip
