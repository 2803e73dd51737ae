# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""How callbacks end that are cut off, and those that are wrong."""

import subprocess
import sys
import time

import pytest

pytest.importorskip('rclpy')

import rclpy
from rclpy.callback_groups import MutuallyExclusiveCallbackGroup
from rclpy.executors import ExternalShutdownException
from std_msgs.msg import String

from ssr_ros.robot.inspection import Inspection
from ssr_ros.robot.rclpy_gaps import CalmExecutor


@pytest.fixture(autouse=True)
def alone(monkeypatch):
    """Keep these nodes from learning of others, in which leaving may hang (see ``leaving``)."""
    monkeypatch.setenv('ROS_AUTOMATIC_DISCOVERY_RANGE', 'OFF')


@pytest.fixture
def running():
    """Yield what spins a node whose timer calls something."""
    context = rclpy.Context()
    rclpy.init(context=context)
    node = rclpy.create_node('calm', context=context)
    group = MutuallyExclusiveCallbackGroup()

    def spin(callback, quick):
        node.create_timer(0.01, lambda: callback(node, context), callback_group=group)
        executor = CalmExecutor({group} if quick else set(), context=context)
        executor.add_node(node)
        for _ in range(200):
            executor.spin_once(0.1)

    yield spin
    node.destroy_node()
    if context.ok():
        rclpy.shutdown(context=context, uninstall_handlers=False)


@pytest.mark.parametrize('quick', [True, False])
def test_a_callback_whose_context_is_gone_is_an_ordinary_end(running, quick):
    def cut_off(node, context):
        publisher = node.create_publisher(String, 'late', 1)
        rclpy.shutdown(context=context, uninstall_handlers=False)
        publisher.publish(String())

    with pytest.raises(ExternalShutdownException):
        for _ in range(2):  # a thread's error is seen by the next one
            running(cut_off, quick)


def test_a_callback_that_is_wrong_is_told(running):
    def wrong(node, context):
        raise RuntimeError('a mistake of ours')

    with pytest.raises(RuntimeError, match='a mistake of ours'):
        running(wrong, quick=True)


INTERRUPTED = """
import signal
import rclpy
from rclpy.callback_groups import MutuallyExclusiveCallbackGroup
from rclpy.executors import ExternalShutdownException
from ssr_ros.robot.main import leave_interrupts_to_rclpy
from ssr_ros.robot.rclpy_gaps import CalmExecutor

leave_interrupts_to_rclpy()
rclpy.init()
node, group = rclpy.create_node('calm'), MutuallyExclusiveCallbackGroup()

def interrupted():
    signal.raise_signal(signal.SIGINT)
    for _ in range(100_000):
        pass
    print('whole')

node.create_timer(0.01, interrupted, callback_group=group)
executor = CalmExecutor({group})
executor.add_node(node)
try:
    executor.spin()
except ExternalShutdownException:
    pass
print('ended')
"""


def test_ctrl_c_ends_the_context_and_cuts_no_callback():
    """Kilted made a RuntimeError of a KeyboardInterrupt in the middle of taking a message."""
    ended = subprocess.run(
        [sys.executable, '-c', INTERRUPTED], capture_output=True, text=True, timeout=60
    )
    assert ended.returncode == 0, ended.stderr
    *callbacks, last = ended.stdout.split()
    assert set(callbacks) == {'whole'}
    assert last == 'ended'


def test_a_wait_whose_context_is_gone_is_an_ordinary_end(running, monkeypatch):
    def gone(executor, timeout_s):
        rclpy.shutdown(context=executor.context, uninstall_handlers=False)
        raise RuntimeError('the given context is not valid')

    monkeypatch.setattr(CalmExecutor, 'wait_for_ready_callbacks', gone)
    with pytest.raises(ExternalShutdownException):
        running(lambda node, context: None, quick=True)


def destroyed_while_gathered(node, group=None):
    """Make a publisher that another thread destroys just as it is gathered to be waited for."""
    publisher = node.create_publisher(String, 'short_lived', 1)
    event = publisher.event_handlers[0]

    class Destroyed(type(event)):
        def __enter__(self):
            node.destroy_publisher(publisher)
            return super().__enter__()

    event.__class__ = Destroyed
    return publisher


def destroyed_when_ready(node, group):
    """Make a publisher that another thread destroys after an event of it was found to be ready."""
    publisher = node.create_publisher(String, 'short_lived', 1, callback_group=group)
    event = publisher.event_handlers[0]

    class Destroyed(type(event)):
        def is_ready(self, wait_set):
            self._ready_to_take_data = True
            return True

        def take_data(self):
            node.destroy_publisher(publisher)
            return super().take_data()

    event.__class__ = Destroyed
    return publisher


def ticks_beside(make, quick, rounds):
    """Spin a node; return whether the publisher that was made lives, tick by tick of a timer."""
    context = rclpy.Context()
    rclpy.init(context=context)
    node = rclpy.create_node('calm', context=context)
    group, ticks = MutuallyExclusiveCallbackGroup(), []
    publisher = make(node, group)
    node.create_timer(0.01, lambda: ticks.append(publisher in node.publishers), group)
    executor = CalmExecutor({group} if quick else set(), context=context)
    executor.add_node(node)
    try:
        for _ in range(rounds):
            executor.spin_once(0.1)
    finally:
        node.destroy_node()
        rclpy.shutdown(context=context, uninstall_handlers=False)
    return ticks


def test_what_another_thread_destroys_while_it_is_gathered_ends_no_spinning():
    """Deactivating takes subscriptions away in a thread of its own while images come in."""
    ticks = ticks_beside(destroyed_while_gathered, quick=True, rounds=20)
    assert ticks and not any(ticks)


@pytest.mark.parametrize('quick', [True, False])
def test_an_event_of_what_was_destroyed_since_it_was_ready_ends_no_spinning(quick):
    """And its group goes on: rclpy would hold it to be busy with that event for good."""
    ticks = ticks_beside(destroyed_when_ready, quick, rounds=50)
    assert ticks and not ticks[-1]


def test_a_check_goes_on_hearing_what_comes_after_it_has_unsubscribed():
    with Inspection('/nobody', 0.1) as inspection:
        node, ticks = inspection._node, []
        publisher = destroyed_while_gathered(node)
        node.create_timer(0.01, lambda: ticks.append(publisher in node.publishers))
        end = time.monotonic() + 30
        while not (ticks and not ticks[-1]) and time.monotonic() < end:
            time.sleep(0.01)
    assert ticks and not ticks[-1]


HANGING = """
import ctypes
from types import SimpleNamespace
import rclpy
from ssr_ros.robot import rclpy_gaps
from ssr_ros.robot.client import SsrClient

rclpy_gaps.LEAVING_S = 1.0
client = SsrClient()
client._node = SimpleNamespace(destroy_node=ctypes.PyDLL(None).pause)  # holds the interpreter
print('leaves', flush=True)
client.close()
print('never')
"""


def test_a_process_that_hangs_in_leaving_the_graph_ends_with_a_traceback_of_where():
    ended = subprocess.run(
        [sys.executable, '-c', HANGING], capture_output=True, text=True, timeout=60
    )
    assert ended.returncode == 1 and ended.stdout == 'leaves\n'
    assert 'Timeout' in ended.stderr and 'in close' in ended.stderr


TOLD = """
import ctypes
import sys
import rclpy.node
from ssr_ros import cli
from ssr_ros.engine.diagnostics import Status
from ssr_ros.msg import SpatialAnswer
from ssr_ros.robot import rclpy_gaps
from ssr_ros.robot.client import SsrClient
from ssr_ros.robot.inspection import Inspection

rclpy_gaps.LEAVING_S = 1.0
rclpy.node.Node.destroy_node = lambda node: ctypes.PyDLL(None).pause()  # holds the interpreter
Inspection.look = lambda inspection: [Status('camera')]
SsrClient.wait_for_services = lambda client, timeout_s: None
SsrClient.ask = lambda client, question, timeout_s, **more: SpatialAnswer(answer='1.2 m')
sys.exit(cli.main(sys.argv[1:]))
"""


@pytest.mark.parametrize(
    'command, told',
    [
        (['ask', 'How far is the cup?', '--robot', '--json'], '"answer": "1.2 m"'),
        (['check', '--robot', '--json'], '"ready": true'),
    ],
)
def test_what_is_told_before_a_hang_in_leaving_the_graph_is_what_the_exit_code_tells(
    command, told
):
    ended = subprocess.run(
        [sys.executable, '-c', TOLD, *command], capture_output=True, text=True, timeout=60
    )
    assert told in ended.stdout
    assert ended.returncode == 0, ended.stderr
    assert 'Timeout' in ended.stderr and 'in close' in ended.stderr


@pytest.mark.parametrize(
    ('command', 'code'),
    [(['bag', 'play', 'demo', '--rate', '50', '--namespace', '/nobody'], 0), (['stop'], 130)],
    ids=['played', 'stopped'],
)
def test_a_hang_in_leaving_the_graph_does_not_make_a_failure_of_what_was_done(command, code):
    """It ended with 1, whatever had gone before."""
    program = TOLD
    if command == ['stop']:
        program = TOLD.replace(
            'sys.exit(', 'with SsrClient():\n    raise KeyboardInterrupt\nsys.exit('
        )
    ended = subprocess.run(
        [sys.executable, '-c', program, *command], capture_output=True, text=True, timeout=60
    )
    assert ended.returncode == code, ended.stderr
    assert 'Timeout' in ended.stderr
