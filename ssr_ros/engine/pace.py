# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Doing something with the newest frame so many times a second, and counting what was missed."""

from __future__ import annotations

import time

EARLY = 0.1
"""How much of a period too early a frame may come."""


class Pace:
    """Says when it is time again.

    Attributes:
        kept: how often it was time.
        missed: how often it would have been, with a frame there, and nobody came.
    """

    def __init__(self) -> None:
        self.kept = self.missed = 0
        self._next_s, self._last_number = 0.0, -1

    def is_due(self, rate_hz: float, number: int) -> bool:
        """Whether it is time to do it with a frame; if so, the time until the next begins.

        Args:
            rate_hz: how often; 0 is never.
            number: of the newest frame; each one is taken once.
        """
        now_s = time.monotonic()
        if rate_hz <= 0 or number == self._last_number:
            return False
        period_s = 1 / rate_hz
        if self._last_number < 0:
            self._next_s, self._last_number = now_s, number - 1
        # A frame that comes a little early is meant: of 30 Hz every one, at a rate of 30 Hz.
        late = (now_s - self._next_s) / period_s + EARLY
        if late < 0:
            return False
        self.missed += min(int(late), number - self._last_number - 1)
        self.kept += 1
        self._next_s += (int(late) + 1) * period_s
        self._last_number = number
        return True

    def rest(self) -> None:
        """Begin anew: for a while nothing was wanted, so nothing was missed."""
        self._last_number = -1
