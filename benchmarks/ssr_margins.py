# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Comparisons of distance apart: by how much the two differ, and by which one is named first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
import re

from ssr_ros.evaluation import Score
from ssr_ros.evaluation.table import cell, Question

MARGINS = ('within 15 %', '15 to 30 %', 'beyond 30 %')
"""How much farther the farther one is."""

ORDERS = ('the first named', 'the second named')
"""Which one is the answer."""

AWAY = re.compile(r'is (\d+(?:\.\d+)?) (c?m) away')


def margin_of(question: Question) -> str | None:
    """Return one of MARGINS, or None where two distances are not what is compared."""
    if question.meta['family'] != 'closer':
        return None
    told = AWAY.findall(str(question.meta.get('rationale_without_answer', question.rationale)))
    distances_m = [float(number) / (100 if unit == 'cm' else 1) for number, unit in told]
    if len(distances_m) != 2 or min(distances_m) <= 0:
        return None
    apart = max(distances_m) / min(distances_m) - 1
    return MARGINS[(apart > 0.15) + (apart > 0.30)]


def margins(questions: Sequence[Question], scores: Sequence[Score]) -> dict[str, dict[str, float]]:
    """Return a cell of each margin that has questions."""
    return _cells([margin_of(question) for question in questions], scores)


def orders(questions: Sequence[Question], scores: Sequence[Score]) -> dict[str, dict[str, float]]:
    """Return a cell of each order that has questions."""
    names = dict(zip(('first', 'second'), ORDERS, strict=True))
    told = [
        names.get(str(question.meta.get('verdict')))
        if question.meta['family'] == 'closer'
        else None
        for question in questions
    ]
    return _cells(told, scores)


def _cells(names: Sequence[str | None], scores: Sequence[Score]) -> dict[str, dict[str, float]]:
    found: dict[str, list[Score]] = defaultdict(list)
    for name, score in zip(names, scores, strict=True):
        if name is not None:
            found[name].append(score)
    return {name: cell(of).as_dict() for name, of in found.items()}
