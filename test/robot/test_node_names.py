# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Asking the real node by name: regions in the request and on a topic, right ones and wrong."""

import math

import pytest

pytest.importorskip('rclpy', reason='needs ROS 2')
pytest.importorskip('ssr_ros.msg', reason='needs the generated interfaces')

from ros_bench import wait_for
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
    robot.publish('named_regions', regions)
    wait_for(
        lambda: robot.ask('How far is the mug?').answer.source == SpatialAnswer.SOURCE_GROUNDED, 10
    )
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
