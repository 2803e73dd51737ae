# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The camera's topics: how they are subscribed to, and why one of them is silent."""

from __future__ import annotations

import copy
from functools import partial
from typing import Any

from rclpy.callback_groups import CallbackGroup
from rclpy.node import Node
from rclpy.qos import (
    DurabilityPolicy,
    qos_profile_sensor_data,
    qos_profile_system_default,
    QoSProfile,
    ReliabilityPolicy,
)
from rclpy.qos_overriding_options import QoSOverridingOptions
from sensor_msgs.msg import CameraInfo, CompressedImage, Image

from ssr_ros.engine.intake import Intake
from ssr_ros.engine.settings import Settings
from ssr_ros.robot.shared_memory import lack_of_room

try:
    from rclpy.event_handler import SubscriptionEventCallbacks
except ModuleNotFoundError:  # Humble
    from rclpy.qos_event import SubscriptionEventCallbacks

LATCHED = 'latched camera_info'


class CameraSubscriptions:
    """Subscribes to the camera and feeds an ``Intake``, from ``open`` to ``close``.

    Args:
        node: the subscriptions are its own.
        settings: of this camera.
        group: of the callbacks.
        camera: its name, before those of its parameters; '' where it is the only one.
    """

    def __init__(
        self, node: Node, settings: Settings, group: CallbackGroup, camera: str = ''
    ) -> None:
        self._node, self._settings, self._group = node, settings, group
        self._own = f'{camera}.' if camera else ''
        self._subscriptions: dict[str, Any] = {}
        self._warned: set[str] = set()

    def open(self, intake: Intake) -> None:
        """Subscribe."""
        self._subscribe('color', partial(intake.take_image, 'color'))
        self._subscribe('depth', partial(intake.take_image, 'depth'))
        self._subscribe('camera_info', intake.take_info)

    def close(self) -> None:
        """Unsubscribe."""
        for subscription in self._subscriptions.values():
            self._node.destroy_subscription(subscription)
        self._subscriptions.clear()
        self._warned.clear()

    def catch_latched_info(self, intake: Intake) -> None:
        """Ask for a camera_info that was sent once, before this node was there.

        Only a subscription that is TRANSIENT_LOCAL itself gets it, and such a one gets nothing
        from ordinary publishers: so this is a second one, for when nothing has come.
        """
        publishers = self._node.get_publishers_info_by_topic(self.topic('camera_info'))
        latched = DurabilityPolicy.TRANSIENT_LOCAL
        if LATCHED in self._subscriptions or not any(
            publisher.qos_profile.durability == latched for publisher in publishers
        ):
            return
        self._subscriptions[LATCHED] = self._node.create_subscription(
            CameraInfo,
            self._settings.camera_info.topic,
            intake.take_info,
            QoSProfile(depth=1, durability=latched),
            callback_group=self._group,
        )

    def topic(self, stream: str) -> str:
        """Return the resolved topic of a stream: namespace and remappings applied."""
        return str(self._node.resolve_topic_name(self._asked(stream)[0]))

    def crowded(self) -> list[str]:
        """Name the topics that several publishers share, in words."""
        found = []
        for stream in ('color', 'depth', 'camera_info'):
            topic = self.topic(stream)
            publishers = self._node.get_publishers_info_by_topic(topic)
            if len(publishers) > 1:
                names = ', '.join(sorted(_who(each.node_name) for each in publishers))
                found.append(
                    f'{len(publishers)} publish on {topic} ({names}): images of one and '
                    'calibration of another would go together'
                )
        return found

    def why_silent(self, stream: str) -> str:
        """Say what is known about a stream from which nothing comes, and what to do."""
        topic, (_, message_type) = self.topic(stream), self._asked(stream)
        publishers = self._node.get_publishers_info_by_topic(topic)
        wanted = f'sensor_msgs/msg/{message_type.__name__}'
        if not publishers:
            return f'nothing publishes on {topic}: {self._what_else(stream, topic)}'
        fitting = [each for each in publishers if each.topic_type == wanted]
        if not fitting:
            return (
                f'{topic} carries {publishers[0].topic_type} and {wanted} is expected: correct '
                f'{self._own}{stream}.topic'
                + (f' or {self._own}{stream}.transport' if stream != 'camera_info' else '')
            )
        return self._why_no_message(topic, fitting)

    def _what_else(self, stream: str, topic: str) -> str:
        """Say which parameter takes what is there in place of a topic."""
        transport = getattr(getattr(self._settings, stream), 'transport', '')
        base = topic.removesuffix(f'/{transport}')
        others = {'raw': base, 'compressed': f'{base}/compressed'}
        if stream == 'depth':
            others['compressedDepth'] = f'{base}/compressedDepth'
        others.pop(transport, None)
        for other, name in others.items() if transport else ():
            if self._node.get_publishers_info_by_topic(name):
                return f'{name} is there: set {self._own}{stream}.transport:={other}'
        return (
            f'set {self._own}{stream}.topic or remap it (`ros2 topic list -t` shows what there is)'
        )

    def warn_incompatible(self, stream: str, _event: Any = None) -> None:
        """Log once per stream that a publisher's quality of service does not fit ours."""
        if stream not in self._warned:
            self._warned.add(stream)
            self._node.get_logger().warning(f'{stream}: {self.why_silent(stream)}')

    def _why_no_message(self, topic: str, publishers: list[Any]) -> str:
        offered = ', '.join(
            sorted({f'{_who(p.node_name)} offers {_words(p.qos_profile)}' for p in publishers})
        )
        asked = image_qos(self._settings)
        if asked.reliability == ReliabilityPolicy.RELIABLE and all(
            p.qos_profile.reliability == ReliabilityPolicy.BEST_EFFORT for p in publishers
        ):
            return (
                f'on {topic} {offered}, and this node asks for RELIABLE (qos.image is '
                f'{self._settings.qos.image}): they do not fit. Set qos.image:=SENSOR_DATA'
            )
        lost = lack_of_room() or (
            'big messages are lost on the way (see config/fastdds.xml and net.core.rmem_max; are '
            'both in one container, or do containers share --ipc=host?)'
        )
        return f'on {topic} {offered}, and nothing has arrived: the publisher is idle, or {lost}'

    def _asked(self, stream: str) -> tuple[str, type]:
        group = getattr(self._settings, stream)
        transport = getattr(group, 'transport', 'raw')
        if stream == 'camera_info':
            return group.topic, CameraInfo
        if transport == 'raw':
            return group.topic, Image
        return f'{group.topic}/{transport}', CompressedImage

    def _subscribe(self, stream: str, callback: Any) -> None:
        topic, message_type = self._asked(stream)
        self._subscriptions[stream] = self._node.create_subscription(
            message_type,
            topic,
            callback,
            image_qos(self._settings),
            callback_group=self._group,
            event_callbacks=SubscriptionEventCallbacks(
                incompatible_qos=partial(self.warn_incompatible, stream)
            ),
            qos_overriding_options=QoSOverridingOptions.with_default_policies(),
        )


def image_qos(settings: Settings) -> QoSProfile:
    """Return the quality of service that the parameter ``qos.image`` names.

    A copy of its own: rclpy writes ``qos_overrides`` into the profile that it is given.
    """
    if settings.qos.image == 'SYSTEM_DEFAULT':
        return copy.copy(qos_profile_system_default)
    if settings.qos.image == 'RELIABLE':
        return QoSProfile(depth=10, reliability=ReliabilityPolicy.RELIABLE)
    return copy.copy(qos_profile_sensor_data)


def _who(node_name: str) -> str:
    """Name a publisher's node, which is not known yet right after its discovery."""
    return 'a publisher' if 'UNKNOWN' in node_name else node_name


def _words(qos: QoSProfile) -> str:
    latched = ', TRANSIENT_LOCAL' if qos.durability == DurabilityPolicy.TRANSIENT_LOCAL else ''
    return f'{qos.reliability.name}{latched}'
