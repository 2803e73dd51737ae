# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Where the frames of a recording are, found by reading stamps alone: no image is decoded.

A recording of ten minutes is gigabytes; its index is a few numbers for each image.
"""

from __future__ import annotations

from array import array
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from ssr_ros.bags.infos import InfoLog
from ssr_ros.bags.read import Bag, BagMessage, TOLERANCE_S
from ssr_ros.bags.rgbd_topics import RgbdTopics
from ssr_ros.bags.stamps import pair_by_stamp
from ssr_ros.engine.pairing import Pairing, PairingCounts
from ssr_ros.errors import BagError
from ssr_ros.rgbd.calibration import CameraRules

MERGED_NS = 2_000_000_000
"""Frames nearer to each other than this are read in one go."""

HEADER_BYTES = 12
"""CDR encapsulation and stamp: what differs in two calibrations that say the same."""


Key = tuple[str, int, int]
"""Topic, time of recording and stamp of a message."""


@dataclass(frozen=True)
class FramePlace:
    """Where a pair of images is.

    Attributes:
        number: counts the pairs of the recording, from 0.
        stamp_ns: of the colour image, nanoseconds.
        offset_ns: depth stamp minus colour stamp.
        color_ns: when the colour image was recorded.
        depth_ns: when the depth image was recorded.
    """

    number: int
    stamp_ns: int
    offset_ns: int
    color_ns: int
    depth_ns: int


Wanted = tuple[FramePlace, tuple[Key, ...]]


@dataclass
class StreamTimes:
    """When the messages of a topic were taken and recorded, nanoseconds, in order of recording.

    Attributes:
        stamps_ns: of their headers; the time of recording where those are zero.
        recorded_ns: when they were recorded.
    """

    stamps_ns: array[int] = field(default_factory=lambda: array('q'))
    recorded_ns: array[int] = field(default_factory=lambda: array('q'))

    def add(self, message: BagMessage) -> None:
        """Note a message."""
        self.stamps_ns.append(message.stamp_ns)
        self.recorded_ns.append(message.recorded_ns)


@dataclass(frozen=True)
class BagIndex:
    """The frames of one camera in a recording.

    Attributes:
        topics: whose.
        start_ns: when the recording's first message was recorded, nanoseconds.
        end_ns: when its last one was.
        places: the pairs that the node would find, in order.
        streams: topic -> times.
        infos: (stamp_ns, message) of the calibrations, each where it differs from the one before.
        counts: what became of the images.
    """

    topics: RgbdTopics
    start_ns: int
    end_ns: int
    places: tuple[FramePlace, ...]
    streams: dict[str, StreamTimes]
    infos: tuple[tuple[int, Any], ...]
    counts: PairingCounts


@dataclass(frozen=True)
class _Seen:
    topic: str
    stamp_ns: int
    recorded_ns: int


def index_bag(
    bag: Bag,
    topics: RgbdTopics,
    tolerance_s: float = TOLERANCE_S,
    others: Sequence[str] = (),
) -> BagIndex:
    """Find the frames of a recording.

    Args:
        bag: an open one.
        topics: of its camera.
        tolerance_s: the node's, for pairing.
        others: further topics whose times are wanted; their messages begin with a Header.

    Raises:
        BagError: the recording is damaged.
    """
    pairing = Pairing(round(tolerance_s * 1e9))
    images = {topics.color, topics.depth}
    infos = {topics.info} - images - {None}
    streams = {name: StreamTimes() for name in (*images, *infos, *others) if name}
    changes = _Changes(bag)

    def seen() -> Iterator[_Seen]:
        for message in bag.messages(list(streams)):
            streams[message.topic].add(message)
            if message.topic in infos:
                changes.add(message)
            elif message.topic in images:
                yield _Seen(message.topic, message.stamp_ns, message.recorded_ns)

    if topics.is_one:
        pairs: Iterator[tuple[_Seen, _Seen]] = ((each, each) for each in seen())
    else:
        pairs = pair_by_stamp(seen(), topics.color, topics.depth, pairing)
    places = tuple(
        FramePlace(
            number,
            color.stamp_ns,
            depth.stamp_ns - color.stamp_ns,
            color.recorded_ns,
            depth.recorded_ns,
        )
        for number, (color, depth) in enumerate(pairs)
    )
    found = tuple(changes.found)
    return BagIndex(topics, bag.start_ns, bag.end_ns, places, streams, found, pairing.counts)


class _Changes:
    """Calibrations that say something else than the one before: thousands say the same."""

    def __init__(self, bag: Bag) -> None:
        self._bag = bag
        self._last: dict[str, bytes] = {}
        self.found: list[tuple[int, Any]] = []

    def add(self, message: BagMessage) -> None:
        content = message.cdr[HEADER_BYTES:]
        if self._last.get(message.topic) != content:
            self._last[message.topic] = content
            self.found.append((message.stamp_ns, self._bag.decode(message)))


@dataclass(frozen=True)
class RawFrame:
    """The messages of a frame, decoded.

    Attributes:
        place: where they are in the recording.
        color: sensor_msgs/Image or CompressedImage.
        depth: likewise.
        info: sensor_msgs/CameraInfo of the colour image, or the intrinsics that were given.
        others: further messages that were wanted with it, not decoded.
    """

    place: FramePlace
    color: Any
    depth: Any
    info: Any
    others: tuple[BagMessage, ...] = ()


class FrameReader:
    """Decodes chosen frames of a recording, and nothing else.

    Args:
        bag: an open one.
        index: of it.
        rules: what to make of the camera's images.
        intrinsics: calibration to use in place of the recorded one, or None.

    Attributes:
        decoded: how many image messages were decoded so far.
    """

    def __init__(
        self, bag: Bag, index: BagIndex, rules: CameraRules, intrinsics: Any = None
    ) -> None:
        self._bag, self._index = bag, index
        self._rules, self._intrinsics = rules, intrinsics
        self._log: InfoLog | None = None
        self._ahead = deque(sorted(index.infos, key=lambda each: each[0]))
        self.decoded = 0

    def read(
        self,
        places: Sequence[FramePlace],
        others: Callable[[FramePlace], Sequence[Key]] = lambda place: (),
    ) -> Iterator[RawFrame]:
        """Yield frames, in the order of their numbers; to be called once.

        Args:
            places: which ones.
            others: gives further messages that belong to a frame, of topics in the index.

        Raises:
            BagError: the recording is damaged, or holds no calibration.
            FrameError: it holds some, and none is usable.
        """
        topics = self._index.topics
        ordered = sorted(places, key=lambda place: place.number)
        wanted = [
            (place, (_key(topics.color, place, 0), _key(topics.depth, place, 1), *others(place)))
            for place in ordered
        ]
        for place, (color, depth, *more) in self._messages(wanted):
            yield self._decoded(place, color, depth, tuple(more))

    def _decoded(
        self, place: FramePlace, color: BagMessage, depth: BagMessage, more: tuple[BagMessage, ...]
    ) -> RawFrame:
        self.decoded += 1 if color is depth else 2
        first = self._bag.decode(color)
        if color is depth:
            info = self._intrinsics or first.rgb_camera_info
            return RawFrame(place, first.rgb, first.depth, info, more)
        info = self._intrinsics or self._info(place, first)
        return RawFrame(place, first, self._bag.decode(depth), info, more)

    def _info(self, place: FramePlace, color: Any) -> Any:
        if self._log is None:
            self._log = self._bag.info_log(self._index.topics, color, self._rules)
        while self._ahead and self._ahead[0][0] <= place.stamp_ns:
            self._log.add(*self._ahead.popleft())
        return self._log.at(place.stamp_ns, color)

    def _messages(
        self, wanted: Sequence[Wanted]
    ) -> Iterator[tuple[FramePlace, tuple[BagMessage, ...]]]:
        for span in _spans(wanted, MERGED_NS if self._bag.can_seek else None):
            ahead = deque(span)
            uses = Counter(key for _, keys in span for key in set(keys))
            held: dict[Key, BagMessage] = {}
            times = [key[1] for key in uses]
            names = {key[0] for key in uses}
            for message in self._bag.messages(names, min(times), max(times) + 1):
                key = (message.topic, message.recorded_ns, message.stamp_ns)
                if key in uses:
                    held.setdefault(key, message)
                while ahead and all(key in held for key in ahead[0][1]):
                    place, keys = ahead.popleft()
                    yield place, tuple(held[key] for key in keys)
                    uses.subtract(set(keys))
                    for key in set(keys):
                        if not uses[key]:
                            del held[key], uses[key]
            if ahead:
                raise BagError(f'{self._bag.path}: it has changed while it was read')


def _key(topic: str, place: FramePlace, of_depth: int) -> Key:
    if of_depth:
        return topic, place.depth_ns, place.stamp_ns + place.offset_ns
    return topic, place.color_ns, place.stamp_ns


def _spans(wanted: Sequence[Wanted], apart_ns: int | None) -> Iterator[list[Wanted]]:
    """Cut frames into groups that are worth one reading each; None: all of them at once."""
    span: list[Wanted] = []
    for each in wanted:
        if span and apart_ns is not None and each[0].color_ns - span[-1][0].color_ns > apart_ns:
            yield span
            span = []
        span.append(each)
    if span:
        yield span
