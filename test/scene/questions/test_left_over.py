# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""No question is taken for another one: what is not understood whole is refused."""

from __future__ import annotations

from pathlib import Path

from handmade import SCENES
import pytest

from ssr_ros.scene.questions.parsing import parse
from ssr_ros.scene.questions.phrase_reading import read_phrase
from ssr_ros.scene.questions.query import Query, Refusal
from ssr_ros.scene.questions.wanted import tells, wanted

LEFT_OVER = (Path(__file__).parent / 'left_over.txt').read_text('utf-8').splitlines()


@pytest.mark.parametrize('question', LEFT_OVER)
def test_a_question_of_which_a_word_would_be_left_out_is_not_answered(question):
    """Each was once answered as another one: 'the red object twice' as the red object."""
    found = SCENES['room'].answer(question)
    assert not found.answered, found.text
    assert found.value is None


@pytest.mark.parametrize(
    ('phrase', 'unread'),
    [
        ('the red object twice', 'twice'),
        ('the height of the red object', 'of'),
        ('the blue object and in front', 'and'),
        ('the mug and the bottle', 'and'),
        ("the blue object's left", "object's"),
        ('the mug where i am', 'where'),
        ('the bottle with the red cap', 'with'),
        ('the points 60 and 90', '90'),
        ('the kettle the tallest', 'tallest'),
        ('point the kettle', 'kettle'),
        ('the kettle a', 'a'),
        ('the kettle. give its pixels', 'give'),
        ('the jar in the bottom drawer', 'in'),
        ('the thickest book', 'thickest'),
        ('the jar diagonally', 'diagonally'),
        ('the jar located', 'located'),
        ('the non-black jars', 'non'),
        ('the stairs up', 'up'),
        ('jars can fit on the shelf', 'fit'),
        ('the edge of the rug', 'of'),
        ('the measurement of the jar', 'of'),
        ('a large distance', 'distance'),
        ('the fridge along the wall', 'along'),
        ('chairs facing the table', 'facing'),
        ('another jar', 'another'),
        ('the vase surrounded by books', 'by'),
        ('the jar in terms of width', 'of'),
    ],
)
def test_what_is_no_part_of_a_name_is_left_over(phrase, unread):
    assert read_phrase(phrase).unread == unread


@pytest.mark.parametrize(
    ('phrase', 'noun'),
    [
        ('the can of soup', 'can of soup'),
        ('the red cup with handle', 'cup with handle'),
        ('salt and pepper shaker', 'salt and pepper shaker'),
        ('all of the mugs', 'mug'),
        ('two of the red mugs', 'mug'),
        ('the cylindrical object', 'cylindrical'),
        ("the children's book", "children's book"),
        ('the second nearest red one', ''),
        ('red object 2', ''),
        ('the non-stick pan', 'non stick pan'),
        ('the pick-up truck', 'pick up truck'),
        ('the forest poster', 'forest poster'),
        ('the jar in the image', 'jar'),
        ('the jars visible in this room', 'jar'),
        ('the kettle placed by the sink', 'kettle'),
        ('his jar', 'jar'),
    ],
)
def test_a_name_of_several_words_is_read_whole(phrase, noun):
    found = read_phrase(phrase)
    assert (found.unread, found.noun.replace("children'", "children's")) == ('', noun)


def test_a_part_of_a_table_is_not_the_table():
    assert read_phrase('the kitchen table').kind == 'plane'
    assert read_phrase('the leg of the table').kind == 'object'


def test_a_refusal_says_which_word_was_left_over_and_what_it_was_nearly_read_as():
    refusal = parse('Is the red object almost as far as the blue object?')
    assert isinstance(refusal, Refusal)
    assert '"almost" is left over' in refusal.reason
    assert refusal.kind == 'as much'
    assert parse('What is a mug used for?').kind is None


WANTED = {
    'How many cylinders are there?': 'a number of things',
    'Count the mugs': 'a number of things',
    'How many cm is it to the mug?': 'a length',
    'How many degrees must I turn?': None,
    'How far is the mug?': 'a length',
    'What is the width of the mug?': 'a length',
    'What colour is the mug?': 'a colour',
    'Is the mug full?': 'yes or no',
    'Can you see a mug?': 'yes or no',
    'Could you measure the mug?': None,
    'Is the mug left or right of the box?': 'one of two',
    'What is this used for?': 'words',
    'Who is in the room?': 'words',
    'What number is on the door?': None,
    'Mug?': None,
}


@pytest.mark.parametrize('question', WANTED)
def test_the_first_words_of_a_question_say_what_would_be_an_answer(question):
    assert wanted(question) == WANTED[question]


@pytest.mark.parametrize(
    ('answer', 'are', 'are_not'),
    [
        (
            'a number of things',
            ['3', 'Three.', 'There are 2 mugs.', 'None', 'No cylinders.'],
            ['1.30 m.', '61 cm.', 'The red box.', 'Purple.', ''],
        ),
        ('a length', ['1.30 m.', 'About 61 cm away'], ['3', 'Yes.', 'The red box.']),
        ('a colour', ['Purple.', 'It is red.'], ['1.30 m.', 'Yes.', 'The box.']),
        ('yes or no', ['Yes.', 'No, it is empty.'], ['28 cm.', '2', 'The red box.']),
        ('one of two', ['Yes.', 'Left.', 'The red box.'], ['28 cm.', '2']),
        ('words', ['For drinking.', 'The red box.'], ['2.00 m.', '2.', 'Yes.']),
        (None, ['2.00 m.', 'Yes.', '7'], ['']),
    ],
)
def test_a_text_of_another_sort_is_no_answer(answer, are, are_not):
    assert [text for text in are if not tells(answer, text)] == []
    assert [text for text in are_not if tells(answer, text)] == []


def test_a_number_of_things_is_compared_and_not_taken_for_any():
    room = SCENES['room']
    assert room.answer('Are there two red objects?').value == 0.0
    assert room.answer('Are there 6 objects?').value == 1.0
    assert isinstance(parse('Are there two of the mugs?'), Query)


def test_who_leaves_a_thing_out_does_not_speak_of_the_other_one():
    """'Apart from the yellow one' was said of the blue one: the yellow one was the answer."""
    question = 'What is closest to the blue object apart from the yellow object?'
    assert SCENES['room'].answer('What is closest to the blue object?').choice == 'yellow object 1'
    assert SCENES['room'].answer(question).choice == 'red object 1'
    assert SCENES['room'].answer('How many object(s) are in this room?').value == 6


@pytest.mark.parametrize(
    ('question', 'instead'),
    [
        ('How heavy is the jar?', 'nothing that is seen tells a weight'),
        ('How fast is the cart moving?', 'one frame shows no motion'),
        ('Is the chair facing the door?', 'which way a thing is turned is not measured'),
        ('Is the spoon in the jar?', 'whether a thing is inside another one is not measured'),
        ('Does the jar contain the spoon?', 'whether a thing is inside another one'),
        ('Does the jar hide the spoon?', 'ask what is in front of it'),
        ('What is the radius of the plate?', 'half of its diameter'),
        ('How large is this room?', 'ask how far the wall is'),
        ('What are the 3D coordinates of the jar?', 'ask where it is'),
        ('How far is the jar from the edge of the shelf?', 'I measure whole things'),
        ('What is the angle between the jar and the spoon?', 'no angles are measured'),
        ('What is the difference in width of the jars?', 'how much taller'),
        ('Are there more jars than other objects?', 'are there more mugs than boxes'),
        ('How many objects are the same colour?', 'I compare the colours of two things'),
        ('Will the jar fit on the shelf?', 'Is there room on the table for a 20 cm box?'),
        ('What is the combined width of the jars?', 'nothing is added up'),
        ('Should I turn up or down to see the jar?', 'higher or lower'),
        ('Is the spoon within the jar?', 'whether a thing is inside another one'),
        ('Is the jar open?', 'what state a thing is in is not measured'),
        ('What shape is the jar?', 'not what it is made of'),
    ],
)
def test_what_is_not_measured_is_refused_with_what_can_be_asked(question, instead):
    refusal = parse(question)
    assert isinstance(refusal, Refusal)
    assert instead.lower() in refusal.reason.lower()


def test_the_most_so_of_some_things_is_chosen_among_these():
    """'Is A the tallest object on B?' was answered by whether A is on B."""
    room = SCENES['whole']
    assert room.answer('Is the blue object the widest?').value == 1
    assert room.answer('Is the red object the widest?').value == 0
    assert room.answer('Is the red object the tallest?').value == 0
    assert room.answer('Is the red object the tallest object left of the green object?').value == 1
    assert room.answer('Is the blue object the tallest thing left of the green object?').value == 0
    assert room.answer('Is the blue object the widest thing left of the green object?').value == 1
    assert not room.answer('Is the red object the tallest of the three?').answered
