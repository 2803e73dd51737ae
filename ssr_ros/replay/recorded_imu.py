# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The messages of an IMU that were recorded around an image."""

from __future__ import annotations

from bisect import bisect_left, bisect_right

from ssr_ros.bags.index import BagIndex, FramePlace, Key
from ssr_ros.bags.read import Bag
from ssr_ros.engine.gravity import NEAR_NS
from ssr_ros.errors import ConfigError, quoted

TYPE = 'sensor_msgs/msg/Imu'


def imu_topic(bag: Bag, wanted: str) -> str:
    """Return the absolute name of the IMU's topic in a recording; '' where none is wanted.

    Raises:
        ConfigError: it is not recorded, or of another type.
    """
    if not wanted:
        return ''
    name = wanted if wanted.startswith('/') else f'/{wanted}'
    if name in bag.topics and bag.topics[name].type == TYPE:
        return name
    there = sorted(topic.name for topic in bag.topics.values() if topic.type == TYPE)
    raise ConfigError(
        f'gravity.imu_topic is {quoted(wanted)}, and the recording holds no {TYPE} of that name; '
        f'it holds {", ".join(there) or "none of that type"}'
    )


class RecordedImu:
    """Finds what an IMU sent near an image.

    Args:
        index: with the times of the topic.
        topic: '' where there is none.
    """

    def __init__(self, index: BagIndex, topic: str) -> None:
        self.topic = topic
        times = index.streams[topic] if topic else None
        self._times = sorted(zip(times.stamps_ns, times.recorded_ns, strict=True)) if times else []

    def of(self, place: FramePlace) -> list[Key]:
        """Return where the messages near a frame are."""
        first = bisect_left(self._times, (place.stamp_ns - NEAR_NS, 0))
        last = bisect_right(self._times, (place.stamp_ns + NEAR_NS + 1, 0))
        return [(self.topic, recorded, stamp) for stamp, recorded in self._times[first:last]]
