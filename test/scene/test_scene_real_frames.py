# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Real cameras: tabletop objects against their ground truth, and frames to be sensible on."""

from __future__ import annotations

import numpy as np
import pytest

from ssr_ros.scene import measure, measure_at


@pytest.mark.parametrize(('name', 'color'), [('cheezit', 'red'), ('blue_mug', 'blue')])
def test_tabletop_objects_are_where_their_points_are(real_frame, name, color):
    facts = measure(real_frame(f'tabletop/{name}'))
    truth = np.load(real_frame.root / 'tabletop' / f'{name}.object_pc.npy')
    assert 1 <= len(facts.objects) <= 2  # a handle may be told of by itself
    thing = facts.objects[0]
    assert thing.color == color
    off_m = np.abs(thing.center_m - truth.mean(axis=0))
    assert (off_m < 3 * np.array(thing.margins.center_m)).all() and off_m.max() < 0.003
    along = truth @ facts.gravity.axes.T
    middle = (thing.low_m + thing.high_m) / 2
    assert np.abs(middle - (along.min(axis=0) + along.max(axis=0)) / 2).max() < 0.02
    assert thing.size_m == pytest.approx(np.ptp(along, axis=0), abs=0.03)
    nearest = np.percentile(np.linalg.norm(truth, axis=1), 1)
    assert thing.distance_m == pytest.approx(nearest, abs=0.01)


def test_a_box_around_the_mug_measures_the_mug(real_frame):
    frame = real_frame('tabletop/blue_mug')
    truth = np.load(real_frame.root / 'tabletop' / 'blue_mug.object_pc.npy')
    at = measure_at(frame, (268, 162, 424, 330))
    assert at.median_distance_m == pytest.approx(
        np.median(np.linalg.norm(truth, axis=1)), rel=0.03
    )


def found(facts, box):
    """The best overlap of an object's box with a box marked by hand."""
    return max(overlap(o.box_px, box) for o in facts.objects)


def overlap(a, b):
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    if width <= 0 or height <= 0:
        return 0.0
    shared = width * height
    return shared / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - shared)


@pytest.mark.parametrize(
    ('name', 'box'),
    [
        ('dining_room/1', (118, 145, 205, 285)),  # wing chair
        ('dining_room/1', (355, 255, 525, 470)),  # nearest chair
        ('dining_room/1', (195, 210, 290, 410)),  # third chair
        ('dining_room/3', (85, 215, 245, 472)),  # sideboard
        ('dining_room/3', (325, 133, 465, 320)),  # wing chair
        ('dining_room/3', (455, 230, 600, 472)),  # near chair
        ('living_room/0', (345, 105, 505, 285)),  # an armchair's back: it is told in parts
    ],
)
def test_furniture_that_people_see_is_found(real_frame, name, box):
    assert found(measure(real_frame(name)), box) > 0.5


@pytest.mark.parametrize(
    'name', ['dining_room/1', 'dining_room/3', 'living_room/0', 'living_room/2']
)
def test_rooms_have_a_floor_below_and_walls(real_frame, name):
    facts = measure(real_frame(name))
    assert facts.gravity.source == 'plane'
    assert any(p.role == 'support' and -2 < p.height_m < -0.3 for p in facts.planes)
    assert any(p.role == 'wall' for p in facts.planes)
    assert 3 < len(facts.objects) < 40


def test_a_sparse_frame_says_how_little_it_knows(real_frame):
    facts = measure(real_frame('shelf_bin/0'))
    assert facts.valid_ratio < 0.4
    assert 'Depth is known for 34 % of the image.' in facts.rationale()
    assert all(o.valid_ratio < 0.8 for o in facts.objects)
