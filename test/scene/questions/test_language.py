# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What people say: two questions in one, 'it', units first, other languages."""

from __future__ import annotations

from dataclasses import replace

from handmade import alike, flat, FLOOR, scene, SCENES
import numpy as np
import pytest

from ssr_ros.rgbd import RgbdFrame
from ssr_ros.scene.questions.parsing import parse
from ssr_ros.scene.questions.query import Refusal

PAIRS = {
    'How far is the red object and how wide is it?': (
        'How far is the red object?',
        'How wide is the red object?',
    ),
    'How far is the red object? How far is the blue object?': (
        'How far is the red object?',
        'How far is the blue object?',
    ),
    'How far is the red object in feet, and how wide is the blue object in inches?': (
        'How far is the red object in feet?',
        'How wide is the blue object in inches?',
    ),
    'What is the nearest object and where is it?': (
        'What is the nearest object?',
        'Where is the nearest object?',
    ),
    'Is there a yellow object, and how far is it?': (
        'Is there a yellow object?',
        'How far is the yellow object?',
    ),
    'Where is the red object: is it on the floor?': (
        'Where is the red object?',
        'Is the red object on the floor?',
    ),
    'How far is the wall and how far is it to the floor?': (
        'How far is the wall?',
        'How far is it to the floor?',
    ),
}


@pytest.mark.parametrize('question', PAIRS)
def test_two_questions_are_both_answered(question):
    room = SCENES['room']
    one, other = (room.answer(each) for each in PAIRS[question])
    both = room.answer(question)
    assert both.answered and both.text == f'{one.text} {other.text}'
    assert set(both.evidence) == {*one.evidence, *other.evidence}
    assert both.subjects == tuple(dict.fromkeys(one.subjects + other.subjects))


@pytest.mark.parametrize(
    'question',
    [
        'How far is the red object and is it raining?',
        'How far is the red object, how wide is it and how tall is it?',
        'How far is the red object and how wide is the mug?',
        'How far is the mug? How wide is the red object?',
    ],
)
def test_two_questions_are_both_refused_where_one_is(question):
    answer = SCENES['room'].answer(question)
    assert not answer.answered
    assert 'away' not in answer.text and 'wide' not in answer.text.replace('wide is', '')


SAME = """
How far is the red object?
The red object: how far is it?
I see a red object. How far is it?

Is the red object left of the blue one?
Look at the red object, is it left of the blue one?

Can I drive between the red object and the blue object? I am 45 cm wide.
I am 45 cm wide. Can I drive between the red object and the blue object?

Which is taller, the red object or the blue object?
Which is taller, the red object or the blue object? And by how much?
Which is taller, the red object or the blue object, by how much?

How wide is the red object in inches?
How many inches wide is the red object?

How far is the red object in feet?
How many feet to the red object?
How many feet is it to the red object?

How far is the red object from the wall in cm?
How many cm is the red object from the wall?

How much taller is the red object than the blue object in cm?
How many cm taller is the red object than the blue object?

How far is the blue object?
How far is the blue object at the front?

Where is the farthest object?
Where is the object at the back?
"""


@pytest.mark.parametrize('group', SAME.strip().split('\n\n'))
def test_other_words_for_the_same(group):
    room = SCENES['room']
    first, *others = (room.answer(question) for question in group.split('\n'))
    assert [answer.text for answer in others] == [first.text] * len(others)
    assert first.answered


def test_which_one_is_bigger_says_which():
    facts = scene(
        flat('red', (-0.4, 1.0), (0.2, 0.1, 0.3)), flat('blue', (0.1, 1.5), (0.4, 0.2, 0.5))
    )
    answer = facts.answer('Which one is bigger?')
    assert answer.choice == 'blue object 1'
    assert answer.text.startswith('The biggest one is the blue object. ')
    assert not alike().answer('Which one is bigger?').answered


@pytest.mark.parametrize(
    'question',
    [
        'Wie weit ist die Tür?',
        'Wie weit is the red object?',
        'Où est the red object?',
        'Dónde está the red object?',
        '最近的 object?',
        'Where is the красный object?',
        'Quanto dista the red object?',
        'Hoe ver is the red object?',
    ],
)
def test_other_languages_are_refused_not_half_read(question):
    assert parse(question) == Refusal('I read questions in English only')


def without_depth(facts, rows):
    depth = facts.frame.depth_m.copy()
    depth[rows] = np.nan
    return replace(facts, frame=RgbdFrame(facts.frame.rgb, depth, facts.frame.intrinsics))


def test_an_empty_surface_is_empty_as_far_as_it_has_depth():
    bare = scene()
    assert bare.answer('Is the floor empty?').value == 1
    assert bare.answer('Is the ground clear?').text == (
        'Yes: I see nothing on the floor, as far as it is in view.'
    )
    blind = without_depth(bare, np.s_[120:140])
    assert blind.answer('Is the floor free?').value is None
    assert 'not all of it has depth' in blind.answer('Is the floor free?').text
    assert not without_depth(bare, np.s_[:]).answer('How far is the red object?').answered
    assert FLOOR.box_px[1] == 92
    assert without_depth(bare, np.s_[20:40]).answer('Is the floor vacant?').value == 1


def test_a_surface_with_something_on_it_is_not_empty():
    answer = SCENES['furnished'].answer('Is the table empty?')
    assert (answer.value, answer.subjects) == (0, ('table', 'red object 1'))
    assert answer.text == 'No: on the table is the red object (1.40 m, 8° to the right).'
    assert 'There are several' not in SCENES['furnished'].answer('Is the desk unoccupied?').text
