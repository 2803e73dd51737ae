# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""A look at a running graph from outside: is the node there, does its camera send what it needs.

It listens as the node listens, with the node's own parameters and code, so that what it finds
wrong is what the node would, and says the same cures.
"""

from __future__ import annotations

from contextlib import suppress
import threading
import time
from types import TracebackType
from typing import Any

from lifecycle_msgs.srv import GetState
from rcl_interfaces.srv import GetParameters, ListParameters
import rclpy
from rclpy.callback_groups import ReentrantCallbackGroup
from rclpy.executors import ExternalShutdownException
from rclpy.parameter import Parameter, parameter_value_to_python

from ssr_ros.engine.cameras import NodeSettings
from ssr_ros.engine.diagnostics import CameraWatch, Level, Status
from ssr_ros.engine.intake import Intake
from ssr_ros.engine.request import Refused
from ssr_ros.engine.settings import Settings
from ssr_ros.errors import ConfigError, quoted, SsrError
from ssr_ros.rgbd import messages as images
from ssr_ros.rgbd.calibration import CameraRules
from ssr_ros.robot.endpoints import DEEP
from ssr_ros.robot.graph import NodeTopics
from ssr_ros.robot.parameters import FOREIGN
from ssr_ros.robot.rclpy_gaps import CalmExecutor, leaving
from ssr_ros.robot.subscriptions import CameraSubscriptions
from ssr_ros.robot.transforms import Transforms
from ssr_ros.srv import Measure
from ssr_ros.stopping import exit_code_of

POLL_S = 0.05
REPLY_S = 15.0
FIND_S = 10.0
"""How long a node may take to be found: seconds on a busy machine."""
STATES = {
    'unconfigured': '`ros2 lifecycle set {node} configure`, then activate; its log says why not',
    'inactive': '`ros2 lifecycle set {node} activate`',
    'finalized': 'it has been shut down: start it again',
}


class Inspection:
    """Looks at one node and its cameras; use it in a ``with`` statement.

    Args:
        namespace: that of the node.
        seconds: how long to listen to the cameras.
    """

    def __init__(self, namespace: str, seconds: float) -> None:
        self._seconds = seconds
        self._context = rclpy.Context()
        rclpy.init(args=[], context=self._context)
        self._node = rclpy.create_node('ssr_check', namespace=namespace, context=self._context)
        self._group = ReentrantCallbackGroup()
        # It unsubscribes from cameras while this spins: rclpy's own executors may end at that.
        quick = {self._group, self._node.default_callback_group}
        self._executor = CalmExecutor(quick, context=self._context)
        self._executor.add_node(self._node)
        self._name = self._node.resolve_service_name('ssr')
        self._thread = threading.Thread(target=self._spin, daemon=True)
        self._thread.start()

    def __enter__(self) -> Inspection:
        """Return it."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close it."""
        self.close(exit_code_of(error))

    def close(self, exit_code: int = 1) -> None:
        """Leave the ROS graph; once more does nothing.

        Args:
            exit_code: with which the process ends where Fast DDS hangs in that (``leaving``).
        """
        if not self._context.ok():
            return
        with leaving(exit_code):
            self._executor.shutdown()
            self._thread.join(2.0)
            self._node.destroy_node()
            rclpy.shutdown(context=self._context)

    def look(self) -> list[Status]:
        """Return what was found, line by line."""
        found, settings = [self._the_node()], NodeSettings()
        if found[0].level < Level.ERROR:
            settings = self._settings(found[0])
        found.append(self._the_clock(found[0]))
        for camera in settings.names:
            found += self._the_camera(camera, settings.of(camera))
        if found[0].values.get('state') == 'active':
            found += [self._an_answer(camera) for camera in settings.names]
        return found

    def _the_node(self) -> Status:
        status = Status('node')
        client = self._node.create_client(GetState, f'{self._name}/get_state')
        if not client.wait_for_service(FIND_S):
            status.found(
                Level.ERROR,
                f'no node {self._name} answers: is ssr_node running, in this ROS_DOMAIN_ID and '
                'namespace? Its default parameters are looked at instead',
            )
            return status
        reply = self._call(client, GetState.Request())
        if reply is None:
            text = f'{self._name} is there and does not answer: has it frozen? Start it again'
            status.found(Level.ERROR, text)
            return status
        label = reply.current_state.label
        status.message, status.values['state'] = f'{self._name} is {label}', label
        if label in STATES:
            status.found(Level.WARN, STATES[label].format(node=self._name))
        return status

    def _settings(self, status: Status) -> NodeSettings:
        """Return the parameters of the running node; the defaults where it does not tell."""
        lister = self._node.create_client(ListParameters, f'{self._name}/list_parameters')
        getter = self._node.create_client(GetParameters, f'{self._name}/get_parameters')
        listed = self._call(lister, ListParameters.Request())
        names = [] if listed is None else list(listed.result.names)
        got = self._call(getter, GetParameters.Request(names=names))
        if got is None:
            status.found(Level.WARN, 'its parameters are not told; the defaults are taken')
            return NodeSettings()
        values = dict(zip(names, map(parameter_value_to_python, got.values), strict=True))
        status.values['use_sim_time'] = values.get('use_sim_time', False)
        if status.values['use_sim_time']:  # ages are by the clock that the node goes by
            self._node.set_parameters([Parameter('use_sim_time', value=True)])
        try:
            return NodeSettings().updated(
                {name: v for name, v in values.items() if not name.startswith(FOREIGN)}
            )
        except ConfigError as error:
            status.found(Level.WARN, f'it is of another version than this command: {error}')
            return NodeSettings()

    def _the_clock(self, node: Status) -> Status:
        status = Status('clock')
        publishers = len(self._node.get_publishers_info_by_topic('/clock'))
        simulated = node.values.get('use_sim_time', False)
        status.message = 'simulated, /clock comes' if simulated else 'the system time'
        if simulated and not publishers:
            status.found(
                Level.ERROR,
                'use_sim_time is set and nothing publishes /clock: every frame has no age. Play '
                'bags with --clock, start the simulation, or set use_sim_time:=false',
            )
        if publishers > 1:
            status.found(Level.WARN, f'{publishers} publish /clock: time jumps back and forth')
        if publishers and not simulated:
            status.found(
                Level.WARN,
                '/clock is published and the node goes by the system time: set use_sim_time:=true',
            )
        return status

    def _the_camera(self, camera: str, settings: Settings) -> list[Status]:
        topics = NodeTopics(self._node, self._name)
        settings = topics.as_subscribed(settings)
        subscriptions = CameraSubscriptions(self._node, settings, self._group, camera)
        intake = Intake(
            round(settings.sync.tolerance_s * 1e9),
            lambda: int(self._node.get_clock().now().nanoseconds),
            subscriptions.why_silent,
        )
        watch = CameraWatch(subscriptions.topic('color'), camera)
        subscriptions.open(intake)
        time.sleep(self._seconds)
        status = watch.status(intake, settings, intake.now()[0], subscriptions.crowded())
        if intake.peek() is None and status.level < Level.ERROR:  # it waits longer for its verdict
            status.found(Level.ERROR, intake.trouble())
        for stream in ('color', 'depth', 'camera_info'):
            status.values[stream] = topics.describe(subscriptions.topic(stream))
        found = [status]
        if intake.peek() is not None:
            found.append(self._a_frame(camera, intake, settings, subscriptions.topic('color')))
            found.append(self._the_transforms(camera, intake, settings))
        subscriptions.close()
        return found

    def _a_frame(self, camera: str, intake: Intake, settings: Settings, topic: str) -> Status:
        """Make a frame of the newest pair, as the node would for a question."""
        status, snapshot = Status(f'frame {camera}'.strip()), intake.peek()
        if snapshot is None:
            return status
        info, pair = settings.camera_info, snapshot.pair
        rules = CameraRules(info.images, info.distortion, topic)
        try:
            frame = images.rgbd_frame(
                pair.color, pair.depth, snapshot.info, settings.depth.max_m, rules
            )
            frame.check_depth()
        except SsrError as error:
            status.found(Level.ERROR, str(error))
            return status
        status.message = (
            f'{frame.width}x{frame.height} in {quoted(frame.frame_id)}, depth known at '
            f'{100 * frame.valid_ratio:.0f} %'
        )
        for caveat in frame.caveats:
            status.found(Level.WARN, caveat)
        return status

    def _the_transforms(self, camera: str, intake: Intake, settings: Settings) -> Status:
        status = Status(f'tf {camera}'.strip())
        wanted = [name for name in (settings.target_frame, settings.gravity.frame) if name]
        snapshot = intake.peek()
        if not wanted or snapshot is None:
            status.message = 'not needed: neither target_frame nor gravity.frame is set'
            return status
        try:
            transforms = Transforms(self._node)
            time.sleep(1.0)  # static transforms come once, to whoever listens
            newest = intake.peek() or snapshot
            for target in wanted:
                transforms.lookup(target, newest.pair.color.header)
        except (ConfigError, Refused) as error:
            status.found(Level.ERROR, str(error))
            return status
        status.message = f'{quoted(snapshot.pair.color.header.frame_id)} to {", ".join(wanted)}'
        return status

    def _an_answer(self, camera: str) -> Status:
        """Have the node measure something."""
        status = Status(f'answer {camera}'.strip())
        client = self._node.create_client(Measure, f'{self._name}/measure', qos_profile=DEEP)
        if not client.wait_for_service(FIND_S):
            status.found(Level.ERROR, f'{self._name}/measure is not offered')
            return status
        start_s = time.monotonic()
        reply = self._call(client, Measure.Request(camera=camera), 4 * REPLY_S)
        if reply is None:
            status.found(Level.ERROR, f'{self._name}/measure does not answer')
        elif reply.error_code:
            status.found(Level.ERROR, reply.error_msg)
        else:
            status.message = (
                f'{len(reply.objects)} things and {len(reply.planes)} planes after '
                f'{time.monotonic() - start_s:.1f} s'
            )
        return status

    def _call(self, client: Any, request: Any, timeout_s: float = REPLY_S) -> Any:
        future = client.call_async(request)
        give_up = time.monotonic() + timeout_s
        while not future.done() and time.monotonic() < give_up:
            time.sleep(POLL_S)
        return future.result() if future.done() else None

    def _spin(self) -> None:
        with suppress(ExternalShutdownException):  # the ordinary end
            self._executor.spin()
