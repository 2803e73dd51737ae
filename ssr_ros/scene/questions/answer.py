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
from ssr_ros.scene.questions.joined import put_together
from ssr_ros.scene.questions.query import Query, Refusal

IF_LEVEL = 'This holds if the camera is level: nothing tells where down is.'


def answer(survey: Survey, query: Query | Refusal) -> MeasuredAnswer:
    """Answer what is asked, or say that geometry cannot."""
    if isinstance(query, Refusal):
        return MeasuredAnswer(text=wording.sentence(query.reason), answered=False)
    found = _answer(survey, replace(query, then=None, joined=None))
    if query.then is not None:
        other = _answer(survey, query.then)
        both = _both(found, other)
        found = both if query.joined is None else put_together(query.joined, both, found, other)
    if not found.answered:
        return found
    return replace(found, text=' '.join((found.text, *_doubts(survey, found))))


def _answer(survey: Survey, query: Query) -> MeasuredAnswer:
    try:
        return ANSWERS[query.kind](Asked(survey, query))
    except CannotTell as reason:
        text = wording.sentence(str(reason))
        return MeasuredAnswer(text=text, answered=False, evidence=reason.evidence)


def _doubts(survey: Survey, found: MeasuredAnswer) -> list[str]:
    """What makes an answer doubtful, however small its margin."""
    doubts = list(survey.frame.caveats)
    if not survey.gravity.known and any(fact.frame == 'gravity' for fact in found.evidence):
        doubts.insert(0, IF_LEVEL)
    return doubts


def _both(one: MeasuredAnswer, other: MeasuredAnswer) -> MeasuredAnswer:
    """Put two answers together; where one question is not answered, none is."""
    answered = one.answered and other.answered
    said = [each for each in (one, other) if answered or not each.answered]
    return MeasuredAnswer(
        text=' '.join(each.text for each in said),
        answered=answered,
        evidence=tuple(dict.fromkeys(item for each in said for item in each.evidence)),
        subjects=tuple(dict.fromkeys(name for each in said for name in each.subjects)),
    )
