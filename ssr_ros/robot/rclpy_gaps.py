# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What rclpy leaves open, closed: a calm executor, silent errors, impossible transitions, an end.

rclpy's MultiThreadedExecutor hands every callback to a pool and goes through all entities again
several times per message: taking images at 30 Hz alone costs it a quarter of a core. Taking an
image is a matter of microseconds here, so ``CalmExecutor`` does it in the spinning thread.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
import logging
import threading
from typing import Any

from rclpy.callback_groups import CallbackGroup
from rclpy.exceptions import InvalidHandle
from rclpy.executors import (
    Executor,
    ExternalShutdownException,
    ShutdownException,
    TimeoutException,
)
from rclpy.lifecycle import LifecycleNode, LifecycleState, TransitionCallbackReturn
from rclpy.task import Task

from ssr_ros.engine.request import Code, Refused
from ssr_ros.robot.ending import end_after
from ssr_ros.stopping import undisturbed

THREAD_NAME = 'ssr-callback'

LEAVING_S = 20.0
"""How long leaving the ROS graph may take; it takes a hundredth of a second."""

log = logging.getLogger(__name__)


class CalmExecutor(Executor):
    """Runs the callbacks of some groups in the spinning thread, all others each in a thread.

    Those others are rare (questions, transitions, parameters), and how many questions may wait is
    limited by the worker. The threads are daemons: Ctrl-C must not wait until a model has loaded.

    Args:
        quick: groups whose callbacks never wait for anything.
    """

    def __init__(self, quick: set[CallbackGroup], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._quick = quick
        self._threads: dict[Task, threading.Thread] = {}

    def spin_once(self, timeout_sec: float | None = None) -> None:
        """Wait for one callback and run it, or have it run.

        Raises:
            ExternalShutdownException: the context was shut down.
            Exception: whatever a callback raised.
        """
        try:
            self._spin_once(timeout_sec)
        except RuntimeError as error:
            # rcl's, where a signal took the context away: in a callback, or before one.
            if self._context.ok():
                raise
            raise ExternalShutdownException from error

    def spin_once_until_future_complete(
        self, future: Any, timeout_sec: float | None = None
    ) -> None:
        """Wait for one callback and run it; the future wakes the executor when it is done."""
        future.add_done_callback(lambda _: self.wake())
        self.spin_once(timeout_sec)

    def _spin_once(self, timeout_sec: float | None) -> None:
        try:
            task, entity, _ = self.wait_for_ready_callbacks(timeout_sec)
        except (ShutdownException, TimeoutException):
            return
        except InvalidHandle:
            # A transition's thread destroyed something while rclpy gathered what to wait for. It
            # looks away for messages and timers; for what goes with them (QoS events) it does not.
            return
        if entity is not None and entity.callback_group in self._quick:
            task()
            task.result()
        elif task not in self._threads or not self._threads[task].is_alive():
            # rclpy names a task again until it runs, and again after an await.
            self._threads[task] = threading.Thread(target=task, name=THREAD_NAME, daemon=True)
            self._threads[task].start()
        self._raise_what_failed()

    def _take_waitable(self, waitable: Any) -> Any:
        """Take what is ready; nothing from what was destroyed since it was found to be ready.

        rclpy does so with messages and timers; of a QoS event it would raise, and keep the event's
        group busy for good.
        """
        try:
            return super()._take_waitable(waitable)
        except InvalidHandle:
            return None

    def _raise_what_failed(self) -> None:
        for task in [task for task in self._threads if task.done()]:
            del self._threads[task]
            task.result()


def logged(transition: Callable[..., Any]) -> Callable[..., Any]:
    """Log what a transition raises; rclpy would turn it into ERROR and say nothing."""

    @wraps(transition)
    def wrapped(node: Any, state: LifecycleState) -> TransitionCallbackReturn:
        try:
            return transition(node, state)
        except Exception as error:
            log.exception('%s failed', transition.__name__)
            why = (
                f'{transition.__name__} failed ({type(error).__name__}: {error}); the log of the '
                'node holds the traceback'
            )
            node.note_failure(Refused(Code.INTERNAL, why))
            return TransitionCallbackReturn.ERROR

    return wrapped


def survive_impossible_transitions(node: LifecycleNode) -> None:
    """Answer a transition that the state does not allow with success=False.

    rclpy lets rcl's error out of the service's callback instead, which would end the process.
    """
    service = node._service_change_state
    change = service.callback

    def change_or_refuse(request: Any, response: Any) -> Any:
        try:
            return change(request, response)
        except RuntimeError as error:  # RCLError is one
            node.get_logger().warning(f'the transition is not possible now: {error}')
            response.success = False
            return response

    service.callback = change_or_refuse


def destroy_state_machine(node: LifecycleNode) -> None:
    """Destroy what ``destroy_node`` forgets, and what keeps the node's participant alive."""
    node._state_machine.destroy_when_not_in_use()


@contextmanager
def leaving(exit_code: int = 1) -> Iterator[None]:
    """Destroy a node in here: the process ends, with a traceback, where Fast DDS hangs in that.

    Fast DDS that was built against a glibc before 2.30, as in pip's wheels, waits forever where
    a participant is destroyed while it learns of another's topics (eProsima/Fast-DDS issue 6513:
    the deadline overflows, and the mutex that the other thread needs is never let go). It holds
    the interpreter meanwhile: nothing else in the process would run again, nor hear Ctrl-C. A
    second Ctrl-C is not heard at all in here: what is left halfway stays in shared memory.

    Args:
        exit_code: with which it ends then; that of the work where only leaving is left to do.
    """
    with undisturbed(), end_after(LEAVING_S, exit_code):
        yield
