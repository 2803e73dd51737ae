# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Where down is, from what a robot knows of itself."""

from types import SimpleNamespace

from arrived import NOW_NS, SECOND, stamped
import numpy as np
import pytest

from ssr_ros.engine.gravity import down_by_frame, ImuLog
from ssr_ros.engine.request import Refused
from ssr_ros.engine.transforms import RigidTransform

# From an optical frame (x right, y down, z forward) to a body frame (x forward, y left, z up).
OPTICAL_TO_BODY = (-0.5, 0.5, -0.5, 0.5)


def imu(felt, stamp_ns=NOW_NS, orientation=None):
    x, y, z, w = orientation or (0.0, 0.0, 0.0, 0.0)
    return stamped(
        stamp_ns,
        'imu',
        linear_acceleration=SimpleNamespace(x=felt[0], y=felt[1], z=felt[2]),
        orientation=SimpleNamespace(x=x, y=y, z=z, w=w),
        orientation_covariance=[-1.0 if orientation is None else 0.0] * 9,
    )


def log_of(*messages):
    log = ImuLog()
    for message in messages:
        log.take(message)
    return log


def test_down_of_a_level_camera_is_along_its_y_axis():
    level = RigidTransform.from_quaternion('odom', OPTICAL_TO_BODY, (3.0, 2.0, 1.0))
    assert down_by_frame(level).source == 'tf'
    np.testing.assert_allclose(down_by_frame(level).direction, [0, 1, 0], atol=1e-12)


def test_what_an_imu_at_rest_feels_points_up():
    down, frame_id = log_of(imu((0.0, -9.7, 0.0)), imu((0.0, -9.9, 0.0))).down(NOW_NS)
    assert frame_id == 'imu'
    np.testing.assert_allclose(down, [0, 1, 0], atol=1e-12)


def test_an_orientation_goes_before_what_is_felt():
    turned = (0.0, np.sqrt(0.5), 0.0, np.sqrt(0.5))  # a quarter about y: its x axis points down
    down, _ = log_of(imu((3.0, 3.0, 3.0), orientation=turned)).down(NOW_NS)
    np.testing.assert_allclose(down, [1, 0, 0], atol=1e-12)


def test_old_messages_and_shaken_robots_tell_nothing():
    with pytest.raises(Refused, match='no IMU message within half a second'):
        log_of(imu((0.0, -9.8, 0.0), NOW_NS - SECOND)).down(NOW_NS)
    with pytest.raises(Refused, match=r"'imu' feels 14\.7 m/s2"):
        log_of(imu((0.0, -14.7, 0.0))).down(NOW_NS)
