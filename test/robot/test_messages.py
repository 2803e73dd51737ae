# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Answers as messages: positions in the frame that the header names, numbers with their units."""

import math
from types import SimpleNamespace

import numpy as np
import pytest

pytest.importorskip('ssr_ros.msg', reason='needs the generated interfaces')

from geometry_msgs.msg import Point
from sensor_msgs.msg import RegionOfInterest
from ssr_ros.msg import NamedRegion, NamedRegions
from ssr_ros.srv import Measure
from std_msgs.msg import Header
from visualization_msgs.msg import Marker

from ssr_ros.engine.answering import Measured
from ssr_ros.engine.one_answer import OneAnswer, Source
from ssr_ros.engine.request import Request
from ssr_ros.engine.transforms import RigidTransform
from ssr_ros.errors import FrameError
from ssr_ros.rgbd import CameraIntrinsics, RgbdFrame
from ssr_ros.robot import messages
from ssr_ros.robot.detections import detections_of_vision, detections_of_yolo, regions_of
from ssr_ros.robot.pictures import box_corners_m, scene_markers
from ssr_ros.scene import Grounded, measure, measure_at

OPTICAL_TO_BODY = (-0.5, 0.5, -0.5, 0.5)


@pytest.fixture(scope='module')
def scene():
    """A red box 1.2 m away before a wall at 2 m."""
    rgb = np.full((120, 160, 3), 120, np.uint8)
    depth_m = np.full((120, 160), 2.0, np.float32)
    rgb[40:80, 60:100] = 210, 25, 25
    depth_m[40:80, 60:100] = 1.2
    return measure(RgbdFrame(rgb, depth_m, CameraIntrinsics(150.0, 150.0, 79.5, 59.5)))


def measured(facts, transform, region=None):
    reply = Measured(
        request=Request(''),
        header=Header(frame_id='camera'),
        facts=facts,
        gravity_source=facts.gravity.source,
        transform=transform,
        age_ms=0.0,
        measured=None,
        rationale=facts.rationale(),
        region=region,
        timings_ms={},
    )
    return messages.fill_measure(Measure.Response(), reply)


def test_positions_are_in_the_target_frame_and_the_header_says_so(scene):
    to_body = RigidTransform.from_quaternion('base_link', OPTICAL_TO_BODY, (0.0, 0.0, 1.0))
    in_camera = measured(scene, RigidTransform.identity('camera'))
    in_body = measured(scene, to_body)
    assert (in_camera.header.frame_id, in_body.header.frame_id) == ('camera', 'base_link')
    camera, body = in_camera.objects[0].center, in_body.objects[0].center
    assert camera.z == pytest.approx(1.2, abs=0.02)
    assert (body.x, body.y, body.z) == pytest.approx((camera.z, -camera.x, 1.0 - camera.y))
    assert in_body.objects[0].distance_m == in_camera.objects[0].distance_m


@pytest.mark.parametrize('height_m', [0.0, 1.0])
def test_the_equation_of_a_plane_holds_in_the_target_frame(scene, height_m):
    to_body = RigidTransform.from_quaternion('base', OPTICAL_TO_BODY, (0.3, 0.0, height_m))
    for plane in measured(scene, to_body).planes:
        n, c = plane.normal, plane.center
        assert n.x * c.x + n.y * c.y + n.z * c.z + plane.offset_m == pytest.approx(0, abs=0.02)
        assert plane.rms_m < 0.02 and 0 < plane.pixel_ratio <= 1


def test_the_extents_of_a_region_are_along_the_camera_axes(scene):
    region = measure_at(scene.frame, (60, 40, 100, 60))
    response = measured(scene, RigidTransform.identity('camera'), region=region)
    assert response.has_region
    extent = response.region_extent
    assert extent.x == pytest.approx(40 / 150 * 1.2, rel=0.1)
    assert extent.y == pytest.approx(20 / 150 * 1.2, rel=0.15)
    assert extent.z == pytest.approx(0.0, abs=0.02)


def test_a_region_without_depth_is_said_to_be_unknown(scene):
    depth_m = scene.frame.depth_m.copy()
    depth_m[:20, :20] = np.nan
    frame = RgbdFrame(scene.frame.rgb, depth_m, scene.frame.intrinsics)
    region = measure_at(frame, (0, 0, 10, 10))
    response = measured(scene, RigidTransform.identity('camera'), region=region)
    assert not response.has_region and response.region_valid_ratio == 0.0
    assert np.isnan(response.region_distance_m)


def test_a_refused_answer_holds_nothing_that_looks_measured():
    answer = messages.refused_answer('Well?', ValueError('no'))
    assert (answer.question, answer.text, answer.has_measured_value) == ('Well?', '', False)
    assert np.isnan(answer.measured_value) and answer.error_code == 99


def test_control_characters_do_not_reach_a_terminal():
    assert messages.printable('red\x1b[31m box\n\x07') == 'red[31m box\n'


def test_a_picture_keeps_its_pixels():
    rgb = np.arange(2 * 3 * 3, dtype=np.uint8).reshape(2, 3, 3)
    message = messages.image_message(rgb[:, ::-1], Header(frame_id='camera'))
    assert (message.width, message.height, message.step) == (3, 2, 9)
    assert bytes(message.data) == rgb[:, ::-1].tobytes()


def test_a_box_has_its_corners_along_gravity():
    axes = np.array([[1.0, 0, 0], [0, 0, 1.0], [0, -1.0, 0]])  # right, forward, up
    corners = box_corners_m(np.array([-1.0, 2, 0]), np.array([1.0, 3, 0.5]), axes)
    assert corners.shape == (8, 3)
    np.testing.assert_allclose(corners[0], [-1, 0, 2])
    np.testing.assert_allclose(corners[7], [1, -0.5, 3])


def test_markers_hold_a_box_of_twelve_edges_around_each_object(scene):
    array = scene_markers(scene, Header(frame_id='camera'))
    assert array.markers[0].action == Marker.DELETEALL
    boxes = [each for each in array.markers if each.type == Marker.LINE_LIST]
    assert len(boxes) == len(scene.objects)
    points = boxes[0].points
    assert len(points) == 24 and isinstance(points[0], Point)
    xyz = np.array([[p.x, p.y, p.z] for p in points])
    middle = (xyz.min(axis=0) + xyz.max(axis=0)) / 2
    np.testing.assert_allclose(middle, scene.objects[0].center_m, atol=0.02)
    edges = xyz.reshape(12, 2, 3)
    assert all(np.count_nonzero(np.abs(a - b) > 1e-6) <= 1 for a, b in edges)


def test_markers_lead_with_the_answer_and_show_its_target(scene):
    def one(target_m):
        return OneAnswer(
            text='The mug is 1.20 m away. ' + 'It stands before the wall and hides some of it.',
            source=Source.GROUNDED,
            value=1.2,
            sigma=0.01,
            unit='m',
            target_m=np.array(target_m),
            confidence=0.9,
        )

    def drawn(target_m):
        markers = scene_markers(scene, Header(frame_id='camera'), one(target_m)).markers
        return {each.ns: each for each in markers if each.ns in ('answer', 'target')}

    there = drawn((0.1, 0.2, 1.2))
    assert there['answer'].text.startswith('The mug is 1.20 m away.')
    assert max(map(len, there['answer'].text.splitlines())) <= 60
    ball = there['target'].pose.position
    assert (ball.x, ball.y, ball.z) == (0.1, 0.2, 1.2)
    assert there['target'].scale.x == there['target'].scale.y == there['target'].scale.z > 0
    nowhere = drawn((math.nan,) * 3)
    assert list(nowhere) == ['answer'] and nowhere['answer'].pose.position.z == 1.0


def test_what_a_source_named_is_green_and_called_so(scene):
    named = scene.named([Grounded('mug', (60, 40, 100, 80))])
    markers = scene_markers(named, Header(frame_id='camera')).markers
    assert any(each.text.startswith('mug\n') for each in markers)
    boxes = [
        next(each for each in scene_markers(facts, Header()).markers if each.ns == 'boxes')
        for facts in (scene, named)
    ]
    assert boxes[0].color.r > boxes[0].color.b and boxes[1].color.g > boxes[1].color.r


def test_what_was_not_measured_is_no_number(scene):
    """0.0 m would be an answer, and a wrong one."""
    refused = messages.refused_measure(FrameError('the images are empty'))
    assert refused.error_code and refused.error_msg == 'the images are empty'
    assert math.isnan(refused.valid_ratio) and math.isnan(refused.measured_value)
    for response in (refused, measured(scene, RigidTransform.identity('camera'))):
        assert not response.has_region
        assert math.isnan(response.region_distance_m) and math.isnan(response.region_sigma_m)
        assert math.isnan(response.region_point.z) and math.isnan(response.region_extent.x)


def pose(center, theta=0.0):
    return SimpleNamespace(position=SimpleNamespace(x=center[0], y=center[1]), theta=theta)


def detection(*hypotheses, center=(80.0, 60.0), size=(40.0, 30.0), theta=0.0):
    """A vision_msgs/Detection2D, as far as it is read: that package is in no wheel."""
    bbox = SimpleNamespace(center=pose(center, theta), size_x=size[0], size_y=size[1])
    results = [
        SimpleNamespace(hypothesis=SimpleNamespace(class_id=name, score=score))
        for name, score in hypotheses
    ]
    return SimpleNamespace(bbox=bbox, results=results)


def test_the_surest_hypothesis_of_a_detection_names_its_box():
    header = Header(frame_id='camera')
    header.stamp.sec, header.stamp.nanosec = 3, 5
    mug = detection(('bowl', 0.2), ('mug', 0.7))
    read = detections_of_vision(SimpleNamespace(header=header, detections=[mug, detection()]))
    assert (read.stamp_ns, read.frame_id) == (3_000_000_005, 'camera')
    assert [(r.phrase, r.box_px, r.score) for r in read.regions] == [
        ('mug', (60.0, 45.0, 100.0, 75.0), 0.7)
    ]


def test_of_a_box_that_is_turned_the_upright_box_around_it_is_taken():
    turned = detection(('pen', 0.5), theta=math.pi / 2)
    read = detections_of_vision(SimpleNamespace(header=Header(), detections=[turned]))
    assert read.regions[0].box_px == pytest.approx((65.0, 40.0, 95.0, 80.0))
    askew = detection(('pen', 0.5), size=(40.0, 0.0), theta=math.radians(-30))
    read = detections_of_vision(SimpleNamespace(header=Header(), detections=[askew]))
    half = 20 * math.cos(math.radians(30))
    assert read.regions[0].box_px == pytest.approx((80 - half, 50.0, 80 + half, 70.0))


def test_what_yolo_ros_sends_is_read_too():
    """Fields of yolo_msgs/DetectionArray, as its definition has them: it is in no wheel."""
    bbox = SimpleNamespace(center=pose((80.0, 60.0)), size=SimpleNamespace(x=40.0, y=30.0))
    cup = SimpleNamespace(class_id=41, class_name='cup', score=0.8, id='7', bbox=bbox)
    header = Header(frame_id='camera')
    header.stamp.sec = 3
    read = detections_of_yolo(SimpleNamespace(header=header, detections=[cup]))
    assert (read.stamp_ns, read.frame_id) == (3_000_000_000, 'camera')
    assert [(r.phrase, r.box_px, r.score, r.source) for r in read.regions] == [
        ('cup', (60.0, 45.0, 100.0, 75.0), 0.8, 'detections')
    ]


def test_named_regions_are_boxes_pixels_and_denials():
    def region(name, **box):
        return NamedRegion(name=name, box=RegionOfInterest(**box), score=math.nan)

    box = {'x_offset': 60, 'y_offset': 40, 'width': 40, 'height': 40}
    pixel = {'x_offset': 7, 'y_offset': 9, 'width': 1, 'height': 1}
    regions = [region('mug', **box), region('tip', **pixel), region('fork')]
    message = NamedRegions(regions=regions, width=160, height=120)
    read = regions_of(message)
    assert (read.width, read.height) == (160, 120)
    assert [r.region for r in read.regions] == [(60.0, 40.0, 100.0, 80.0), (7.0, 9.0), None]
    assert math.isnan(read.regions[0].score)
