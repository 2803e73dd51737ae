# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""A row as the report shows it: in words for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ssr_ros.replay.charts import length, overlay
from ssr_ros.replay.folder import Folder
from ssr_ros.replay.pictures import load_notes, PictureNotes
from ssr_ros.replay.rows import AnswerRow

VERDICT_WORDS = {
    'right': 'right',
    'wrong': 'wrong',
    'unread': 'unread',
    'refused': 'refused',
    'open': 'not judged',
}
KIND_WORDS = {
    'number': 'number',
    'yes_no': 'yes or no',
    'choice': 'choice',
    'name': 'name',
    'count': 'count',
    'text': 'free text',
    'unknown': 'cannot be told',
    '': 'not judged',
}


def verdict_of(row: AnswerRow) -> str:
    """Return a row's verdict, 'open' where nobody knows what is right."""
    return row.verdict or 'open'


class Cards:
    """Makes cards of rows.

    Args:
        folder: of the run, with the pictures.
        first_ns: name of a recording -> stamp of its first image, nanoseconds.
    """

    def __init__(self, folder: Folder, first_ns: Mapping[str, int]) -> None:
        self._folder, self._first_ns = folder, first_ns
        self._notes: dict[str, PictureNotes] = {}

    def card(self, row: AnswerRow) -> dict[str, Any]:
        """Return what the page shows of a row."""
        expected = '' if row.expected is None else str(row.expected['text'])
        return {
            'verdict': verdict_of(row),
            'verdict_words': VERDICT_WORDS[verdict_of(row)],
            'kind': row.kind or 'open',
            'bag': row.bag,
            'question': row.question,
            'answer': row.answer,
            'expected': expected,
            'off': '' if row.error_off is None else _off(row.error_off, row),
            'when': f'{row.question_id} · {self._seconds(row)}',
            'search': self._search(row, expected),
            'source': 'no answer' if row.source == 'none' else row.source,
            'confidence': '' if row.confidence is None else f'{100 * row.confidence:.0f} %',
            **_voices(row),
            'rationale': row.rationale,
            'evidence': [str(each['text']) for each in row.evidence],
            'caveats': list(row.caveats),
            'where': self._where(row),
            'times': ', '.join(f'{name} {ms:.1f} ms' for name, ms in row.timings_ms.items()),
            'work': ', '.join(
                f'{n} {name.replace("_", " ")}' for name, n in row.work.items() if n
            ),
            **self._picture(row),
        }

    def _seconds(self, row: AnswerRow) -> str:
        at_ns = row.asked_ns if row.stamp_ns is None else row.stamp_ns
        return f'{(at_ns - self._first_ns.get(row.bag, 0)) / 1e9:.2f} s'

    def _where(self, row: AnswerRow) -> str:
        if row.stamp_ns is None:
            return f'none; asked for stamp {row.asked_ns} ns of {row.bag}'
        down = f'; down by {row.gravity_source}' if row.gravity_source else ''
        return f'{row.frame} of {row.bag}, stamp {row.stamp_ns} ns, in {row.frame_id or "?"}{down}'

    def _search(self, row: AnswerRow, expected: str) -> str:
        parts = (row.question_id, row.bag, row.question, row.answer, row.text, expected)
        return ' '.join(' '.join(parts).lower().split())

    def _picture(self, row: AnswerRow) -> dict[str, Any]:
        if not row.picture:
            return {'picture': ''}
        if row.picture not in self._notes:
            self._notes[row.picture] = load_notes(self._folder.pictures, row.picture)
        notes = self._notes[row.picture]
        subjects: Sequence[str] = (row.measured or {}).get('subjects', ())
        return {
            'picture': row.picture,
            'frame': row.frame,
            'width': notes.width,
            'height': notes.height,
            'near': length(notes.near_m),
            'far': length(notes.far_m),
            'known': f'{100 * notes.known:.0f} %',
            'overlay': overlay(
                notes.width, notes.height, [dict(o) for o in row.objects], subjects
            ),
        }


def _voices(row: AnswerRow) -> dict[str, str]:
    """What the depth and the model say, each with its own verdict."""
    said = ''
    if row.measured is not None and row.measured['answered']:
        said = str(row.measured['text'])
    text = row.text if row.trained or not row.text else f'[untrained weights] {row.text}'
    reason = row.agreement_reason
    if row.agreement == 'unknown':
        reason = f'cannot be compared with what was measured: {reason}'.removesuffix(': ')
    return {
        'measured': said,
        'measured_verdict': row.scores.get('measured', '') if said else '',
        'model_text': text,
        'model_verdict': row.scores.get('model', ''),
        'agreement': reason if text else '',
    }


def _off(off: float, row: AnswerRow) -> str:
    unit = '' if row.expected is None else str(row.expected['unit'])
    return f'{off:+.3g} {unit}'.rstrip()


def first_stamps(folder: Folder) -> dict[str, int]:
    """Return name of a recording -> stamp of its first image, nanoseconds, of a run."""
    return {
        name: int(notes['about']['first_stamp_ns'])
        for name in folder.names()
        if 'about' in (notes := folder.notes(name))
    }
