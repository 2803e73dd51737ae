# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Makes recordings for the tests of this room, as cameras of all kinds would."""

import numpy as np
from rosbags import interfaces, rosbag2

from ssr_ros.rgbd import CameraIntrinsics, RgbdFrame

STEP_NS = 100_000_000
START_NS = 1_700_000_000_000_000_000


def make_frames(count=3, width=16, height=12, start_ns=START_NS):
    intrinsics = CameraIntrinsics(20.0, 21.0, 7.5, 5.5)
    for number in range(count):
        random = np.random.default_rng(number)
        rgb = random.integers(0, 256, (height, width, 3)).astype(np.uint8)
        depth_m = random.integers(400, 9000, (height, width)).astype(np.float32) / 1000
        depth_m[random.random(depth_m.shape) < 0.2] = np.nan
        yield RgbdFrame(rgb, depth_m, intrinsics, start_ns + number * STEP_NS, 'eye_optical')


def latched_qos():
    forever = interfaces.QosTime(9223372036, 854775807)
    return interfaces.Qos(
        interfaces.QosHistory.KEEP_LAST,
        1,
        interfaces.QosReliability.RELIABLE,
        interfaces.QosDurability.TRANSIENT_LOCAL,
        forever,
        forever,
        interfaces.QosLiveliness.AUTOMATIC,
        forever,
        False,
    )


class Recorder:
    """Writes single messages to a bag, as cameras of all kinds would."""

    def __init__(self, path, **options):
        from rosbags.typesys import get_typestore, Stores

        self.store = get_typestore(Stores.ROS2_HUMBLE)
        self.writer = rosbag2.Writer(path, version=8, **options)
        self.connections = {}

    def __enter__(self):
        self.writer.open()
        return self

    def __exit__(self, *_):
        self.writer.close()

    def header(self, stamp_ns, frame_id='eye'):
        types = self.store.types
        stamp = types['builtin_interfaces/msg/Time'](*divmod(stamp_ns, 10**9))
        return types['std_msgs/msg/Header'](stamp, frame_id)

    def put(self, topic, type_name, at_ns, stamp_ns=None, frame_id='eye', latched=False, **fields):
        if topic not in self.connections:
            qos = {'offered_qos_profiles': [latched_qos()]} if latched else {}
            self.connections[topic] = self.writer.add_connection(
                topic, type_name, typestore=self.store, **qos
            )
        header = self.header(at_ns if stamp_ns is None else stamp_ns, frame_id)
        message = self.store.types[type_name](header=header, **fields)
        data = self.store.serialize_cdr(message, type_name)
        self.writer.write(self.connections[topic], at_ns, data)

    def image(self, topic, at_ns, encoding='rgb8', size=(4, 3), stamp_ns=None, fill=1):
        width, height = size
        step = width * {'16UC1': 2, 'mono16': 2, '32FC1': 4, 'mono8': 1}.get(encoding, 3)
        data = np.full(height * step, fill, np.uint8)
        fields = {'encoding': encoding, 'is_bigendian': 0, 'step': step, 'data': data}
        name = 'sensor_msgs/msg/Image'
        self.put(topic, name, at_ns, stamp_ns, width=width, height=height, **fields)

    def info(self, topic, at_ns, size=(4, 3), focal=5.0, frame_id='eye', latched=False):
        info = self.camera_info(at_ns, size, focal, frame_id)
        fields = {name: value for name, value in vars(info).items() if not name.startswith('__')}
        fields.pop('header')
        fields['latched'] = latched
        self.put(topic, 'sensor_msgs/msg/CameraInfo', at_ns, frame_id=frame_id, **fields)

    def camera_info(self, at_ns, size=(4, 3), focal=5.0, frame_id='eye'):
        roi = self.store.types['sensor_msgs/msg/RegionOfInterest'](0, 0, 0, 0, False)
        return self.store.types['sensor_msgs/msg/CameraInfo'](
            header=self.header(at_ns, frame_id),
            height=size[1],
            width=size[0],
            distortion_model='plumb_bob',
            d=np.zeros(5),
            k=np.array([focal, 0, 2, 0, focal, 1, 0, 0, 1]),
            r=np.zeros(9),
            p=np.zeros(12),
            binning_x=0,
            binning_y=0,
            roi=roi,
        )

    def plain(self, topic, type_name, at_ns, message):
        """Write the fields of a message, as plain values, of one of the types below."""
        fields = {**vars(message)}
        frame_id = fields.pop('header').frame_id
        for name in ('k', 'd', 'r', 'p'):
            if name in fields:
                fields[name] = np.array(fields[name], np.float64)
        if 'roi' in fields:
            roi = self.store.types['sensor_msgs/msg/RegionOfInterest']
            fields['roi'] = roi(**vars(fields['roi']))
        self.put(topic, type_name, at_ns, frame_id=frame_id, **fields)


def record_camera(path, camera, at_ns=START_NS):
    """Write one pair of images with its calibration, a row of ``known_cameras``."""
    with Recorder(path) as bag:
        bag.plain('/eye/camera_info', 'sensor_msgs/msg/CameraInfo', at_ns, camera.info)
        bag.plain(camera.topic, 'sensor_msgs/msg/Image', at_ns, camera.color)
        bag.plain('/eye/depth', 'sensor_msgs/msg/Image', at_ns, camera.depth)
