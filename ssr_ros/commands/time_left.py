# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""How far a long run is, and how long it will still take, on one line of a terminal."""

from __future__ import annotations

import sys
import time

EVERY_S = 0.2


class TimeLeft:
    """Counts steps and shows them where somebody watches; into a file nothing is written.

    Attributes:
        steps: how many were counted.

    Args:
        total: steps; None for a run that goes on until it is stopped.
        before: of these, how many an earlier run has done: they tell nothing about the pace.
    """

    def __init__(self, total: int | None, before: int = 0) -> None:
        self._total, self._before = total, before
        self.steps = 0
        self._began_s = self._shown_s = time.monotonic()
        self._watched = sys.stderr.isatty()

    def show(self, doing: str) -> None:
        """Count one step, and say what was done."""
        self.steps += 1
        now_s = time.monotonic()
        if self._watched and now_s - self._shown_s > EVERY_S:
            self._shown_s = now_s
            text = '  '.join([*self._so_far(now_s), doing])
            print(f'\r  {text[:96]:96}', end='', file=sys.stderr, flush=True)

    def done(self) -> None:
        """Take the line away."""
        if self._watched:
            print(f'\r{"":98}\r', end='', file=sys.stderr, flush=True)

    def _so_far(self, now_s: float) -> list[str]:
        if self._total is None:
            return [str(self.steps)]
        fresh = self.steps - self._before
        if fresh < 1:
            return [f'{self.steps}/{self._total}', 'kept']
        left_s = (self._total - self.steps) * (now_s - self._began_s) / fresh
        return [f'{self.steps}/{self._total}', f'{duration(left_s)} left']


def duration(seconds: float) -> str:
    """Return a time in words that are as exact as they need to be: '40 s', '12 min', '3 h 05'."""
    if seconds < 90:
        return f'{seconds:.0f} s'
    minutes = round(seconds / 60)
    return f'{minutes} min' if minutes < 90 else f'{minutes // 60} h {minutes % 60:02}'
