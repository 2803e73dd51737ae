# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""One thread that does the heavy work, one job after the other. No ROS in here.

The model is used by this thread alone, so it needs no lock, and the node's callbacks stay short.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from concurrent.futures import CancelledError, Future, InvalidStateError
import logging
import threading
import time
from typing import Any

from ssr_ros.engine.refusals import Code, Refused

log = logging.getLogger(__name__)


class Worker:
    """Runs jobs in the order in which they came.

    A job that fails fails alone: its future holds the exception and the thread goes on. Only what
    is no ordinary exception (SystemExit and the like) ends the thread; then every job that waits
    is refused and ``alive`` is False.

    Args:
        max_waiting: jobs that may wait; one more is refused.
        idle: called between jobs, about every ``idle_s`` seconds, when none waits.
        idle_s: seconds.
    """

    def __init__(
        self, max_waiting: int, idle: Callable[[], None] | None = None, idle_s: float = 0.1
    ) -> None:
        self._max_waiting = max_waiting
        self._idle, self._idle_s = idle, idle_s
        self._jobs: deque[tuple[Callable[[], Any], Future[Any]]] = deque()
        self._current: Future[Any] | None = None
        self._busy_since_s: float | None = None
        self._changed = threading.Condition()
        self._stopping = False
        # A daemon: a long inference must not keep the process alive after Ctrl-C.
        self._thread = threading.Thread(target=self._run, name='ssr-worker', daemon=True)
        self._thread.start()

    @property
    def alive(self) -> bool:
        """Whether the thread runs."""
        return self._thread.is_alive()

    @property
    def waiting(self) -> int:
        """How many jobs wait."""
        return len(self._jobs)

    @property
    def busy_s(self) -> float:
        """For how long the current job has been running, in seconds; 0 when idle."""
        since_s = self._busy_since_s
        return 0.0 if since_s is None else time.monotonic() - since_s

    def submit(self, job: Callable[[], Any]) -> Future[Any]:
        """Queue a job.

        Raises:
            Refused: BUSY when too many wait already, INTERNAL when the thread has died.
        """
        with self._changed:
            if self._stopping or not self.alive:
                raise _dead()
            self._forget_cancelled()
            if len(self._jobs) >= self._max_waiting:
                raise Refused(
                    Code.BUSY,
                    f'{len(self._jobs)} questions wait already, which is the most that '
                    f'question.max_waiting allows (the model has been busy for {self.busy_s:.1f} '
                    's): ask again later',
                )
            future: Future[Any] = Future()
            self._jobs.append((job, future))
            self._changed.notify()
            return future

    def refuse_all(self, reason: Refused) -> None:
        """Let every job that waits or runs end with this reason; a running one is not awaited."""
        with self._changed:
            self._forget_cancelled()
            futures = [future for _, future in self._jobs]
            self._jobs.clear()
            current = self._current
        for future in [*futures, *([current] if current else [])]:
            _finish(future, lambda future=future: future.set_exception(reason))

    def stop(self, reason: Refused, wait_s: float = 5.0) -> bool:
        """Refuse all jobs and end the thread; return whether it ended in time."""
        with self._changed:
            self._stopping = True
            self._changed.notify()
        self.refuse_all(reason)
        self._thread.join(wait_s)
        return not self.alive

    def _forget_cancelled(self) -> None:
        for job in [job for job in self._jobs if job[1].cancelled()]:
            self._jobs.remove(job)
            job[1].set_running_or_notify_cancel()  # else wait() would wait for it for ever

    def _run(self) -> None:
        try:
            while not self._stopping:
                job, future = self._next()
                if job is None:
                    self._idle_once()
                elif future.set_running_or_notify_cancel():
                    self._do(job, future)
        finally:
            # Also after SystemExit and the like: nobody may wait for a dead thread.
            with self._changed:
                self._stopping = True
            self.refuse_all(_dead())

    def _next(self) -> tuple[Callable[[], Any] | None, Future[Any]]:
        with self._changed:
            if not self._jobs and not self._stopping:
                self._changed.wait(self._idle_s if self._idle else None)
            return self._jobs.popleft() if self._jobs else (None, Future())

    def _do(self, job: Callable[[], Any], future: Future[Any]) -> None:
        self._current, self._busy_since_s = future, time.monotonic()
        try:
            result = job()
        except Exception as error:  # handed to whoever asked, who tells a refusal from a bug
            _finish(future, lambda error=error: future.set_exception(error))
        else:
            _finish(future, lambda: future.set_result(result))
        self._current = self._busy_since_s = None

    def _idle_once(self) -> None:
        if self._idle is None or self._stopping:
            return
        try:
            self._idle()
        except Exception:  # pictures for RViz must not cost the answers
            log.exception('refreshing the markers failed')


def outcome(future: Future[Any]) -> BaseException | None:
    """Return what a finished future failed with, or None."""
    try:
        return future.exception()
    except CancelledError:
        return Refused(Code.CANCELLED, 'the question was cancelled before its turn came')


def _finish(future: Future[Any], settle: Callable[[], None]) -> None:
    """Settle a future that another thread may have settled first."""
    try:
        settle()
    except InvalidStateError:
        log.debug('the job had been refused while it ran: %s', future)


def _dead() -> Refused:
    return Refused(
        Code.INTERNAL,
        "the node's worker thread is not running; its log says why. Bring it back with "
        '`ros2 lifecycle set <node> deactivate`, then cleanup, configure and activate',
    )
