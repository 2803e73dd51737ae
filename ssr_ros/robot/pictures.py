# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The facts as RViz markers: a wire box and a label per object, in the camera's frame."""

from __future__ import annotations

from itertools import product
from typing import Any

from builtin_interfaces.msg import Duration
from geometry_msgs.msg import Point
import numpy as np
from std_msgs.msg import ColorRGBA, Header
from visualization_msgs.msg import Marker, MarkerArray

from ssr_ros.robot.messages import point

LIFETIME_S = 5
LINE_M = 0.004
TEXT_M = 0.05

# Corners are numbered by the bits right, forward, up; an edge joins two that differ in one bit.
EDGES = [(a, a | bit) for a in range(8) for bit in (1, 2, 4) if not a & bit]


def scene_markers(facts: Any, header: Header) -> MarkerArray:
    """Draw every object's box, name and distance; what was drawn before is cleared."""
    markers = [Marker(header=header, action=Marker.DELETEALL)]
    axes = facts.gravity.axes
    for number, thing in enumerate(facts.objects):
        corners = box_corners_m(thing.low_m, thing.high_m, axes)
        markers.append(_box(number, corners, header))
        markers.append(_label(number, thing, corners, header))
    return MarkerArray(markers=markers)


def box_corners_m(low_m: Any, high_m: Any, axes: Any) -> Any:
    """Return the (8, 3) corners in the camera frame, metres, of a box along gravity's axes.

    Args:
        low_m: (3,) lower corner along right, forward, up, metres.
        high_m: (3,) upper corner.
        axes: (3, 3) rows right, forward, up in the camera frame.
    """
    choices = np.array([bits[::-1] for bits in product((0, 1), repeat=3)])
    return np.where(choices, high_m, low_m) @ axes


def _box(number: int, corners: Any, header: Header) -> Marker:
    lines: list[Point] = [point(corners[end]) for edge in EDGES for end in edge]
    box = Marker(header=header, ns='boxes', id=number, type=Marker.LINE_LIST, points=lines)
    return _styled(box, LINE_M, ColorRGBA(r=1.0, g=0.85, b=0.1, a=1.0))


def _label(number: int, thing: Any, corners: Any, header: Header) -> Marker:
    text = f'{thing.name}\n{thing.distance_m:.2f} m'
    label = Marker(header=header, ns='names', id=number, type=Marker.TEXT_VIEW_FACING, text=text)
    label.pose.position = point(corners[4:].mean(axis=0))
    return _styled(label, TEXT_M, ColorRGBA(r=1.0, g=1.0, b=1.0, a=1.0))


def _styled(marker: Marker, size_m: float, color: ColorRGBA) -> Marker:
    marker.pose.orientation.w = 1.0
    marker.scale.x = marker.scale.z = size_m
    marker.color = color
    marker.lifetime = Duration(sec=LIFETIME_S)
    return marker
