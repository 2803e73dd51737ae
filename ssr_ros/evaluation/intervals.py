# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""How sure a share is, and a difference of two shares on the same questions.

- E. B. Wilson (1927), Probable inference, the law of succession, and statistical inference,
  Journal of the American Statistical Association 22, 209-212: the score interval.
- R. G. Newcombe (1998), Improved confidence intervals for the difference between binomial
  proportions based on paired data, Statistics in Medicine 17, 2635-2650: method 10.
- Q. McNemar (1947), Note on the sampling error of the difference between correlated proportions
  or percentages, Psychometrika 12, 153-157; here with the exact binomial distribution.

All three take questions for independent of each other. Questions about one frame are not quite:
``paired_over_groups`` draws whole frames instead.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
import math

import numpy as np

Z_95 = 1.959963984540054
"""Of a normal distribution, 95 % lie within so many standard deviations."""


@dataclass(frozen=True)
class Paired:
    """Two systems, A and B, on the same questions.

    Attributes:
        n: questions.
        only_a: questions that A alone answers right.
        only_b: questions that B alone answers right.
        difference: share right of A minus that of B.
        low: lower end of its 95 % interval.
        high: upper end.
        p_value: of McNemar's exact test, two-sided.
    """

    n: int
    only_a: int
    only_b: int
    difference: float
    low: float
    high: float
    p_value: float


def wilson(right: int, n: int, z: float = Z_95) -> tuple[float, float]:
    """Return the score interval of a share; (0, 1) where nothing was asked.

    Raises:
        ValueError: more are right than were asked.
    """
    if not 0 <= right <= n:
        raise ValueError(f'expected 0 <= right <= n, got {right} of {n}')
    if n == 0:
        return 0.0, 1.0
    share, weight = right / n, z * z / n
    middle = (share + weight / 2) / (1 + weight)
    half = math.sqrt(weight * (share * (1 - share) + weight / 4)) / (1 + weight)
    # At the ends the interval touches 0 and 1; rounding must not push it past the share.
    low = 0.0 if right == 0 else middle - half
    high = 1.0 if right == n else middle + half
    return low, high


def mcnemar_exact(only_a: int, only_b: int) -> float:
    """Return the two-sided p-value: could a fair coin have decided who alone is right?"""
    tosses, fewer = only_a + only_b, min(only_a, only_b)
    ways = total = 1
    for heads in range(1, fewer + 1):
        ways = ways * (tosses - heads + 1) // heads
        total += ways
    share: float = 2 * total / 2**tosses
    return min(1.0, share)


def paired(a: Sequence[bool], b: Sequence[bool]) -> Paired:
    """Compare two systems question by question.

    Args:
        a: whether A is right, by question.
        b: the same of B.

    Raises:
        ValueError: the numbers of questions differ.
    """
    table = [0, 0, 0, 0]
    for x, y in zip(a, b, strict=True):
        table[2 * (not x) + (not y)] += 1
    both, only_a, only_b, neither = table
    low, high = newcombe(both, only_a, only_b, neither)
    n = len(a)
    difference = (only_a - only_b) / n if n else 0.0
    return Paired(n, only_a, only_b, difference, low, high, mcnemar_exact(only_a, only_b))


def newcombe(both: int, only_a: int, only_b: int, neither: int) -> tuple[float, float]:
    """Return the 95 % interval of the difference of two paired shares, A - B (method 10)."""
    n = both + only_a + only_b + neither
    if n == 0:
        return -1.0, 1.0
    share_a, share_b = (both + only_a) / n, (both + only_b) / n
    (low_a, high_a), (low_b, high_b) = wilson(both + only_a, n), wilson(both + only_b, n)
    phi = _phi(both, only_a, only_b, neither)
    difference = share_a - share_b
    down = _combined(share_a - low_a, high_b - share_b, phi)
    up = _combined(high_a - share_a, share_b - low_b, phi)
    return difference - down, difference + up


def paired_over_groups(
    a: Sequence[bool], b: Sequence[bool], groups: Sequence[Hashable], draws: int = 2000
) -> tuple[float, float]:
    """Return a 95 % interval of the difference A - B where only groups are independent.

    The percentile bootstrap: whole groups are drawn with replacement, always the same way.
    """
    numbers = {group: number for number, group in enumerate(dict.fromkeys(groups))}
    if not numbers:
        return -1.0, 1.0
    gains, sizes = np.zeros(len(numbers)), np.zeros(len(numbers))
    for x, y, group in zip(a, b, groups, strict=True):
        gains[numbers[group]] += int(x) - int(y)
        sizes[numbers[group]] += 1
    chance = np.random.default_rng(0)
    drawn = (chance.integers(0, len(numbers), len(numbers)) for _ in range(draws))
    differences = [gains[rows].sum() / sizes[rows].sum() for rows in drawn]
    low, high = np.percentile(differences, (2.5, 97.5))
    return float(low), float(high)


def _combined(one: float, other: float, phi: float) -> float:
    return math.sqrt(max(0.0, one * one - 2 * phi * one * other + other * other))


def _phi(both: int, only_a: int, only_b: int, neither: int) -> float:
    """Return the correlation of the two systems, drawn towards 0 where it is positive."""
    margins = (both + only_a) * (only_b + neither) * (both + only_b) * (only_a + neither)
    if margins == 0:
        return 0.0
    excess = float(both * neither - only_a * only_b)
    n = both + only_a + only_b + neither
    if excess > 0:
        excess = max(excess - n / 2, 0.0)
    return excess / math.sqrt(margins)
