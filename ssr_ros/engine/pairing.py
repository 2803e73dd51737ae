# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Find the colour and depth images that belong together, by their stamps. No ROS in here.

Ours, because the Python ApproximateTimeSynchronizer nearly stops after a bag loop, never matches
at a tolerance of zero, and keeps its lock after an exception. The newest pair wins: nothing waits
for an image that is older than a pair already found.
"""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field
import math
from typing import Any, Literal

Stream = Literal['color', 'depth']

LATE_NS = 200_000_000
"""A stream that lags by more than this is late, not stamped by another trigger."""


@dataclass(frozen=True)
class Pair:
    """A colour and a depth image taken together.

    Attributes:
        color: what was given as the colour image.
        depth: what was given as the depth image.
        stamp_ns: the colour image's stamp, nanoseconds.
        offset_ns: depth stamp minus colour stamp, nanoseconds.
    """

    color: Any
    depth: Any
    stamp_ns: int
    offset_ns: int


@dataclass
class _Waiting:
    """An image that can still find a partner, or a better one than it has."""

    stamp_ns: int
    item: Any
    distance_ns: int | None = None  # to its partner so far
    nearest_ns: float = math.inf  # to the nearest image of the other stream, partner or not


@dataclass
class PairingCounts:
    """What became of the images, since the start.

    Attributes:
        received: images per stream.
        pairs: pairs found.
        dropped: images that never found a partner, by reason: ``unpaired`` (a newer pair was
            found), ``buffer full``, ``time jump``, ``zero stamp``.
        resets: how often time went backwards (a bag that loops, a simulation that restarts).
    """

    received: Counter[str] = field(default_factory=Counter)
    pairs: int = 0
    dropped: Counter[str] = field(default_factory=Counter)
    resets: int = 0


class Pairing:
    """Pairs two streams of stamped images.

    Args:
        tolerance_ns: the largest difference of stamps in a pair; 0 pairs equal stamps.
        buffer: how many images of a stream may wait for the other stream.
    """

    def __init__(self, tolerance_ns: int, buffer: int = 30) -> None:
        self.tolerance_ns = tolerance_ns
        self.counts = PairingCounts()
        self._buffer = buffer
        self._waiting: dict[str, deque[_Waiting]] = {'color': deque(), 'depth': deque()}
        self._newest_ns: dict[str, int | None] = {'color': None, 'depth': None}
        self._jumped_first: str | None = None
        self._last_distance_ns: int | None = None

    def explain(self) -> str:
        """Say in words why no pair is found although both streams send."""
        distance_ms = (self._last_distance_ns or 0) / 1e6
        behind_ns = (self._newest_ns['color'] or 0) - (self._newest_ns['depth'] or 0)
        if self.counts.dropped['buffer full'] and abs(behind_ns) > LATE_NS:
            late = 'depth' if behind_ns > 0 else 'colour'
            return (
                f'{late} images arrive {abs(behind_ns) / 1e6:.0f} ms after the others, '
                f'which is longer than the {self._buffer} images that wait for them: send smaller '
                'or compressed images, or fewer of them'
            )
        return (
            f'colour and depth images arrive, and their stamps lie {distance_ms:.1f} ms apart; '
            f'sync.tolerance_s allows {self.tolerance_ns / 1e6:g} ms: raise it, or let one clock '
            'stamp both'
        )

    def add(self, stream: Stream, stamp_ns: int, item: Any) -> Pair | None:
        """Take an image; return the pair that it completes, or None.

        An image may come in two pairs, when a closer partner arrives after a first one: at 30 Hz
        and a generous tolerance a lost image would else leave the streams one frame apart for
        good.
        """
        self.counts.received[stream] += 1
        if stamp_ns <= 0:
            self.counts.dropped['zero stamp'] += 1
            return None
        newest_ns = self._newest_ns[stream]
        if newest_ns is not None and stamp_ns < newest_ns:
            self._time_went_back(stream)
        self._newest_ns[stream] = stamp_ns
        image = _Waiting(stamp_ns, item)
        self._enqueue(stream, image)
        return self._pair_up(stream, image)

    def _pair_up(self, stream: Stream, image: _Waiting) -> Pair | None:
        other = 'depth' if stream == 'color' else 'color'
        partner = min(  # of two equally close ones the newer: a bag of one frame, looped
            reversed(self._waiting[other]),
            key=lambda each: abs(each.stamp_ns - image.stamp_ns),
            default=None,
        )
        if partner is None:
            return None
        distance_ns = abs(partner.stamp_ns - image.stamp_ns)
        self._last_distance_ns = distance_ns
        has_better = partner.nearest_ns < distance_ns or (
            partner.distance_ns is not None and partner.distance_ns <= distance_ns
        )
        image.nearest_ns = distance_ns
        for each in self._waiting[other]:
            each.nearest_ns = min(each.nearest_ns, abs(each.stamp_ns - image.stamp_ns))
        if distance_ns > self.tolerance_ns or has_better:
            return None
        image.distance_ns = partner.distance_ns = distance_ns
        self._forget_before(stream, image)
        self._forget_before(other, partner)
        self.counts.pairs += 1
        color, depth = (image, partner) if stream == 'color' else (partner, image)
        return Pair(color.item, depth.item, color.stamp_ns, depth.stamp_ns - color.stamp_ns)

    def _enqueue(self, stream: str, image: _Waiting) -> None:
        self._waiting[stream].append(image)
        if len(self._waiting[stream]) > self._buffer:
            self._drop(self._waiting[stream].popleft(), 'buffer full')

    def _forget_before(self, stream: str, image: _Waiting) -> None:
        """Drop what arrived before this image; it stays itself, a closer partner may follow."""
        while self._waiting[stream][0] is not image:
            self._drop(self._waiting[stream].popleft(), 'unpaired')

    def _time_went_back(self, stream: Stream) -> None:
        """Forget the time before the jump, once for both streams.

        The streams jump one after the other. The first one empties both; the second empties only
        itself, else it would throw away what the first has received since.
        """
        self._clear(stream)
        other = 'depth' if stream == 'color' else 'color'
        if self._jumped_first == other:
            self._jumped_first = None
            return
        self._clear(other)
        self._jumped_first = stream
        self.counts.resets += 1

    def _clear(self, stream: str) -> None:
        while self._waiting[stream]:
            self._drop(self._waiting[stream].popleft(), 'time jump')

    def _drop(self, image: _Waiting, reason: str) -> None:
        if image.distance_ns is None:
            self.counts.dropped[reason] += 1
