# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What generators of questions by others asked, and what was misread or refused of it."""

from __future__ import annotations

from dataclasses import replace
import math
import re

from handmade import flat, scene, SCENES
import pytest

from ssr_ros.scene.questions import space
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
        'Where can I put the cup that is left of the bowl?',
        'Is there room in front of me for a cup?',
        'Locate the blank region between the bowl and the cup in the image.',
        'How far is the free spot?',
    ],
)
def test_a_free_space_is_no_thing_that_is_called_so(question):
    """'I found no "vacant space"' was said of it."""
    assert isinstance(parse(question), Refusal)


@pytest.mark.parametrize(
    ('side', 'of', 'axis', 'sign'),
    [
        ('left of', 'blue', 0, -1),
        ('right of', 'red', 0, 1),
        ('in front of', 'green', 1, -1),
        ('behind', 'red', 1, 1),
    ],
)
def test_a_free_place_on_one_side_of_a_thing_lies_there_wholly(side, of, axis, sign):
    thing = next(thing for thing in ROOM.objects if thing.color == of)
    place = space.vacant_place(ROOM, space.floor(ROOM), side, thing)
    edge = (thing.low_m if sign < 0 else thing.high_m)[axis]
    beyond = sign * ((ROOM.gravity.axes @ place.center_m)[axis] - edge)
    assert beyond > place.diameter.value / 2 - 0.02
    anywhere = space.vacant_place(ROOM, space.floor(ROOM))
    assert place.diameter.value <= anywhere.diameter.value


@pytest.mark.parametrize(
    ('question', 'value', 'said'),
    [
        ('Where is free space to the left of {}?', None, 'floor to the left of the blue object'),
        ('Where is the unoccupied area behind {}?', None, 'floor behind the blue object'),
        ('Where can I put a cup to the right of {}?', None, 'floor to the right of the blue'),
        ('Can I put a cup behind {}?', 1.0, 'on the floor behind the blue object'),
        (
            'Is there room in front of {} for a 20 cm box?',
            1.0,
            'on the floor in front of the blue',
        ),
        ('Is there room on the floor in front of {} for a 2 m box?', 0.0, 'in front of the blue'),
        (
            'Is there any free space on the floor to the left of {}?',
            None,
            'to the left of the blue',
        ),
    ],
)
def test_where_there_is_room_beside_a_thing_is_told(question, value, said):
    found = ROOM.answer(question.format('the blue object'))
    assert found.answered and said in found.text
    assert 'blue object 1' in found.subjects
    assert found.kind == ('number' if value is None else 'yes_no')
    assert value is None or found.value == value


def test_of_two_that_may_be_meant_neither_has_room_beside_it():
    assert 'fits 2 objects' in ROOM.answer('Is there room behind the white object?').text


@pytest.mark.parametrize(
    ('question', 'value'),
    [
        ('Is the object on the left red?', 1.0),
        ('Is the object on the far right white?', 1.0),
        ('Is the blue object on the left side red?', None),
        ('Does the blue object look blue?', 1.0),
        ('Does the red object seem to be green?', 0.0),
    ],
)
def test_the_colour_of_what_is_on_one_side_is_asked_for(question, value):
    """'Is the cup on the left white' asked whether it stands on some white thing."""
    whole = replace(ROOM, objects=tuple(t for t in ROOM.objects if not t.touches_edge))
    query, found = parse(question), whole.answer(question)
    assert isinstance(query, Query) and query.kind == 'is colored'
    assert found.value == value


@pytest.mark.parametrize(
    ('question', 'thing'),
    [
        ('Which object is closest to the wall?', 'white object 2'),
        ('Which object is farthest from the wall?', 'red object 1'),
        ('What is the second closest white object to the wall?', 'white object 1'),
    ],
)
def test_the_nearest_to_a_surface_is_told(question, thing):
    assert ROOM.answer(question).choice == thing


def test_what_stands_on_the_floor_is_all_as_near_to_it():
    assert not ROOM.answer('Which object is closest to the floor?').answered


@pytest.mark.parametrize(
    ('question', 'value'),
    [
        ('Is the red object more than 20 cm left of the blue object?', 1.0),
        ('Is the red object more than 60 cm left of the blue object?', 0.0),
        ('Is the red object at least 20 cm to the right of the blue object?', 0.0),
        ('Is the blue object at least 40 cm behind the red object?', 1.0),
        ('Is the blue object more than 50 cm behind the red object?', None),
        ('Is the object within 1.2 m left of the blue object?', 1.0),
    ],
)
def test_by_how_much_one_lies_left_of_another_is_held_against_a_length(question, value):
    """The length was that of the first thing from the camera."""
    found = ROOM.answer(question)
    assert found.answered and found.value == value


@pytest.mark.parametrize(
    'question',
    [
        'Is the red object less than 20 cm left of the blue object?',
        'Is the red object more than 20 cm above the floor?',
        'Is the red object about 50 cm left of the blue object?',
        'Is there nothing behind the red object?',
        'How many others are there?',
        'Is the red object much taller than the blue object?',
        'Is the red object almost as tall as the blue object?',
    ],
)
def test_what_is_not_measured_so_is_not_answered_otherwise(question):
    assert isinstance(parse(question), Refusal)


@pytest.mark.parametrize(
    ('question', 'said'),
    [
        ('How far left of the blue object is the red object?', 'to the left of the blue'),
        ('How far to the right of the red object is the blue object?', 'to the right of the red'),
        ('By how much is the red object in front of the blue object?', 'in front of the blue'),
        ('How far behind the red object is the blue object?', 'behind the red object, by 50'),
        ('How much is the red object left of the blue object?', 'to the left of the blue object'),
    ],
)
def test_how_far_one_lies_on_one_side_of_another_is_told(question, said):
    found = ROOM.answer(question)
    assert found.answered and said in found.text


@pytest.mark.parametrize('box', ['(10, 20, 10, 40)', '(10, 40, 30, 40)', '(30, 20, 10, 40)'])
def test_a_box_without_any_pixel_is_not_inside_the_image(box):
    found = ROOM.answer(f'How far is the box {box}?')
    assert not found.answered and 'is not inside the ' in found.text
    assert 'is not inside the ' not in ROOM.answer('How far is the box (10, 20, 11, 21)?').text


@pytest.mark.parametrize('size', ['wider', 'taller', 'bigger'])
def test_surfaces_are_nearer_than_things_and_not_larger(size):
    """What is seen of one ends at the image's edge."""
    assert isinstance(parse(f'Is the floor {size} than the red object?'), Refusal)
    assert isinstance(parse(f'Is the red object {size} than the floor?'), Refusal)
    assert parse('Is the wall closer than the red object?').kind == 'is more'


def test_one_of_a_rank_that_is_to_be_listed_is_found():
    assert parse('List the tallest thing.').kind == 'find'


def test_how_far_one_is_that_lies_on_one_side_is_how_far_it_is_from_the_camera():
    query = parse('How far is the mug left of the box?')
    assert query.kind == 'distance' and query.a.relation == 'left of'
    assert parse('How much is the mug left of the box?').kind == 'which side of'


@pytest.mark.parametrize(
    ('question', 'told'),
    [
        ('What are the two tallest objects?', 'of what is seen, the green object (2.00 m, 19'),
        ('Which two objects are the widest?', 'of what is seen, the blue object (1.50 m, 4'),
    ],
)
def test_of_two_that_may_not_be_the_largest_it_is_told_what_they_are_as_far_as_seen(
    question, told
):
    found = ROOM.answer(question)
    assert not found.answered and told in found.text
    assert re.search(r'\) and .* are (?:tallest|widest)\.$', found.text)
