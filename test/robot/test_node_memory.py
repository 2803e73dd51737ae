# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The real node remembers what it saw, and sends what it sees without a question."""

import json
import time

import pytest

pytest.importorskip('rclpy', reason='needs ROS 2')
pytest.importorskip('ssr_ros.msg', reason='needs the generated interfaces')

from builtin_interfaces.msg import Time
import numpy as np
from patience import wait_for
from ros_images import depth_message, HEIGHT, WIDTH
from ssr_ros.msg import ErrorCode, Scene

from ssr_ros import cli


def wall(depth_m):
    return depth_message(np.full((HEIGHT, WIDTH), depth_m, np.float32))


def show_past(robot, depths_m, pause_s=0.25):
    """Show walls one after the other, each long enough to be remembered; return their stamps."""
    stamps_ns = []
    for depth_m in depths_m:
        stamps_ns.append(robot.show(depth=wall(depth_m)))
        time.sleep(pause_s)
    return stamps_ns


@pytest.fixture(scope='module')
def mindful(ros):
    """A node that remembers ten frames, looked at ten times a second."""
    robot = ros.start_node(
        'model.path:=fake',
        'memory.rate_hz:=10.0',
        'memory.max_scenes:=10',
        'memory.tolerance_s:=0.2',
    )
    yield robot
    assert robot.end() == 0


@pytest.fixture
def remembering(mindful):
    mindful.make_fresh()
    mindful.show_and_ask()
    return mindful


def test_the_past_is_asked_about_without_encoding_it_again(remembering):
    stamps_ns = show_past(remembering, [1.0, 2.0, 3.0])
    then = Time(sec=stamps_ns[0] // 10**9, nanosec=stamps_ns[0] % 10**9)
    answer = remembering.ask(stamp=then).answer
    assert (answer.error_msg, answer.text) == ('', 'about 1.00 metres')
    assert answer.header.stamp == then and answer.work.encoder_calls == 0
    ago_s = (time.time_ns() - stamps_ns[1]) / 1e9
    answer = remembering.ask(ago_s=ago_s).answer
    assert answer.text == 'about 2.00 metres' and answer.work.encoder_calls == 0
    assert answer.age_ms == pytest.approx(ago_s * 1e3, abs=500)
    reply = remembering.measure(stamp=then)
    assert reply.header.stamp == then and reply.error_code == ErrorCode.NONE


def test_the_command_line_asks_a_running_node_about_the_past(remembering, capsys):
    stamp_ns, _ = show_past(remembering, [1.0, 2.0])
    arguments = ['ask', '--robot', '--namespace', remembering.namespace, '--timeout', '20']
    when = ['--stamp', f'{stamp_ns // 10**9}.{stamp_ns % 10**9:09d}']
    assert cli.main([*arguments, *when, '--json', 'How far?']) == 0
    (answer,) = json.loads(capsys.readouterr().out)['answers']
    assert (answer['text'], answer['stamp_ns']) == ('about 1.00 metres', stamp_ns)
    assert cli.main([*arguments, '--ago', '100', 'How far?']) == 1
    assert 'kept: ' in capsys.readouterr().err
    assert cli.main([*arguments, '--camera', 'left', 'How far?']) == 1
    assert 'one camera, without a name' in capsys.readouterr().err


def test_what_is_forgotten_is_refused_with_what_is_kept(remembering):
    show_past(remembering, [1.0, 2.0])
    reply = remembering.ask(ago_s=100.0)
    assert reply.error_code == ErrorCode.NOT_KEPT
    assert 'kept: ' in reply.error_msg and ' scenes from ' in reply.error_msg
    assert remembering.ask(ago_s=1.0, stamp=Time(sec=1)).error_code == ErrorCode.BAD_REQUEST
    assert remembering.measure(ago_s=-1.0).error_code == ErrorCode.BAD_REQUEST


def test_deactivating_forgets_and_diagnostics_count(remembering):
    show_past(remembering, [1.0, 2.0, 1.0])
    wait_for(
        lambda: int(remembering.diagnostic_values('camera').get('remembered scenes', 0)) >= 3, 10
    )
    assert float(remembering.diagnostic_values('camera')['remembered (MB)']) > 0.05
    remembering.make_fresh()
    remembering.show_and_ask()
    assert 'kept: 1 scene from' in remembering.ask(ago_s=100.0).error_msg


def test_objects_and_planes_come_without_a_question(remembering):
    heard = remembering.listen(Scene, 'ssr/objects')

    def came():
        remembering.show()
        time.sleep(0.05)
        return len(heard) >= 3

    wait_for(came, lambda: f'{len(heard)} came')
    scene = heard[-1]
    assert scene.header.frame_id == 'camera' and scene.camera == ''
    assert any(thing.color == 'red' for thing in scene.objects)
    assert scene.planes and scene.valid_ratio == 1.0
    assert 0 <= scene.age_ms < 5000
    stamps = [(each.header.stamp.sec, each.header.stamp.nanosec) for each in heard]
    assert stamps == sorted(set(stamps)), 'each frame once, the newest last'
    wait_for(lambda: int(remembering.diagnostic_values('camera')['objects sent']) >= 3)


def test_detections_in_three_dimensions_come_without_a_question(remembering):
    vision = pytest.importorskip('vision_msgs.msg', reason='needs vision_msgs (apt, or built)')
    heard = remembering.listen(vision.Detection3DArray, 'ssr/detections')

    def came():
        remembering.show()
        time.sleep(0.05)
        return len(heard) >= 2

    wait_for(came)
    (thing,) = heard[-1].detections
    assert thing.bbox.center.position.z == pytest.approx(1.2, abs=0.02)


def test_nothing_is_computed_while_nobody_listens(ros):
    robot = ros.start_node('model.path:=fake')
    robot.show_and_ask()
    for _ in range(10):
        robot.show()
        time.sleep(0.05)
    robot.diagnostics.clear()
    wait_for(lambda: 'camera' in robot.diagnostics)
    assert robot.diagnostic_values('camera')['objects sent'] == '0'
    assert robot.end() == 0


def test_answers_do_not_wait_for_what_is_sent_without_a_question(remembering):
    """A long answer is being written, and objects go on coming; and the other way round."""
    heard = remembering.listen(Scene, 'ssr/objects')
    slow = remembering.ask_later('slowly 60 words')
    before = len(heard)

    def came():
        remembering.show()
        time.sleep(0.05)
        return len(heard) >= before + 3

    wait_for(came)
    assert not slow.done(), 'they came while the worker was busy'
    assert remembering.bench.result(slow).error_code == ErrorCode.NONE
