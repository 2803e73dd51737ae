# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Two holes in rclpy's lifecycle, closed: silent errors and impossible transitions."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
import logging
from typing import Any

from rclpy.lifecycle import LifecycleNode, LifecycleState, TransitionCallbackReturn

log = logging.getLogger(__name__)


def logged(transition: Callable[..., Any]) -> Callable[..., Any]:
    """Log what a transition raises; rclpy would turn it into ERROR and say nothing."""

    @wraps(transition)
    def wrapped(node: Any, state: LifecycleState) -> TransitionCallbackReturn:
        try:
            return transition(node, state)
        except Exception as error:
            log.exception('%s failed', transition.__name__)
            node.note_failure(
                f'{transition.__name__} failed ({type(error).__name__}: {error}); the log of the '
                'node holds the traceback'
            )
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
