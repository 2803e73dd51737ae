# Copyright 2026 The ssr_ros authors
#
# Licensed under the Apache License, Version 2.0 (the "License");
# you may not use this file except in compliance with the License.
# You may obtain a copy of the License at
#
#     http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS,
# WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.
# See the License for the specific language governing permissions and
# limitations under the License.

"""How many of the numbers in a written rationale are true.

A number is compared with the true rationale's number about the same subject and of the same kind:
both stand in the same sentence once numbers and directions are taken out of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
import re

from ssr_ros.evaluation.conclusions import sentences
from ssr_ros.evaluation.reading import LENGTH, NUMBER, plain, UNITS_M

NEAR = 0.10
"""Largest error of a number, as a share of the truth."""

AHEAD_DEG = 1.5
"""What is called straight ahead is nearer to it than this."""

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


def compare_numbers(written: str, true: str) -> NumberTally:
    """Compare the numbers of one rationale with the true ones."""
    said, known = dict(_statements(written)), dict(_statements(true))
    matched = [key for key in said if key in known]
    within = [key for key in matched if _near(said[key], known[key])]
    return NumberTally(len(said), len(matched), len(within), len(known))


def _statements(text: str) -> Iterator[tuple[tuple[str, int], float]]:
    """Yield ((sentence without numbers, place in it), number); the first of a kind comes last."""
    for sentence in reversed(sentences(text)):
        sentence = re.sub(r'straight ahead', '0° to the right', sentence)
        values = [_value(match) for match in QUANTITY.finditer(sentence)]
        bare = QUANTITY.sub('#', sentence)
        signs = {}
        for pattern, negative in SIGNS:
            for match in pattern.finditer(bare):
                number = bare[: match.start(1)].count('#')
                signs[number] = -1 if match[2].lower() == negative else 1
            bare = pattern.sub('# *', bare)
        key = plain(bare.replace('#', ' number ').replace('*', ' way '))
        for number, value in enumerate(values):
            yield (key, number), signs.get(number, 1) * value


def _value(match: re.Match[str]) -> float:
    length, unit, other, _ = match.groups()
    return float(length) * UNITS_M[unit.lower()] if unit else float(other)


def _near(said: float, true: float) -> bool:
    if true == 0:
        return abs(said) <= AHEAD_DEG
    return abs(said - true) <= NEAR * abs(true) + 1e-9
