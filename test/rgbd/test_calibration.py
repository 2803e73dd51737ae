# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What is made of a camera_info, by hand-computed numbers; ``known_cameras`` has the table."""

from __future__ import annotations

import known_scene as scene
import numpy as np
import pytest

from ssr_ros.errors import FrameError
from ssr_ros.rgbd.calibration import calibrate, CameraRules
from ssr_ros.rgbd.undistort import Distortion, undistort, worst_shift_px

SIZE = (640, 480)
BENT = [-0.3, 0.1, 0.0, 0.0, 0.0]


def numbers(camera):
    return camera.fx, camera.fy, camera.cx, camera.cy


@pytest.mark.parametrize(
    ('topic', 'd', 'letter'),
    [
        ('/eye/image_raw', [], 'K'),
        ('/eye/image_rect', [], 'P'),
        ('/eye/image_rect_color', BENT, 'P'),
        ('/eye/rgb/image_rect_raw', [], 'P'),
        ('/eye/image_rect/compressed', [], 'P'),
        ('/eye/image_rectified', [], 'P'),
        ('/direct/image_raw', [], 'K'),
        ('/rectangle/image_raw', [], 'K'),
        ('/eye/corrected_raw', [], 'K'),
        ('/eye/image', [], 'P'),
        ('/eye/image', [0.0001, 0.0, 0.0, 0.0, 0.0], 'K'),
        ('', [], 'P'),
    ],
)
def test_the_name_of_the_topic_tells_which_matrix_holds(topic, d, letter):
    k = [500.0, 0, 320, 0, 500, 240, 0, 0, 1]
    p = [400.0, 0, 320, 0, 0, 400, 240, 0, 0, 0, 1, 0]
    calibration = calibrate(scene.camera_info(k=k, p=p, d=d), SIZE, CameraRules(topic=topic))
    assert calibration.intrinsics.fx == {'K': 500.0, 'P': 400.0}[letter]
    assert f'so that {letter} holds' in calibration.assumed
    assert calibration.distortion is None


def test_a_rule_goes_before_the_name():
    k = [500.0, 0, 320, 0, 500, 240, 0, 0, 1]
    info = scene.camera_info(k=k)
    rules = CameraRules(images='raw', topic='/eye/image_rect')
    assert calibrate(info, SIZE, rules).intrinsics.fx == 500.0
    rules = CameraRules(images='rectified', topic='/eye/image_raw')
    assert calibrate(info, SIZE, rules).intrinsics.fx == scene.FOCAL


def test_distortion_is_taken_out_or_refused_and_never_ignored():
    info = scene.camera_info(d=BENT)
    rules = CameraRules(topic='/eye/image_raw')
    calibration = calibrate(info, SIZE, rules)
    assert calibration.distortion == Distortion('plumb_bob', (*BENT[:4], 0.0)[:4])
    assert 'is taken out' in calibration.assumed
    with pytest.raises(FrameError, match=r'moves pixels by up to .* px'):
        calibrate(info, SIZE, CameraRules(distortion='refuse', topic='/eye/image_raw'))


def test_the_shift_of_a_corner_is_that_of_the_formula():
    """Brown's model by hand: r times 1 + k1 r^2."""
    camera = calibrate(scene.camera_info(), SIZE).intrinsics
    x, y = (0 - 319.5) / 450, (0 - 239.5) / 450
    squared = x * x + y * y
    expected = 450 * np.hypot(x, y) * 0.02 * squared
    distortion = Distortion.of('plumb_bob', [-0.02, 0, 0, 0, 0])
    assert worst_shift_px(camera, distortion) == pytest.approx(expected, rel=1e-4)


def test_a_fisheye_of_zeros_is_no_pinhole():
    camera = calibrate(scene.camera_info(), SIZE).intrinsics
    distortion = Distortion.of('equidistant', [0.0] * 4)
    radius = np.hypot(319.5, 239.5) / 450
    expected = 450 * (radius - np.arctan(radius))
    assert worst_shift_px(camera, distortion) == pytest.approx(expected, rel=1e-4)
    assert Distortion.of('plumb_bob', [0.0] * 5) is None
    assert Distortion.of('equidistant', []) is None


def test_undistorted_depth_is_some_pixel_s_own_and_never_a_mean():
    rgb = np.zeros((480, 640, 3), np.uint8)
    depth_m = np.where(np.arange(640) % 2, 1.0, 3.0)[None].repeat(480, 0).astype(np.float32)
    camera = calibrate(scene.camera_info(), SIZE).intrinsics
    _, straight = undistort(rgb, depth_m, camera, Distortion.of('plumb_bob', BENT))
    assert set(np.unique(straight[np.isfinite(straight)])) == {1.0, 3.0}


def test_what_lies_outside_the_raw_image_is_unknown_and_black():
    rgb = np.full((480, 640, 3), 200, np.uint8)
    depth_m = np.full((480, 640), 2.0, np.float32)
    camera = calibrate(scene.camera_info(), SIZE).intrinsics
    rgb, depth_m = undistort(rgb, depth_m, camera, Distortion.of('plumb_bob', [0.2, 0, 0, 0, 0]))
    assert np.isnan(depth_m[0, 0]) and not rgb[0, 0].any()
    assert depth_m[240, 320] == 2.0 and rgb[240, 320].tolist() == [200, 200, 200]


def test_binning_and_roi_are_cut_as_image_geometry_cuts_them():
    k = [1000.0, 0, 700, 0, 1000, 500, 0, 0, 1]
    sizes = {'width': 1400, 'height': 1000, 'binning_x': 2, 'binning_y': 4}
    info = scene.camera_info(k=k, p=[0.0] * 12, roi=(100, 20, 1200, 960), **sizes)
    camera = calibrate(info, (600, 240)).intrinsics
    assert numbers(camera) == (500.0, 250.0, 300.0, 120.0)
    assert (camera.width, camera.height) == (600, 240)


def test_what_was_assumed_is_said_in_words():
    info = scene.camera_info(d=BENT, binning_x=1)
    said = calibrate(info, SIZE, CameraRules(topic='/eye/image_raw')).assumed
    assert said.startswith('the images are raw, by the name /eye/image_raw, so that K holds')
    assert said.endswith('so that pixels are those of a pinhole camera')
