# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What generators of questions by others asked, and what was misread or refused of it."""

from __future__ import annotations

import math

from handmade import flat, scene, SCENES
import pytest

from ssr_ros.scene.questions.parsing import parse
from ssr_ros.scene.questions.query import Query, Refusal

ROOM = SCENES['room']


@pytest.mark.parametrize(
    ('question', 'value_m', 'said'),
    [
        ('What is the vertical distance between {} and you?', 0.35, 'below the height of'),
        ('How far is {} from you vertically?', 0.35, 'below the height of the camera'),
        ('What is the vertical distance to {}?', 0.35, 'below the height of the camera'),
        ('How far apart are {} and the camera horizontally?', math.hypot(0.4, 1.0), 'the ground'),
        ('How far is {} horizontally?', math.hypot(0.4, 1.0), 'away along the ground'),
        ('Estimate the horizontal distance to {}.', math.hypot(0.4, 1.0), 'along the ground'),
        ('What is the centre-to-centre distance from {} to me?', math.hypot(0.4, 1.0, 0.35), ''),
        ('How far is {} from me?', 1.0, '22° to the left'),
    ],
)
def test_a_distance_from_the_camera_is_the_one_that_is_asked_for(question, value_m, said):
    """Along the ground and in height it was told as the straight one to the nearest part."""
    found = ROOM.answer(question.format('the red object'))
    assert found.kind == 'number' and found.value == pytest.approx(value_m)
    assert said in found.text


def test_above_the_camera_is_said_of_what_hangs_there():
    lamp = scene(flat('yellow', (0.2, 1.5), (0.2, 0.2, 0.2), foot=0.3))
    found = lamp.answer('What is the vertical distance between the yellow object and me?')
    assert found.value == pytest.approx(0.4) and 'above the height of the camera' in found.text


@pytest.mark.parametrize('of', ['the floor', 'the white objects', 'them'])
def test_no_surface_and_no_several_things_have_such_a_distance(of):
    assert not ROOM.answer(f'What is the horizontal distance to {of}?').answered


def test_what_is_near_is_no_yes_in_a_question_of_two_parts():
    """A gap of 19 cm counted as yes, since it is not 0."""
    for question in (
        'Is the red object next to the blue object and in front of it?',
        'Are both the red object and the green object next to the blue object?',
    ):
        found = ROOM.answer(question)
        assert found.value is None and found.text.startswith('I cannot tell. ')
    found = ROOM.answer('Is the red object next to the blue object and behind it?')
    assert found.value == 0.0


@pytest.mark.parametrize(
    ('question', 'kind', 'what'),
    [
        ('Is the cup at the left side of the bowl?', 'related', 'left of'),
        ('Is the cup at the right of the bowl?', 'related', 'right of'),
        ('Is the cup in direct contact with the bowl?', 'related', 'touching'),
        ('What is at the left of the bowl?', 'list', ''),
    ],
)
def test_what_was_refused_is_read(question, kind, what):
    query = parse(question)
    assert isinstance(query, Query) and (query.kind, query.what) == (kind, what)


@pytest.mark.parametrize(
    'question',
    [
        'Locate any vacant space to the right of the bowl.',
        'Locate the blank region between the bowl and the cup in the image.',
        'How far is the free spot?',
        'Where is the unoccupied area behind the bowl?',
    ],
)
def test_a_free_space_is_no_thing_that_is_called_so(question):
    """'I found no "vacant space"' was said of it."""
    assert isinstance(parse(question), Refusal)
