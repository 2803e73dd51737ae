# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What counts as a question in words: one rule for the node, the model and the geometry."""

from __future__ import annotations

import re
import unicodedata

from ssr_ros.errors import QuestionError

MAX_CHARS = 1000
"""The longest question where nobody says otherwise."""


class Question(str):
    """A question that has passed the rule. ``clean_question`` returns it as it is.

    So whoever takes a question in decides how long it may be, and nobody behind judges again.
    """

    __slots__ = ()


def clean_question(question: str, *, max_chars: int = MAX_CHARS) -> Question:
    """Return a question in plain white space, with none around it.

    Typography is text: no-break spaces, curly quotes, any language, emoji.

    Args:
        question: as it was typed; a ``Question`` is returned unchanged.
        max_chars: the longest that is let through, in characters as typed.

    Raises:
        QuestionError: it is empty, too long, or holds control characters or undecodable bytes.
    """
    if isinstance(question, Question):
        return question
    if len(question) > max_chars:
        raise QuestionError(
            f'the question has {len(question)} characters and at most {max_chars} are read: '
            'ask a shorter one'
        )
    question = question.replace('\r\n', '\n')
    for character in question:
        # The replacement character is what bytes that are no UTF-8 have become on the way.
        if unicodedata.category(character) in ('Cc', 'Cs') and character not in '\n\t\r':
            raise QuestionError(
                f'the question holds the control character {character!r}, which is not text: '
                'send plain words in UTF-8'
            )
        if character == '\ufffd':
            raise QuestionError('the question holds bytes that are not text (UTF-8)')
    question = re.sub(r'[^\S\n\t]', ' ', question).strip()
    if not question:
        raise QuestionError('the question is empty: ask something, e.g. "How far is the red box?"')
    return Question(question)
