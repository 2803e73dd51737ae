# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Named regions read from messages: our own, those of vision_msgs and those of yolo_ros."""

from __future__ import annotations

from collections.abc import Callable
import math
from typing import Any

from ssr_ros.grounding import Detections, Grounded
from ssr_ros.rgbd.messages import stamp_ns

Box = tuple[float, float, float, float]


def region_of(region: Any) -> Grounded:
    """Read a NamedRegion.

    Raises:
        GroundingError: it is none.
    """
    box, score, source = region.box, float(region.score), region.source or 'given'
    if box.width == 0 and box.height == 0:
        return Grounded(region.name, None, score, source)
    x, y = float(box.x_offset), float(box.y_offset)
    if box.width == box.height == 1:
        return Grounded(region.name, None, score, source, point_px=(x, y))
    return Grounded(region.name, (x, y, x + box.width, y + box.height), score, source)


def regions_of(message: Any) -> Detections:
    """Read NamedRegions.

    Raises:
        GroundingError: a region is none.
    """
    regions = tuple(region_of(each) for each in message.regions)
    return Detections(
        regions, stamp_ns(message), message.header.frame_id, message.width, message.height
    )


def detections_of_vision(message: Any) -> Detections:
    """Read a vision_msgs/Detection2DArray; of several hypotheses the surest counts.

    Raises:
        GroundingError: a detection is none.
    """
    regions = []
    for each in message.detections:
        best = max(each.results, key=lambda result: result.hypothesis.score, default=None)
        if best is None:
            continue
        box = _upright(each.bbox.center, each.bbox.size_x, each.bbox.size_y)
        regions.append(_detected(best.hypothesis.class_id, box, best.hypothesis.score))
    return Detections(tuple(regions), stamp_ns(message), message.header.frame_id)


def detections_of_yolo(message: Any) -> Detections:
    """Read a yolo_msgs/DetectionArray, as yolo_ros sends it.

    Raises:
        GroundingError: a detection is none.
    """
    regions = []
    for each in message.detections:
        box = _upright(each.bbox.center, each.bbox.size.x, each.bbox.size.y)
        regions.append(_detected(each.class_name, box, each.score))
    return Detections(tuple(regions), stamp_ns(message), message.header.frame_id)


READERS: dict[str, Callable[[Any], Detections]] = {
    'vision_msgs/msg/Detection2DArray': detections_of_vision,
    'yolo_msgs/msg/DetectionArray': detections_of_yolo,
}
"""What reads each message that ``grounding.detections_type`` may name."""


def _detected(name: str, box: Box, score: float) -> Grounded:
    return Grounded(name, box, min(max(float(score), 0.0), 1.0), 'detections')


def _upright(center: Any, width: float, height: float) -> Box:
    """The upright box around one that may be turned, about its centre, by theta radians."""
    cos, sin = abs(math.cos(center.theta)), abs(math.sin(center.theta))
    x, y = center.position.x, center.position.y
    right, down = (cos * width + sin * height) / 2, (sin * width + cos * height) / 2
    return (x - right, y - down, x + right, y + down)
