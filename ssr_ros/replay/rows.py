# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""One row of ``answers.jsonl``: a question, what came back, and what that was worth."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
import json
import math
from pathlib import Path
from typing import Any, Literal

from ssr_ros.errors import ConfigError

Verdict = Literal['right', 'wrong', 'unread', 'refused']
"""'unread': a text that does not say what was asked for; 'refused': there is no answer."""

DIGITS = 6
"""Significant digits of numbers that are written: micrometres at arm's length."""

TIMES = ('timings_ms', 'age_ms')
"""The fields that two runs of the same differ in."""


@dataclass(frozen=True, kw_only=True)
class AnswerRow:
    """A question asked of one frame.

    Attributes:
        bag: name of the recording.
        question_id: the question's id in its file.
        question: as asked.
        asked_ns: the stamp that it was asked for, nanoseconds.
        frame: number of the frame among the recording's pairs, from 0; None where there is none.
        stamp_ns: of the frame that was answered about; None where there is none.
        frame_id: that positions are given in: the image's, or ``target_frame``.
        answer: what to act on, in words; why there is none, where there is none.
        source: 'measured', 'grounded', 'model' or 'none'.
        value: its number in ``unit``; 1 and 0 for yes and no; None where it gives none.
        sigma: standard error of the value, or None.
        unit: 'm', 'm2', 'm3', 'deg' or ''.
        confidence: 0..1, or None.
        target_m: centre of the thing that it is about, in ``frame_id``, or None.
        text: what the model said; '' without one.
        trained: whether ``text`` means anything.
        rationale: the model's, in words; '' unless it was asked for.
        model: the reasoner's description.
        measured: what the depth says: the fields of MeasuredAnswer without evidence; None where
            nothing was measured.
        evidence: the facts behind that.
        agreement: 'agrees', 'contradicts' or 'unknown': the model's text held against the depth.
        agreement_reason: why.
        expected: the right answer, as ``Expected.as_dict``, or None.
        scores: who ('answer', 'measured', 'model') -> verdict; empty where nothing is expected.
        error_off: answered minus true number, in the expected unit, or None.
        error_code: name of the ErrorCode; 'NONE' where there is an answer.
        error: what was expected, what came, what to do; '' with NONE.
        gravity_source: who said where down is.
        caveats: what makes the frame doubtful.
        objects: what was found: name, box_px, distance_m, sigma_m, color, label, and under in_3d
            the fields of Thing3d, along the axes of ``frame_id``.
        picture: name of the frame's pictures in the folder, or ''.
        work: counter -> count.
        timings_ms: stage -> milliseconds.
        age_ms: age of the frame when it was answered about; None but for a live run.
    """

    bag: str
    question_id: str
    question: str
    asked_ns: int
    frame: int | None = None
    stamp_ns: int | None = None
    frame_id: str = ''
    answer: str = ''
    source: str = 'none'
    value: float | None = None
    sigma: float | None = None
    unit: str = ''
    confidence: float | None = None
    target_m: tuple[float, float, float] | None = None
    text: str = ''
    trained: bool = False
    rationale: str = ''
    model: str = ''
    measured: Mapping[str, Any] | None = None
    evidence: tuple[Mapping[str, Any], ...] = ()
    agreement: str = 'unknown'
    agreement_reason: str = ''
    expected: Mapping[str, Any] | None = None
    scores: Mapping[str, Verdict] = field(default_factory=dict)
    error_off: float | None = None
    error_code: str = 'NONE'
    error: str = ''
    gravity_source: str = ''
    caveats: tuple[str, ...] = ()
    objects: tuple[Mapping[str, Any], ...] = ()
    picture: str = ''
    work: Mapping[str, int] = field(default_factory=dict)
    timings_ms: Mapping[str, float] = field(default_factory=dict)
    age_ms: float | None = None

    @property
    def key(self) -> tuple[str, str, int]:
        """What it is told by: recording, question and the time that it was asked for."""
        return self.bag, self.question_id, self.asked_ns

    @property
    def kind(self) -> str:
        """Kind of the expected answer, '' where none is known."""
        return '' if self.expected is None else str(self.expected['kind'])

    @property
    def verdict(self) -> Verdict | None:
        """What the one answer is worth; None where nobody knows what is right."""
        return self.scores.get('answer')

    def to_line(self) -> str:
        """Return one line of JSON, its end included; what is not finite becomes null."""
        return json.dumps(plain_numbers(asdict(self)), ensure_ascii=False, allow_nan=False) + '\n'

    @classmethod
    def from_line(cls, line: str) -> AnswerRow:
        """Read what ``to_line`` wrote.

        Raises:
            ValueError: it is no such line.
        """
        values = json.loads(line)
        if not isinstance(values, dict) or set(values) - set(cls.__dataclass_fields__):
            raise ValueError('not a row of answers.jsonl')
        lists = ('target_m', 'evidence', 'caveats', 'objects')
        for name in lists:
            if isinstance(values.get(name), list):
                values[name] = tuple(values[name])
        try:
            return cls(**values)
        except TypeError as error:
            raise ValueError(str(error)) from error


def plain_numbers(value: Any) -> Any:
    """Return plain values: numbers by six digits, and None where one is not known (NaN, inf).

    The last bits of a sum depend on where in memory its terms happened to lie: written out, they
    would make two runs of the same differ.
    """
    if isinstance(value, Mapping):
        return {name: plain_numbers(each) for name, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain_numbers(each) for each in value]
    if isinstance(value, float):
        return float(f'{value:.{DIGITS}g}') if math.isfinite(value) else None
    return value


def write_rows(path: Path, rows: Iterable[AnswerRow]) -> None:
    """Write a whole file, or leave what was there."""
    begun = path.with_name(path.name + '.part')
    with begun.open('w', encoding='utf-8') as stream:
        stream.writelines(row.to_line() for row in rows)
    begun.replace(path)


def read_rows(path: Path) -> Iterator[AnswerRow]:
    """Read ``answers.jsonl``.

    Raises:
        ConfigError: it is missing, or a line is none of it.
    """
    try:
        with path.open(encoding='utf-8') as stream:
            for number, line in enumerate(stream, 1):
                yield _row(path, number, line)
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f'{path}: cannot be read: {error}') from error


def _row(path: Path, number: int, line: str) -> AnswerRow:
    try:
        return AnswerRow.from_line(line)
    except ValueError as error:
        raise ConfigError(
            f'{path}, line {number}: expected a row of answers.jsonl: {error}'
        ) from error
