# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

import sys
from types import SimpleNamespace

import numpy as np
import pytest

pytest.importorskip('rclpy', reason='needs ROS 2')

from geometry_msgs.msg import TransformStamped
from std_msgs.msg import Header

from ssr_ros.engine.request import Refused
from ssr_ros.errors import ConfigError
from ssr_ros.robot.transforms import Transforms


def test_without_tf2_the_package_to_install_is_named():
    try:
        import tf2_ros  # noqa: F401
    except ImportError:
        with pytest.raises(ConfigError, match=r'ros-.ROS_DISTRO-tf2-ros-py'):
            Transforms(node=None)
    else:
        pytest.skip('tf2_ros is installed here')


class FakeTf2:
    """Stands for the module tf2_ros, of which there is no wheel, and for its buffer."""

    TransformException = LookupError

    def __init__(self, answer):
        self.answer, self.asked = answer, None

    def Buffer(self):
        return self

    def TransformListener(self, buffer, node):
        return SimpleNamespace()

    def lookup_transform(self, target, source, time, timeout):
        self.asked = (target, source, time.nanoseconds)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def transforms_with(monkeypatch, answer):
    tf2_ros = FakeTf2(answer)
    monkeypatch.setitem(sys.modules, 'tf2_ros', tf2_ros)
    return Transforms(node=None), tf2_ros


def header():
    message = Header(frame_id='camera')
    message.stamp.sec, message.stamp.nanosec = 5, 7
    return message


def test_the_transform_is_asked_for_at_the_stamp_of_the_image(monkeypatch):
    stamped = TransformStamped()
    stamped.transform.rotation.w, stamped.transform.translation.z = 1.0, 0.5
    transforms, tf2_ros = transforms_with(monkeypatch, stamped)
    found = transforms.lookup('map', header())
    assert tf2_ros.asked == ('map', 'camera', 5_000_000_007)
    assert found.frame_id == 'map'
    np.testing.assert_allclose(found.point([0, 0, 1.0]), [0, 0, 1.5])


def test_an_unknown_transform_is_refused_with_both_frames(monkeypatch):
    transforms, _ = transforms_with(monkeypatch, LookupError('no such frame'))
    with pytest.raises(Refused, match=r"from 'camera' to 'map'.*tf2_echo map camera"):
        transforms.lookup('map', header())
