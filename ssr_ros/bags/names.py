# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What was recorded about names: named regions and detections of the same images."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
import logging
from typing import Any

from ssr_ros.bags.index import BagIndex, FramePlace, Key
from ssr_ros.bags.read import Bag, BagMessage
from ssr_ros.errors import BagError, GroundingError
from ssr_ros.grounding import Detections
from ssr_ros.robot.detections import READERS, regions_of

logger = logging.getLogger(__name__)

REGIONS_TYPE = 'ssr_ros/msg/NamedRegions'
READ: dict[str, Callable[[Any], Detections]] = {REGIONS_TYPE: regions_of, **READERS}


def name_topics(bag: Bag, only: Sequence[str] | None = None) -> list[str]:
    """Return the topics of a recording that say what things are called.

    Args:
        bag: an open one.
        only: those to use; None: all of a type that can be read.

    Raises:
        BagError: a named topic is not there, or of another type.
    """
    for name in only or ():
        kind = bag.topics[name].type if name in bag.topics else 'not in the recording'
        if kind not in READ:
            raise BagError(f'{bag.path}: {name} is {kind}; expected one of {", ".join(READ)}')
    found = [topic.name for topic in bag.topics.values() if topic.type in READ]
    return sorted(found if only is None else only)


class RecordedNames:
    """Finds what was recorded about the names in a frame.

    Args:
        index: with the times of the topics.
        topics: of ``name_topics``.
        tolerance_ns: largest difference of the stamps of an image and what is said about it.
    """

    def __init__(self, index: BagIndex, topics: Sequence[str], tolerance_ns: int) -> None:
        self._tolerance_ns = tolerance_ns
        self._times = {
            topic: sorted(
                zip(index.streams[topic].stamps_ns, index.streams[topic].recorded_ns, strict=True)
            )
            for topic in topics
        }

    def of(self, place: FramePlace) -> list[Key]:
        """Return where the messages about a frame are."""
        found: list[Key] = []
        for topic, times in self._times.items():
            at = bisect_left(times, (place.stamp_ns, 0))
            near = times[max(0, at - 1) : at + 1]
            best = min(near, key=lambda time: abs(time[0] - place.stamp_ns), default=None)
            if best is not None and abs(best[0] - place.stamp_ns) <= self._tolerance_ns:
                found.append((topic, best[1], best[0]))
        return found


def read_names(
    bag: Bag, messages: Sequence[BagMessage]
) -> tuple[list[Detections], list[Detections]]:
    """Decode what was recorded: (named regions, detections); what cannot be used is logged."""
    regions: list[Detections] = []
    detections: list[Detections] = []
    for message in messages:
        try:
            found = READ[message.type](bag.decode(message))
        except (BagError, GroundingError, AttributeError) as error:  # fields of another version
            logger.warning('%s: not used: %s', message.topic, error)
            continue
        (regions if message.type == REGIONS_TYPE else detections).append(found)
    return regions, detections
