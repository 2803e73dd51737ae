# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Many ways to ask the same: every line is answered as the first of its group is.

A group is asked of the room, or of the scene that stands before it in brackets.
"""

from __future__ import annotations

from pathlib import Path

from handmade import SCENES
import pytest

GROUPS = [
    group.splitlines()
    for group in (Path(__file__).parent / 'phrasings.txt').read_text('utf-8').strip().split('\n\n')
]


@pytest.mark.parametrize('group', GROUPS, ids=lambda group: group[group[0][0] == '['])
def test_another_way_to_ask_gets_the_same_answer(group):
    facts = SCENES[group.pop(0).strip('[]') if group[0][0] == '[' else 'room']
    first, *others = (facts.answer(question) for question in group)
    assert first.answered
    for question, found in zip(group[1:], others, strict=True):
        assert (found.text, found.value, found.unit) == (first.text, first.value, first.unit), (
            question
        )
