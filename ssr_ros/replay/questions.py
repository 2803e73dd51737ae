# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What is asked of a recording: questions, when, and what is right."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from fnmatch import fnmatchcase
from typing import Any, get_args, Literal

AnswerKind = Literal['number', 'yes_no', 'choice', 'name', 'count', 'text', 'unknown']
KINDS: tuple[AnswerKind, ...] = get_args(AnswerKind)

DEFAULT_SHARE = 0.15
"""A number is right within so much of the true one, where no tolerance was given."""

UNITS: Mapping[str, tuple[str, float]] = {
    'm': ('m', 1.0),
    'cm': ('m', 0.01),
    'mm': ('m', 0.001),
    'm2': ('m2', 1.0),
    'm3': ('m3', 1.0),
    'deg': ('deg', 1.0),
    '': ('', 1.0),
}
"""Unit of a question file -> the unit of answers, and how many of those it is."""


@dataclass(frozen=True, kw_only=True)
class Expected:
    """The right answer to a question.

    Attributes:
        kind: 'number' (with a tolerance), 'yes_no', 'choice', 'name', 'count', 'text' (free: one
            of ``words`` has to occur in it) or 'unknown' (nobody can tell: a refusal is right).
        value: the number or count; 1.0 and 0.0 for yes and no; None for other kinds.
        tolerance: how far off a number may be, in ``unit``.
        unit: 'm', 'm2', 'm3', 'deg' or ''.
        words: what is right, any of them; for 'choice', 'name' and 'text'.
        options: what a 'choice' was between; empty where it was open.
    """

    kind: AnswerKind
    value: float | None = None
    tolerance: float = 0.0
    unit: str = ''
    words: tuple[str, ...] = ()
    options: tuple[str, ...] = ()

    def __str__(self) -> str:
        """In words, for people."""
        if self.kind == 'number':
            return f'{self.value:g} ± {self.tolerance:g} {self.unit}'.rstrip()
        if self.kind == 'yes_no':
            return 'yes' if self.value else 'no'
        if self.kind == 'count':
            return f'{self.value:g}'
        if self.kind == 'unknown':
            return 'no answer (it cannot be told)'
        return ' or '.join(self.words)

    def as_dict(self) -> dict[str, Any]:
        """Return plain values for JSON, with the words for people under ``text``."""
        return {**asdict(self), 'text': str(self)}


@dataclass(frozen=True, kw_only=True)
class When:
    """At which frames of a recording a question is asked: exactly one of these says so.

    Attributes:
        after_start_ns: times after the recording's beginning, nanoseconds.
        stamps_ns: stamps of images, nanoseconds.
        every_ns: again and again, nanoseconds apart; 0: not so.
        once: at the first frame of the recording, or of the scene that the question names.
    """

    after_start_ns: tuple[int, ...] = ()
    stamps_ns: tuple[int, ...] = ()
    every_ns: int = 0
    once: bool = False


@dataclass(frozen=True, kw_only=True)
class Question:
    """A question as it stands in the file.

    Attributes:
        id: its name in answers and reports; unique in the file.
        text: in plain English.
        when: at which frames.
        expected: what is right, or None where nobody knows.
        proposal: what was measured and stands where the right answer belongs, until somebody has
            looked; it is not scored: what is measured would be right by itself.
        regions: name -> (x0, y0, x1, y1) pixels, half-open: what somebody points at in the image.
        bags: patterns of recordings' names (``kitchen_*``); empty: all of them.
        scene: name of the part of a recording that it is about; '': the whole.
        line: where it stands in the file, from 1; 0: in none.
    """

    id: str
    text: str
    when: When
    expected: Expected | None = None
    proposal: Expected | None = None
    regions: Mapping[str, tuple[float, float, float, float]]
    bags: tuple[str, ...] = ()
    scene: str = ''
    line: int = 0

    def is_for(self, bag_name: str) -> bool:
        """Whether it is asked of a recording of this name."""
        return _fits(self.bags, bag_name)


@dataclass(frozen=True, kw_only=True)
class Scene:
    """A part of a recording.

    Attributes:
        name: how questions name it.
        from_ns: its beginning, nanoseconds after that of the recording.
        to_ns: its end, likewise; it is no more part of it.
        bags: patterns of recordings' names; empty: all of them.
    """

    name: str
    from_ns: int
    to_ns: int
    bags: tuple[str, ...] = ()

    def is_for(self, bag_name: str) -> bool:
        """Whether it is part of a recording of this name."""
        return _fits(self.bags, bag_name)


@dataclass(frozen=True, kw_only=True)
class QuestionSet:
    """Everything that a question file says.

    Attributes:
        questions: in the order of the file.
        scenes: parts of the recordings that questions name.
        within_ns: a question is asked of the frame nearest to its time, this near at least.
    """

    questions: tuple[Question, ...]
    scenes: tuple[Scene, ...] = ()
    within_ns: int = 500_000_000


def _fits(patterns: tuple[str, ...], bag_name: str) -> bool:
    return not patterns or any(fnmatchcase(bag_name, pattern) for pattern in patterns)
