# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The real node with two cameras: one model, and topics, memory and troubles of their own."""

import pytest

pytest.importorskip('rclpy', reason='needs ROS 2')
pytest.importorskip('ssr_ros.msg', reason='needs the generated interfaces')

import numpy as np
from patience import wait_for
from ros_images import depth_message, HEIGHT, WIDTH
from ssr_ros.msg import ErrorCode, Scene, SpatialAnswer
from std_msgs.msg import String

STREAMS = ('color/camera_info', 'color/image_raw', 'depth/image_raw')


@pytest.fixture(scope='module')
def two(ros):
    """A node with the cameras front and back."""
    robot = ros.start_node(
        'model.path:=fake',
        'max_frame_age_ms:=0.0',
        "cameras:=['front', 'back']",
        'back.camera.roll_deg:=90.0',
    )
    yield robot
    assert robot.end() == 0


def show(robot, camera, depth_m):
    """Show a wall to one camera until a question about it is answered; return the reply."""
    robot.rename({topic: f'{camera}/{topic}' for topic in STREAMS})
    wall = depth_message(np.full((HEIGHT, WIDTH), depth_m, np.float32))
    replies = []

    def answered():
        stamp_ns = robot.show(depth=wall)
        replies.append(robot.ask(camera=camera))
        stamp = replies[-1].answer.header.stamp
        return stamp.sec * 10**9 + stamp.nanosec == stamp_ns

    wait_for(answered, lambda: replies[-1].error_msg)
    return replies[-1]


def test_each_camera_is_asked_by_name_and_the_model_is_loaded_once(two):
    front, back = show(two, 'front', 1.0), show(two, 'back', 2.0)
    assert (front.answer.text, front.answer.camera) == ('about 1.00 metres', 'front')
    assert (back.answer.text, back.answer.camera) == ('about 2.00 metres', 'back')
    assert two.ask(camera='front').answer.text == 'about 1.00 metres'
    assert two.ask(camera='front').answer.work.encoder_calls == 0, 'each keeps its own scene'
    assert two.log().count('loading fake') == two.log().count('ready: ') == 1
    assert two.measure(camera='back').camera == 'back'
    assert two.measure(camera='back').gravity_source == 'parameter'
    assert two.measure(camera='front').gravity_source != 'parameter'


def test_a_question_that_names_no_camera_is_refused_with_their_names(two):
    for camera, words in (('', 'several cameras'), ('left', "no camera 'left'")):
        reply = two.ask(camera=camera)
        assert reply.error_code == ErrorCode.BAD_REQUEST
        assert words in reply.error_msg and 'one of front, back' in reply.error_msg


def test_each_camera_has_a_topic_for_questions(two):
    show(two, 'back', 2.0)
    heard = two.listen(SpatialAnswer, 'ssr/answer')
    two.publish('ssr/back/question', String(data='How far?'))
    wait_for(lambda: heard)
    assert (heard[0].text, heard[0].camera) == ('about 2.00 metres', 'back')
    two.publish('ssr/question', String(data='How far?'))
    wait_for(lambda: len(heard) > 1)
    assert 'one of front, back' in heard[1].error_msg


def test_each_camera_sends_its_own_objects_and_has_its_own_diagnostics(two):
    heard = {name: two.listen(Scene, f'ssr/{name}/objects') for name in ('front', 'back')}

    def both():
        for name in heard:
            show(two, name, 1.5)
        return all(heard.values())

    wait_for(both)
    assert {each.camera for each in heard['front']} == {'front'}
    assert {each.camera for each in heard['back']} == {'back'}
    wait_for(lambda: {'camera front', 'camera back'} <= set(two.diagnostics))
    wait_for(lambda: int(two.diagnostic_values('camera back')['pairs in all']) > 0)


def test_own_parameters_change_while_the_node_runs(two):
    show(two, 'front', 1.0)
    assert two.set_parameters(front__camera__pitch_deg=10.0).successful
    assert two.measure(camera='front').gravity_source == 'parameter'
    assert two.set_parameters(front__camera__pitch_deg=0.0).successful
    assert not two.set_parameters(front__camera__pitch_deg=100.0).successful
    assert not two.set_parameters(front__color__topic='elsewhere').successful
    (described,) = two.describe('back.depth.max_m')
    assert 'metres' in described.description


def test_a_silent_camera_is_told_which_of_its_own_parameters_to_set(ros):
    robot = ros.start_node('model.path:=fake', "cameras:=['front', 'back']")
    reply = robot.ask(camera='back')
    assert reply.error_code == ErrorCode.NO_FRAME
    assert 'set back.color.topic' in reply.error_msg
    assert robot.end() == 0


def test_one_camera_with_a_name_needs_none_in_the_question(ros):
    robot = ros.start_node('model.path:=fake', 'max_frame_age_ms:=0.0', "cameras:=['wrist']")
    robot.rename({topic: f'wrist/{topic}' for topic in STREAMS})
    _, reply = robot.show_and_ask()
    assert (reply.error_msg, reply.answer.camera) == ('', 'wrist')
    assert robot.end() == 0


def test_a_name_that_cannot_be_one_ends_the_start(ros):
    robot = ros.start_node('model.path:=fake', "cameras:=['depth', 'back']", wait=False)
    assert robot.process.wait(60) == 2
    assert 'cannot be the name of a camera' in robot.log()
