# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What a program that talks to the node waits for, and what it is told when that does not come."""

import pytest

pytest.importorskip('rclpy', reason='needs ROS 2')

from ssr_ros.msg import ErrorCode

from ssr_ros.errors import SsrError


@pytest.fixture
def client(robot):
    from ssr_ros.robot.client import SsrClient

    with SsrClient(robot.namespace) as client:
        yield client


def test_services_are_waited_for_whatever_state_the_node_is_in(robot, client):
    robot.change('deactivate')
    client.wait_for_services(60)
    assert client.ask('Well?', 60).error_code == ErrorCode.NOT_ACTIVE
    client.wait_until_loaded(60)


def test_a_node_is_loaded_before_any_frame_has_come(robot, client):
    client.wait_until_loaded(60)
    assert client.ask('Well?', 60).error_code == ErrorCode.NO_FRAME


def test_a_node_is_ready_only_with_a_frame(robot, client):
    client.wait_until_loaded(60)
    with pytest.raises(SsrError, match=r'the node is not ready\. It says: no frame yet'):
        client.wait_until_ready(5)
    robot.show_and_ask()
    client.wait_until_ready(60)
    assert client.ask('Well?', 60).error_code == ErrorCode.NONE


def test_a_node_without_a_model_never_becomes_ready_and_says_why(ros, tmp_path):
    from ros_bench import REAL

    from ssr_ros.robot.client import SsrClient

    robot = ros.start_node(f'model.path:={tmp_path}', entry=REAL)
    with (
        SsrClient(robot.namespace) as client,
        pytest.raises(SsrError, match=r'the node cannot answer: .*reasoner\.yaml'),
    ):
        client.wait_until_ready(120)
    robot.end()


def test_an_interrupt_waits_until_a_message_is_taken(robot, client, monkeypatch):
    """In the middle of one, rclpy makes a RuntimeError of it: the program ended with 1."""
    import signal

    client.wait_for_services(60)
    taken = []

    def spin(timeout_sec):
        signal.raise_signal(signal.SIGINT)
        taken.append('whole')

    monkeypatch.setattr(client._executor, 'spin_once', spin)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # as in a terminal
    with pytest.raises(KeyboardInterrupt):
        client.ask('Well?', 60)
    signal.signal(signal.SIGINT, before)
    assert taken == ['whole']
