# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What is a thing and what is not, and what it stands on: scenes made by hand."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from rendered import Ball, Box, render

from ssr_ros.rgbd import CameraIntrinsics, RgbdFrame
from ssr_ros.scene import down_from_tilt, measure
from ssr_ros.scene.geometry.colors import exposure_gain, name_region
from ssr_ros.scene.geometry.creases import in_valley, valley_angles
from ssr_ros.scene.geometry.grid import make_grid
from ssr_ros.scene.geometry.noise import NoiseModel

CAMERA = CameraIntrinsics(600, 600, 319.5, 239.5)


def looking_down(rise_m=0.05, table_m=0.75):
    """A table fills the view of a camera that looks straight down; a block lies on it."""
    depth_m = np.full((480, 640), table_m, np.float32)
    rgb = np.full((480, 640, 3), 200, np.uint8)
    depth_m[200:280, 280:380] = table_m - rise_m
    rgb[200:280, 280:380] = (200, 30, 30)
    return RgbdFrame(rgb, depth_m, CAMERA)


def smeared(depth_m, width_px=7):
    """Draw every jump in depth out over some pixels, as filters in cameras do."""
    return np.asarray(1 / cv2.blur(1 / depth_m, (width_px, width_px)), np.float32)


def test_what_lies_on_a_table_is_kept_when_the_camera_looks_straight_down():
    """The table was a wall then, and all that lay on it was its relief."""
    facts = measure(looking_down())
    assert not facts.gravity.known
    assert [plane.role for plane in facts.planes] == ['surface']
    assert [thing.color for thing in facts.objects] == ['red']
    assert facts.objects[0].box_px == pytest.approx((280, 200, 380, 280), abs=4)
    assert facts.objects[0].median_distance_m == pytest.approx(0.70, abs=0.01)


def test_a_camera_that_looks_down_and_knows_it_sees_a_support_and_what_stands_on_it():
    facts = measure(looking_down(rise_m=0.02), gravity=down_from_tilt(90))
    assert [plane.role for plane in facts.planes] == ['support']
    (block,) = facts.objects
    assert block.support == 0
    assert block.size_m[2] == pytest.approx(0.02, abs=0.004)


@pytest.mark.parametrize('rise_m', [0.018, 0.022])
def test_low_things_whose_edges_the_sensor_has_smoothed_away_are_told_by_their_colour(rise_m):
    """Parts in a bin, seen from above, had been its floor or one thing with its wall."""
    depth_m, rgb = np.full((480, 640), 0.44, np.float32), np.full((480, 640, 3), 0, np.uint8)
    rgb[:] = (70, 100, 130)
    boxes = [(150, 130, 270, 220), (370, 250, 470, 350)]
    for x0, y0, x1, y1 in boxes:
        depth_m[y0:y1, x0:x1] -= np.float32(rise_m)
        rgb[y0:y1, x0:x1] = (240, 200, 40)
    facts = measure(RgbdFrame(rgb, cv2.GaussianBlur(depth_m, (0, 0), 8), CAMERA))
    assert sorted(thing.color for thing in facts.objects) == ['yellow', 'yellow']
    for thing, box in zip(sorted(facts.objects, key=lambda o: o.box_px), boxes, strict=True):
        assert thing.box_px == pytest.approx(box, abs=20)


def test_neighbours_over_a_smeared_jump_come_apart():
    front, back = (
        Box('red', (-0.08, 1.0), (0.15, 0.1, 0.12)),
        Box('blue', (0.08, 1.2), (0.15, 0.1, 0.2)),
    )
    scene = render([front, back], size=(640, 480))
    frame = RgbdFrame(scene.frame.rgb, smeared(scene.frame.depth_m), scene.frame.intrinsics)
    assert sorted(thing.color for thing in measure(frame).objects) == ['blue', 'red']


def test_ripples_of_a_floor_are_neither_things_nor_surfaces():
    scene = render([], size=(640, 480), wall_m=None)
    rows, columns = np.indices((480, 640))
    wave = 1 + 0.006 * np.sin(rows / 25) * np.sin(columns / 31)
    depth_m = (scene.frame.depth_m * wave).astype(np.float32)
    facts = measure(RgbdFrame(scene.frame.rgb, depth_m, scene.frame.intrinsics))
    assert facts.objects == ()
    assert [plane.name for plane in facts.planes] == ['support surface']


def test_print_on_a_flat_side_makes_no_second_thing():
    scene = render([Box('red', (0, 1.0), (0.3, 0.2, 0.25))], size=(640, 480))
    rgb = scene.frame.rgb.copy()
    inside = np.argwhere(scene.ids == 1)
    (y0, x0), (y1, x1) = inside.min(axis=0), inside.max(axis=0)
    rgb[(y0 + y1) // 2 : y1 - 20, x0 + 30 : (x0 + x1) // 2] = (240, 240, 240)
    facts = measure(RgbdFrame(rgb, scene.frame.depth_m, scene.frame.intrinsics))
    assert len(facts.objects) == 1


def cup_with_handle(handle='red', foot_m=0.05, reach_m=0.05, top_m=0.17):
    """A red cup, 12 cm wide and 20 cm high, and a handle of three bars on its left side."""
    left, thick = 0.24, 0.02
    bar = Box(handle, (left - reach_m, 0.7), (thick, thick, top_m - foot_m), foot_m)
    arms = [
        Box(handle, (left - reach_m / 2, 0.7), (reach_m, thick, thick), foot)
        for foot in (foot_m, top_m - thick)
    ]
    cup = Box('red', (left + 0.06, 0.7), (0.12, 0.12, 0.2))
    return render([cup, bar, *arms], height_m=0.5, size=(640, 480))


def test_a_handle_is_of_its_cup():
    scene = cup_with_handle()
    (cup,) = measure(scene.frame).objects
    shared = np.count_nonzero(cup.mask & (scene.ids > 0))
    assert shared > 0.95 * np.count_nonzero(scene.ids)
    assert cup.support == 0


def test_a_handle_of_another_colour_is_of_its_cup_for_it_would_fall():
    (cup,) = measure(cup_with_handle('blue').frame).objects
    assert (cup.color, cup.support) == ('red', 0)


def test_a_block_beside_a_cup_of_its_colour_is_no_handle():
    """It stands on the floor."""
    block = Box('red', (0.2, 0.7), (0.06, 0.06, 0.09))
    cup = Box('red', (0.3, 0.7), (0.12, 0.12, 0.2))
    facts = measure(render([cup, block], height_m=0.5, size=(640, 480)).frame)
    assert [thing.color for thing in facts.objects] == ['red', 'red']


def test_two_balls_that_touch_are_two():
    facts = measure(render([Ball('red', (-0.1, 1.2), 0.1), Ball('blue', (0.1, 1.2), 0.1)]).frame)
    assert sorted(thing.color for thing in facts.objects) == ['blue', 'red']


def test_a_table_does_not_stand_on_itself_and_a_cup_on_it_does_not_stand_on_the_floor():
    table = Box('brown', (0, 1.5), (1.2, 0.8, 0.4))
    cup = Box('red', (0.1, 1.4), (0.1, 0.1, 0.12), foot=0.4)
    facts = measure(render([table, cup], height_m=1.2, tilt_deg=35, size=(640, 480)).frame)
    for thing in facts.objects:
        assert thing.top is None or thing.support != thing.top
    red = next(thing for thing in facts.objects if thing.color == 'red')
    assert facts.planes[red.support].name == 'raised surface'


@pytest.mark.parametrize(('beyond_m', 'carries'), [(0.3, False), (-0.3, True)])
def test_what_stands_beyond_the_end_of_a_table_does_not_stand_on_it(beyond_m, carries):
    """Of a chair behind a table what is seen begins at the height of the table's edge."""
    table = Box('brown', (0, 1.2), (1.2, 0.8, 0.6))
    place = (0.1, 1.6 + beyond_m)
    chair = Box('blue', place, (0.4, 0.05, 0.9 if not carries else 0.3), foot=0.6 * carries)
    view = {'height_m': 1.1, 'tilt_deg': 25, 'size': (640, 480), 'noise': 0.002}
    facts = measure(render([table, chair], **view).frame)
    blue = next(thing for thing in facts.objects if thing.color == 'blue')
    on = '' if blue.support is None else facts.planes[blue.support].name
    assert (on == 'raised surface') == carries
    assert ('blue' in facts.answer('What is on the table?').text) == carries


def test_what_floats_beside_no_plane_stands_on_none():
    """Planes were endless: things stood metres beside "their" plane."""
    scene = render([Box('red', (0, 1.5), (0.2, 0.2, 0.2))], size=(640, 480))
    depth_m, red = scene.frame.depth_m.copy(), scene.ids == 1
    around = cv2.dilate(red.astype(np.uint8), np.ones((181, 181), np.uint8)) > 0
    depth_m[around & ~red] = np.nan
    facts = measure(RgbdFrame(scene.frame.rgb, depth_m, scene.frame.intrinsics))
    assert all(thing.support is None for thing in facts.objects if thing.color == 'red')


def test_what_stands_in_the_gap_between_two_nearer_things_is_found():
    """Most of its outline is theirs: it was taken for background, which is always farther."""
    fronts = [Box('red', (-0.15, 1), (0.2, 0.1, 0.25)), Box('blue', (0.15, 1), (0.2, 0.1, 0.25))]
    scene = render([*fronts, Box('green', (0, 1.4), (0.12, 0.1, 0.1))], size=(640, 480))
    assert sorted(o.color for o in measure(scene.frame).objects) == ['blue', 'green', 'red']


def test_what_nearer_things_hide_needs_to_stand_out_only_where_they_do_not():
    """The little that was seen of its own edge was held against their outlines, too."""
    things = [
        Box('red', (-0.2, 1), (0.2, 0.1, 0.25)),
        Box('blue', (0.2, 1), (0.2, 0.1, 0.25)),
        Box('brown', (0, 1.3), (0.4, 0.1, 0.15)),
        Box('yellow', (0, 1.4), (0.4, 0.1, 0.25)),
    ]
    facts = measure(render(things, size=(640, 480)).frame)
    assert sorted(thing.color for thing in facts.objects) == ['blue', 'brown', 'red', 'yellow']


@pytest.mark.parametrize('table', ['gray', 'brown', 'white'])
@pytest.mark.parametrize('slab_m', [0.0, 0.03])
def test_a_part_of_a_table_that_things_cut_off_is_no_thing_and_what_lies_there_is(table, slab_m):
    """It ends at edges all around and stands before the floor, as things do."""
    things = [
        Box(table, (0, 1.1), (1.6, 0.6, 0.4)),
        Box('red', (-0.21, 1.3), (0.12, 0.18, 0.22), 0.4),
        Box('blue', (0.21, 1.3), (0.12, 0.18, 0.22), 0.4),
        Box('green', (0, 1.17), (0.54, 0.05, 0.06), 0.4),
    ]
    if slab_m:
        things.append(Box(table, (0, 1.3), (0.2, 0.12, slab_m), 0.4))
    scene = render(things, height_m=0.95, tilt_deg=38, size=(640, 480), noise=0.001)
    found = sorted(thing.color for thing in measure(scene.frame).objects)
    assert found == sorted(['blue', 'green', 'red', *[table] * (slab_m > 0)])


@pytest.mark.parametrize(('radius_m', 'foot_m'), [(0.05, 0.34), (0.07, 0.3), (0.07, 0.34)])
def test_what_looks_out_from_behind_a_box_before_a_wall_is_found(radius_m, foot_m):
    """All of its outline is a jump: there was no step in colour to see, and that spoke against it.

    A third to a half of it is the upper edge of the box before it.
    """
    box, ball = (
        Box('blue', (0, 1.3), (0.5, 0.05, 0.45)),
        Ball('orange', (0.1, 1.6), radius_m, foot_m),
    )
    facts = measure(render([box, ball], tilt_deg=20, size=(640, 480), noise=0.001).frame)
    assert sorted(thing.color for thing in facts.objects) == ['blue', 'orange']


def test_the_inside_of_a_small_cup_is_part_of_it():
    """What is too small for a thing was no inside either: the cup was half as deep as wide."""
    side, far = 0.14, 2.0
    cup = [
        Box('green', (x, far + y), (side if y else 0.01, 0.01 if y else side, side))
        for x, y in ((0, -side / 2), (0, side / 2), (-side / 2, 0), (side / 2, 0))
    ]
    (thing,) = measure(render(cup, tilt_deg=30, size=(640, 480), noise=0.0005).frame).objects
    assert thing.size_m == pytest.approx([0.15, 0.15, 0.14], abs=0.012)


@pytest.mark.parametrize(
    ('place', 'foot_m', 'found'), [((0.05, 0.7), 0.15, 1), ((0.1, 0.6), 0.0, 2)]
)
def test_a_knob_on_a_box_is_no_thing_and_a_die_on_the_table_is_one(place, foot_m, found):
    """Corners of things, no larger than a die, were told of as things of their own."""
    things = [Box('red', (0, 0.75), (0.3, 0.05, 0.3)), Box('blue', place, (0.025,) * 3, foot_m)]
    seen = render(things, height_m=0.4, tilt_deg=25, size=(640, 480), noise=0.0005)
    assert len(measure(seen.frame).objects) == found


def test_a_valley_is_where_a_wall_meets_a_floor_and_a_ridge_is_none():
    columns = np.abs(np.arange(320) - 160) / 160
    valley = np.tile(1 / (0.5 + 0.4 * columns), (240, 1)).astype(np.float32)
    ridge = np.tile(1 / (0.9 - 0.4 * columns), (240, 1)).astype(np.float32)
    camera = CameraIntrinsics(300, 300, 159.5, 119.5)
    found = [
        in_valley(valley_angles(make_grid(depth_m, camera, NoiseModel.named('none'))))
        for depth_m in (valley, ridge)
    ]
    assert found[0][120].nonzero()[0] == pytest.approx(160, abs=3)
    assert not found[1].any()


def test_white_under_bluish_light_is_white_and_a_green_cloth_stays_green():
    lit = np.full((64, 64, 3), (205, 215, 235), np.uint8)
    assert name_region(lit.reshape(-1, 3)[:500], exposure_gain(lit))[0] == 'white'
    cloth = np.full((64, 64, 3), (40, 160, 60), np.uint8)
    assert name_region(cloth.reshape(-1, 3)[:500], exposure_gain(cloth))[0] == 'green'


def test_margins_hold_the_truth_under_noise():
    boxes = [Box('red', (-0.3, 1.2), (0.15, 0.12, 0.2)), Box('blue', (0.25, 1.5), (0.2, 0.2, 0.3))]
    within = []
    for seed in range(3):
        facts = measure(render(boxes, size=(640, 480), noise=0.002, seed=seed).frame)
        for color, box in (('red', boxes[0]), ('blue', boxes[1])):
            thing = next(o for o in facts.objects if o.color == color)
            for axis in (0, 2):
                error = abs(thing.size_m[axis] - box.size[axis])
                within.append(error < 2 * thing.margins.size_m[axis])
    assert np.mean(within) >= 0.9
