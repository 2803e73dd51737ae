# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Where down is in the camera's frame, as a robot knows it: from tf, an IMU or a parameter."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ssr_ros.engine.request import Code, Refused
from ssr_ros.engine.settings import Settings
from ssr_ros.engine.transforms import RigidTransform
from ssr_ros.errors import quoted
from ssr_ros.rgbd import messages as images
from ssr_ros.scene import down_from_tilt

NEAR_NS = 500_000_000
"""An IMU message this near to an image in stamp still tells how the camera was held."""

G_M_S2 = 9.81
STILL_M_S2 = 1.5
"""Readings further from G than this are of a robot that speeds up, or in another unit."""


@dataclass(frozen=True)
class Down:
    """The direction of gravity in the camera's frame, and who says so.

    Attributes:
        direction: (3,) float64.
        source: 'tf', 'imu' or 'parameter'.
    """

    direction: NDArray[np.float64]
    source: str


def down_by_frame(to_level: RigidTransform) -> Down:
    """Return where down is, by the transform from the camera to a frame whose z points up."""
    return Down(to_level.rotation.T @ np.array([0.0, 0.0, -1.0]), 'tf')


class ImuLog:
    """The last second or so of an IMU's messages (sensor_msgs/Imu, taken by their fields)."""

    def __init__(self) -> None:
        self._kept: deque[Any] = deque(maxlen=400)

    def take(self, message: Any) -> None:
        """Keep a message."""
        self._kept.append(message)

    def down(self, stamp_ns: int) -> tuple[NDArray[np.float64], str]:
        """Return where down was at a time, (3,) in the IMU's own frame, and that frame's id.

        By the orientation where the driver gives one (its z axis points up, REP 145), else by the
        mean of what was felt, which points up while nothing else moves the robot.

        Raises:
            Refused: NO_TRANSFORM, when it sent nothing then, or was shaken.
        """
        near = [m for m in list(self._kept) if abs(images.stamp_ns(m) - stamp_ns) <= NEAR_NS]
        if not near:
            raise Refused(
                Code.NO_TRANSFORM, 'no IMU message within half a second of the image has come'
            )
        nearest = min(near, key=lambda m: abs(images.stamp_ns(m) - stamp_ns))
        frame_id = nearest.header.frame_id
        q = nearest.orientation
        if nearest.orientation_covariance[0] != -1 and (q.x or q.y or q.z or q.w):
            level = RigidTransform.from_quaternion('level', (q.x, q.y, q.z, q.w), (0, 0, 0))
            return down_by_frame(level).direction, frame_id
        felt = np.array(
            [
                (m.linear_acceleration.x, m.linear_acceleration.y, m.linear_acceleration.z)
                for m in near
            ]
        ).mean(axis=0)
        size = float(np.linalg.norm(felt))
        if not abs(size - G_M_S2) <= STILL_M_S2:
            raise Refused(
                Code.NO_TRANSFORM,
                f'the IMU in {quoted(frame_id)} feels {size:.1f} m/s2, which is not gravity '
                f'alone ({G_M_S2} m/s2)',
            )
        return -felt / size, frame_id


class GravitySources:
    """Asks tf, then the IMU, then the parameters; what none of them knows the floor must tell.

    Args:
        settings: gives the current settings.
        transform: gives the transform from a header's frame to another at its stamp.

    Attributes:
        imu: what the IMU has sent, where one is listened to.
        trouble: why a source that was set could not tell last time; empty when all is well.
    """

    def __init__(
        self, settings: Callable[[], Settings], transform: Callable[[str, Any], RigidTransform]
    ) -> None:
        self._settings, self._transform = settings, transform
        self.imu: ImuLog | None = None
        self.trouble = ''

    def down(self, header: Any) -> Down | None:
        """Return where down was in the frame and at the time of an image's header."""
        troubles, found = [], None
        for source in (self._by_tf, self._by_imu, self._by_parameters):
            try:
                found = found or source(header)
            except Refused as error:
                troubles.append(str(error))
        self.trouble = '; '.join(troubles)
        return found

    def _by_tf(self, header: Any) -> Down | None:
        frame = self._settings().gravity.frame
        return down_by_frame(self._transform(frame, header)) if frame else None

    def _by_imu(self, header: Any) -> Down | None:
        if self.imu is None:
            return None
        stamp = header.stamp
        down, frame_id = self.imu.down(stamp.sec * 1_000_000_000 + stamp.nanosec)
        to_imu = self._transform(frame_id, header)
        return Down(to_imu.rotation.T @ down, 'imu')

    def _by_parameters(self, header: Any) -> Down | None:
        camera = self._settings().camera
        if camera.pitch_deg == camera.roll_deg == 0:
            return None
        return Down(down_from_tilt(camera.pitch_deg, camera.roll_deg), 'parameter')
