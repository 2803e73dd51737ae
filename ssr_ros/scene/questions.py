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

"""Answers to questions in plain English, from measured facts only.

A question is brought into one spelling, then tried against families of patterns; the first that
fits answers. What no family knows, and whatever presumes something that depth does not show,
gets a clear refusal with the reason, never a guess.
"""

from __future__ import annotations

import re

from ssr_ros.errors import QuestionError
from ssr_ros.scene import wording
from ssr_ros.scene.evidence import MeasuredAnswer
from ssr_ros.scene.families import FAMILIES
from ssr_ros.scene.language import asked_unit, mark_lengths, plain
from ssr_ros.scene.rationale import overview
from ssr_ros.scene.referents import CannotTell
from ssr_ros.scene.survey import Survey

MOST_CHARACTERS = 1000

_DESCRIBE = re.compile(
    r'(describe|summari[sz]e|explain|what (do|can) you (see|measure)|what '
    r'(is|are) (there|visible|in '
    r'(the |this )?(scene|image|picture|view|frame|room))|what does the (scene|camera|depth)|'
    r'give (me )?(an? )?(overview|summary|description))'
)


def answer(facts: Survey, question: str) -> MeasuredAnswer:
    """Answer a question, or say that geometry cannot.

    Raises:
        QuestionError: the question is empty or far too long.
    """
    check_question(question)
    text = mark_lengths(plain(question))
    text, unit = asked_unit(text)
    try:
        return _from_families(facts, text, unit)
    except CannotTell as reason:
        return MeasuredAnswer(wording.sentence(str(reason)), False, reason.evidence)


def check_question(question: str) -> None:
    """Refuse questions that are empty or far too long.

    Raises:
        QuestionError: it is.
    """
    if not question.strip():
        raise QuestionError('the question is empty: ask something, for example "What is nearest?"')
    if len(question) > MOST_CHARACTERS:
        raise QuestionError(
            f'the question has {len(question)} characters; at most {MOST_CHARACTERS} are read'
        )


def _from_families(facts: Survey, text: str, unit: str | None) -> MeasuredAnswer:
    if re.search(r'\bnot\b', text):
        raise CannotTell('I do not answer questions with "not": please ask it without')
    for family in FAMILIES:
        for pattern in family.patterns:
            match = pattern.search(text)
            found = family.handle(facts, match, unit) if match else None
            if found is not None:
                return found
    if _DESCRIBE.match(text):
        evidence = tuple(overview(facts))
        return MeasuredAnswer(' '.join(item.text for item in evidence), True, evidence)
    raise CannotTell(
        'I cannot answer this from geometry: I measure places, distances, sizes, '
        'colours and counts '
        'of what the depth shows'
    )
