# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What the frame ids of a pair and its calibration tell about whether they belong together."""

from types import SimpleNamespace

import numpy as np
import pytest

from ssr_ros.rgbd import CameraIntrinsics
from ssr_ros.rgbd.messages import rgbd_frame

WIDTH, HEIGHT = 4, 3
K = (5.0, 0.0, 1.5, 0.0, 5.0, 1.0, 0.0, 0.0, 1.0)


def header(frame_id):
    stamp = SimpleNamespace(sec=7, nanosec=0)
    return SimpleNamespace(frame_id=frame_id, stamp=stamp)


def image(encoding, frame_id, pixels):
    return SimpleNamespace(
        header=header(frame_id),
        width=WIDTH,
        height=HEIGHT,
        encoding=encoding,
        is_bigendian=0,
        step=pixels.nbytes // HEIGHT,
        data=pixels.tobytes(),
    )


def pair(color_id, depth_id):
    color = image('rgb8', color_id, np.zeros((HEIGHT, WIDTH, 3), np.uint8))
    return color, image('16UC1', depth_id, np.full((HEIGHT, WIDTH), 1500, np.uint16))


def camera_info(frame_id):
    return SimpleNamespace(
        header=header(frame_id),
        width=WIDTH,
        height=HEIGHT,
        distortion_model='plumb_bob',
        d=[],
        k=list(K),
        r=[1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0],
        p=[5.0, 0.0, 1.5, 0.0, 0.0, 5.0, 1.0, 0.0, 0.0, 0.0, 1.0, 0.0],
        binning_x=0,
        binning_y=0,
        roi=SimpleNamespace(x_offset=0, y_offset=0, height=0, width=0, do_rectify=False),
    )


@pytest.mark.parametrize(
    ('color_id', 'depth_id', 'info_id', 'told'),
    [
        ('eye', 'eye', 'eye', []),
        ('eye', '', '', []),
        ('eye', 'ir', 'eye', ["Depth comes in the frame 'ir' and colour in 'eye'"]),
        ('', 'ir', '', ["Depth comes in the frame 'ir'"]),
        ('eye', 'eye', 'ir', ["The camera_info comes in the frame 'ir' and colour in 'eye'"]),
        ('eye', 'ir', 'far', ["Depth comes in the frame 'ir'", 'The camera_info comes']),
    ],
)
def test_messages_of_other_frames_are_read_with_a_word_and_those_of_one_without(
    color_id, depth_id, info_id, told
):
    frame = rgbd_frame(*pair(color_id, depth_id), camera_info(info_id))
    assert [c[: len(t)] for c, t in zip(frame.caveats, told, strict=True)] == told
    assert (frame.frame_id, frame.stamp_ns) == (color_id, 7_000_000_000)
    assert np.allclose(frame.depth_m, 1.5)


def test_intrinsics_that_the_caller_gives_are_of_no_frame():
    assert rgbd_frame(*pair('eye', 'eye'), CameraIntrinsics(5.0, 5.0, 1.5, 1.0)).caveats == ()


def test_what_lies_beyond_the_reach_is_unknown():
    color, depth = pair('eye', 'eye')
    frame = rgbd_frame(color, depth, camera_info('eye'), max_m=1.0)
    assert np.isnan(frame.depth_m).all()
