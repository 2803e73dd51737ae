# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Stamps of serialized messages, and pairing by them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
import struct
from typing import Protocol, TypeVar

LONGEST_WAIT_NS = 1_000_000_000
"""An image whose partner has not come after this long in stamps is given up."""


class Stamped(Protocol):
    """What pairing needs to know about a message."""

    @property
    def topic(self) -> str:
        """Name of its topic."""

    @property
    def stamp_ns(self) -> int:
        """When it was taken, nanoseconds."""


Message = TypeVar('Message', bound=Stamped)


def header_stamp_ns(cdr: bytes) -> int:
    """Read the stamp of a serialized message that begins with a std_msgs/Header.

    Four bytes of CDR encapsulation (the second tells the byte order), int32 seconds, uint32
    nanoseconds: reading them alone saves decoding the image behind them.
    """
    order = '<' if cdr[1] & 1 else '>'
    seconds, nanoseconds = struct.unpack_from(f'{order}iI', cdr, 4)
    return int(seconds) * 1_000_000_000 + int(nanoseconds)


def with_stamp(cdr: bytes, stamp_ns: int) -> bytes:
    """Return the message with another stamp in its header."""
    order = '<' if cdr[1] & 1 else '>'
    stamp = struct.pack(f'{order}iI', *divmod(stamp_ns, 1_000_000_000))
    return cdr[:4] + stamp + cdr[12:]


def pair_by_stamp(
    messages: Iterable[Message], color_topic: str, tolerance_ns: int
) -> Iterator[tuple[Message, Message]]:
    """Yield (colour, depth): to each colour image the depth image nearest to it in stamp.

    Each depth image is used once. When stamps go backwards (recordings that were joined, a
    simulation that was reset), what waits is settled and pairing starts anew.

    Args:
        messages: those of both topics in the order of recording.
        color_topic: what is not of this topic is depth.
        tolerance_ns: largest difference that still makes a pair.
    """
    colors: list[Message] = []
    depths: list[Message] = []
    for message in messages:
        queue = colors if message.topic == color_topic else depths
        if queue and message.stamp_ns < queue[-1].stamp_ns:
            yield from _settle(colors, depths, tolerance_ns, at_end=True)
            colors.clear()
            depths.clear()
        queue.append(message)
        yield from _settle(colors, depths, tolerance_ns)
    yield from _settle(colors, depths, tolerance_ns, at_end=True)


def _settle(
    colors: list[Message], depths: list[Message], tolerance_ns: int, at_end: bool = False
) -> Iterator[tuple[Message, Message]]:
    """Yield the pairs that nothing still to come can change; shorten both queues."""
    while colors and (at_end or _is_decided(colors, depths)):
        color = colors.pop(0)
        nearest = min(depths, key=lambda d: abs(d.stamp_ns - color.stamp_ns), default=None)
        if nearest is not None and abs(nearest.stamp_ns - color.stamp_ns) <= tolerance_ns:
            del depths[: depths.index(nearest) + 1]
            yield color, nearest
    while depths and depths[-1].stamp_ns - depths[0].stamp_ns > LONGEST_WAIT_NS:
        del depths[0]


def _is_decided(colors: list[Message], depths: list[Message]) -> bool:
    """Whether the first colour image has seen its depth image, or has waited long enough."""
    first_ns = colors[0].stamp_ns
    if depths and depths[-1].stamp_ns >= first_ns:
        return True
    return colors[-1].stamp_ns - first_ns > LONGEST_WAIT_NS
