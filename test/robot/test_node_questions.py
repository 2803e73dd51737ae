# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Asking the real node: services, the action, the topics, and what comes with an answer."""

import time

import numpy as np
import pytest

pytest.importorskip('rclpy', reason='needs ROS 2')
pytest.importorskip('ssr_ros.msg', reason='needs the generated interfaces')

from patience import wait_for
from ros_images import depth_message, HEIGHT, WIDTH
from sensor_msgs.msg import Image, RegionOfInterest
from ssr_ros.msg import ErrorCode, SpatialAnswer
from visualization_msgs.msg import Marker, MarkerArray


def test_an_answer_carries_stamp_frame_objects_and_evidence(robot):
    stamp_ns, reply = robot.show_and_ask(question='How far is the red object?')
    answer = reply.answer
    assert answer.header.stamp.sec * 10**9 + answer.header.stamp.nanosec == stamp_ns
    assert answer.header.frame_id == 'camera'
    assert answer.question == 'How far is the red object?'
    assert answer.trained and answer.model == 'a fake reasoner for tests'
    red = next(thing for thing in answer.objects if thing.color == 'red')
    assert (red.box.x_offset, red.box.y_offset, red.box.width, red.box.height) == (22, 14, 20, 20)
    assert red.center.z == pytest.approx(1.2, abs=0.02)
    assert red.size.x == pytest.approx(20 / 60 * 1.2, rel=0.1)
    assert answer.has_measured_value and answer.measured_unit == 'm'
    assert answer.measured_value == pytest.approx(1.2, abs=0.03)
    assert red.name in [name for fact in answer.evidence for name in fact.subjects]
    assert 0 < answer.age_ms < 60_000
    names = [stage.name for stage in answer.timings]
    assert names[0] == 'frame.convert' and names[-1] == 'total' and 'scene.measure' in names


def test_a_text_that_contradicts_the_measurement_is_flagged(robot):
    """The fake says the mean of the whole image, 1.90 m; the red box is 1.2 m away."""
    _, reply = robot.show_and_ask(question='How far is the red object?')
    assert reply.answer.text == 'about 1.90 metres'
    assert reply.answer.agreement == SpatialAnswer.AGREEMENT_CONTRADICTS
    assert reply.answer.agreement_reason


def test_a_second_question_on_a_frame_does_no_encoder_work(robot):
    question = 'Which one is nearer?'
    robot.show_and_ask(question=question)
    second = robot.ask(question).answer.work
    assert second.encoder_calls == 0
    assert second.mamba_tokens == len(question.split()) + 10
    robot.show()
    wait_for(lambda: robot.ask(question).answer.work.encoder_calls == 0)


def test_a_new_frame_is_encoded_once_and_counted_with_its_first_question(robot):
    robot.show_and_ask()
    stamp_ns = robot.show(depth=depth_message(_plane(1.0)))
    answers = []
    wait_for(lambda: answers.append(robot.ask().answer) or answers[-1].text[6:10] == '1.00')
    assert answers[-1].header.stamp.nanosec == stamp_ns % 10**9
    assert answers[-1].work.encoder_calls == 3
    assert robot.ask().answer.work.encoder_calls == 0


def test_the_rationale_is_written_out_when_asked_for(robot):
    robot.show_and_ask()
    assert robot.ask().answer.rationale == ''
    assert robot.ask(with_rationale=True).answer.rationale == 'because it is a fake'


def test_a_request_can_limit_the_length(robot):
    robot.show_and_ask()
    assert robot.ask('slowly 20', max_new_tokens=3).answer.text == 'word word word'


def test_one_question_too_many_is_told_that_the_node_is_busy(robot):
    robot.show_and_ask()
    futures = [robot.ask_later('slowly 2000', max_new_tokens=2000) for _ in range(8)]
    wait_for(lambda: sum(future.done() for future in futures) == 3)
    told = [future.result() for future in futures if future.done()]
    assert [reply.error_code for reply in told] == [ErrorCode.BUSY] * 3, 'one runs, four wait'
    assert '4 questions wait already' in told[0].error_msg
    assert 'question.max_waiting' in told[0].error_msg
    assert robot.change('deactivate')
    codes = [robot.bench.result(future).error_code for future in futures]
    assert sorted(codes) == [ErrorCode.NOT_ACTIVE] * 5 + [ErrorCode.BUSY] * 3


@pytest.mark.parametrize('way', ['service', 'goal', 'topic'])
def test_of_two_hundred_questions_at_once_each_is_answered_or_refused(robot, way):
    """With ROS's own queues of ten, two thirds of them vanished without a word."""
    robot.show_and_ask()
    robot.ask_later('slowly 20')
    codes = getattr(robot.crowd, way)(clients=10, each=20)
    assert len(codes) == 200
    assert set(codes) == {0, ErrorCode.BUSY}, 'answered, or told to ask again later'


def test_images_arrive_while_a_question_is_answered(robot):
    """The newest frame wins: a slow answer must not leave a queue of old frames behind."""
    robot.show_and_ask()
    slow = robot.ask_later('slowly 60')
    for distance in (1.0, 1.1, 1.2):
        robot.show(depth=depth_message(_plane(distance)))
        time.sleep(0.05)
    assert not slow.done()
    assert robot.ask().answer.text == 'about 1.20 metres'
    assert robot.bench.result(slow).error_code == 0


def test_a_goal_streams_the_text_so_far_and_succeeds_once(robot):
    robot.show_and_ask()
    heard = []
    goal = robot.send_goal('slowly 5', lambda message: heard.append(message.feedback))
    status, result = robot.goal_result(goal)
    assert (status, result.error_code, result.error_msg) == ('succeeded', 0, '')
    assert result.answer.text == 'word word word word word'
    wait_for(lambda: len(heard) == 5)
    assert [each.text_so_far for each in heard] == [' '.join(['word'] * n) for n in range(1, 6)]
    assert [each.tokens for each in heard] == [1, 2, 3, 4, 5]


def test_a_goal_is_cancelled_within_a_token(robot):
    robot.show_and_ask()
    heard = []
    goal = robot.send_goal('slowly 200', lambda message: heard.append(message.feedback.tokens))
    wait_for(lambda: len(heard) >= 3)
    robot.bench.result(goal.cancel_goal_async())
    at_cancel = heard[-1]
    status, result = robot.goal_result(goal)
    assert (status, result.error_code) == ('canceled', ErrorCode.CANCELLED)
    assert heard[-1] <= at_cancel + 2, 'the token that was under way, and one in the mail'
    assert robot.ask().error_code == 0


def test_a_goal_that_waits_can_be_cancelled_before_its_turn(robot):
    robot.show_and_ask()
    slow = robot.ask_later('slowly 2000', max_new_tokens=2000)
    time.sleep(0.3)
    goal = robot.send_goal('slowly 1')
    robot.bench.result(goal.cancel_goal_async())
    status, result = robot.goal_result(goal)
    assert (status, result.error_code) == ('canceled', ErrorCode.CANCELLED)
    assert not slow.done(), 'it did not have to wait for the one before'
    assert robot.change('deactivate')
    assert robot.bench.result(slow).error_code == ErrorCode.NOT_ACTIVE


def test_a_goal_with_a_bad_question_is_aborted_with_the_reason(robot):
    robot.show_and_ask()
    status, result = robot.goal_result(robot.send_goal(''))
    assert (status, result.error_code) == ('aborted', ErrorCode.BAD_QUESTION)
    assert 'empty' in result.error_msg


def test_a_question_on_the_topic_is_answered_on_the_topic(robot):
    heard = robot.listen(SpatialAnswer, 'ssr/answer')
    robot.show_and_ask()
    robot.question_topic('How far is it?')
    wait_for(lambda: heard)
    assert (heard[0].question, heard[0].text) == ('How far is it?', 'about 1.90 metres')
    robot.question_topic('')
    wait_for(lambda: len(heard) == 2)
    assert heard[1].error_code == ErrorCode.BAD_QUESTION


def test_measuring_needs_no_question_and_no_model(robot):
    robot.show_and_ask()
    facts = robot.measure()
    assert (facts.error_code, facts.measured_text, facts.has_measured_value) == (0, '', False)
    assert facts.objects[0].color == 'red'
    assert facts.valid_ratio == 1.0
    assert facts.rationale and facts.evidence
    wall = facts.planes[0]
    assert wall.center.z == pytest.approx(2.0, abs=0.05)
    assert wall.normal.z == pytest.approx(-1.0, abs=0.01)
    normal, center = wall.normal, wall.center
    on_plane = normal.x * center.x + normal.y * center.y + normal.z * center.z + wall.offset_m
    assert on_plane == pytest.approx(0.0, abs=0.02)


def test_measuring_with_a_question_answers_it_from_geometry(robot):
    robot.show_and_ask()
    facts = robot.measure(question='How far is the red object?')
    assert facts.answered and facts.has_measured_value
    assert facts.measured_value == pytest.approx(1.2, abs=0.03)


def test_a_region_is_measured_where_it_was_asked_for(robot):
    robot.show_and_ask()
    box = RegionOfInterest(x_offset=22, y_offset=14, width=20, height=20)
    facts = robot.measure(region=box)
    assert facts.has_region
    assert facts.region_point.z == pytest.approx(1.2, abs=0.01)
    assert facts.region_extent.x == pytest.approx(20 / 60 * 1.2, rel=0.15)
    assert facts.region_extent.z == pytest.approx(0.0, abs=0.02)
    pixel = RegionOfInterest(x_offset=2, y_offset=2, width=1, height=1)
    assert robot.measure(region=pixel).region_point.z == pytest.approx(2.0, abs=0.01)


def test_markers_and_the_annotated_picture_come_while_somebody_looks(robot):
    markers = robot.listen(MarkerArray, 'ssr/markers')
    pictures = robot.listen(Image, 'ssr/annotated')
    robot.show_and_ask()

    def is_there():
        robot.show()
        time.sleep(0.1)
        return markers and pictures

    wait_for(is_there)
    texts = [each.text for each in markers[-1].markers if each.type == Marker.TEXT_VIEW_FACING]
    assert any('red object 1' in text and '1.20 m' in text for text in texts)
    assert all(each.header.frame_id == 'camera' for each in markers[-1].markers)
    picture = pictures[-1]
    assert (picture.width, picture.height, picture.encoding) == (WIDTH, HEIGHT, 'rgb8')
    assert len(picture.data) == WIDTH * HEIGHT * 3


def _plane(distance_m):
    return np.full((HEIGHT, WIDTH), distance_m, np.float32)
