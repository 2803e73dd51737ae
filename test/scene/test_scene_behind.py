# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""One thing on both sides of a nearer one, and two like things that are two: scenes by hand."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from rendered import Box, render

from ssr_ros.rgbd import RgbdFrame
from ssr_ros.scene import measure

POLE = Box('yellow', (0, 0.85), (0.05, 0.05, 0.5))
"""What it hides of the boxes 1.2 m ahead is 8 cm wide."""


def blues(*things, noise=0.0):
    """Boxes around the blue things that are found, from left to right."""
    frame = render(things, size=(640, 480), noise=noise).frame
    return sorted(thing.box_px for thing in measure(frame).objects if thing.color == 'blue')


@pytest.mark.parametrize('noise', [0.0, 0.001, 0.002])
def test_a_box_behind_a_pole_is_one_thing(noise):
    whole = blues(Box('blue', (0, 1.2), (0.4, 0.1, 0.15)), noise=noise)
    behind = blues(Box('blue', (0, 1.2), (0.4, 0.1, 0.15)), POLE, noise=noise)
    assert len(behind) == 1
    assert behind[0] == pytest.approx(whole[0], abs=4)


def test_its_width_is_that_of_the_whole_and_its_mask_leaves_the_pole_out():
    scene = render([Box('blue', (0, 1.2), (0.4, 0.1, 0.15)), POLE], size=(640, 480))
    (box,) = (thing for thing in measure(scene.frame).objects if thing.color == 'blue')
    assert box.size_m[0] == pytest.approx(0.4, abs=0.01)
    assert np.count_nonzero(box.mask & (scene.ids == 2)) < 0.02 * box.pixels


def test_the_shadow_beside_the_pole_is_unknown_and_tells_nothing():
    scene = render([Box('blue', (0, 1.2), (0.4, 0.1, 0.15)), POLE], size=(640, 480))
    depth_m = scene.frame.depth_m.copy()
    columns = np.flatnonzero((scene.ids == 2).any(axis=0))
    depth_m[:, columns[-1] + 1 : columns[-1] + 26] = np.nan
    facts = measure(RgbdFrame(scene.frame.rgb, depth_m, scene.frame.intrinsics))
    assert [thing.color for thing in facts.objects].count('blue') == 1


def test_what_the_pole_cuts_far_from_its_middle_is_one_thing_too():
    assert len(blues(Box('blue', (0.06, 1.2), (0.4, 0.1, 0.15)), POLE)) == 1


def test_a_box_seen_at_an_angle_goes_on_behind_a_pole_through_drawn_out_jumps():
    scene = render([Box('blue', (0.25, 1.2), (0.8, 0.1, 0.15)), POLE], size=(640, 480))
    depth_m = np.asarray(1 / cv2.blur(1 / scene.frame.depth_m, (7, 7)), np.float32)
    facts = measure(RgbdFrame(scene.frame.rgb, depth_m, scene.frame.intrinsics))
    assert [thing.color for thing in facts.objects].count('blue') == 1


def test_two_like_boxes_with_a_gap_beside_the_pole_are_two():
    left, right = (Box('blue', (x, 1.2), (0.2, 0.1, 0.15)) for x in (-0.16, 0.16))
    assert len(blues(left, right, POLE)) == 2


def test_two_like_boxes_with_a_gap_above_what_stands_before_them_are_two():
    left, right = (Box('blue', (x, 1.2), (0.2, 0.1, 0.2)) for x in (-0.12, 0.12))
    low = Box('yellow', (0, 0.85), (0.1, 0.05, 0.12))
    assert len(blues(left, right, low)) == 2


def test_a_box_and_a_higher_one_of_its_colour_are_two():
    left = Box('blue', (-0.13, 1.2), (0.2, 0.1, 0.1))
    right = Box('blue', (0.13, 1.2), (0.2, 0.1, 0.2))
    assert len(blues(left, right, POLE)) == 2


def test_a_box_and_a_farther_one_of_its_colour_are_two():
    left = Box('blue', (-0.13, 1.2), (0.2, 0.1, 0.15))
    for behind_m in (0.08, 0.2):
        right = Box('blue', (0.13, 1.2 + behind_m), (0.2, 0.1, 0.15))
        assert len(blues(left, right, POLE)) == 2


def test_boxes_of_two_colours_in_one_line_are_two():
    left = Box('blue', (-0.13, 1.2), (0.2, 0.1, 0.15))
    right = Box('purple', (0.13, 1.2), (0.2, 0.1, 0.15))
    scene = render([left, right, POLE], size=(640, 480))
    assert len(measure(scene.frame).objects) == 3


def test_more_hidden_than_seen_is_not_put_together():
    left, right = (Box('blue', (x, 1.2), (0.08, 0.1, 0.15)) for x in (-0.19, 0.19))
    wide = Box('yellow', (0, 0.85), (0.22, 0.05, 0.5))
    assert len(blues(left, right, wide)) == 2


def test_one_stays_one_and_two_stay_two_when_all_is_four_times_as_large():
    for size in (1, 4):
        pole = Box('yellow', (0, 0.85 * size), (0.05 * size, 0.05 * size, 0.5 * size))
        for parts, count in (((0,), 1), ((-0.16, 0.16), 2)):
            width = 0.4 if count == 1 else 0.2
            boxes = [
                Box('blue', (x * size, 1.2 * size), (width * size, 0.1 * size, 0.15 * size))
                for x in parts
            ]
            frame = render([*boxes, pole], 0.7 * size, wall_m=3.0 * size, size=(640, 480)).frame
            found = [t for t in measure(frame).objects if t.color == 'blue']
            assert len(found) == count


@pytest.mark.parametrize('height_m', [0.1, 0.13, 0.15])
@pytest.mark.parametrize('noise', [0.0, 0.001])
def test_a_box_that_stands_behind_one_of_its_colour_is_no_inside_of_it(height_m, noise):
    """It was told as one with the nearer box, as the inside of a mug is."""
    front = Box('blue', (0, 0.8), (0.3, 0.1, 0.15))
    behind = Box('blue', (0, 1.05), (0.28, 0.1, height_m))
    assert len(blues(front, behind, noise=noise)) == 2
