# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The truth of a view must be what its pictures show, to the pixel and the millimetre."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import numpy as np
import pytest

from ssr_ros.rgbd import CameraIntrinsics
from training.worlds import (
    FLOOR,
    gravity_frame,
    look_at,
    RenderedView,
    RenderError,
    sample_world,
    World,
)
from training.worlds.cameras import Camera
from training.worlds.describe import describe_things, Outline, Seen
from training.worlds.render import Renderer

Views = list[tuple[World, RenderedView]]

BOX_SCENE = """
<mujoco>
  <visual><global offwidth="640" offheight="480"/></visual>
  <statistic extent="1"/>
  <worldbody>
    <geom name="floor" type="plane" size="5 5 1"/>
    <geom name="box" type="box" pos="0 0 0.1" size="0.201333 0.148 0.1"/>
  </worldbody>
</mujoco>
"""


def test_pictures_and_truth_are_the_same_bytes_for_the_same_seed(opengl: None) -> None:
    def draw() -> tuple[bytes, ...]:
        view = sample_world(11, split='val').render(1, (128, 96))
        truth = json.dumps(view.truth.as_dict())
        pictures = (view.frame.rgb, view.frame.depth_m, view.segmentation)
        return (*(picture.tobytes() for picture in pictures), truth.encode())

    assert draw() == draw()


def test_intrinsics_and_depth_are_exact_for_a_box_of_known_place(opengl: None) -> None:
    """A box 2 m below a camera that looks down, with its principal point far off the middle."""
    import mujoco

    model = mujoco.MjModel.from_xml_string(BOX_SCENE)
    model.vis.map.znear, model.vis.map.zfar = 0.03, 20.0
    data = mujoco.MjData(model)
    mujoco.mj_forward(model, data)
    down = np.array([[1.0, 0, 0], [0, -1, 0], [0, 0, -1]])
    camera = Camera(np.array([0, 0, 2.2]), down, CameraIntrinsics(300, 300, 120, 50, 200, 160))
    renderer = Renderer(model, data)
    _, depth_m, geoms = renderer.render(camera)
    renderer.close()
    box = geoms == model.geom('box').id
    rows, columns = np.nonzero(box)
    # The top, at 2 m, reaches 30.2 and 22.2 pixels to each side: from 89.8 to 150.2, and from
    # 27.8 to 72.2. Half a pixel more or less would show on one side or the other.
    assert (columns.min(), columns.max()) == (90, 150)
    assert (rows.min(), rows.max()) == (28, 72)
    np.testing.assert_allclose(depth_m[box], 2.0, atol=2e-5)
    np.testing.assert_allclose(depth_m[geoms == model.geom('floor').id], 2.2, atol=2e-5)


def test_floor_pixels_lie_on_the_floor_plane_of_the_truth(views: Views) -> None:
    checked = 0
    for _, view in views:
        floor = view.truth.planes[0]
        points = view.frame.points_m()[view.segmentation == FLOOR]
        if len(points):
            rise = points @ floor.normal - floor.offset_m
            # A rug lies one millimetre high; far points carry float32 rounding.
            assert np.abs(rise).max() < 0.0015
            assert floor.pixels == len(points)
            checked += 1
        assert floor.normal @ view.truth.gravity == pytest.approx(-1)
    assert checked > 5


def test_plane_pixels_lie_at_the_height_that_the_truth_states(views: Views) -> None:
    for world, view in views:
        up, camera_height = -view.truth.gravity, view.truth.camera_position_m[2]
        for plane in view.truth.planes:
            assert plane.offset_m == pytest.approx(plane.height_m - camera_height)
        if world.kind == 'tabletop' and (view.segmentation > 0).any():
            top = next(p for p in view.truth.planes if p.owner == world.room.focus)
            mask = view.mask(top.owner)
            heights = view.frame.points_m()[mask] @ up + camera_height
            assert np.count_nonzero(np.abs(heights - top.height_m) < 0.003) > 0.5 * mask.sum()


def test_distances_are_those_of_the_pixels_and_no_nearer_than_the_thing(views: Views) -> None:
    for world, view in views:
        camera = world.camera(0, (view.frame.width, view.frame.height))
        for thing in view.truth.objects:
            points = view.frame.points_m()[view.mask(thing.name)]
            distances = np.linalg.norm(points.astype(np.float64), axis=1)
            assert thing.distance_m == pytest.approx(distances.min())
            assert thing.nearest_depth_m == pytest.approx(points[:, 2].min())
            parts = camera.to_camera(np.concatenate(world.outlines[thing.id - 1].parts_m))
            radius = np.linalg.norm(np.ptp(parts, axis=0))
            assert abs(thing.distance_m - np.linalg.norm(parts.mean(0))) < radius
            assert thing.median_distance_m >= thing.distance_m


def test_visible_pixels_are_inside_the_box_of_the_whole_thing(views: Views) -> None:
    """Poses, sizes, gravity frame and masks must all agree for this to hold to a millimetre."""
    for _, view in views:
        camera = look_at(np.zeros(3), np.ones(3), CameraIntrinsics(1, 1, 0, 0, 1, 1))
        camera = Camera(camera.position_m, view.truth.world_from_camera, camera.intrinsics)
        axes = gravity_frame(camera)
        for thing in view.truth.objects:
            local = (view.frame.points_m()[view.mask(thing.name)] - thing.center_m) @ axes.T
            reach = np.abs(local).max(0)[[0, 2, 1]]
            assert (reach <= thing.size_m / 2 + 0.001).all(), (thing.name, reach, thing.size_m)
            assert (thing.visible_size_m <= thing.size_m + 0.002).all()


@pytest.mark.parametrize(
    ('looks_at', 'expected'),
    [
        # Level: the gravity frame is the camera frame.
        ((0, 5, 1), [[1, 0, 0], [0, 1, 0], [0, 0, 1]]),
        # 45 degrees down: down is between the camera's y and z.
        ((0, 1, 0), [[1, 0, 0], [0, 0.7071, 0.7071], [0, -0.7071, 0.7071]]),
        # Straight down: the heading is the top of the image.
        ((0, 1e-9, 0), [[1, 0, 0], [0, 0, 1], [0, -1, 0]]),
    ],
)
def test_the_gravity_frame_is_right_down_and_ahead(looks_at, expected) -> None:
    camera = look_at(np.array([0.0, 0, 1]), np.array(looks_at), CameraIntrinsics(1, 1, 0, 0, 1, 1))
    np.testing.assert_allclose(gravity_frame(camera), expected, atol=1e-4)


def test_a_whole_upright_thing_shows_its_full_height(views: Views) -> None:
    checked = 0
    for _, view in views:
        for thing in view.truth.objects:
            whole = thing.visible_fraction > 0.97 and not thing.touches_edge
            if whole and thing.shape in ('cone', 'bottle', 'cylinder') and thing.pixels > 60:
                pixel_m = thing.median_depth_m / view.frame.intrinsics.fx
                assert thing.visible_size_m[2] == pytest.approx(thing.size_m[2], abs=3 * pixel_m)
                checked += 1
    assert checked > 3


def test_the_centre_of_a_convex_thing_projects_into_its_mask(views: Views) -> None:
    checked = 0
    for _, view in views:
        k = view.frame.intrinsics
        for thing in view.truth.objects:
            if thing.visible_fraction < 0.98 or thing.touches_edge or thing.pixels < 30:
                continue
            if thing.shape not in ('ball', 'box', 'cylinder', 'capsule'):
                continue
            x, y, z = thing.center_m
            column, row = round(k.fx * x / z + k.cx), round(k.fy * y / z + k.cy)
            assert view.mask(thing.name)[row, column]
            checked += 1
    assert checked > 8


def test_visible_fraction_is_the_part_of_the_silhouette_that_is_seen() -> None:
    """A box whose front fills columns 20..79, half of it hidden, then half out of the image."""
    corners = np.array([[x, y, z] for x in (-0.3, 0.3) for y in (-0.2, 0.2) for z in (1.0, 1.1)])
    box = Outline('red box', 'object', 'red', 'box', (corners,), 'floor', 'floor')
    for cx, columns, expected in (
        (49.5, (20, 80), 1.0),
        (49.5, (50, 80), 0.5),
        (-0.5, (0, 30), 0.5),
    ):
        camera = Camera(np.zeros(3), np.eye(3), CameraIntrinsics(100, 100, cx, 39.5, 100, 80))
        segmentation = np.zeros((80, 100), np.int32)
        segmentation[20:60, slice(*columns)] = 1
        points = camera.intrinsics.back_project(np.ones((80, 100), np.float32))
        truth = describe_things([box], camera, Seen(points, segmentation))[0]
        assert truth.visible_fraction == pytest.approx(expected, abs=0.02)
        assert truth.touches_edge == (columns[0] == 0)


def test_what_is_seen_in_full_counts_as_seen_in_full(views: Views) -> None:
    fractions = [
        thing.visible_fraction
        for _, view in views
        for thing in view.truth.objects
        if thing.pixels > 60 and not thing.touches_edge
    ]
    assert np.quantile(fractions, 0.7) > 0.97


def test_the_mask_counts_what_the_truth_counts(views: Views) -> None:
    for _, view in views:
        for thing in view.truth.things:
            mask = view.mask(thing.name)
            assert thing.pixels == np.count_nonzero(mask)
            assert (thing.box_px is None) == (thing.pixels == 0)
            if thing.box_px:
                x0, y0, x1, y1 = thing.box_px
                assert np.count_nonzero(mask[y0:y1, x0:x1]) == thing.pixels
                assert mask[y0].any() and mask[y1 - 1].any()
                assert mask[:, x0].any() and mask[:, x1 - 1].any()


def test_gaps_are_symmetric_and_zero_to_what_carries_a_thing(views: Views) -> None:
    for _, view in views:
        gaps, things = view.truth.gaps_m, view.truth.things
        np.testing.assert_array_equal(gaps, gaps.T)
        index = {thing.name: i for i, thing in enumerate(things)}
        for thing in things:
            if thing.role == 'object' and thing.support in index:
                gap_m = gaps[index[thing.name], index[thing.support]]
                assert gap_m < 0.002
        centers = np.array([thing.center_m for thing in things])
        between = np.linalg.norm(centers[:, None] - centers[None], axis=-1)
        assert (gaps <= between + 1e-9).all()


def test_a_sequence_moves_smoothly_and_is_stamped_at_its_rate(opengl: None) -> None:
    views = sample_world(2, 'tabletop').render_sequence(5, rate_hz=10, size_px=(64, 48))
    assert [view.frame.stamp_ns for view in views] == [0, 10**8, 2 * 10**8, 3 * 10**8, 4 * 10**8]
    places = np.array([view.truth.camera_position_m for view in views])
    steps = np.linalg.norm(np.diff(places, axis=0), axis=1)
    assert steps.min() > 0 and steps.max() < 0.3
    assert {view.truth.seed for view in views} == {2}


def test_two_worlds_can_be_rendered_in_turn(opengl: None) -> None:
    one, two = sample_world(1), sample_world(2)
    first = one.render(0, (64, 48)).frame.rgb
    two.render(0, (64, 48))
    np.testing.assert_array_equal(one.render(0, (64, 48)).frame.rgb, first)


def test_too_large_a_picture_is_refused(opengl: None) -> None:
    with pytest.raises(RenderError, match='at most 640x480'):
        sample_world(1).render(0, (800, 600))


@pytest.mark.parametrize('backend', ['osmesa', 'egl', 'glfw'])
def test_a_missing_opengl_library_is_named_with_its_cure(backend: str) -> None:
    """PyOpenGL says "'NoneType' object has no attribute 'glGetError'", MuJoCo passes it on."""
    code = (
        'import ctypes, ctypes.util\n'
        'load, find = ctypes.CDLL.__init__, ctypes.util.find_library\n'
        'def fail(self, name, *args, **keywords):\n'
        '    if name and ("OSMesa" in str(name) or "EGL" in str(name)):\n'
        '        raise OSError(f"{name}: cannot open shared object file")\n'
        '    load(self, name, *args, **keywords)\n'
        'ctypes.CDLL.__init__ = fail\n'
        'ctypes.util.find_library = lambda n: None if n in ("OSMesa", "EGL") else find(n)\n'
        'import sys\n'
        'from training.worlds.__main__ import main\n'
        'sys.exit(main(["--preview", "never.png", "--count", "1"]))\n'
    )
    environment = {**os.environ, 'MUJOCO_GL': backend}
    done = subprocess.run(
        [sys.executable, '-c', code], capture_output=True, text=True, env=environment, check=False
    )
    assert done.returncode == 2, done.stderr
    cure = {'osmesa': 'apt-get install libosmesa6', 'egl': 'apt-get install libegl1'}
    assert cure.get(backend, "'osmesa' or 'egl', got 'glfw'") in done.stderr
    assert 'Traceback' not in done.stderr
