# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The answer to give without looking: what was most often right in training."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
import statistics
from typing import Any

from ssr_ros.evaluation.reading import kind_of, POSITIONS

Form = tuple[str, str]


class Majority:
    """Knows the most frequent answer of each family and form, and the median of open lengths.

    Where a question offers names, what is counted is the place of the right one among them.
    """

    def __init__(self, rows: Iterable[tuple[str, Mapping[str, Any]]]) -> None:
        """Count.

        Args:
            rows: (true answer, meta) of training.
        """
        lengths: dict[Form, list[float]] = defaultdict(list)
        answers: dict[Form, Counter[str]] = defaultdict(Counter)
        for answer, meta in rows:
            form = (meta['family'], meta['form'])
            if kind_of(meta) == 'length':
                lengths[form].append(float(meta['value']))
            else:
                answers[form][str(meta['verdict']) if _places(meta) else answer] += 1
        self._medians = {form: statistics.median(values) for form, values in lengths.items()}
        # Of two that are equally frequent, always the same.
        self._modes = {
            form: min(counts, key=lambda key: (-counts[key], key))
            for form, counts in answers.items()
        }

    def answer(self, meta: Mapping[str, Any]) -> str:
        """Answer a question; '' where training had none of its form."""
        form = (meta['family'], meta['form'])
        if form in self._medians:
            return f'{self._medians[form]:.4f} m'
        mode = self._modes.get(form, '')
        if mode and _places(meta):
            named = _named(_indices(mode), meta['subjects'])
            return ', '.join(f'the {name}' for name in named)
        return mode


def _places(meta: Mapping[str, Any]) -> list[int]:
    """Return the places of the right names among those that the question offers."""
    offers = meta['family'] == 'order' or meta['form'] == 'of three'
    verdict = str(meta.get('verdict') or '')
    return _indices(verdict) if offers or verdict in POSITIONS else []


def _indices(verdict: str) -> list[int]:
    return [POSITIONS[verdict]] if verdict in POSITIONS else [int(digit) for digit in verdict]


def _named(places: Sequence[int], subjects: Sequence[str]) -> list[str]:
    return [subjects[place] for place in places if place < len(subjects)]
