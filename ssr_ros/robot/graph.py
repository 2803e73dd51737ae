# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Which topics a running node really listens to, and who publishes on them."""

from __future__ import annotations

from typing import Any

from rclpy.node import Node

from ssr_ros.engine.settings import Settings

KINDS = {
    'color': ('sensor_msgs/msg/Image', 'sensor_msgs/msg/CompressedImage'),
    'depth': ('sensor_msgs/msg/Image', 'sensor_msgs/msg/CompressedImage'),
    'camera_info': ('sensor_msgs/msg/CameraInfo',),
}


class NodeTopics:
    """The image topics of a running node, remappings included.

    Args:
        node: the one that asks; in the namespace of the other.
        name: full name of the other one.
    """

    def __init__(self, node: Node, name: str) -> None:
        self._node = node
        namespace, _, base = name.rpartition('/')
        known = (base, namespace or '/') in node.get_node_names_and_namespaces()
        pairs = (
            node.get_subscriber_names_and_types_by_node(base, namespace or '/') if known else ()
        )
        self._types = {topic: types[0] for topic, types in pairs if types}

    def as_subscribed(self, settings: Settings) -> Settings:
        """Return settings with the topics that the node listens to where they were remapped.

        A remapping is no parameter: what the parameters name, and the node does not listen to, it
        listens to under the one name of the right kind that is left.
        """
        values: dict[str, str] = {}
        wanted = {stream: self._wanted(settings, stream) for stream in KINDS}
        taken = {topic for topic in wanted.values() if topic in self._types}
        for stream, topic in wanted.items():
            left = [
                each
                for each, kind in self._types.items()
                if kind in KINDS[stream] and each not in taken
            ]
            named = [each for each in left if ('depth' in each) == (stream == 'depth')] or left
            if topic not in self._types and named:
                taken.add(named[0])
                values[f'{stream}.topic'] = named[0].removesuffix(
                    f'/{_transport(settings, stream)}'
                )
        return settings.updated(values)

    def describe(self, topic: str) -> str:
        """Return a topic with its publishers and what they offer, in words."""
        publishers = self._node.get_publishers_info_by_topic(topic)
        offers = sorted({_offer(publisher) for publisher in publishers})
        return f'{topic}: {"; ".join(offers) or "no publisher"}'

    def _wanted(self, settings: Settings, stream: str) -> str:
        topic = getattr(settings, stream).topic
        transport = _transport(settings, stream)
        name = topic if transport == 'raw' else f'{topic}/{transport}'
        return str(self._node.resolve_topic_name(name))


def _transport(settings: Settings, stream: str) -> str:
    return str(getattr(getattr(settings, stream), 'transport', 'raw'))


def _offer(publisher: Any) -> str:
    qos = publisher.qos_profile
    kind = publisher.topic_type.rpartition('/')[2]
    name = publisher.node_name
    who = 'somebody' if 'UNKNOWN' in name else name
    return f'{who}, {kind}, {qos.reliability.name}, {qos.durability.name}'
