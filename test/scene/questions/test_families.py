# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Every family of questions: its answer in full, and what `check` says to three texts about it.

The scenes are those of handmade.py, where every number can be reckoned: the texts are tested, not
the values alone.
"""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import NamedTuple

from handmade import SCENES
import pytest

from ssr_ros.scene import Agreement
from ssr_ros.scene.questions.parsing import parse
from ssr_ros.scene.questions.query import FORMS, Query
from ssr_ros.scene.questions.vocabulary import CONVERSE


class Row(NamedTuple):
    """A question and all of its answer; what a model may say that is right, wrong, beside it."""

    scene: str
    question: str
    kind: str
    value: float | None
    unit: str
    choice: str
    frame: str
    text: str
    right: str
    wrong: str
    beside: str


def rows():
    """Read families.txt."""
    scene, lines = '', (Path(__file__).parent / 'families.txt').read_text('utf-8').splitlines()
    for at, line in enumerate(lines):
        if line.startswith('['):
            scene = line.strip('[]')
        elif line and line[0] not in ' #':
            kind, value, unit, choice, frame = (part.strip() for part in lines[at + 1].split('|'))
            right, wrong, beside = (part.strip() for part in lines[at + 3].split('|'))
            number = float(value) if value else None
            text = lines[at + 2].strip()
            yield Row(scene, line, kind, number, unit, choice, frame, text, right, wrong, beside)


ROWS = list(rows())


@pytest.mark.parametrize('row', ROWS, ids=lambda row: f'{row.scene}: {row.question}')
def test_every_family_answers_in_full(row):
    answer = SCENES[row.scene].answer(row.question)
    assert answer.text == row.text
    assert answer.answered == (row.kind != 'refused')
    assert answer.kind == row.kind or not answer.answered
    assert (answer.unit, answer.choice) == (row.unit, row.choice)
    assert answer.value == (None if row.value is None else pytest.approx(row.value, abs=1e-4))
    assert [item.frame for item in answer.evidence[:1]] == ([row.frame] if row.frame else [])


@pytest.mark.parametrize('row', ROWS, ids=lambda row: f'{row.scene}: {row.question}')
def test_a_model_is_held_against_what_was_measured(row):
    facts = SCENES[row.scene]
    said = (
        (row.right, Agreement.AGREES),
        (row.wrong, Agreement.CONTRADICTS),
        (row.beside, Agreement.UNKNOWN),
    )
    for text, agreement in said:
        if text:
            check = facts.check(row.question, text)
            assert check.agreement is agreement, (text, check.reason)
            assert check.measured == facts.answer(row.question)
            assert (f'"{text}"' in check.reason) == (agreement is not Agreement.UNKNOWN)


def test_every_kind_of_question_has_a_row():
    asked = {query.kind for row in ROWS if isinstance(query := parse(row.question), Query)}
    assert set(FORMS) - asked == SPACE_KINDS


SPACE_KINDS = {'passage', 'free', 'obstacle', 'most free', 'vacant'}
"""They are tried on rendered floors, in test_scene_space.py."""

NAMES = ('the red object', 'the blue object', 'the yellow object', 'the green object')


@pytest.mark.parametrize(('a', 'b'), itertools.permutations(NAMES, 2))
def test_answers_turn_with_the_order_of_naming(a, b):
    room = SCENES['room']

    def both(question):
        return room.answer(question.format(a, b)), room.answer(question.format(b, a))

    for trait in ('taller', 'wider', 'deeper', 'bigger', 'closer', 'higher'):
        one, other = both(f'Which is {trait}, {{}} or {{}}?')
        assert (one.choice, one.text) == (other.choice, other.text)
        one, other = both(f'Is {{}} {trait} than {{}}?')
        assert (one.value, other.value) in ((1, 0), (0, 1), (None, None))
        assert one.value == room.answer(f'Is {b} {CONVERSE[trait]} than {a}?').value
        one, other = both(f'How much {trait} is {{}} than {{}}?')
        assert one.value == pytest.approx(-other.value) and one.unit == other.unit
    for question in ('How far is {} from {}?', 'How far apart are {} and {} horizontally?'):
        one, other = both(question)
        assert one.value == pytest.approx(other.value, abs=0.02)
    for sides in ('left or right of', 'above or below', 'in front of or behind'):
        one, other = both(f'Is {{}} {sides} {{}}?')
        assert other.choice == CONVERSE.get(one.choice, '')
    for relation in ('left of', 'above', 'in front of'):
        one, other = both(f'Is {{}} {relation} {{}}?')
        assert (one.value, other.value) in ((1, 0), (0, 1), (None, None))
        assert one.value == room.answer(f'Is {b} {CONVERSE[relation]} {a}?').value
    one, other = both('Do {} and {} touch?')
    assert one.value == other.value
