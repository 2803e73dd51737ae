# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""From the words of a question to what it asks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
import re

from ssr_ros.question import clean_question
from ssr_ros.scene.questions.called import mark_names
from ssr_ros.scene.questions.families import READERS
from ssr_ros.scene.questions.query import Query, Refusal
from ssr_ros.scene.questions.spelling import asked_unit, mark_lengths, plain

NOT_READ = (
    'I cannot answer this from geometry: I measure places, distances, sizes, colours and counts '
    'of what the depth shows'
)


def parse(question: str, names: Sequence[str] = ()) -> Query | Refusal:
    """Read a question in plain English.

    A question is brought into one spelling, then tried against families of patterns; the first
    that fits reads it.

    Args:
        question: in words.
        names: what things are called: names are read as they are, whatever words they hold.

    Raises:
        QuestionError: it is no question in words; see clean_question.
    """
    text, unit = asked_unit(mark_lengths(mark_names(plain(clean_question(question)), names)))
    if re.search(r'\bnot\b', text):
        return Refusal('I do not answer questions with "not": please ask it without')
    for reader in READERS:
        query = reader(text)
        if query is not None:
            return replace(query, unit=unit)
    return Refusal(NOT_READ)
