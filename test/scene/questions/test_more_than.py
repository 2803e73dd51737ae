# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Things that are chosen by being more so than another one: taller than it, closer than it."""

from __future__ import annotations

from handmade import flat, scene, SCENES
import pytest

ROOM = SCENES['room']


def names(question):
    answer = ROOM.answer(question)
    assert answer.answered, answer.text
    return answer.subjects


@pytest.mark.parametrize(
    ('question', 'things'),
    [
        ('Which objects are closer than the blue object?', ['red']),
        ('Which objects are farther than the blue object?', ['yellow', 'green', 'white', 'white']),
        ('Which objects are wider than the white object 2?', ['blue']),
        ('Which objects are taller than the red object?', ['green']),
        ('Which objects are higher than the yellow object?', ['green']),
        ('Which white objects are farther than the green object?', ['white']),
        ('Which white objects are left of the green object?', ['white']),
    ],
)
def test_things_are_chosen_by_what_another_thing_measures(question, things):
    assert [name.split()[0] for name in names(question)] == things


@pytest.mark.parametrize(
    ('question', 'value'),
    [
        ('How many objects are closer than the green object?', 3),
        ('Are there any objects closer than the red object?', 0),
        ('Is there anything wider than the red object?', 1),
        ('Are there 2 objects closer than the yellow object?', 1),
        ('Are all objects taller than the yellow object?', 1),
        ('Are all objects farther than the blue object?', 0),
        ('How far is the object taller than the red object?', 2),
    ],
)
def test_they_are_counted_and_asked_about(question, value):
    assert ROOM.answer(question).value == value


def test_of_what_leaves_the_image_it_is_not_told_whether_it_is_smaller():
    """White object 1 is cut off: it may be taller than the green one."""
    answer = ROOM.answer('Are there any objects taller than the green object?')
    assert answer.value is None
    assert 'white object 1' in answer.text


def test_what_the_margin_leaves_open_is_said_to_be_open():
    facts = scene(
        flat('red', (-0.3, 1.2), (0.2, 0.1, 0.2)),
        flat('blue', (0.3, 1.204), (0.203, 0.103, 0.204)),
        flat('green', (0.9, 2.0), (0.1, 0.1, 0.4)),
    )
    answer = facts.answer('How many objects are taller than the red object?')
    assert answer.value == 1
    assert 'of the blue object it cannot be told' in answer.text


@pytest.mark.parametrize(
    'question',
    [
        'Which objects on the floor are taller than the red object?',
        'Which objects are closer to the red object than the green object?',
        'Which objects are twice as tall as the red object?',
        'How many objects are taller than the floor?',
    ],
)
def test_two_relations_at_once_are_not_half_read(question):
    assert not ROOM.answer(question).answered
