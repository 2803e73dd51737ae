# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What hangs on a thing of its colour: labels made by hand."""

import numpy as np
import pytest

from ssr_ros.rgbd import CameraIntrinsics
from ssr_ros.scene.geometry.borders import BorderWalk
from ssr_ros.scene.geometry.grid import make_grid
from ssr_ros.scene.geometry.noise import NoiseModel
from ssr_ros.scene.geometry.pieces import join_pieces

PLANE, CUP, HANDLE = 1, 2, 3
BODY, HUNG = np.s_[20:50, 30:60], np.s_[30:40, 22:30]


def joined(change=None, lightness=50.0, tint=0.0):
    """What the labels go over to: a cup on a plane 1 m away, a handle left of it, 3 m behind.

    ``change`` is applied to depth and labels; the handle's colour is that of the cup, but for a
    ``lightness`` of 50 and a ``tint`` of 0.
    """
    depth_m, labels = np.full((60, 80), 3.0, np.float32), np.full((60, 80), PLANE, np.int32)
    depth_m[50:], depth_m[BODY], depth_m[HUNG] = 1.0, 1.0, 1.0
    labels[BODY], labels[HUNG] = CUP, HANDLE
    if change is not None:
        change(depth_m, labels)
    lab = np.zeros((60, 80, 3), np.float32)
    lab[..., 0] = 50.0
    lab[labels == HANDLE] = lightness, tint, 0.0
    grid = make_grid(depth_m, CameraIntrinsics(80, 80, 39.5, 29.5), NoiseModel.named('none'))
    borders = BorderWalk.of(grid, np.zeros((60, 80), np.float32), lab).borders(labels)
    return join_pieces(grid, labels, borders, 1).tolist()


def with_foot(depth_m, labels):
    depth_m[40:50, 22:30], labels[40:50, 22:30] = 1.0, HANDLE


def without_seam(depth_m, labels):
    depth_m[HUNG] = 1.2


def of_furniture(depth_m, labels):
    """All is twice as far, and twice as large."""
    depth_m *= 2


def above(depth_m, labels):
    depth_m[HUNG], labels[HUNG] = 3.0, PLANE
    depth_m[12:20, 40:50], labels[12:20, 40:50] = 1.0, HANDLE


def large(depth_m, labels):
    depth_m[24:46, 5:30], labels[24:46, 5:30] = 1.0, HANDLE


def floating(depth_m, labels):
    """The cup has no foot either: nothing says which is of which."""
    depth_m[50:] = 3.0


def test_a_handle_is_of_its_cup_in_shade_too():
    assert joined() == [0, PLANE, CUP, CUP]
    assert joined(lightness=60.0) == [0, PLANE, CUP, CUP]


def test_a_handle_of_another_colour_is_a_thing():
    assert joined(tint=20.0) == [0, PLANE, CUP, HANDLE]


@pytest.mark.parametrize('change', [with_foot, without_seam, of_furniture, above, large, floating])
def test_what_may_be_another_thing_is_no_handle(change):
    assert joined(change) == [0, PLANE, CUP, HANDLE]
