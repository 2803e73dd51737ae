# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Free distances, passages and places to put things."""

from __future__ import annotations

import math

import pytest
from rendered import Box, render

from ssr_ros.scene import measure
from ssr_ros.scene.questions import space


def test_free_distance_ahead_ends_at_the_nearest_thing_in_the_way():
    facts = measure(render([Box('red', (0, 1.5), (0.3, 0.2, 0.3))], size=(640, 480)).frame)
    sectors = {s.name: s for s in space.free_sectors(facts)}
    assert sectors['ahead'].blocked
    assert sectors['ahead'].free.value == pytest.approx(1.4, abs=0.02)
    assert sectors['left'].free.value > 2


def test_a_narrow_lane_passes_what_a_wide_one_hits():
    facts = measure(render([Box('red', (0.35, 1.5), (0.2, 0.2, 0.3))], size=(640, 480)).frame)
    free = {
        width: next(
            s for s in space.free_sectors(facts, width / 2) if s.name == 'ahead'
        ).free.value
        for width in (0.3, 0.8)
    }
    assert free[0.3] > 2.5
    assert free[0.8] == pytest.approx(1.4, abs=0.03)


def test_without_anything_standing_the_free_distance_is_how_far_one_sees():
    facts = measure(render([], wall_m=None, size=(640, 480)).frame)
    ahead = next(s for s in space.free_sectors(facts) if s.name == 'ahead')
    assert not ahead.blocked
    assert ahead.free.value > 2


def test_the_passage_is_the_gap_on_the_ground_and_names_what_blocks_it():
    left, right = (
        Box('red', (-0.4, 1.5), (0.2, 0.2, 0.2)),
        Box('blue', (0.4, 1.5), (0.2, 0.2, 0.4)),
    )
    block = Box('green', (0.0, 1.5), (0.1, 0.1, 0.1))
    facts = measure(render([left, right], size=(640, 480)).frame)
    width, blocking = space.between(facts, *facts.objects)
    assert width.value == pytest.approx(0.6, abs=0.02)
    assert blocking == ()
    facts = measure(render([left, right, block], size=(640, 480)).frame)
    ends = [o for o in facts.objects if o.color != 'green']
    assert [t.color for t in space.between(facts, *ends)[1]] == ['green']


def test_the_vacant_place_keeps_clear_of_things_and_of_what_they_hide():
    things = [Box('red', (-0.3, 1.2), (0.4, 0.3, 0.4))]
    facts = measure(render(things, size=(640, 480)).frame)
    place = space.vacant_place(facts, space.floor(facts))
    right, forward, _ = facts.gravity.axes @ place.center_m
    for far in (1.0, 1.2, 1.5, 2.0):  # along the edge of the box's shadow, seen from the camera
        apart = math.hypot(right + 0.1 * far, forward - 1.05 * far)
        assert apart > place.diameter.value / 2 - 0.05
    assert 0.3 < place.diameter.value < 2.5


def test_no_floor_gives_no_floor():
    facts = measure(render([], tilt_deg=0, height_m=50, wall_m=2).frame)
    assert space.floor(facts) is None
    assert next(s for s in space.free_sectors(facts) if s.name == 'ahead').free.value == (
        pytest.approx(2, abs=0.05)
    )
