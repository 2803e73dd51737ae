# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The one answer to act on, of what was measured and what the model says.

Geometry decides what it can measure; the model decides what only it can know: what a thing is
for, what it is made of. Where both speak and disagree, the measured answer stands and the answer
says so. A question about places and sizes that geometry had to refuse is not handed to the model:
its metres would be guessed. Nor is what it says handed on where it is no answer: 1.3 m are no
number of mugs.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
import math

import numpy as np
from numpy.typing import NDArray

from ssr_ros.scene import Agreement, Check, MeasuredAnswer, SceneFacts, SceneObject
from ssr_ros.scene.questions.query import Kind, phrases_of, Query, Refusal
from ssr_ros.scene.questions.wanted import tells, wanted

DECIDED, UNDECIDED = 0.95, 0.5
"""How likely an answer is right that lies beyond two standard errors, and one inside of them."""

MODEL_MAY_KNOW: frozenset[Kind] = frozenset(
    ('exists', 'count', 'number is', 'color', 'is colored', 'find', 'called', 'describe')
)
"""What a model may tell of things that nobody pointed at: whether they are there, not where."""


class Source(IntEnum):
    """The constants SOURCE_* of ssr_ros/msg/SpatialAnswer."""

    NONE = 0
    MEASURED = 1
    GROUNDED = 2
    MODEL = 3


@dataclass(frozen=True, kw_only=True, eq=False)
class OneAnswer:
    """What to act on.

    Attributes:
        text: in words.
        source: where it is from.
        value: its number, in ``unit``; 1 and 0 for yes and no; NaN where it gives none.
        sigma: standard error of the value; NaN where it is not known.
        unit: 'm', 'm2', 'm3', 'deg' or ''.
        target_m: (3,) centre of the thing that it is about, camera frame, metres; NaN for none.
        confidence: 0..1; NaN where it is not known.
    """

    text: str
    source: Source
    value: float
    sigma: float
    unit: str
    target_m: NDArray[np.float64]
    confidence: float


def one_answer(
    facts: SceneFacts,
    question: str,
    query: Query | Refusal,
    measured: MeasuredAnswer,
    model_text: str,
    agreement: Check | None,
    likelihood: float = math.nan,
) -> OneAnswer:
    """Choose between what was measured and what the model says.

    Args:
        facts: of the frame, with names where somebody gave them.
        question: in words.
        query: how the question was read.
        measured: what the depth says to it.
        model_text: what the model says; '' where there is none, or its weights are untrained.
        agreement: the model's text held against ``measured``, or None.
        likelihood: how likely the model held its text among the answers that the question offers,
            0..1; NaN where it was left to write.
    """
    if measured.answered:
        return _measured(facts, measured, agreement)
    said = model_text.strip()
    if not said or not _is_for_the_model(facts, query):
        return _answer(measured.text, Source.NONE, 0.0)
    if not tells(wanted(question), said):
        text = f'{measured.text} (The model says "{said}", which does not answer it.)'
        return _answer(text, Source.NONE, 0.0)
    return _answer(said, Source.MODEL, likelihood)


def _is_for_the_model(facts: SceneFacts, query: Query | Refusal) -> bool:
    """Whether a question that geometry refused is one that the model alone can know."""
    if isinstance(query, Refusal):
        return query.kind is None or query.kind in MODEL_MAY_KNOW
    if any(phrase.pick and not phrase.noun for phrase in phrases_of(query)):
        return False  # 'the closest thing': of two as near nobody can say which one it is
    return query.kind in MODEL_MAY_KNOW and facts.names is None


def _measured(facts: SceneFacts, measured: MeasuredAnswer, agreement: Check | None) -> OneAnswer:
    things = _things(facts, measured)
    named = [thing for thing in things if thing.label]
    text = measured.text
    if agreement is not None and agreement.agreement is Agreement.CONTRADICTS:
        text = f'{text} (The model says otherwise; what was measured stands.)'
    scores = [thing.label_score for thing in named if not math.isnan(thing.label_score)]
    decided = UNDECIDED if _is_undecided(measured) else DECIDED
    return OneAnswer(
        text=text,
        source=Source.GROUNDED if named else Source.MEASURED,
        value=math.nan if measured.value is None else measured.value,
        sigma=math.nan if measured.sigma is None else measured.sigma,
        unit=measured.unit,
        target_m=things[0].center_m if things else np.full(3, np.nan),
        confidence=decided * math.prod(scores),
    )


def _is_undecided(measured: MeasuredAnswer) -> bool:
    """Whether an answer says that it lies inside its margin."""
    if measured.kind == 'yes_no':
        return measured.value is None
    return measured.kind == 'choice' and not measured.choice


def _things(facts: SceneFacts, measured: MeasuredAnswer) -> list[SceneObject]:
    """The objects that an answer is about; what was chosen comes first."""
    known = {thing.name: thing for thing in facts.objects}
    names = dict.fromkeys((measured.choice, *measured.subjects))
    return [known[name] for name in names if name in known]


def _answer(text: str, source: Source, confidence: float) -> OneAnswer:
    return OneAnswer(
        text=text,
        source=source,
        value=math.nan,
        sigma=math.nan,
        unit='',
        target_m=np.full(3, np.nan),
        confidence=confidence,
    )
