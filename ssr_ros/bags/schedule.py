# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""When the messages of a recording are due."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
import time

from ssr_ros.bags.read import Bag, BagMessage
from ssr_ros.errors import BagError

SHORTEST_LOOP_S = 0.1
"""Period of a looped recording in which no time passes (a single frame)."""


@dataclass(frozen=True)
class Timing:
    """How a recording is gone through.

    Attributes:
        rate: 2.0 is twice as fast as recorded.
        passes: how often; 0 without end.
        start_s: seconds of the recording to leave out, but for latched messages.
    """

    rate: float = 1.0
    passes: int = 1
    start_s: float = 0.0


@dataclass(frozen=True)
class Pass:
    """One pass through the recording: when its times come up on this machine's clock."""

    start_s: float
    first_ns: int
    rate: float

    def due_s(self, time_ns: int) -> float:
        """Monotonic seconds at which a recorded time is due."""
        return self.start_s + (time_ns - self.first_ns) / 1e9 / self.rate

    def time_ns(self, now_s: float) -> int:
        """Recorded time that is due at monotonic seconds, nanoseconds."""
        return self.first_ns + round((now_s - self.start_s) * self.rate * 1e9)


def schedule(bag: Bag, topics: list[str], timing: Timing) -> Iterator[tuple[Pass, BagMessage]]:
    """Yield every message with the pass that it belongs to.

    Raises:
        BagError: the recording is damaged, or ends before the start offset.
    """
    start_s, done = time.monotonic(), 0
    while True:
        pass_, last_ns = None, 0
        for message in _after_offset(bag, topics, timing.start_s):
            pass_ = pass_ or Pass(start_s, message.recorded_ns, timing.rate)
            last_ns = message.recorded_ns
            yield pass_, message
        done += 1
        if pass_ is None or done == timing.passes:
            return
        duration_s = (last_ns - pass_.first_ns) / 1e9
        start_s += _loop_period_s(bag, topics, duration_s) / timing.rate


def _after_offset(bag: Bag, topics: list[str], offset_s: float) -> Iterator[BagMessage]:
    """Yield what comes after the offset, and first what latched topics have sent before it."""
    latched: list[BagMessage] = []
    first_ns, begun = None, False
    for message in bag.messages(topics):
        first_ns = message.recorded_ns if first_ns is None else first_ns
        start_ns = first_ns + round(offset_s * 1e9)
        if message.recorded_ns >= start_ns:
            yield from (replace(each, recorded_ns=start_ns) for each in latched)
            latched, begun = [], True
            yield message
        elif bag.topics[message.topic].latched:
            latched.append(message)
    if first_ns is not None and not begun:
        raise BagError(f'{bag.path}: it is shorter than the start offset of {offset_s:g} s')


def _loop_period_s(bag: Bag, topics: list[str], duration_s: float) -> float:
    """Return the recording's length with the pause that belongs after its last image."""
    steps = max(bag.topics[name].count for name in topics) - 1
    if steps < 1 or duration_s <= 0:
        return SHORTEST_LOOP_S
    return duration_s * (steps + 1) / steps
