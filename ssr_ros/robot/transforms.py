# Copyright 2026 The ssr_ros authors
#
# Licensed under the Apache License, Version 2.0 (the "License");
# you may not use this file except in compliance with the License.
# You may obtain a copy of the License at
#
#     http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS,
# WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.
# See the License for the specific language governing permissions and
# limitations under the License.

"""Positions in another frame: the optional parameter ``target_frame``, through tf2."""

from __future__ import annotations

from dataclasses import dataclass
import importlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ssr_ros.errors import ConfigError
from ssr_ros.robot.refusals import Code, Refused


@dataclass(frozen=True)
class RigidTransform:
    """Takes points of the camera's optical frame to another frame.

    Attributes:
        frame_id: the other frame.
        rotation: (3, 3).
        translation_m: (3,), metres.
    """

    frame_id: str
    rotation: NDArray[np.float64]
    translation_m: NDArray[np.float64]

    @classmethod
    def identity(cls, frame_id: str) -> RigidTransform:
        """Stay in the camera's frame."""
        return cls(frame_id, np.eye(3), np.zeros(3))

    @classmethod
    def from_quaternion(
        cls, frame_id: str, xyzw: tuple[float, ...], translation_m: tuple[float, ...]
    ) -> RigidTransform:
        """Build from what a TransformStamped holds.

        Raises:
            Refused: NO_TRANSFORM, when the quaternion is zero.
        """
        norm = float(np.linalg.norm(xyzw))
        if not norm > 0:
            raise Refused(Code.NO_TRANSFORM, f'the rotation to {frame_id} is a zero quaternion')
        x, y, z, w = np.asarray(xyzw, float) / norm
        rotation = np.array(
            [
                [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
                [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
                [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
            ]
        )
        return cls(frame_id, rotation, np.asarray(translation_m, float))

    def point(self, camera_m: Any) -> NDArray[np.float64]:
        """Take a point (3,) from the camera frame, metres."""
        return self.direction(camera_m) + self.translation_m

    def direction(self, camera: Any) -> NDArray[np.float64]:
        """Take a direction (3,) from the camera frame."""
        return self.rotation @ np.asarray(camera, float)


class Transforms:
    """Looks up the transform at an image's stamp. Asked from the worker, so it may not wait long.

    Raises:
        ConfigError: tf2_ros is not installed.
    """

    WAIT_S = 0.2

    def __init__(self, node: Any) -> None:
        try:
            tf2_ros = importlib.import_module('tf2_ros')
        except ModuleNotFoundError as error:
            raise ConfigError(
                'target_frame needs tf2_ros, which is not installed: install the apt package '
                'ros-$ROS_DISTRO-tf2-ros-py (there is no wheel), or leave target_frame empty'
            ) from error
        self._error = tf2_ros.TransformException
        self._buffer = tf2_ros.Buffer()
        self._listener = tf2_ros.TransformListener(self._buffer, node)

    def lookup(self, target: str, header: Any) -> RigidTransform:
        """Return the transform from a header's frame to the target at the header's stamp.

        Raises:
            Refused: NO_TRANSFORM, when tf2 does not know it.
        """
        from rclpy.duration import Duration
        from rclpy.time import Time

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
                f'no transform from {header.frame_id!r} to target_frame {target!r} at the stamp '
                f'of the image: {error}. '
                f'Check `ros2 run tf2_ros tf2_echo {target} {header.frame_id}`',
            ) from error
        q, t = found.rotation, found.translation
        return RigidTransform.from_quaternion(target, (q.x, q.y, q.z, q.w), (t.x, t.y, t.z))
