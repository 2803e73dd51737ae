# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Starts node processes and talks to them, as a camera and as a client of all that they offer."""

import contextlib
import os
from pathlib import Path
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time

from action_msgs.msg import GoalStatus
from diagnostic_msgs.msg import DiagnosticArray
from lifecycle_msgs.srv import ChangeState, GetState
from patience import PATIENCE_S, wait_for
from rcl_interfaces.srv import DescribeParameters, SetParametersAtomically
import rclpy
from rclpy.action import ActionClient
from rclpy.exceptions import InvalidHandle
from rclpy.executors import ExternalShutdownException, SingleThreadedExecutor
from rclpy.node import Node
from rclpy.parameter import Parameter
from rclpy.qos import QoSProfile, ReliabilityPolicy
from ros_crowd import Crowd
from ros_images import (
    color_message,
    depth_message,
    info_message,
)
from ssr_ros.action import AskStream
from ssr_ros.msg import ErrorCode
from ssr_ros.srv import AskSpatial, Measure
from std_msgs.msg import String

from ssr_ros.demo.environment import FASTDDS_PROFILE

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
FAKE = [str(HERE.parent / 'engine' / 'fake_reasoner.py')]
REAL = ['-m', 'ssr_ros.robot.main']
TRANSITIONS = {'configure': 1, 'cleanup': 2, 'activate': 3, 'deactivate': 4, 'shutdown': 7}


def shared_memory_of(process):
    """The segments in /dev/shm whose locks a process holds; none of one that has ended."""
    return {
        Path(path[:-3])
        for path in open_files(process.pid)
        if re.fullmatch(r'/dev/shm/.*_[0-9a-f]{16}_el', path)
    }


def open_files(pid):
    """What a process has open: it opens and closes files, and ends, while it is looked at."""
    folder = f'/proc/{pid}/fd'
    names = []
    with contextlib.suppress(OSError):
        names = os.listdir(folder)
    for name in names:
        with contextlib.suppress(OSError):
            yield os.readlink(f'{folder}/{name}')


class Bench:
    """A context, a node and a thread that spins it, for all tests of a run."""

    def __init__(self):
        self._profile = patient_profile()
        os.environ[FASTDDS_PROFILE] = self._profile.name
        self.context = rclpy.Context()
        rclpy.init(context=self.context, domain_id=int(os.environ['ROS_DOMAIN_ID']))
        self.node = Node('bench', context=self.context, start_parameter_services=False)
        self.executor = SingleThreadedExecutor(context=self.context)
        self.executor.add_node(self.node)
        self._thread = threading.Thread(target=self._spin, daemon=True)
        self._thread.start()
        self._namespaces = 0
        self._robots = []

    def start_node(self, *parameters, entry=FAKE, remap=(), wait=True):
        """Start a node process in a namespace of its own."""
        self._namespaces += 1
        namespace = f'/n{os.getpid()}_{self._namespaces}'
        arguments = [part for each in parameters for part in ('-p', each)]
        arguments += [part for each in remap for part in ('-r', each)]
        robot = Robot(self, namespace, entry, arguments)
        self._robots.append(robot)
        if wait:
            robot.wait_until_known()
        return robot

    def call(self, client, request, timeout_s=PATIENCE_S):
        """Call a service and wait for its response."""
        assert client.wait_for_service(timeout_s), f'{client.srv_name} is not there'
        return self.result(client.call_async(request), timeout_s)

    def result(self, future, timeout_s=PATIENCE_S):
        """Wait for a future of rclpy."""
        done = threading.Event()
        future.add_done_callback(lambda _: done.set())
        assert done.wait(timeout_s), 'no reply'
        return future.result()

    def close(self):
        """End everything, the nodes of failed tests too."""
        for robot in self._robots:
            if robot.process.poll() is None:
                robot.process.kill()
        self.executor.shutdown()
        rclpy.shutdown(context=self.context)
        self._thread.join(5)

    def action_client(self, kind, name, **qos):
        """Make one in the thread that spins: Kilted waits for it before it is whole."""
        made = self.executor.create_task(lambda: ActionClient(self.node, kind, name, **qos))
        wait_for(made.done, lambda: f'no action client of {name}')
        return made.result()

    def _spin(self):
        while self.context.ok():
            # A test may destroy a publisher just as this thread gathers what to wait for, which
            # rclpy does not survive; without this thread every later test would wait in vain.
            with contextlib.suppress(ExternalShutdownException, InvalidHandle):
                self.executor.spin()
                return


class Robot:
    """One node process, with everything that a test wants from it."""

    def __init__(self, bench, namespace, entry, arguments):
        self.bench, self.namespace = bench, namespace
        self.log_file = tempfile.TemporaryFile('w+')  # noqa: SIM115
        paths = [str(ROOT), os.environ.get('PYTHONPATH', '')]
        self.process = subprocess.Popen(
            [sys.executable, *entry, '--ros-args', '-r', f'__ns:={namespace}', *arguments],
            stdout=self.log_file,
            stderr=subprocess.STDOUT,
            env={
                **os.environ,
                'PYTHONPATH': os.pathsep.join(filter(None, paths)),
                'PYTHONUNBUFFERED': '1',
            },
        )
        node = bench.node
        self._ask = node.create_client(AskSpatial, self.name('ssr/ask'))
        self._measure = node.create_client(Measure, self.name('ssr/measure'))
        self._change = node.create_client(ChangeState, self.name('ssr/change_state'))
        self._describe = node.create_client(
            DescribeParameters, self.name('ssr/describe_parameters')
        )
        self._set = node.create_client(
            SetParametersAtomically, self.name('ssr/set_parameters_atomically')
        )
        self._action = bench.action_client(AskStream, self.name('ssr/ask_stream'))
        self._state = node.create_client(GetState, self.name('ssr/get_state'))  # see state()
        self.diagnostics = {}
        node.create_subscription(DiagnosticArray, '/diagnostics', self._diagnose, 10)
        self.crowd = Crowd(bench, self)
        self._publishers = {}
        self._renamed = {}

    def rename(self, topics):
        """Let the camera publish under other names."""
        self._renamed = topics

    def name(self, relative):
        return f'{self.namespace}/{relative}'

    def log(self):
        self.log_file.seek(0)
        return self.log_file.read()

    # The life of the process ---------------------------------------------------------------------

    def wait_until_known(self, timeout_s=60.0):
        """Wait until the node answers, in whatever state it has brought itself to."""
        wait_for(
            lambda: self._state.service_is_ready() or self.process.poll() is not None,
            self.log,
            timeout_s,
        )
        assert self.process.poll() is None, self.log()
        wait_for(lambda: self.state() in ('active', 'unconfigured'), self.log, timeout_s)

    def state(self):
        """Ask until a reply comes: Fast DDS drops those that come before discovery is through.

        (ros2/rmw_fastrtps issue 842.) The newest client asks, so the others' replies come too.
        """
        replies = []

        def replied():
            future = self._state.call_async(GetState.Request())
            future.add_done_callback(lambda _: replies.append(future.result()))
            with contextlib.suppress(AssertionError):
                wait_for(lambda: replies, timeout_s=5)
            return replies

        wait_for(replied, lambda: f'no reply\n{self.log()}')
        return replies[0].current_state.label

    def change(self, transition):
        request = ChangeState.Request()
        request.transition.id = TRANSITIONS[transition]
        return self.bench.call(self._change, request).success

    def make_fresh(self):
        """Forget every frame that has arrived, as a node does that is deactivated."""
        if self.state() == 'active':
            assert self.change('deactivate')
        if self.state() == 'unconfigured':
            self.change('configure')  # on a busy machine it may be about to do so itself
        wait_for(lambda: self.state() in ('inactive', 'active'), self.log)
        if self.state() == 'inactive':
            self.change('activate')
        wait_for(lambda: self.state() == 'active', self.log)

    def end(self, timeout_s=20.0):
        """Interrupt the process as Ctrl-C does; return its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        try:
            code = self.process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise
        if code:
            print(self.log()[-4000:])  # a test that expected another one shows why
        return code

    def leave(self):
        """Take the camera away, and wait until the node knows."""
        for publisher in self._publishers.values():
            self.bench.node.destroy_publisher(publisher)
        self._publishers.clear()
        wait_for(lambda: 'nothing publishes' in self.ask().error_msg, self.log)

    # What a robot's other programs do ------------------------------------------------------------

    def ask(self, question='How far is it?', **fields):
        request = AskSpatial.Request(question=question, **fields)
        return self.bench.call(self._ask, request)

    def ask_later(self, question, **fields):
        """Ask and do not wait; returns a future."""
        assert self._ask.wait_for_service(PATIENCE_S)
        return self._ask.call_async(AskSpatial.Request(question=question, **fields))

    def measure(self, **fields):
        return self.bench.call(self._measure, Measure.Request(**fields))

    def describe(self, *names):
        request = DescribeParameters.Request(names=names)
        return self.bench.call(self._describe, request).descriptors

    def set_parameters(self, **values):
        """Set them all or none; dots in names are written as double underscores."""
        parameters = [
            Parameter(name.replace('__', '.'), value=value).to_parameter_msg()
            for name, value in values.items()
        ]
        request = SetParametersAtomically.Request(parameters=parameters)
        return self.bench.call(self._set, request).result

    def send_goal(self, question, on_feedback=None):
        assert self._action.wait_for_server(PATIENCE_S)
        goal = AskStream.Goal(question=question)
        return self.bench.result(self._action.send_goal_async(goal, on_feedback))

    def goal_result(self, handle, timeout_s=PATIENCE_S):
        """Wait for the end of a goal: (name of its terminal status, result)."""
        response = self.bench.result(handle.get_result_async(), timeout_s)
        names = {
            GoalStatus.STATUS_SUCCEEDED: 'succeeded',
            GoalStatus.STATUS_CANCELED: 'canceled',
            GoalStatus.STATUS_ABORTED: 'aborted',
        }
        return names.get(response.status, response.status), response.result

    def listen(self, message_type, topic, depth=10):
        """Collect what comes on a topic into a list."""
        heard = []
        self.bench.node.create_subscription(message_type, self.name(topic), heard.append, depth)
        return heard

    def question_topic(self, question):
        self.publish('ssr/question', String(data=question))

    # The camera ----------------------------------------------------------------------------------

    def publish(self, topic, message, best_effort=False, depth=10):
        """Publish on a topic, once the node listens."""
        if topic not in self._publishers:
            qos = QoSProfile(depth=depth)
            if best_effort:
                qos.reliability = ReliabilityPolicy.BEST_EFFORT
            self._publishers[topic] = self.bench.node.create_publisher(
                type(message), self.name(topic), qos
            )
        publisher = self._publishers[topic]
        if not publisher.get_subscription_count():
            wait_for(publisher.get_subscription_count, lambda: f'nobody listens on {topic}')
            time.sleep(0.1)  # the other side learns of it a little later, and best effort is lost
        publisher.publish(message)

    def show(self, color=None, depth=None, info=True, stamp_ns=None):
        """Publish one frame; returns its stamp. What is None is an ordinary message."""
        stamp_ns = time.time_ns() if stamp_ns is None else stamp_ns
        color = color_message() if color is None else color
        depth = depth_message() if depth is None else depth
        if info is True:
            info = info_message(color.width, color.height)
        if info is not None:
            self.send('color/camera_info', info, stamp_ns)
        self.send('color/image_raw', color, stamp_ns)
        self.send('depth/image_raw', depth, stamp_ns)
        return stamp_ns

    def show_and_ask(self, *arguments, question='How far is it?', **fields):
        """Show a frame and ask about it until it has arrived: (its stamp, the first reply)."""
        stamp_ns = self.show(*arguments, **fields)
        replies = []

        def is_about_it():
            replies.append(self.ask(question))
            stamp = replies[-1].answer.header.stamp
            if replies[-1].error_code in (ErrorCode.NO_FRAME, ErrorCode.NO_CAMERA_INFO):
                # The two sides learn of each other at different times; a camera goes on sending.
                self.show(*arguments, **{**fields, 'stamp_ns': stamp_ns})
                return False
            if replies[-1].error_code:
                return True
            return stamp.sec * 10**9 + stamp.nanosec == stamp_ns

        wait_for(is_about_it, lambda: replies[-1].error_msg)
        return stamp_ns, replies[-1]

    def show_until(self, words, **fields):
        """Go on showing frames until the refusal of a question holds some words; return it."""
        replies = []

        def says_so():
            self.show(**fields)
            replies.append(self.ask())
            return words in replies[-1].error_msg

        wait_for(says_so, lambda: replies[-1].error_msg)
        return replies[-1]

    def send(self, topic, message, stamp_ns):
        message.header.stamp.sec, message.header.stamp.nanosec = divmod(stamp_ns, 10**9)
        message.header.frame_id = message.header.frame_id or 'camera'
        self.publish(self._renamed.get(topic, topic), message)

    def _diagnose(self, message):
        for status in message.status:
            if status.name.startswith(self.namespace + '/'):
                self.diagnostics[status.name.rpartition(': ')[2]] = status

    def diagnostic_values(self, name):
        wait_for(lambda: name in self.diagnostics, lambda: f'nothing is known of {name}')
        return {each.key: each.value for each in self.diagnostics[name].values}

    def wait_for_diagnostic(self, name, level, words, timeout_s=PATIENCE_S):
        """Wait until a status has a level and says some words."""

        def said():
            status = self.diagnostics.get(name)
            return status and status.level == bytes([level]) and words in status.message

        wait_for(said, lambda: f'{name} says {self.diagnostics.get(name)}', timeout_s)
        return self.diagnostics[name]


def patient_profile():
    """The shipped Fast DDS profile, with participants that believe in each other for longer.

    Fast DDS 2.14 can deadlock in its discovery when a lease is checked at the moment at which a
    remote writer goes away (eProsima/Fast-DDS issues 6193 and 6502, open). On a robot that is
    rare; here nodes come and go all the time, so leases of 20 s would be checked too often.
    """
    lease = '<leaseDuration><sec>900</sec></leaseDuration>'
    builtin = f'<builtin><discovery_config>{lease}</discovery_config></builtin>'
    shipped = (ROOT / 'config' / 'fastdds.xml').read_text()
    file = tempfile.NamedTemporaryFile('w', suffix='.xml')  # noqa: SIM115
    file.write(shipped.replace('<rtps>', f'<rtps>{builtin}', 1))
    file.flush()
    return file
