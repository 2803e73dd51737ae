# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What can be asked, and what cannot. No ROS in here."""

from __future__ import annotations

from dataclasses import dataclass
import math

from ssr_ros.engine.refusals import Code, Refused
from ssr_ros.engine.settings import MOST_NEW_TOKENS, Settings
from ssr_ros.errors import QuestionError
from ssr_ros.question import clean_question


@dataclass(frozen=True)
class Query:
    """What is asked. Zeros stand for the node's own settings, as in the interfaces.

    Attributes:
        question: plain English; may be empty for a measurement.
        with_rationale: write the rationale out too.
        max_age_ms: oldest frame to answer about, milliseconds.
        max_new_tokens: longest answer.
        region_px: (x, y, width, height) to measure on top; width and height 0: none.
    """

    question: str
    with_rationale: bool = False
    max_age_ms: float = 0.0
    max_new_tokens: int = 0
    region_px: tuple[int, int, int, int] = (0, 0, 0, 0)


def check_query(query: Query, settings: Settings, needs_question: bool = True) -> None:
    """Refuse what cannot be asked, before it waits in a queue.

    Raises:
        QuestionError: the question is not a question in words.
        Refused: BAD_REQUEST, another field is outside its range.
    """
    if needs_question or query.question:
        check_question(query.question, settings.question.max_chars)
    if query.max_new_tokens > MOST_NEW_TOKENS:
        raise Refused(
            Code.BAD_REQUEST,
            f'max_new_tokens is {query.max_new_tokens}; at most {MOST_NEW_TOKENS} are written',
        )
    if not (math.isfinite(query.max_age_ms) and query.max_age_ms >= 0):
        raise Refused(
            Code.BAD_REQUEST,
            f'max_age_ms must be a number of milliseconds, 0 or more, got {query.max_age_ms}',
        )


def check_question(question: str, max_chars: int) -> None:
    """Refuse a question that is empty, too long or not text.

    Raises:
        QuestionError: with what is wrong with it.
    """
    if len(question) > max_chars:
        raise QuestionError(
            f'the question has {len(question)} characters and question.max_chars allows '
            f'{max_chars}: ask a shorter one'
        )
    clean_question(question)
