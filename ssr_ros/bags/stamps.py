# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Stamps of serialized messages, and pairing by them as the node pairs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
import struct
from typing import Protocol, TypeVar

from ssr_ros.engine.pairing import Pair, Pairing, Stream


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
    messages: Iterable[Message],
    color_topic: str,
    depth_topic: str,
    pairing: Pairing,
    on_other: Callable[[Message], None] = lambda message: None,
) -> Iterator[tuple[Message, Message]]:
    """Yield (colour, depth) pairs: those of the node, each once it is settled.

    The node takes a pair as soon as it is there, and a better one when a closer image follows.
    Here, where nothing is in a hurry, the better one alone is yielded.

    Args:
        messages: in the order of recording.
        color_topic: name of the colour topic.
        depth_topic: name of the depth topic.
        pairing: the node's pairing, with its tolerance.
        on_other: told every message of another topic.
    """
    held: Pair | None = None
    for message in messages:
        if message.topic not in (color_topic, depth_topic):
            on_other(message)
            continue
        stream: Stream = 'color' if message.topic == color_topic else 'depth'
        # Zero is a time here, and no missing stamp: the time of recording stands in for those.
        pair = pairing.add(stream, message.stamp_ns + 1, message)
        if pair is None:
            continue
        if held is not None and pair.color is not held.color and pair.depth is not held.depth:
            yield held.color, held.depth
        held = pair
    if held is not None:
        yield held.color, held.depth
