# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What is asked of two things at once, and which of two opposites one is."""

from __future__ import annotations

from handmade import flat, scene, SCENES
import pytest

from ssr_ros.errors import QuestionError
from ssr_ros.scene import Agreement
from ssr_ros.scene.questions.answer import answer
from ssr_ros.scene.questions.parsing import parse
from ssr_ros.scene.questions.phrases import Phrase
from ssr_ros.scene.questions.query import Query, Refusal

ROOM = SCENES['room']
RED, BLUE, YELLOW = 'the red object', 'the blue object', 'the yellow object'
UNSURE = scene(  # within 2 m: yes, cannot tell, no
    flat('red', (-0.4, 1.0), (0.2, 0.1, 0.3)),
    flat('blue', (0.1, 2.001), (0.4, 0.2, 0.2)),
    flat('green', (0.7, 2.5), (0.1, 0.3, 0.6)),
)


@pytest.mark.parametrize(
    ('question', 'value', 'opening'),
    [
        (f'Are both {RED} and {BLUE} on the floor?', 1.0, 'Yes, both. Yes: '),
        (f'Are both {RED} and {YELLOW} on the floor?', 0.0, 'No, not both. Yes: '),
        (f'Is either {YELLOW} or {RED} on the floor?', 1.0, 'Yes, at least one. No: '),
        (f'Is either of {YELLOW} and {RED} on the floor?', 1.0, 'Yes, at least one. '),
        (f'Is one of {YELLOW} and {RED} on the floor?', 1.0, 'Yes, at least one. '),
        (f'Is either {YELLOW} or {RED} wider than 30 cm?', 0.0, 'No, neither. No: '),
        (f'Is neither {YELLOW} nor {RED} wider than 30 cm?', 1.0, 'Yes, neither. No: '),
        (f'Is neither {YELLOW} nor {BLUE} wider than 30 cm?', 0.0, 'No, at least one. No: '),
        (f'Are {RED} and {BLUE} on the floor?', 1.0, 'Yes, both. '),
        (f'Are {RED} and {YELLOW} both red?', 0.0, 'No, not both. '),
        (f'Do {RED} and {BLUE} stand on the floor?', 1.0, 'Yes, both. '),
        (f'Are both {RED} and {BLUE} in front of the green object?', 1.0, 'Yes, both. '),
        (f'Are both {RED} and {BLUE} within 1.2 m?', 0.0, 'No, not both. '),
        (f'Is {RED} or {YELLOW} on the floor?', 1.0, 'Yes, at least one. Yes: '),
        (f'Is {YELLOW} or {RED} wider than 30 cm?', 0.0, 'No, neither. No: '),
    ],
)
def test_what_is_asked_of_two_is_answered_for_each_and_for_both(question, value, opening):
    found = ROOM.answer(question)
    assert (found.kind, found.value) == ('yes_no', value)
    assert found.text.startswith(opening)
    assert len(found.subjects) >= 2
    right, wrong = ('Yes.', 'No.') if value else ('No.', 'Yes.')
    assert ROOM.check(question, right).agreement is Agreement.AGREES
    assert ROOM.check(question, wrong).agreement is Agreement.CONTRADICTS


@pytest.mark.parametrize(
    ('how', 'pair', 'value'),
    [
        ('both {} and {}', ('red', 'blue'), None),
        ('both {} and {}', ('blue', 'green'), 0.0),
        ('either {} or {}', ('red', 'blue'), 1.0),
        ('either {} or {}', ('blue', 'green'), None),
        ('neither {} nor {}', ('blue', 'green'), None),
        ('neither {} nor {}', ('red', 'blue'), 0.0),
    ],
)
def test_one_inside_its_margin_leaves_both_open_only_where_it_decides(how, pair, value):
    asked = how.format(*(f'the {color} object' for color in pair))
    found = UNSURE.answer(f'Are {asked} within 2 m?')
    assert (found.kind, found.value) == ('yes_no', value)
    assert found.text.startswith('I cannot tell. ') == (value is None)


def test_where_one_of_two_cannot_be_meant_none_is_answered():
    found = ROOM.answer(f'Are both {RED} and the white object on the floor?')
    assert not found.answered and 'fits 2 objects' in found.text


@pytest.mark.parametrize(
    'question',
    [
        f'Is {RED} left of or behind {BLUE}?',
        f'Is {RED} taller or closer than {BLUE}?',
        f'Is {RED} taller than {BLUE} or closer?',
        f'Are the red and {BLUE} on the floor?',
        f'Are neither {RED} and {BLUE} on the floor?',
        f'Are both {RED} or {BLUE} on the floor?',
        f'Are both {RED} and {BLUE} and {YELLOW} on the floor?',
        f'Is there room between {RED} and {BLUE} on the floor?',
    ],
)
def test_what_is_no_pair_of_opposites_nor_the_same_of_two_is_not_read_as_such(question):
    assert isinstance(parse(question), Refusal)


@pytest.mark.parametrize(
    ('question', 'value', 'opening'),
    [
        (f'Is {RED} on the floor and left of {BLUE}?', 1.0, 'Yes, both. Yes: '),
        (f'Is {RED} left of {BLUE} and in front of the green object?', 1.0, 'Yes, both. Yes, '),
        (f'Is {RED} on the floor and is it behind {BLUE}?', None, 'Yes: '),
        (f'Is {RED} on the floor and behind {BLUE}?', 0.0, 'No, not both. Yes: '),
        (f'Is {YELLOW} on the floor or on {BLUE}?', 1.0, 'Yes, at least one. No: '),
        (f'Is {RED} behind {BLUE} or left of it?', 1.0, 'Yes, at least one. No, '),
        (f'Is {RED} red and on the floor?', 1.0, 'Yes, both. Yes: '),
        (f'Is {RED} on the floor and blue?', 0.0, 'No, not both. Yes: '),
        (f'Is {RED} within 2 m and taller than {BLUE}?', 1.0, 'Yes, both. Yes: '),
        (f'Is {RED} between {BLUE} and {YELLOW} and on the floor?', 0.0, 'No, not both. No: '),
    ],
)
def test_what_is_asked_twice_of_one_thing_is_answered_for_both(question, value, opening):
    found = ROOM.answer(question)
    assert found.answered and found.value == value
    assert found.text.startswith(opening)


@pytest.mark.parametrize(
    'question',
    [
        f'Is {RED} left of the object behind {BLUE} and on the floor?',
        f'Is {RED} left of the object behind {BLUE} or on the floor?',
        f'Is the object within 1.2 m left of {BLUE} or on the floor?',
        f'Is {RED} on the floor and {BLUE} left of it?',
        f'Is {RED} that is left of {BLUE} and on the floor red?',
        f'How far is {RED} and left of {BLUE}?',
        f'Is there a thing on the floor and left of {BLUE} that is red and what is it?',
    ],
)
def test_what_may_be_said_of_another_thing_is_not_asked_of_the_first(question):
    query = parse(question)
    assert isinstance(query, Refusal) or query.joined is None


@pytest.mark.parametrize(
    ('question', 'subjects'),
    [
        (
            'How many white objects are there and how far are they?',
            {'white object 1', 'white object 2'},
        ),
        (
            f'Is {RED} left of {BLUE} and how far apart are they?',
            {'red object 1', 'blue object 1'},
        ),
        (
            f'Which is taller, {RED} or {BLUE}, and how far apart are they?',
            {'red object 1', 'blue object 1'},
        ),
    ],
)
def test_they_are_what_the_first_question_is_about(question, subjects):
    """They were all things in view."""
    found = ROOM.answer(question)
    assert found.answered and set(found.subjects) == subjects


def test_what_is_true_of_two_together_is_not_asked_of_each():
    for question in (f'Are {RED} and {BLUE} touching?', f'Are {RED} and {BLUE} the same colour?'):
        query = parse(question)
        assert isinstance(query, Query) and query.then is None and query.joined is None


def test_a_query_is_joined_with_a_second_one_only():
    red = Phrase(text=RED, colors=('red',))
    with pytest.raises(QuestionError, match='it was given a, joined, kind'):
        Query(kind='exists', a=red, joined='both')
    none = Query(kind='exists', a=Phrase(text='a pink object', colors=('pink',)))
    either = Query(kind='exists', a=red, then=none, joined='either')
    assert answer(ROOM, either).value == 1.0
