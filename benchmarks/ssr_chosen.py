# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Answers that were chosen among those that a question offers: how sure, and how often right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from benchmarks.ssr_systems import Asked
from ssr_ros.evaluation import Score


def chosen(answers: Sequence[Asked], scores: Sequence[Score]) -> dict[str, float]:
    """Return how many were chosen, the mean of their likelihoods, and the share that is right."""
    found = [
        (asked.likelihood, score.right)
        for asked, score in zip(answers, scores, strict=True)
        if asked.likelihood is not None
    ]
    number = max(1, len(found))
    return {
        'n': len(found),
        'likelihood': sum(held for held, _ in found) / number,
        'right': sum(right for _, right in found) / number,
    }


def in_words(found: Mapping[str, float]) -> str:
    """Say it; '' where nothing was chosen."""
    if not found.get('n'):
        return ''
    return (
        f'{found["n"]} answers chosen among those offered, held {100 * found["likelihood"]:.0f} % '
        f'likely on average and {100 * found["right"]:.0f} % right'
    )
