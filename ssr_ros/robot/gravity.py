# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Where down is: the sources of the engine, with an IMU that is listened to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rclpy.callback_groups import CallbackGroup
from rclpy.node import Node
from rclpy.qos import qos_profile_sensor_data
from sensor_msgs.msg import Imu

from ssr_ros.engine.gravity import GravitySources, ImuLog
from ssr_ros.engine.settings import Settings
from ssr_ros.engine.transforms import RigidTransform


class LiveGravity(GravitySources):
    """Gravity as a running robot knows it.

    Args:
        node: the IMU's subscription is its own.
        settings: gives the current settings.
        transform: gives the transform from a header's frame to another at its stamp.
    """

    def __init__(
        self,
        node: Node,
        settings: Callable[[], Settings],
        transform: Callable[[str, Any], RigidTransform],
    ) -> None:
        super().__init__(settings, transform)
        self._node = node
        self._subscription: Any = None

    def open(self, group: CallbackGroup) -> None:
        """Listen to the IMU, if there is one."""
        topic = self._settings().gravity.imu_topic
        if topic:
            self.imu = ImuLog()
            self._subscription = self._node.create_subscription(
                Imu, topic, self.imu.take, qos_profile_sensor_data, callback_group=group
            )

    def close(self) -> None:
        """Listen no longer, and forget."""
        if self._subscription is not None:
            self._node.destroy_subscription(self._subscription)
        self._subscription, self.imu, self.trouble = None, None, ''
