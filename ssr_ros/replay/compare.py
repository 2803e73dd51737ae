# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Two runs side by side: the same questions of the same frames, tested in pairs.

Where the runs have no question in common (last week's recording and this week's), their shares are
compared as those of two samples, which tells less.

- R. G. Newcombe (1998), Interval estimation for the difference between independent proportions,
  Statistics in Medicine 17, 873-890: method 10, for shares that are not paired.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
import math
import statistics
from typing import Any

import numpy as np

from ssr_ros.errors import ConfigError
from ssr_ros.evaluation.intervals import paired, paired_over_groups, wilson
from ssr_ros.replay.questions import KINDS
from ssr_ros.replay.rows import AnswerRow

Pair = tuple[AnswerRow, AnswerRow]
DRAWS = 2000


@dataclass(frozen=True)
class Matched:
    """The rows of two runs, put together.

    Attributes:
        pairs: rows of A and B about the same question of the same time.
        only_a: rows that B has not.
        only_b: rows that A has not.
        changed: pairs whose right answer is another one in B: they are not compared.
    """

    pairs: tuple[Pair, ...]
    only_a: tuple[AnswerRow, ...]
    only_b: tuple[AnswerRow, ...]
    changed: tuple[Pair, ...]


def match(a: Sequence[AnswerRow], b: Sequence[AnswerRow]) -> Matched:
    """Put the rows of two runs together."""
    known = {row.key: row for row in a}
    both = [(known[row.key], row) for row in b if row.key in known]
    same = [pair for pair in both if pair[0].expected == pair[1].expected]
    keys = {pair[1].key for pair in both}
    return Matched(
        pairs=tuple(same),
        only_a=tuple(row for row in a if row.key not in keys),
        only_b=tuple(row for row in b if row.key not in keys),
        changed=tuple(pair for pair in both if pair[0].expected != pair[1].expected),
    )


def compare(a: Sequence[AnswerRow], b: Sequence[AnswerRow]) -> dict[str, Any]:
    """Compare two runs; every difference is that of B less that of A.

    Raises:
        ConfigError: a run has no rows.
    """
    if not a or not b:
        raise ConfigError('one of the runs holds no answers: nothing is to be compared')
    matched = match(a, b)
    judged = [pair for pair in matched.pairs if pair[0].verdict and pair[1].verdict]
    is_paired = bool(matched.pairs)
    kinds = [kind for kind in KINDS if any(row.kind == kind for row in (*a, *b))]
    return {
        'paired': is_paired,
        'pairs': len(matched.pairs),
        'judged': len(judged),
        'only_a': len(matched.only_a),
        'only_b': len(matched.only_b),
        'expected_changed': len(matched.changed),
        'accuracy': _shares(judged, a, b, '') if is_paired else _independent(a, b, ''),
        'kinds': {
            kind: _shares(judged, a, b, kind) if is_paired else _independent(a, b, kind)
            for kind in kinds
        },
        'errors': _errors(judged),
        'latency': _latency(matched.pairs),
        'answered': _counts(matched.pairs, lambda row: row.source != 'none'),
        'better': len(changes(judged)[0]),
        'worse': len(changes(judged)[1]),
    }


def changes(judged: Sequence[Pair]) -> tuple[list[Pair], list[Pair]]:
    """Return the pairs that only B answers right, and those that only A does."""
    better = [p for p in judged if p[1].verdict == 'right' != p[0].verdict]
    worse = [p for p in judged if p[0].verdict == 'right' != p[1].verdict]
    return better, worse


def _shares(
    judged: Sequence[Pair], a: Sequence[AnswerRow], b: Sequence[AnswerRow], kind: str
) -> dict[str, Any]:
    own = [pair for pair in judged if kind in ('', pair[0].kind)]
    rights = [tuple(row.verdict == 'right' for row in pair) for pair in own]
    right_a, right_b = [r[0] for r in rights], [r[1] for r in rights]
    test = paired(right_b, right_a)
    groups: list[Hashable] = [(pair[0].bag, pair[0].frame) for pair in own]
    low, high = paired_over_groups(right_b, right_a, groups, DRAWS)
    return {
        'n': test.n,
        'a': _share(sum(right_a), test.n),
        'b': _share(sum(right_b), test.n),
        'difference': test.difference,
        'low': test.low,
        'high': test.high,
        'low_by_frames': low,
        'high_by_frames': high,
        'only_a_right': test.only_b,
        'only_b_right': test.only_a,
        'p_value': test.p_value,
    }


def _independent(a: Sequence[AnswerRow], b: Sequence[AnswerRow], kind: str) -> dict[str, Any]:
    counts = []
    for rows in (a, b):
        verdicts = [row.verdict for row in rows if row.verdict and kind in ('', row.kind)]
        counts.append((verdicts.count('right'), len(verdicts)))
    (right_a, n_a), (right_b, n_b) = counts
    share_a, share_b = (_share(right, n) for right, n in counts)
    low, high, difference = -1.0, 1.0, None
    if n_a and n_b:
        low, high = difference_interval(right_a, n_a, right_b, n_b)
        difference = right_b / n_b - right_a / n_a
    return {
        'n': n_a + n_b,
        'a': share_a,
        'b': share_b,
        'difference': difference,
        'low': low,
        'high': high,
    }


def difference_interval(right_a: int, n_a: int, right_b: int, n_b: int) -> tuple[float, float]:
    """Return the 95 % interval of the difference B - A of two shares of separate samples."""
    (low_a, high_a), (low_b, high_b) = wilson(right_a, n_a), wilson(right_b, n_b)
    share_a, share_b = right_a / n_a, right_b / n_b
    down = math.hypot(share_b - low_b, high_a - share_a)
    up = math.hypot(high_b - share_b, share_a - low_a)
    return share_b - share_a - down, share_b - share_a + up


def _share(right: int, n: int) -> dict[str, Any]:
    low, high = wilson(right, n)
    return {'right': right, 'n': n, 'share': right / n if n else None, 'low': low, 'high': high}


def _errors(judged: Sequence[Pair]) -> dict[str, Any]:
    """How much farther off numbers are in B, by unit: means of |error|, with their interval."""
    found: dict[str, list[tuple[float, float]]] = {}
    for a, b in judged:
        if a.error_off is not None and b.error_off is not None and a.expected:
            unit = str(a.expected['unit']) or a.kind
            found.setdefault(unit, []).append((abs(a.error_off), abs(b.error_off)))
    return {unit: _differences(values) for unit, values in found.items()}


def _latency(pairs: Sequence[Pair]) -> dict[str, Any] | None:
    times = [
        (a.timings_ms['total'], b.timings_ms['total'])
        for a, b in pairs
        if 'total' in a.timings_ms and 'total' in b.timings_ms
    ]
    return _differences(times) if times else None


def _differences(values: Sequence[tuple[float, float]]) -> dict[str, Any]:
    """Describe paired numbers; the interval of the mean difference is a percentile bootstrap."""
    gains = np.array([b - a for a, b in values])
    chance = np.random.default_rng(0)
    means = [gains[chance.integers(0, len(gains), len(gains))].mean() for _ in range(DRAWS)]
    low, high = np.percentile(means, (2.5, 97.5))
    return {
        'n': len(values),
        'median_a': statistics.median(a for a, _ in values),
        'median_b': statistics.median(b for _, b in values),
        'difference': float(gains.mean()),
        'low': float(low),
        'high': float(high),
    }


def _counts(pairs: Sequence[Pair], is_so: Callable[[AnswerRow], bool]) -> dict[str, int]:
    return {'a': sum(is_so(a) for a, _ in pairs), 'b': sum(is_so(b) for _, b in pairs)}
