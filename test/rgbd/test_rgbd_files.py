# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Reading frames from files."""

from __future__ import annotations

import io
import os
import random
import zipfile

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


def test_whole_numbers_count_in_the_unit_that_is_told_and_floats_in_metres(tmp_path):
    cv2.imwrite(str(tmp_path / 'd.png'), np.array([[5000, 0], [12500, 65535]], np.uint16))
    depth_m = read_depth_m(tmp_path / 'd.png', unit_m=1 / 5000)
    np.testing.assert_allclose(depth_m, [[1.0, np.nan], [2.5, np.nan]], rtol=1e-6)
    np.save(tmp_path / 'd.npy', np.ones((2, 2), np.float32))
    with pytest.raises(FrameError, match=r'd.npy: it holds floats, which are metres'):
        read_depth_m(tmp_path / 'd.npy', unit_m=0.001)
    for none in (0.0, -0.001, 1000.0, float('nan')):
        with pytest.raises(FrameError, match=r'd.png: a unit of .* m: expected more than 0'):
            read_depth_m(tmp_path / 'd.png', unit_m=none)


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


DEPTH_M = np.array([[1.0, 2.0, 3.0], [4.0, np.nan, 0.0]], np.float32)
KNOWN_M = [[1.0, 2.0, 3.0], [4.0, np.nan, np.nan]]


@pytest.mark.parametrize(
    'array',
    [
        DEPTH_M,
        DEPTH_M.astype('>f4'),
        DEPTH_M.astype(np.float64),
        DEPTH_M.astype(np.float16),
        DEPTH_M[..., None],
        np.asfortranarray(DEPTH_M),
        np.nan_to_num(DEPTH_M * 1000).astype(np.uint16),
        np.nan_to_num(DEPTH_M * 1000).astype('>u2'),
    ],
    ids=['f4', 'big-endian f4', 'f8', 'f2', '(H, W, 1)', 'by columns', 'u2', 'big-endian u2'],
)
@pytest.mark.parametrize('suffix', ['.npy', '.NPY', '.npz', '.NPZ'])
def test_numpy_files_of_every_kind_hold_the_same_depth(tmp_path, array, suffix):
    with (tmp_path / f'd{suffix}').open('wb') as file:
        if suffix.lower() == '.npy':
            np.save(file, array)
        else:
            np.savez_compressed(file, depth=array, other=np.zeros(3))
    np.testing.assert_allclose(read_depth_m(tmp_path / f'd{suffix}'), KNOWN_M, rtol=1e-3)


def test_upper_case_suffixes_of_images_are_read(tmp_path):
    content = cv2.imencode('.png', np.full((2, 3), 1500, np.uint16))[1].tobytes()
    (tmp_path / 'D.PNG').write_bytes(content)
    assert read_depth_m(tmp_path / 'D.PNG')[0, 0] == pytest.approx(1.5)


def npy(array, **changes):
    stream = io.BytesIO()
    np.save(stream, array)
    content = stream.getvalue()
    for old, new in changes.get('swap', {}).items():
        assert old in content
        content = content.replace(old, new)
    return content


@pytest.mark.parametrize(
    ('content', 'message'),
    [
        (npy(DEPTH_M)[:-4], 'cut short or damaged'),
        (npy(DEPTH_M) + b'more', 'cut short or damaged'),
        (npy(DEPTH_M)[:20], 'not a plain numpy array'),
        (npy(DEPTH_M, swap={b'(2, 3)': b'(9, 9)'}), 'cut short or damaged'),
        (npy(DEPTH_M, swap={b'(2, 3), }': b'(9999999999, 9), }'}), 'not the size of an image'),
        (npy(DEPTH_M, swap={b'(2, 3)': b'(2,-3)'}), 'not a plain numpy array'),
        (npy(DEPTH_M, swap={b'<f4': b'<c8'}), 'cut short or damaged'),
        (npy(DEPTH_M, swap={b'{': b'('}), 'not a plain numpy array'),
        (npy(DEPTH_M.astype(complex)), 'expected one plane'),
        (npy(np.zeros((2, 3, 2), np.float32)), 'expected one plane'),
        (npy(np.array(['a'])), 'expected one plane'),
    ],
)
def test_damaged_numpy_files_are_refused_by_name(tmp_path, content, message):
    (tmp_path / 'd.npy').write_bytes(content)
    with pytest.raises(FrameError, match=message) as refused:
        read_depth_m(tmp_path / 'd.npy')
    assert 'd.npy' in str(refused.value)


def test_an_archive_of_several_arrays_names_them(tmp_path):
    np.savez(tmp_path / 'd.npz', left=DEPTH_M, right=DEPTH_M)
    with pytest.raises(FrameError, match=r'left\.npy, right\.npy'):
        read_depth_m(tmp_path / 'd.npz')


def test_an_archive_that_would_fill_the_memory_is_not_opened(tmp_path):
    with (
        zipfile.ZipFile(tmp_path / 'd.npz', 'w', zipfile.ZIP_DEFLATED) as archive,
        archive.open('depth.npy', 'w') as file,
    ):
        for _ in range(300):
            file.write(bytes(1 << 20))
    with pytest.raises(FrameError, match='no image is so large'):
        read_depth_m(tmp_path / 'd.npz')


@pytest.mark.parametrize('suffix', ['npy', 'npz'])
def test_no_damage_of_a_numpy_file_reaches_the_user_as_a_traceback(tmp_path, suffix):
    stream = io.BytesIO()
    np.savez_compressed(stream, depth=DEPTH_M) if suffix == 'npz' else np.save(stream, DEPTH_M)
    whole, chance = stream.getvalue(), random.Random(0)
    refused = 0
    for _ in range(1500):
        damaged = bytearray(whole)
        for _ in range(chance.randint(1, 4)):
            damaged[chance.randrange(min(len(damaged), 140))] = chance.randrange(256)
        (tmp_path / f'd.{suffix}').write_bytes(damaged[: chance.choice((None, -5))])
        try:
            read_depth_m(tmp_path / f'd.{suffix}')
        except FrameError:
            refused += 1
    assert refused > 500


def test_pipes_devices_and_folders_are_not_opened(tmp_path):
    os.mkfifo(tmp_path / 'pipe.png')
    for path in (tmp_path / 'pipe.png', '/dev/zero', tmp_path):
        with pytest.raises(FrameError, match='a folder, a pipe or a device'):
            read_rgb(path)
    with pytest.raises(FrameError, match='cannot be read'):
        read_rgb('a\0b')
