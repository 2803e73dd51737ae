# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Ask a running ``ssr_node`` from Python.

Example::

    from ssr_ros.robot.client import SsrClient

    with SsrClient() as client:
        print(client.ask('How far is the nearest object?', timeout_s=30).measured_text)
"""

from __future__ import annotations

from collections.abc import Callable
import time
from types import TracebackType
from typing import Any

from builtin_interfaces.msg import Time
from lifecycle_msgs.msg import State
from lifecycle_msgs.srv import GetState
import rclpy
from rclpy.executors import SingleThreadedExecutor

from ssr_ros.errors import SsrError
from ssr_ros.msg import ErrorCode
from ssr_ros.robot.endpoints import DEEP
from ssr_ros.robot.rclpy_gaps import leaving
from ssr_ros.srv import AskSpatial, Measure
from ssr_ros.stopping import exit_code_of, held_back

LOADING = (State.TRANSITION_STATE_CONFIGURING, State.TRANSITION_STATE_ACTIVATING)
NOT_YET = (ErrorCode.NOT_ACTIVE, ErrorCode.NO_FRAME, ErrorCode.NO_CAMERA_INFO)
NEVER = (ErrorCode.MODEL_FAILED, ErrorCode.OUT_OF_MEMORY, ErrorCode.INTERNAL)
"""What a measurement, which needs no model, answers where the model could not be loaded."""

POLL_S = 0.1
HANDSHAKE_S = 1.0
"""How long one call is waited for that only shows that replies arrive."""


class SsrClient:
    """A service client with its own ROS context; use it in a ``with`` statement.

    Args:
        namespace: that of the node, such as ``/robot_1``.
        keep_going: asked while waiting; it may raise to end the wait.
    """

    def __init__(self, namespace: str = '', keep_going: Callable[[], None] = lambda: None) -> None:
        self._keep_going = keep_going
        self._context = rclpy.Context()
        rclpy.init(args=[], context=self._context)  # ours are not for rclpy
        self._node = rclpy.create_node('ssr_client', namespace=namespace, context=self._context)
        self._ask = self._node.create_client(AskSpatial, 'ssr/ask', qos_profile=DEEP)
        self._measure = self._node.create_client(Measure, 'ssr/measure', qos_profile=DEEP)
        self._get_state = self._node.create_client(GetState, 'ssr/get_state')
        self._executor = SingleThreadedExecutor(context=self._context)
        self._executor.add_node(self._node)

    def __enter__(self) -> SsrClient:
        """Return the client."""
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
            self._node.destroy_node()
            rclpy.shutdown(context=self._context)

    def wait_until_ready(self, timeout_s: float) -> None:
        """Wait until the node has a model and a frame.

        Raises:
            SsrError: it has not within the time, or says that it never will.
        """
        give_up = time.monotonic() + timeout_s
        self.wait_until_loaded(timeout_s)
        while (reply := self.measure(timeout_s)).error_code in NOT_YET:
            self._wait_for(f'the node is not ready. It says: {reply.error_msg}', give_up)
        if reply.error_code in NEVER:
            raise SsrError(f'the node cannot answer: {reply.error_msg}')

    def wait_until_loaded(self, timeout_s: float) -> None:
        """Wait until the node is there and has a model, or has failed to load one.

        Raises:
            SsrError: it is not within the time.
        """
        give_up = time.monotonic() + timeout_s
        self.wait_for_services(timeout_s)
        while self._is_loading(timeout_s):
            self._wait_for('the node is still loading its model', give_up)

    def wait_for_services(self, timeout_s: float) -> None:
        """Wait until a node is there and its replies arrive, whatever state it is in.

        A service is "ready" before its node knows who is to get the reply, and Fast DDS drops a
        reply whose reader it has not found within 100 ms (ros2/rmw_fastrtps issue 842). So what
        may be asked twice is asked until a reply comes. Its client is the newest, and readers are
        found in their order: from then on the replies of the others arrive too.

        Raises:
            SsrError: there is none within the time.
        """
        give_up = time.monotonic() + timeout_s
        services = (self._ask, self._measure, self._get_state)
        name = self._node.resolve_service_name('ssr/ask')
        missing = (
            f'no node offers {name}: is ssr_node running, in this ROS_DOMAIN_ID and namespace?'
        )
        while not all(service.service_is_ready() for service in services):
            self._wait_for(missing, give_up)
        while not self._replies(HANDSHAKE_S):
            self._wait_for(f'{self._get_state.srv_name} is there but does not reply', give_up)

    def ask(
        self,
        question: str,
        timeout_s: float,
        with_rationale: bool = False,
        max_age_ms: float = 0.0,
        camera: str = '',
        stamp_ns: int = 0,
        ago_s: float = 0.0,
    ) -> Any:
        """Ask, and return the ssr_ros/msg/SpatialAnswer; look at its error_code.

        Args:
            question: plain words.
            timeout_s: how long to wait for the reply, in seconds.
            with_rationale: write the model's rationale out too.
            max_age_ms: oldest newest frame to be answered about; 0: as the node's parameter says.
            camera: which one, where the node has several.
            stamp_ns: stamp of the image that is meant, nanoseconds; 0 is the newest.
            ago_s: the same as time before now, in seconds.

        Raises:
            SsrError: no reply came within the time.
        """
        request = AskSpatial.Request(
            question=question,
            with_rationale=with_rationale,
            max_age_ms=float(max_age_ms),
            **_which(camera, stamp_ns, ago_s),
        )
        return self._call(self._ask, request, timeout_s).answer

    def measure(
        self,
        timeout_s: float,
        question: str = '',
        camera: str = '',
        stamp_ns: int = 0,
        ago_s: float = 0.0,
    ) -> Any:
        """Return the Measure response about a frame; look at its error_code.

        Args:
            timeout_s: how long to wait for the reply, in seconds.
            question: plain words; may be empty.
            camera: which one, where the node has several.
            stamp_ns: stamp of the image that is meant, nanoseconds; 0 is the newest.
            ago_s: the same as time before now, in seconds.

        Raises:
            SsrError: no reply came within the time.
        """
        request = Measure.Request(question=question, **_which(camera, stamp_ns, ago_s))
        return self._call(self._measure, request, timeout_s)

    def _call(self, service: Any, request: Any, timeout_s: float) -> Any:
        with held_back():
            future = service.call_async(request)
        give_up = time.monotonic() + timeout_s
        while not future.done():
            if time.monotonic() > give_up:
                service.remove_pending_request(future)
                raise _NoReplyError(f'{service.srv_name} did not reply within {timeout_s:g} s')
            self._wait(POLL_S)
        return future.result()

    def _replies(self, timeout_s: float) -> bool:
        try:
            self._is_loading(timeout_s)
        except _NoReplyError:
            return False
        return True

    def _is_loading(self, timeout_s: float) -> bool:
        state = self._call(self._get_state, GetState.Request(), timeout_s).current_state
        return state.id in LOADING

    def _wait_for(self, missing: str, give_up: float) -> None:
        if time.monotonic() > give_up:
            raise SsrError(f'waited in vain: {missing}')
        self._wait(POLL_S)

    def _wait(self, seconds: float) -> None:
        self._keep_going()
        with held_back():
            self._executor.spin_once(timeout_sec=seconds)


class _NoReplyError(SsrError):
    """A call got no reply within its time."""


def _which(camera: str, stamp_ns: int, ago_s: float) -> dict[str, Any]:
    """The fields that say which frame is meant."""
    seconds, nanoseconds = divmod(stamp_ns, 1_000_000_000)
    stamp = Time(sec=seconds, nanosec=nanoseconds)
    return {'camera': camera, 'stamp': stamp, 'ago_s': float(ago_s)}
