# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""``ssr-ros check --robot`` beside a running node: what it sees, and what it says to do."""

from contextlib import contextmanager
import json
import threading

import pytest

pytest.importorskip('rclpy', reason='needs ROS 2')
pytest.importorskip('ssr_ros.msg', reason='needs the generated interfaces')

import numpy as np
from ros_images import depth_message, HEIGHT, WIDTH

from ssr_ros import cli


@contextmanager
def camera(robot, **fields):
    """Let a camera send at about 20 Hz while something else is done."""
    ended = threading.Event()

    def send():
        while not ended.wait(0.05):
            robot.show(**fields)

    thread = threading.Thread(target=send)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def check(robot, capsys, seconds=2.0):
    """Run the command; return its exit code and name -> (level, message, values)."""
    arguments = ['--robot', '--json', '--namespace', robot.namespace, '--seconds', str(seconds)]
    code = cli.main(['check', *arguments])
    found = json.loads(capsys.readouterr().out)['findings']
    return code, {each['name']: (each['level'], each['message'], each['values']) for each in found}


def ready(robot, capsys):
    """Run it until all is well: on a busy machine a camera is not found at once."""
    for seconds in (2.0, 4.0, 8.0):
        code, found = check(robot, capsys, seconds)
        if code == 0:
            break
    return code, found


def test_a_node_with_a_camera_is_ready(robot, capsys):
    robot.show_and_ask()
    with camera(robot):
        code, found = ready(robot, capsys)
    assert code == 0, found
    assert found['node'][:2] == ('ok', f'{robot.namespace}/ssr is active')
    level, message, values = found['camera']
    assert level == 'ok' and 'pairs a second' in message
    assert values['color (Hz)'] > 0 and values['pairing ratio'] > 0.5
    assert 'bench, Image, RELIABLE' in values['color']
    assert f'{WIDTH}x{HEIGHT}' in found['frame'][1] and '100 %' in found['frame'][1]
    assert 'things' in found['answer'][1]
    assert found['clock'][:2] == ('ok', 'the system time')


def test_what_is_wrong_is_said_with_its_cure(robot, capsys):
    robot.show_and_ask()
    with camera(robot, depth=depth_message(np.zeros((HEIGHT, WIDTH), np.float32))):
        code, found = check(robot, capsys)
    assert code == 1 and 'answer' in found, found
    assert found['frame'][0] == 'error' and 'no valid pixel' in found['frame'][1]
    assert found['answer'][0] == 'error' and 'no valid pixel' in found['answer'][1]
    assert robot.change('deactivate')
    code, found = check(robot, capsys, 1.0)
    assert found['node'][0] == 'warning' and 'set ' in found['node'][1]
    assert robot.change('activate')


def test_a_silent_camera_and_simulated_time_without_a_clock_are_named(ros, capsys):
    robot = ros.start_node('model.path:=fake', 'use_sim_time:=true', 'color.topic:=nobody')
    code, found = check(robot, capsys, 1.0)
    assert code == 1
    assert 'nothing publishes /clock' in found['clock'][1]
    assert f'nothing publishes on {robot.namespace}/nobody' in found['camera'][1]
    assert found['camera'][2]['color'].endswith('no publisher')
    assert robot.end() == 0


def test_remapped_topics_are_those_that_the_node_listens_to(ros, capsys):
    robot = ros.start_node(
        'model.path:=fake',
        remap=['color/image_raw:=cam/rgb', 'depth/image_raw:=cam/depth'],
    )
    robot.rename({'color/image_raw': 'cam/rgb', 'depth/image_raw': 'cam/depth'})
    robot.show_and_ask()
    with camera(robot):
        code, found = ready(robot, capsys)
    assert code == 0, found
    assert found['camera'][2]['color'].startswith(f'{robot.namespace}/cam/rgb: ')
    assert found['camera'][2]['depth'].startswith(f'{robot.namespace}/cam/depth: ')
    assert robot.end() == 0


def test_no_node_is_said_and_bad_options_are_refused(ros, capsys):
    code = cli.main(['check', '--robot', '--namespace', '/nowhere', '--seconds', '0.5'])
    assert code == 1
    assert 'no node /nowhere/ssr answers' in ' '.join(capsys.readouterr().out.split())
    assert cli.main(['check', '--robot', '--seconds', '-1']) == 2
