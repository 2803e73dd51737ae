# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Reading frames from files."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from ssr_ros.errors import FrameError
from ssr_ros.rgbd import CameraIntrinsics, load_frame, read_depth_m, read_rgb

CAMERA = CameraIntrinsics(10, 10, 2, 1)


@pytest.fixture
def pair(tmp_path):
    color = np.zeros((3, 5, 3), np.uint8)
    color[..., 0] = 200  # red
    cv2.imwrite(str(tmp_path / 'rgb.png'), color[..., ::-1])
    depth = np.full((3, 5), 1234, np.uint16)
    depth[0, 0] = 0
    cv2.imwrite(str(tmp_path / 'depth.png'), depth)
    return tmp_path / 'rgb.png', tmp_path / 'depth.png'


def test_a_pair_is_read_red_first_and_in_metres(pair):
    frame = load_frame(*pair, CAMERA, stamp_ns=5, frame_id='head')
    assert frame.rgb[0, 0].tolist() == [200, 0, 0]
    assert np.isnan(frame.depth_m[0, 0])
    assert frame.depth_m[1, 1] == pytest.approx(1.234)
    assert (frame.stamp_ns, frame.frame_id) == (5, 'head')


@pytest.mark.parametrize('suffix', ['png', 'tiff', 'pgm'])
def test_sixteen_bit_files_hold_millimetres(tmp_path, suffix):
    cv2.imwrite(str(tmp_path / f'd.{suffix}'), np.full((2, 2), 2500, np.uint16))
    assert read_depth_m(tmp_path / f'd.{suffix}')[0, 0] == pytest.approx(2.5)


def test_float_files_hold_metres(tmp_path):
    values = np.array([[1.5, np.nan], [0.0, np.inf]], np.float32)
    np.save(tmp_path / 'd.npy', values)
    cv2.imwrite(str(tmp_path / 'd.tiff'), values)
    for name in ('d.npy', 'd.tiff'):
        np.testing.assert_array_equal(
            read_depth_m(tmp_path / name), [[1.5, np.nan], [np.nan, np.nan]]
        )


def test_an_eight_bit_picture_of_depth_is_refused(tmp_path):
    cv2.imwrite(str(tmp_path / 'd.png'), np.zeros((2, 2), np.uint8))
    with pytest.raises(FrameError, match='lost its scale'):
        read_depth_m(tmp_path / 'd.png')


def test_files_that_are_missing_empty_or_no_image_are_refused(tmp_path):
    (tmp_path / 'empty.png').write_bytes(b'')
    (tmp_path / 'text.png').write_text('hello')
    (tmp_path / 'text.npy').write_text('hello')
    with pytest.raises(FrameError, match='cannot be read'):
        read_rgb(tmp_path / 'none.png')
    with pytest.raises(FrameError, match='empty'):
        read_rgb(tmp_path / 'empty.png')
    with pytest.raises(FrameError, match='not an image'):
        read_rgb(tmp_path / 'text.png')
    with pytest.raises(FrameError, match='not an image'):
        read_depth_m(tmp_path / 'text.png')
    with pytest.raises(FrameError, match='not a plain numpy array'):
        read_depth_m(tmp_path / 'text.npy')


def test_a_pickled_array_is_never_loaded(tmp_path):
    np.save(tmp_path / 'd.npy', np.array([{'a': 1}], object), allow_pickle=True)
    with pytest.raises(FrameError, match='not a plain numpy array'):
        read_depth_m(tmp_path / 'd.npy')


def test_colour_and_depth_of_different_sizes_are_refused(pair, tmp_path):
    cv2.imwrite(str(tmp_path / 'small.png'), np.full((2, 2), 900, np.uint16))
    with pytest.raises(FrameError, match='registered'):
        load_frame(pair[0], tmp_path / 'small.png', CAMERA)


def test_float_millimetres_are_asked_about_not_measured(tmp_path):
    """A box 1,117 m away was the answer once."""
    np.save(tmp_path / 'depth.npy', np.full((4, 6), 1117.0, np.float32))
    with pytest.raises(FrameError, match='are these millimetres'):
        read_depth_m(tmp_path / 'depth.npy')
