# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What a recording holds, for somebody who wants to ask about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
import math
import statistics
from typing import Any

from ssr_ros.bags.index import BagIndex, StreamTimes
from ssr_ros.bags.read import Bag

GAP = 1.8
"""An interval of more than so many usual ones is a gap: an image and more are missing."""

MOST_GAPS = 20
PARTS = 60


@dataclass(frozen=True)
class Gap:
    """A time in which a stream was silent.

    Attributes:
        after_s: since the recording's beginning.
        length_s: until the next message.
    """

    after_s: float
    length_s: float


@dataclass(frozen=True)
class StreamHealth:
    """How regularly a topic came.

    Attributes:
        topic: its name.
        count: messages.
        rate_hz: by the usual (median) interval of stamps; NaN below two messages.
        mean_hz: by count and duration.
        jitter_ms: how far intervals lie from the usual one, 95 % of them.
        lag_ms: recorded minus stamped, median; NaN where the two are of different clocks.
        gaps: how many times it was silent for GAP intervals or more.
        missing: messages that would have filled the gaps.
        longest: the longest gaps, by time.
        backwards: how often stamps went back.
        parts: messages in each of PARTS equal parts of the recording, by time of recording.
    """

    topic: str
    count: int
    rate_hz: float
    mean_hz: float
    jitter_ms: float
    lag_ms: float
    gaps: int
    missing: int
    longest: tuple[Gap, ...]
    backwards: int
    parts: tuple[int, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return asdict(self)


FOREIGN_CLOCK_S = 600.0


def health(topic: str, times: StreamTimes, start_ns: int, end_ns: int) -> StreamHealth:
    """Look at the times of a topic.

    Args:
        topic: its name.
        times: its stamps and times of recording.
        start_ns: when the recording begins.
        end_ns: when it ends.
    """
    stamps, recorded = times.stamps_ns, times.recorded_ns
    # Some recorders write in another order than the images were taken in.
    ordered = sorted(zip(stamps, recorded, strict=True))
    steps_s = [(b[0] - a[0]) / 1e9 for a, b in pairwise(ordered)]
    forward = [step for step in steps_s if step > 0]
    usual_s = statistics.median(forward) if forward else math.nan
    gaps = [
        Gap((ordered[i][1] - start_ns) / 1e9, step)
        for i, step in enumerate(steps_s)
        if step > GAP * usual_s
    ]
    off_s = sorted(abs(step - usual_s) for step in forward)
    lag_s = _median([(b - a) / 1e9 for a, b in zip(stamps, recorded, strict=True)])
    longest = sorted(gaps, key=lambda gap: -gap.length_s)[:MOST_GAPS]
    return StreamHealth(
        topic=topic,
        count=len(stamps),
        rate_hz=1 / usual_s if forward else math.nan,
        mean_hz=len(forward) / sum(forward) if forward else math.nan,
        jitter_ms=1e3 * off_s[int(0.95 * (len(off_s) - 1))] if off_s else math.nan,
        lag_ms=lag_s * 1e3 if abs(lag_s) < FOREIGN_CLOCK_S else math.nan,
        gaps=len(gaps),
        missing=sum(max(0, round(gap.length_s / usual_s) - 1) for gap in gaps),
        longest=tuple(sorted(longest, key=lambda gap: gap.after_s)),
        backwards=sum(b < a for a, b in pairwise(stamps)),
        parts=_parts(recorded, start_ns, end_ns),
    )


def _parts(recorded_ns: Sequence[int], start_ns: int, end_ns: int) -> tuple[int, ...]:
    counts = [0] * PARTS
    for at_ns in recorded_ns:
        part = (at_ns - start_ns) * PARTS // max(1, end_ns - start_ns)
        counts[min(max(part, 0), PARTS - 1)] += 1
    return tuple(counts)


@dataclass(frozen=True)
class BagAbout:
    """What a recording holds.

    Attributes:
        name: what it is called.
        path: where it is.
        start_ns: when its first message was recorded, nanoseconds.
        first_stamp_ns: of the first colour image: questions count their time from there.
        duration_s: from its first to its last message.
        topics: name, type, count and mean rate of every topic, and whether it is latched.
        camera: colour, depth and camera_info topic.
        pairs: RGB-D frames, and how many images found no partner.
        streams: how regularly the images came.
        calibrations: how many different camera_info there are.
    """

    name: str
    path: str
    start_ns: int
    first_stamp_ns: int
    duration_s: float
    topics: tuple[dict[str, Any], ...]
    camera: dict[str, str | None]
    pairs: dict[str, Any]
    streams: tuple[StreamHealth, ...]
    calibrations: int

    def as_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return asdict(self)


def about(bag: Bag, index: BagIndex) -> BagAbout:
    """Describe a recording by its index."""
    topics = index.topics
    duration_s = (bag.end_ns - bag.start_ns) / 1e9
    images = list(dict.fromkeys((topics.color, topics.depth)))
    return BagAbout(
        name=bag.name,
        path=str(bag.path),
        start_ns=bag.start_ns,
        first_stamp_ns=min(index.streams[topics.color].stamps_ns, default=bag.start_ns),
        duration_s=duration_s,
        topics=tuple(
            {
                'name': topic.name,
                'type': topic.type,
                'count': topic.count,
                'mean_hz': topic.count / duration_s if duration_s > 0 else None,
                'latched': topic.latched,
            }
            for topic in sorted(bag.topics.values(), key=lambda each: each.name)
        ),
        camera={'color': topics.color, 'depth': topics.depth, 'camera_info': topics.info},
        pairs=_pairs(index, images),
        streams=tuple(
            health(name, index.streams[name], index.start_ns, index.end_ns) for name in images
        ),
        calibrations=1 if topics.is_one else len(index.infos),
    )


def _pairs(index: BagIndex, images: Sequence[str]) -> dict[str, Any]:
    paired = len(index.places)
    return {
        'count': paired,
        'unpaired': {name: len(index.streams[name].stamps_ns) - paired for name in images},
        'median_offset_ms': _median([place.offset_ns / 1e6 for place in index.places]),
        'most_offset_ms': max((abs(p.offset_ns) / 1e6 for p in index.places), default=math.nan),
    }


def _median(values: Sequence[float]) -> float:
    return statistics.median(values) if values else math.nan
