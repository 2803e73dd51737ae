# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Programs that are stopped while they wait for an answer, or play: nothing of them stays."""

import contextlib
import os
import signal
import subprocess
import sys
import time

import pytest

pytest.importorskip('rclpy', reason='needs ROS 2')

SSR_ROS = [sys.executable, '-m', 'ssr_ros.cli']
CODES = {signal.SIGINT: 130, signal.SIGTERM: 143}


@pytest.fixture
def start():
    """Start a verb as a terminal does: a shell's background jobs would have SIGINT ignored."""
    with contextlib.ExitStack() as stack:

        def start(*command):
            process = subprocess.Popen(
                [*SSR_ROS, *command],
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                env={**os.environ, 'PYTHONUNBUFFERED': '1'},
                preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
            )
            stack.enter_context(process)
            stack.callback(process.kill)  # a test that fails leaves none behind
            return process

        yield start


def memory_of(process):
    """Wait until a process is in the ROS graph; return its segments of shared memory."""
    from patience import wait_for
    from ros_bench import shared_memory_of

    def explained():
        process.kill()  # its last words end with it
        return process.communicate()[1]

    used = set()
    wait_for(lambda: used.update(shared_memory_of(process)) or used, explained)
    return used


def stopped(process, signals):
    for sign in signals:
        process.send_signal(sign)
    _, error = process.communicate(timeout=60)
    assert 'Traceback' not in error, error
    return process.returncode, error


@pytest.mark.parametrize('sign', list(CODES), ids=lambda sign: sign.name)
def test_who_is_stopped_while_a_question_is_answered_leaves_nothing_behind(robot, start, sign):
    """SIGTERM left 18 segments of shared memory, for good."""
    robot.show_and_ask()
    process = start('ask', '--robot', '--namespace', robot.namespace, 'slowly 100')
    used = memory_of(process)
    time.sleep(1.0)  # until it has asked; stopped before, it leaves as well
    code, error = stopped(process, [sign])
    assert code == CODES[sign], error
    assert used and not [path for path in used if path.exists()]


@pytest.mark.parametrize(
    'signals',
    [[signal.SIGINT], [signal.SIGTERM], [signal.SIGINT] * 2, [signal.SIGTERM] * 3],
    ids=lambda signals: f'{len(signals)} {signals[0].name}',
)
def test_who_is_stopped_while_it_plays_leaves_nothing_behind(ros, start, signals):
    pytest.importorskip('rosbags.rosbag2', reason='bags are read through rosbags')
    process = start('bag', 'play', 'demo', '--loop', '--namespace', '/nobody')
    used = memory_of(process)
    code, error = stopped(process, signals)
    assert code == CODES[signals[0]], error
    assert used and not [path for path in used if path.exists()]
