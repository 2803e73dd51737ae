# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""A client that asks without waiting for answers, and sees the clock and the diagnostics."""

from __future__ import annotations

from collections.abc import Callable, Mapping
import time
from typing import Any

from diagnostic_msgs.msg import DiagnosticArray
from rosgraph_msgs.msg import Clock
from sensor_msgs.msg import RegionOfInterest

from ssr_ros.msg import NamedRegion
from ssr_ros.robot.client import SsrClient
from ssr_ros.srv import AskSpatial

Box = tuple[float, float, float, float]


class Asked:
    """A question that is on its way.

    Attributes:
        sent_s: monotonic time at which it was sent.
        done_s: monotonic time at which its answer came; 0 before.
        answer: ssr_ros/msg/SpatialAnswer; None before.
    """

    def __init__(self, future: Any) -> None:
        self.sent_s, self.done_s, self.answer = time.monotonic(), 0.0, None
        future.add_done_callback(self._note)

    def _note(self, future: Any) -> None:
        self.done_s, self.answer = time.monotonic(), future.result().answer


class LiveClient(SsrClient):
    """Asks a node while a recording is played at it.

    Args:
        namespace: that of the node.
        keep_going: asked while waiting; it may raise to end the wait.

    Attributes:
        clock_ns: what /clock said last, nanoseconds; 0 before.
        diagnostics: status -> key -> value, as the node said last.
    """

    def __init__(self, namespace: str, keep_going: Callable[[], None]) -> None:
        super().__init__(namespace, keep_going)
        self.clock_ns = 0
        self.diagnostics: dict[str, dict[str, str]] = {}
        self._namespace = namespace
        self._node.create_subscription(Clock, '/clock', self._hear_clock, 10)
        self._node.create_subscription(DiagnosticArray, '/diagnostics', self._hear, 10)

    def send(self, question: str, regions: Mapping[str, Box], with_rationale: bool) -> Asked:
        """Ask, and return at once.

        Args:
            question: in plain English.
            regions: name -> (x0, y0, x1, y1) pixels, half-open.
            with_rationale: write the rationale out too.
        """
        request = AskSpatial.Request(
            question=question,
            with_rationale=with_rationale,
            regions=[_region(name, box) for name, box in regions.items()],
        )
        return Asked(self._ask.call_async(request))

    def spin(self, seconds: float) -> None:
        """Let messages come in for a moment."""
        self._wait(seconds)

    def _hear_clock(self, message: Any) -> None:
        self.clock_ns = message.clock.sec * 1_000_000_000 + message.clock.nanosec

    def _hear(self, message: Any) -> None:
        for status in message.status:
            name, _, what = status.name.partition(': ')
            if name.startswith(f'{self._namespace}/'):
                self.diagnostics[what] = {each.key: each.value for each in status.values}


def _region(name: str, box: Box) -> Any:
    x0, y0, x1, y1 = (max(0, round(edge)) for edge in box)
    area = RegionOfInterest(x_offset=x0, y_offset=y0, width=x1 - x0, height=y1 - y0)
    return NamedRegion(name=name, box=area, score=float('nan'), source='question file')
