# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What an answer stands on: measured facts with their margins, and texts that carry them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
import enum
import math
from typing import Literal

from ssr_ros.scene.questions import wording
from ssr_ros.scene.questions.quantity import Quantity, Unit

Frame = Literal['camera', 'gravity']
AnswerKind = Literal['number', 'count', 'yes_no', 'choice', 'direction', 'color', 'text']


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """One measured fact.

    Attributes:
        kind: what was measured: 'distance', 'width', 'gap', 'left_of', 'count' ...
        subjects: names of the objects and planes that it is about.
        value: the number, in ``unit``; 1 and 0 stand for yes and no; NaN where it cannot be told.
        sigma: its standard error, in ``unit``.
        unit: 'm', 'm2', 'm3', 'deg', '' (a count, a share, yes or no).
        frame: 'camera' (along the camera's axes) or 'gravity' (level and vertical).
        text: the fact as a sentence.
    """

    kind: str
    subjects: tuple[str, ...]
    value: float
    sigma: float
    unit: Unit
    frame: Frame
    text: str

    @classmethod
    def of(
        cls, kind: str, subjects: Sequence[str], quantity: Quantity, frame: Frame, text: str
    ) -> Evidence:
        """Make a fact of a quantity and a text, which becomes a sentence."""
        return cls(
            kind=kind,
            subjects=tuple(subjects),
            value=quantity.value,
            sigma=quantity.sigma,
            unit=quantity.unit,
            frame=frame,
            text=wording.sentence(text),
        )

    def as_dict(self) -> dict[str, object]:
        """Return plain values for JSON; NaN becomes None."""
        return {
            'kind': self.kind,
            'subjects': list(self.subjects),
            'value': self.value if math.isfinite(self.value) else None,
            'sigma': self.sigma if math.isfinite(self.sigma) else None,
            'unit': self.unit,
            'frame': self.frame,
            'text': self.text,
        }


class Rationale(str):
    """A paragraph whose every sentence is the text of one piece of evidence.

    Attributes:
        evidence: the facts, in the order of the sentences.
    """

    evidence: tuple[Evidence, ...]

    def __new__(cls, evidence: Sequence[Evidence]) -> Rationale:
        """Join the sentences of the evidence."""
        text = super().__new__(cls, ' '.join(item.text for item in evidence))
        text.evidence = tuple(evidence)
        return text


@dataclass(frozen=True, kw_only=True)
class MeasuredAnswer:
    """An answer from geometry alone.

    Attributes:
        text: the answer in words; ``str(answer)`` is the same.
        answered: False where geometry does not tell: ``text`` then says why.
        evidence: what the answer stands on.
        kind: 'number', 'count', 'yes_no', 'choice', 'direction', 'color' or 'text'.
        value: the number in ``unit``; 1.0 and 0.0 for yes and no; None for other kinds, and where
            a yes or no lies inside its margin.
        sigma: standard error of the value, or None.
        unit: 'm', 'm2', 'm3', 'deg' or ''.
        choice: the object, side, relation or colour that was found, '' where there is none.
        subjects: names of the objects that the question was found to be about.
    """

    text: str
    answered: bool = True
    evidence: tuple[Evidence, ...] = ()
    kind: AnswerKind = 'text'
    value: float | None = None
    sigma: float | None = None
    unit: Unit = ''
    choice: str = ''
    subjects: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.text

    def as_dict(self) -> dict[str, object]:
        """Return plain values for JSON."""
        return {
            'text': self.text,
            'answered': self.answered,
            'kind': self.kind,
            'value': self.value,
            'sigma': self.sigma,
            'unit': self.unit,
            'choice': self.choice,
            'subjects': list(self.subjects),
            'evidence': [item.as_dict() for item in self.evidence],
        }


class Agreement(enum.Enum):
    """How a text stands to what was measured."""

    AGREES = 'agrees'
    CONTRADICTS = 'contradicts'
    UNKNOWN = 'unknown'


@dataclass(frozen=True, kw_only=True)
class Check:
    """A model's answer held against the measured one.

    Attributes:
        agreement: AGREES, CONTRADICTS, or UNKNOWN where nothing comparable was measured or said.
        measured: the measured answer to the same question.
        reason: why, as a sentence.
    """

    agreement: Agreement
    measured: MeasuredAnswer
    reason: str
