# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""How many of the numbers in a written rationale are true.

A number is compared with the true rationale's number about the same subject and of the same kind:
both stand in the same sentence once numbers and directions are taken out of it. Places in the
picture, '(53, 61)', say which thing is meant and are left out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
import re

from ssr_ros.evaluation.conclusions import sentences
from ssr_ros.evaluation.reading import LENGTH, NUMBER, plain, UNITS_M

NEAR = 0.10
"""Largest error of a number, as a share of the truth."""

AHEAD_DEG = 1.5
"""What is called straight ahead is nearer to it than this."""

Key = tuple[str, int]
"""A sentence without numbers, and which of its numbers is meant."""

POINTING = {'it', 'its', 'them', 'their', 'there', 'that', 'so', 'way'}
"""A sentence with such a word means nothing beside another question."""

PLACE = re.compile(r' at \(\d+, \d+\)')
QUANTITY = re.compile(rf'{LENGTH.pattern}|{NUMBER}(°)?', re.I)

SIGNS = (
    (re.compile(r'(#) to the (left|right)', re.I), 'left'),
    (re.compile(r'(#) (above|below) the camera', re.I), 'below'),
    (re.compile(r'(#) (away|towards the camera)(?= to )', re.I), 'towards the camera'),
)
"""Words after a number that say which way it goes, and which of them is negative."""


@dataclass(frozen=True)
class NumberTally:
    """Numbers of some written rationales.

    Attributes:
        stated: different statements with a number; one that is repeated counts once.
        matched: those that the true rationale has as well, whatever its number.
        within: those of them that are within 10 % of it.
        true: numbers in the true rationales.
    """

    stated: int = 0
    matched: int = 0
    within: int = 0
    true: int = 0

    def __add__(self, other: NumberTally) -> NumberTally:
        return NumberTally(
            self.stated + other.stated,
            self.matched + other.matched,
            self.within + other.within,
            self.true + other.true,
        )


def compare_numbers(written: str, true: str, others: Iterable[str] = ()) -> NumberTally:
    """Compare the numbers of one rationale with the true ones.

    Args:
        written: by a model.
        true: the rationale of the same question.
        others: true rationales of other questions about the same frame. They count for what they
            say of a named thing ('the red ball is 1.42 m away'), where all of them say the same.
    """
    said, own = dict(_statements(written)), dict(_statements(true))
    known = {**_agreed(others), **own}
    matched = [key for key in said if key in known]
    within = [key for key in matched if _near(said[key], known[key])]
    return NumberTally(len(said), len(matched), len(within), len(own))


def _agreed(texts: Iterable[str]) -> dict[Key, float]:
    values: dict[Key, set[float]] = defaultdict(set)
    for text in texts:
        for key, value in _statements(text):
            if not POINTING & set(key[0].split()):
                values[key].add(value)
    return {key: min(found) for key, found in values.items() if len(found) == 1}


def _statements(text: str) -> Iterator[tuple[Key, float]]:
    """Yield ((sentence without numbers, place in it), number); the first of a kind comes last."""
    for sentence in reversed(sentences(text)):
        sentence = PLACE.sub('', sentence).replace('straight ahead', '0° to the right')
        values = [_value(match) for match in QUANTITY.finditer(sentence)]
        bare = QUANTITY.sub('#', sentence)
        signs = {}
        for pattern, negative in SIGNS:
            for match in pattern.finditer(bare):
                number = bare[: match.start(1)].count('#')
                signs[number] = -1 if match[2].lower() == negative else 1
            bare = pattern.sub('# *', bare)
        key = plain(bare.replace('#', ' number ').replace('*', ' sideways '))
        for number, value in enumerate(values):
            yield (key, number), signs.get(number, 1) * value


def _value(match: re.Match[str]) -> float:
    length, unit, other, _ = match.groups()
    return float(length) * UNITS_M[unit.lower()] if unit else float(other)


def _near(said: float, true: float) -> bool:
    if true == 0:
        return abs(said) <= AHEAD_DEG
    return abs(said - true) <= NEAR * abs(true) + 1e-9
