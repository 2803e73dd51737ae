# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Whether an answer is right.

Lengths are right within 15 % of the truth, points within a tenth of the image; everything else has
to be exactly right, after case, articles and punctuation. A described distance is a length.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ssr_ros.evaluation.reading import choices, kind_of, read, Reading

NEAR = 0.15
"""Largest error of a length, as a share of the truth."""

POINT_NEAR = 0.1
"""Largest error of a point along both axes, as a share of the image."""

TINY = 1e-9


@dataclass(frozen=True)
class Score:
    """What came of one answer.

    Attributes:
        right: it is.
        parsed: it could be read; what cannot be read is not right.
        ratio: answered length over the true one; None for other kinds.
        reading: what was read.
    """

    right: bool
    parsed: bool
    ratio: float | None = None
    reading: Reading | None = None

    def within(self, share: float) -> bool:
        """Whether a length is as near to the truth as this."""
        return self.ratio is not None and abs(self.ratio - 1) <= share + TINY


def score(text: str, answer: str, meta: Mapping[str, Any]) -> Score:
    """Compare an answer with the true one.

    Args:
        text: what was answered.
        answer: the true answer in words.
        meta: of the question's row.
    """
    reading = read(text, meta)
    if reading is None:
        return Score(False, False)
    if reading.kind == 'length':
        true_m = float(meta['value'])
        ratio = reading.numbers[0] / true_m if true_m > 0 else None
        result = Score(False, True, ratio, reading)
        return Score(result.within(NEAR), True, result.ratio, reading)
    truth = true_reading(answer, meta)
    return Score(truth is not None and _equal(reading, truth), True, None, reading)


def true_reading(answer: str, meta: Mapping[str, Any]) -> Reading | None:
    """Read the true answer; its number is the one that was not rounded for the words."""
    kind, value = kind_of(meta), meta.get('value')
    if kind in ('length', 'count', 'hour') and value is not None:
        return Reading(kind, (), (float(value),))
    return read(answer, meta)


def is_two_way(meta: Mapping[str, Any]) -> bool:
    """Whether a question offers two answers, so that a coin would be right on every second one."""
    return kind_of(meta) in ('yes_no', 'side') or len(choices(meta)) == 2


def same_meaning(one: Score, other: Score, truths: Sequence[Reading | None]) -> bool:
    """Whether the answers to both orders of naming agree with each other, right or wrong.

    Where the true answers are the same, so must be the given ones; where they differ (yes and no,
    left and right, 3 o'clock and 9 o'clock), the given ones must differ in the same way.

    Args:
        one: of the question that names A first.
        other: of the one that names B first.
        truths: the true answers to both.
    """
    a, b, (true_a, true_b) = one.reading, other.reading, truths
    if a is None or b is None or true_a is None or true_b is None:
        return False
    if a.kind == 'length':
        low, high = sorted((a.numbers[0], b.numbers[0]))
        return high <= (1 + NEAR) * low + TINY
    if a.kind == 'hour':
        turned = true_b.numbers[0] - true_a.numbers[0]
        return (b.numbers[0] - a.numbers[0]) % 12 == turned % 12
    return _says_the_same(a, b) == _says_the_same(true_a, true_b)


def _says_the_same(a: Reading, b: Reading) -> bool:
    return (a.words, a.numbers) == (b.words, b.numbers)


def _equal(reading: Reading, truth: Reading) -> bool:
    if reading.words != truth.words or len(reading.numbers) != len(truth.numbers):
        return False
    pairs = list(zip(reading.numbers, truth.numbers, strict=True))
    if reading.kind == 'point':
        return all(abs(a - b) <= POINT_NEAR + TINY for a, b in pairs)
    if reading.kind == 'names':
        return all(abs(a - b) <= NEAR * b + TINY for a, b in pairs)
    return reading.numbers == truth.numbers
