# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What all rows of a run say together: shares with their intervals, refusals, times."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
import re
import statistics
from typing import Any

from ssr_ros import __version__
from ssr_ros.evaluation.intervals import wilson
from ssr_ros.replay.questions import KINDS
from ssr_ros.replay.rows import AnswerRow

WHO = ('answer', 'measured', 'model')
REFUSAL_WORDS = 90
"""So much of a reason tells refusals apart; numbers in it do not."""

NUMBER = re.compile(r'\d+(?:\.\d+)?')


def summarize(
    rows: Sequence[AnswerRow], bags: Mapping[str, Any], failures: Mapping[str, str]
) -> dict[str, Any]:
    """Count.

    Args:
        rows: all of them.
        bags: name -> what is known about the recording.
        failures: name of a recording that could not be asked -> why.

    Returns:
        plain values, as they are written to summary.json.
    """
    judged = [row for row in rows if row.expected is not None]
    kinds = [kind for kind in KINDS if any(row.kind == kind for row in judged)]
    return {
        'ssr_ros': __version__,
        'model': next((row.model for row in rows if row.model), ''),
        'has_model': any(row.text for row in rows),
        'questions': len(rows),
        'judged': len(judged),
        'answered': sum(row.source != 'none' for row in rows),
        'sources': dict(Counter(row.source for row in rows)),
        'accuracy': {who: accuracy(judged, who) for who in WHO},
        'kinds': {
            kind: {
                **{who: accuracy([r for r in judged if r.kind == kind], who) for who in WHO},
                'error': _error([r for r in judged if r.kind == kind]),
            }
            for kind in kinds
        },
        'agreement': agreement(rows),
        'refusals': refusals(rows),
        'latency_ms': {stage: spread(times) for stage, times in stages(rows).items()},
        'bags': {
            name: {
                'questions': sum(row.bag == name for row in rows),
                'accuracy': accuracy([row for row in judged if row.bag == name], 'answer'),
                'failure': failures.get(name, ''),
                **bags.get(name, {}),
            }
            for name in dict.fromkeys((*bags, *failures))
        },
    }


def accuracy(judged: Iterable[AnswerRow], who: str) -> dict[str, Any]:
    """Return the share that somebody answers right, with its 95 % Wilson interval.

    Args:
        judged: rows with an expected answer.
        who: 'answer' (the one to act on), 'measured' or 'model'.
    """
    counts = Counter(row.scores[who] for row in judged if who in row.scores)
    n, right = counts.total(), counts['right']
    low, high = wilson(right, n)
    decided = right + counts['wrong']
    return {
        'n': n,
        'right': right,
        'wrong': counts['wrong'],
        'unread': counts['unread'],
        'refused': counts['refused'],
        'share': right / n if n else None,
        'low': low,
        'high': high,
        'share_of_decided': right / decided if decided else None,
    }


def agreement(rows: Iterable[AnswerRow]) -> dict[str, int]:
    """Count how the model's text stands to what was measured."""
    counts = Counter(row.agreement for row in rows if row.source != 'none' or row.trained)
    return {name: counts[name] for name in ('agrees', 'contradicts', 'unknown')}


def refusals(rows: Iterable[AnswerRow]) -> list[dict[str, Any]]:
    """Count why there was no answer, the most frequent reason first."""
    found: Counter[tuple[str, str]] = Counter()
    for row in rows:
        if row.source == 'none':
            found[(row.error_code, reason_of(row))] += 1
    return [{'code': c, 'reason': reason, 'count': n} for (c, reason), n in found.most_common()]


def reason_of(row: AnswerRow) -> str:
    """Return why a row has no answer, without what is of this row alone: # for its numbers."""
    first = row.answer.partition(': ')[0] if row.error_code == 'NO_FRAME' else row.answer
    first = first.partition('. ')[0]
    words = NUMBER.sub('#', first)
    return words if len(words) <= REFUSAL_WORDS else words[:REFUSAL_WORDS] + ' ...'


def stages(rows: Iterable[AnswerRow]) -> dict[str, list[float]]:
    """Return stage -> milliseconds of every question that went through it, 'total' last."""
    found: dict[str, list[float]] = {}
    for row in rows:
        for stage, ms in row.timings_ms.items():
            found.setdefault(stage, []).append(ms)
    return dict(sorted(found.items(), key=lambda item: item[0] == 'total'))


def spread(values: Sequence[float]) -> dict[str, Any]:
    """Return how values are spread."""
    ordered = sorted(values)
    return {
        'n': len(ordered),
        'median': statistics.median(ordered) if ordered else None,
        'p95': quantile(ordered, 0.95),
        'p99': quantile(ordered, 0.99),
        'most': ordered[-1] if ordered else None,
    }


def quantile(ordered: Sequence[float], share: float) -> float | None:
    """Return the smallest value that a share of all does not exceed (nearest rank)."""
    if not ordered:
        return None
    rank = -int(-share * len(ordered) // 1)
    return ordered[max(0, min(len(ordered), rank) - 1)]


def _error(judged: Sequence[AnswerRow]) -> dict[str, Any] | None:
    """Return how far numbers are off, where there are any."""
    told = [row for row in judged if row.error_off is not None and row.expected is not None]
    off = [row.error_off for row in told if row.error_off is not None]
    units = {str(row.expected['unit']) for row in told if row.expected is not None}
    if not off:
        return None
    return {
        'n': len(off),
        'unit': units.pop() if len(units) == 1 else '',
        'bias': statistics.fmean(off),
        'median_abs': statistics.median(map(abs, off)),
        'p95_abs': quantile(sorted(map(abs, off)), 0.95),
    }
