# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What the families of questions share: patterns, and ways to put an answer together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
import re

from ssr_ros.scene.geometry.survey import Survey
from ssr_ros.scene.questions import wording
from ssr_ros.scene.questions.evidence import Evidence, MeasuredAnswer
from ssr_ros.scene.questions.referents import CannotTell
from ssr_ros.scene.questions.relations import Quantity

Handler = Callable[['Survey', 're.Match[str]', 'str | None'], MeasuredAnswer | None]


@dataclass(frozen=True)
class Family:
    """A family of questions: the patterns that its questions fit, and what answers them.

    Attributes:
        patterns: searched in the plain text of a question, in this order.
        handle: takes the facts, the match and the unit asked for; None where the question turns
            out to belong to another family.
    """

    patterns: tuple[re.Pattern[str], ...]
    handle: Handler


def asked(*patterns: str) -> Callable[[Handler], Family]:
    """Turn a function into the family of the questions that fit some patterns."""

    def make(handle: Handler) -> Family:
        return Family(tuple(re.compile(pattern) for pattern in patterns), handle)

    return make


def number(
    text: str, quantity: Quantity, evidence: tuple[Evidence, ...], unit: str = 'm'
) -> MeasuredAnswer:
    """Make an answer whose point is a number."""
    subjects = tuple(dict.fromkeys(name for item in evidence for name in item.subjects))
    return MeasuredAnswer(
        wording.sentence(text),
        True,
        evidence,
        'number',
        quantity.value,
        quantity.sigma,
        unit,
        '',
        subjects,
    )


def fact(
    kind: str, subjects: tuple[str, ...], quantity: Quantity, text: str, frame: str = 'camera',
    unit: str = 'm',
) -> Evidence:  # fmt: skip
    """Make one piece of evidence."""
    return Evidence(
        kind, subjects, quantity.value, quantity.sigma, unit, frame, wording.sentence(text)
    )


def yes_no(
    said: str, text: str, sign: int, evidence: tuple[Evidence, ...], subjects: tuple[str, ...]
) -> MeasuredAnswer:
    """Make an answer of yes (1), no (-1) or cannot tell (0)."""
    value = None if sign == 0 else float(sign > 0)
    sentence = wording.sentence(text)
    if said:
        sentence = said + (
            sentence[:1].lower() + sentence[1:] if sentence[:2] != 'I ' else sentence
        )
    return MeasuredAnswer(sentence, True, evidence, 'yes_no', value, None, '', '', subjects)


def require_depth(facts: Survey) -> None:
    """Refuse to say anything about a frame without depth.

    Raises:
        CannotTell: no pixel has depth.
    """
    if not facts.valid_ratio:
        raise CannotTell('No pixel has depth, so nothing can be measured')
