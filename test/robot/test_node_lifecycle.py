# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The life of the real node: states, parameters, quality of service, beginning and end."""

import signal
import time

import pytest

pytest.importorskip('rclpy', reason='needs ROS 2')
pytest.importorskip('ssr_ros.msg', reason='needs the generated interfaces')

from patience import wait_for
from rclpy.qos import DurabilityPolicy, qos_profile_sensor_data, QoSProfile
from ros_bench import shared_memory_of
from ros_images import color_message, info_message
from sensor_msgs.msg import CameraInfo
from ssr_ros.msg import ErrorCode

from ssr_ros.robot.main import main


def test_started_alone_it_brings_itself_to_active(shared_robot):
    assert shared_robot.state() == 'active'


def test_an_inactive_node_says_so_and_how_to_change_it(robot):
    robot.show_and_ask()
    assert robot.change('deactivate')
    for reply in (robot.ask(), robot.measure()):
        assert reply.error_code == ErrorCode.NOT_ACTIVE
        assert 'ros2 lifecycle set' in reply.error_msg
    assert robot.goal_result(robot.send_goal('Well?'))[1].error_code == ErrorCode.NOT_ACTIVE
    assert robot.change('activate')


def test_deactivating_forgets_the_frames(robot):
    robot.show_and_ask()
    assert robot.change('deactivate') and robot.change('activate')
    assert robot.ask().error_code == ErrorCode.NO_FRAME


def test_deactivating_ends_a_question_that_is_being_answered(robot):
    robot.show_and_ask()
    slow = robot.ask_later('slowly 400')
    time.sleep(0.3)
    assert robot.change('deactivate')
    assert robot.bench.result(slow, 10).error_code == ErrorCode.NOT_ACTIVE
    robot.make_fresh()
    assert robot.show_and_ask()[1].error_code == 0, 'and the worker is free again'


def test_a_question_does_not_live_on_into_the_next_active_state(robot):
    """Back in the active state before its next token, it must not think that all is well."""
    robot.show_and_ask()
    robot.ask_later('slowly 2000', max_new_tokens=2000)  # 100 s: longer than the test waits
    time.sleep(0.3)
    assert robot.change('deactivate') and robot.change('activate')
    assert robot.show_and_ask()[1].error_code == 0


def test_all_transitions_can_be_repeated(robot):
    for _ in range(3):
        assert robot.change('deactivate') and robot.change('cleanup')
        assert robot.state() == 'unconfigured'
        assert robot.change('configure') and robot.change('activate')
    assert robot.show_and_ask()[1].error_code == 0


def test_a_transition_that_is_not_possible_fails_and_nothing_else(robot):
    """Rclpy raises out of the service's callback, which would end the process."""
    assert not robot.change('configure')
    assert robot.state() == 'active'
    assert robot.show_and_ask()[1].error_code == 0


def test_parameters_describe_themselves(robot):
    age, device, noise = robot.describe('max_frame_age_ms', 'model.device', 'depth.noise_model')
    assert 'milliseconds' in age.description and not age.read_only
    assert age.floating_point_range[0].from_value == 0.0
    assert device.read_only
    assert 'stereo, tof, none' in noise.additional_constraints


def test_parameters_change_all_or_none(robot):
    refused = robot.set_parameters(max_frame_age_ms=100.0, depth__noise_model='laser')
    assert not refused.successful and 'one of stereo, tof, none' in refused.reason
    robot.show_and_ask()
    time.sleep(0.2)
    assert robot.ask().error_code == 0, 'the age of 60 s is still allowed'
    assert robot.set_parameters(max_frame_age_ms=100.0, depth__noise_model='tof').successful
    assert robot.ask().error_code == ErrorCode.FRAME_TOO_OLD
    restored = robot.set_parameters(max_frame_age_ms=60000.0, depth__noise_model='stereo')
    assert restored.successful


def test_load_time_parameters_cannot_be_changed(robot):
    refused = robot.set_parameters(model__path='ssr-7b')
    assert not refused.successful and 'read-only' in refused.reason


def test_a_target_frame_without_tf2_is_refused_in_words(robot):
    try:
        import tf2_ros  # noqa: F401

        pytest.skip('tf2_ros is installed here')
    except ImportError:
        pass
    refused = robot.set_parameters(target_frame='map')
    assert not refused.successful and 'tf2_ros' in refused.reason


def test_a_misspelt_parameter_ends_the_start_with_the_right_name(ros):
    robot = ros.start_node('model.pth:=fake', wait=False)
    assert robot.process.wait(30) == 2
    assert "unknown key 'model.pth'. Did you mean 'model.path'?" in robot.log()
    assert 'Traceback' not in robot.log()


def test_a_manager_may_do_the_transitions(ros):
    robot = ros.start_node('model.path:=fake', 'auto_activate:=false')
    assert robot.state() == 'unconfigured'
    assert robot.change('configure') and robot.change('activate')
    assert robot.show_and_ask()[1].error_code == 0
    assert robot.end() == 0


def test_shutting_down_in_the_active_state_leaves_nothing_running(ros):
    robot = ros.start_node('model.path:=fake')
    slow = robot.ask_later('slowly 2000', max_new_tokens=2000)
    assert robot.change('shutdown')
    assert robot.bench.result(slow).error_code != 0
    assert robot.state() == 'finalized'
    assert robot.ask().error_code == ErrorCode.NOT_ACTIVE
    assert robot.end() == 0


@pytest.mark.parametrize(
    ('path', 'words'),
    [('missing-tensor', 'mamba.backbone.norm_f.weight'), ('pickle', 'safetensors')],
)
def test_a_bad_checkpoint_leaves_a_node_that_says_why(ros, path, words):
    robot = ros.start_node(f'model.path:={path}')
    assert robot.state() == 'unconfigured'
    reply = robot.ask()
    assert reply.error_code == ErrorCode.MODEL_FAILED and words in reply.error_msg
    robot.wait_for_diagnostic('model', 2, words)
    assert words in robot.log() and 'Traceback' not in robot.log()
    assert not robot.change('configure') and robot.state() == 'unconfigured'
    assert robot.end() == 0


def test_untrained_weights_never_look_like_an_answer(ros):
    robot = ros.start_node('model.path:=fake-untrained')
    _, reply = robot.show_and_ask()
    assert reply.answer.text.startswith('[untrained weights] ')
    assert not reply.answer.trained
    assert reply.answer.agreement == reply.answer.AGREEMENT_UNKNOWN
    heard = []
    goal = robot.send_goal('slowly 2', lambda m: heard.append(m.feedback.text_so_far))
    robot.goal_result(goal)
    wait_for(lambda: heard)
    assert all(text.startswith('[untrained weights] ') for text in heard)
    robot.wait_for_diagnostic('model', 1, 'untrained weights')
    assert 'UNTRAINED' in robot.log()
    robot.end()


def test_a_publisher_that_does_not_fit_is_named_with_both_sides_and_the_cure(ros):
    robot = ros.start_node('model.path:=fake', 'qos.image:=RELIABLE')
    robot.bench.node.create_publisher(
        type(color_message()), robot.name('color/image_raw'), qos_profile_sensor_data
    )
    wait_for(lambda: 'BEST_EFFORT' in robot.log(), robot.log)
    assert 'bench offers BEST_EFFORT' in robot.ask().error_msg
    for words in ('offers BEST_EFFORT', 'asks for RELIABLE', 'qos.image:=SENSOR_DATA'):
        assert words in robot.ask().error_msg and words in robot.log()
    assert robot.log().count(']: color: on') == 1, 'it warns once'
    robot.end()


def test_other_topic_names_are_remapped_or_set(ros):
    robot = ros.start_node(
        'model.path:=fake',
        'depth.topic:=kinect/depth',
        remap=['color/image_raw:=kinect/rgb', 'color/camera_info:=kinect/info'],
    )
    robot.rename(
        {
            'color/image_raw': 'kinect/rgb',
            'depth/image_raw': 'kinect/depth',
            'color/camera_info': 'kinect/info',
        }
    )
    assert robot.show_and_ask()[1].answer.text == 'about 1.90 metres'
    robot.end()


def test_stamps_of_another_clock_are_aged_since_arrival_and_reported(ros):
    """A bag of last year, played without /clock, is answered about all the same."""
    robot = ros.start_node('model.path:=fake', 'max_frame_age_ms:=1500.0')
    _, reply = robot.show_and_ask(stamp_ns=time.time_ns() - 365 * 86_400 * 10**9)
    assert reply.error_code == 0 and 0 <= reply.answer.age_ms < 1500
    robot.wait_for_diagnostic('camera', 1, 'use_sim_time')
    wait_for(lambda: robot.ask().error_code == ErrorCode.FRAME_TOO_OLD)
    assert 'arrived' in robot.ask().error_msg
    robot.end()


def test_simulated_time_without_a_clock_does_not_stop_it(ros):
    """Timers of the node's own clock would stand still: it would never become active."""
    robot = ros.start_node('model.path:=fake', 'use_sim_time:=true')
    assert robot.state() == 'active'
    assert robot.show_and_ask()[1].error_code == 0
    robot.wait_for_diagnostic('camera', 1, 'clock')
    robot.end()


def test_a_camera_info_that_was_latched_before_the_start_is_found(robot):
    node = robot.bench.node
    latched = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)
    publisher = node.create_publisher(CameraInfo, robot.name('color/camera_info'), latched)
    publisher.publish(info_message())
    robot.make_fresh()
    wait_for(lambda: robot.show(info=None) and robot.ask().error_code == 0, robot.log)
    node.destroy_publisher(publisher)


@pytest.mark.parametrize('times', [1, 2])
def test_interrupting_it_while_it_loads_neither_waits_nor_leaves_anything_behind(ros, times):
    """`ros2 launch` sends SIGINT twice; each such end once left 34 MB of shared memory."""
    robot = ros.start_node('model.path:=slow-to-load', wait=False)
    wait_for(lambda: 'loading' in robot.log(), robot.log, timeout_s=60)
    used = shared_memory_of(robot.process)
    for _ in range(times - 1):
        robot.process.send_signal(signal.SIGINT)
        time.sleep(0.05)
    assert robot.end(timeout_s=30) == 0, 'loading takes 100 s'
    assert used and not [path for path in used if path.exists()]
    assert 'Traceback' not in robot.log()


@pytest.mark.parametrize('stop', [signal.SIGINT, signal.SIGTERM])
def test_interrupting_it_while_it_answers_ends_it_cleanly(ros, stop):
    robot = ros.start_node('model.path:=fake')
    robot.show_and_ask()
    robot.ask_later('slowly 400')
    time.sleep(0.3)
    robot.process.send_signal(stop)
    assert robot.process.wait(8) == 0, robot.log()
    assert 'Traceback' not in robot.log()


def test_a_question_that_never_comes_back_is_given_up_and_the_node_says_since_when(ros):
    """One CameraInfo once wedged the node for good, without a word and beyond Ctrl-C."""
    robot = ros.start_node('model.path:=fake', 'answer.limit_s:=1.0', 'max_frame_age_ms:=0.0')
    robot.show_and_ask()
    lost = robot.ask_later('hang')
    time.sleep(0.2)
    waiting = robot.ask_later('How far is it?')
    for reply in (robot.bench.result(lost), robot.bench.result(waiting), robot.ask()):
        assert reply.error_code == ErrorCode.BUSY and 'no sign of life since' in reply.error_msg
    robot.wait_for_diagnostic('worker', 2, 'no sign of life since')
    robot.make_fresh()
    assert robot.ask().error_code == ErrorCode.BUSY, 'the thread is still in there'
    assert robot.change('deactivate') and robot.change('cleanup')
    robot.make_fresh()
    assert robot.show_and_ask()[1].error_code == 0, 'a new one answers'
    robot.ask_later('hang')
    time.sleep(0.2)
    assert robot.end() == 0
    assert 'Traceback' not in robot.log()


def test_a_process_that_is_frozen_ends_with_a_traceback_of_where(ros):
    robot = ros.start_node('model.path:=fake', 'answer.limit_s:=2.0', 'max_frame_age_ms:=0.0')
    robot.show_and_ask()
    time.sleep(2.5)  # until the watch, which looks once a second, has seen it active
    robot.ask_later('freeze')
    assert robot.process.wait(60) == 1
    assert 'Timeout' in robot.log() and 'fake_reasoner.py' in robot.log()


def test_help_shows_an_example_and_starts_nothing(capsys):
    assert main(['ssr_node', '--help']) == 0
    assert '--ros-args -p model.path:=nano' in capsys.readouterr().out
