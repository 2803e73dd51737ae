# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Frames and calibrations: what they accept, refuse and compute."""

from __future__ import annotations

import numpy as np
import pytest

from ssr_ros.errors import FrameError, NoDepthError
from ssr_ros.rgbd import CameraIntrinsics, RgbdFrame

CAMERA = CameraIntrinsics(50.0, 40.0, 2.0, 1.0)


def rgb(height=3, width=5):
    return np.zeros((height, width, 3), np.uint8)


def depth(height=3, width=5):
    return np.full((height, width), 2.0, np.float32)


def test_back_projection_follows_the_optical_frame():
    points = RgbdFrame(rgb(), depth(), CAMERA).points_m()
    np.testing.assert_allclose(points[1, 2], [0, 0, 2])
    np.testing.assert_allclose(points[1, 4], [0.08, 0, 2])
    np.testing.assert_allclose(points[2, 2], [0, 0.05, 2])


def test_unknown_depth_gives_unknown_points():
    values = depth()
    values[0, 0] = 0
    points = RgbdFrame(rgb(), values, CAMERA).points_m()
    assert np.isnan(points[0, 0]).all() and np.isfinite(points[1:]).all()


def test_a_frame_copies_and_never_changes():
    color, values = rgb(), depth()
    frame = RgbdFrame(color, values, CAMERA)
    color[:] = 9
    values[:] = 9
    assert not frame.rgb.any() and (frame.depth_m == 2).all()
    with pytest.raises(ValueError):
        frame.rgb[0, 0] = 1
    with pytest.raises(ValueError):
        frame.depth_m[0, 0] = 1


def test_the_valid_ratio_counts_known_pixels():
    values = depth()
    values[0] = np.nan
    frame = RgbdFrame(rgb(), values, CAMERA)
    assert frame.valid_ratio == pytest.approx(2 / 3)
    assert (frame.width, frame.height) == (5, 3)


@pytest.mark.parametrize(
    ('color', 'values', 'message'),
    [
        (rgb()[..., :1], depth(), 'colour must be'),
        (rgb().astype(np.float32), depth(), 'colour must be'),
        (rgb()[..., 0], depth(), 'colour must be'),
        (rgb(), depth()[None], 'depth must be'),
        (rgb(), depth().astype(np.uint16), 'convert millimetres'),
        (rgb(4, 5), depth(), 'registered'),
        (rgb(0, 5), depth(0, 5), 'empty'),
    ],
)
def test_arrays_that_are_no_frame_are_refused(color, values, message):
    with pytest.raises(FrameError, match=message):
        RgbdFrame(color, values, CAMERA)


def test_a_calibration_for_another_size_is_refused():
    with pytest.raises(FrameError, match='640x480'):
        RgbdFrame(rgb(), depth(), CameraIntrinsics(600, 600, 320, 240, 640, 480))


@pytest.mark.parametrize(
    'values', [(0, 1, 0, 0), (1, 0, 0, 0), (1, 1, np.nan, 0), (np.inf, 1, 0, 0)]
)
def test_an_empty_calibration_is_refused(values):
    with pytest.raises(FrameError):
        CameraIntrinsics(*values)


def test_a_negative_focal_length_is_explained():
    with pytest.raises(FrameError, match='absolute value'):
        CameraIntrinsics(481.2, -480.0, 319.5, 239.5)


def test_a_camera_is_written_as_a_matrix_row_by_row():
    matrix = CameraIntrinsics(10, 20, 3, 4).as_matrix()
    np.testing.assert_array_equal(matrix, [[10, 0, 3], [0, 20, 4], [0, 0, 1]])


def test_a_view_with_padded_rows_is_a_frame_like_any_other():
    padded = np.zeros((3, 8, 3), np.uint8)
    padded[:, :5] = 7
    frame = RgbdFrame(padded[:, :5], depth(3, 9)[:, 2:7], CAMERA)
    assert (frame.rgb == 7).all() and frame.depth_m.shape == (3, 5)


@pytest.mark.parametrize(
    ('values', 'message'),
    [
        ((1e-19, 1e-19, 319.5, 239.5), 'field of view of 180'),
        ((1e-6, 1e-6, 319.5, 239.5), 'field of view of 180'),
        ((20.0, 20.0, 319.5, 239.5), 'field of view of 173'),
        ((30_000.0, 30_000.0, 319.5, 239.5), 'field of view of 1.22'),
        ((450.0, 950.0, 319.5, 239.5), 'factor of 2'),
        ((450.0, 450.0, -9999.0, 239.5), 'cx=-9999'),
        ((450.0, 450.0, 319.5, 480.0), 'cy=480'),
    ],
)
def test_no_camera_looks_like_that(values, message):
    with pytest.raises(FrameError, match=message):
        CameraIntrinsics(*values, 640, 480)
    with pytest.raises(FrameError, match=message):
        CameraIntrinsics(*values).check_size(640, 480)


@pytest.mark.parametrize('values', [(30.0, 30.0), (15_000.0, 15_000.0), (450.0, 890.0)])
def test_strange_cameras_that_exist_are_taken(values):
    CameraIntrinsics(*values, 319.5, 239.5, 640, 480)


def test_a_principal_point_far_off_the_middle_is_said_and_not_refused():
    color, values = rgb(480, 640), depth(480, 640)
    near = RgbdFrame(color, values, CameraIntrinsics(450, 450, 380, 239.5))
    far = RgbdFrame(color, values, CameraIntrinsics(450, 450, 424, 239.5))
    assert near.caveats == ()
    (caveat,) = far.caveats
    assert 'far off the middle of the 640x480 image' in caveat


def test_a_frame_without_depth_can_be_refused():
    frame = RgbdFrame(rgb(), depth() * np.nan, CAMERA)
    with pytest.raises(NoDepthError, match=r'5x3.* no valid pixel'):
        frame.check_depth()
    RgbdFrame(rgb(), depth(), CAMERA).check_depth()


def test_float_millimetres_are_no_frame():
    with pytest.raises(FrameError, match='are these millimetres'):
        RgbdFrame(rgb(), depth() * 1000, CAMERA)
