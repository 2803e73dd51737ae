# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The real node and the real tf2: where down is, and positions in the robot's frame."""

import time

import pytest

pytest.importorskip('rclpy', reason='needs ROS 2')
pytest.importorskip('ssr_ros.msg', reason='needs the generated interfaces')
pytest.importorskip('tf2_ros', reason='needs tf2_ros (apt, or built)')

from geometry_msgs.msg import TransformStamped
from patience import wait_for
from ssr_ros.msg import ErrorCode
from tf2_ros import StaticTransformBroadcaster, TransformBroadcaster

# From an optical frame (x right, y down, z forward) to a body frame (x forward, y left, z up).
OPTICAL_TO_BODY = (-0.5, 0.5, -0.5, 0.5)
LYING = (0.0, 0.0, 0.7071068, 0.7071068)  # about the optical axis by 90 degrees


def transform(parent, child, xyzw, xyz=(0.0, 0.0, 0.0), stamp_ns=0):
    """Where a child stands in its parent."""
    message = TransformStamped(child_frame_id=child)
    message.header.frame_id = parent
    message.header.stamp.sec, message.header.stamp.nanosec = divmod(stamp_ns, 10**9)
    rotation, translation = message.transform.rotation, message.transform.translation
    rotation.x, rotation.y, rotation.z, rotation.w = xyzw
    translation.x, translation.y, translation.z = xyz
    return message


def test_where_down_is_and_positions_come_from_tf(ros):
    robot = ros.start_node('model.path:=fake', 'gravity.frame:=odom', 'target_frame:=base')
    static = StaticTransformBroadcaster(ros.node)
    static.sendTransform(
        [
            transform('odom', 'base', (0.0, 0.0, 0.0, 1.0)),
            transform('base', 'camera', OPTICAL_TO_BODY, (0.1, 0.0, 0.5)),
        ]
    )
    robot.show_and_ask()
    reply = robot.measure()
    assert (reply.error_msg, reply.gravity_source) == ('', 'tf')
    assert reply.header.frame_id == 'base'
    red = next(thing for thing in reply.objects if thing.color == 'red')
    assert red.center.x == pytest.approx(0.1 + 1.2, abs=0.05), 'forward of the robot'
    assert red.center.z == pytest.approx(0.5, abs=0.05), 'at the height of the camera'
    assert red.size.z == pytest.approx(20 / 60 * 1.2, rel=0.1)
    assert robot.end() == 0


def test_a_camera_that_lies_on_its_side_is_known_from_tf(ros):
    robot = ros.start_node('model.path:=fake', 'gravity.frame:=level')
    static = StaticTransformBroadcaster(ros.node)
    static.sendTransform(
        [
            transform('level', 'upright', OPTICAL_TO_BODY),
            transform('upright', 'camera', LYING),
        ]
    )
    robot.show_and_ask()
    reply = robot.measure()
    assert (reply.error_msg, reply.gravity_source) == ('', 'tf')
    wall = next(plane for plane in reply.planes if plane.tilt_deg == pytest.approx(90, abs=3))
    assert wall.normal.z == pytest.approx(-1.0, abs=0.01)
    assert robot.end() == 0


def test_the_transform_is_that_of_the_images_stamp_and_is_kept_with_the_scene(ros):
    """The robot has moved on since: what was seen then is placed where it stood then."""
    robot = ros.start_node('model.path:=fake', 'target_frame:=map', 'max_frame_age_ms:=0.0')
    moving = TransformBroadcaster(ros.node)
    begin_ns = time.time_ns()

    def tell(at_s, x_m):
        stamp_ns = begin_ns + int(at_s * 1e9)
        moving.sendTransform(
            transform('map', 'camera', OPTICAL_TO_BODY, (x_m, 0.0, 0.0), stamp_ns)
        )

    def move():
        for number in range(11):
            tell(number / 10, float(number))

    replies = []

    def answered():
        move()
        robot.show(stamp_ns=begin_ns + 250_000_000)  # between two: tf2 interpolates
        replies.append(robot.ask())
        return replies[-1].error_code == ErrorCode.NONE

    wait_for(answered, lambda: replies[-1].error_msg)
    red = next(thing for thing in replies[-1].answer.objects if thing.color == 'red')
    assert red.center.x == pytest.approx(2.5 + 1.2, abs=0.1)
    tell(60.0, 1000.0)  # tf2 keeps ten seconds
    time.sleep(0.3)
    again = robot.ask(stamp=replies[-1].answer.header.stamp).answer
    red = next(thing for thing in again.objects if thing.color == 'red')
    assert red.center.x == pytest.approx(2.5 + 1.2, abs=0.1)
    assert robot.end() == 0


def test_a_frame_that_tf_does_not_know_is_refused_by_name(ros):
    robot = ros.start_node('model.path:=fake', 'target_frame:=nowhere', 'max_frame_age_ms:=0.0')
    reply = robot.show_until("to 'nowhere'")
    assert reply.error_code == ErrorCode.NO_TRANSFORM
    assert robot.end() == 0
