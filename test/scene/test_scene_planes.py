# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Planes, and which way is down."""

from __future__ import annotations

import math

import numpy as np
import pytest
from rendered import Box, render

from ssr_ros.errors import ConfigError
from ssr_ros.rgbd import RgbdFrame
from ssr_ros.scene import down_from_tilt, measure


def angle_deg(a, b):
    return math.degrees(math.acos(float(np.clip(a @ b, -1, 1))))


@pytest.mark.parametrize('tilt_deg', [5, 30, 55])
def test_gravity_comes_from_the_floor_whatever_the_tilt(tilt_deg):
    scene = render([], tilt_deg=tilt_deg, noise=0.002)
    gravity = measure(scene.frame).gravity
    assert gravity.source == 'plane'
    assert angle_deg(gravity.down, scene.down) < 0.5
    assert gravity.tilt_deg == pytest.approx(tilt_deg, abs=0.5)


def test_given_gravity_is_used_as_it_is():
    facts = measure(render([]).frame, gravity=down_from_tilt(12, 3))
    assert facts.gravity.source == 'given'
    assert facts.gravity.tilt_deg == pytest.approx(12)


def test_without_a_floor_the_camera_is_taken_to_be_level_and_says_so():
    scene = render([], tilt_deg=0, height_m=50.0, wall_m=2.0)
    gravity = measure(scene.frame).gravity
    assert gravity.source == 'level' and not gravity.known
    assert gravity.down == pytest.approx([0, 1, 0])


@pytest.mark.parametrize('wrong', [(0, 0, 0), (1, 2), (math.nan, 1, 0), 'down'])
def test_gravity_that_is_no_direction_is_refused(wrong):
    with pytest.raises((ConfigError, ValueError), match=r'gravity|could not convert'):
        measure(render([], size=(64, 48)).frame, gravity=wrong)


def test_floor_and_wall_are_where_they_are(facts):
    by_name = {plane.name: plane for plane in facts.planes}
    assert set(by_name) == {'support surface', 'wall'}
    assert by_name['support surface'].height_m == pytest.approx(-0.7, abs=0.003)
    assert by_name['wall'].offset_m == pytest.approx(3.0, abs=0.01)
    assert math.isnan(by_name['wall'].height_m)


def test_a_plane_says_how_it_lies_and_how_flat_it_was_seen(facts, noisy_facts):
    by_name = {plane.name: plane for plane in facts.planes}
    assert by_name['support surface'].tilt_deg == pytest.approx(0, abs=0.2)
    assert by_name['wall'].tilt_deg == pytest.approx(90, abs=0.5)
    assert by_name['wall'].rms_m < 0.002
    noisy = {plane.name: plane for plane in noisy_facts.planes}
    assert 0.005 < noisy['wall'].rms_m < 0.03  # 0.002 z^2 at 3 to 3.5 m
    for plane in facts.planes:
        assert plane.normal @ plane.center_m == pytest.approx(-plane.offset_m, abs=0.01)


def test_a_tilt_is_not_known_while_gravity_is_not():
    facts = measure(render([], tilt_deg=0, height_m=50.0, wall_m=2.0).frame)
    assert [math.isnan(plane.tilt_deg) for plane in facts.planes] == [True]


def test_a_table_over_the_floor_is_a_second_support():
    table = Box('brown', (0, 1.5), (1.2, 0.8, 0.4))
    cup = Box('red', (0.1, 1.4), (0.1, 0.1, 0.12), foot=0.4)
    facts = measure(render([table, cup], height_m=1.2, tilt_deg=35, size=(640, 480)).frame)
    heights = {p.name: p.height_m for p in facts.planes if p.role in ('support', 'top')}
    assert heights['floor'] == pytest.approx(-1.2, abs=0.01)
    assert heights['raised surface'] == pytest.approx(-0.8, abs=0.01)
    red = next(o for o in facts.objects if o.color == 'red')
    assert facts.planes[red.support].name == 'raised surface'
    assert red.size_m[2] == pytest.approx(0.12, abs=0.01)


def test_the_top_of_a_box_on_a_table_is_no_second_table():
    """It took up enough of the image to be told of, and made "the table" ambiguous."""
    table = Box('brown', (0, 1.5), (1.2, 0.8, 0.4))
    box = Box('purple', (0.25, 1.35), (0.28, 0.2, 0.14), foot=0.4)
    facts = measure(render([table, box], height_m=1.2, tilt_deg=35, size=(640, 480)).frame)
    assert [p.name for p in facts.planes if p.role == 'top'] == ['raised surface']
    answer = facts.answer('How high is the table?')
    assert answer.value == pytest.approx(0.4, abs=0.01)
    assert facts.answer('How many objects are on the table?').value == 1


def test_books_of_one_height_side_by_side_are_no_table_top():
    """Their faces lie in one plane, which was told of as a raised surface, and none as a book."""
    books = [Box(color, (x, 0.8), (0.2, 0.3, 0.05)) for color, x in (('red', -0.2), ('blue', 0.2))]
    scene = render(books, height_m=0.6, tilt_deg=40, wall_m=1.3, size=(640, 480), noise=0.001)
    facts = measure(scene.frame)
    assert [p.role for p in facts.planes if p.role in ('support', 'top')] == ['support']
    assert sorted(o.color for o in facts.objects) == ['blue', 'red']
    assert [o.size_m[2] for o in facts.objects] == pytest.approx([0.05, 0.05], abs=0.01)


def test_a_low_platform_is_a_thing_that_carries_others():
    platform = Box('brown', (0, 1.5), (1.2, 0.8, 0.06))
    cup = Box('red', (0.1, 1.4), (0.1, 0.1, 0.12), foot=0.06)
    facts = measure(render([platform, cup], height_m=1.2, tilt_deg=35, size=(640, 480)).frame)
    assert sorted(o.color for o in facts.objects) == ['brown', 'red']
    answer = facts.answer('What is on the brown object?')
    assert answer.text.startswith('The red object'), answer.text


def test_the_bent_far_end_of_a_table_is_no_second_surface_with_the_top_of_a_book():
    """A plane that rises by 1.3 degrees ran through both, and was told of as a table.

    The far end lies 3 mm over the table's plane at 1.8 m, which sensors do, the book 2.8 cm.
    """
    frame = render([], wall_m=None, size=(640, 480), noise=0.001).frame
    camera = frame.intrinsics
    rays = camera.back_project(np.ones((480, 640), np.float32)).astype(np.float64)
    down, ahead = math.cos(math.radians(30)), math.sin(math.radians(30))
    fall, run = rays[..., 1] * down + ahead, down - rays[..., 1] * ahead
    rise = math.tan(math.radians(1.3))  # of 0.7 - 0.003 m below the camera, from 1.8 m nearer
    depth_m = (0.697 - 1.8 * rise) / (fall - run * rise)
    noisy = depth_m * frame.depth_m * fall / 0.7
    rows, columns = np.mgrid[:480, :640]
    far = (frame.depth_m * run > 1.7) & (frame.depth_m * run < 2.2)
    book = (rows > 330) & (rows < 430) & (columns > 250) & (columns < 420)
    shown = np.where(far | book, noisy, frame.depth_m)
    shown[frame.depth_m * run >= 2.2] = np.nan
    facts = measure(RgbdFrame(frame.rgb, shown.astype(np.float32), camera))
    assert [plane.name for plane in facts.planes] == ['support surface']
    assert facts.planes[0].mask[far].mean() > 0.9
    (thing,) = facts.objects
    assert thing.size_m[2] == pytest.approx(0.028, abs=0.008)


def test_normals_point_to_the_camera(facts):
    for plane in facts.planes:
        assert np.linalg.norm(plane.normal) == pytest.approx(1)
        points = facts.frame.points_m()[plane.mask]
        assert np.median(points @ plane.normal) == pytest.approx(-plane.offset_m, abs=0.01)


def test_a_box_front_is_no_wall_and_its_top_no_floor():
    box = Box('blue', (0, 1.3), (0.7, 0.5, 0.4))
    facts = measure(render([box], size=(640, 480)).frame)
    assert [o.color for o in facts.objects] == ['blue']
    assert facts.objects[0].size_m == pytest.approx([0.7, 0.5, 0.4], abs=0.03)


@pytest.mark.parametrize(('height_m', 'is_table'), [(0.8, True), (1.1, False)])
def test_a_surface_that_carries_what_is_too_tall_for_a_table_is_none(height_m, is_table):
    """A floor of which less than a table's width is seen was "the table" to what stands on it."""
    narrow = [Box('brown', (side * 0.95, 1.5), (0.7, 3.0, 1.5)) for side in (-1, 1)]
    curtain = Box('blue', (0, 2.2), (0.3, 0.1, height_m))
    scene = render([*narrow, curtain], height_m=1.2, tilt_deg=20, size=(640, 480))
    answer = measure(scene.frame).answer('How far is the table?')
    assert answer.answered == is_table, answer.text
    assert ('1.10 m high, as no table does' in answer.text) != is_table
