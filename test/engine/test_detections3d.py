# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Things as Detection3DArray: boxes, names and margins, in whatever message classes are given."""

import importlib
import math
from types import SimpleNamespace

import numpy as np
import pytest

from ssr_ros.engine.detections3d import detections_3d
from ssr_ros.engine.transforms import RigidTransform
from ssr_ros.rgbd import CameraIntrinsics, RgbdFrame
from ssr_ros.scene import Grounded, measure

OPTICAL_TO_BODY = (-0.5, 0.5, -0.5, 0.5)
"""x forward, y left, z up, of a camera that is held level."""

LEVEL = (0.0, 1.0, 0.0)


@pytest.fixture(scope='module')
def facts():
    """A 32 x 32 cm red face 1.2 m away, its middle on the optical axis, before a wall at 2 m."""
    rgb = np.full((120, 160, 3), 120, np.uint8)
    depth_m = np.full((120, 160), 2.0, np.float32)
    rgb[40:80, 60:100] = 210, 25, 25
    depth_m[40:80, 60:100] = 1.2
    frame = RgbdFrame(rgb, depth_m, CameraIntrinsics(150.0, 150.0, 79.5, 59.5))
    return measure(frame, noise='none', gravity=LEVEL)


def plain(name):
    """Any message class, as far as its constructor goes."""
    return lambda **fields: SimpleNamespace(type=name, **fields)


@pytest.fixture(scope='module')
def named(facts):
    mug = Grounded('mug', (60, 40, 100, 80), 0.7, 'crew')
    return facts.named([mug, Grounded('red mug', (60, 40, 100, 80))])


def test_a_box_stands_where_the_thing_is_along_the_robots_axes(named):
    to_body = RigidTransform.from_quaternion('base_link', OPTICAL_TO_BODY, (0.1, 0.0, 0.5))
    header = SimpleNamespace(frame_id='base_link')
    array = detections_3d(named, header, to_body, plain)
    assert (array.type, array.header) == ('vision_msgs/msg/Detection3DArray', header)
    (mug,) = array.detections
    assert mug.header == header and mug.id == ''
    center, size = mug.bbox.center, mug.bbox.size
    at = (center.position.x, center.position.y, center.position.z)
    assert at == pytest.approx((1.3, 0.0, 0.5), abs=0.01)
    assert (size.x, size.y, size.z) == pytest.approx((0.0, 0.32, 0.32), abs=0.012)
    turn = center.orientation
    assert (turn.x, turn.y, turn.z) == pytest.approx((0, 0, 0), abs=1e-9)
    assert abs(turn.w) == pytest.approx(1)


def test_in_the_cameras_frame_the_box_is_turned_and_its_place_unchanged(named):
    array = detections_3d(named, None, RigidTransform.identity('camera'), plain)
    center = array.detections[0].bbox.center
    assert center.position.z == pytest.approx(1.2, abs=0.01)
    turn = center.orientation
    assert np.abs([turn.x, turn.y, turn.z, turn.w]) == pytest.approx([0.5] * 4)
    assert turn.x * turn.y < 0  # x of the box, to the front, is z of the camera


def test_names_are_hypotheses_and_what_nobody_named_is_unknown(facts, named):
    def hypotheses(of):
        array = detections_3d(of, None, RigidTransform.identity('camera'), plain)
        return [
            [(r.hypothesis.class_id, r.hypothesis.score) for r in d.results]
            for d in array.detections
        ]

    (mug,) = hypotheses(named)
    assert mug[0] == ('mug', 0.7)
    assert mug[1][0] == 'red mug' and math.isnan(mug[1][1])
    (nameless,) = hypotheses(facts)
    assert [name for name, _ in nameless] == ['unknown'] and math.isnan(nameless[0][1])


def test_the_margin_of_the_place_turns_with_the_frame(named):
    to_body = RigidTransform.from_quaternion('base_link', OPTICAL_TO_BODY, (0.0, 0.0, 0.0))
    pose = detections_3d(named, None, to_body, plain).detections[0].results[0].pose
    x, y, z = named.objects[0].margins.center_m
    covariance = np.asarray(pose.covariance).reshape(6, 6)
    assert np.diag(covariance)[:3] == pytest.approx([z**2, x**2, y**2])
    assert np.diag(covariance)[3:] == pytest.approx([math.pi**2 / 3] * 3)


def test_the_real_messages_take_it(named):
    vision = pytest.importorskip('vision_msgs.msg', reason='needs vision_msgs (apt, or built)')
    header = pytest.importorskip('std_msgs.msg').Header(frame_id='camera')

    def types(name):
        package, _, kind = name.split('/')
        return getattr(importlib.import_module(f'{package}.msg'), kind)

    array = detections_3d(named, header, RigidTransform.identity('camera'), types)
    assert isinstance(array, vision.Detection3DArray)
    assert array.detections[0].results[0].hypothesis.class_id == 'mug'
    assert len(array.detections[0].results[0].pose.covariance) == 36


def test_the_messages_of_a_recording_take_it(named):
    typesys = pytest.importorskip('rosbags.typesys', reason='needs rosbags')
    store = typesys.get_typestore(typesys.Stores.ROS2_JAZZY)
    store.register(
        {
            **typesys.get_types_from_msg(
                'string class_id\nfloat64 score', 'vision_msgs/msg/ObjectHypothesis'
            ),
            **typesys.get_types_from_msg(
                'vision_msgs/ObjectHypothesis hypothesis\ngeometry_msgs/PoseWithCovariance pose',
                'vision_msgs/msg/ObjectHypothesisWithPose',
            ),
            **typesys.get_types_from_msg(
                'geometry_msgs/Pose center\ngeometry_msgs/Vector3 size',
                'vision_msgs/msg/BoundingBox3D',
            ),
            **typesys.get_types_from_msg(
                'std_msgs/Header header\nvision_msgs/ObjectHypothesisWithPose[] results\n'
                'vision_msgs/BoundingBox3D bbox\nstring id',
                'vision_msgs/msg/Detection3D',
            ),
            **typesys.get_types_from_msg(
                'std_msgs/Header header\nvision_msgs/Detection3D[] detections',
                'vision_msgs/msg/Detection3DArray',
            ),
        }
    )
    types = store.types
    stamp = types['builtin_interfaces/msg/Time'](sec=1, nanosec=2)
    header = types['std_msgs/msg/Header'](stamp=stamp, frame_id='camera')
    array = detections_3d(named, header, RigidTransform.identity('camera'), types.__getitem__)
    name = 'vision_msgs/msg/Detection3DArray'
    back = store.deserialize_cdr(store.serialize_cdr(array, name), name)
    assert back.detections[0].results[0].hypothesis.class_id == 'mug'
    assert back.detections[0].bbox.center.position.z == pytest.approx(1.2, abs=0.01)
