# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Positions in another frame, and where down is: ``target_frame``, ``gravity.frame``, by tf2."""

from __future__ import annotations

import importlib
from typing import Any

from rclpy.duration import Duration
from rclpy.node import Node
from rclpy.time import Time

from ssr_ros.engine.request import Code, Refused
from ssr_ros.engine.transforms import RigidTransform
from ssr_ros.errors import ConfigError, quoted
from ssr_ros.robot.messages import rigid_transform


class Transforms:
    """Looks up the transform at an image's stamp. Asked from the worker, so it may not wait long.

    Raises:
        ConfigError: tf2_ros is not installed.
    """

    WAIT_S = 0.2

    def __init__(self, node: Node) -> None:
        try:
            tf2_ros = importlib.import_module('tf2_ros')
        except ModuleNotFoundError as error:
            raise ConfigError(
                'target_frame and gravity.frame need tf2_ros, which is not installed: install the '
                'apt package ros-$ROS_DISTRO-tf2-ros-py (there is no wheel), or leave them empty'
            ) from error
        self._error = tf2_ros.TransformException
        self._buffer = tf2_ros.Buffer()
        self._listener = tf2_ros.TransformListener(self._buffer, node)

    def lookup(self, target: str, header: Any) -> RigidTransform:
        """Return the transform from a header's frame to the target at the header's stamp.

        Raises:
            Refused: NO_TRANSFORM, when tf2 does not know it.
        """
        try:
            found = self._buffer.lookup_transform(
                target,
                header.frame_id,
                Time.from_msg(header.stamp),
                timeout=Duration(seconds=self.WAIT_S),
            ).transform
        except self._error as error:
            raise Refused(
                Code.NO_TRANSFORM,
                f'no transform from {quoted(header.frame_id)} to {quoted(target)} at the stamp '
                f'of the image: {error}. '
                f'Check `ros2 run tf2_ros tf2_echo {target} {header.frame_id}`',
            ) from error
        return rigid_transform(target, found)
