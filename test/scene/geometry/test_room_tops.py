# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What is right above a front, and as wide, is its lid or its inside: labels made by hand."""

import numpy as np
import pytest

from ssr_ros.rgbd import CameraIntrinsics
from ssr_ros.scene.geometry.borders import BorderWalk
from ssr_ros.scene.geometry.gravity import down_from_tilt, Gravity
from ssr_ros.scene.geometry.grid import make_grid
from ssr_ros.scene.geometry.noise import NoiseModel
from ssr_ros.scene.geometry.tops import with_tops

FLOOR, FRONT, TOP = 1, 2, 3
CAMERA = CameraIntrinsics(160, 160, 49.5, 29.5)
DOWN = down_from_tilt(35)
WHOLE = np.s_[30:70]


def rays():
    """How far forward and up one gets along every cell's ray, per metre of depth."""
    directions = CAMERA.back_project(np.ones((60, 100), np.float32))
    axes = Gravity(DOWN, 'given').axes
    return directions @ axes[1], directions @ axes[2]


def told(depth_m, labels, known=(FRONT, TOP), source='given'):
    """What front and top are told as, where these labels are things before."""
    grid = make_grid(depth_m, CAMERA, NoiseModel.named('none'))
    lab = np.zeros((60, 100, 3), np.float32)
    lab[labels == TOP] = 50.0, 40.0, 0.0  # colour tells nothing here
    borders = BorderWalk.of(grid, np.ones((60, 100), np.float32), lab).borders(labels)
    things = np.where(np.isin(labels, known), labels, 0)
    things = with_tops(grid, labels, borders, things, 1, Gravity(DOWN, source))
    assert not things[labels == FLOOR].any()
    front, top = (np.unique(things[labels == label]).tolist() for label in (FRONT, TOP))
    assert len(front) == len(top) == 1
    return front[0], top[0]


def box(top=WHOLE, front=WHOLE, slope_deg=0.0, lean_deg=90.0, lower_m=0.0, off_m=0.0):
    """Depth and labels of a front 1 m ahead, which ends 0.7 m below the camera, and a top.

    They are in these columns and lean so much, up to the back; the top lies lower than where the
    front ends, or begins behind it.
    """
    forward, up = rays()
    depth_m, labels = np.full((60, 100), 3.0, np.float32), np.full((60, 100), FLOOR, np.int32)

    def face(label, columns, ahead_m, rise_m, lean_deg):
        rise, run = np.sin(np.radians(lean_deg)), np.cos(np.radians(lean_deg))
        far_m = ((ahead_m * rise - rise_m * run) / (forward * rise - up * run)).astype(np.float32)
        along_m = (up * far_m - rise_m) * rise + (forward * far_m - ahead_m) * run
        first, last = (0, 0.15) if label == TOP else (-0.1, 0)
        cells = np.zeros((60, 100), np.bool_)
        cells[:, columns] = ((along_m >= first) & (along_m <= last))[:, columns]
        depth_m[cells], labels[cells] = far_m[cells], label

    face(TOP, top, 1.0 + off_m, -0.7 - lower_m, slope_deg)
    face(FRONT, front, 1.0, -0.7, lean_deg)  # hides what is lower behind it
    return depth_m, labels


def mug(front=1, inside=1, aside=20, off_m=0.0):
    """Depth and labels of a mug 1 m ahead whose rim is 0.7 m below the camera.

    Front and inside are round and hollow (1), flat (0) or the reverse (-1); of the inside so many
    columns are seen on either side of the middle, or it begins behind the mug.
    """
    forward, up = rays()
    from_middle = (np.arange(100) - 49.5) / 20
    curve_m = 0.12 * np.sqrt(np.maximum(1 - from_middle**2, 0))
    front_m, inside_m = (
        (1 - front * curve_m) / forward,
        (1.15 + off_m + inside * curve_m) / forward,
    )
    depth_m, labels = np.full((60, 100), 3.0, np.float32), np.full((60, 100), FLOOR, np.int32)
    is_front = (up * front_m < -0.7) & (up * front_m > -0.85) & (np.abs(from_middle) < 1)
    above = (up * front_m >= -0.7) & (up * front_m < -0.6) & (np.abs(from_middle) < aside / 20)
    depth_m[is_front], labels[is_front] = front_m[is_front], FRONT
    depth_m[above], labels[above] = inside_m[above], TOP
    return depth_m, labels


def test_a_level_face_as_wide_as_the_front_below_it_is_its_top():
    assert told(*box()) == (FRONT, FRONT)


def test_a_top_that_is_seen_in_part_is_one():
    assert told(*box(top=np.s_[30:55])) == (FRONT, FRONT)
    assert told(*box(front=np.s_[30:62])) == (FRONT, FRONT)


@pytest.mark.parametrize('columns', [{'top': np.s_[30:46]}, {'front': np.s_[30:52]}])
def test_what_is_much_narrower_or_wider_lies_on_it(columns):
    assert told(*box(**columns)) == (FRONT, TOP)


def test_what_leans_is_no_lid():
    assert told(*box(slope_deg=30.0)) == (FRONT, TOP)


def test_of_two_level_faces_neither_is_the_others_top():
    assert told(*box(lean_deg=60.0)) == (FRONT, FRONT)
    assert told(*box(lean_deg=10.0)) == (FRONT, TOP)


def test_the_bottom_of_a_box_is_lower_than_its_front():
    columns = np.s_[43:57]
    assert told(*box(columns, columns, lower_m=0.005)) == (FRONT, FRONT)
    assert told(*box(columns, columns, lower_m=0.02)) == (FRONT, TOP)


def test_what_begins_behind_a_jump_is_no_lid():
    columns = np.s_[10:90]
    assert told(*box(columns, columns)) == (FRONT, FRONT)
    assert told(*box(columns, columns, lower_m=0.05)) == (FRONT, TOP)


def test_a_board_is_not_the_top_of_the_wall_that_is_seen_below_it():
    assert told(*box(lower_m=-0.28, off_m=-0.4)) == (FRONT, TOP)


def test_what_is_hollow_above_a_round_front_is_its_inside():
    assert told(*mug()) == (FRONT, FRONT)
    assert told(*mug(aside=8)) == (FRONT, TOP)
    assert told(*mug(off_m=-0.5)) == (FRONT, TOP)  # it would stand before it


@pytest.mark.parametrize(('front', 'inside'), [(1, 0), (1, -1), (0, 1), (-1, 1)])
def test_only_what_is_hollow_is_an_inside_and_only_of_what_is_round(front, inside):
    assert told(*mug(front, inside)) == (FRONT, TOP)


def test_what_is_rough_is_no_inside():
    depth_m, labels = mug()
    waves_m = np.tile(0.12 * np.sin((np.arange(100) - 49.5) / 3), (60, 1)).astype(np.float32)
    depth_m[labels == TOP] += waves_m[labels == TOP]
    assert told(depth_m, labels) == (FRONT, TOP)


@pytest.mark.parametrize(
    ('known', 'then'), [((FRONT,), FRONT), ((TOP,), TOP), ((), 0), ((FRONT, TOP), FRONT)]
)
def test_one_of_the_two_is_enough_to_be_a_thing(known, then):
    assert told(*box(), known=known) == (then, then)


def test_all_that_a_top_was_part_of_goes_with_it():
    depth_m, labels = box()
    grid = make_grid(depth_m, CAMERA, NoiseModel.named('none'))
    angles, lab = np.ones((60, 100), np.float32), np.zeros((60, 100, 3), np.float32)
    borders = BorderWalk.of(grid, angles, lab).borders(labels)
    things = np.where(labels > FLOOR, labels, 0)
    things[:3, :9] = TOP  # a handle of another label
    things = with_tops(grid, labels, borders, things, 1, Gravity(DOWN, 'given'))
    assert np.unique(things).tolist() == [0, FRONT]


def test_where_nothing_says_what_is_down_there_are_no_tops():
    assert told(*box(), source='level') == (FRONT, TOP)
