# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Depth units, what counts as unknown, and the picture that the depth encoder sees."""

from __future__ import annotations

import numpy as np
import pytest

from ssr_ros.errors import EncodingError, FrameError
from ssr_ros.rgbd import depth_to_gray, depth_to_metres, depth_to_millimetres
from ssr_ros.rgbd.depth import mark_unknown

NAN = float('nan')


def test_sixteen_bit_depth_is_millimetres_and_zero_is_unknown():
    metres = depth_to_metres(np.array([[0, 1, 1500, 65535]], np.uint16), '16UC1')
    assert metres.dtype == np.float32
    np.testing.assert_allclose(metres, [[NAN, 0.001, 1.5, NAN]], rtol=1e-6)


def test_zero_depth_is_unknown_not_near():
    metres = depth_to_metres(np.array([[0, 2000]], np.uint16), 'mono16')
    assert np.isnan(metres[0, 0]) and np.nanmin(metres) == 2.0


def test_float_depth_is_metres():
    raw = np.array([[0.5, 0.0, -1.0, np.inf, -np.inf, NAN]], np.float32)
    np.testing.assert_array_equal(depth_to_metres(raw, '32FC1'), [[0.5] + [NAN] * 5])


def test_big_endian_depth_is_read_by_value():
    raw = np.array([[1500]], '>u2')
    assert depth_to_metres(raw, '16UC1')[0, 0] == pytest.approx(1.5)


@pytest.mark.parametrize('encoding', ['rgb8', 'TYPE_16UC1', '', '8UC1'])
def test_an_encoding_that_holds_no_depth_is_refused(encoding):
    with pytest.raises(EncodingError, match='not a depth encoding'):
        depth_to_metres(np.zeros((2, 2), np.uint16), encoding)


def test_a_dtype_that_contradicts_the_encoding_is_refused():
    with pytest.raises(EncodingError, match='must be float32'):
        depth_to_metres(np.zeros((2, 2), np.uint16), '32FC1')
    with pytest.raises(EncodingError, match='must be uint16'):
        depth_to_metres(np.zeros((2, 2), np.int16), '16UC1')


def test_sixty_six_metres_clamp_and_do_not_wrap_to_near():
    assert depth_to_millimetres(np.array([[66.0, 65.534, 80.0]]))[0].tolist() == [65534] * 3


def test_unknown_metres_are_zero_millimetres():
    raw = np.array([[NAN, np.inf, -2.0, 0.0, 0.0004]])
    assert depth_to_millimetres(raw)[0].tolist() == [0, 0, 0, 0, 0]


def test_millimetres_are_rounded_not_cut():
    assert depth_to_millimetres(np.array([[1.2346, 1.2344]]))[0].tolist() == [1235, 1234]


def test_marking_unknown_leaves_its_input_alone():
    raw = np.array([[0.0, 1.0]], np.float32)
    marked = mark_unknown(raw)
    assert np.isnan(marked[0, 0]) and raw[0, 0] == 0.0


def test_the_gray_picture_runs_from_near_dark_to_far_bright():
    gray = depth_to_gray(np.array([[1.0, 1.5, 2.0]]))
    assert gray.dtype == np.uint8 and gray[0].tolist() == [0, 127, 255]


def test_unknown_is_never_the_nearest_thing_in_the_gray_picture():
    gray = depth_to_gray(np.array([[1.0, NAN, 2.0, 0.0]]))
    assert gray[0, 1] == gray[0, 3] == 255 and gray[0, 0] == 0


def test_unknown_pixels_do_not_stretch_the_range():
    known = depth_to_gray(np.array([[1.0, 1.5, 2.0]]))
    with_unknown = depth_to_gray(np.array([[1.0, 1.5, 2.0, NAN, np.inf, 0.0]]))
    assert with_unknown[0, :3].tolist() == known[0].tolist()


@pytest.mark.parametrize('value', [1.5, NAN, 0.0, np.inf])
def test_a_constant_or_unknown_image_is_zeros_not_nan(value):
    assert not depth_to_gray(np.full((4, 5), value)).any()


def test_one_far_pixel_flattens_a_room_no_more_than_the_clamp():
    depth = np.array([[1.0, 3.0, 10000.0]])
    assert (
        depth_to_gray(depth)[0].tolist()
        == depth_to_gray(np.array([[1.0, 3.0, 65.534]]))[0].tolist()
    )


def test_over_a_fixed_range_gray_means_the_same_metres_in_every_picture():
    near, far = (depth_to_gray(np.array([[1.0, 2.0, z]]), (0.5, 3.0)) for z in (1.2, 2.8))
    assert near[0, :2].tolist() == far[0, :2].tolist() == [51, 153]
    assert depth_to_gray(np.full((2, 2), 1.0), (0.5, 3.0)).tolist() == [[51, 51]] * 2
    outside = depth_to_gray(np.array([[0.2, 9.0, NAN]]), (0.5, 3.0))
    assert outside.tolist() == [[0, 255, 255]]


def room(size=(60, 80)):
    """A floor that runs to a wall at 3 m."""
    return np.clip(np.linspace(9.0, 1.0, size[0])[:, None] * np.ones(size), 1.0, 3.0)


def test_a_plateau_where_the_sensor_ends_is_unknown():
    for limit_m in (4.095, 8.191, 10.0, 20.0, 65.535):
        depth_m = room()
        depth_m[:10] = limit_m
        known = mark_unknown(depth_m)
        assert np.isnan(known[:10]).all(), limit_m
        np.testing.assert_allclose(known[10:], depth_m[10:], rtol=1e-6)


def test_a_wall_is_no_plateau():
    """As long as it is nearer than a sensor ends, or its neighbours are as far."""
    assert np.isfinite(mark_unknown(room())).all()
    assert np.isfinite(mark_unknown(np.full((60, 80), 12.0))).all()
    slanted = np.linspace(5.0, 12.0, 4800).reshape(60, 80)
    slanted[:10] = 12.0
    slanted[10:40] = np.linspace(11.8, 11.99, 2400).reshape(30, 80)
    assert np.isfinite(mark_unknown(slanted)).all()


def test_one_pixel_at_65535_does_not_flatten_the_picture():
    raw = np.array([[1000, 2000, 3000, 65535]], np.uint16)
    gray = depth_to_gray(depth_to_metres(raw, '16UC1'))
    assert gray[0].tolist() == [0, 127, 255, 255]


def test_float_millimetres_are_refused_wherever_depth_comes_in():
    millimetres = np.full((4, 6), 1117.0, np.float32)
    for read in (mark_unknown, lambda raw: depth_to_metres(raw, '32FC1')):
        with pytest.raises(FrameError, match='are these millimetres'):
            read(millimetres)
    few_far = np.full((4, 6), 2.0, np.float32)
    few_far[0] = 150.0
    assert mark_unknown(few_far)[0, 0] == 150.0
