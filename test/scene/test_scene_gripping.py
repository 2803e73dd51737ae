# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Whether a thing fits into a gripper: what is seen from side to side, hidden, or only in part."""

from __future__ import annotations

import numpy as np
import pytest
from rendered import Ball, Box, render

from ssr_ros.scene import measure
from ssr_ros.scene.geometry.calipers import narrowest_m
from ssr_ros.scene.geometry.cut_off import hidden_beside
from ssr_ros.scene.geometry.gravity import Gravity
from ssr_ros.scene.questions.parsing import parse
from ssr_ros.scene.questions.query import Query, Refusal

LEVEL = Gravity(np.array([0.0, 1.0, 0.0]), 'given')


@pytest.mark.parametrize(
    'question',
    [
        'Does the red object fit in an 8 cm gripper?',
        'Does the red object fit into a gripper that opens 8 cm?',
        'Will the red object fit between 80 mm wide fingers?',
        'Can a gripper that opens up to 8 cm grasp the red object?',
        'Can I grasp the red object with an 8 cm gripper?',
        'Could my robot pick up the red object with a gripper of 8 cm?',
        'Could the robot hold the red object with a gripper with a stroke of 8 cm?',
        'Is the red object narrow enough for an 8 cm parallel gripper?',
    ],
)
def test_a_gripper_is_asked_about_in_many_ways(question):
    query = parse(question)
    assert isinstance(query, Query), query
    assert (query.kind, query.bound_m, query.a.colors) == ('grip', 0.08, ('red',))


@pytest.mark.parametrize(
    ('question', 'kind'),
    [
        ('Can I reach the red object with my 80 cm arm?', 'reach'),
        ('Does an 8 cm gripper fit between the red object and the blue object?', 'passage'),
        ('Can I grasp the red object?', 'reach'),
    ],
)
def test_a_length_that_is_no_opening_for_it_is_none(question, kind):
    query = parse(question)
    assert isinstance(query, Query), query
    assert query.kind == kind


@pytest.mark.parametrize(
    'question',
    [
        'Does an object fit in an 8 cm gripper?',
        'Does the red object fit in a gripper?',
        'Does the table fit in an 8 cm gripper?',
        'Does the red object fit in an 8 cm gripper of 3 kg?',
    ],
)
def test_what_is_not_about_one_thing_and_one_opening_is_refused(question):
    assert isinstance(parse(question), Refusal)


def told(things, question, **camera):
    found = render(things, size=(640, 480), **camera)
    return measure(found.frame, noise='stereo', gravity=found.down).answer(question)


SLIM = Box('red', (0.0, 1.0), (0.06, 0.06, 0.2))


@pytest.mark.parametrize(('opening_cm', 'value'), [(9, 1.0), (6, None), (3, 0.0)])
def test_it_fits_where_it_is_narrower_for_certain(opening_cm, value):
    answer = told([SLIM], f'Does the red object fit in a {opening_cm} cm gripper?')
    assert answer.value == value
    assert [fact.kind for fact in answer.evidence] == ['width']


def test_what_stands_broad_to_the_view_may_be_taken_from_the_side():
    """A book is 20 cm wide and 3 cm thick: that an 8 cm gripper cannot hold it would be wrong."""
    book = Box('red', (0.0, 1.0), (0.2, 0.03, 0.25))
    answer = told([book], 'Can an 8 cm gripper grasp the red object?')
    assert answer.value is None and 'turned, it is at least' in answer.text


def test_what_is_too_broad_from_every_side_does_not_fit():
    answer = told([Ball('red', (0.0, 1.0), 0.12)], 'Does the red object fit in a 5 cm gripper?')
    assert answer.value == 0.0


@pytest.mark.parametrize('side', [-0.06, 0.06])
def test_what_goes_on_behind_another_thing_is_not_called_narrow(side):
    before = Box('blue', (side, 0.8), (0.1, 0.05, 0.25))
    wide = Box('red', (0.0, 1.0), (0.16, 0.06, 0.2))
    answer = told([wide, before], 'Does the red object fit in a 30 cm gripper?')
    assert answer.value is None and 'something nearer hides a side' in answer.text


def test_what_leaves_the_image_is_not_called_narrow():
    edge = Box('red', (0.58, 1.0), (0.2, 0.06, 0.2))
    answer = told([edge], 'Does the red object fit in a 50 cm gripper?')
    assert answer.value is None and 'leaves the image' in answer.text


def test_hidden_is_what_a_nearer_reading_stands_right_beside():
    found = render([SLIM], size=(640, 480))
    thing = found.ids == 1
    last = thing.shape[1] - 1 - thing[:, ::-1].argmax(axis=1)[:, None]
    away = np.arange(thing.shape[1]) - last

    def with_beside(depth_m, gap=0, rows=slice(None)):
        changed = found.frame.depth_m.copy()
        beside = np.zeros_like(thing)
        beside[rows] = ((away > gap) & (away <= 20) & thing.any(axis=1)[:, None])[rows]
        changed[(away > 0) & (away <= gap) & thing.any(axis=1)[:, None]] = np.nan
        changed[beside] = depth_m
        frame = type(found.frame)(found.frame.rgb, changed, found.frame.intrinsics)
        return hidden_beside(frame, thing)

    assert not hidden_beside(found.frame, thing)
    assert with_beside(0.6)
    assert not with_beside(2.5), 'a wall behind hides nothing'
    assert not with_beside(np.nan), 'unknown is not nearer'
    assert with_beside(0.6, gap=5), 'its rim gives no depth'
    assert not with_beside(0.6, gap=13), 'too far away to hide it'
    middle = int(np.flatnonzero(thing.any(axis=1)).mean())
    assert not with_beside(0.6, rows=slice(middle, middle + 3)), 'a cable before it'
    assert hidden_beside(
        type(found.frame)(
            found.frame.rgb[:, ::-1].copy(),
            np.where(thing[:, ::-1], found.frame.depth_m[:, ::-1], 0.6).astype(np.float32),
            found.frame.intrinsics,
        ),
        thing[:, ::-1],
    )


@pytest.mark.parametrize('turned_deg', [0, 20, 45, 70, 90])
def test_the_narrowest_width_does_not_depend_on_how_a_thing_is_turned(turned_deg):
    turn = np.radians(turned_deg)
    x, z = np.meshgrid(np.linspace(-0.15, 0.15, 31), np.linspace(-0.02, 0.02, 5))
    points = np.stack(
        [
            x * np.cos(turn) - z * np.sin(turn),
            np.random.default_rng(0).uniform(-0.3, 0.3, x.shape),
            2 + x * np.sin(turn) + z * np.cos(turn),
        ],
        axis=-1,
    ).reshape(-1, 3)
    assert narrowest_m(points.astype(np.float32), LEVEL) == pytest.approx(0.04, abs=1e-5)


@pytest.mark.parametrize('count', [1, 2])
def test_too_few_points_have_no_width(count):
    points = np.array([[0, 0, 1], [0.1, 0, 1]], np.float32)[:count]
    assert narrowest_m(points, LEVEL) == 0.0
