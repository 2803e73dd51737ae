# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Start the node: ``ros2 run ssr_ros ssr_node``, or ``python -m ssr_ros.robot.main``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
import faulthandler
import logging
import os
import signal
import sys
from typing import Any, NoReturn, TYPE_CHECKING

from ssr_ros.errors import ConfigError, MissingPackageError, require_package

if TYPE_CHECKING:  # rclpy may not be there
    from ssr_ros.robot.node import SsrNode

HELP = """usage: ssr_node [--ros-args -p NAME:=VALUE ... -r TOPIC:=OTHER ... --params-file FILE]

The lifecycle node `ssr`: answers spatial questions about the newest RGB-D frame.

example:
  ssr_node --ros-args -p model.path:=nano -r color/image_raw:=/cam/rgb \\
      -r depth/image_raw:=/cam/depth -r color/camera_info:=/cam/info

`ros2 param describe /ssr NAME` explains a parameter; config/ssr.yaml lists all of them.
"""


FROZEN_S = 10.0
"""How much longer than a question the interpreter itself may be held."""

LOADING_S = 900.0
"""The same while a model is loaded, of which libraries may hold the interpreter for long."""


def load_model(path: str, **options: Any) -> Any:
    """Load the reasoner; torch is imported here, so that the node is there while it loads.

    Raises:
        SsrError: the checkpoint, the device or a package is the reason.
    """
    from ssr_ros.model import load_reasoner

    return load_reasoner(path, **options)


def main(args: Sequence[str] | None = None, load: Callable[..., Any] = load_model) -> int:
    """Run the node until it is interrupted; return the exit code.

    Args:
        args: the command line; None takes ``sys.argv``.
        load: makes the reasoner.
    """
    words = sys.argv[1:] if args is None else args
    if '--help' in words or '-h' in words:
        print(HELP, end='')
        return 0
    try:
        require_package('rclpy', 'ros')
    except MissingPackageError as error:
        print(f'ssr_node: {error}', file=sys.stderr)
        return 2
    import rclpy
    from rclpy.executors import ExternalShutdownException

    from ssr_ros.robot.node import SsrNode
    from ssr_ros.robot.rclpy_gaps import CalmExecutor, leaving

    leave_interrupts_to_rclpy()
    rclpy.init(args=args)
    try:
        node = SsrNode(load)
        forward_logs(node.get_logger())
        if node.settings.auto_activate:
            node.bring_up()
        node.every(1.0, lambda: end_if_frozen(node), node.quick)
    except ConfigError as error:
        print(f'ssr_node: {error}', file=sys.stderr)
        rclpy.shutdown()
        return 2
    except RuntimeError:  # rcl's, where Ctrl-C came before the node stood
        if rclpy.ok():
            raise
        leave_at_once()
    executor = CalmExecutor({node.quick})
    executor.add_node(node)
    exit_code = 1
    try:
        executor.spin()
    except ExternalShutdownException:
        exit_code = 0  # the ordinary end
    finally:
        ignore_further_signals()
        faulthandler.cancel_dump_traceback_later()
        node.end()
        executor.shutdown(timeout_sec=1.0)
        with leaving(exit_code):
            node.destroy_node()
            if rclpy.ok():
                rclpy.shutdown(uninstall_handlers=False)
    leave_at_once()


def end_if_frozen(node: SsrNode) -> None:
    """Have the process end, with a traceback, where this is not called again in time.

    What holds the interpreter itself (a loop in C) leaves neither Ctrl-C nor a thread of Python
    anything to do; a process that ends is started again by whoever watches it.
    """
    limit_s = node.settings.answer.limit_s + (FROZEN_S if node.is_active else LOADING_S)
    faulthandler.dump_traceback_later(limit_s, exit=True, file=sys.stderr)


def leave_interrupts_to_rclpy() -> None:
    """Have Ctrl-C end the context, and nothing be raised for it wherever the interpreter stands.

    To be called before ``rclpy.init``, whose handler shuts the context down and then calls this
    one. Python's own would raise KeyboardInterrupt in the middle of a callback, or of a message
    that is being taken, which rclpy turns into a RuntimeError like any other.
    """
    signal.signal(signal.SIGINT, lambda number, frame: None)


def ignore_further_signals() -> None:
    """Let nothing disturb the end that has begun: `ros2 launch` sends SIGINT twice.

    What is cut short leaves its shared memory behind, for good.
    """
    for sign in (signal.SIGINT, signal.SIGTERM):
        signal.signal(sign, signal.SIG_IGN)


def leave_at_once() -> NoReturn:
    """End the process here, with everything given back that others could miss.

    The interpreter's own end takes seconds once torch has been loaded, which `ros2 launch` does
    not wait for, and it would crash under a thread that is still inside the model.
    """
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


def middleware() -> str:
    """Return the name of what ROS talks through, such as 'rmw_fastrtps_cpp'."""
    import rclpy

    return str(rclpy.get_rmw_implementation_identifier())


class _ToRos(logging.Handler):
    """Writes this package's log records to the node's logger."""

    def __init__(self, logger: Any) -> None:
        super().__init__()
        self._logger = logger

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record at its level."""
        text = self.format(record)
        if record.levelno >= logging.ERROR:
            self._logger.error(text)
        elif record.levelno >= logging.WARNING:
            self._logger.warning(text)
        elif record.levelno >= logging.INFO:
            self._logger.info(text)
        else:
            self._logger.debug(text)


def forward_logs(logger: Any) -> None:
    """Let the package's own log records appear in the node's log and on /rosout."""
    package = logging.getLogger('ssr_ros')
    package.addHandler(_ToRos(logger))
    package.setLevel(logging.INFO)
    package.propagate = False


if __name__ == '__main__':
    sys.exit(main())
