# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What an answer is worth beside the right one.

What was measured is compared by its numbers and names, not by its words; a text is read whole
(``ssr_ros.evaluation.reading``), and what does not say what was asked for is unread, not wrong by
luck. A question that was refused is not answered right, unless a refusal is what was expected.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
import re
from typing import Any

from ssr_ros.evaluation.reading import lengths_m, MARGIN, plain, RANGE, read
from ssr_ros.replay.questions import Expected
from ssr_ros.replay.rows import Verdict
from ssr_ros.scene.names import Fit, fit

TINY = 1e-9
ANGLE = re.compile(r'(-?\d+(?:\.\d+)?) ?(?:°|deg(?:ree)?s?\b)')
NEGATED = {'not', 'neither', 'nor', 'no'}


@dataclass(frozen=True)
class Scored:
    """What an answer is worth.

    Attributes:
        verdict: 'right', 'wrong', 'unread' or 'refused'.
        off: answered minus true number, in the expected unit; None for what is no number.
    """

    verdict: Verdict
    off: float | None = None


def score_measured(
    expected: Expected, measured: Mapping[str, Any] | None, colors: Mapping[str, str] | None = None
) -> Scored:
    """Compare what was measured.

    Args:
        expected: the right answer.
        measured: the fields of a MeasuredAnswer; None where nothing was measured.
        colors: name of a thing -> its colour: what somebody calls 'the box' may be asked for, and
            expected, as 'the red object'.
    """
    answered = measured is not None and bool(measured['answered'])
    if expected.kind == 'unknown':
        return Scored('wrong' if answered else 'right')
    if measured is None or not answered:
        return Scored('refused')
    if expected.kind in ('number', 'count', 'yes_no'):
        return _number(expected, measured)
    choice = str(measured['choice'] or '')
    if choice:
        return Scored(_words(expected, plain(choice), plain((colors or {}).get(choice, ''))))
    return Scored(_words(expected, plain(str(measured['text']))))


def score_text(expected: Expected, text: str) -> Scored:
    """Compare what a model said; an empty text is a refusal."""
    if expected.kind == 'unknown':
        return Scored('right' if not text.strip() else 'wrong')
    if not text.strip():
        return Scored('refused')
    if expected.kind == 'yes_no':
        found = read(text, {'family': 'replay', 'verdict': 'yes'})
        if found is None:
            return Scored('unread')
        return Scored('right' if (found.words[0] == 'yes') == bool(expected.value) else 'wrong')
    if expected.kind == 'number':
        return _near(expected, _number_in(text, expected.unit))
    if expected.kind == 'count':
        found = read(text, {'family': 'replay', 'value': 0.0})
        return _near(expected, None if found is None else found.numbers[0])
    return Scored(_words(expected, plain(text)))


def _number(expected: Expected, measured: Mapping[str, Any]) -> Scored:
    value = measured['value']
    if expected.kind == 'yes_no':
        if measured['kind'] != 'yes_no':
            return Scored('unread')
        if value is None:  # it lies inside its margin
            return Scored('refused')
        return Scored('right' if bool(value) == bool(expected.value) else 'wrong')
    wanted = expected.unit if expected.kind == 'number' else ''
    if value is None or measured['unit'] != wanted:
        return Scored('unread')
    return _near(expected, float(value))


def _near(expected: Expected, value: float | None) -> Scored:
    if value is None or expected.value is None:
        return Scored('unread')
    off = value - expected.value
    return Scored('right' if abs(off) <= expected.tolerance + TINY else 'wrong', off)


def _number_in(text: str, unit: str) -> float | None:
    """Return the one number of a unit in a text; two of them are no answer."""
    text = MARGIN.sub('', text)
    if unit == 'm':
        found = lengths_m(text)
        return found[0] if len(found) == 1 and not RANGE.search(text) else None
    if unit == 'deg':
        angles = ANGLE.findall(text)
        return float(angles[0]) if len(angles) == 1 else None
    numbers = re.findall(r'-?\d+(?:\.\d+)?', text)
    return float(numbers[0]) if len(numbers) == 1 else None


def _words(expected: Expected, said: str, color: str = '') -> Verdict:
    """Compare words, all plain; a thing of a known colour is also called by that."""
    right = [plain(word) for word in expected.words]
    by_color = f'{color} object'
    if color and by_color != said and by_color in (*right, *map(plain, expected.options)):
        said = by_color
    if expected.kind == 'text':
        return 'right' if any(_holds(said, word) for word in right) else 'wrong'
    if expected.kind == 'name':
        if any(fit(word, said) is not Fit.NONE for word in right):
            return 'right'
        return 'wrong'
    if NEGATED & set(said.split()):
        return 'unread'
    if not expected.options:
        return 'right' if any(_holds(said, word) for word in right) else 'wrong'
    named = [plain(option) for option in expected.options if _holds(said, plain(option))]
    longest = [a for a in named if not any(a != b and _holds(b, a) for b in named)]
    if len(longest) != 1:
        return 'unread'
    return 'right' if longest[0] in right else 'wrong'


def _holds(said: str, words: str) -> bool:
    return bool(words) and f' {words} ' in f' {said} '
