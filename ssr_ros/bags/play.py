# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Publish a recording on ROS 2 topics, as ``ros2 bag play`` does where rosbag2 is installed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
import importlib
import logging
import math
from pathlib import Path
import time
from types import ModuleType
from typing import Any

from ssr_ros.bags.read import Bag, BagMessage, BagTopic, open_bag
from ssr_ros.bags.rgbd_topics import RgbdTopics
from ssr_ros.bags.schedule import Pass, schedule, Timing
from ssr_ros.bags.stamps import with_stamp
from ssr_ros.bags.write import REGIONS_TYPE
from ssr_ros.errors import BagError, ConfigError, require_package
from ssr_ros.rgbd.calibration import images_by_name
from ssr_ros.stopping import exit_code_of

logger = logging.getLogger(__name__)

NODE_TOPICS = RgbdTopics('color/image_raw', 'depth/image_raw', 'color/camera_info')
"""What ``ssr_node`` subscribes to when nothing was set."""

NODE_REGIONS = 'named_regions'

SETTLE_S = 0.2
"""A publisher knows of its subscribers a moment before they know of it."""

CLOCK_HZ = 40.0
"""How often /clock is published, as `ros2 bag play --clock` does."""

NAP_S = 0.05


@dataclass(frozen=True)
class PlayOptions:
    """How to play.

    Attributes:
        rate: 2.0 plays twice as fast as recorded.
        passes: how often the recording is played; 0 begins again at the end until stopped.
        start_s: seconds of the recording to leave out; latched messages in them are played.
        clock: publish the recorded time on /clock, for nodes with use_sim_time.
        remap: recorded topic name -> name to publish under.
        only: recorded names to play; empty plays all.
        as_camera: play only the RGB-D topics found, under the names of NODE_TOPICS, and what is
            called what in the same images, as NODE_REGIONS.
        best_effort: offer best effort, as camera drivers do; reliable fits every subscriber.
            Latched topics stay reliable: best effort loses what cannot be sent again.
        restamp: write the present time into message headers.
        wait_s: wait up to this long for a subscriber before the first message; 0 does not wait.
        namespace: where relative names (those of ``as_camera``, and remapped ones) belong.
    """

    rate: float = 1.0
    passes: int = 1
    start_s: float = 0.0
    clock: bool = False
    remap: Mapping[str, str] = field(default_factory=dict)
    only: Collection[str] = ()
    as_camera: bool = False
    best_effort: bool = False
    restamp: bool = False
    wait_s: float = 0.0
    namespace: str = ''


def play(
    path: str | Path,
    options: PlayOptions | None = None,
    keep_going: Callable[[], bool] = lambda: True,
    on_published: Callable[[], None] = lambda: None,
) -> int:
    """Publish a recording and return the number of messages published.

    Args:
        path: a rosbag2 folder, or one .mcap or .db3 file.
        options: how.
        keep_going: asked before every message; False ends the playing.
        on_published: told after every message.

    Raises:
        BagError: the recording cannot be read, holds nothing to play, or nobody listens in time.
        ConfigError: an option is outside its range, or a topic name is not valid.
        MissingPackageError: rclpy or rosbags is not installed.
    """
    options = options or PlayOptions()
    _check(options)
    rclpy = require_package('rclpy', 'ros')
    from ssr_ros.robot.rclpy_gaps import leaving

    context = rclpy.Context()
    with open_bag(path) as bag:
        names = _names_to_play(bag, options)
        # Without arguments of its own: it would read ours, and remap a second time.
        rclpy.init(args=[], context=context)
        node, exit_code = None, 1
        try:
            node = _make_node(rclpy, options.namespace, context)
            publishers = _make_publishers(node, bag, names, options.best_effort)
            clock = _ClockPublisher(node) if options.clock else None
            _wait_for_subscribers(publishers, options, keep_going)
            count = 0
            for _ in _published(bag, publishers, options, keep_going, clock):
                count += 1
                on_published()
            exit_code = 0
            return count
        except KeyboardInterrupt as stop:
            exit_code = exit_code_of(stop)
            raise
        finally:
            with leaving(exit_code):
                if node is not None:
                    node.destroy_node()
                rclpy.shutdown(context=context)


def _check(options: PlayOptions) -> None:
    if not (math.isfinite(options.rate) and options.rate > 0):
        raise ConfigError(f'the rate must be greater than 0, got {options.rate:g}')
    for name, value_s in (('start offset', options.start_s), ('time to wait', options.wait_s)):
        if not (math.isfinite(value_s) and value_s >= 0):
            raise ConfigError(f'the {name} must be 0 seconds or more, got {value_s:g}')
    if options.passes < 0:
        raise ConfigError(f'passes must be 0 (without end) or more, got {options.passes}')
    if options.clock and options.restamp:
        raise ConfigError('the clock tells recorded time, and restamped messages have another')


def _make_node(rclpy: ModuleType, namespace: str, context: Any) -> Any:
    exceptions = require_package('rclpy.exceptions', 'ros')
    try:
        return rclpy.create_node('ssr_bag_player', namespace=namespace, context=context)
    except exceptions.InvalidNamespaceException as error:
        raise ConfigError(f'{namespace!r} is not a namespace: {error}') from error


def _names_to_play(bag: Bag, options: PlayOptions) -> dict[str, str]:
    """Return recorded name -> name to publish under."""
    if options.as_camera:
        found = bag.find_rgbd()
        names = camera_names(bag, found)
        kinds = {topic.name: topic.type for topic in bag.topics.values()}
        names.update({n: NODE_REGIONS for n, kind in kinds.items() if kind == REGIONS_TYPE})
        if images_by_name(found.color) == 'rectified':
            logger.warning(
                'the images of %s are rectified, which the name %s does not tell the node: start '
                'it with camera_info.images:=rectified',
                found.color,
                names[found.color],
            )
    else:
        names = {name: name for name in options.only or bag.topics}
    for name in [*options.remap, *names]:
        if name not in bag.topics:
            raise BagError(f'{bag.path}: there is no topic {name!r}. It holds: {list(bag.topics)}')
    return {name: options.remap.get(name, new) for name, new in names.items()}


def camera_names(bag: Bag, found: RgbdTopics) -> dict[str, str]:
    """Return recorded name -> the node's name for it, transport suffix included."""
    if found.is_one:
        raise BagError(
            f'{bag.path}: {found.color} carries colour and depth in one message, which the node '
            'does not take; `ssr-ros measure` and `ssr-ros ask` read it'
        )
    pairs = [(found.color, NODE_TOPICS.color), (found.depth, NODE_TOPICS.depth)]
    names = {}
    for recorded, name in pairs:
        if bag.topics[recorded].type.endswith('CompressedImage'):
            name += '/compressedDepth' if recorded.endswith('compressedDepth') else '/compressed'
        names[recorded] = name
    if found.info is not None:
        names[found.info] = str(NODE_TOPICS.info)
    return names


@dataclass(frozen=True)
class _Publisher:
    publish: Callable[[bytes], None]
    subscribers: Callable[[], int]
    has_header: bool
    name: str
    optional: bool


def _make_publishers(
    node: Any, bag: Bag, names: Mapping[str, str], best_effort: bool
) -> dict[str, _Publisher]:
    """Return recorded name -> publisher; a type whose package is not installed is left out."""
    publishers = {}
    for recorded, name in names.items():
        topic = bag.topics[recorded]
        message_class = _message_class(topic.type)
        if message_class is None:
            logger.warning('%s is not played: %s is not installed', recorded, topic.type)
            continue
        publisher = _create(node, message_class, name, topic, best_effort)
        fields = list(message_class.get_fields_and_field_types().values())
        publishers[recorded] = _Publisher(
            publisher.publish,
            publisher.get_subscription_count,
            fields[:1] == ['std_msgs/Header'],
            publisher.topic_name,
            topic.type == REGIONS_TYPE,
        )
    if not publishers:
        raise BagError(f'{bag.path}: none of its topics can be played here')
    return publishers


def _create(node: Any, message_class: type, name: str, topic: BagTopic, best_effort: bool) -> Any:
    qos = require_package('rclpy.qos', 'ros')
    is_reliable = topic.latched or not best_effort
    profile = qos.QoSProfile(
        depth=10,
        reliability=getattr(qos.ReliabilityPolicy, 'RELIABLE' if is_reliable else 'BEST_EFFORT'),
        durability=getattr(
            qos.DurabilityPolicy, 'TRANSIENT_LOCAL' if topic.latched else 'VOLATILE'
        ),
    )
    exceptions = require_package('rclpy.exceptions', 'ros')
    try:
        return node.create_publisher(message_class, name, profile)
    except exceptions.InvalidTopicNameException as error:
        raise ConfigError(f'{name!r} is not a topic name: {error}') from error


def _message_class(type_name: str) -> Any:
    """Return the Python class of a message type, or None where it is not installed."""
    package, _, rest = type_name.partition('/')
    folder, _, name = rest.partition('/')
    try:
        return getattr(importlib.import_module(f'{package}.{folder}'), name, None)
    except ModuleNotFoundError:
        return None


def _wait_for_subscribers(
    publishers: Mapping[str, _Publisher], options: PlayOptions, keep_going: Callable[[], bool]
) -> None:
    """Wait for a listener on every camera topic, or on any topic where all are played."""
    if options.wait_s <= 0:
        return
    enough = all if options.as_camera else any
    give_up = time.monotonic() + options.wait_s
    awaited = [publisher for publisher in publishers.values() if not publisher.optional]
    while keep_going() and not enough(p.subscribers() for p in awaited):
        if time.monotonic() > give_up:
            silent = ', '.join(p.name for p in awaited if not p.subscribers())
            raise BagError(
                f'nobody subscribed within {options.wait_s:g} s to {silent}. Is the node active, '
                'and does it listen to these names (--remap), in the same ROS_DOMAIN_ID?'
            )
        time.sleep(0.02)
    time.sleep(SETTLE_S)


class _ClockPublisher:
    """Publishes the recorded time, as it comes up, on /clock."""

    def __init__(self, node: Any) -> None:
        self._message_class = require_package('rosgraph_msgs.msg', 'ros').Clock
        self._publish = node.create_publisher(self._message_class, '/clock', 10).publish
        self._next_s = 0.0

    def pass_by(self, time_ns: int) -> None:
        """Publish a time between messages, if the last was a while ago."""
        if time.monotonic() >= self._next_s:
            self.tell(time_ns)

    def tell(self, time_ns: int) -> None:
        """Publish a time: that of a message, before it, else its stamp would lie ahead."""
        self._next_s = time.monotonic() + 1 / CLOCK_HZ
        message = self._message_class()
        message.clock.sec, message.clock.nanosec = divmod(time_ns, 1_000_000_000)
        self._publish(message)


def _published(
    bag: Bag,
    publishers: Mapping[str, _Publisher],
    options: PlayOptions,
    keep_going: Callable[[], bool],
    clock: _ClockPublisher | None,
) -> Iterator[None]:
    stamps = _StampClock()
    epoch_ns = time.time_ns() - time.monotonic_ns()
    wanted = Timing(options.rate, options.passes, options.start_s)
    for pass_, message in schedule(bag, list(publishers), wanted):
        _sleep_until(pass_, message.recorded_ns, keep_going, clock)
        if not keep_going():
            break
        publisher, cdr = publishers[message.topic], message.cdr
        if options.restamp and publisher.has_header:
            # From the stamp alone, so that images of one stamp keep one stamp.
            due_s = pass_.due_s(message.stamp_ns - stamps.lead_ns(message))
            cdr = with_stamp(cdr, epoch_ns + round(due_s * 1e9))
        publisher.publish(cdr)
        yield


OTHER_CLOCK_NS = 10_000_000_000
"""Further from the time of recording, a stamp is of another clock."""


class _StampClock:
    """Knows how far the clock that stamped (a simulation's) is ahead of the recorder's."""

    def __init__(self) -> None:
        self._lead_ns = 0

    def lead_ns(self, message: BagMessage) -> int:
        """The same for all messages of one clock; 0 for what the recorder's clock stamped."""
        own_ns = message.stamp_ns - message.recorded_ns
        if abs(own_ns) <= OTHER_CLOCK_NS:
            return 0
        if abs(own_ns - self._lead_ns) > OTHER_CLOCK_NS:
            self._lead_ns = own_ns
        return self._lead_ns


def _sleep_until(
    pass_: Pass, time_ns: int, keep_going: Callable[[], bool], clock: _ClockPublisher | None
) -> None:
    due_s, nap_s = pass_.due_s(time_ns), NAP_S if clock is None else 1 / CLOCK_HZ
    while keep_going() and (left_s := due_s - time.monotonic()) > 0:
        if clock is not None:
            clock.pass_by(pass_.time_ns(time.monotonic()))
        time.sleep(min(nap_s, left_s))
    if clock is not None:
        clock.tell(time_ns)
