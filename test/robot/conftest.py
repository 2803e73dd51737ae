# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Real node processes for the tests of this room, and a camera and a client to talk to them."""

import os

import pytest

WHY_NOT = ''
try:
    import rclpy  # noqa: F401
    import ssr_ros.msg  # noqa: F401
except ImportError as error:
    WHY_NOT = f'needs ROS 2 and the generated interfaces ({error}); run ./test.sh'


@pytest.fixture(scope='session')
def ros():
    """A ROS context of this test run alone, or the reason to skip."""
    if WHY_NOT:
        pytest.skip(WHY_NOT)
    os.environ['ROS_DOMAIN_ID'] = os.environ.get('ROS_DOMAIN_ID', str(1 + os.getpid() % 100))
    os.environ['ROS_AUTOMATIC_DISCOVERY_RANGE'] = 'LOCALHOST'
    from ros_bench import Bench

    bench = Bench()
    yield bench
    bench.close()


@pytest.fixture(scope='session')
def shared_robot(ros):
    """One node process with the fake reasoner, for all tests that leave it as they found it."""
    robot = ros.start_node('model.path:=fake', 'max_frame_age_ms:=60000.0')
    yield robot
    robot.end()


@pytest.fixture
def robot(shared_robot):
    """The shared node, active and as if nothing had ever arrived."""
    shared_robot.make_fresh()
    return shared_robot
