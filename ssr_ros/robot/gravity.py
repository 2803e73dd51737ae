# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Where down is: the sources that a robot has, asked in the order of how much they know."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rclpy.callback_groups import CallbackGroup
from rclpy.node import Node
from rclpy.qos import qos_profile_sensor_data
from sensor_msgs.msg import Imu

from ssr_ros.engine.gravity import Down, down_by_frame, ImuLog
from ssr_ros.engine.request import Refused
from ssr_ros.engine.settings import Settings
from ssr_ros.engine.transforms import RigidTransform
from ssr_ros.scene import down_from_tilt


class GravitySources:
    """Asks tf, then the IMU, then the parameters; what none of them knows the floor must tell.

    Args:
        node: the IMU's subscription is its own.
        settings: gives the current settings.
        transform: gives the transform from a header's frame to another at its stamp.

    Attributes:
        trouble: why a source that was set could not tell last time; empty when all is well.
    """

    def __init__(
        self,
        node: Node,
        settings: Callable[[], Settings],
        transform: Callable[[str, Any], RigidTransform],
    ) -> None:
        self._node, self._settings, self._transform = node, settings, transform
        self._imu = ImuLog()
        self._subscription: Any = None
        self.trouble = ''

    def open(self, group: CallbackGroup) -> None:
        """Listen to the IMU, if there is one."""
        topic = self._settings().gravity.imu_topic
        if topic:
            self._subscription = self._node.create_subscription(
                Imu, topic, self._imu.take, qos_profile_sensor_data, callback_group=group
            )

    def close(self) -> None:
        """Listen no longer, and forget."""
        if self._subscription is not None:
            self._node.destroy_subscription(self._subscription)
        self._subscription, self._imu, self.trouble = None, ImuLog(), ''

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
        if self._subscription is None:
            return None
        stamp = header.stamp
        down, frame_id = self._imu.down(stamp.sec * 1_000_000_000 + stamp.nanosec)
        to_imu = self._transform(frame_id, header)
        return Down(to_imu.rotation.T @ down, 'imu')

    def _by_parameters(self, header: Any) -> Down | None:
        camera = self._settings().camera
        if camera.pitch_deg == camera.roll_deg == 0:
            return None
        return Down(down_from_tilt(camera.pitch_deg, camera.roll_deg), 'parameter')
