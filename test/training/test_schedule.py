# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What follows from the number of a step alone."""

from training.run.schedule import batch_number, first_times, learning_rate, sample_numbers
from training.run.settings import OptimSettings


def test_every_sample_is_read_once_per_pass_whatever_the_cut():
    whole = sample_numbers(7, seed=3, first=0, count=14)
    assert sorted(whole[:7]) == sorted(whole[7:]) == list(range(7))
    assert whole[:7] != whole[7:]
    assert sample_numbers(7, 3, 5, 4) == whole[5:9]


def test_rows_about_one_frame_stay_together_in_every_pass():
    whole = sample_numbers(11, seed=3, first=0, count=22, together=4)
    for once in (whole[:11], whole[11:]):
        assert sorted(once) == list(range(11))
        for first, *others in ((0, 1, 2, 3), (4, 5, 6, 7), (8, 9, 10)):
            at = once.index(first)
            assert once[at + 1 : at + 1 + len(others)] == others
    assert whole[:11] != whole[11:]
    assert sample_numbers(11, 3, 5, 9, together=4) == whole[5:14]


def test_kept_batches_come_in_order_once_and_then_pass_by_pass_in_another():
    numbers = [batch_number(place, kept=5, seed=3) for place in range(20)]
    assert numbers[:5] == [0, 1, 2, 3, 4]
    passes = [numbers[first : first + 5] for first in (5, 10, 15)]
    assert all(sorted(one) == [0, 1, 2, 3, 4] for one in passes)
    assert len({tuple(one) for one in passes}) > 1
    assert [batch_number(place, kept=0, seed=3) for place in range(7)] == list(range(7))
    assert list(first_times(range(20), 5, seed=3)) == [0, 1, 2, 3, 4]
    assert list(first_times(range(6, 20), 5, seed=3)) == list(dict.fromkeys(numbers[6:]))


def test_the_rate_rises_then_falls_to_nothing():
    optim = OptimSettings(learning_rate=1.0, warmup=0.1)
    rates = [learning_rate(step, 100, optim) for step in range(100)]
    assert rates[0] == 0.1 and max(rates) == rates[9] == 1.0
    assert rates[-1] < 0.001 and rates == [*rates[:10], *sorted(rates[10:], reverse=True)]
