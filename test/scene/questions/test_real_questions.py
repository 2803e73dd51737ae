# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Questions as people ask them of a robot: each was once misread, or refused though measurable."""

from __future__ import annotations

from handmade import SCENES
import pytest

ROOM = SCENES['room']


@pytest.mark.parametrize(
    ('question', 'thing'),
    [
        ('Which object is the second closest to me?', 'blue object 1'),
        ('Which is the second nearest thing to the camera?', 'blue object 1'),
        ('What is the third closest object to you?', 'yellow object 1'),
        ('Which object is the second closest to the red object?', 'yellow object 1'),
        ('What is the second nearest thing to the red object?', 'yellow object 1'),
        ('Which object is the second farthest from the red object?', 'white object 1'),
        ('Which white object is the second closest to me?', 'white object 2'),
    ],
)
def test_a_rank_counts_from_whatever_things_are_near_to(question, thing):
    """'The second closest to me' was the closest."""
    assert ROOM.answer(question).choice == thing


def test_a_rank_that_the_margin_leaves_open_is_not_told():
    answer = ROOM.answer('Which object is the fourth closest to me?')  # two are 2 m away
    assert not answer.answered and 'differ by less than the margin' in answer.text


def test_what_is_nearest_to_a_thing_is_measured_from_that_thing():
    """Not the gap to what is nearest to the camera, which is the red object itself."""
    answer = ROOM.answer('How far is the closest object to the blue object?')
    assert answer.subjects[:2] == ('yellow object 1', 'blue object 1')
    second = ROOM.answer('How far is the second closest object to the red object?')
    assert second.subjects[:2] == ('yellow object 1', 'red object 1')
    assert second.value == pytest.approx(ROOM.answer('How far is red from yellow?').value)


@pytest.mark.parametrize(
    'question',
    [
        'Is the red object nearer than 1.5 m and the blue object farther than 2 m?',
        'Is the red object within 1.2 m and the blue one within 2 m?',
        'Is the red object wider than 10 cm and the blue one wider than 30 cm?',
        'Is the red object within 80 cm to 1.2 m?',
    ],
)
def test_no_length_of_a_question_is_left_out(question):
    """The first was answered by the gap of the two things and one of the lengths."""
    assert not ROOM.answer(question).answered


@pytest.mark.parametrize(
    'question',
    [
        'Can you grasp the red object with a gripper that opens 8 cm?',
        'Can you pick up the red object with an 8 cm wide gripper?',
        'Can the robot grab the red object if its hand opens 30 cm?',
    ],
)
def test_how_wide_a_gripper_opens_is_not_how_far_it_reaches(question):
    assert not ROOM.answer(question).answered
    assert ROOM.answer('Can you grasp the red object with an arm of 1.2 m?').value == 1
