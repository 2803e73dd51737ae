# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Scores of many questions as shares with intervals, by family and by group."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ssr_ros.evaluation.intervals import Paired, paired, paired_over_groups, wilson
from ssr_ros.evaluation.reading import kind_of
from ssr_ros.evaluation.scoring import is_two_way, same_meaning, Score, true_reading

DEPTH_FAMILIES = ('closer', 'distance', 'size', 'gap', 'order')
"""Closer and farther, distance, size, gap, order: the families that the figures to reach name."""

GROUPS: dict[str, Callable[[Mapping[str, Any]], bool]] = {
    'depth families': lambda meta: meta['family'] in DEPTH_FAMILIES,
    'all that need depth': lambda meta: bool(meta.get('needs_depth')),
    'colour is enough': lambda meta: not meta.get('needs_depth'),
    'two-way': is_two_way,
    'two-way depth families': lambda meta: is_two_way(meta) and meta['family'] in DEPTH_FAMILIES,
    'lengths': lambda meta: kind_of(meta) == 'length',
    'everything': lambda meta: True,
}


@dataclass(frozen=True, eq=False)
class Question:
    """One question of a test.

    Attributes:
        where: file and line.
        frame: what tells its frame from others.
        text: the question.
        answer: the true one.
        rationale: the true one.
        meta: of its row.
    """

    where: str
    frame: Hashable
    text: str
    answer: str
    rationale: str
    meta: Mapping[str, Any]


@dataclass(frozen=True)
class Cell:
    """A share.

    Attributes:
        n: how many.
        right: how many of them are right.
        unparsed: how many could not be read; they are not right.
    """

    n: int = 0
    right: int = 0
    unparsed: int = 0

    @property
    def share(self) -> float:
        """Share right; 0 of nothing."""
        return self.right / self.n if self.n else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's 95 % interval of the share."""
        return wilson(self.right, self.n)

    def as_dict(self) -> dict[str, float]:
        """Return everything, for JSON."""
        low, high = self.interval
        counts = {'n': self.n, 'right': self.right, 'unparsed': self.unparsed}
        return {**counts, 'share': self.share, 'low': low, 'high': high}


def cell(scores: Sequence[Score]) -> Cell:
    """Count."""
    return Cell(len(scores), sum(s.right for s in scores), sum(not s.parsed for s in scores))


def by_group(questions: Sequence[Question], scores: Sequence[Score]) -> dict[str, Cell]:
    """Return a cell of every group of GROUPS that has questions."""
    cells = {
        name: cell([s for q, s in zip(questions, scores, strict=True) if is_in(q.meta)])
        for name, is_in in GROUPS.items()
    }
    return {name: one for name, one in cells.items() if one.n}


def by_family(questions: Sequence[Question], scores: Sequence[Score]) -> dict[str, Cell]:
    """Return a cell of every family."""
    families: dict[str, list[Score]] = defaultdict(list)
    for question, one in zip(questions, scores, strict=True):
        families[question.meta['family']].append(one)
    return {family: cell(families[family]) for family in sorted(families)}


def near_lengths(
    questions: Sequence[Question], scores: Sequence[Score], family: str, share: float
) -> Cell:
    """Count the lengths of a family that are within a share of the truth."""
    ours = [
        one
        for question, one in zip(questions, scores, strict=True)
        if question.meta['family'] == family and kind_of(question.meta) == 'length'
    ]
    return Cell(len(ours), sum(one.within(share) for one in ours), sum(not s.parsed for s in ours))


def swap_consistency(questions: Sequence[Question], scores: Sequence[Score]) -> Cell:
    """Count the pairs, two orders of naming, that are answered with the same meaning.

    Unparsed are the pairs of which an answer could not be read.
    """
    pairs: dict[tuple[Hashable, str], dict[str, int]] = defaultdict(dict)
    for number, question in enumerate(questions):
        if question.meta.get('swap'):
            unit = (question.frame, str(question.meta['unit']))
            pairs[unit][str(question.meta['swap'])] = number
    whole = [(pair['ab'], pair['ba']) for pair in pairs.values() if len(pair) == 2]
    truths = {
        n: true_reading(questions[n].answer, questions[n].meta) for pair in whole for n in pair
    }
    same = sum(same_meaning(scores[a], scores[b], (truths[a], truths[b])) for a, b in whole)
    unread = sum(not (scores[a].parsed and scores[b].parsed) for a, b in whole)
    return Cell(len(whole), same, unread)


def compare(
    questions: Sequence[Question], a: Sequence[Score], b: Sequence[Score], group: str
) -> tuple[Paired, tuple[float, float]]:
    """Compare two systems on a group.

    Returns:
        The comparison, and the interval of the difference if whole frames are drawn.
    """
    rows = [n for n, question in enumerate(questions) if GROUPS[group](question.meta)]
    right_a, right_b = [a[n].right for n in rows], [b[n].right for n in rows]
    frames = [questions[n].frame for n in rows]
    return paired(right_a, right_b), paired_over_groups(right_a, right_b, frames)
