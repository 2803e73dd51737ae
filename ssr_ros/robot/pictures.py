# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Markers and the annotated picture for RViz and Foxglove: made only while somebody looks."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
import textwrap

from builtin_interfaces.msg import Duration
from geometry_msgs.msg import Point
import numpy as np
from numpy.typing import NDArray
from rclpy.lifecycle import LifecycleNode
from sensor_msgs.msg import Image
from std_msgs.msg import ColorRGBA, Header
from visualization_msgs.msg import Marker, MarkerArray

from ssr_ros.engine.answering import Answered, Answering, Reply
from ssr_ros.engine.intake import Intake
from ssr_ros.engine.one_answer import OneAnswer
from ssr_ros.engine.pace import Pace
from ssr_ros.engine.settings import PublishSettings
from ssr_ros.robot.messages import image_message, point, printable
from ssr_ros.robot.outputs import own
from ssr_ros.scene import SceneFacts, SceneObject
from ssr_ros.scene.draw import annotate

LIFETIME_S = 5
LINE_M = 0.004
TEXT_M = 0.05
TARGET_M = 0.03

YELLOW = ColorRGBA(r=1.0, g=0.85, b=0.1, a=1.0)
GREEN = ColorRGBA(r=0.2, g=0.9, b=0.3, a=1.0)
WHITE = ColorRGBA(r=1.0, g=1.0, b=1.0, a=1.0)

BEFORE_M = (0.0, -0.3, 1.0)
"""Where an answer stands that is about no one place: before the camera, over the middle."""

LINE_CHARACTERS = 60

# Corners are numbered by the bits right, forward, up; an edge joins two that differ in one bit.
EDGES = [(a, a | bit) for a in range(8) for bit in (1, 2, 4) if not a & bit]


class Pictures:
    """Shows what was asked about, and between questions the newest frame.

    Args:
        node: the publishers ``~/markers`` and ``~/annotated`` are its own.
        below: the name of the camera that they stand below; '' is none.
        settings: gives the current settings.
    """

    def __init__(
        self, node: LifecycleNode, below: str, settings: Callable[[], PublishSettings]
    ) -> None:
        self._settings = settings
        self._markers = node.create_lifecycle_publisher(MarkerArray, own(below, 'markers'), 1)
        self._annotated = node.create_lifecycle_publisher(Image, own(below, 'annotated'), 1)
        self._waiting: Reply | None = None
        self._pace = Pace()

    def show_later(self, reply: Reply) -> None:
        """Remember what to show when there is time."""
        self._waiting = reply

    def forget(self) -> None:
        """Let go of what waits to be shown."""
        self._waiting = None

    def refresh(self, answering: Answering, intake: Intake) -> None:
        """Show what is due.

        Raises:
            SsrError: the frame cannot be used.
        """
        reply, self._waiting = self._waiting, None
        if reply is not None:
            one = reply.one if isinstance(reply, Answered) else None
            self._show(reply.facts, reply.header, one)
        if not (self._watched('markers') or self._watched('annotated')):
            return
        snapshot = intake.peek()
        if snapshot is None or not self._pace.is_due(
            self._settings().max_rate_hz, snapshot.number
        ):
            return
        seen = answering.glimpse(snapshot)
        self._show(seen.facts, seen.header)

    def _watched(self, what: str) -> bool:
        publisher = self._markers if what == 'markers' else self._annotated
        return bool(getattr(self._settings(), what) and publisher.get_subscription_count())

    def _show(self, facts: SceneFacts, header: Header, one: OneAnswer | None = None) -> None:
        if self._watched('markers'):
            self._markers.publish(scene_markers(facts, header, one))
        if self._watched('annotated'):
            self._annotated.publish(image_message(annotate(facts.frame, facts), header))


def scene_markers(facts: SceneFacts, header: Header, one: OneAnswer | None = None) -> MarkerArray:
    """Draw every thing's box, name and distance; what was drawn before is cleared.

    Things that a source named are green, the others yellow.

    Args:
        facts: of the frame.
        header: of its colour image.
        one: what to act on: written where it is about, with a ball at its target.
    """
    markers = [Marker(header=header, action=Marker.DELETEALL)]
    axes = facts.gravity.axes
    for number, thing in enumerate(facts.objects):
        corners = box_corners_m(thing.low_m, thing.high_m, axes)
        markers.append(_box(number, thing, corners, header))
        markers.append(_label(number, thing, corners, header))
    if one is not None:
        markers += _answer(one, header)
    return MarkerArray(markers=markers)


def box_corners_m(
    low_m: NDArray[np.float64], high_m: NDArray[np.float64], axes: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the (8, 3) corners in the camera frame, metres, of a box along gravity's axes.

    Args:
        low_m: (3,) lower corner along right, forward, up, metres.
        high_m: (3,) upper corner.
        axes: (3, 3) rows right, forward, up in the camera frame.
    """
    choices = np.array([bits[::-1] for bits in product((0, 1), repeat=3)])
    return np.where(choices, high_m, low_m) @ axes


def _box(number: int, thing: SceneObject, corners: NDArray[np.float64], header: Header) -> Marker:
    lines: list[Point] = [point(corners[end]) for edge in EDGES for end in edge]
    box = Marker(header=header, ns='boxes', id=number, type=Marker.LINE_LIST, points=lines)
    return _styled(box, LINE_M, GREEN if thing.label else YELLOW)


def _label(
    number: int, thing: SceneObject, corners: NDArray[np.float64], header: Header
) -> Marker:
    text = f'{thing.name}\n{thing.distance_m:.2f} m'
    label = Marker(header=header, ns='names', id=number, type=Marker.TEXT_VIEW_FACING, text=text)
    label.pose.position = point(corners[4:].mean(axis=0))
    return _styled(label, TEXT_M, WHITE)


def _answer(one: OneAnswer, header: Header) -> list[Marker]:
    """The answer's words, over its target; that as a ball, where it has one."""
    text = textwrap.fill(printable(one.text), LINE_CHARACTERS)
    said = Marker(header=header, ns='answer', type=Marker.TEXT_VIEW_FACING, text=text)
    if not np.isfinite(one.target_m).all():
        said.pose.position = point(BEFORE_M)
        return [_styled(said, TEXT_M, GREEN)]
    ball = Marker(header=header, ns='target', type=Marker.SPHERE)
    ball.pose.position = point(one.target_m)
    ball.scale.y = TARGET_M
    said.pose.position = point(one.target_m - np.array([0.0, 3 * TEXT_M, 0.0]))
    return [_styled(said, TEXT_M, GREEN), _styled(ball, TARGET_M, GREEN)]


def _styled(marker: Marker, size_m: float, color: ColorRGBA) -> Marker:
    marker.pose.orientation.w = 1.0
    marker.scale.x = marker.scale.z = size_m
    marker.color = color
    marker.lifetime = Duration(sec=LIFETIME_S)
    return marker
