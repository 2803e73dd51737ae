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
from ssr_ros.scene.questions.checking import check
from ssr_ros.scene.questions.parsing import parse
from ssr_ros.scene.questions.query import FORMS, Query
from ssr_ros.scene.questions.vocabulary import CONVERSE


class Row(NamedTuple):
    """A question and all of its answer; what a model may say that is right, wrong, beside it."""

    scene: str
    question: str
    answer: str
    text: str
    said: list[str]
    evidence: list[str]


def rows():
    """Read families.txt."""
    scene = ''
    for block in (Path(__file__).parent / 'families.txt').read_text('utf-8').split('\n\n'):
        question, *lines = block.strip().split('\n')
        if question.startswith('['):
            scene = question.strip('[]')
        elif not question.startswith('#'):
            answer, text, said, *evidence = (line.strip() for line in lines)
            yield Row(scene, question, answer, text, said.split('|'), evidence)


ROWS = list(rows())


def written(number, digits):
    return '' if number is None else f'{number:.{digits}g}'


@pytest.mark.parametrize('row', ROWS, ids=lambda row: f'{row.scene}: {row.question}')
def test_every_family_answers_in_full_and_models_are_held_against_it(row):
    facts = SCENES[row.scene]
    answer = facts.answer(row.question)
    assert answer.text == row.text
    kind = answer.kind if answer.answered else 'refused'
    number = (written(answer.value, 6), written(answer.sigma, 4), answer.unit)
    fields = (kind, *number, answer.choice)
    assert ' | '.join([*fields, ', '.join(answer.subjects)]).strip() == row.answer
    assert [evidence_line(item, answer.text) for item in answer.evidence] == row.evidence
    agreements = (Agreement.AGREES, Agreement.CONTRADICTS, Agreement.UNKNOWN)
    for said, agreement in zip(row.said, agreements, strict=True):
        if said.strip():
            held = check(facts, answer, said)
            assert held.agreement is agreement, (said, held.reason)
            assert (f'"{said.strip()}"' in held.reason) == (agreement is not Agreement.UNKNOWN)


def evidence_line(item, text):
    values = (written(item.value, 6), written(item.sigma, 4), item.unit, item.frame)
    said = '=' if item.text == text else item.text
    return '- ' + ' | '.join([item.kind, ', '.join(item.subjects), *values, said])


def test_every_kind_of_question_has_a_row():
    asked = {query.kind for row in ROWS if isinstance(query := parse(row.question), Query)}
    assert asked == set(FORMS)


NAMES = ('the red object', 'the blue object', 'the yellow object', 'the green object')


@pytest.mark.parametrize(('a', 'b'), list(itertools.permutations(NAMES, 2)))
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
