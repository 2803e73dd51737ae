# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Every image encoding that a camera may send, over the wire and through the real node."""

import time

import numpy as np
import pytest

pytest.importorskip('rclpy', reason='needs ROS 2')
pytest.importorskip('ssr_ros.msg', reason='needs the generated interfaces')


import cv2
from patience import wait_for
from ros_images import compressed_message, image_message, info_message, scene


def color_of(encoding):
    """The scene's colours as an array of an encoding."""
    rgb, _ = scene()
    alpha = np.full((*rgb.shape[:2], 1), 9, np.uint8)
    return {
        'rgb8': rgb,
        'bgr8': rgb[..., ::-1],
        'rgba8': np.concatenate([rgb, alpha], axis=2),
        'bgra8': np.concatenate([rgb[..., ::-1], alpha], axis=2),
        'yuv422_yuy2': _yuy2(rgb),
    }[encoding]


def _yuy2(rgb):
    yuv = cv2.cvtColor(rgb, cv2.COLOR_RGB2YUV)
    packed = np.empty((*rgb.shape[:2], 2), np.uint8)
    packed[..., 0] = yuv[..., 0]
    packed[:, 0::2, 1], packed[:, 1::2, 1] = yuv[:, 0::2, 1], yuv[:, 0::2, 2]
    return packed


def assert_sees_the_red_box(robot, **messages):
    _, reply = robot.show_and_ask(**messages)
    assert reply.error_msg == ''
    assert reply.answer.text == 'about 1.90 metres'
    assert reply.answer.objects[0].color == 'red', [o.name for o in reply.answer.objects]


@pytest.mark.parametrize('padding', [0, 13])
@pytest.mark.parametrize('encoding', ['rgb8', 'bgr8', 'rgba8', 'bgra8', 'yuv422_yuy2'])
def test_red_is_red_in_every_color_encoding(robot, encoding, padding):
    color = image_message(np.ascontiguousarray(color_of(encoding)), encoding, padding)
    assert_sees_the_red_box(robot, color=color)


def test_gray_images_are_taken_as_gray(robot):
    gray = image_message(np.ascontiguousarray(scene()[0][..., 0]), 'mono8', padding=3)
    _, reply = robot.show_and_ask(color=gray)
    assert reply.answer.text == 'about 1.90 metres'
    assert reply.answer.objects[0].color not in ('red', 'blue', 'green')


@pytest.mark.parametrize('big_endian', [False, True])
@pytest.mark.parametrize('padding', [0, 6])
@pytest.mark.parametrize('encoding', ['16UC1', 'mono16', '32FC1'])
def test_depth_is_metres_in_every_depth_encoding(robot, encoding, padding, big_endian):
    _, depth_m = scene()
    pixels = depth_m if encoding == '32FC1' else (depth_m * 1000).round().astype(np.uint16)
    depth = image_message(pixels, encoding, padding, big_endian)
    assert_sees_the_red_box(robot, depth=depth)


@pytest.fixture(scope='module')
def compressed_robot(ros):
    robot = ros.start_node(
        'model.path:=fake',
        'color.transport:=compressed',
        'depth.transport:=compressedDepth',
    )
    yield robot
    robot.end()


@pytest.mark.parametrize(
    'layout', ['32FC1; compressedDepth png', '16UC1; compressedDepth', '16UC1;compressedDepth png']
)
def test_compressed_color_and_depth_are_decoded(compressed_robot, layout):
    robot = compressed_robot
    robot.make_fresh()
    rgb, depth_m = scene()
    jpeg = cv2.imencode('.jpg', rgb[..., ::-1])[1].tobytes()
    inverse = layout.startswith('32FC1')
    a, b = (1000.0, 10.0) if inverse else (0.0, 0.0)
    stored = a / depth_m + b if inverse else depth_m * 1000
    header = np.array([0], '<i4').tobytes() + np.array([a, b], '<f4').tobytes()
    png = cv2.imencode('.png', stored.round().astype(np.uint16))[1].tobytes()

    def send_and_ask():
        now_ns = time.time_ns()
        robot.send('color/camera_info', info_message(), now_ns)
        color = compressed_message(jpeg, 'rgb8; jpeg compressed bgr8')
        robot.send('color/image_raw/compressed', color, now_ns)
        depth = compressed_message(header + png, layout)
        robot.send('depth/image_raw/compressedDepth', depth, now_ns)
        return robot.ask().error_code == 0

    wait_for(send_and_ask, lambda: robot.ask().error_msg)
    answer = robot.ask().answer
    assert answer.text == 'about 1.90 metres'
    assert answer.objects[0].color == 'red'
