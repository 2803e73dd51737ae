# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Questions in others' words, each of which was once answered as another question than it is."""

from __future__ import annotations

from handmade import flat, scene, SCENES
import pytest

from ssr_ros.scene import Grounded
from ssr_ros.scene.questions.parsing import parse
from ssr_ros.scene.questions.phrase_reading import read_phrase
from ssr_ros.scene.questions.query import names_in, Query, Refusal

ROOM, FURNISHED = SCENES['room'], SCENES['furnished']


@pytest.mark.parametrize(
    ('phrase', 'unread'),
    [
        ('my left', 'left'),
        ('the top', 'top'),
        ('the stove top', 'top'),
        ('the left top pillow', 'top'),
        ('the other mug', 'other'),
        ('the second mug', 'second'),
        ('the first mug', 'first'),
        ('me on the couch', 'on the couch'),
        ('a table behind me', 'behind me'),
        ('tables to my left', 'to my left'),
        ('the nearest chair at the table', 'at'),
    ],
)
def test_what_was_dropped_is_left_over(phrase, unread):
    assert read_phrase(phrase).unread == unread


@pytest.mark.parametrize(
    ('phrase', 'noun', 'pick'),
    [
        ('the front door', 'front door', None),
        ('the rear wheels', 'rear wheel', None),
        ('the front left wheel', 'front left wheel', None),
        ('the left shoe', 'left shoe', None),
        ('the left mug', 'mug', 'left'),
        ('the front mug', 'mug', 'nearest'),
        ('the traffic light', 'traffic light', None),
        ('the light', 'light', None),
        ('the light brown mug', 'mug', None),
        ('the bulletin board', 'bulletin board', None),
    ],
)
def test_words_that_are_part_of_a_name_choose_nothing(phrase, noun, pick):
    """The front door was the nearest door, and a traffic light a traffic."""
    found = read_phrase(phrase)
    assert (found.kind, found.noun, found.pick, found.unread) == ('object', noun, pick, '')


@pytest.mark.parametrize(
    ('phrase', 'names', 'noun', 'pick'),
    [
        ('the top shelf', ('shelf',), 'shelf', 'topmost'),
        ('the top shelf', ('shelf', 'top shelf'), 'top shelf', None),
        ('the top orange', ('orange', 'mug'), 'orange', 'topmost'),
        ('the front chair', ('front chair', 'chair'), 'front chair', None),
        ('the front chair', ('chair',), 'chair', 'nearest'),
    ],
)
def test_a_place_before_a_known_name_picks_unless_it_is_part_of_it(phrase, names, noun, pick):
    query = parse(f'How far is {phrase}?', names)
    assert isinstance(query, Query) and query.a is not None
    assert (query.a.kind, query.a.noun, query.a.pick) == ('object', noun, pick)


def test_whoever_points_is_asked_for_the_whole_name():
    query = parse('Is the front door closer than the left mug?')
    assert isinstance(query, Query)
    assert names_in(query) == ('front door', 'mug')


@pytest.mark.parametrize(
    ('question', 'value'),
    [
        ('Is the red object on the left?', 1),
        ('Are the blue objects on my left?', 0),
        ('Are there more than 1 tables?', 0),
        ('Are there more than 2 walls?', 0),
        ('Are there 2 walls?', 1),
    ],
)
def test_sides_and_surfaces_are_no_things(question, value):
    """'On my left' was on the leftmost thing, and tables were counted as things are."""
    facts = ROOM if 'object' in question else FURNISHED
    assert facts.answer(question).value == value


@pytest.mark.parametrize(
    'question',
    [
        'Is there a table behind me?',
        'How many tables are behind me?',
        'What is on the wall to my left?',
        'How many other red objects are there?',
        'Where is the second red object?',
        'What is there to put food in?',
        'Where do I turn to leave the room?',
        'What red object can I place my right hand on?',
        'What does the camera cost?',
        'Give me a description of the red mug',
        'How many chairs are at the table?',
        'How many book shelves are behind me?',
        'How far is the far wall?',
        'What is on the far wall?',
        'Is the yellow object on the table on the left?',
    ],
)
def test_no_other_question_is_answered_in_its_place(question):
    for facts in (ROOM, FURNISHED):
        assert not facts.answer(question).answered


SAME = [
    (
        'What is bigger between the red object and the blue object?',
        'Which is bigger, red or blue?',
    ),
    (
        'Which one is closer to me between the red object and the blue object?',
        'Which is closer, the red object or the blue object?',
    ),
    ('What is in front of me on the floor?', 'What is on the floor?'),
    ('What is the closest object to me on the floor?', 'What is the closest object on the floor?'),
    ('What is there to the left of the green object?', 'What is to the left of the green object?'),
    ('What is directly on the left?', 'What is on the left?'),
    ('The red object is to the left of what?', 'What is to the right of the red object?'),
    ('To the right of the red object is what?', 'What is to the right of the red object?'),
    ('In front of what is the green object?', 'What is behind the green object?'),
    ('The yellow object is on top of what?', 'What is the yellow object standing on?'),
    ('The red object is next to what?', 'What is next to the red object?'),
    ('What is the red object to the left of?', 'What is to the right of the red object?'),
    ('What is the red object left of?', 'What is to the right of the red object?'),
    ('Left of what is the red object?', 'What is to the right of the red object?'),
    (
        'Is the red object farther away from me than the blue object or closer?',
        'Which is farther, the red object or the blue object?',
    ),
    ('What is the green object located behind?', 'What is in front of the green object?'),
    ('What is the red object next to?', 'What is next to the red object?'),
    ('How far is the object that is on my left?', 'How far is the object on the left?'),
    ('What is to my immediate left?', 'What is to my left?'),
    ('On what side of the room is the red object?', 'Is the red object on the left or right?'),
    ('The red object is what color?', 'What color is the red object?'),
    ('What color object is on the blue object?', 'What color is the object on the blue object?'),
    ('There is a red object; what is its height?', 'What is the height of the red object?'),
    (
        'On which side of the blue object is the red object located?',
        'Where is the red object relative to the blue object?',
    ),
    (
        'How wide is the object nearest the blue object?',
        'How wide is the object nearest to the blue object?',
    ),
    (
        'What is the difference in height between the red object and the blue object?',
        'How much taller is the red object than the blue object?',
    ),
    (
        'What is the width difference of the red object and the blue object, in inches?',
        'How much wider is the red object than the blue object, in inches?',
    ),
    (
        'Is the height of the red object the same as the blue object?',
        'Is the red object as tall as the blue object?',
    ),
    (
        'Is the colour of the red object the same as that of the blue object?',
        'Is the red object the same colour as the blue object?',
    ),
]


@pytest.mark.parametrize(('question', 'plainly'), SAME)
def test_what_is_asked_the_other_way_round_is_answered_as_what_it_means(question, plainly):
    answer, same = ROOM.answer(question), ROOM.answer(plainly)
    assert same.answered
    assert (answer.text, answer.value) == (same.text, same.value)


def test_a_door_is_asked_back_about_where_nobody_knows_which_is_the_front_one():
    named = ROOM.named([Grounded('door', ROOM.objects[0].box_px)])
    assert named.answer('How far is the door?').answered
    answer = named.answer('How far is the front door?')
    assert not answer.answered and 'did you mean "door"' in answer.text


def test_a_place_after_a_relation_is_no_side_that_is_asked_for():
    query = parse('Is the cup on the chair on the left?')
    assert isinstance(query, Query) and query.b is not None
    assert (query.kind, query.b.region) == ('related', 'left')


def test_a_place_is_said_of_what_it_follows():
    """What lies on a bed to the left may lie in the right half of the image."""
    facts = scene(
        flat('blue', (-0.05, 1.5), (0.4, 0.2, 0.2)),
        flat('yellow', (0.1, 1.6), (0.1, 0.08, 0.1), foot=-0.3),
    )
    assert facts.answer('What is on the blue object on the left?').choice == 'yellow object 1'
    assert facts.answer('What is on the floor on the left?').choice == 'blue object 1'
    assert isinstance(parse('What is on the table on the left?'), Refusal)


@pytest.mark.parametrize(
    ('question', 'value'),
    [
        ('Are there more white objects than red objects?', 1),
        ('Are there more red than white objects?', 0),
        ('Are there fewer red objects than white objects?', 1),
        ('Are there as many red objects as blue objects?', 1),
        ('Are there the same number of red objects and white objects?', 0),
        ('Is the number of white objects greater than the number of red objects?', 1),
        ('Is the number of white objects less than that of red objects?', 0),
        ('Is the number of blue objects the same as the number of red objects?', 1),
        ('Are there more objects on the floor than on the blue object?', 1),
        ('Are there more objects on the left than on the right?', 0),
        ('Are there more objects within 2 m than red objects?', 1),
        ('Are there more objects within 1.5 m than red objects?', None),
        ('Are there fewer objects within 1.5 m than white objects?', None),
        ('How many more white objects are there than red objects?', 1),
        ('How many fewer red objects than white objects are there?', 1),
        ('How many more red objects than white objects are there?', 0),
    ],
)
def test_two_sorts_are_counted_and_the_margin_decides(question, value):
    """The number of A was greater than that of B where one A was bigger than one B."""
    answer = ROOM.answer(question)
    assert answer.answered and answer.value == value


def test_it_is_asked_back_of_which_things_a_place_is_said_where_that_matters():
    one = ROOM.answer('Are there more white objects than red objects on the floor?')
    assert one.value == 1  # all white ones are there
    other = ROOM.answer('Are there as many objects as white objects on the left?')
    assert other.value == 0
    back = ROOM.answer('Are there more yellow objects than green objects on the floor?')
    assert back.value == 0
    asked = ROOM.answer('Are there as many yellow objects as green objects on the floor?')
    assert not asked.answered and 'please say it of both' in asked.text


@pytest.mark.parametrize(
    ('question', 'choice'),
    [
        ('What colour are the white objects?', 'white'),
        ('What colour are the objects on the left?', ''),
        ('What colour are most of the objects on the floor?', ''),
        ('What color are most of the white objects?', 'white'),
    ],
)
def test_the_colours_of_several_are_told_and_most_is_more_than_half(question, choice):
    answer = ROOM.answer(question)
    assert answer.answered and answer.choice == choice


@pytest.mark.parametrize(
    ('question', 'value'),
    [
        ('Is the red object the same colour as the blue object?', 0),
        ('Do the red object and the green object have the same color?', 0),
        ('Are the two white objects the same colour?', 1),
        ('Are all the white objects the same colour?', 1),
        ('Are all the objects on the floor the same colour?', 0),
        ('Is the yellow object the same colour as white object 2?', None),
    ],
)
def test_colours_are_compared_and_near_ones_are_not_told_apart(question, value):
    answer = ROOM.answer(question)
    assert answer.answered and answer.value == value


def test_things_that_have_a_colour_in_part_may_be_alike():
    facts = scene(
        flat('red', (-0.4, 1.0), (0.2, 0.1, 0.3), color_share=0.4),
        flat('red', (0.4, 1.0), (0.2, 0.1, 0.3), number=2),
    )
    assert facts.answer('Are the two objects the same colour?').value is None


@pytest.mark.parametrize(
    ('question', 'choice'),
    [
        ('Which is the second closest: the red, the blue or the green object?', 'blue object 1'),
        (
            'What is the second closest of the green object, the red object and the blue object?',
            'blue object 1',
        ),
        (
            'Which of the red object, the blue object and the green object is the third tallest?',
            'blue object 1',
        ),
        (
            'Which is the second closest to the yellow object of the red object, the blue object '
            'and the green object?',
            'green object 1',
        ),
    ],
)
def test_the_second_of_several_is_told(question, choice):
    assert ROOM.answer(question).choice == choice


def test_a_rank_among_several_is_not_told_inside_the_margin_nor_beyond_their_number():
    asked = 'Which is the {} closest: the yellow object, the green object or white object 1?'
    assert ROOM.answer(asked.format('third')).choice == ''
    assert ROOM.answer(asked.format('second')).choice == ''
    assert not ROOM.answer(asked.format('fourth')).answered


@pytest.mark.parametrize(
    ('question', 'things'),
    [
        ('Which objects are not taller than the red object?', 'blue yellow white'),
        ('Which objects are not wider than the blue object?', 'red yellow green white'),
        ('Which objects are not beside the red object?', 'blue yellow green white white'),
    ],
)
def test_who_asks_what_is_not_more_so_than_a_thing_does_not_ask_about_that_thing(question, things):
    subjects = ROOM.answer(question).subjects
    assert [name.split()[0] for name in subjects] == things.split()
