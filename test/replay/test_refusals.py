# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Refusals are counted by their reasons, whatever numbers are in them."""

from __future__ import annotations

from ssr_ros.replay.rows import AnswerRow
from ssr_ros.replay.summary import REFUSAL_WORDS, refusals


def row(answer, source='none', code=''):
    return AnswerRow(
        bag='monday',
        question_id='q',
        question='Which is nearest?',
        asked_ns=1,
        frame=1,
        source=source,
        answer=answer,
        error_code=code,
    )


def test_reasons_that_differ_by_their_numbers_are_one_and_no_number_is_made_up():
    found = refusals(
        [
            row('I cannot tell beyond 1.25 m: there is no depth. Look again'),
            row('I cannot tell beyond 10 m: there is no depth. Go there'),
            row('I see no floor'),
            row('The mug is 80 cm away', source='measured'),
        ]
    )
    assert [(each['reason'], each['count']) for each in found] == [
        ('I cannot tell beyond # m: there is no depth', 2),
        ('I see no floor', 1),
    ]


def test_what_is_not_of_the_reason_is_left_out_and_long_ones_are_cut():
    no_frame = row('no frame within 0.5 s: the nearest is 3 s off', code='NO_FRAME')
    (short, long) = refusals([no_frame, row('word ' * 40)])
    assert (short['code'], short['reason']) == ('NO_FRAME', 'no frame within # s')
    assert len(long['reason']) == REFUSAL_WORDS + 4 and long['reason'].endswith(' ...')
