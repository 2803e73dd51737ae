# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Asking the real node by name: regions in the request and on a topic, right ones and wrong."""

import math

import pytest

pytest.importorskip('rclpy', reason='needs ROS 2')
pytest.importorskip('ssr_ros.msg', reason='needs the generated interfaces')

from geometry_msgs.msg import PointStamped
from patience import wait_for
from sensor_msgs.msg import RegionOfInterest
from ssr_ros.msg import ErrorCode, NamedRegion, NamedRegions, SpatialAnswer

RED = RegionOfInterest(x_offset=22, y_offset=14, width=20, height=20)


def mug(box=RED, name='mug', score=0.5, source='camera crew'):
    return NamedRegion(name=name, box=box, score=score, source=source)


def test_a_thing_is_asked_for_by_the_name_that_comes_with_the_question(robot):
    robot.show_and_ask()
    reply = robot.ask('How far is the mug?', regions=[mug()])
    answer = reply.answer
    assert answer.source == SpatialAnswer.SOURCE_GROUNDED
    assert answer.answer.startswith('The mug is 1.20')
    assert answer.value == pytest.approx(1.2, abs=0.03)
    assert answer.unit == 'm'
    assert answer.confidence == pytest.approx(0.95 * 0.5)
    assert answer.target.header == answer.header
    assert answer.target.point.z == pytest.approx(1.2, abs=0.02)
    thing = next(each for each in answer.objects if each.label == 'mug')
    assert (thing.name, thing.label_source) == ('mug', 'camera crew')
    assert thing.label_score == pytest.approx(0.5)


def test_where_the_thing_is_comes_on_a_topic_of_its_own(robot):
    targets = robot.listen(PointStamped, 'ssr/target')
    robot.show_and_ask()
    wait_for(lambda: robot.ask('How far is the mug?', regions=[mug()]) and targets)
    assert targets[-1].header.frame_id == 'camera'
    assert targets[-1].point.z == pytest.approx(1.2, abs=0.02)
    before = len(targets)
    reply = robot.ask('How far is the unicorn?', regions=[mug()])
    assert reply.answer.source == SpatialAnswer.SOURCE_NONE
    assert robot.ask('How far is the mug?', regions=[mug()]).answer.value
    wait_for(lambda: len(targets) > before)
    assert all(math.isfinite(each.point.x) for each in targets)


def test_named_things_come_as_detections_in_three_dimensions(robot):
    vision = pytest.importorskip('vision_msgs.msg', reason='needs vision_msgs (apt, or built)')
    heard = robot.listen(vision.Detection3DArray, 'ssr/detections')
    robot.show_and_ask()
    wait_for(lambda: robot.ask('How far is the mug?', regions=[mug()]) and heard)
    assert heard[-1].header.frame_id == 'camera'
    (thing,) = heard[-1].detections
    assert thing.results[0].hypothesis.class_id == 'mug'
    assert thing.results[0].hypothesis.score == pytest.approx(0.5)
    assert thing.bbox.center.position.z == pytest.approx(1.2, abs=0.02)
    assert thing.bbox.size.y == pytest.approx(20 / 60 * 1.2, rel=0.1)


def test_the_detections_of_a_detector_give_names(ros):
    vision = pytest.importorskip('vision_msgs.msg', reason='needs vision_msgs (apt, or built)')
    robot = ros.start_node(
        'model.path:=fake', 'max_frame_age_ms:=60000.0', 'grounding.detections_topic:=found'
    )
    stamp_ns, _ = robot.show_and_ask()
    seen = vision.Detection2D(results=[vision.ObjectHypothesisWithPose()])
    seen.results[0].hypothesis.class_id, seen.results[0].hypothesis.score = 'cup', 0.75
    seen.bbox.center.position.x, seen.bbox.center.position.y = 32.0, 24.0
    seen.bbox.size_x = seen.bbox.size_y = 20.0
    array = vision.Detection2DArray(detections=[seen])
    array.header.frame_id = 'camera'
    array.header.stamp.sec, array.header.stamp.nanosec = divmod(stamp_ns, 10**9)

    def named():
        robot.publish('found', array, best_effort=True)
        answer = robot.ask('How far is the mug?').answer
        return answer.source == SpatialAnswer.SOURCE_GROUNDED and answer

    wait_for(named)
    answer = robot.ask('How far is the mug?').answer
    assert answer.value == pytest.approx(1.2, abs=0.03)
    assert answer.confidence == pytest.approx(0.95 * 0.75)
    assert robot.end() == 0


def test_a_missing_package_is_said_once_and_the_node_answers(ros):
    try:
        import yolo_msgs.msg  # noqa: F401
    except ImportError:
        pass
    else:
        pytest.skip('yolo_msgs is installed')
    robot = ros.start_node(
        'model.path:=fake',
        'max_frame_age_ms:=60000.0',
        'grounding.detections_topic:=found',
        'grounding.detections_type:=yolo_msgs/msg/DetectionArray',
    )
    robot.show_and_ask()
    assert robot.ask('How far is the mug?', regions=[mug()]).error_code == ErrorCode.NONE
    assert robot.log().count('the package yolo_msgs is not installed') == 1
    assert robot.end() == 0


def test_without_names_the_answer_says_that_it_cannot_tell(robot):
    _, reply = robot.show_and_ask(question='How far is the mug?')
    assert reply.answer.source == SpatialAnswer.SOURCE_NONE
    assert math.isnan(reply.answer.value) and math.isnan(reply.answer.target.point.x)
    assert 'mug' in reply.answer.answer


def test_regions_on_the_topic_give_names_to_the_image_that_they_are_of(robot):
    stamp_ns, _ = robot.show_and_ask()
    regions = NamedRegions(regions=[mug()])
    regions.header.frame_id = 'camera'
    regions.header.stamp.sec, regions.header.stamp.nanosec = divmod(stamp_ns, 10**9)

    def named():
        robot.publish('named_regions', regions)  # the first may be lost: nobody is known yet
        return robot.ask('How far is the mug?').answer.source == SpatialAnswer.SOURCE_GROUNDED

    wait_for(named)
    regions.header.frame_id = 'another_camera'
    regions.regions[0].name = 'fork'
    robot.publish('named_regions', regions)
    assert robot.ask('How far is the fork?').answer.source != SpatialAnswer.SOURCE_GROUNDED


@pytest.mark.parametrize(
    ('region', 'reason'),
    [
        (mug(RegionOfInterest(x_offset=500, width=9, height=9)), 'outside the 64x48 image'),
        (mug(name=''), 'needs a name'),
        (mug(score=7.0), 'a score lies in 0..1'),
    ],
)
def test_regions_that_are_none_are_a_bad_request(robot, region, reason):
    robot.show_and_ask()
    reply = robot.ask('How far is the mug?', regions=[region])
    assert reply.error_code == ErrorCode.BAD_REQUEST
    assert reason in reply.error_msg
    assert reply.answer.answer == reply.error_msg
