# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""How programs are stopped: SIGTERM ends them as Ctrl-C does, and nothing disturbs their end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
import signal
import threading
from typing import Any


@contextmanager
def stopped_by_sigterm() -> Iterator[None]:
    """Let SIGTERM raise KeyboardInterrupt in here, as Ctrl-C does.

    Who just dies of it leaves what others share behind: the memory of a ROS graph, for good.
    """

    def stop(number: int, frame: Any) -> None:
        raise KeyboardInterrupt(number)

    with _handling({signal.SIGTERM: stop}):
        yield


@contextmanager
def undisturbed() -> Iterator[None]:
    """Ignore Ctrl-C and SIGTERM in here: `ros2 launch` sends SIGINT twice."""
    with _handling(dict.fromkeys((signal.SIGINT, signal.SIGTERM), signal.SIG_IGN)):
        yield


@contextmanager
def held_back() -> Iterator[None]:
    """Let Ctrl-C and SIGTERM take effect only where what is done in here has ended.

    Raised in the middle of a message that rclpy takes, KeyboardInterrupt would become a
    RuntimeError like any other.
    """
    came: list[int] = []
    note = dict.fromkeys(
        (signal.SIGINT, signal.SIGTERM), lambda number, frame: came.append(number)
    )
    try:
        with _handling(note):
            yield
    finally:
        for number in came[:1]:
            signal.raise_signal(number)


def exit_code_of(error: BaseException | None, otherwise: int = 1) -> int:
    """Return the exit code of a program that an error ends; 130 after Ctrl-C, 143 after SIGTERM.

    Args:
        error: what was raised, if anything was.
        otherwise: the code where nobody stopped the program.
    """
    if not isinstance(error, KeyboardInterrupt):
        return otherwise
    number = error.args[0] if error.args else signal.SIGINT
    return 128 + int(number)


@contextmanager
def _handling(handlers: dict[signal.Signals, Any]) -> Iterator[None]:
    """Handle signals otherwise in here; in another thread than the main one none arrives."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {sign: signal.signal(sign, handler) for sign, handler in handlers.items()}
    try:
        yield
    finally:
        for sign, handler in before.items():
            signal.signal(sign, signal.SIG_DFL if handler is None else handler)
