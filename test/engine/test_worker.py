# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

from concurrent.futures import wait
import re
import threading
import time
from types import SimpleNamespace

import pytest

from ssr_ros.engine.request import Code, Refused
from ssr_ros.engine.worker import outcome, Worker

GONE = Refused(Code.NOT_ACTIVE, 'gone')


@pytest.fixture
def worker():
    worker = Worker(max_waiting=2)
    yield worker
    worker.stop(GONE)


def blocked(worker):
    """Keep the worker busy; return its future and what lets it go on."""
    started, go_on = threading.Event(), threading.Event()

    def job():
        started.set()
        go_on.wait(5)
        return 'done'

    future = worker.submit(job)
    assert started.wait(5)
    return future, go_on


def test_jobs_run_one_after_the_other_in_one_thread(worker):
    threads = [worker.submit(threading.get_ident).result(5) for _ in range(2)]
    assert threads[0] == threads[1] != threading.get_ident()


def test_a_job_that_fails_fails_alone(worker):
    failed = worker.submit(lambda: 1 / 0)
    assert isinstance(failed.exception(5), ZeroDivisionError)
    assert worker.submit(lambda: 'next').result(5) == 'next'


def test_one_job_more_than_may_wait_is_refused_as_busy(worker):
    _, go_on = blocked(worker)
    waiting = [worker.submit(lambda: 1) for _ in range(2)]
    with pytest.raises(Refused, match='2 questions wait') as refused:
        worker.submit(lambda: 1)
    assert refused.value.code == Code.BUSY
    go_on.set()
    assert [future.result(5) for future in waiting] == [1, 1]


def test_a_job_that_waits_can_be_cancelled(worker):
    _, go_on = blocked(worker)
    waiting = worker.submit(lambda: pytest.fail('it was cancelled'))
    assert waiting.cancel()
    go_on.set()
    assert outcome(waiting).code == Code.CANCELLED
    assert worker.submit(lambda: 2).result(5) == 2


def test_a_cancelled_job_holds_up_neither_a_place_nor_the_end(worker):
    """A cancelled future counts as done for wait() only when its executor has been told."""
    _, go_on = blocked(worker)
    cancelled = [worker.submit(lambda: 1) for _ in range(2)]
    assert all(future.cancel() for future in cancelled)
    last = worker.submit(lambda: 1)
    assert last.cancel()
    worker.refuse_all(GONE)
    go_on.set()
    assert not wait([*cancelled, last], 1).not_done


def test_refusing_all_lets_go_of_the_one_that_runs_too(worker):
    running, go_on = blocked(worker)
    waiting = worker.submit(lambda: 1)
    worker.refuse_all(GONE)
    assert outcome(running) is GONE and outcome(waiting) is GONE
    go_on.set()  # its late result must not kill the thread
    assert worker.submit(lambda: 3).result(5) == 3


@pytest.mark.filterwarnings('ignore::pytest.PytestUnhandledThreadExceptionWarning')
def test_a_thread_that_dies_takes_nobody_with_it(worker):
    """Whoever waits is told; whoever asks later is refused; the death is visible."""

    def die():
        raise SystemExit(3)

    _, go_on = blocked(worker)
    dying, waiting = worker.submit(die), worker.submit(lambda: 1)
    go_on.set()
    assert outcome(dying).code == Code.INTERNAL
    assert outcome(waiting).code == Code.INTERNAL
    assert worker.stop(GONE), 'it is dead already'
    assert not worker.alive
    with pytest.raises(Refused, match='worker thread is not running'):
        worker.submit(lambda: 1)


def test_a_job_without_a_sign_of_life_lets_everybody_go():
    """It cannot be ended; but who waits for it, or comes after it, is told since when it runs."""
    limit_s = 1000.0
    worker = Worker(max_waiting=2, limit_s=lambda: limit_s)
    running, go_on = blocked(worker)
    waiting = worker.submit(lambda: 1)
    worker.let_go_if_stuck()
    assert not worker.stuck and not running.done() and not waiting.done()
    limit_s = 0.0
    assert re.search(r'no sign of life since \d\d:\d\d:\d\d', worker.stuck)
    worker.let_go_if_stuck()
    for future in (running, waiting):
        assert outcome(future).code == Code.BUSY and 'since' in str(outcome(future))
    with pytest.raises(Refused, match=r'no sign of life since .* lifecycle set') as refused:
        worker.submit(lambda: 1)
    assert refused.value.code == Code.BUSY
    limit_s = 1000.0
    go_on.set()
    assert worker.submit(lambda: 'back').result(5) == 'back', 'should it come back after all'
    worker.stop(GONE)


def test_a_job_that_shows_life_is_not_stuck(monkeypatch):
    now_s = 100.0
    clock = SimpleNamespace(monotonic=lambda: now_s, time=time.time, strftime=time.strftime)
    clock.localtime = time.localtime
    monkeypatch.setattr('ssr_ros.engine.worker.time', clock)
    worker = Worker(max_waiting=2, limit_s=lambda: 10.0)
    _, go_on = blocked(worker)
    now_s = 109.0
    worker.show_life()
    now_s = 118.0
    assert not worker.stuck and worker.busy_s == 18.0
    now_s = 119.5
    assert worker.stuck
    go_on.set()
    worker.stop(GONE)


def test_idle_work_is_done_between_jobs_and_may_fail():
    called = threading.Event()

    def idle():
        called.set()
        raise ValueError('pictures are not worth an answer')

    worker = Worker(max_waiting=1, idle=idle, idle_s=0.001)
    assert called.wait(5)
    assert worker.submit(lambda: 4).result(5) == 4
    worker.stop(GONE)


def test_stopping_ends_the_thread(worker):
    assert worker.stop(GONE)
    assert not worker.alive
