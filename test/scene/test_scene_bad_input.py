# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Rubbish in: a clear error or an honest 'nothing measurable', never a made-up number."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from ssr_ros.errors import FrameError
from ssr_ros.rgbd import CameraIntrinsics, RgbdFrame
from ssr_ros.scene import measure
from ssr_ros.scene.draw import annotate

QUESTIONS = (
    'What is nearest?',
    'How many objects are there?',
    'How far can I drive?',
    'Where could I put a plate?',
)


def frame_of(depth):
    depth = np.asarray(depth, np.float32)
    rgb = np.full((*depth.shape, 3), 120, np.uint8)
    height, width = depth.shape
    focal = 1.5 * max(width, height)
    return RgbdFrame(rgb, depth, CameraIntrinsics(focal, focal, (width - 1) / 2, (height - 1) / 2))


def with_pixels(rows, columns, value=1.0):
    depth = np.full((240, 320), np.nan)
    depth[rows, columns] = value
    return depth


RNG = np.random.default_rng(0)
DEPTHS = {
    'all unknown': np.full((240, 320), np.nan),
    'all infinite': np.full((240, 320), np.inf),
    'all negative': np.full((240, 320), -1.0),
    'four pixels': with_pixels(slice(100, 102), slice(50, 52)),
    'one row': with_pixels(100, slice(None)),
    'one pixel image': np.ones((1, 1)),
    'one unknown pixel': np.full((1, 1), np.nan),
    'two by two': np.ones((2, 2)),
    'one column image': np.ones((240, 1)),
    'one row image': np.ones((1, 320)),
    'three rows': np.ones((3, 500)),
    'odd size': np.full((241, 323), 1.0),
    'white noise': RNG.random((240, 320)) * 5,
    'ten millimetres': np.full((240, 320), 0.01),
    'sixty metres': np.full((240, 320), 60.0) + RNG.normal(0, 7, (240, 320)),
    'below any sensor': np.full((240, 320), 1e-38),
    'checkerboard': np.where(np.indices((240, 320)).sum(axis=0) % 2, 1.0, 3.0),
    'dots': np.where(RNG.random((240, 320)) < 0.02, 1.0, np.nan),
}


@pytest.mark.parametrize('name', sorted(DEPTHS))
@pytest.mark.parametrize('noise', ['stereo', 'none'])
def test_rubbish_is_survived_without_a_made_up_number(name, noise):
    frame = frame_of(DEPTHS[name])
    with warnings.catch_warnings():
        warnings.simplefilter('error')
        facts = measure(frame, noise=noise)
        picture = annotate(frame, facts)
        for question in QUESTIONS:
            assert facts.answer(question).text
    assert picture.shape == frame.rgb.shape and picture.dtype == np.uint8
    assert facts.rationale() and facts.table() and facts.as_dict()
    for thing in facts.objects:
        assert thing.valid_ratio > 0
        values = [thing.distance_m, *thing.size_m, *thing.center_m, thing.bearing_deg]
        assert np.isfinite(values).all()


@pytest.mark.parametrize(
    'name', ['all unknown', 'all infinite', 'all negative', 'four pixels', 'one unknown pixel']
)
def test_nothing_is_measured_where_nothing_is_known(name):
    facts = measure(frame_of(DEPTHS[name]))
    assert facts.objects == () and facts.planes == () and facts.nearest is None
    assert not facts.answer('What is the nearest object?').answered
    assert not facts.gravity.known


def test_one_constant_plane_is_a_plane_and_no_object():
    facts = measure(frame_of(np.full((240, 320), 1.5)))
    assert facts.objects == ()
    assert [p.role for p in facts.planes] == ['surface']
    assert facts.planes[0].offset_m == pytest.approx(1.5, abs=0.005)


def test_a_negative_focal_length_is_refused_with_the_way_out():
    with pytest.raises(FrameError, match='ICL-NUIM'):
        CameraIntrinsics(481.2, -480.0, 319.5, 239.5)


def test_intrinsics_of_another_size_are_refused():
    camera = CameraIntrinsics(500, 500, 320, 240, width=640, height=480)
    with pytest.raises(FrameError, match='640x480'):
        RgbdFrame(np.zeros((240, 320, 3), np.uint8), np.ones((240, 320), np.float32), camera)


def test_a_principal_point_in_a_corner_and_unequal_focal_lengths_are_no_problem():
    depth = np.full((240, 320), 1.0, np.float32)
    rgb = np.zeros((240, 320, 3), np.uint8)
    for camera in (CameraIntrinsics(100, 190, 0, 239), CameraIntrinsics(3000, 1600, 319, 10)):
        measure(RgbdFrame(rgb, depth, camera))


def test_depth_beyond_any_sensor_is_taken_for_millimetres_and_refused():
    with pytest.raises(FrameError, match='are these millimetres'):
        frame_of(np.full((240, 320), 3e38))
