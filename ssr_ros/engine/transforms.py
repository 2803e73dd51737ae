# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Points of the camera's frame in another frame."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ssr_ros.engine.request import Code, Refused


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
        return np.asarray(self.rotation @ np.asarray(camera, float))
