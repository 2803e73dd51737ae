# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""When a run ends that does not go by its steps alone: by the clock, or because somebody asks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
import logging
import signal
import threading
import time
from types import FrameType

logger = logging.getLogger(__name__)


class Clock:
    """How much of a run's time is over.

    Attributes:
        decides: whether the run ends by it.
    """

    def __init__(self, minutes: float, until: float) -> None:
        """Set it.

        Args:
            minutes: from the first step on; 0 for no end.
            until: seconds since 1970; 0 for no end.
        """
        self.decides = bool(minutes or until)
        self._minutes = minutes
        self._until = until
        self._began = 0.0
        self._length_s = 0.0

    def start(self) -> None:
        """Begin, unless it has begun."""
        if self._began:
            return
        self._began = time.monotonic()
        ends = [60 * self._minutes] if self._minutes else []
        if self._until:
            ends.append(self._until - time.time())
        self._length_s = min(ends, default=0.0)

    def seconds(self) -> float:
        """Return the seconds since it began."""
        return time.monotonic() - self._began

    def share(self) -> float:
        """Return which share of the time is over; 0 where there is no end.

        All of it where the end had passed before it began: one step is made then, of rate 0.
        """
        if self._length_s < 0:
            return 1.0
        return self.seconds() / self._length_s if self._length_s else 0.0


def never() -> bool:
    """Nobody asks."""
    return False


@contextmanager
def asked_to_stop() -> Iterator[Callable[[], bool]]:
    """While it lasts, SIGINT and SIGTERM ask a run to end with its step; a second one ends it.

    Also where a script's shell made the process deaf to SIGINT, as it does with what runs beside
    it. Yields what says whether somebody has asked.
    """
    if threading.current_thread() is not threading.main_thread():
        yield never
        return
    asked = threading.Event()

    def note(number: int, frame: FrameType | None) -> None:
        logger.warning('asked to stop: saving after this step')
        asked.set()
        signal.signal(signal.SIGINT, signal.default_int_handler)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)

    before = {each: signal.signal(each, note) for each in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield asked.is_set
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


def leave_signals_to_the_run(worker: int) -> None:
    """Let a process that reads samples live on until the run ends: a terminal asks both."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
