# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""How far lanes over a floor are free, what ends them, and where."""

from __future__ import annotations

import functools
import math

import numpy as np
import pytest
from rendered import Box, render
from room_frames import blanked, CAMERA, gray

from ssr_ros.rgbd import CameraIntrinsics
from ssr_ros.scene.geometry.ground import End, Ground
from ssr_ros.scene.geometry.noise import NoiseModel
from ssr_ros.scene.geometry.sightlines import hidden_anywhere, look, plane_axes, Why
from ssr_ros.scene.geometry.surveying import survey

THINGS = (
    Box('red', (0.0, 1.5), (0.3, 0.2, 0.3)),
    Box('blue', (0.6, 1.3), (0.2, 0.2, 0.5)),
    Box('green', (-0.4, 1.2), (0.05, 0.05, 1.5)),
)


def rectangle(x0, y0, x1, y1):
    """Mark the pixels of a rectangle."""
    mask = np.zeros((240, 320), np.bool_)
    mask[y0:y1, x0:x1] = True
    return mask


@functools.cache
def frames():
    """Return three boxes before a wall, and the same with depth missing here and there."""
    boxes = render(THINGS).frame
    return {
        'boxes': boxes,
        'hole': blanked(boxes, rectangle(60, 150, 110, 190)),
        'dark box': blanked(boxes, rectangle(130, 60, 190, 140)),
        'margins': blanked(boxes, rectangle(0, 0, 20, 240) | rectangle(0, 225, 320, 240)),
        'no wall': render(THINGS, wall_m=None).frame,
        'step': step_down(),
    }


def step_down(edge_m=3.0, floor_m=0.7, low_m=1.1):
    """A level camera over a floor that ends 3 m ahead, and a lower one from where it is seen."""
    rays = CAMERA.back_project(np.ones((240, 320), np.float32)).astype(np.float64)
    down = np.maximum(rays[..., 1], 1e-6)
    depth_m = np.where(floor_m / down < edge_m, floor_m / down, low_m / down)
    return gray(np.where(depth_m > 12, np.nan, depth_m))


@functools.cache
def ground(name, height_m=None):
    """Return the floor of a frame from above."""
    facts = survey(frames()[name])
    levels = [plane for plane in facts.planes if plane.role in ('support', 'top')]
    plane = min(levels, key=lambda plane: abs(plane.offset_m - 0.7))
    assert plane.offset_m == pytest.approx(0.7, abs=0.004)
    return Ground.of(facts, plane, height_m)


def check(stretch, near_m, far_m, end, end_m, thing_m):
    """Compare with what is expected, half a cell apart at most."""
    found = (stretch.near_m, stretch.far_m, *stretch.end_m, stretch.thing_m)
    assert found == pytest.approx((near_m, far_m, *end_m, thing_m), abs=0.011), stretch
    assert stretch.end is end


INF = math.inf
LANES = [
    # Fronts: red at 1.4, blue at 1.2, green at 1.175, the wall at 3.
    ('boxes', None, (0.3, 0.0), (0.54, 1.4, End.THING, (0.01, 1.4), 1.4)),
    # The image's left edge shows the place 0.55 m to the left from 0.707 m on.
    ('boxes', None, (0.5, -0.3), (0.72, 1.175, End.THING, (-0.39, 1.16), 1.175)),
    ('boxes', None, (0.4, 0.5), (1.02, 1.2, End.THING, (0.6, 1.2), 1.2)),
    # The post's left edge, (-0.425, 1.175), hides (-0.6, 1.66) behind it, a pixel's width sooner.
    ('boxes', None, (0.2, -0.7), (1.22, 1.62, End.HIDDEN, (-0.6, 1.62), 3.0)),
    ('no wall', None, (0.2, -0.7), (1.22, 1.62, End.HIDDEN, (-0.6, 1.62), INF)),
    ('hole', None, (0.5, -0.3), (0.72, 0.6, End.NO_DEPTH, (-0.29, 0.6), 1.175)),
    ('dark box', None, (0.3, 0.0), (0.54, 0.9, End.NO_DEPTH, (0.01, 0.9), 1.4)),
    # Of the red box the highest rows alone are known: the rest is no higher than 0.2 m.
    ('dark box', 0.2, (0.3, 0.0), (0.54, 0.9, End.NO_DEPTH, (0.01, 0.9), 3.0)),
    ('dark box', 0.2, (0.5, -0.3), (0.72, 0.9, End.NO_DEPTH, (-0.07, 0.9), 1.175)),
    ('margins', None, (0.3, 0.0), (0.58, 1.4, End.THING, (0.01, 1.4), 1.4)),
    ('margins', 1.5, (0.5, -0.3), (0.88, 1.175, End.THING, (-0.39, 1.16), 1.175)),
    # One row of pixels is 4 cm of floor there.
    ('step', None, (0.3, 0.0), (1.82, 3.04, End.LOWER, (0.01, 3.04), INF)),
    # Turned lanes: the post's right corner, (-0.375, 1.175), and the corner (0.5, 1.2) of blue.
    ('boxes', None, (0.3, 0.0, -22), (0.64, 1.23, End.THING, (-0.37, 1.16), 1.23)),
    ('boxes', None, (0.3, 0.0, 22), (0.64, 1.3, End.THING, (0.515, 1.194), 1.3)),
    ('hole', None, (0.3, 0.0, -22), (0.64, 0.66, End.NO_DEPTH, (-0.22, 0.623), 1.23)),
    ('dark box', 0.2, (0.3, 0.0, 10), (0.58, 0.9, End.NO_DEPTH, (0.068, 0.902), 3.023)),
    # Its outer edge leaves the image 2.9 m away, before the wall's place.
    ('no wall', None, (0.2, 0.0, -28), (0.66, 2.9, End.VIEW, (-1.45, 2.514), INF)),
    # The rim of blue, from x = 0.5 on, reaches a centimetre into a lane: free it is not seen to
    # be, but nothing says that it is blocked.
    ('boxes', None, (0.3, 0.36), (0.64, 1.2, End.THING, (0.51, 1.2), 3.0)),
]


@pytest.mark.parametrize(('name', 'height_m', 'lane', 'expected'), LANES)
def test_a_lane_ends_where_it_is_no_longer_seen_free(name, height_m, lane, expected):
    check(ground(name, height_m).lane(*lane), *expected)


@pytest.mark.parametrize('width_m', [0.1, 0.5, 1.5])
@pytest.mark.parametrize('name', ['boxes', 'margins', 'no wall', 'step'])
def test_a_lane_is_free_only_as_far_as_all_its_width_is_seen(name, width_m):
    """Of the floor 40 to 60 degrees to the left a corner is seen: that is no way of 10 m."""
    floor = ground(name)
    for bearing_deg in range(-90, 91, 5):
        stretch = floor.lane(width_m, bearing_deg=bearing_deg)
        if stretch.far_m > stretch.near_m:
            assert floor.seen_from_m(width_m, bearing_deg) == pytest.approx(stretch.near_m)
            turn, far_m = math.radians(bearing_deg), min(stretch.far_m, 9.9) - 0.02
            aside_m = np.array([-0.5, 0.5]) * width_m
            right_m = aside_m * math.cos(turn) + far_m * math.sin(turn)
            assert floor.seen(right_m, far_m * math.cos(turn) - aside_m * math.sin(turn)).all()


@pytest.mark.parametrize(
    ('width_m', 'bearing_deg', 'from_m'),
    [(0.3, 0, 0.54), (0.3, -22, 0.64), (0.2, -28, 0.66), (0.1, 40, INF), (0.5, 100, INF)],
)
def test_all_the_width_of_a_lane_is_seen_from_some_length_on(width_m, bearing_deg, from_m):
    assert ground('boxes').seen_from_m(width_m, bearing_deg) == pytest.approx(from_m, abs=0.001)


def test_places_are_seen_free_or_dark_one_by_one():
    """Before the red box, in it, behind it, beside it, behind the camera, beside the view."""
    right_m = np.array([0.0, 0.0, 0.0, 0.3, 0.0, 3.0])
    forward_m = np.array([1.3, 1.5, 2.0, 1.9, -1.0, 1.0])
    boxes = ground('boxes')
    assert boxes.free(right_m, forward_m).tolist() == [True, False, False, True, False, False]
    assert boxes.dark_over(right_m, forward_m).tolist() == [False, True, True] + [False] * 3
    assert boxes.seen(right_m, forward_m).tolist() == [True] * 4 + [False] * 2


def test_the_things_are_the_fronts_that_stand_in_the_way():
    right_m, forward_m = ground('no wall').things
    fronts = (np.abs(right_m) < 0.14) & (forward_m < 1.41)
    assert np.percentile(forward_m[fronts], (2, 98)) == pytest.approx([1.4, 1.404], abs=0.006)
    assert right_m.min() == pytest.approx(-0.425, abs=0.01)
    assert right_m.max() == pytest.approx(0.7, abs=0.01)


def test_sightlines_say_of_every_pixel_what_it_says_of_the_floor():
    lines = ground('hole').lines
    assert lines.eye_m == pytest.approx(0.7, abs=1e-4)
    assert lines.box_px == (4, 4, 316, 236)  # 0.015 of 320 pixels is the ragged edge
    assert np.bincount(lines.why.ravel(), minlength=4).tolist() == [55276, 2000, 19524, 0]
    assert lines.why[170, 80] == Why.NO_DEPTH
    assert np.count_nonzero(np.isfinite(lines.near_m)) == 50 * 40
    # Row 189 sees the floor at 0.734 m ... less what half of 50 of 272 pixels may reach out.
    assert lines.near_m[170, 80] == pytest.approx(0.6766, abs=0.002)
    ahead = math.cos(math.radians(30)) - 0.5 / 272 * math.sin(math.radians(30))
    edge = math.atan(159.5 / 272 / ahead)
    assert lines.bearing[120, [0, 319]] == pytest.approx([-edge, edge], abs=1e-4)
    assert np.nanmean(lines.fan) == pytest.approx(0.004038, abs=2e-6)
    low = ground('hole', 0.2).lines
    means = [float(a[np.isfinite(a)].mean()) for a in (low.thing_m, low.dark_m, low.dark_to_m)]
    assert means == pytest.approx([2.24853, 2.31000, 1.83351], abs=0.002)
    assert np.isfinite(low.thing_m).mean() == pytest.approx(0.09475, abs=2e-4)
    assert np.isfinite(low.dark_m).mean() == pytest.approx(0.26047, abs=2e-4)


def test_a_lower_floor_is_called_lower():
    why = ground('step').lines.why
    assert why[180, 160] == Why.LOWER and why[235, 160] == Why.SEEN


def test_wide_images_are_read_at_every_second_pixel():
    depth_m = np.full((96, 1280), 2.0)
    frame = gray(depth_m, CameraIntrinsics(1000, 1000, 640, 48))
    plane = survey(frames()['boxes']).planes[0]
    lines = look(frame, NoiseModel.named('stereo'), plane)
    assert lines.why.shape == (48, 640)
    assert (lines.camera.fx, lines.camera.cx, lines.camera.cy) == (500, 320, 24)


@pytest.mark.parametrize(
    ('normal', 'rows'),
    [
        ((0.0, -1.0, 0.0), ((1, 0, 0), (0, 0, 1), (0, -1, 0))),
        ((0.0, 0.0, -1.0), ((1, 0, 0), (0, -1, 0), (0, 0, -1))),
        ((0.0, -0.8, -0.6), ((1, 0, 0), (0, -0.6, 0.8), (0, -0.8, -0.6))),
    ],
)
def test_axes_of_a_plane_are_right_forward_and_up(normal, rows):
    assert plane_axes(np.array(normal)) == pytest.approx(np.array(rows, float), abs=1e-12)


def test_specks_hide_nothing_and_larger_holes_do():
    known = np.ones((20, 20), np.bool_)
    known[5:7, 5:15] = False
    assert not hidden_anywhere(known)
    known[5:8, 5:8] = False
    assert hidden_anywhere(known)
