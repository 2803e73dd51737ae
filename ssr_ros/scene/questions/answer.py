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

IF_LEVEL = 'This holds if the camera is level: nothing tells where down is.'


def answer(survey: Survey, query: Query | Refusal) -> MeasuredAnswer:
    """Answer what is asked, or say that geometry cannot."""
    if isinstance(query, Refusal):
        return MeasuredAnswer(text=wording.sentence(query.reason), answered=False)
    try:
        found = ANSWERS[query.kind](Asked(survey, query))
    except CannotTell as reason:
        text = wording.sentence(str(reason))
        return MeasuredAnswer(text=text, answered=False, evidence=reason.evidence)
    return replace(found, text=' '.join((found.text, *_doubts(survey, found))))


def _doubts(survey: Survey, found: MeasuredAnswer) -> list[str]:
    """What makes an answer doubtful, however small its margin."""
    doubts = list(survey.frame.caveats)
    if not survey.gravity.known and any(fact.frame == 'gravity' for fact in found.evidence):
        doubts.insert(0, IF_LEVEL)
    return doubts
