# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Free distances, passages and places to put things: free is what is seen free."""

from __future__ import annotations

import math

import numpy as np
import pytest
from rendered import Box, render

from ssr_ros.rgbd import CameraIntrinsics, RgbdFrame
from ssr_ros.scene import down_from_tilt, measure
from ssr_ros.scene.geometry.ground import End, Ground
from ssr_ros.scene.questions import space

EMPTY = render([], size=(640, 480)).frame
TABLE = (
    Box('brown', (0.0, 1.6), (1.2, 0.6, 0.04), foot=0.5),
    *(Box('brown', (x, y), (0.05, 0.05, 0.5)) for x in (-0.55, 0.55) for y in (1.35, 1.85)),
)
"""A table 0.54 m high whose front edge is 1.3 m ahead; its legs leave a lane of 1 m."""


def way(frame, name='ahead', **body):
    return next(w for w in space.free_ways(measure(frame), **body) if w.name == name)


def blanked(frame, unknown):
    """The frame without the depth of some pixels."""
    depth_m = np.where(unknown, np.float32(np.nan), frame.depth_m)
    return RgbdFrame(frame.rgb, depth_m, frame.intrinsics)


def rectangle(x0, y0, x1, y1):
    """A mask of 640x480 pixels."""
    mask = np.zeros((480, 640), np.bool_)
    mask[y0:y1, x0:x1] = True
    return mask


def row_of(forward_m, height_m=0.7, tilt_deg=30.0):
    """The image row that shows the floor straight ahead, at a distance."""
    below = math.atan2(height_m, forward_m) - math.radians(tilt_deg)
    return round(239.5 + 0.85 * 640 * math.tan(below))


def with_a_step_down(edge_m, drop_m):
    """A floor 0.7 m below the camera, which beyond an edge lies lower; no wall."""
    camera = EMPTY.intrinsics
    rays = camera.back_project(np.ones((480, 640), np.float32)).astype(np.float64)
    down = rays[..., 1] * math.cos(math.radians(30)) + math.sin(math.radians(30))
    ahead = math.cos(math.radians(30)) - rays[..., 1] * math.sin(math.radians(30))
    with np.errstate(divide='ignore'):
        here, there = 0.7 / down, (0.7 + drop_m) / down
    depth = np.where(here * ahead < edge_m, here, np.maximum(there, edge_m / ahead))
    depth[(down <= 0) | (depth > 6)] = np.nan
    return RgbdFrame(EMPTY.rgb, depth.astype(np.float32), camera)


def test_free_distance_ahead_ends_at_the_nearest_thing_in_the_way():
    frame = render([Box('red', (0, 1.5), (0.3, 0.2, 0.3))], size=(640, 480)).frame
    ahead = way(frame)
    assert ahead.blocked and ahead.end is End.THING
    assert ahead.free.value == pytest.approx(1.4, abs=0.02)
    assert way(frame, 'left').free.value > 2


def test_a_narrow_lane_passes_what_a_wide_one_hits():
    frame = render([Box('red', (0.35, 1.5), (0.2, 0.2, 0.3))], size=(640, 480)).frame
    assert way(frame, width_m=0.3).free.value == pytest.approx(3.0, abs=0.05)
    assert way(frame, width_m=0.8).free.value == pytest.approx(1.4, abs=0.03)


def test_without_anything_standing_the_free_distance_is_how_far_one_sees():
    ahead = way(render([], wall_m=None, size=(640, 480)).frame)
    assert not ahead.blocked
    assert ahead.free.value > 4


def test_a_low_robot_passes_under_what_a_high_one_hits():
    frame = render(TABLE, size=(640, 480)).frame
    assert way(frame, width_m=0.4).free.value == pytest.approx(1.3, abs=0.05)
    low = way(frame, width_m=0.4, height_m=0.3)
    assert low.free.value > 1.5
    text = measure(frame).answer('Is the way free for 1.5 m? I am 40 cm wide and 30 cm tall.').text
    assert 'for something 40 cm wide and 30 cm high' in text


def test_the_nearest_stretch_that_no_pixel_sees_is_named():
    """The lowest rows see the floor 0.44 m ahead, and all of a lane of 0.5 m from 0.52 m on."""
    facts = measure(EMPTY)
    assert way(EMPTY).near_m == pytest.approx(0.52, abs=0.03)
    assert 'no pixel sees the nearest 54 cm' in facts.answer('How far can I drive?').text
    assert facts.answer('Can I drive 40 cm forward?').value is None
    assert facts.answer('Can I drive 60 cm forward?').value is None
    assert facts.answer('Can I drive 1 m forward?').value == 1.0


def test_floor_without_depth_is_not_free():
    """Between 1.4 and 1.8 m nothing is known, and the wall behind it is 3 m away."""
    hole = rectangle(0, row_of(1.8), 640, row_of(1.4))
    ahead = way(blanked(EMPTY, hole))
    assert ahead.end is End.NO_DEPTH
    assert ahead.free.value < 1.4
    facts = measure(blanked(EMPTY, hole))
    answer = facts.answer('Is the way free for 2 metres?')
    assert answer.answered and answer.kind == 'yes_no' and answer.value is None
    assert 'no depth' in answer.text
    assert measure(EMPTY).answer('Is the way free for 2 metres?').value == 1.0


def test_a_hole_in_the_floor_beyond_the_way_asked_for_does_not_matter():
    hole = rectangle(280, row_of(2.6), 360, row_of(2.2))
    answer = measure(blanked(EMPTY, hole)).answer('Is the way free for 1.2 m?')
    assert answer.value == 1.0, answer.text


def test_a_speck_without_depth_is_no_break():
    hole = rectangle(320, row_of(1.5), 322, row_of(1.5) + 2)
    assert way(blanked(EMPTY, hole)).free.value == way(EMPTY).free.value


@pytest.mark.parametrize('legs', [False, True])
def test_a_glass_table_blocks_the_way_as_a_wooden_one_does(legs):
    """Its top gives no depth, and the floor below it is seen: the top still may be there."""
    seen = render(TABLE, size=(640, 480))
    glass = np.isin(seen.ids, (1, 2, 3, 4, 5) if legs else (1,))
    facts = measure(blanked(seen.frame, glass))
    assert facts.answer('Is the way free for 1.5 m? I am 40 cm wide.').value is None
    assert way(blanked(seen.frame, glass), width_m=0.4).free.value < 1.3


@pytest.mark.parametrize(('tilt_deg', 'under_m', 'thick_m'), [(30, 0.5, 0.03), (12, 0.67, 0.004)])
def test_a_top_without_depth_whose_foot_is_out_of_view_is_in_the_way(tilt_deg, under_m, thick_m):
    """It reaches 5 cm into the lane from its foot beside the view; edge-on it is 2 pixels thin.

    The rays that it hides would meet the floor behind it, from 2.8 m on, and no foot is in view.
    """
    table = (
        Box('brown', (-0.49, 1.0), (0.58, 0.4, thick_m), foot=under_m),
        Box('brown', (-0.75, 1.0), (0.02, 0.02, under_m)),
    )
    view = {'tilt_deg': tilt_deg, 'size': (640, 480)}
    seen = render(table, **view)
    assert not (seen.ids == 2).any() and (seen.ids == 1).any()
    question = 'Is the way free for {} m?'
    assert measure(render([], **view).frame).answer(question.format(1.5)).value == 1.0
    facts = measure(blanked(seen.frame, seen.ids == 1))
    for way_m in (1.2, 1.5, 2.0):
        answer = facts.answer(question.format(way_m))
        assert answer.value != 1.0, answer.text
    assert facts.answer('Is there anything within 1 m?').value != 0.0
    low = facts.answer('Is the way free for 1.5 m? I am 30 cm tall.')
    assert low.value == 1.0, low.text


def test_a_post_is_in_the_way_however_thin_it_looks():
    """At most two pixels wide and 200 high: no noise of single readings looks like that."""
    post = Box('black', (0.1, 2.0), (0.005, 0.005, 0.8))
    ahead = way(render([post], size=(640, 480), noise=0.001).frame)
    assert ahead.free.value == pytest.approx(2.0, abs=0.03)


def test_a_dark_patch_that_the_image_cuts_off_may_be_wider_than_it_looks():
    """Something low without depth at the left edge of the image may reach 0.6 m towards it."""
    for left, free_m in ((0, 0.48), (20, 2.98)):
        hole = rectangle(left, row_of(1.2), left + 60, row_of(1.0))
        facts = measure(blanked(EMPTY, hole))
        (ahead,) = space.free_ways(facts, width_m=0.9, names=('ahead',))
        assert ahead.free.value == pytest.approx(free_m, abs=0.05)


def test_what_stands_before_the_floor_hides_it():
    """A high box beside a lane stands between the camera and the far part of the lane."""
    for things, far_m in (([], 3.0), ([Box('red', (0.2, 0.9), (0.1, 0.1, 1.2))], 1.7)):
        facts = measure(render(things, size=(640, 480)).frame)
        lane = Ground.of(facts, space.floor(facts)).lane(0.2, middle_m=0.6)
        assert lane.far_m == pytest.approx(far_m, abs=0.2)
    assert lane.end is End.HIDDEN


@pytest.mark.parametrize('drop_m', [0.15, 0.6])
def test_a_step_down_is_not_free(drop_m):
    frame = with_a_step_down(1.5, drop_m)
    assert measure(frame).answer('Is the way free for 2 m?').value != 1.0
    assert all(w.free.value < 1.6 for w in space.free_ways(measure(frame)) if w.name == 'ahead')


def test_a_table_right_under_the_view_is_not_taken_for_the_floor():
    """The camera looks over a table whose edge is 0.9 m ahead, down to a floor behind it."""
    table = Box('brown', (0.0, 0.4), (2.0, 1.0, 0.4))
    frame = render([table], height_m=0.8, tilt_deg=35, size=(640, 480)).frame
    answer = measure(frame).answer('Is the way free for 0.8 m?')
    assert answer.value != 1.0, answer.text
    assert 'driven on' in answer.text


def test_what_stands_in_a_way_answers_whether_it_is_free_though_none_of_it_is_seen_free():
    """How far one can drive it does not answer: as far as something may hide."""
    frame = render([Box('red', (0.1, 1.5), (0.1, 0.1, 0.3))], size=(640, 480)).frame
    facts = measure(blanked(frame, rectangle(200, row_of(0.6), 280, 480)))
    answer = facts.answer('Is the way free?')
    assert (answer.kind, answer.value) == ('yes_no', 0.0)
    assert 'No: something stands in the way ahead, 1.45' in answer.text
    assert 'it is not seen free up to there: no depth' in answer.text
    assert facts.answer('Is anything in my way?').value == 1.0
    assert facts.answer('Is the way free for 1 m?').value is None
    how_far = facts.answer('How far can I drive?')
    assert not how_far.answered and how_far.text[0] == 'S'


def test_a_near_thing_answers_whether_the_way_is_free():
    frame = render([Box('red', (0.1, 0.45), (0.1, 0.1, 0.1))], size=(640, 480)).frame
    answer = measure(frame).answer('Is the way free?')
    assert (answer.kind, answer.value) == ('yes_no', 0.0)
    assert answer.text.startswith('No: the way ahead is blocked')


def test_where_nothing_is_seen_free_and_nothing_stands_it_is_said_once_that_nobody_can_tell():
    frame = render([], wall_m=None, size=(640, 480)).frame
    answer = measure(blanked(frame, rectangle(200, row_of(0.6), 280, 480))).answer(
        'Is the way free?'
    )
    assert not answer.answered
    assert answer.text.startswith('Nothing of the way ahead is seen free: no depth')


def test_without_a_floor_nothing_is_free():
    facts = measure(render([], tilt_deg=0, height_m=50, wall_m=2).frame)
    assert space.floor(facts) is None
    assert space.free_ways(facts) == ()
    answer = facts.answer('Is the way free for 1 m?')
    assert not answer.answered
    assert 'no floor' in answer.text


def test_the_most_free_way_is_named_only_when_the_others_are_seen_to_be_blocked():
    ahead = Box('red', (0.15, 1.2), (0.3, 0.2, 0.3))
    right = Box('blue', (0.9, 1.3), (0.9, 0.2, 0.3))
    frame = render([ahead, right], size=(640, 480)).frame
    facts = measure(frame)
    assert facts.answer('Which way is most free?').choice == 'left'
    hole = np.arange(640) < 160
    assert measure(blanked(frame, hole)).answer('Which way is most free?').choice == ''


def test_a_side_of_which_the_view_holds_no_lane_is_not_free():
    """A narrow view sees a corner of the floor to the left, 12 degrees and more off."""
    camera, narrow = EMPTY.intrinsics, np.s_[:, 200:440]
    turned = CameraIntrinsics(camera.fx, camera.fy, camera.cx - 200, camera.cy)
    facts = measure(RgbdFrame(EMPTY.rgb[narrow], EMPTY.depth_m[narrow], turned))
    assert [w.name for w in space.free_ways(facts)] == ['ahead']
    answer = facts.answer('Is the way to the left free for 1 m?')
    assert not answer.answered
    assert 'no way to the left that is 50 cm wide' in answer.text
    assert facts.answer('Which way is most free?').choice == 'ahead'
    assert measure(EMPTY).answer('Is the way to the left free for 1.2 m?').value == 1.0


def test_a_side_is_blocked_only_where_each_lane_that_the_view_holds_is():
    """The box leaves a lane of half a metre beside it; the wider one does not."""
    question = 'Is the way to the right free for 2 m? I am 40 cm wide.'
    narrow, wide = (
        measure(render([Box('red', (0.75, 1.4), (w, 0.2, 0.4))], size=(640, 480)).frame)
        for w in (0.2, 1.1)
    )
    assert narrow.answer(question).value != 0.0
    assert wide.answer(question).value == 0.0


def test_the_passage_is_the_gap_on_the_ground_and_names_what_blocks_it():
    left, right = (
        Box('red', (-0.4, 1.5), (0.2, 0.2, 0.2)),
        Box('blue', (0.4, 1.5), (0.2, 0.2, 0.4)),
    )
    block = Box('green', (0.0, 1.5), (0.1, 0.1, 0.1))
    facts = measure(render([left, right], size=(640, 480)).frame)
    passage = space.between(facts, *facts.objects)
    assert passage.width.value == pytest.approx(0.6, abs=0.02)
    assert passage.free.value == pytest.approx(0.6, abs=0.02)
    assert passage.blocking == ()
    facts = measure(render([left, right, block], size=(640, 480)).frame)
    ends = [o for o in facts.objects if o.color != 'green']
    assert [t.color for t in space.between(facts, *ends).blocking] == ['green']


def test_a_passage_whose_floor_is_not_seen_is_not_said_to_fit():
    left, right = (
        Box('red', (-0.4, 1.5), (0.2, 0.2, 0.2)),
        Box('blue', (0.4, 1.5), (0.2, 0.2, 0.4)),
    )
    frame = render([left, right], size=(640, 480)).frame
    question = 'Can I drive between the red and the blue object? I am {} cm wide.'
    assert measure(frame).answer(question.format(45)).value == 1.0
    facts = measure(blanked(frame, rectangle(280, row_of(1.7), 360, row_of(1.3))))
    answer = facts.answer(question.format(45))
    assert answer.value is None
    assert 'seen free' in answer.text
    assert facts.answer(question.format(90)).value == 0.0


def test_the_vacant_place_keeps_clear_of_things_and_of_what_they_hide():
    things = [Box('red', (-0.3, 1.2), (0.4, 0.3, 0.4))]
    facts = measure(render(things, size=(640, 480)).frame)
    place = space.vacant_place(facts, space.floor(facts))
    right, forward, _ = facts.gravity.axes @ place.center_m
    for far in (1.0, 1.2, 1.5, 2.0):  # along the edge of the box's shadow, seen from the camera
        apart = math.hypot(right + 0.1 * far, forward - 1.05 * far)
        assert apart > place.diameter.value / 2 - 0.05
    assert 0.3 < place.diameter.value < 2.5


def test_a_place_for_a_plate_has_support_seen_under_all_of_it():
    """Stripes without depth leave no room for a plate between them."""
    stripes = np.broadcast_to(np.arange(640) % 40 < 12, (480, 640))
    facts = measure(blanked(EMPTY, stripes))
    question = 'Is there room on the floor for a 40 cm plate?'
    assert measure(EMPTY).answer(question).value == 1.0
    assert facts.answer(question).value != 1.0


def seen_in(x0, y0, x1, y1):
    """What is measured of the floor where nothing but a part of it has depth."""
    return measure(blanked(EMPTY, ~rectangle(x0, y0, x1, y1)), gravity=down_from_tilt(30))


@pytest.mark.parametrize(
    ('question', 'value'),
    [
        ('Is there room for a cup?', 1.0),
        ('Can I put a small cup of tea on the floor?', 1.0),
        ('Is there enough room for one more soup bowl on the floor?', None),
        ('Is there room for a kettle?', None),
        ('Is there room for a 10 cm plate?', 1.0),
        ('Is there room for a 40 cm cup?', 0.0),
    ],
)
def test_room_for_what_has_a_usual_width_is_answered_with_yes_or_no_or_that_it_depends(
    question, value
):
    """A disc of 16 cm is seen to be free, no more."""
    answer = seen_in(260, 280, 380, 380).answer(question)
    assert answer.kind == 'yes_no' and answer.value == value
    assert ('usually' in answer.text) == (' cm ' not in question)
    assert answer.text.startswith({1.0: 'Yes: ', 0.0: 'No: ', None: 'I cannot tell: '}[value])


def test_there_is_no_room_for_a_plate_where_not_even_a_small_one_fits():
    assert seen_in(275, 290, 365, 370).answer('Is there room for a plate?').value == 0.0


@pytest.mark.parametrize(
    'question',
    [
        'Where is there room for a cup?',
        'Is there room for a box?',
        'Is there room for a cup holder?',
    ],
)
def test_where_there_is_room_and_for_what_nobody_knows_the_width_of_is_told_as_a_width(question):
    assert measure(EMPTY).answer(question).kind == 'number'


def test_what_there_is_room_for_on_a_table_is_put_there_and_not_on_the_floor():
    facts = measure(render([TABLE[0]], height_m=1.0, size=(640, 480)).frame)
    assert space.vacant_place(facts, space.floor(facts)).diameter.value > 0.7
    assert 'disc on the raised surface' in facts.answer('Is there room for a cup?').text
    assert 'disc on the raised surface' in facts.answer('Is there room for a 20 cm plate?').text


def test_nothing_nearer_is_said_only_where_nothing_can_hide():
    frame = render([Box('red', (0.3, 1.6), (0.2, 0.2, 0.2))], size=(640, 480)).frame
    question = 'Is there anything within 1 m?'
    assert measure(frame).answer(question).value == 0.0
    hole = rectangle(200, row_of(1.1), 300, row_of(0.8))
    facts = measure(blanked(frame, hole))
    answer = facts.answer(question)
    assert answer.value is None
    assert 'depth is unknown' in answer.text
    assert 'may be more' in facts.answer('How many objects are within 1 m?').text
    assert facts.answer('Are there at most 2 objects within 1 m?').value is None
    far = rectangle(200, row_of(2.6), 220, row_of(2.5))
    assert measure(blanked(frame, far)).answer(question).value == 0.0


def test_wide_images_are_read_like_small_ones():
    large = render([Box('red', (0, 1.5), (0.3, 0.2, 0.3))], size=(1280, 960)).frame
    assert way(large).free.value == pytest.approx(1.4, abs=0.02)


def test_a_camera_that_looks_straight_down_sees_no_way_ahead():
    frame = render([], height_m=1.0, tilt_deg=90, wall_m=None, size=(320, 240)).frame
    facts = measure(frame, gravity=(0, 0, 1))
    ahead = next(w for w in space.free_ways(facts) if w.name == 'ahead')
    assert ahead.free.value < 0.6
    assert ahead.end is End.VIEW
