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
