# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Every kind of bad input, through the real node: the code and the words that a user sees.

After each of them the node must still answer.
"""

from array import array
import time

import numpy as np
import pytest

pytest.importorskip('rclpy', reason='needs ROS 2')
pytest.importorskip('ssr_ros.msg', reason='needs the generated interfaces')

from patience import wait_for
from ros_images import (
    color_message,
    depth_message,
    HEIGHT,
    image_message,
    info_message,
    scene,
    WIDTH,
)
from sensor_msgs.msg import Image, RegionOfInterest
from ssr_ros.msg import ErrorCode


def refused(reply, code, *words):
    """Check that there is no answer, and that the message says what is needed."""
    assert reply.error_code == reply.answer.error_code == code, reply.error_msg
    assert reply.error_msg == reply.answer.error_msg
    assert reply.answer.text == ''
    for word in words:
        assert word in reply.error_msg


def assert_lives(robot):
    wait_for(lambda: robot.show_and_ask()[1].error_code == ErrorCode.NONE)
    assert robot.ask().answer.text == 'about 1.90 metres'


def test_no_frame_yet_says_which_topic_is_silent(robot):
    robot.leave()
    refused(
        robot.ask(), ErrorCode.NO_FRAME, f'nothing publishes on {robot.name("color/image_raw")}'
    )
    assert_lives(robot)


def test_a_frame_older_than_allowed_is_refused_with_its_age(robot):
    reply = robot.show_until('at most', stamp_ns=time.time_ns() - 90 * 10**9)
    refused(reply, ErrorCode.FRAME_TOO_OLD, 'was taken 90', 'at most 60 s', 'max_frame_age')
    assert robot.ask(max_age_ms=3.6e6).error_code == ErrorCode.NONE
    assert_lives(robot)


def test_a_limit_in_the_request_goes_before_the_parameter(robot):
    robot.show_and_ask()
    time.sleep(0.1)
    refused(robot.ask(max_age_ms=50.0), ErrorCode.FRAME_TOO_OLD, '0.05 s')


@pytest.mark.parametrize(
    ('question', 'words'),
    [
        ('', 'empty'),
        (' \n\t ', 'empty'),
        ('why? ' * 1000, '5000 characters'),
        ('\x01\x02\x7f', 'control character'),
        ('where\x1b[31m?', 'control character'),
        ('how far \ufffd\ufffd', 'not text'),
    ],
)
def test_a_question_that_is_none_is_refused(robot, question, words):
    robot.show_and_ask()
    refused(robot.ask(question), ErrorCode.BAD_QUESTION, words)
    assert_lives(robot)


@pytest.mark.parametrize('value', [np.nan, 0.0, -1.0, np.inf])
def test_depth_without_one_valid_pixel_is_refused(robot, value):
    depth = image_message(np.full((HEIGHT, WIDTH), value, np.float32), '32FC1')
    _, reply = robot.show_and_ask(depth=depth)
    refused(reply, ErrorCode.NO_DEPTH, 'no valid pixel', 'covered')
    assert_lives(robot)


def test_invalid_pixels_among_valid_ones_are_left_out(robot):
    """Zeros as metres would pull the mean towards the camera."""
    depth_m = scene()[1]
    depth_m[:, :10], depth_m[:, 10:14], depth_m[:, -5:] = 0.0, np.nan, -3.0
    _, reply = robot.show_and_ask(depth=image_message(depth_m, '32FC1'))
    assert reply.error_code == ErrorCode.NONE
    known = depth_m[depth_m > 0]
    assert reply.answer.text == f'about {known.mean():.2f} metres'


def test_depth_of_another_size_than_color_is_refused(robot):
    depth = depth_message(np.full((HEIGHT // 2, WIDTH // 2), 2.0, np.float32))
    _, reply = robot.show_and_ask(depth=depth)
    refused(reply, ErrorCode.BAD_FRAME, '64x48', '32x24', 'registered')
    assert_lives(robot)


def test_a_color_image_on_the_depth_topic_is_refused_by_its_encoding(robot):
    _, reply = robot.show_and_ask(depth=color_message())
    refused(reply, ErrorCode.BAD_ENCODING, "'rgb8'", '16UC1', '32FC1')
    assert_lives(robot)


def test_an_unknown_color_encoding_is_refused_by_name(robot):
    color = color_message()
    color.encoding = '64FC3'
    _, reply = robot.show_and_ask(color=color)
    refused(reply, ErrorCode.BAD_ENCODING, "'64FC3'", 'rgb8')
    assert_lives(robot)


@pytest.mark.parametrize('which', ['color', 'depth'])
def test_data_shorter_than_its_rows_is_refused(robot, which):
    message = color_message() if which == 'color' else depth_message()
    whole = len(message.data)
    message.data = array('B', bytes(message.data)[: whole // 2])
    _, reply = robot.show_and_ask(**{which: message})
    refused(reply, ErrorCode.BAD_ENCODING, str(whole), str(whole // 2), 'cut short')
    assert_lives(robot)


def test_a_step_smaller_than_a_row_is_refused(robot):
    color = color_message()
    color.step = WIDTH
    _, reply = robot.show_and_ask(color=color)
    refused(reply, ErrorCode.BAD_ENCODING, 'step', str(3 * WIDTH))


def test_an_image_of_no_pixels_is_refused(robot):
    _, reply = robot.show_and_ask(color=Image(encoding='rgb8'), info=info_message())
    refused(reply, ErrorCode.BAD_ENCODING, '0x0')
    assert_lives(robot)


def test_a_missing_camera_info_is_named_with_its_topic(robot):
    reply = robot.show_until('no camera_info', info=None)
    refused(reply, ErrorCode.NO_CAMERA_INFO, robot.name('color/camera_info'))
    assert_lives(robot)


def test_a_camera_info_that_was_never_filled_in_is_refused(robot):
    reply = robot.show_until('not calibrated', info=info_message(focal=0.0))
    refused(reply, ErrorCode.NO_CAMERA_INFO, 'focal length')
    assert_lives(robot)


def test_a_camera_info_of_another_resolution_is_refused(robot):
    _, reply = robot.show_and_ask(info=info_message(1280, 720))
    refused(reply, ErrorCode.BAD_FRAME, '1280x720', '64x48')
    assert_lives(robot)


def test_stamps_of_zero_are_named_as_the_reason(robot):
    refused(robot.show_until('stamp of zero', stamp_ns=0), ErrorCode.NO_FRAME, 'header.stamp')
    robot.wait_for_diagnostic('camera', 2, 'stamp of zero')
    assert_lives(robot)


def test_stamps_that_never_meet_are_named_as_the_reason(robot):
    now_ns = time.time_ns()

    def is_explained():
        robot.send('color/image_raw', color_message(), now_ns)
        robot.send('depth/image_raw', depth_message(), now_ns + 300 * 10**6)
        return 'apart' in robot.ask().error_msg

    wait_for(is_explained)
    refused(robot.ask(), ErrorCode.NO_FRAME, '300.0 ms apart', 'sync.tolerance_s')


def test_a_bag_that_loops_goes_on_answering_about_its_newest_frame(robot):
    """Three passes, depth at half the rate of colour, as recorded; the last one is nearer."""
    robot.show_and_ask()
    first_ns = time.time_ns() - 10**9
    for distance_m in (3.0, 2.0, 1.0):
        depth_m = np.full((HEIGHT, WIDTH), distance_m, np.float32)
        for number in range(6):
            stamp_ns = first_ns + number * 33_000_000
            robot.send('color/camera_info', info_message(), stamp_ns)
            robot.send('color/image_raw', color_message(), stamp_ns)
            if number % 2 == 0:
                robot.send('depth/image_raw', depth_message(depth_m), stamp_ns)
            time.sleep(0.03)
        text = f'about {distance_m:.2f} metres'
        wait_for(lambda text=text: robot.ask().answer.text == text)
    header = robot.ask().answer.header
    assert header.stamp.sec * 10**9 + header.stamp.nanosec == first_ns + 4 * 33_000_000
    wait_for(lambda: robot.diagnostic_values('camera')['time went backwards'] == '3')


def test_out_of_memory_costs_that_question_only(robot):
    robot.show_and_ask()
    refused(robot.ask('out of memory, please'), ErrorCode.OUT_OF_MEMORY, 'no memory left')
    assert robot.ask().error_code == ErrorCode.NONE


def test_an_error_that_nobody_foresaw_costs_that_question_only(robot):
    robot.show_and_ask()
    refused(robot.ask('crash, please'), ErrorCode.INTERNAL, 'ZeroDivisionError', 'log')
    assert 'nobody foresaw this' in robot.log()
    assert robot.ask().error_code == ErrorCode.NONE


def test_a_worker_that_dies_is_reported_and_can_be_brought_back(robot):
    robot.show_and_ask()
    refused(robot.ask('die, please'), ErrorCode.INTERNAL, 'worker thread')
    refused(robot.ask(), ErrorCode.INTERNAL, 'worker thread')
    robot.wait_for_diagnostic('worker', 2, 'has died', timeout_s=3)
    assert robot.change('deactivate') and robot.change('cleanup')
    robot.make_fresh()
    assert_lives(robot)


@pytest.mark.parametrize('age_ms', [-1.0, float('nan'), float('inf')])
def test_an_age_that_is_none_is_a_bad_request(robot, age_ms):
    robot.show_and_ask()
    refused(robot.ask(max_age_ms=age_ms), ErrorCode.BAD_REQUEST, 'max_age_ms')


def test_a_region_outside_the_image_is_a_bad_request(robot):
    robot.show_and_ask()
    reply = robot.measure(region=RegionOfInterest(x_offset=60, y_offset=0, width=10, height=5))
    assert reply.error_code == ErrorCode.BAD_REQUEST
    assert '64x48' in reply.error_msg and not reply.has_region and reply.objects == []
