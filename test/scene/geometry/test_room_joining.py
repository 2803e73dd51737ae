# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Which patches are joined: labels made by hand."""

import numpy as np
import pytest

from ssr_ros.rgbd import CameraIntrinsics
from ssr_ros.scene.geometry.borders import BorderWalk
from ssr_ros.scene.geometry.grid import make_grid
from ssr_ros.scene.geometry.joining import join_patches
from ssr_ros.scene.geometry.noise import NoiseModel
from ssr_ros.scene.geometry.planes import PlaneFit

WALL, BEHIND_IT, SHELF, SEEN_THROUGH = 1, 2, 3, 4
NEAR, MIDDLE = np.s_[10:50, 20:60], np.s_[20:40, 30:50]


def seen_through(depth_m=2.02, deep=np.s_[:0], behind=(True, True)):
    """What a patch in the middle of a shelf goes over to, before walls at 2.0 and 2.05 m.

    The shelf is 1.5 m away, but for a ``deep`` part of it: 3 m.
    """
    depths, labels = np.full((60, 80), 2.0, np.float32), np.full((60, 80), WALL, np.int32)
    depths[50:], labels[50:] = 2.05, BEHIND_IT
    depths[NEAR], labels[NEAR] = 1.5, SHELF
    depths[deep] = 3.0
    depths[MIDDLE], labels[MIDDLE] = depth_m, SEEN_THROUGH
    grid = make_grid(depths, CameraIntrinsics(80, 80, 39.5, 29.5), NoiseModel.named('none'))
    nothing, gray = np.zeros((60, 80), np.float32), np.zeros((60, 80, 3), np.float32)
    borders = BorderWalk.of(grid, nothing, gray).borders(labels)
    planes = [
        PlaneFit(np.array([0, 0, 1 / z_m]), labels == label, 0.001)
        for label, z_m in ((WALL, 2.0), (BEHIND_IT, 2.05))
    ]
    return int(join_patches(grid, gray, labels, 5, borders, planes, behind)[SEEN_THROUGH])


def test_what_lies_in_a_wall_but_for_ripples_is_of_it_though_a_shelf_parts_them():
    assert seen_through() == WALL and seen_through(depth_m=1.97) == WALL
    assert seen_through(depth_m=2.08) == BEHIND_IT and seen_through(depth_m=2.2) == SEEN_THROUGH


@pytest.mark.parametrize('behind', [(False, False), (False, True)])
def test_what_lies_in_a_table_is_none_of_it_for_that_nor_of_a_wall_that_is_farther_off(behind):
    """It is 2 cm from the table, 3 cm from the wall."""
    assert seen_through(behind=behind) == SEEN_THROUGH


@pytest.mark.parametrize(('columns', 'of_wall'), [(4, True), (12, False)])
def test_what_stands_before_something_is_of_no_wall(columns, of_wall):
    """Of the 80 sides of its outline a twentieth or 15 % are before what is deeper."""
    said = seen_through(deep=np.s_[40:50, 30 : 30 + columns])
    assert said == (WALL if of_wall else SEEN_THROUGH)


GRAY, RED, PALE = (50.0, 0.0, 0.0), (50.0, 60.0, 0.0), (50.0, 20.0, 0.0)


@pytest.mark.parametrize(
    ('color', 'valley_deg', 'rows', 'of_one'),
    [(RED, 24, 60, False), (PALE, 24, 60, True), (RED, 12, 60, True), (RED, 24, 1, True)],
)
def test_where_an_outline_is_drawn_out_over_a_neighbour_the_colours_of_all_of_both_count(
    color, valley_deg, rows, of_one
):
    """Beside their border both are gray; the valley there is flat. Small patches tell nothing."""
    labels, lab = np.full((60, 80), 1, np.int32), np.full((60, 80, 3), GRAY, np.float32)
    labels[:, 40:], lab[:, 46:] = 2, color
    labels[rows:] = 0
    depth_m, angles = np.ones((60, 80), np.float32), np.full((60, 80), np.radians(valley_deg))
    grid = make_grid(depth_m, CameraIntrinsics(80, 80, 39.5, 29.5), NoiseModel.named('none'))
    borders = BorderWalk.of(grid, angles.astype(np.float32), lab).borders(labels)
    owner = join_patches(grid, lab, labels, 3, borders, (), ())
    assert (owner[1] == owner[2]) == of_one


def test_a_plane_may_have_many_colours_and_its_ripples_are_of_it():
    labels, lab = np.full((60, 80), 1, np.int32), np.full((60, 80, 3), RED, np.float32)
    labels[20:40, 30:50], lab[15:45, 25:55] = 2, GRAY
    depth_m, angles = np.full((60, 80), 2.0, np.float32), np.full((60, 80), np.radians(20))
    grid = make_grid(depth_m, CameraIntrinsics(80, 80, 39.5, 29.5), NoiseModel.named('none'))
    borders = BorderWalk.of(grid, angles.astype(np.float32), lab).borders(labels)
    planes = [PlaneFit(np.array([0, 0, 0.5]), labels == 1, 0.001)]
    assert join_patches(grid, lab, labels, 3, borders, planes, [False])[2] == 1


FRONT, LEFT, RIGHT = 1, 2, 3


def beside_a_front(top_row, valley_rows, front_m=0.7, front=np.s_[40:, 20:60]):
    """Whether two parts that meet above a nearer thing are one; it begins in row 40.

    They meet from ``top_row`` on down, in a valley of 80 degrees in some of these rows.
    """
    depth_m, labels = np.ones((60, 80), np.float32), np.full((60, 80), LEFT, np.int32)
    labels[:, 40:], labels[:top_row], labels[40:] = RIGHT, 0, 0
    depth_m[front], labels[front] = front_m, FRONT
    angles = np.zeros((60, 80), np.float32)
    angles[valley_rows] = np.radians(80)
    grid = make_grid(depth_m, CameraIntrinsics(80, 80, 39.5, 29.5), NoiseModel.named('none'))
    gray = np.full((60, 80, 3), GRAY, np.float32)
    gray[:, 40:], gray[front] = PALE, RED
    borders = BorderWalk.of(grid, angles, gray).borders(labels)
    owner = join_patches(grid, gray, labels, 4, borders, (), ())
    assert owner[FRONT] == FRONT
    return bool(owner[LEFT] == owner[RIGHT])


def test_what_looks_out_from_behind_a_thing_is_not_parted_by_the_valley_along_its_outline():
    """The valley at a jump's far side is seen five cells far, and tells nothing of the two."""
    along = np.s_[35:40]
    assert beside_a_front(top_row=31, valley_rows=along)
    assert not beside_a_front(top_row=31, valley_rows=np.s_[30:40]), 'it runs on to the end'
    assert not beside_a_front(top_row=33, valley_rows=along), 'of the rest too little is seen'


def test_a_valley_beside_what_hides_neither_or_one_of_two_alone_parts_them():
    along = np.s_[35:40]
    assert not beside_a_front(31, along, front_m=0.995), 'it is no nearer'
    assert not beside_a_front(31, along, front=np.s_[40:, 42:62]), 'it hides the right one'
