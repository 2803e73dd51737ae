# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What could stand in a way and be all in pixels without depth."""

import numpy as np
import pytest
from rendered import render

from benchmarks.space_hidden import Hidden
from ssr_ros.scene import measure
from ssr_ros.scene.geometry.ground import Ground
from ssr_ros.scene.questions import space

EMPTY = render([], size=(640, 480)).frame
FACTS = measure(EMPTY)
GROUND = Ground.of(FACTS, space.floor(FACTS))
"""A floor 0.7 m below a camera that looks down by 30 degrees, seen ahead from 0.5 m on."""


def hidden(*boxes):
    unknown = np.zeros((480, 640), np.bool_)
    for x0, y0, x1, y1 in boxes:
        unknown[y0:y1, x0:x1] = True
    return Hidden(GROUND, unknown)


def test_where_all_is_seen_nothing_hides():
    assert hidden().in_lane(0.5, 2.0) == ''


def test_a_hole_in_the_lane_hides_a_stick_if_it_is_as_high_as_one():
    for width_m in (0.5, 0.1):
        assert hidden((300, 200, 340, 300)).in_lane(width_m, 2.0) == 'a stick'
    assert hidden((318, 240, 322, 243)).in_lane(0.5, 2.0) == '', 'it is lower than 3.5 cm'


def test_a_hole_beside_the_lane_hides_no_stick_but_a_table_that_reaches_in():
    """Its foot is out of view, and its edge is in the hole above the lane's side."""
    beside = (0, 200, 40, 300)
    assert hidden(beside).in_lane(0.5, 2.0) == 'a table'
    assert hidden(beside).in_lane(1.5, 2.0) == 'a stick', 'the lane is as wide as the hole is far'


def test_a_hole_behind_the_ways_end_hides_no_stick_but_a_table_before_it():
    """What is high stands before floor that is farther."""
    far = (0, 60, 640, 150)
    assert hidden(far).in_lane(0.5, 1.0) == 'a table'
    assert hidden((300, 60, 340, 150)).in_lane(0.5, 1.0) == '', 'no table is so narrow'
    aside = (600, 9, 631, 100)
    assert hidden(aside).in_lane(0.5, 1.0) == 'a table'
    assert hidden(aside).in_lane(0.1, 1.0) == '', 'none that reaches so far in'
    assert hidden(far).in_lane(0.5, 5.0) == 'a stick'


def test_pixels_of_another_image_are_refused():
    with pytest.raises(ValueError, match=r'\(480, 640\) pixels, got \(3, 4\)'):
        Hidden(GROUND, np.zeros((3, 4), np.bool_))
