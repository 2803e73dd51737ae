# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What was recorded about names is used as the node uses it."""

from pathlib import Path

from boxes_recording import boxes_frame, START_NS, STEP_NS
import numpy as np
import pytest

pytest.importorskip('rosbags.rosbag2', reason='bags are read through rosbags')

from rosbags import rosbag2
from rosbags.typesys import get_types_from_msg, get_typestore, Stores

from ssr_ros.errors import BagError
from ssr_ros.rgbd.depth import depth_to_millimetres

MESSAGES = Path(__file__).resolve().parent.parent.parent / 'msg'
VISION = {
    'Point2D': 'float64 x\nfloat64 y',
    'Pose2D': 'vision_msgs/Point2D position\nfloat64 theta',
    'BoundingBox2D': 'vision_msgs/Pose2D center\nfloat64 size_x\nfloat64 size_y',
    'ObjectHypothesis': 'string class_id\nfloat64 score',
    'ObjectHypothesisWithPose': (
        'vision_msgs/ObjectHypothesis hypothesis\ngeometry_msgs/PoseWithCovariance pose'
    ),
    'Detection2D': (
        'std_msgs/Header header\nvision_msgs/ObjectHypothesisWithPose[] results\n'
        'vision_msgs/BoundingBox2D bbox\nstring id'
    ),
    'Detection2DArray': 'std_msgs/Header header\nvision_msgs/Detection2D[] detections',
}
QUESTION = 'every_s: 0.2\nquestions:\n  - ask: How far is the mug?\n'


def store_of_names():
    store = get_typestore(Stores.ROS2_HUMBLE)
    found = {}
    for name in ('NamedRegion', 'NamedRegions'):
        text = (MESSAGES / f'{name}.msg').read_text('utf-8')
        found |= get_types_from_msg(text, f'ssr_ros/msg/{name}')
    for name, text in VISION.items():
        found |= get_types_from_msg(text, f'vision_msgs/msg/{name}')
    store.register(found)
    return store


class NameRecorder:
    """Writes three frames of the boxes, and what somebody says about them."""

    def __init__(self, path, storage):
        self.store = store_of_names()
        plugin = rosbag2.StoragePlugin[storage.upper()]
        self.writer = rosbag2.Writer(path, version=9, storage_plugin=plugin)
        self.connections = {}

    def new(self, kind, **fields):
        return self.store.types[kind](**fields)

    def header(self, number, frame_id='eye'):
        stamp = self.new(
            'builtin_interfaces/msg/Time',
            **dict(zip(('sec', 'nanosec'), divmod(self.at(number), 10**9), strict=True)),
        )
        return self.new('std_msgs/msg/Header', stamp=stamp, frame_id=frame_id)

    def at(self, number):
        return START_NS + number * STEP_NS

    def put(self, topic, name, at_ns, message):
        if topic not in self.connections:
            self.connections[topic] = self.writer.add_connection(topic, name, typestore=self.store)
        self.writer.write(self.connections[topic], at_ns, self.store.serialize_cdr(message, name))

    def frame(self, number):
        frame = boxes_frame(number)
        depth = depth_to_millimetres(frame.depth_m)
        for topic, pixels, encoding in (('/rgb', frame.rgb, 'rgb8'), ('/depth', depth, '16UC1')):
            data = np.frombuffer(np.ascontiguousarray(pixels).tobytes(), np.uint8)
            image = self.new(
                'sensor_msgs/msg/Image',
                header=self.header(number),
                height=120,
                width=160,
                encoding=encoding,
                is_bigendian=0,
                step=data.size // 120,
                data=data,
            )
            self.put(topic, 'sensor_msgs/msg/Image', self.at(number), image)
        roi = self.new(
            'sensor_msgs/msg/RegionOfInterest',
            x_offset=0,
            y_offset=0,
            height=0,
            width=0,
            do_rectify=False,
        )
        k = frame.intrinsics.as_matrix()
        info = self.new(
            'sensor_msgs/msg/CameraInfo',
            header=self.header(number),
            height=120,
            width=160,
            distortion_model='plumb_bob',
            d=np.zeros(5),
            k=k.ravel(),
            r=np.eye(3).ravel(),
            p=np.hstack([k, np.zeros((3, 1))]).ravel(),
            binning_x=0,
            binning_y=0,
            roi=roi,
        )
        self.put('/info', 'sensor_msgs/msg/CameraInfo', self.at(number), info)

    def regions(self, number, name, box, late_ns=0):
        x0, y0, x1, y1 = box
        roi = self.new(
            'sensor_msgs/msg/RegionOfInterest',
            x_offset=x0,
            y_offset=y0,
            height=y1 - y0,
            width=x1 - x0,
            do_rectify=False,
        )
        region = self.new(
            'ssr_ros/msg/NamedRegion', name=name, box=roi, score=0.9, source='a person'
        )
        message = self.new(
            'ssr_ros/msg/NamedRegions',
            header=self.header(number),
            width=160,
            height=120,
            regions=[region],
        )
        self.put('/named', 'ssr_ros/msg/NamedRegions', self.at(number) + late_ns, message)

    def detections(self, number, name, box, late_ns=0):
        x0, y0, x1, y1 = box
        point = self.new('geometry_msgs/msg/Point', x=0.0, y=0.0, z=0.0)
        turn = self.new('geometry_msgs/msg/Quaternion', x=0.0, y=0.0, z=0.0, w=1.0)
        pose = self.new('geometry_msgs/msg/Pose', position=point, orientation=turn)
        pose = self.new('geometry_msgs/msg/PoseWithCovariance', pose=pose, covariance=np.zeros(36))
        hypothesis = self.new('vision_msgs/msg/ObjectHypothesis', class_id=name, score=0.8)
        result = self.new(
            'vision_msgs/msg/ObjectHypothesisWithPose', hypothesis=hypothesis, pose=pose
        )
        center = self.new('vision_msgs/msg/Point2D', x=(x0 + x1) / 2, y=(y0 + y1) / 2)
        bbox = self.new(
            'vision_msgs/msg/BoundingBox2D',
            center=self.new('vision_msgs/msg/Pose2D', position=center, theta=0.0),
            size_x=float(x1 - x0),
            size_y=float(y1 - y0),
        )
        detection = self.new(
            'vision_msgs/msg/Detection2D',
            header=self.header(number),
            results=[result],
            bbox=bbox,
            id='',
        )
        message = self.new(
            'vision_msgs/msg/Detection2DArray', header=self.header(number), detections=[detection]
        )
        self.put('/seen', 'vision_msgs/msg/Detection2DArray', self.at(number) + late_ns, message)


RED, BLUE = (30, 40, 60, 85), (95, 40, 135, 85)


@pytest.mark.parametrize('storage', ['mcap', 'sqlite3'])
@pytest.mark.parametrize('how', ['regions', 'detections'])
def test_a_name_that_was_recorded_is_known_in_its_own_frame(tmp_path, ask, storage, how):
    recorder = NameRecorder(tmp_path / 'bag', storage)
    with recorder.writer:
        for number in range(3):
            recorder.frame(number)
            if number != 1:
                box = RED if number == 0 else BLUE
                getattr(recorder, how)(number, 'mug', box, late_ns=150_000_000)
    rows = ask([tmp_path / 'bag'], QUESTION).rows
    assert [row.source for row in rows] == ['grounded', 'none', 'grounded']
    assert [row.value and round(row.value, 2) for row in rows] == [1.01, None, 1.51]
    assert rows[0].objects[0]['label'] == 'mug'


def test_topics_of_names_can_be_chosen(tmp_path, ask):
    recorder = NameRecorder(tmp_path / 'bag', 'mcap')
    with recorder.writer:
        recorder.frame(0)
        recorder.regions(0, 'mug', RED)
        recorder.detections(0, 'mug', BLUE)
    chosen = ask([tmp_path / 'bag'], QUESTION, 'one', names=('/seen',)).rows
    assert [round(row.value, 2) for row in chosen] == [1.51]
    with pytest.raises(BagError, match='/rgb is sensor_msgs/msg/Image; expected one of'):
        ask([tmp_path / 'bag'], QUESTION, 'two', names=('/rgb',))
