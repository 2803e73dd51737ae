# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What counts as a question in words: one rule for the node and for the model."""

from __future__ import annotations

import re
import unicodedata

from ssr_ros.errors import QuestionError


def clean_question(question: str) -> str:
    """Return a question in plain white space, with none around it.

    Typography is text: no-break spaces, curly quotes, any language, emoji.

    Raises:
        QuestionError: it is empty, or holds control characters or undecodable bytes.
    """
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
    return question
