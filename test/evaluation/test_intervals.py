# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Intervals and tests against published values."""

import itertools
import random

import pytest

from ssr_ros.evaluation import paired, paired_over_groups, wilson
from ssr_ros.evaluation.intervals import mcnemar_exact, newcombe


@pytest.mark.parametrize(
    ('right', 'n', 'low', 'high'),
    [
        # Newcombe (1998), Statistics in Medicine 17, 857-872, table I, method 3.
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_gives_newcombes_published_limits(right, n, low, high):
    assert wilson(right, n) == pytest.approx((low, high), abs=5e-5)


def test_wilson_is_symmetric_and_stays_between_nothing_and_all():
    for right, n in ((0, 1), (3, 7), (7, 7), (0, 10**6)):
        low, high = wilson(right, n)
        assert 0 <= low <= right / n <= high <= 1
        assert wilson(n - right, n) == pytest.approx((1 - high, 1 - low))
    assert wilson(0, 0) == (0, 1)
    with pytest.raises(ValueError, match='3 of 2'):
        wilson(3, 2)


def test_the_paired_interval_gives_the_published_one_of_a_published_table():
    """Airway hyper-responsiveness before and after transplantation, 21 children.

    Fagerland, Lydersen, Laake (2014), Statistics in Medicine 33, 2850-2875: the square-and-add
    interval of Newcombe, and the exact conditional test.
    """
    assert newcombe(1, 1, 7, 12) == pytest.approx((-0.507, -0.026), abs=5e-4)
    assert mcnemar_exact(1, 7) == pytest.approx(0.0703, abs=5e-5)


def test_the_exact_test_is_the_binomial_one():
    scipy_stats = pytest.importorskip('scipy.stats', reason='scipy is missing')
    for only_a, only_b in itertools.product((0, 1, 4, 30, 211), repeat=2):
        tosses = only_a + only_b
        wanted = scipy_stats.binomtest(only_a, tosses).pvalue if tosses else 1.0
        assert mcnemar_exact(only_a, only_b) == pytest.approx(wanted)
    assert 0 < mcnemar_exact(4000, 5000) < 1e-20


def test_a_comparison_counts_who_alone_is_right_and_turns_with_the_order():
    a = [True, True, False, True, False, False]
    b = [True, False, True, False, False, False]
    one, other = paired(a, b), paired(b, a)
    assert (one.n, one.only_a, one.only_b) == (6, 2, 1)
    assert one.difference == pytest.approx(1 / 6)
    assert (other.low, other.high) == pytest.approx((-one.high, -one.low))
    assert one.p_value == other.p_value == 1.0
    with pytest.raises(ValueError, match='shorter'):
        paired(a, b[:-1])


def test_the_paired_interval_covers_the_truth_about_as_often_as_it_says():
    chance = random.Random(0)
    hits = 0
    for _ in range(400):
        ease = [chance.random() for _ in range(60)]
        a = [chance.random() < 0.3 + 0.6 * e for e in ease]
        b = [chance.random() < 0.1 + 0.6 * e for e in ease]
        found = paired(a, b)
        hits += found.low <= 0.2 <= found.high
    assert 0.92 <= hits / 400 <= 0.99


def test_questions_that_stand_and_fall_together_widen_the_interval_over_frames():
    chance = random.Random(1)
    frames = [n // 10 for n in range(300)]
    luck = [chance.random() < 0.6 for _ in range(30)]
    a, b = [luck[frame] for frame in frames], [not luck[frame] for frame in frames]
    low, high = paired_over_groups(a, b, frames)
    naive = paired(a, b)
    assert high - low > 1.5 * (naive.high - naive.low)
    assert (low, high) == paired_over_groups(a, b, frames)
