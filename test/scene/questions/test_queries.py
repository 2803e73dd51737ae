# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""A query stands between words and answer, and needs no words."""

from __future__ import annotations

from dataclasses import replace

from handmade import SCENES
import pytest

from ssr_ros.errors import QuestionError
from ssr_ros.scene import Agreement
from ssr_ros.scene.questions import relations
from ssr_ros.scene.questions.answer import answer
from ssr_ros.scene.questions.checking import check
from ssr_ros.scene.questions.families import ANSWERS
from ssr_ros.scene.questions.parsing import parse
from ssr_ros.scene.questions.phrases import Bound, Phrase
from ssr_ros.scene.questions.query import FORMS, Query, Refusal

RED = Phrase(text='the red object', colors=('red',))
BLUE = Phrase(text='the blue object', colors=('blue',))
GREEN = Phrase(text='the green object', colors=('green',))
FLOOR = Phrase(text='the floor', kind='plane', noun='floor')
OBJECTS = Phrase(text='objects', plural=True)

BY_HAND = {
    'How far is the red object?': Query(kind='distance', a=RED),
    'How far is the red object in feet?': Query(kind='distance', a=RED, unit='ft'),
    'How far is the red object from the blue object?': Query(
        kind='apart', what='gap', a=RED, b=BLUE
    ),
    'How tall is the red object?': Query(kind='size', what='height', a=RED),
    'Which is taller, the red object or the blue object?': Query(
        kind='which', what='taller', a=RED, b=BLUE
    ),
    'Is the red object closer to the green object than the blue object?': Query(
        kind='is more', what='closer', a=RED, b=BLUE, c=GREEN
    ),
    'Is the red object wider than 15 cm?': Query(
        kind='is beyond', what='wider', a=RED, bound_m=0.15
    ),
    'How much bigger is the red object than the blue object?': Query(
        kind='how much more', what='bigger', a=RED, b=BLUE
    ),
    'Is the red object left of the blue object?': Query(
        kind='related', what='left of', a=RED, b=BLUE
    ),
    'Is the blue object between the red object and the green object?': Query(
        kind='related', what='between', a=BLUE, b=RED, c=GREEN
    ),
    'Is the blue object on the floor?': Query(kind='related', what='on', a=BLUE, b=FLOOR),
    'How many objects are within 1.5 m?': Query(
        kind='count',
        a=replace(
            OBJECTS,
            text='objects within 1.5 m',
            bound=Bound(aspect='distance', least=False, length_m=1.5),
        ),
    ),
    'Are there more than 3 objects?': Query(
        kind='number is', what='more than', number=3, a=OBJECTS
    ),
    'What is the second tallest object?': Query(
        kind='find', a=Phrase(text='second tallest object', pick='tallest', rank=2)
    ),
    'Is the way free for 1 m? I am 40 cm wide.': Query(
        kind='free', what='ahead', bound_m=1.0, width_m=0.4
    ),
    'Can I reach the red object? My arm is 80 cm long.': Query(kind='reach', a=RED, bound_m=0.8),
    'What do you see?': Query(kind='describe'),
}


@pytest.mark.parametrize('question', BY_HAND)
def test_a_query_made_by_hand_is_answered_as_its_sentence_is(question):
    room = SCENES['whole']
    by_hand = answer(room, BY_HAND[question])
    assert by_hand.answered
    assert by_hand == room.answer(question)


def test_what_cannot_be_read_is_a_refusal_with_the_reason():
    refusal = parse('Who are you?')
    assert isinstance(refusal, Refusal)
    answered = answer(SCENES['room'], refusal)
    assert not answered.answered and answered.text == f'{refusal.reason}.'


@pytest.mark.parametrize(
    ('fields', 'reason'),
    [
        ({'kind': 'colour'}, "no query is of kind 'colour'"),
        ({'kind': 'distance'}, 'needs a and may have nothing else'),
        ({'kind': 'distance', 'a': RED, 'b': BLUE}, 'it was given a, b, kind'),
        ({'kind': 'which', 'a': RED, 'what': 'tall'}, "it was given 'tall'"),
        ({'kind': 'which', 'a': RED}, 'is one of: taller, shorter'),
        ({'kind': 'count', 'a': RED, 'what': 'red'}, 'is one of: nothing'),
        ({'kind': 'is beyond', 'a': RED, 'what': 'wider'}, 'needs a bound_m'),
        ({'kind': 'describe', 'number': 3}, 'needs nothing'),
    ],
)
def test_a_query_that_cannot_be_answered_says_so_when_it_is_made(fields, reason):
    with pytest.raises(QuestionError, match=reason):
        Query(**fields)


def test_every_kind_of_query_has_its_answer():
    assert set(ANSWERS) == set(FORMS)


class Calls:
    """Counts the calls of a function."""

    def __init__(self, function):
        self.function, self.number = function, 0

    def __call__(self, *arguments, **named):
        self.number += 1
        return self.function(*arguments, **named)


def test_one_ask_measures_its_question_once(monkeypatch):
    """A question about touching once took four gaps and eight surfaces, for one and two."""
    gap, surface = Calls(relations.gap), Calls(relations.surface)
    monkeypatch.setattr(relations, 'gap', gap)
    monkeypatch.setattr(relations, 'surface', surface)
    room = SCENES['room']
    measured = room.answer('Is the red object touching the blue object?')
    assert check(room, measured, 'No.').agreement is Agreement.AGREES
    assert (gap.number, surface.number) == (1, 2)


def test_an_object_that_is_named_by_another_one_is_looked_for_once(monkeypatch):
    gap = Calls(relations.gap)
    monkeypatch.setattr(relations, 'gap', gap)
    room = SCENES['room']
    assert room.answer('How wide is the object nearest to the blue object?').value == 0.1
    assert gap.number == 5
