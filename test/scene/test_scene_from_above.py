# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Cameras that look straight down: what hides its own foot stands on what is around it."""

from __future__ import annotations

import numpy as np
import pytest
from rendered import Ball, Box, render

from ssr_ros.rgbd import RgbdFrame
from ssr_ros.scene import measure


def seen_from_above(*things, tilt_deg=90.0, noise=0.001):
    view = render(things, height_m=1.2, tilt_deg=tilt_deg, wall_m=None, noise=noise)
    return measure(view.frame, gravity=view.down)


@pytest.mark.parametrize('height', [0.06, 0.15, 0.4])
@pytest.mark.parametrize(('middle', 'tilt_deg'), [((0, 0), 90), ((0.25, 0.1), 90), ((0, 0.2), 82)])
def test_what_is_seen_from_above_is_as_high_as_it_stands_over_the_floor(height, middle, tilt_deg):
    """Of a box its top alone is seen: it was told to be 0.0 cm high and to stand on nothing."""
    facts = seen_from_above(Box('red', middle, (0.2, 0.2, height)), tilt_deg=tilt_deg)
    (box,) = facts.objects
    assert box.support is not None and facts.planes[box.support].role == 'support'
    off = abs(box.size_m[2] - height)
    assert off < 2 * box.margins.size_m[2] < 0.01 + 0.25 * height


def test_it_is_said_to_stand_there_and_how_high_it_is():
    facts = seen_from_above(Box('red', (0, 0), (0.2, 0.2, 0.3)))
    assert 'stands on the' in str(facts.answer('What does the red object stand on?'))
    assert facts.answer('How tall is the red object?').value == pytest.approx(0.3, abs=0.02)


def test_a_ball_from_above_is_as_high_as_wide():
    facts = seen_from_above(Ball('blue', (0.1, 0), 0.12))
    (ball,) = facts.objects
    assert ball.size_m[2] == pytest.approx(0.24, abs=0.02)


def test_what_stands_on_another_thing_does_not_stand_on_the_floor():
    facts = seen_from_above(
        Box('gray', (0, 0), (0.5, 0.5, 0.2)), Box('red', (0, 0), (0.12, 0.12, 0.1), foot=0.2)
    )
    red = next(thing for thing in facts.objects if thing.color == 'red')
    assert red.size_m[2] < 0.15
    assert red.support is None or facts.planes[red.support].role != 'support'


def test_what_hovers_where_its_foot_would_be_seen_stands_on_nothing():
    view = render([Box('red', (0, 1.2), (0.2, 0.2, 0.2), foot=0.4)], height_m=1.0, tilt_deg=35)
    (box,) = measure(view.frame, gravity=view.down).objects
    assert box.support is None
    assert box.size_m[2] == pytest.approx(0.2, abs=0.03)


@pytest.mark.parametrize(
    'question',
    [
        'What is on the table?',
        'Is the way free for 1 m?',
        'What does the red object stand on?',
        'How high is the red object above the surface?',
        'How high is the camera?',
        'Where is room for a plate?',
        'How many tables are there?',
    ],
)
def test_without_gravity_a_surface_is_not_denied_but_gravity_asked_for(question):
    """There is a surface in view; whether it is a table nothing tells."""
    view = render([Box('red', (0, 0), (0.2, 0.2, 0.1))], height_m=1.0, tilt_deg=90, wall_m=None)
    facts = measure(view.frame)
    assert facts.planes and not facts.gravity.known
    answer = facts.answer(question)
    assert not answer.answered
    assert 'nothing tells where down is' in answer.text and 'Give gravity' in answer.text
    told = measure(view.frame, gravity=view.down).answer(question)
    assert 'Give gravity' not in told.text


def test_without_gravity_height_is_that_in_the_image():
    view = render([Box('red', (0, 0), (0.2, 0.2, 0.1))], height_m=1.0, tilt_deg=90, wall_m=None)
    assert 'high in the image' in str(measure(view.frame).answer('What is nearest?'))
    told = measure(view.frame, gravity=view.down).answer('What is nearest?')
    assert 'in the image' not in str(told)


def test_a_floor_alone_is_no_table_but_a_surface():
    facts = measure(render([], height_m=1.4, tilt_deg=30, size=(640, 480), wall_m=5).frame)
    assert 'no table: the' in facts.answer('What is on the table?').text
    assert facts.answer('How many tables are there?').value == 0
    assert facts.answer('Is the floor empty?').answered
    assert facts.answer('Is the surface empty?').answered


@pytest.mark.parametrize('size', [(2.6, 1.0), (1.0, 2.6)])
def test_what_is_long_but_not_wide_may_be_a_table(size):
    """Nothing but a table top is seen."""
    view = render([Box('brown', (0, 1.6), (*size, 0.1))], height_m=1.2, tilt_deg=40, wall_m=None)
    depth_m = np.where(view.ids == 1, view.frame.depth_m, np.float32(np.nan))
    facts = measure(RgbdFrame(view.frame.rgb, depth_m, view.frame.intrinsics))
    assert facts.answer('Is the table empty?').answered
