# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The topics that say what things are called, and who listens to them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rclpy.callback_groups import CallbackGroup
from rclpy.node import Node
from rclpy.qos import qos_profile_sensor_data

from ssr_ros.engine.settings import GroundingSettings
from ssr_ros.errors import GroundingError
from ssr_ros.grounding import Detections, DetectionsGrounder
from ssr_ros.msg import NamedRegions
from ssr_ros.robot.detections import READERS, regions_of
from ssr_ros.robot.outputs import message_type

NOT_INSTALLED = (
    'grounding.detections_topic is set and the package {package} is not installed: detections are '
    'not read (vision_msgs: sudo apt install ros-$ROS_DISTRO-vision-msgs; yolo_msgs: built with '
    'yolo_ros)'
)


class NameSubscriptions:
    """Listens to named regions and detections, from ``open`` to ``close``.

    Attributes:
        detectors: what has been heard, the most trusted first.
    """

    def __init__(self, node: Node, settings: GroundingSettings, group: CallbackGroup) -> None:
        self._node, self._settings, self._group = node, settings, group
        self._subscriptions: list[Any] = []
        self._regions = DetectionsGrounder('regions')
        self._detections = DetectionsGrounder('detections')
        self.detectors = (self._regions, self._detections)

    def open(self) -> None:
        """Subscribe to what the parameters name."""
        if self._settings.regions_topic:
            topic = self._settings.regions_topic
            self._subscribe(NamedRegions, topic, self._regions, regions_of)
        if self._settings.detections_topic:
            self._subscribe_to_detector(self._settings.detections_topic)

    def close(self) -> None:
        """Unsubscribe."""
        for subscription in self._subscriptions:
            self._node.destroy_subscription(subscription)
        self._subscriptions.clear()
        for grounder in self.detectors:
            grounder.is_fed = lambda: False

    def _subscribe_to_detector(self, topic: str) -> None:
        kind = self._settings.detections_type
        try:
            message = message_type(kind)
        except ModuleNotFoundError:
            package = kind.partition('/')[0]
            self._node.get_logger().warning(NOT_INSTALLED.format(package=package))
            return
        self._subscribe(message, topic, self._detections, READERS[kind])

    def _subscribe(
        self,
        message_type: type,
        topic: str,
        grounder: DetectionsGrounder,
        read: Callable[[Any], Detections],
    ) -> None:
        def take(message: Any) -> None:
            try:
                grounder.put(read(message))
            except GroundingError as error:
                self._node.get_logger().warning(
                    f'{topic}: not used: {error}', throttle_duration_sec=2.0
                )

        subscription = self._node.create_subscription(
            message_type, topic, take, qos_profile_sensor_data, callback_group=self._group
        )
        self._subscriptions.append(subscription)
        heard_on = subscription.topic_name
        grounder.is_fed = lambda: self._node.count_publishers(heard_on) > 0
