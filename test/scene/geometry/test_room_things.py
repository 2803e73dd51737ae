# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Which labels are things: labels made by hand."""

import numpy as np
import pytest

from ssr_ros.rgbd import CameraIntrinsics
from ssr_ros.scene.geometry.borders import BorderWalk
from ssr_ros.scene.geometry.grid import make_grid
from ssr_ros.scene.geometry.noise import NoiseModel
from ssr_ros.scene.geometry.things import keep_things

PLANE, THING, OTHER, FRONT = 1, 2, 3, 4
RED = UNLIKE = (50.0, 40.0, 0.0)
HARDLY_UNLIKE = (50.0, 20.0, 0.0)
DULL = (0.0, 10.0, 0.0)


def kept(depth_m, labels, colors, role='support', least=12, valley_deg=40, lab=None):
    """Labels of the things that are kept, one valley wherever depth runs on."""
    grid = make_grid(depth_m, CameraIntrinsics(80, 80, 39.5, 29.5), NoiseModel.named('none'))
    lab = np.zeros((60, 80, 3), np.float32) if lab is None else lab
    for label, color in colors.items():
        lab[labels == label] = color
    angles = np.full((60, 80), np.radians(valley_deg), np.float32)
    borders = BorderWalk.of(grid, angles, lab).borders(labels)
    rise_m = -(grid.points_m[..., 1] + grid.points_m[..., 2]) * np.float32(0.7)  # looks down
    _, things = keep_things(grid, lab, rise_m, labels, borders, [role], least)
    return things


def block(behind_m, role='support', color=UNLIKE, at=np.s_[20:40, 30:60], valley_deg=40):
    """Whether a block 1 m away is kept, before a plane that is there, too, but for columns."""
    depth_m, labels = np.full((60, 80), 1.0, np.float32), np.full((60, 80), PLANE, np.int32)
    depth_m[:, behind_m] = 2.0
    depth_m[at], labels[at] = 1.0, THING
    return bool(kept(depth_m, labels, {THING: color}, role, valley_deg=valley_deg).any())


def test_what_meets_a_wall_all_around_is_more_of_the_wall_unless_it_stands_before_it():
    beside, all_of_it = np.s_[:45], np.s_[:]
    assert block(beside) and not block(beside, role='wall')
    assert block(all_of_it, role='wall')


def test_what_no_colour_and_little_depth_shows_is_no_thing():
    same, hardly, half = (0.0, 0.0, 0.0), (0.0, 1.5, 0.0), np.s_[:45]
    assert not block(half, color=same, valley_deg=0)
    assert not block(half, color=hardly, valley_deg=0)
    assert block(half, valley_deg=0) and block(np.s_[:], color=same, valley_deg=0)


def test_jumps_and_valleys_nearly_all_around_show_what_no_colour_does():
    """Gray mugs on a gray table had been taken for faults of the depth."""
    assert block(np.s_[:45], color=(0.0, 0.0, 0.0))


@pytest.mark.parametrize(('beside_m', 'is_thing'), [(1.0, True), (0.6, False)])
def test_a_low_dome_of_another_colour_needs_no_jump_and_what_is_seen_through_a_hole_has_none(
    beside_m, is_thing
):
    depth_m, labels = np.full((60, 80), 1.0, np.float32), np.full((60, 80), PLANE, np.int32)
    depth_m[:, :30] = beside_m
    labels[20:26, 30:37] = THING
    assert bool(kept(depth_m, labels, {THING: UNLIKE}).any()) == is_thing


@pytest.mark.parametrize(('columns', 'is_thing'), [(np.s_[30:33], True), (np.s_[30:31], False)])
def test_a_sliver_stands_before_something_along_an_eighth_of_its_outline(columns, is_thing):
    assert block(columns, color=HARDLY_UNLIKE, at=np.s_[20:26, 30:36]) == is_thing


def mug(foot=False, rim=True, color=RED):
    """Kept labels of the front of a mug, and of its inside with a handle that reaches far out."""
    depth_m, labels = np.full((60, 80), 3.0, np.float32), np.full((60, 80), PLANE, np.int32)
    depth_m[50:] = 1.0
    depth_m[30:50, 20:50], labels[30:50, 20:50] = 1.0, THING
    depth_m[12:30, 20:50], labels[12:30, 20:50] = 1.3, OTHER
    depth_m[16:28, 50:62], labels[16:28, 50:62] = 1.3, OTHER
    if rim:
        depth_m[28:34, 50:52], labels[28:34, 50:52] = 1.0, OTHER
    if foot:
        depth_m[12:30, 12:20] = 1.3
    return kept(depth_m, labels, {THING: RED, OTHER: color})


def test_the_inside_of_a_mug_and_its_handle_are_of_it():
    assert mug().max() == 1 and mug()[40, 30] == mug()[20, 30] == mug()[22, 58]


@pytest.mark.parametrize('what', [{'foot': True}, {'rim': False}, {'color': (50.0, 0.0, -30.0)}])
def test_what_has_a_foot_or_another_colour_or_no_rim_is_a_thing_behind_it(what):
    assert mug(**what).max() == 2


@pytest.mark.parametrize(('foot', 'things'), [(50, 2), (24, 3)])
def test_what_stands_before_a_mug_and_its_inside_tells_nothing_of_either(foot, things):
    depth_m, labels = np.full((60, 80), 3.0, np.float32), np.full((60, 80), PLANE, np.int32)
    depth_m[50:] = 1.0
    depth_m[30:50, 20:50], labels[30:50, 20:50] = 1.0, THING
    depth_m[18:30, 20:50], labels[18:30, 20:50] = 1.2, OTHER
    depth_m[30:36, 50:52], labels[30:36, 50:52] = 1.0, OTHER  # its rim
    depth_m[8:foot, 14:28], labels[8:foot, 14:28] = 0.7, FRONT
    assert kept(depth_m, labels, {THING: RED, OTHER: RED, FRONT: DULL}).max() == things


def shelf(behind_m=0.15, columns=np.s_[30:48]):
    """Kept labels of the front of a shelf, and of what is seen in it past that, of its colour."""
    depth_m, labels = np.full((60, 80), 3.0, np.float32), np.full((60, 80), PLANE, np.int32)
    depth_m[30:50, 10:70], labels[30:50, 10:70] = 1.0, THING
    depth_m[10:30, 10:14], labels[10:30, 10:14] = 1.0, THING
    depth_m[24:30, columns], labels[24:30, columns] = 1.0 + behind_m, OTHER
    rim = np.s_[28:30, columns.stop : columns.stop + 1]
    depth_m[rim], labels[rim] = 1.0, OTHER
    return kept(depth_m, labels, {THING: RED, OTHER: RED})


def test_what_is_narrow_and_hardly_behind_a_shelf_stands_in_it():
    """Boxes of their shelf's colour had been its insides, as those of mugs are."""
    assert shelf().max() == 2
    assert shelf(behind_m=0.4).max() == 1
    assert shelf(columns=np.s_[20:60]).max() == 1


@pytest.mark.parametrize('beyond_m', [0.0, 0.1])
def test_a_plane_that_ends_behind_a_rim_is_no_foot(beyond_m):
    """Sensors that draw jumps out had given bowls a foot at their rims."""
    depth_m, labels = np.full((60, 80), 3.0, np.float32), np.full((60, 80), PLANE, np.int32)
    depth_m[30:50, 20:50], labels[30:50, 20:50] = 1.0, THING
    depth_m[12:30, 20:50], labels[12:30, 20:50] = 1.3, OTHER
    depth_m[28:34, 18:20], labels[28:34, 18:20] = 1.0, OTHER  # its rim
    depth_m[12:30, 50:54] = 1.3 + np.float32(beyond_m) * np.arange(1, 5) / 10
    assert kept(depth_m, labels, {THING: RED, OTHER: RED}).max() == (2 if beyond_m == 0 else 1)


@pytest.mark.parametrize(('color', 'is_thing'), [(UNLIKE, True), (HARDLY_UNLIKE, False)])
def test_what_colour_and_valleys_part_from_all_around_may_lie_behind_more_than_it_hides(
    color, is_thing
):
    depth_m, labels = np.full((60, 80), 1.0, np.float32), np.full((60, 80), PLANE, np.int32)
    depth_m[:, :30], depth_m[:20, 50:] = 0.6, 2.0
    depth_m[20:40, 30:60], labels[20:40, 30:60] = 1.0, THING
    assert bool(kept(depth_m, labels, {THING: color}).any()) == is_thing


PARTLY = np.where(np.arange(80) < 45, 40, 0)
"""Valleys along half of where depth runs on."""


@pytest.mark.parametrize(
    ('color', 'valley_deg', 'is_thing'),
    [
        (DULL, 40, True),
        ((0.0, 4.0, 0.0), 40, False),
        (DULL, PARTLY, False),
        (HARDLY_UNLIKE, PARTLY, True),
    ],
)
def test_what_a_thing_hides_most_of_and_little_colour_shows_has_edges_nearly_all_around(
    color, valley_deg, is_thing
):
    """A book below other books had been no thing, nor the seat of a sofa below its cushions."""
    depth_m, labels = np.full((60, 80), 1.3, np.float32), np.full((60, 80), PLANE, np.int32)
    depth_m[:20, 30:50] = 2.0
    labels[20:40, 20:60] = THING
    depth_m[30:50, 24:56], labels[30:50, 24:56] = 1.0, FRONT
    found = kept(depth_m, labels, {THING: color, FRONT: RED}, valley_deg=valley_deg)
    assert found[49, 40] and bool(found[20, 21]) == is_thing


def bowl(inside=DULL):
    """Kept labels of a low bowl: its front is small, and its inside more behind than before."""
    depth_m, labels = np.full((60, 80), 1.26, np.float32), np.full((60, 80), PLANE, np.int32)
    depth_m[:20, 30:44] = 1.6
    depth_m[20:36, 24:52], labels[20:36, 24:52] = 1.25, OTHER
    depth_m[36:42, 24:52], labels[36:42, 24:52] = 1.0, THING
    depth_m[36:38, 52:54], labels[36:38, 52:54] = 1.0, OTHER  # its rim
    depth_m[38:, :] = np.where(labels[38:] == PLANE, np.float32(0.98), depth_m[38:])
    return kept(depth_m, labels, {THING: DULL, OTHER: inside}, least=200)


def test_a_front_and_its_inside_are_a_thing_together_where_neither_is_one_alone():
    whole = bowl()
    assert whole.max() == 1 and whole[25, 40] == whole[37, 40] == 1
    assert bowl(inside=(0.0, -10.0, -10.0)).max() == 0


@pytest.mark.parametrize(
    ('color', 'neighbour', 'is_thing'),
    [(UNLIKE, False, True), (DULL, False, False), (UNLIKE, True, False)],
)
def test_what_lies_on_a_plane_of_another_colour_needs_no_edge(color, neighbour, is_thing):
    """Its own border is of the plane's colour, as where the sensor has drawn its outline out."""
    depth_m, labels = np.full((60, 80), 1.0, np.float32), np.full((60, 80), PLANE, np.int32)
    labels[20:40, 30:60] = THING
    if neighbour:
        labels[:, :30] = OTHER
        labels[:20] = OTHER
    lab = np.zeros((60, 80, 3), np.float32)
    lab[23:37, 33:57] = color
    assert bool(kept(depth_m, labels, {}, valley_deg=8, lab=lab).any()) == is_thing
