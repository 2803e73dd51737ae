# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What cannot stand by itself is of what holds it: labels made by hand."""

import numpy as np
import pytest

from ssr_ros.rgbd import CameraIntrinsics
from ssr_ros.scene.geometry.borders import BorderWalk
from ssr_ros.scene.geometry.floating import join_floating
from ssr_ros.scene.geometry.gravity import Gravity
from ssr_ros.scene.geometry.grid import make_grid
from ssr_ros.scene.geometry.noise import NoiseModel
from ssr_ros.scene.geometry.planes import PlaneFit

FLOOR, BODY, PART = 1, 2, 3
DOWN = np.array([0.0, 1.0, 0.0])
BODY_AT = np.s_[25:50, 30:60]


def joined(part, part_m=1.0, floor_y_m=1.0, source='given', body=BODY_AT):
    """What the part goes over to: it and the body 1 m away, both of them 0.6 m over the floor."""
    depth_m, labels = np.full((60, 100), 3.0, np.float32), np.full((60, 100), FLOOR, np.int32)
    depth_m[body], labels[body] = 1.0, BODY
    depth_m[part], labels[part] = part_m, PART
    grid = make_grid(depth_m, CameraIntrinsics(80, 80, 49.5, 29.5), NoiseModel.named('none'))
    lab = np.zeros((60, 100, 3), np.float32)
    lab[labels == PART] = 50.0, 40.0, 0.0  # colour tells nothing here
    borders = BorderWalk.of(grid, np.zeros((60, 100), np.float32), lab).borders(labels)
    floor = PlaneFit(DOWN / floor_y_m, labels == FLOOR, 0.001)
    return join_floating(grid, labels, borders, [floor], Gravity(DOWN, source)).tolist()[PART]


@pytest.mark.parametrize(
    'part',
    [
        np.s_[28:36, 60:75],  # juts out to the side
        np.s_[15:25, 54:85],  # lies on it, but would tip over
        np.s_[1:25, 44:48],  # stands on it, six times as high as it is wide
    ],
)
def test_what_would_fall_is_of_what_holds_it(part):
    assert joined(part) == BODY


def test_what_rests_on_a_thing_is_one_of_its_own():
    assert joined(np.s_[15:25, 40:52]) == PART


def test_what_only_seems_to_meet_a_thing_is_not_of_it():
    assert joined(np.s_[28:36, 60:75], part_m=1.3) == PART


def test_what_is_low_may_stand_on_the_floor():
    assert joined(np.s_[28:36, 60:75], floor_y_m=0.09) == PART


def test_where_nothing_says_what_is_down_nothing_falls():
    assert joined(np.s_[28:36, 60:75], source='level') == PART


def test_a_board_is_not_of_what_stands_on_it():
    assert joined(np.s_[50:54, 10:90]) == PART


def test_of_a_round_thing_the_lower_half_is_not_seen():
    assert joined(np.s_[20:40, 60:80], floor_y_m=0.2) == PART
    assert joined(np.s_[20:40, 60:80], floor_y_m=0.4) == BODY
