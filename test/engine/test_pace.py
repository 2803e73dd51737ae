# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What is sent without a question: so many times a second, of the newest frame, and counted."""

import threading

import pytest

from ssr_ros.engine.pace import Pace
from ssr_ros.engine.rounds import Rounds


@pytest.fixture
def clock(monkeypatch):
    class Clock:
        now_s = 100.0

        def __call__(self):
            return self.now_s

    clock = Clock()
    monkeypatch.setattr('time.monotonic', clock)
    return clock


def run(pace, clock, rate_hz, times):
    """Say at which times, with one frame every 0.1 s, it was due."""
    due = []
    for time_s in times:
        clock.now_s = 100.0 + time_s
        if pace.is_due(rate_hz, int(time_s * 10 + 0.5)):
            due.append(time_s)
    return due


def test_it_is_due_at_the_rate_and_never_twice_for_a_frame(clock):
    pace = Pace()
    assert run(pace, clock, 5.0, [0.0, 0.05, 0.1, 0.2, 0.3, 0.4]) == [0.0, 0.2, 0.4]
    clock.now_s += 10.0
    assert not pace.is_due(5.0, 4), 'the camera has stopped'
    assert not Pace().is_due(0.0, 1), 'never'
    assert (pace.kept, pace.missed) == (3, 0)


def test_every_frame_is_taken_at_the_rate_of_the_camera(clock):
    pace = Pace()
    times = [number / 10 + (number % 2) * 0.004 for number in range(20)]
    assert run(pace, clock, 10.0, times) == times
    assert pace.missed == 0


def test_the_rate_holds_on_average_where_frames_come_between(clock):
    """Of a camera of 30 Hz, 4 a second: every seventh or eighth frame."""
    pace = Pace()
    for number in range(301):
        clock.now_s = 100.0 + number / 30
        pace.is_due(4.0, number)
    assert pace.kept == 41 and pace.missed == 0


def test_what_was_due_while_nobody_came_is_counted(clock):
    pace = Pace()
    run(pace, clock, 10.0, [0.0, 0.1, 0.6])
    assert (pace.kept, pace.missed) == (3, 4), 'at 0.2, 0.3, 0.4 and 0.5'


def test_frames_that_never_came_are_not_missed(clock):
    pace = Pace()
    pace.is_due(10.0, 1)
    clock.now_s += 5.0
    assert pace.is_due(10.0, 2) and pace.missed == 0


def test_while_nobody_listens_nothing_is_missed(clock):
    pace = Pace()
    run(pace, clock, 10.0, [0.0])
    pace.rest()
    run(pace, clock, 10.0, [5.0])
    assert (pace.kept, pace.missed) == (2, 0)


def test_what_comes_during_a_round_is_done_once_afterwards():
    begun, go_on, rounds_done = threading.Event(), threading.Event(), []

    def do():
        begun.set()
        go_on.wait(5)
        rounds_done.append(1)

    rounds = Rounds(do, period_s=1000.0)
    rounds.wake()
    assert begun.wait(5)
    begun.clear()
    for _ in range(10):
        rounds.wake()
    go_on.set()
    assert begun.wait(5)
    assert rounds.stop()
    assert len(rounds_done) == 2


def test_a_round_that_fails_costs_that_round_alone(caplog):
    done = threading.Event()

    def do():
        if not caplog.records:
            raise ZeroDivisionError('nobody foresaw this')
        done.set()

    rounds = Rounds(do, period_s=0.01)
    assert done.wait(5)
    assert rounds.stop()
    assert 'without a question failed' in caplog.text
