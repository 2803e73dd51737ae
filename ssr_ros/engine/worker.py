# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""One thread that does the heavy work, one job after the other. No ROS in here.

The model is used by this thread alone, so it needs no lock, and the node's callbacks stay short.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from concurrent.futures import CancelledError, Future, InvalidStateError
from contextlib import suppress
import logging
import math
import threading
import time
from typing import Any

from ssr_ros.engine.request import Code, Refused

Job = tuple[Callable[[], Any], 'Future[Any]', bool]
"""What to do, whose result it is, and whether it must show signs of life."""

REVIVE = '`ros2 lifecycle set <node> deactivate`, then cleanup, configure and activate'

log = logging.getLogger(__name__)


class Worker:
    """Runs jobs in the order in which they came.

    A job that fails fails alone: its future holds the exception and the thread goes on. Only what
    is no ordinary exception (SystemExit and the like) ends the thread; then every job that waits
    is refused and ``alive`` is False. A job that shows no sign of life for too long cannot be
    ended; but nobody is left waiting for it, and the next ones are refused with the reason.

    Args:
        max_waiting: jobs that may wait; one more is refused.
        limit_s: gives how long a job may go on without a sign of life, in seconds.
        idle: called between jobs, about every ``idle_s`` seconds, when none waits.
        idle_s: seconds.
    """

    def __init__(
        self,
        max_waiting: int,
        limit_s: Callable[[], float] = lambda: math.inf,
        idle: Callable[[], None] | None = None,
        idle_s: float = 0.1,
    ) -> None:
        self._max_waiting = max_waiting
        self._limit_s = limit_s
        self._idle, self._idle_s = idle, idle_s
        self._jobs: deque[Job] = deque()
        self._current: Future[Any] | None = None
        self._busy_since_s: float | None = None
        self._sign_s = 0.0
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

    @property
    def stuck(self) -> str:
        """Since when the current job has shown no sign of life, in words; empty while it has."""
        silent_s, limit_s = time.monotonic() - self._sign_s, self._limit_s()
        if self._busy_since_s is None or silent_s < limit_s:
            return ''
        since = time.strftime('%H:%M:%S', time.localtime(time.time() - silent_s))
        return (
            f'the question being answered has shown no sign of life since {since} ({silent_s:.0f} '
            f's; answer.limit_s allows {limit_s:g}). If it does not come back, bring the node '
            f'back: {REVIVE}'
        )

    def show_life(self) -> None:
        """Say that the current job goes on; called from within it."""
        self._sign_s = time.monotonic()

    def let_go_if_stuck(self) -> None:
        """Refuse every job that waits for one that shows no sign of life, and that one itself."""
        stuck = self.stuck
        if stuck:
            self.refuse_all(Refused(Code.BUSY, stuck))

    def submit(self, job: Callable[[], Any], limited: bool = True) -> Future[Any]:
        """Queue a job.

        Args:
            job: what to do.
            limited: whether it must show signs of life; loading a model does not.

        Raises:
            Refused: BUSY when too many wait already or the current one shows no sign of life,
                INTERNAL when the thread has died.
        """
        with self._changed:
            if self._stopping or not self.alive:
                raise _dead()
            stuck = self.stuck
            if stuck:
                raise Refused(Code.BUSY, stuck)
            self._forget_cancelled()
            if len(self._jobs) >= self._max_waiting:
                raise Refused(
                    Code.BUSY,
                    f'{len(self._jobs)} questions wait already, which is the most that '
                    f'question.max_waiting allows (the model has been busy for {self.busy_s:.1f} '
                    's): ask again later',
                )
            future: Future[Any] = Future()
            self._jobs.append((job, future, limited))
            self._changed.notify()
            return future

    def refuse_all(self, reason: Refused) -> None:
        """Let every job that waits or runs end with this reason; a running one is not awaited."""
        with self._changed:
            self._forget_cancelled()
            futures = [future for _, future, _ in self._jobs]
            self._jobs.clear()
            current = self._current
        for future in [*futures, *([current] if current else [])]:
            _fail(future, reason)

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
                job = self._next()
                if job is None:
                    self._idle_once()
                elif job[1].set_running_or_notify_cancel():
                    self._do(*job)
        finally:
            # Also after SystemExit and the like: nobody may wait for a dead thread.
            with self._changed:
                self._stopping = True
            self.refuse_all(_dead())

    def _next(self) -> Job | None:
        with self._changed:
            if not self._jobs and not self._stopping:
                self._changed.wait(self._idle_s if self._idle else None)
            return self._jobs.popleft() if self._jobs else None

    def _do(self, job: Callable[[], Any], future: Future[Any], limited: bool) -> None:
        self._current = future
        self._begin(limited)
        try:
            result = job()
        except Exception as error:  # handed to whoever asked, who tells a refusal from a bug
            _fail(future, error)
        else:
            _finish(future, result)
        self._current = self._busy_since_s = None

    def _begin(self, limited: bool) -> None:
        self._busy_since_s = time.monotonic()
        self._sign_s = self._busy_since_s if limited else math.inf

    def _idle_once(self) -> None:
        if self._idle is None or self._stopping:
            return
        self._begin(limited=True)
        try:
            self._idle()
        except Exception:  # what is done ahead must not cost the answers
            log.exception('what is done between questions failed')
        self._busy_since_s = None


def outcome(future: Future[Any]) -> BaseException | None:
    """Return what a finished future failed with, or None."""
    try:
        return future.exception()
    except CancelledError:
        return Refused(Code.CANCELLED, 'the question was cancelled before its turn came')


def _finish(future: Future[Any], result: Any) -> None:
    """Settle a future that another thread may have settled first."""
    with suppress(InvalidStateError):
        future.set_result(result)


def _fail(future: Future[Any], error: Exception) -> None:
    """Settle it likewise, without a result."""
    with suppress(InvalidStateError):
        future.set_exception(error)


def _dead() -> Refused:
    return Refused(
        Code.INTERNAL,
        "the node's worker thread is not running; its log says why. Bring it back: " + REVIVE,
    )
