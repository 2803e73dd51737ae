# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

import numpy as np
import pytest

from ssr_ros.engine.refusals import Refused
from ssr_ros.engine.transforms import RigidTransform
from ssr_ros.errors import ConfigError
from ssr_ros.robot.transforms import Transforms

# From an optical frame (x right, y down, z forward) to a body frame (x forward, y left, z up).
OPTICAL_TO_BODY = (-0.5, 0.5, -0.5, 0.5)


def test_forward_of_the_camera_is_forward_of_the_robot():
    transform = RigidTransform.from_quaternion('base', OPTICAL_TO_BODY, (0.1, 0.0, 1.2))
    np.testing.assert_allclose(transform.point([0, 0, 2.0]), [2.1, 0, 1.2], atol=1e-12)
    np.testing.assert_allclose(transform.point([1.0, 0, 0]), [0.1, -1.0, 1.2], atol=1e-12)
    np.testing.assert_allclose(transform.direction([0, 1.0, 0]), [0, 0, -1.0], atol=1e-12)


def test_a_quaternion_need_not_be_normalised_but_not_zero():
    doubled = tuple(2 * part for part in OPTICAL_TO_BODY)
    transform = RigidTransform.from_quaternion('base', doubled, (0, 0, 0))
    np.testing.assert_allclose(transform.point([0, 0, 1.0]), [1.0, 0, 0], atol=1e-12)
    with pytest.raises(Refused, match='zero quaternion'):
        RigidTransform.from_quaternion('base', (0, 0, 0, 0), (0, 0, 0))


def test_the_identity_changes_nothing():
    stay = RigidTransform.identity('camera')
    np.testing.assert_array_equal(stay.point([1.0, 2.0, 3.0]), [1.0, 2.0, 3.0])


def test_without_tf2_the_package_to_install_is_named():
    try:
        import tf2_ros  # noqa: F401
    except ImportError:
        with pytest.raises(ConfigError, match=r'ros-.ROS_DISTRO-tf2-ros-py'):
            Transforms(node=None)
    else:
        pytest.skip('tf2_ros is installed here')


class FakeBuffer:
    """Stands for tf2_ros.Buffer, of which there is no wheel."""

    def __init__(self, answer):
        self.answer, self.asked = answer, None

    def lookup_transform(self, target, source, time, timeout):
        self.asked = (target, source, time.nanoseconds)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def transforms_with(answer):
    pytest.importorskip('rclpy', reason='needs ROS 2')
    transforms = Transforms.__new__(Transforms)
    transforms._buffer, transforms._error = FakeBuffer(answer), LookupError
    return transforms


def header():
    messages = pytest.importorskip('std_msgs.msg', reason='needs ROS 2')
    message = messages.Header(frame_id='camera')
    message.stamp.sec, message.stamp.nanosec = 5, 7
    return message


def test_the_transform_is_asked_for_at_the_stamp_of_the_image():
    geometry = pytest.importorskip('geometry_msgs.msg', reason='needs ROS 2')
    stamped = geometry.TransformStamped()
    stamped.transform.rotation.w, stamped.transform.translation.z = 1.0, 0.5
    transforms = transforms_with(stamped)
    found = transforms.lookup('map', header())
    assert transforms._buffer.asked == ('map', 'camera', 5_000_000_007)
    assert found.frame_id == 'map'
    np.testing.assert_allclose(found.point([0, 0, 1.0]), [0, 0, 1.5])


def test_an_unknown_transform_is_refused_with_both_frames():
    with pytest.raises(Refused, match=r"from 'camera' to target_frame 'map'.*tf2_echo map camera"):
        transforms_with(LookupError('no such frame')).lookup('map', header())
