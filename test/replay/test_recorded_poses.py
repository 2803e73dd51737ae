# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""tf and IMU of a recording: where frames stood, and where down was, as the node would know it."""

import math
from types import SimpleNamespace

from bag_recorder import Recorder
from boxes_recording import boxes_frame, START_NS, STEP_NS
import numpy as np
import pytest

from ssr_ros.bags.read import open_bag
from ssr_ros.engine.request import Refused
from ssr_ros.engine.settings import Settings
from ssr_ros.errors import BagError
from ssr_ros.replay.transforms import RecordedTransforms

HALF = math.sqrt(0.5)
STILL = (0.0, 0.0, 0.0, 1.0)
OPTICAL_IN_BODY = (-0.5, 0.5, -0.5, 0.5)
QUESTION = 'every_s: 0.2\nquestions:\n  - {ask: "How tall is the red object?"}\n'


class PoseRecorder(Recorder):
    """Writes what moves, too."""

    def tf(self, parent, child, xyz=(0.0, 0.0, 0.0), xyzw=STILL, at_ns=START_NS, topic='/tf'):
        types = self.store.types
        pose = types['geometry_msgs/msg/Transform'](
            types['geometry_msgs/msg/Vector3'](*xyz),
            types['geometry_msgs/msg/Quaternion'](*xyzw),
        )
        stamped = types['geometry_msgs/msg/TransformStamped'](
            self.header(at_ns, parent), child, pose
        )
        kind = 'tf2_msgs/msg/TFMessage'
        if topic not in self.connections:
            self.connections[topic] = self.writer.add_connection(topic, kind, typestore=self.store)
        data = self.store.serialize_cdr(types[kind]([stamped]), kind)
        self.writer.write(self.connections[topic], at_ns, data)

    def imu(self, at_ns, felt, frame_id='imu'):
        types = self.store.types
        self.put(
            '/imu',
            'sensor_msgs/msg/Imu',
            at_ns,
            frame_id=frame_id,
            orientation=types['geometry_msgs/msg/Quaternion'](0.0, 0.0, 0.0, 0.0),
            orientation_covariance=np.array([-1.0, *[0.0] * 8]),
            angular_velocity=types['geometry_msgs/msg/Vector3'](0.0, 0.0, 0.0),
            angular_velocity_covariance=np.zeros(9),
            linear_acceleration=types['geometry_msgs/msg/Vector3'](*felt),
            linear_acceleration_covariance=np.zeros(9),
        )

    def boxes(self, count=3):
        for number in range(count):
            frame = boxes_frame(number)
            at_ns = frame.stamp_ns
            size = {'width': frame.width, 'height': frame.height, 'is_bigendian': 0}
            name = 'sensor_msgs/msg/Image'
            color = {'encoding': 'rgb8', 'step': 3 * frame.width, 'data': frame.rgb.ravel()}
            depth = {'encoding': '32FC1', 'step': 4 * frame.width}
            depth['data'] = frame.depth_m.astype('<f4').view(np.uint8).ravel()
            self.info('/eye/camera_info', at_ns, (frame.width, frame.height), 150.0)
            self.put('/eye/rgb', name, at_ns, **size, **color)
            self.put('/eye/depth', name, at_ns, **size, **depth)


def at(stamp_ns, frame_id='eye'):
    seconds, nanoseconds = divmod(stamp_ns, 10**9)
    return SimpleNamespace(
        frame_id=frame_id, stamp=SimpleNamespace(sec=seconds, nanosec=nanoseconds)
    )


def settings(**values):
    return Settings().updated({name.replace('__', '.'): value for name, value in values.items()})


def test_a_chain_of_frames_is_walked_in_both_directions(tmp_path):
    with PoseRecorder(tmp_path / 'bag') as bag:
        bag.tf('base', 'eye', (0.1, 0.0, 0.5), OPTICAL_IN_BODY, topic='/tf_static')
        bag.tf('odom', 'base', (2.0, 0.0, 0.0), (0.0, 0.0, HALF, HALF))
        bag.tf('base', 'hand', (0.0, 0.3, 0.0), topic='/tf_static')
    with open_bag(tmp_path / 'bag') as bag:
        transforms = RecordedTransforms(bag)
    assert transforms.topics == ['/tf', '/tf_static']
    # One metre ahead of the camera, seen from odom: the base looks along y there, 10 cm before.
    np.testing.assert_allclose(
        transforms.lookup('odom', at(START_NS)).point((0, 0, 1.0)), (2.0, 1.1, 0.5), atol=1e-12
    )
    np.testing.assert_allclose(
        transforms.lookup('hand', at(START_NS)).point((0, 0, 1.0)), (1.1, -0.3, 0.5), atol=1e-12
    )
    back = transforms.lookup('eye', at(START_NS, 'odom'))
    np.testing.assert_allclose(back.point((2.0, 1.1, 0.5)), (0, 0, 1.0), atol=1e-12)
    assert transforms.lookup('/eye', at(0)).point((1, 2, 3)).tolist() == [1, 2, 3]


def test_between_two_messages_a_frame_is_half_way_and_beyond_them_nowhere(tmp_path):
    with PoseRecorder(tmp_path / 'bag') as bag:
        bag.tf('odom', 'eye', (2.0, 0.0, 0.0), (0.0, 0.0, HALF, HALF), START_NS + 10**9)
        bag.tf('odom', 'eye', (0.0, 0.0, 0.0), STILL, START_NS)
    with open_bag(tmp_path / 'bag') as bag:
        transforms = RecordedTransforms(bag)
    half = transforms.lookup('odom', at(START_NS + 10**9 // 2))
    np.testing.assert_allclose(half.translation_m, (1.0, 0.0, 0.0), atol=1e-12)
    np.testing.assert_allclose(half.direction((1, 0, 0)), (HALF, HALF, 0.0), atol=1e-12)
    for stamp_ns in (START_NS - 1, START_NS + 10**9 + 1):
        with pytest.raises(Refused, match="'eye' is not told at that time"):
            transforms.lookup('odom', at(stamp_ns))


def test_what_tf_does_not_tell_is_refused_with_the_reason(tmp_path):
    with PoseRecorder(tmp_path / 'bag') as bag:
        bag.tf('a', 'eye', topic='/tf_static')
        bag.tf('eye', 'a', topic='/tf_static')  # a circle ends
        bag.tf('odom', 'base', topic='/tf_static')
        bag.tf('odom', 'bent', xyzw=(0.0, 0.0, 0.0, 0.0), topic='/tf_static')
    with open_bag(tmp_path / 'bag') as bag:
        transforms = RecordedTransforms(bag)
    with pytest.raises(Refused, match="from 'eye' to 'odom'"):
        transforms.lookup('odom', at(START_NS))
    with pytest.raises(Refused, match='the recording does not join them'):
        transforms.lookup('map', at(START_NS, 'base'))
    with pytest.raises(Refused, match='zero quaternion'):
        transforms.lookup('odom', at(START_NS, 'bent'))


def test_answers_of_a_run_know_from_tf_where_down_is(ask, tmp_path, caplog):
    """A front of 30 cm that a camera 30 degrees aslant sees upright is 26 cm high."""
    half = math.radians(30) / 2
    with PoseRecorder(tmp_path / 'moving') as bag:
        bag.boxes()
        bag.tf('odom', 'level', xyzw=OPTICAL_IN_BODY, topic='/tf_static')
        for stamp_ns in (START_NS, START_NS + STEP_NS + 1):
            bag.tf('level', 'eye', xyzw=(math.sin(half), 0, 0, math.cos(half)), at_ns=stamp_ns)
    plain = ask([tmp_path / 'moving'], QUESTION, 'plain').rows
    assert {row.gravity_source for row in plain} == {'level'}
    assert plain[0].value == pytest.approx(0.30, abs=0.01)
    down = settings(gravity__frame='odom')
    rows = ask([tmp_path / 'moving'], QUESTION, 'told', settings=down).rows
    assert [row.gravity_source for row in rows] == ['tf', 'tf', 'level'], (
        'the third comes too late'
    )
    assert rows[0].value == pytest.approx(0.30 * math.cos(math.radians(30)), abs=0.01)
    assert "moving: gravity: no transform from 'eye' to 'odom'" in caplog.text


def test_the_imu_of_a_recording_tells_where_down_is(ask, tmp_path):
    with PoseRecorder(tmp_path / 'shaken') as bag:
        bag.boxes()
        for number in range(-10, 1):
            bag.imu(START_NS + number * 10_000_000, (0.0, -9.8, 0.0), 'eye')
    told = {'settings': settings(gravity__imu_topic='imu')}
    rows = ask([tmp_path / 'shaken'], QUESTION, 'imu', **told).rows
    assert rows[0].gravity_source == 'imu'
    with pytest.raises(BagError, match=r"gravity\.imu_topic is '/feel'.*it holds /imu"):
        ask([tmp_path / 'shaken'], QUESTION, 'no', settings=settings(gravity__imu_topic='/feel'))


def test_an_imu_in_another_frame_tells_down_through_tf(ask, tmp_path):
    """Its z axis points up, and the camera looks along its x axis: the box stands upright."""
    with PoseRecorder(tmp_path / 'mounted') as bag:
        bag.boxes()
        bag.tf('imu', 'eye', xyzw=OPTICAL_IN_BODY, topic='/tf_static')
        bag.imu(START_NS, (0.0, 0.0, 9.8))
    told = settings(gravity__imu_topic='/imu')
    row = ask([tmp_path / 'mounted'], QUESTION, 'imu', settings=told).rows[0]
    assert row.gravity_source == 'imu'
    assert row.value == pytest.approx(0.30, abs=0.01)


def test_positions_are_given_in_the_frame_that_was_asked_for(ask, tmp_path):
    with PoseRecorder(tmp_path / 'moving') as bag:
        bag.boxes()
        bag.tf('odom', 'eye', (10.0, 0.0, 0.5), OPTICAL_IN_BODY, topic='/tf_static')
    where = 'questions:\n  - {ask: "How far is the red object?", once: yes}\n'
    (row,) = ask([tmp_path / 'moving'], where, 'in', settings=settings(target_frame='odom')).rows
    assert row.frame_id == 'odom'
    assert row.target_m[0] == pytest.approx(11.0, abs=0.05), 'one metre ahead of the camera'
    down = settings(gravity__frame='odom')
    (row,) = ask([tmp_path / 'moving'], where, 'down', settings=down).rows
    assert row.gravity_source == 'tf'
    with PoseRecorder(tmp_path / 'bare') as bag:
        bag.boxes()
    with pytest.raises(BagError, match=r"target_frame is 'odom', and the recording holds no tf"):
        ask([tmp_path / 'bare'], where, 'out', settings=settings(target_frame='odom'))
