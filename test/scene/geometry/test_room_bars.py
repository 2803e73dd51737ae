# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What bars belong to: labels made by hand."""

import numpy as np
import pytest

from ssr_ros.rgbd import CameraIntrinsics
from ssr_ros.scene.geometry.bars import join_bars
from ssr_ros.scene.geometry.borders import BorderWalk
from ssr_ros.scene.geometry.grid import make_grid
from ssr_ros.scene.geometry.noise import NoiseModel

PLANE, SEAT, LEG = 1, 2, 3
BOARD, BELOW = np.s_[10:30, 30:60], np.s_[30:50, 34:42]


def joined(change=None, lightness=50.0, tint=0.0):
    """What the labels go over to: a seat 1 m away on a leg that stands on a plane, 3 m behind.

    ``change`` is applied to depth and labels; the leg's colour is that of the seat, but for a
    ``lightness`` of 50 and a ``tint`` of 0.
    """
    depth_m, labels = np.full((60, 80), 3.0, np.float32), np.full((60, 80), PLANE, np.int32)
    depth_m[50:] = 1.0
    put(depth_m, labels, BOARD, SEAT)
    put(depth_m, labels, BELOW, LEG)
    if change is not None:
        change(depth_m, labels)
    lab = np.zeros((60, 80, 3), np.float32)
    lab[..., 0] = 50.0
    lab[labels == LEG] = lightness, tint, 0.0
    grid = make_grid(depth_m, CameraIntrinsics(80, 80, 39.5, 29.5), NoiseModel.named('none'))
    borders = BorderWalk.of(grid, np.zeros((60, 80), np.float32), lab).borders(labels)
    return join_bars(lab, labels, borders, 1).tolist()


def put(depth_m, labels, where, label, at_m=1.0):
    depth_m[where], labels[where] = at_m, label


def remove(depth_m, labels, where):
    put(depth_m, labels, where, PLANE, 3.0)


def a_second_leg(depth_m, labels):
    put(depth_m, labels, np.s_[30:50, 48:56], LEG + 1)


def compact(depth_m, labels):
    put(depth_m, labels, np.s_[30:50, 34:54], LEG)


def behind(depth_m, labels):
    depth_m[BELOW] = 1.2


def at_a_corner(depth_m, labels):
    remove(depth_m, labels, BELOW)
    put(depth_m, labels, np.s_[30:50, 24:32], LEG)


def short(depth_m, labels):
    remove(depth_m, labels, np.s_[40:50, 34:42])
    remove(depth_m, labels, np.s_[30:40, 38:42])


def with_a_foot_of_its_own(depth_m, labels):
    put(depth_m, labels, np.s_[30:50, 45:60], SEAT)


def on_a_long_board(depth_m, labels):
    """A compact thing stands on a bar that is larger than it: a cup on a rack."""
    remove(depth_m, labels, BELOW)
    remove(depth_m, labels, np.s_[10:30, 48:60])
    put(depth_m, labels, np.s_[30:38, 2:78], LEG)


def test_a_leg_is_of_its_seat_in_shade_too():
    assert joined() == [0, PLANE, SEAT, SEAT]
    assert joined(lightness=60.0) == [0, PLANE, SEAT, SEAT]


def test_all_legs_are_of_their_seat():
    assert joined(a_second_leg) == [0, PLANE, SEAT, SEAT, SEAT]


def test_a_leg_of_another_colour_is_a_thing():
    assert joined(tint=20.0) == [0, PLANE, SEAT, LEG]


@pytest.mark.parametrize(
    'change', [compact, behind, at_a_corner, short, with_a_foot_of_its_own, on_a_long_board]
)
def test_what_may_be_another_thing_is_no_bar(change):
    assert joined(change) == [0, PLANE, SEAT, LEG]
