# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""A thread for what is sent without a question, so that no answer ever waits for it."""

from __future__ import annotations

from collections.abc import Callable
import logging
import threading

log = logging.getLogger(__name__)


class Rounds:
    """Does something whenever it is woken, and every ``period_s`` seconds at least.

    Woken several times while it is at work it does it once more: what comes is never queued.

    Args:
        do: what to do; what it raises is logged and costs that round alone.
        period_s: seconds.
    """

    def __init__(self, do: Callable[[], None], period_s: float = 0.1) -> None:
        self._do, self._period_s = do, period_s
        self._wake = threading.Event()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name='ssr-rounds', daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """Say that there is something to do; returns at once."""
        self._wake.set()

    def stop(self, wait_s: float = 2.0) -> bool:
        """End the thread; return whether it ended in time."""
        self._stopping = True
        self._wake.set()
        self._thread.join(wait_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        while not self._stopping:
            self._wake.wait(self._period_s)
            self._wake.clear()
            if not self._stopping:
                self._round()

    def _round(self) -> None:
        try:
            self._do()
        except Exception:  # what is shown must not cost the answers, nor what is shown next
            log.exception('what is sent without a question failed')
