# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""How things look in a terminal of 100 columns, and what an answer is made of."""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
import io
import json
import math
import shutil
import sys
import textwrap
from typing import Any

UNTRAINED = 'untrained weights'
NOT_COMPARED = 'the text comes from untrained weights and means nothing'
WIDEST = 100
LABEL = 11
LONGEST_NOISE = 60
MOST_EVIDENCE = 3

PLAIN = 'ssr_ros_plain'
PLAIN_CHARACTERS = {'±': '+/-', '×': 'x', '²': '^2', '³': '^3', '°': ' deg', '≥': '>=', '…': '...'}


@dataclass(frozen=True)
class ShownAnswer:
    """One question with everything that came back, from a node or from this process.

    Attributes:
        question: as asked.
        answer: what to act on, in words.
        source: where that is from: 'measured', 'grounded', 'model' or 'none'.
        text: what the model said.
        told: what of the measurement it was told before the question.
        trained: False where that is noise.
        rationale: the model's, in words; empty where none was asked for.
        measured: what the depth says to the question, in words.
        evidence: the facts behind that, one sentence each.
        value: the measured number, or None.
        sigma: its standard error, or None.
        unit: of both.
        agreement: 'agrees', 'contradicts' or 'unknown'.
        reason: why.
        stamp_ns: of the frame that was answered about.
        frame_id: its optical frame.
        work: counter -> count.
        timings_ms: stage -> milliseconds, in order.
        waited_ms: from asking to answer, seen from outside.
    """

    question: str
    answer: str
    source: str
    text: str
    trained: bool
    rationale: str
    measured: str
    evidence: tuple[str, ...]
    value: float | None
    sigma: float | None
    unit: str
    agreement: str
    reason: str
    stamp_ns: int
    frame_id: str
    work: Mapping[str, int] = field(default_factory=dict)
    timings_ms: Mapping[str, float] = field(default_factory=dict)
    waited_ms: float = math.nan
    told: str = ''

    def as_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return {**asdict(self), 'weights': 'trained' if self.trained else UNTRAINED}


def speak_to_any_terminal() -> None:
    """Write what a terminal's encoding lacks (ASCII has no plus-minus) with what it has."""
    codecs.register_error(PLAIN, _in_plain_characters)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=PLAIN)


def _in_plain_characters(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lacking = error.object[error.start : error.end]
    return ''.join(PLAIN_CHARACTERS.get(character, '?') for character in lacking), error.end


def print_answer(answer: ShownAnswer) -> None:
    """Print one answer: what to act on, the model's words, then what was measured."""
    print(wrap('question', answer.question))
    print(wrap('answer', f'{answer.answer} [{answer.source}]'))
    for number, line in enumerate(answer.told.splitlines()):
        print(wrap('' if number else 'told', line))
    if answer.trained:
        print(wrap('model', answer.text))
        if answer.rationale:
            print(wrap('rationale', readable(answer.rationale)))
    else:
        print(wrap('model', f'[{UNTRAINED}] {_noise(answer.text)}'))
        if answer.rationale:
            print(wrap('rationale', f'[{UNTRAINED}] {_noise(answer.rationale)}'))
    print(wrap('measured', answer.measured))
    if because := [text for text in answer.evidence if text not in answer.measured]:
        print(wrap('because', ' '.join(because[:MOST_EVIDENCE])))
    print(wrap('agreement', f'{answer.agreement}: {answer.reason}'.rstrip(': ')))
    print(wrap('frame', f'{stamp(answer.stamp_ns)} s in {answer.frame_id}'))
    counts = (f'{count} {name.replace("_", " ")}' for name, count in answer.work.items())
    print(wrap('work', ', '.join(counts)))


def readable(rationale: str) -> str:
    """Return what of a rationale is made of sentences, and say what was left out."""
    from ssr_ros.evaluation import babbles, whole_sentences

    if babbles(rationale):
        return '(left out: its sentences have come apart)'
    kept, broken = whole_sentences(rationale)
    if not broken:
        return rationale
    which = 'one sentence that has' if broken == 1 else f'{broken} sentences that have'
    return f'{kept} (left out: {which} come apart)'


def print_caveats(caveats: Iterable[str]) -> None:
    """Print what makes the whole frame doubtful."""
    for caveat in caveats:
        print(wrap('beware', caveat))


def print_timings(answers: Sequence[ShownAnswer]) -> None:
    """Print a table of stages: the first question pays for the frame, later ones do not."""
    stages = list(dict.fromkeys(name for each in answers for name in each.timings_ms))
    stages.sort(key=lambda name: name == 'total')
    rows = []
    for stage in stages:
        times = [each.timings_ms[stage] for each in answers if stage in each.timings_ms]
        rows.append((stage, str(len(times)), _ms(_median(times)), _ms(max(times))))
    waited = [each.waited_ms for each in answers if not math.isnan(each.waited_ms)]
    if waited:
        rows.append(
            ('asked to answered', str(len(waited)), _ms(_median(waited)), _ms(max(waited)))
        )
    print(table(('stage', 'times', 'median ms', 'longest ms'), rows, right=(1, 2, 3)))


def wrap(label: str, text: str, label_width: int = LABEL) -> str:
    """Return a labelled paragraph, indented and wrapped to the terminal."""
    indent = ' ' * (label_width + 2)
    return textwrap.fill(
        printable(text) or '(nothing)',
        width(),
        initial_indent=f'  {label:<{label_width}}',
        subsequent_indent=indent,
        break_on_hyphens=False,
        break_long_words=False,  # a path that is cut cannot be copied
    )


def table(head: Sequence[str], rows: Iterable[Sequence[str]], right: Sequence[int] = ()) -> str:
    """Return rows in aligned columns with a rule under the head."""
    all_rows = [list(head), *(list(row) for row in rows)]
    widths = [max(len(row[i]) for row in all_rows) for i in range(len(head))]
    lines = []
    for row in all_rows:
        cells = [
            cell.rjust(size) if i in right else cell.ljust(size)
            for i, (cell, size) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append('  ' + '  '.join(cells).rstrip())
    lines.insert(1, '  ' + '-' * (sum(widths) + 2 * len(widths) - 2))
    return '\n'.join(lines)


def print_json(value: Any) -> None:
    """Print JSON; a number that is not known (NaN, infinite) is null."""
    print(json.dumps(_with_nulls(value), indent=2, allow_nan=False))


def title(text: str) -> str:
    """Return a heading with a rule to the terminal's edge."""
    return f'\n{text} '.ljust(width() + 1, '-')


def progress(text: str) -> None:
    """Say on stderr what is going on, so that stdout stays clean."""
    print(f'  {text}', file=sys.stderr, flush=True)


def width() -> int:
    """Return the columns to use."""
    return max(40, min(WIDEST, shutil.get_terminal_size((WIDEST, 24)).columns))


def stamp(stamp_ns: int) -> str:
    """Return a stamp in seconds with all its digits."""
    seconds, nanoseconds = divmod(stamp_ns, 1_000_000_000)
    return f'{seconds}.{nanoseconds:09d}'


def printable(text: str) -> str:
    """Replace what a terminal cannot or should not show; an untrained model says anything."""
    return ''.join(c if c.isprintable() and c != '\ufffd' else ' ' for c in text)


def _noise(text: str) -> str:
    text = ' '.join(printable(text).split())
    return f'"{text}"' if len(text) <= LONGEST_NOISE else f'"{text[:LONGEST_NOISE]} ..."'


def _with_nulls(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _with_nulls(each) for name, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_with_nulls(each) for each in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _median(values: Sequence[float]) -> float:
    ordered = sorted(values)
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


def _ms(value: float) -> str:
    return f'{value:.1f}'
