# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Read rosbag2 recordings (sqlite3 or mcap) without ROS, down to RGB-D frames.

Only five message types are decoded here, and their layout has not changed since ROS 2 Foxy, so
the type definitions stored in the bag are not needed: a bag with types that nobody here knows,
or with a stored hash that is wrong, is read all the same.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Any

from ssr_ros.bags.checks import check_path, check_types, reading, ZSTD_MAGIC
from ssr_ros.bags.infos import InfoLog
from ssr_ros.bags.rgbd_topics import choose_topics, RgbdTopics, TopicSample
from ssr_ros.bags.stamps import header_stamp_ns, pair_by_stamp
from ssr_ros.bags.storage import learn_type, open_storage, RGBD_TYPE, type_store
from ssr_ros.engine.pairing import Pairing
from ssr_ros.engine.settings import Settings
from ssr_ros.errors import BagError, FrameError
from ssr_ros.rgbd.calibration import calibrate, Calibration, CameraRules
from ssr_ros.rgbd.frame import CameraIntrinsics, RgbdFrame
from ssr_ros.rgbd.messages import image_size, rgbd_frame

IMAGE_TYPES = ('sensor_msgs/msg/Image', 'sensor_msgs/msg/CompressedImage')
INFO_TYPE = 'sensor_msgs/msg/CameraInfo'

TOLERANCE_S = Settings().sync.tolerance_s
"""The node's."""


@dataclass(frozen=True)
class BagTopic:
    """One topic of a recording.

    Attributes:
        name: absolute topic name.
        type: ROS 2 type name, such as ``sensor_msgs/msg/Image``.
        count: number of messages.
        latched: whether it was offered as transient local.
    """

    name: str
    type: str
    count: int
    latched: bool = False


@dataclass(frozen=True)
class BagMessage:
    """One recorded message, not decoded.

    Attributes:
        topic: absolute topic name.
        type: ROS 2 type name.
        recorded_ns: when the recorder received it, nanoseconds.
        cdr: the serialized message.
    """

    topic: str
    type: str
    recorded_ns: int
    cdr: bytes

    @property
    def stamp_ns(self) -> int:
        """Stamp of the header, or the time of recording where the publisher left it at zero.

        Only for messages that begin with a std_msgs/Header.
        """
        return header_stamp_ns(self.cdr) or self.recorded_ns


def open_bag(path: str | Path) -> Bag:
    """Open a rosbag2 folder, or one .mcap or .db3 file.

    Raises:
        BagError: it is missing, damaged, or of a kind that cannot be read.
        MissingPackageError: the package ``rosbags`` is not installed.
    """
    return Bag(path)


class Bag:
    """An open recording; use it in a ``with`` statement.

    Attributes:
        path: where it is.
        topics: what it holds, by name.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        check_path(self.path)
        self._types = type_store()
        self._stack = ExitStack()
        with reading(self.path):
            self._reader = self._stack.enter_context(open_storage(self.path))
            self.topics = {t.name: t for t in map(_topic, self._reader.connections)}

    def __enter__(self) -> Bag:
        """Return the open bag."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close it."""
        self.close()

    def close(self) -> None:
        """Close the files."""
        self._stack.close()

    @property
    def start_ns(self) -> int:
        """When the first message was recorded, nanoseconds."""
        return int(self._reader.start_time)

    @property
    def end_ns(self) -> int:
        """When the last message was recorded, nanoseconds."""
        return max(self.start_ns, int(self._reader.end_time) - 1)

    @property
    def can_seek(self) -> bool:
        """Whether a part can be read without the rest: not in an mcap file without an index."""
        storages = getattr(self._reader.storage, 'storages', [self._reader.storage])
        return all(getattr(each, 'chunks', True) for each in storages)

    @property
    def name(self) -> str:
        """What the recording is called: its folder or file, without the suffix."""
        path = self.path.resolve()
        return path.name if path.is_dir() else path.stem

    def messages(
        self,
        topics: Collection[str] | None = None,
        from_ns: int | None = None,
        to_ns: int | None = None,
    ) -> Iterator[BagMessage]:
        """Yield messages in the order of recording, of all topics or of those named.

        Args:
            topics: names of topics.
            from_ns: leave out what was recorded before, nanoseconds; only the parts of the files
                that can hold such messages are read.
            to_ns: leave out what was recorded then or later, nanoseconds.

        Raises:
            BagError: a named topic is not there, a type has no ROS 2 name, or the data is damaged.
        """
        wanted = [c for c in self._reader.connections if topics is None or c.topic in topics]
        self._check_names(topics or ())
        check_types(self.path, {c.msgtype for c in wanted})
        if not wanted:
            return  # to rosbags no connections are all of them
        with reading(self.path):
            for connection, recorded_ns, data in self._reader.messages(wanted, from_ns, to_ns):
                cdr = bytes(data)
                if cdr.startswith(ZSTD_MAGIC):
                    raise BagError(
                        f'{self.path}: its messages are compressed one by one (zstd), which can '
                        'be read only through the metadata.yaml of the folder. Open the folder '
                        'that holds this file, or rewrite it with `ros2 bag convert`'
                    )
                yield BagMessage(connection.topic, connection.msgtype, recorded_ns, cdr)

    def decode(self, message: BagMessage) -> Any:
        """Decode a message; its fields are those of the .msg file.

        Types that are not standard are read as the recording itself describes them.

        Raises:
            BagError: the type is not known, or the bytes contradict it.
        """
        if message.type not in self._types.types and not self._learn(message.type):
            raise BagError(f'{message.topic}: cannot decode messages of type {message.type}')
        with reading(self.path):
            return self._types.deserialize_cdr(message.cdr, message.type)

    def _learn(self, type_name: str) -> bool:
        """Take a type's definition from the recording, if it carries one."""
        for connection in self._reader.connections:
            if connection.msgtype == type_name and connection.msgdef.data:
                with reading(self.path):
                    learn_type(self._types, type_name, connection.msgdef)
                return type_name in self._types.types
        return False

    def find_rgbd(
        self,
        color: str | None = None,
        depth: str | None = None,
        info: str | None = None,
    ) -> RgbdTopics:
        """Find the topics of one RGB-D camera, by message type, encoding, size and name.

        Args:
            color: name of the colour topic, where the choice is not to be left to this.
            depth: name of the depth topic, likewise.
            info: name of the camera_info topic, likewise.

        Raises:
            BagError: there are none; the message says what the bag holds.
        """
        self._check_names(name for name in (color, depth, info) if name)
        names = [
            t.name for t in self.topics.values() if t.type in (*IMAGE_TYPES, INFO_TYPE, RGBD_TYPE)
        ]
        if not names:
            check_types(self.path, {topic.type for topic in self.topics.values()})
        samples = [self._sample(name) for name in names if self.topics[name].count]
        return choose_topics(samples, color, depth, info, str(self.path))

    def frames(
        self,
        topics: RgbdTopics | None = None,
        tolerance_s: float = TOLERANCE_S,
        intrinsics: CameraIntrinsics | None = None,
        rules: CameraRules | None = None,
    ) -> Iterator[RgbdFrame]:
        """Yield frames: the pairs of colour and depth images that the node would find.

        Args:
            topics: from ``find_rgbd``; found here where left out.
            tolerance_s: largest difference between the two stamps, seconds.
            intrinsics: calibration to use in place of the recorded camera_info.
            rules: what to make of the camera's images; by the name of their topic, where left out.

        Raises:
            BagError: no RGB-D topics or no camera_info, or the data is damaged.
            FrameError: two images do not fit together, or an encoding is not supported.
        """
        topics = topics or self.find_rgbd()
        rules = rules or CameraRules(topic=topics.color)
        for stamp_ns, color, depth, info in self._triples(topics, tolerance_s, intrinsics, rules):
            frame = rgbd_frame(color, depth, info, rules=rules)
            if frame.stamp_ns != stamp_ns:
                frame = replace(frame, stamp_ns=stamp_ns)
            yield frame

    def calibration(self, topics: RgbdTopics, rules: CameraRules | None = None) -> Calibration:
        """Read what holds for the first colour image.

        Raises:
            BagError: there is no camera_info topic.
            FrameError: the calibration is empty or not valid.
        """
        rules = rules or CameraRules(topic=topics.color)
        first = self.first(topics.color)
        color = self.decode(first)
        if topics.is_one:
            return calibrate(color.rgb_camera_info, image_size(color.rgb), rules)
        info = self.info_log(topics, color, rules).at(first.stamp_ns, color)
        return calibrate(info, image_size(color), rules)

    def _triples(
        self,
        topics: RgbdTopics,
        tolerance_s: float,
        intrinsics: CameraIntrinsics | None,
        rules: CameraRules,
    ) -> Iterator[tuple[int, Any, Any, Any]]:
        """Yield stamp, colour, depth and calibration."""
        if topics.is_one:
            for message in self.messages([topics.color]):
                both = self.decode(message)
                yield message.stamp_ns, both.rgb, both.depth, intrinsics or both.rgb_camera_info
            return
        wanted = [topics.color, topics.depth]
        log = None
        if intrinsics is None:
            first = self.decode(self.first(topics.color))
            log = self.info_log(topics, first, rules)
            wanted.append(str(topics.info))

        def note(message: BagMessage) -> None:
            if log is not None:
                log.add(message.stamp_ns, self.decode(message))

        pairing = Pairing(round(tolerance_s * 1e9))
        messages = self.messages(wanted)
        for color, depth in pair_by_stamp(messages, topics.color, topics.depth, pairing, note):
            image = self.decode(color)
            info = intrinsics or (log and log.at(color.stamp_ns, image))
            yield color.stamp_ns, image, self.decode(depth), info

    def info_log(self, topics: RgbdTopics, color: Any, rules: CameraRules) -> InfoLog:
        """Look through the calibrations for those that hold for a frame.

        Raises:
            BagError: there is no camera_info topic, or it holds nothing.
            FrameError: there are some, and none is usable.
        """
        if topics.info is None:
            raise BagError(
                f'{self.path}: no camera_info belongs to {topics.color}. Give the calibration '
                'yourself (--intrinsics fx,fy,cx,cy)'
            )
        infos = (self.decode(message) for message in self.messages([topics.info]))
        return InfoLog(infos, color, rules)

    def _sample(self, topic: str) -> TopicSample:
        message = self.first(topic)
        first = self.decode(message)
        if message.type == INFO_TYPE:
            return TopicSample(topic, 'info', '', (first.width, first.height))
        if message.type == RGBD_TYPE:
            return TopicSample(topic, 'rgbd', first.rgb.encoding, image_size(first.rgb))
        if message.type == IMAGE_TYPES[0]:
            return TopicSample(topic, 'raw', first.encoding, (first.width, first.height))
        try:
            size = image_size(first)
        except FrameError:
            size = (0, 0)  # not an image that can be decoded here
        return TopicSample(topic, 'compressed', first.format, size)

    def first(self, topic: str) -> BagMessage:
        """Return the first message of a topic.

        Raises:
            BagError: there is none.
        """
        for message in self.messages([topic]):
            return message
        raise BagError(f'{self.path}: {topic} holds no message')

    def _check_names(self, names: Collection[str] | Iterator[str]) -> None:
        for name in names:
            if name not in self.topics:
                known = ', '.join(sorted(self.topics)) or 'none'
                raise BagError(f'{self.path}: there is no topic {name!r}. It holds: {known}')


def _topic(connection: Any) -> BagTopic:
    latched = any(
        qos.durability.name == 'TRANSIENT_LOCAL' for qos in connection.ext.offered_qos_profiles
    )
    return BagTopic(connection.topic, connection.msgtype, connection.msgcount, latched)
