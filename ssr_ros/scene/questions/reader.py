# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What reads a family of questions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
import re

from ssr_ros.scene.questions.patterns import pattern
from ssr_ros.scene.questions.phrase_reading import read_phrase
from ssr_ros.scene.questions.phrases import Phrase
from ssr_ros.scene.questions.query import Query

_VERBS = (
    'describe|measure|estimate|determine|calculate|compute|find(?:[ ]out)?|provide|report|get|read'
)
ASKED = rf"""^(?:(?:what|which)[ ](?:is|are)[ ]|what[ ]|i[ ]need[ ]|an?[ ]estimat\w+[ ]of[ ]
    |(?:(?:can|could|would|will)[ ]you[ ])?(?:{_VERBS})[ ])?(?:me[ ])?(?:the[ ]|a[ ])?
    (?:(?:exact|approximate|estimated|metric|current|actual|straight[ -]line|direct|euclidean
    |shortest|minimum|minimal|smallest|closest|overall|total|visible)[ ])*"""
"""How a quantity is asked for, up to its name; who asks for the average of it asks for another."""

Reading = Callable[['re.Match[str]'], Query | None]


@dataclass(frozen=True, kw_only=True)
class Reader:
    """Reads a family of questions.

    Attributes:
        patterns: searched in the plain text of a question, in this order.
        read: turns a match into what is asked; None where the question turns out to belong to
            another family.
    """

    patterns: tuple[re.Pattern[str], ...]
    read: Reading

    def __call__(self, text: str) -> Query | None:
        """Read a plain text, if it is of this family."""
        for each in self.patterns:
            match = each.search(text)
            query = self.read(match) if match else None
            if query is not None:
                return query
        return None


def reads(*patterns: str) -> Callable[[Reading], Reader]:
    """Turn a function into the reader of the questions that fit some patterns."""

    def make(read: Reading) -> Reader:
        return Reader(patterns=tuple(pattern(text) for text in patterns), read=read)

    return make


def said(match: re.Match[str], name: str) -> str:
    """The words of a group; '' where the pattern has no such group, or it stayed empty."""
    return match.groupdict().get(name) or ''


def phrase(match: re.Match[str], name: str) -> Phrase | None:
    """The noun phrase of a group, or None."""
    words = said(match, name)
    return read_phrase(words) if words else None
