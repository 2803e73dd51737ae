# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Many ways to ask the same: every line is answered as the first of its group is."""

from __future__ import annotations

from pathlib import Path

from handmade import SCENES
import pytest


def groups():
    text = (Path(__file__).parent / 'phrasings.txt').read_text('utf-8')
    for group in text.strip().split('\n\n'):
        first, *others = group.splitlines()
        for other in others:
            yield pytest.param(first, other, id=other)


@pytest.mark.parametrize(('first', 'other'), list(groups()))
def test_another_way_to_ask_gets_the_same_answer(first, other):
    room = SCENES['room']
    answer = room.answer(first)
    assert answer.answered
    found = room.answer(other)
    assert (found.text, found.value, found.unit) == (answer.text, answer.value, answer.unit)
