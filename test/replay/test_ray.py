# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Recordings asked on a Ray cluster of this machine; a worker that is killed costs only time."""

import json
import os
import shutil
import signal
import threading
import time

import pytest

pytest.importorskip('ray', reason="ray is not installed: pip install '.[ray]'")
pytest.importorskip('psutil', reason='workers are found through psutil')

import psutil

from ssr_ros.replay.rows import TIMES

QUESTIONS = """
every_s: 0.2
questions:
  - {ask: "How far is the red object?", expect: {number: 1.1, tolerance: 0.2}}
  - {ask: "How many objects are there?", expect: {count: 2}}
"""

PATIENCE = {
    'raylet_start_wait_time_s': '300',
    'health_check_initial_delay_ms': '60000',
    'health_check_timeout_ms': '60000',
    'health_check_failure_threshold': '20',
}
"""Of Ray with a machine that does much else at the time."""


def lines_without_times(path):
    rows = [json.loads(line) for line in path.read_text('utf-8').splitlines()]
    return [{name: row[name] for name in row if name not in TIMES} for row in rows]


def ray_workers():
    """Return the processes of this test's cluster that ask; its agents are called ray:: too."""
    found = []
    for process in psutil.Process().children(recursive=True):
        try:
            if 'ray::_ask' in ' '.join((process.name(), *process.cmdline())):
                found.append(process.pid)
        except psutil.Error:
            continue
    return found


def kill_one_worker_when(folder, killed):
    """Kill a worker as soon as it has written a row."""
    give_up = time.monotonic() + 120
    while time.monotonic() < give_up:
        if any(path.stat().st_size for path in folder.glob('parts/*.jsonl')):
            for pid in ray_workers()[:1]:
                os.kill(pid, signal.SIGKILL)
                killed.append(pid)
                return
        time.sleep(0.01)


def test_a_killed_worker_costs_nothing_but_time(ask, boxes, tmp_path, monkeypatch):
    for name, value in PATIENCE.items():
        monkeypatch.setenv(f'RAY_{name}', value)
    other = tmp_path / 'other'
    shutil.copytree(boxes, other)
    here = ask([boxes, other], QUESTIONS, 'here')
    killed = []
    killer = threading.Thread(target=kill_one_worker_when, args=(tmp_path / 'there', killed))
    killer.start()
    there = ask([boxes, other], QUESTIONS, 'there', engine='ray')
    killer.join()
    assert killed, 'a worker was killed while it asked'
    assert not there.failures
    assert lines_without_times(there.folder.answers) == lines_without_times(here.folder.answers)
