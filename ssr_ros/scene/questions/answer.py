# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Answers to questions in plain English, from measured facts only.

A question is brought into one spelling, then tried against families of patterns; the first that
fits answers. What no family knows, and whatever presumes something that depth does not show,
gets a clear refusal with the reason, never a guess.
"""

from __future__ import annotations

import re

from ssr_ros.question import clean_question
from ssr_ros.scene.geometry.survey import Survey
from ssr_ros.scene.questions import wording
from ssr_ros.scene.questions.evidence import MeasuredAnswer
from ssr_ros.scene.questions.families import FAMILIES
from ssr_ros.scene.questions.phrases import asked_unit, mark_lengths, plain
from ssr_ros.scene.questions.rationale import overview
from ssr_ros.scene.questions.referents import CannotTell

_DESCRIBE = re.compile(
    r'(describe|summari[sz]e|explain|what (do|can) you (see|measure)|what '
    r'(is|are) (there|visible|in '
    r'(the |this )?(scene|image|picture|view|frame|room))|what does the (scene|camera|depth)|'
    r'give (me )?(an? )?(overview|summary|description))'
)


def answer(facts: Survey, question: str) -> MeasuredAnswer:
    """Answer a question, or say that geometry cannot.

    Raises:
        QuestionError: it is no question in words; see clean_question.
    """
    text = mark_lengths(plain(clean_question(question)))
    text, unit = asked_unit(text)
    try:
        return _from_families(facts, text, unit)
    except CannotTell as reason:
        return MeasuredAnswer(wording.sentence(str(reason)), False, reason.evidence)


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
