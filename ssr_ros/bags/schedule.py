# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""When the messages of a recording are due."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
import time

from ssr_ros.bags.read import Bag, BagMessage

SHORTEST_LOOP_S = 0.1
"""Period of a looped recording in which no time passes (a single frame)."""


@dataclass(frozen=True)
class Pass:
    """One pass through the recording: when its times come up on this machine's clock."""

    start_s: float
    first_ns: int
    rate: float

    def due_s(self, time_ns: int) -> float:
        """Monotonic seconds at which a recorded time is due."""
        return self.start_s + (time_ns - self.first_ns) / 1e9 / self.rate


def schedule(
    bag: Bag, topics: list[str], rate: float, loop: bool
) -> Iterator[tuple[Pass, BagMessage]]:
    """Yield every message with the pass that it belongs to, without end when looping.

    Raises:
        BagError: the recording is damaged.
    """
    start_s = time.monotonic()
    while True:
        pass_ = None
        for message in bag.messages(topics):
            pass_ = pass_ or Pass(start_s, message.recorded_ns, rate)
            last_ns = message.recorded_ns
            yield pass_, message
        if pass_ is None or not loop:
            return
        duration_s = (last_ns - pass_.first_ns) / 1e9
        start_s += _loop_period_s(bag, topics, duration_s) / rate


def _loop_period_s(bag: Bag, topics: list[str], duration_s: float) -> float:
    """Return the recording's length with the pause that belongs after its last image."""
    steps = max(bag.topics[name].count for name in topics) - 1
    if steps < 1 or duration_s <= 0:
        return SHORTEST_LOOP_S
    return duration_s * (steps + 1) / steps
