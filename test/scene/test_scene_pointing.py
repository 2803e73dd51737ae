# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""A region means a thing: a measured one, or the surface in it that stands off its support."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from rendered import Box, render

from ssr_ros.errors import FrameError
from ssr_ros.scene import measure
from ssr_ros.scene.geometry.pointing import Pointing

NAMES = ('red object 1', 'blue object 1', 'green object 1', 'yellow object 1', 'red object 2')


def box_around(ids, number):
    rows, columns = np.nonzero(ids == number)
    return int(columns.min()), int(rows.min()), int(columns.max()) + 1, int(rows.max()) + 1


@pytest.fixture(scope='module')
def pointing(facts):
    return Pointing(facts)


@pytest.mark.parametrize('number', range(1, 6))
@pytest.mark.parametrize('change', ['none', 'grown', 'shrunk', 'shifted'])
def test_a_box_around_a_measured_object_means_that_object(rendered, pointing, number, change):
    x0, y0, x1, y1 = box_around(rendered.ids, number)
    dx, dy = 0.05 * (x1 - x0), 0.05 * (y1 - y0)
    box = {
        'none': (x0, y0, x1, y1),
        'grown': (x0 - dx, y0 - dy, x1 + dx, y1 + dy),
        'shrunk': (x0 + dx, y0 + dy, x1 - dx, y1 - dy),
        'shifted': (x0 + 2, y0 - 2, x1 + 2, y1 - 2),
    }[change]
    assert pointing.thing(box).name == NAMES[number - 1]


@pytest.mark.parametrize('number', range(1, 6))
def test_a_mask_and_a_pixel_mean_the_object_too(rendered, pointing, number):
    mask = rendered.ids == number
    rows, columns = np.nonzero(mask)
    middle = len(rows) // 2
    assert pointing.thing(mask).name == NAMES[number - 1]
    assert pointing.thing((columns[middle], rows[middle])).name == NAMES[number - 1]


def test_a_box_around_half_of_an_object_means_the_surface_in_it(rendered, pointing, facts):
    x0, y0, x1, y1 = box_around(rendered.ids, 3)
    thing = pointing.thing((x0, y0, x1, y0 + (y1 - y0) // 2 - 8))
    whole = facts.object_named('green object 1')
    assert thing.name == ''
    assert thing.size_m[0] == pytest.approx(whole.size_m[0], rel=0.1)
    assert thing.size_m[2] < 0.6 * whole.size_m[2]


def test_a_box_around_a_floor_with_things_on_it_means_the_floor(rendered, pointing, facts):
    """A detector's 'dining table' takes in all that stands there; its nearest edge is meant."""
    height, width = rendered.ids.shape
    thing = pointing.thing((0, height // 4, width, height))
    (floor,) = (plane for plane in facts.planes if plane.role == 'support')
    assert np.count_nonzero(thing.mask & floor.mask) > 0.9 * np.count_nonzero(thing.mask)
    assert thing.distance_m == pytest.approx(floor.distance_m, abs=0.05)
    assert thing.distance_m < min(o.distance_m for o in facts.objects)


def test_a_box_around_two_pieces_on_a_floor_means_no_floor():
    """One thing that was found in two pieces lies on a table too; its box holds little of it."""
    pieces = [Box(c, (x, 1.0), (0.08, 0.08, 0.1)) for c, x in (('red', -0.06), ('blue', 0.06))]
    scene = render(pieces, size=(320, 240))
    facts = measure(scene.frame, noise='none')
    assert len(facts.objects) == 2
    boxes = np.array([box_around(scene.ids, number) for number in (1, 2)])
    low, high = boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)
    thing = Pointing(facts).thing((low[0] - 8, low[1] - 8, high[0] + 8, high[1] + 8))
    of_floor = np.count_nonzero(thing.mask & (scene.ids == 0))
    assert of_floor < 0.2 * np.count_nonzero(thing.mask)


def test_what_has_grown_onto_a_thing_is_left_out_where_the_box_ends(rendered, facts):
    """The object that was found is two things in one; whoever points at one of them knows."""
    x0, y0, x1, y1 = box_around(rendered.ids, 3)
    whole = facts.object_named('green object 1')
    tail = np.zeros_like(whole.mask)
    far = x1 + 9 * (x1 - x0) // 10
    tail[y1 - 6 : y1, x1:far] = True
    grown = replace(
        whole,
        mask=whole.mask | tail,
        box_px=(x0, y0, far, y1),
        size_m=2 * whole.size_m,
    )
    others = tuple(o for o in facts.objects if o.name != whole.name)
    thing = Pointing(replace(facts, objects=(*others, grown))).thing((x0, y0, x1, y1))
    assert thing.box_px[2] <= x1 + 4 + 0.05 * (x1 - x0) + 1
    assert thing.size_m[0] < 1.4 * whole.size_m[0]


def test_a_box_beside_its_thing_makes_its_place_less_sure(rendered, pointing):
    x0, y0, x1, y1 = box_around(rendered.ids, 3)
    right, aside = (pointing.thing((x0 + dx, y0, x1 + dx, y1)) for dx in (0, 3))
    pixel_m = right.depth_m / rendered.frame.intrinsics.fx
    assert right.margins.center_m[0] < pixel_m
    assert aside.margins.center_m[0] ** 2 - right.margins.center_m[0] ** 2 == pytest.approx(
        (3 / 2 * pixel_m) ** 2, rel=0.3
    )


def test_the_floor_beside_a_thing_is_no_part_of_it(rendered, facts):
    """The object was not found by itself: its box holds as much floor as thing."""
    x0, y0, x1, y1 = box_around(rendered.ids, 1)
    alone = replace(facts, objects=())
    thing = Pointing(alone).thing((x0 - 15, y0 - 5, x1 + 15, y1 + 5))
    overlap = thing.mask & (rendered.ids == 1)
    assert np.count_nonzero(overlap) > 0.9 * np.count_nonzero(thing.mask)
    assert thing.size_m == pytest.approx(facts.object_named('red object 1').size_m, abs=0.02)


def test_what_lies_flat_on_the_floor_is_measured_where_it_lies():
    scene = render([Box('white', (0.1, 1.2), (0.3, 0.2, 0.003))])
    facts = measure(scene.frame, noise='none')
    thing = Pointing(facts).thing(box_around(scene.ids, 1))
    truth = np.median(scene.frame.depth_m[scene.ids == 1])
    assert thing.depth_m == pytest.approx(truth, rel=0.03)
    assert thing.color == 'white'


def test_one_of_two_things_that_were_taken_for_one_is_measured_alone():
    """A tall box against a low one, pointed at one after the other."""
    pair = (Box('red', (-0.1, 1.2), (0.2, 0.2, 0.1)), Box('red', (0.1, 1.2), (0.2, 0.2, 0.3)))
    scene = render(pair)
    facts = measure(scene.frame, noise='none')
    low, tall = (Pointing(facts).thing(box_around(scene.ids, n)) for n in (1, 2))
    assert low.size_m[2] == pytest.approx(0.1, abs=0.02)
    assert tall.size_m[2] == pytest.approx(0.3, abs=0.02)
    assert low.center_m[0] < 0 < tall.center_m[0]


def test_a_region_without_depth_means_nothing_that_has_numbers(rendered):
    depth_m = rendered.frame.depth_m.copy()
    depth_m[rendered.ids == 2] = np.nan
    facts = measure(replace(rendered.frame, depth_m=depth_m), noise='none')
    x0, y0, x1, y1 = box_around(rendered.ids, 2)
    assert Pointing(facts).thing((x0 + 5, y0 + 5, x1 - 5, y1 - 5)) is None
    depth_m[:] = np.nan
    nothing = measure(replace(rendered.frame, depth_m=depth_m), noise='none')
    assert Pointing(nothing).thing((x0, y0, x1, y1)) is None


def test_a_point_on_no_object_gives_a_place_and_only_a_least_size(rendered, pointing):
    thing = pointing.thing((160, 230))
    assert thing.name == ''
    assert thing.depth_m == pytest.approx(float(rendered.frame.depth_m[230, 160]), rel=0.01)
    assert thing.touches_edge


def test_the_margin_of_the_size_says_how_far_region_and_surface_disagree(rendered, pointing):
    x0, y0, x1, y1 = box_around(rendered.ids, 3)
    tight = pointing.thing((x0, y0, x1, y1)).margins.size_m
    loose = pointing.thing((x0 - 8, y0, x1 + 8, y1)).margins.size_m
    assert loose[0] > 3 * tight[0]
    assert loose[2] == pytest.approx(tight[2])


def test_the_distance_is_that_of_the_middle_and_its_margin_reaches_the_whole(rendered, facts):
    """A tall thing seen from above: its foot is farther than its top."""
    whole = facts.object_named('green object 1')
    x0, y0, x1, y1 = box_around(rendered.ids, 3)
    thing = Pointing(facts).thing((x0, y0, x1, y1))
    middle = rendered.frame.points_m()[(y0 + y1) // 2, (x0 + x1) // 2]
    assert thing.median_distance_m == pytest.approx(np.linalg.norm(middle), abs=0.02)
    apart = abs(thing.median_distance_m - whole.median_distance_m)
    assert thing.margins.median_distance_m >= apart / 2


def test_a_region_outside_the_image_is_refused(pointing):
    with pytest.raises(FrameError, match='outside'):
        pointing.thing((400, 10, 420, 30))
