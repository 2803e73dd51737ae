# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The real node and its camera: whose calibration holds, where down is, what else is there."""

import time

import pytest

pytest.importorskip('rclpy', reason='needs ROS 2')
pytest.importorskip('ssr_ros.msg', reason='needs the generated interfaces')

from patience import wait_for
from ros_images import color_message, compressed_message, info_message
from sensor_msgs.msg import CameraInfo, Imu
from ssr_ros.msg import ErrorCode


def says(robot, words):
    """Whether the last diagnostics of the camera say so."""
    status = robot.diagnostics.get('camera')
    return status is not None and words in status.message


def width_of_the_red_box(robot):
    objects = robot.measure(max_age_ms=0.0).objects
    return next(thing.size.x for thing in objects if thing.color == 'red')


def test_another_cameras_calibration_on_the_same_topic_changes_nothing(robot):
    """It halved every width, 40 of 40, with code 0; and two publishers are worth a warning."""
    rear = robot.bench.node.create_publisher(CameraInfo, robot.name('color/camera_info'), 10)
    robot.show_and_ask()
    for _ in range(5):
        stamp_ns = robot.show()
        info = info_message(focal=120.0)
        info.header.frame_id = 'rear'
        info.header.stamp.sec, info.header.stamp.nanosec = divmod(stamp_ns, 10**9)
        rear.publish(info)
        time.sleep(0.1)
        assert width_of_the_red_box(robot) == pytest.approx(20 / 60 * 1.2, rel=0.1)
    robot.wait_for_diagnostic('camera', 1, '2 publish on')
    robot.bench.node.destroy_publisher(rear)


def test_where_down_is_comes_from_the_parameters(robot):
    robot.show_and_ask()
    assert robot.measure().gravity_source == 'level', 'nothing level is in view'
    assert robot.set_parameters(camera__roll_deg=90.0).successful
    reply = robot.measure()
    assert reply.gravity_source == robot.ask().answer.gravity_source == 'parameter'
    assert robot.set_parameters(camera__roll_deg=0.0).successful
    assert not robot.set_parameters(camera__pitch_deg=91.0).successful


def test_where_down_is_comes_from_an_imu(ros):
    robot = ros.start_node('model.path:=fake', 'gravity.imu_topic:=imu', 'max_frame_age_ms:=0.0')
    robot.show_and_ask()
    reply = robot.measure()
    assert (reply.error_msg, reply.gravity_source) == ('', 'level')
    wait_for(lambda: says(robot, 'no IMU message within half a second'))
    imu = Imu()
    imu.orientation_covariance[0] = -1.0
    imu.linear_acceleration.y = 9.81  # felt upwards, along y: the camera is upside down

    def is_told():
        stamp_ns = robot.show()
        robot.send('imu', imu, stamp_ns)
        time.sleep(0.05)
        return robot.measure().gravity_source == 'imu'

    wait_for(is_told, robot.log)
    imu.header.frame_id = 'imu_link'  # no tf2 here to say how it is mounted

    def is_doubted():
        robot.send('imu', imu, robot.show())
        time.sleep(0.05)
        robot.measure()
        return says(robot, "to 'imu_link': tf2_ros is not installed")

    try:
        import tf2_ros  # noqa: F401
    except ImportError:
        wait_for(is_doubted)
    robot.end()


def test_where_only_a_compressed_topic_is_there_the_parameter_that_takes_it_is_named(ros):
    robot = ros.start_node('model.path:=fake')
    message = compressed_message(b'', 'jpeg')
    node = robot.bench.node
    publisher = node.create_publisher(type(message), robot.name('color/image_raw/compressed'), 10)
    wait_for(
        lambda: 'set color.transport:=compressed' in robot.ask().error_msg,
        lambda: robot.ask().error_msg,
    )
    assert robot.ask().error_code == ErrorCode.NO_FRAME
    node.destroy_publisher(publisher)
    robot.end()


def test_a_stream_that_ends_is_named_with_its_publisher_gone(ros):
    robot = ros.start_node('model.path:=fake', 'max_frame_age_ms:=0.0')
    robot.show_and_ask()
    color = color_message()

    def is_named():
        robot.send('color/image_raw', color, time.time_ns())
        return says(robot, 'depth silent for')

    wait_for(is_named)
    robot.end()
