# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Answers to questions, from measured facts only.

What presumes something that depth does not show gets a clear refusal with the reason, never a
guess.
"""

from __future__ import annotations

from dataclasses import replace

from ssr_ros.scene.geometry.survey import Survey
from ssr_ros.scene.questions import wording
from ssr_ros.scene.questions.asked import Asked
from ssr_ros.scene.questions.cannot_tell import CannotTell
from ssr_ros.scene.questions.evidence import MeasuredAnswer
from ssr_ros.scene.questions.families import ANSWERS
from ssr_ros.scene.questions.query import Query, Refusal


def answer(survey: Survey, query: Query | Refusal) -> MeasuredAnswer:
    """Answer what is asked, or say that geometry cannot."""
    if isinstance(query, Refusal):
        return MeasuredAnswer(text=wording.sentence(query.reason), answered=False)
    try:
        found = ANSWERS[query.kind](Asked(survey, query))
    except CannotTell as reason:
        text = wording.sentence(str(reason))
        return MeasuredAnswer(text=text, answered=False, evidence=reason.evidence)
    # What makes the whole frame doubtful stands in every answer about it.
    return replace(found, text=' '.join((found.text, *survey.frame.caveats)))
