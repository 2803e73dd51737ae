# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The parts of the geometry one by one: colours, noise, grid, boxes, gravity, names, regions."""

from __future__ import annotations

from dataclasses import replace
import math

import numpy as np
import pytest
from rendered import Ball, render
from room_frames import blanked, CAMERA, gray, numbers, planes_frame, surveys

from ssr_ros.errors import ConfigError
from ssr_ros.rgbd import CameraIntrinsics
from ssr_ros.scene.geometry.colors import COLOR_NAMES, exposure_gain, name_colors, name_region
from ssr_ros.scene.geometry.creases import valley_angles
from ssr_ros.scene.geometry.extent import Extent
from ssr_ros.scene.geometry.gravity import down_from_tilt, find_gravity, Gravity
from ssr_ros.scene.geometry.grid import box_of, box_overlap, make_grid, to_pixels, usable
from ssr_ros.scene.geometry.noise import fit_to_frame, NoiseModel
from ssr_ros.scene.geometry.planes import cell_normals, PlaneFit
from ssr_ros.scene.geometry.pointing import Pointing
from ssr_ros.scene.geometry.region import measure_at
from ssr_ros.scene.geometry.surveying import survey

NONE, STEREO = NoiseModel.named('none'), NoiseModel.named('stereo')
NAN = math.nan


def test_every_colour_name_has_its_share_of_the_cube():
    steps = np.arange(0, 256, 5)
    cube = np.stack(np.meshgrid(steps, steps, steps, indexing='ij'), -1).astype(np.uint8)
    found = np.bincount(name_colors(cube).ravel(), minlength=len(COLOR_NAMES))
    told = [500, 2578, 1718, 11666, 5415, 5005, 8193, 47252, 25076, 20843, 12362]
    assert found == pytest.approx(told, abs=3)
    assert found.sum() == 52**3


@pytest.mark.parametrize(
    ('color', 'gain'),
    [
        ((250, 250, 250), (1, 1, 1)),
        ((200, 200, 200), (1.175, 1.175, 1.175)),
        ((100, 100, 100), (1.7, 1.7, 1.7)),  # never more
        ((200, 200, 220), (1.10379, 1.10379, 1.00344)),  # 235 / 220, over the light's cast
        ((60, 60, 200), (1.175 * 1.07, 1.175 * 1.07, 1.175 / 1.07)),  # a cloth, no light
    ],
)
def test_the_gain_makes_the_brightest_parts_white(color, gain):
    assert exposure_gain(np.full((40, 40, 3), color, np.uint8)) == pytest.approx(gain, abs=1e-4)


def test_black_and_gray_count_less_than_colours_and_shades_vote_together():
    gray_red = np.array([[128, 128, 128]] * 60 + [[200, 30, 30]] * 40, np.uint8)
    assert name_region(gray_red) == ('red', pytest.approx(0.4), '')
    assert name_region(gray_red[10:70])[0] == 'gray'
    oranges = np.array([[240, 140, 30]] * 30 + [[120, 80, 50]] * 30 + [[40, 80, 200]] * 40)
    assert name_region(oranges.astype(np.uint8)) == ('orange', pytest.approx(0.6), 'blue')


def test_noise_models_say_what_a_reading_is_worth():
    assert STEREO.sigma_at(2.0) == pytest.approx(0.0005 + 0.002 * 4)
    assert NoiseModel.named('tof').sigma_at(2.0) == pytest.approx(0.001 + 0.003 * 2)
    whole = NoiseModel('mine', 0.1, 0.2, 0.3)
    assert whole.sigma_m(np.array([2.0])) == pytest.approx([0.1 + 0.4 + 1.2])
    assert whole.times(2) == NoiseModel('mine', 0.2, 0.4, 0.6)
    assert NONE.is_none and not NoiseModel('mine', linear=0.1).is_none


def test_the_noise_of_a_frame_moves_a_model_fourfold_at_most():
    calm = np.full((64, 64), 2.0, np.float32)
    assert fit_to_frame(STEREO, calm).quadratic_per_m == pytest.approx(0.0005)
    noise = np.random.default_rng(0).normal(0, 1, (200, 64))
    rough = (2 + 0.1 * noise).astype(np.float32)
    assert fit_to_frame(STEREO, rough).quadratic_per_m == pytest.approx(0.008)
    right = (2 + 2 * STEREO.sigma_at(2.0) * noise).astype(np.float32)
    assert fit_to_frame(STEREO, right).quadratic_per_m == pytest.approx(0.004, rel=0.06)
    assert fit_to_frame(STEREO, calm[:12]) is STEREO  # 3 rows of 56: too few
    assert fit_to_frame(STEREO, calm[:, :8]) is STEREO


def test_a_grid_takes_the_nearest_surface_of_each_cell_and_leaves_out_what_is_absurd():
    depth_m = np.full((480, 640), 2.0, np.float32)
    depth_m[0, 0], depth_m[0, 1], depth_m[1, 0] = 1.0, 1.01, NAN
    depth_m[10:12, 10:12] = NAN
    grid = make_grid(depth_m, CameraIntrinsics(600, 500, 319.5, 239.5), NONE)
    assert (grid.stride, grid.shape) == (2, (240, 320))
    assert grid.depth_m[0, 0] == pytest.approx(1.005)
    assert np.count_nonzero(~grid.valid) == 1 and not grid.valid[5, 5]
    assert (grid.camera.fx, grid.camera.cx, grid.camera.cy) == (300, 159.5, 119.5)
    assert grid.pitch == pytest.approx(1 / 250)
    assert grid.points_m[119, 159] == pytest.approx([-1 / 300, -1 / 250, 2.0])
    assert grid.sigma_m[9, 9] == pytest.approx(0.0016)
    noisy = make_grid(depth_m, CAMERA, STEREO)
    assert noisy.sigma_m[9, 9] == pytest.approx(0.0085 / math.sqrt(2) + 0.0016)
    assert make_grid(depth_m[:, :482], CAMERA, NONE).stride == 2
    assert make_grid(depth_m[:, :480], CAMERA, NONE).stride == 2
    assert make_grid(depth_m[:300, :400], CAMERA, NONE).stride == 1
    odd = np.array([0.0005, 0.002, 999.0, 1001.0], np.float32)
    assert usable(odd) == pytest.approx([NAN, 0.002, 999.0, NAN], nan_ok=True)
    assert to_pixels(np.array([[1, 2]]), (2, 3), 2).tolist() == [[1, 1, 2], [1, 1, 2]]


def test_single_dots_are_closed_and_holes_stay_open():
    depth_m = np.full((60, 80), 2.0, np.float32)
    depth_m[10, 10] = depth_m[30:34, 30:34] = NAN
    depth_m[45, 40:] = 3.0
    depth_m[46, 50] = NAN
    depth_m[46:, 40:] = np.where(np.isnan(depth_m[46:, 40:]), NAN, 3.0)
    depth_m[45, 60] = NAN
    grid = make_grid(depth_m, CAMERA, NONE)
    assert grid.depth_m[10, 10] == 2 and grid.depth_m[46, 50] == 3
    assert np.isnan(grid.depth_m[31:33, 31:33]).all()
    assert np.isnan(grid.depth_m[45, 60])  # between two surfaces


def test_boxes_lie_around_masks_and_overlap():
    mask = np.zeros((10, 12), np.bool_)
    mask[3:5, 4:9] = True
    assert box_of(mask) == (4, 3, 9, 5)
    assert box_overlap((0, 0, 4, 4), (2, 1, 6, 5)) == pytest.approx(6 / 26)
    assert box_overlap((0, 0, 3, 2), (0, 0, 3, 2)) == 1
    assert box_overlap((0, 0, 4, 4), (4, 0, 8, 4)) == 0
    assert box_overlap((0, 0, 4, 4), (0, 5, 4, 8)) == 0


def test_normals_of_a_slanted_plane_and_no_valleys_on_it():
    normal = np.array([0.3, 0.5, 0.8]) / math.sqrt(0.98)
    grid = make_grid(planes_frame((normal, 2.0)).depth_m, CAMERA, NONE)
    found = cell_normals(grid)
    assert np.isnan(found[:2]).all() and np.isfinite(found[2:-2, 2:-2]).all()
    assert np.abs(found[5:-5, 5:-5] + normal).max() < 0.002
    assert valley_angles(grid)[10:-10, 10:-10].max() == 0


def test_a_corner_of_two_walls_is_a_valley_of_a_right_angle_less_its_noise():
    half = math.sqrt(0.5)
    depth_m = planes_frame(((half, 0, half), 2.0), ((-half, 0, half), 2.0)).depth_m
    exact = valley_angles(make_grid(depth_m, CAMERA, NONE))[120]
    noisy = valley_angles(make_grid(depth_m, CAMERA, NoiseModel('mine', 0.002)))[120]
    assert 50 < math.degrees(exact.max()) < 90
    assert abs(int(exact.argmax()) - 159.5) <= 1
    # 0.002 m / sqrt(1) of about 2.8 m, over three cells of 1 / 300, twice 0.73.
    less = 2 * 0.73 * 0.002 / (2 * math.sqrt(2)) * 300 / 3
    assert exact.max() - noisy.max() == pytest.approx(less, rel=0.05)


def plane_fit(normal, offset_m, count):
    """Return a plane with so many cells."""
    cells = np.zeros((100, 100), np.bool_)
    cells.ravel()[-count:] = True
    return PlaneFit(-np.array(normal, float) / offset_m, cells, 0.01)


def grid_at(depth_m):
    """Return a grid of one depth, whose cells are a hundredth of it wide."""
    camera = CameraIntrinsics(100, 100, 49.5, 49.5)
    return make_grid(np.full((100, 100), depth_m, np.float32), camera, NONE)


def test_gravity_comes_from_the_largest_level_plane_unless_a_camera_may_look_into_a_bin():
    """At 0.4 m 3000 cells are 0.05 square metres: the wall of a bin."""
    far, near = grid_at(2.0), grid_at(0.4)
    floor, table = plane_fit((0, -1, 0), 1, 3000), plane_fit((0, -0.8, -0.6), 1, 3500)
    assert find_gravity([floor, table], far, None).down == pytest.approx([0, 1, 0])
    facing = plane_fit((0, -0.1, -0.995), 1, 5000)
    assert find_gravity([facing], far, None).source == 'level'
    assert find_gravity([floor, facing], near, None).source == 'level'  # a larger bottom
    assert find_gravity([floor, facing], far, None).source == 'plane'
    assert find_gravity([floor], near, None).source == 'plane'
    assert find_gravity([plane_fit((0, -1, 0), 1, 1100)], near, None).source == 'level'
    assert find_gravity([floor, plane_fit((0, 0, -1), 1, 2000)], near, None).source == 'plane'
    tilted = plane_fit((0, -0.5, -0.87), 1, 3000)  # faces the camera, and is the floor itself
    assert find_gravity([tilted], near, None).source == 'plane'
    given = find_gravity([floor], near, (0, 0, 5))
    assert (given.source, given.known, given.tilt_deg) == ('given', True, 90)
    with pytest.raises(ConfigError, match='gravity'):
        find_gravity([], far, (0, 0, 0))


def test_a_floor_before_a_wall_is_no_wall_of_a_bin():
    """Half a metre over a floor, 1.2 m before a wall that faces the camera."""
    tilt = math.radians(30)
    down, ahead = (0, math.cos(tilt), math.sin(tilt)), (0, -math.sin(tilt), math.cos(tilt))
    facts = survey(planes_frame((down, 0.5), (ahead, 1.2)))
    assert facts.gravity.source == 'plane'
    assert facts.gravity.tilt_deg == pytest.approx(30, abs=0.5)


def test_a_gravity_of_known_attitude_has_axes_and_a_tilt():
    down = down_from_tilt(30, 90)
    assert down == pytest.approx([math.cos(math.radians(30)), 0, 0.5])
    level = Gravity(down_from_tilt(0), 'given')
    assert level.axes == pytest.approx(np.array([[1.0, 0, 0], [0, 0, 1], [0, -1, 0]]), abs=1e-12)
    below = Gravity(down_from_tilt(90), 'given').axes
    assert below == pytest.approx(np.array([[1.0, 0, 0], [0, -1, 0], [0, 0, -1]]), abs=1e-12)
    assert Gravity(down_from_tilt(30), 'plane').tilt_deg == pytest.approx(30)
    with pytest.raises(AttributeError):
        level.source = 'level'


def test_an_extent_leaves_out_what_noise_adds_and_says_what_it_is_worth():
    grid = np.meshgrid(np.linspace(-0.2, 0.2, 41), np.linspace(-0.1, 0.1, 21))
    points = np.stack([*grid, np.full_like(grid[0], 2.0)], -1).reshape(-1, 3)
    noise, level = NoiseModel('mine', 0.01), Gravity(down_from_tilt(0), 'given')
    shaken = points * (1 + np.random.default_rng(0).normal(0, 0.005, (len(points), 1)))
    frame = gray(np.full((240, 320), 2.0))
    extent = Extent.of(shaken.astype(np.float32), len(points), level, frame, noise)
    assert extent.size_m == pytest.approx([0.4, 0.0, 0.2], abs=0.008)
    exact = Extent.of(points.astype(np.float32), len(points), level, frame, NONE)
    assert (exact.distance_m, exact.depth_m) == pytest.approx((2.0, 2.0), abs=1e-4)
    assert exact.median_distance_m == pytest.approx(2.004, abs=0.001)
    assert exact.foot_m == pytest.approx([0, 0.1, 2.0], abs=0.001)
    assert extent.sigma_z == pytest.approx(0.01)
    outline = 0.7 * math.sqrt(2) * 2 / 300  # 0.7 pixels at either side
    margins, mean = extent.margins, 0.25 * 0.01 + 0.001 * extent.median_distance_m
    assert margins.size_m == pytest.approx(
        (math.hypot(outline, 0.003), math.hypot(outline, 0.014), 1.5 * outline), rel=0.002
    )
    assert margins.distance_m == pytest.approx(0.005)
    assert margins.median_distance_m == pytest.approx(mean)
    assert margins.center_m == pytest.approx((outline / 2,) * 2 + (math.hypot(mean, 0.005),), 2e-3)
    assert margins.bearing_deg == pytest.approx(math.degrees(outline / 2.0), rel=0.01)
    lower = exact.down_to(-0.2, 0.5)
    assert lower.size_m[2] == pytest.approx(0.3, abs=0.001)
    assert lower.margins.size_m[2] == pytest.approx(math.hypot(1.5 * outline, 0.05), rel=0.01)
    bent = exact.less_sure(exact, 0.01).margins
    assert bent.distance_m == pytest.approx(math.hypot(0.0020, 0.02004), rel=0.01)


def test_margins_say_what_a_part_that_may_be_of_something_else_changes():
    """A plate 0.4 m wide and 1 m deep, of which the left half and the near half alone are sure."""
    steps = np.meshgrid(np.linspace(-0.2, 0.2, 41), [0.1], np.linspace(1.5, 2.5, 41))
    points = np.stack(steps, -1).reshape(-1, 3).astype(np.float32)
    sure = points[(points[:, 0] <= 0) & (points[:, 2] <= 2.0)]
    frame, level = gray(np.full((240, 320), 2.0)), Gravity(down_from_tilt(0), 'given')
    whole, half = (Extent.of(part, len(part), level, frame, NONE) for part in (points, sure))
    margins = whole.less_sure(half, 0.0).margins
    # Half of 0.2 m, 0.6 of 0.5 m; the outline's part is 0.007 m.
    assert margins.size_m == pytest.approx((0.1, 0.3, 0.01), abs=0.002)
    # The ends move the middle by up to 0.05 m, and without the far half it lies 0.25 m nearer.
    assert margins.center_m[0] == pytest.approx(math.hypot(0.05, 0.05), abs=0.003)
    assert margins.center_m[2] == pytest.approx(0.125, abs=0.003)


def test_a_thing_is_called_by_its_colour_unless_there_are_two_or_it_has_a_name():
    facts = surveys()['table']
    red = facts.object_named('red object 1')
    assert facts.label(red) == 'the red object'
    assert replace(facts, objects=(red, red)).label(red) == 'red object 1'
    assert facts.label(replace(red, name='mug 2', label='mug')) == 'mug 2'
    assert facts.label(replace(red, name='mug', label='mug')) == 'the mug'
    assert facts.nearest is facts.objects[0] and replace(facts, objects=()).nearest is None


POINTED = [
    ('table', (330, 140, 380, 200), 'red object 1', 'red', 1883, 2),
    ('table', (185, 140, 290, 200), '', 'purple', 3822, 2),
    ('table', (240, 150, 284, 170), '', 'purple', 859, None),
    ('table', (355, 170), 'red object 1', 'red', 1883, 2),
    ('table', (100, 300), 'brown object 1', 'brown', 94032, 0),
    ('table', (320, 430), '', 'brown', 49, 0),
    ('table', (500, 60, 560, 100), '', 'white', 2400, 0),
    ('table', (300, 380, 400, 460), '', 'brown', 7309, 0),
    ('open box', (200, 95, 280, 120), '', 'green', 2000, 0),
    ('open box', (60, 60, 160, 160), '', 'orange', 2635, 0),
    ('dots', (225, 70, 290, 100), '', 'blue', 710, 0),
    ('bin, level', (225, 175, 305, 230), 'black object 1', 'black', 3150, 0),
    ('bin', (130, 90, 200, 150), '', 'red', 2000, None),
]
SIZES = [  # width, depth, height, depth along the axis, median and nearest distance; margins
    (0.1000, 0.1071, 0.1224, 1.5153, 1.5319, 1.5120, 0.0073, 0.0140, 0.0164, 0.0081),
    (0.2587, 0.1360, 0.1403, 1.5296, 1.5579, 1.5344, 0.0051, 0.0159, 0.0120, 0.0139),
    (0.1199, 0.0967, 0.0298, 1.5448, 1.5702, 1.5411, 0.0030, 0.0059, 0.0107, 0.0084),
    (0.1000, 0.1071, 0.1224, 1.5306, 1.5452, 1.5120, 0.0031, 0.0065, 0.0095, 0.0049),
    (1.1977, 0.7926, 0.4039, 1.4935, 1.5445, 1.3660, 0.0032, 0.0073, 0.0114, 0.0062),
    (0.0155, 0.0196, 0.0000, 1.3944, 1.4784, 1.4720, 0.0030, 0.0026, 0.0043, 0.0027),
    (0.3776, 0.0157, 0.3017, 3.0367, 3.3752, 3.2856, 0.0072, 0.0146, 0.0164, 0.0391),
    (0.2744, 0.2254, 0.0000, 1.4204, 1.4987, 1.4376, 0.0031, 0.0077, 0.0123, 0.0030),
    (0.2925, 0.0000, 0.1100, 1.4874, 1.5111, 1.4918, 0.0020, 0.0084, 0.0040, 0.0114),
    (0.1843, 0.1124, 0.1993, 1.3321, 1.4225, 1.4011, 0.0036, 0.0518, 0.0336, 0.0568),
    (0.1999, 0.1447, 0.0310, 1.4272, 1.5298, 1.4550, 0.0052, 0.0352, 0.0268, 0.0099),
    (0.1655, 0.1071, 0.0200, 0.7300, 0.7994, 0.7647, 0.0008, 0.0114, 0.0079, 0.0103),
    (0.1143, 0.0000, 0.0910, 0.7000, 0.7006, 0.7001, 0.0008, 0.0195, 0.0024, 0.0189),
]


@pytest.mark.parametrize(('pointed', 'sizes'), list(zip(POINTED, SIZES, strict=True)))
def test_what_is_pointed_at_is_found_and_measured(pointed, sizes):
    frame, region, name, color, pixels, support = pointed
    thing = Pointing(surveys()[frame]).thing(region)
    assert (thing.name, thing.color, thing.pixels) == (name, color, pytest.approx(pixels, abs=3))
    assert thing.support == support
    told = numbers(thing)
    found = [*thing.size_m, thing.depth_m, thing.median_distance_m, thing.distance_m]
    found += [told['median_distance_m +-'], *told['size_m +-'].tolist()]
    assert found == pytest.approx(sizes, abs=2e-4)


REGIONS = [  # point, nearest, median, depth, size, bearing, valid and surface share, margins
    (
        'table',
        (330, 140, 380, 200),
        1775,
        (
            0.0994,
            -0.1833,
            1.5319,
            1.5123,
            1.5463,
            1.5319,
            0.1408,
            0.0731,
            0.1506,
            3.7094,
            0.917,
            0.6452,
            0.0103,
            0.0325,
            0.0136,
            0.0249,
        ),
    ),
    (
        'table',
        (355, 170),
        42,
        (
            0.0988,
            -0.1937,
            1.5125,
            1.5234,
            1.5281,
            1.5125,
            0.0168,
            0.0132,
            0.0157,
            3.7385,
            0.8571,
            1.0,
            0.0035,
            0.0029,
            0.0049,
            0.0041,
        ),
    ),
    (
        'dots',
        (225, 70, 290, 100),
        1204,
        (
            0.498,
            -0.1561,
            1.41,
            1.4142,
            1.5149,
            1.41,
            0.3827,
            0.1425,
            0.1321,
            19.4639,
            0.9097,
            0.6787,
            0.0081,
            0.0815,
            0.0598,
            0.0238,
        ),
    ),
]


@pytest.mark.parametrize(('frame', 'region', 'pixels', 'expected'), REGIONS)
def test_a_region_is_measured_on_its_main_surface(frame, region, pixels, expected):
    at = measure_at(surveys()[frame].frame, region)
    found = [*at.point_m, at.distance_m, at.median_distance_m, at.depth_m, *at.size_m]
    found += [at.bearing_deg, at.valid_ratio, at.surface_ratio]
    found += [at.margins.median_distance_m, *at.margins.size_m]
    assert np.count_nonzero(at.mask) == pytest.approx(pixels, abs=2)
    assert found == pytest.approx(expected, abs=2e-4)


def test_where_nothing_is_known_nothing_is_meant():
    facts = surveys()['open box']
    depth_m = facts.frame.depth_m.copy()
    depth_m[200:300, 200:300] = NAN
    holed = replace(facts, frame=replace(facts.frame, depth_m=depth_m))
    assert Pointing(holed).thing((220, 220, 280, 280)) is None
    assert Pointing(holed).thing((250, 250)) is None
    blind = replace(facts.frame, depth_m=np.full_like(depth_m, NAN))
    assert Pointing(replace(facts, frame=blind)).thing((220, 220, 280, 280)) is None
    at = measure_at(holed.frame, (220, 220, 280, 280))
    assert (at.known, at.valid_ratio, at.surface_ratio) == (False, 0.0, 0.0)
    assert not at.mask.any() and np.isnan([*at.point_m, *at.size_m, at.bearing_deg]).all()


def test_where_no_plane_is_seen_no_plane_makes_the_numbers_unsure():
    """A ball of 0.1 m, its middle 1.2 m ahead and 0.6 m below, and nothing else."""
    scene = render([Ball('blue', (0.0, 1.2), 0.1)])
    facts = survey(blanked(scene.frame, scene.ids != 1), 'none')
    ball = Pointing(facts).thing(scene.ids == 1)
    assert facts.planes == () and ball.support is None
    assert ball.distance_m == pytest.approx(math.hypot(1.2, 0.6) - 0.1, abs=0.002)
    assert ball.margins.distance_m < 0.005
