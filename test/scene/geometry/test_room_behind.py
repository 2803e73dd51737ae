# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What is seen on both sides of a nearer thing: labels made by hand."""

import numpy as np
import pytest

from ssr_ros.rgbd import CameraIntrinsics
from ssr_ros.scene.geometry.behind import join_behind
from ssr_ros.scene.geometry.grid import make_grid
from ssr_ros.scene.geometry.noise import NoiseModel

FLOOR, POLE, LEFT, RIGHT = 1, 2, 3, 4


def room(left=np.s_[20:40, 10:34], right=np.s_[20:40, 44:70], pole=np.s_[:, 34:44]):
    """Depth and labels of two pieces 1 m away, a pole before them, and what is 2 m away."""
    depth_m, labels = np.full((80, 80), 2.0, np.float32), np.full((80, 80), FLOOR, np.int32)
    for label, window, far_m in ((LEFT, left, 1.0), (RIGHT, right, 1.0), (POLE, pole, 0.7)):
        depth_m[window], labels[window] = far_m, label
    return depth_m, labels


def are_one(depth_m, labels):
    """Whether the two pieces are put together."""
    grid = make_grid(depth_m, CameraIntrinsics(80, 80, 39.5, 39.5), NoiseModel.named('none'))
    hidden = np.array([False, False, False, True, True])
    to = join_behind(grid, np.zeros((80, 80, 3), np.float32), labels, hidden)
    assert (to[:LEFT] == np.arange(LEFT)).all()
    return bool(to[LEFT] == to[RIGHT])


def test_pieces_beside_a_pole_are_one_and_so_are_pieces_above_and_below_a_beam():
    depth_m, labels = room()
    assert are_one(depth_m, labels)
    assert are_one(np.ascontiguousarray(depth_m.T), np.ascontiguousarray(labels.T))


@pytest.mark.parametrize('gap', [np.s_[:, 40:44], np.s_[:, 34:38]])
def test_a_gap_on_either_side_of_the_pole_is_seen(gap):
    depth_m, labels = room()
    depth_m[gap], labels[gap] = 2.0, FLOOR
    assert not are_one(depth_m, labels)


def test_what_parts_them_and_is_no_nearer_hides_nothing():
    depth_m, labels = room()
    depth_m[20:40, 34:44] = 1.0
    assert not are_one(depth_m, labels)


@pytest.mark.parametrize(('wide', 'one'), [(8, False), (14, True)])
def test_of_either_piece_as_much_is_seen_as_is_hidden(wide, one):
    assert are_one(*room(left=np.s_[20:40, 34 - wide : 34])) == one
    assert are_one(*room(right=np.s_[20:40, 44 : 44 + wide])) == one


def test_a_line_that_runs_past_the_end_of_a_piece_to_its_far_side_tells_nothing():
    """A hand that holds the box is beside its upper corner, and the table is seen between."""
    depth_m, labels = room(right=np.s_[22:40, 44:70])
    depth_m[16:22, 64:70], labels[16:22, 64:70] = 1.0, RIGHT
    assert are_one(depth_m, labels)


def test_pieces_that_hardly_overlap_in_height_are_two():
    assert not are_one(*room(right=np.s_[32:52, 44:70]))
