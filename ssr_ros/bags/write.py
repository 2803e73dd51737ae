# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Write RGB-D frames as a small rosbag2 that ``ros2 bag play`` accepts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
import math
from pathlib import Path
import shutil
from typing import Any

import numpy as np

from ssr_ros.bags.checksums import database_note, write_checksums
from ssr_ros.errors import BagError, require_package
from ssr_ros.rgbd.depth import depth_to_millimetres
from ssr_ros.rgbd.frame import RgbdFrame
from ssr_ros.scene.grounded import Grounded

STORAGES = ('mcap', 'sqlite3')
DEPTH_WRITTEN_AS = ('16UC1', '32FC1')

BAG_VERSION = 8
"""Jazzy's; Humble reads it too. Version 9 writes the QoS in a form that Humble does not know."""


REGION_TYPE, REGIONS_TYPE = 'ssr_ros/msg/NamedRegion', 'ssr_ros/msg/NamedRegions'
REGIONS_FIELDS = {
    REGION_TYPE: 'string name\nsensor_msgs/RegionOfInterest box\nfloat32 score\nstring source',
    REGIONS_TYPE: 'std_msgs/Header header\nuint32 width\nuint32 height\nNamedRegion[] regions',
}
"""As in msg/; a test holds them against each other."""


def write_bag(
    path: str | Path,
    frames: Iterable[RgbdFrame],
    storage: str = 'mcap',
    color_topic: str = '/color/image_raw',
    depth_topic: str = '/depth/image_raw',
    info_topic: str = '/color/camera_info',
    depth_encoding: str = '16UC1',
    regions: Callable[[RgbdFrame], Sequence[Grounded]] | None = None,
    regions_topic: str = '/named_regions',
) -> int:
    """Write frames to a new rosbag2 folder and return how many there were.

    Colour is written as rgb8 and depth as millimetres (16UC1) or metres (32FC1), uncompressed
    for whoever subscribes; inside an mcap file the chunks are compressed without loss (zstd),
    which ``ros2 bag`` reads by itself. A folder that was begun and failed is removed.

    Args:
        path: the folder to make; it must not exist.
        frames: in the order of their stamps.
        storage: one of STORAGES.
        color_topic: absolute name.
        depth_topic: absolute name.
        info_topic: absolute name of the camera_info, written with every frame.
        depth_encoding: one of DEPTH_WRITTEN_AS.
        regions: gives what is in a frame, as boxes, to be asked for by name; None writes none.
        regions_topic: absolute name, of ssr_ros/NamedRegions.

    Raises:
        BagError: the folder exists or cannot be made, a name is relative, or nothing was given.
        MissingPackageError: the package ``rosbags`` is not installed.
    """
    path = Path(path)
    _check_choices(storage, depth_encoding, (color_topic, depth_topic, info_topic, regions_topic))
    try:
        path.mkdir(parents=True)
    except OSError as error:
        raise BagError(f'{path}: cannot be made ({error.strerror}): name a new folder') from error
    path.rmdir()  # the writer wants to make it itself
    count = 0
    try:
        with open_writer(path, storage) as writer:
            topics = _Topics(writer, color_topic, depth_topic, info_topic, depth_encoding)
            named = None if regions is None else topics.named(regions_topic)
            for frame in frames:
                if regions is not None and named is not None:
                    topics.write_regions(named, frame, regions(frame))
                topics.write(frame)
                count += 1
        if not count:
            raise BagError(f'{path}: there was no frame to write')
        write_checksums(path)
    except OSError as error:
        shutil.rmtree(path, ignore_errors=True)
        raise BagError(f'{path}: cannot be written ({error.strerror or error})') from error
    except BaseException:
        shutil.rmtree(path, ignore_errors=True)
        raise
    return count


def open_writer(path: Path, storage: str) -> Any:
    """Return a rosbag2 writer that makes a new folder; use it in a ``with`` statement."""
    require_package('rosbags', 'bags')
    rosbag2 = require_package('rosbags.rosbag2', 'bags')
    plugin = rosbag2.StoragePlugin[storage.upper()]
    writer = rosbag2.Writer(path, version=BAG_VERSION, storage_plugin=plugin)
    if storage == 'sqlite3':
        writer.set_custom_data(*database_note(f'{path.name}.db3'))
    if storage == 'mcap':
        writer.set_compression(rosbag2.CompressionMode.STORAGE, rosbag2.CompressionFormat.ZSTD)
    return writer


class _Topics:
    """The three topics of an open writer."""

    def __init__(
        self, writer: Any, color_topic: str, depth_topic: str, info_topic: str, depth_encoding: str
    ) -> None:
        typesys = require_package('rosbags.typesys', 'bags')
        self._store = typesys.get_typestore(typesys.Stores.ROS2_HUMBLE)
        self._writer = writer
        self._depth_encoding = depth_encoding
        self._color = self._add(color_topic, 'sensor_msgs/msg/Image')
        self._depth = self._add(depth_topic, 'sensor_msgs/msg/Image')
        self._info = self._add(info_topic, 'sensor_msgs/msg/CameraInfo')

    def write(self, frame: RgbdFrame) -> None:
        """Write one frame as three messages of one stamp."""
        if self._depth_encoding == '16UC1':
            depth: np.ndarray[Any, Any] = depth_to_millimetres(frame.depth_m)
        else:
            depth = frame.depth_m
        self._put(self._info, frame, self._camera_info(frame))
        self._put(self._color, frame, self._image(frame, frame.rgb, 'rgb8'))
        self._put(self._depth, frame, self._image(frame, depth, self._depth_encoding))

    def named(self, topic: str) -> Any:
        """Add a topic of named regions."""
        typesys = require_package('rosbags.typesys', 'bags')
        for name, fields in REGIONS_FIELDS.items():
            self._store.register(typesys.get_types_from_msg(fields, name))
        return self._add(topic, REGIONS_TYPE)

    def write_regions(self, topic: Any, frame: RgbdFrame, regions: Sequence[Grounded]) -> None:
        """Write what is in a frame; boxes are rounded outwards to whole pixels."""
        self._put(
            topic,
            frame,
            self._new(
                REGIONS_TYPE,
                header=self._header(frame),
                width=frame.width,
                height=frame.height,
                regions=[self._region(each) for each in regions],
            ),
        )

    def _region(self, region: Grounded) -> Any:
        x0, y0, x1, y1 = region.box_px or (0.0, 0.0, 0.0, 0.0)
        left, top = max(0, math.floor(x0)), max(0, math.floor(y0))
        box = self._new(
            'sensor_msgs/msg/RegionOfInterest',
            x_offset=left,
            y_offset=top,
            width=max(0, math.ceil(x1) - left),
            height=max(0, math.ceil(y1) - top),
            do_rectify=False,
        )
        score = region.score
        return self._new(
            REGION_TYPE, name=region.phrase, box=box, score=score, source=region.source
        )

    def _add(self, topic: str, type_name: str) -> Any:
        return self._writer.add_connection(
            topic, type_name, typestore=self._store, offered_qos_profiles=[reliable_qos()]
        )

    def _put(self, connection: Any, frame: RgbdFrame, message: Any) -> None:
        cdr = self._store.serialize_cdr(message, connection.msgtype)
        self._writer.write(connection, frame.stamp_ns, cdr)

    def _new(self, name: str, /, *values: Any, **fields: Any) -> Any:
        return self._store.types[name](*values, **fields)

    def _header(self, frame: RgbdFrame) -> Any:
        stamp = self._new('builtin_interfaces/msg/Time', *divmod(frame.stamp_ns, 1_000_000_000))
        return self._new('std_msgs/msg/Header', stamp, frame.frame_id)

    def _image(self, frame: RgbdFrame, pixels: np.ndarray[Any, Any], encoding: str) -> Any:
        little_endian = np.ascontiguousarray(pixels, pixels.dtype.newbyteorder('<'))
        data = np.frombuffer(little_endian.tobytes(), np.uint8)
        return self._new(
            'sensor_msgs/msg/Image',
            header=self._header(frame),
            height=frame.height,
            width=frame.width,
            encoding=encoding,
            is_bigendian=0,
            step=data.size // frame.height,
            data=data,
        )

    def _camera_info(self, frame: RgbdFrame) -> Any:
        k = frame.intrinsics.as_matrix()
        roi = self._new('sensor_msgs/msg/RegionOfInterest', 0, 0, 0, 0, False)
        return self._new(
            'sensor_msgs/msg/CameraInfo',
            header=self._header(frame),
            height=frame.height,
            width=frame.width,
            distortion_model='plumb_bob',
            d=np.zeros(5),
            k=k.ravel(),
            r=np.eye(3).ravel(),
            p=np.hstack([k, np.zeros((3, 1))]).ravel(),
            binning_x=0,
            binning_y=0,
            roi=roi,
        )


def reliable_qos() -> Any:
    """Reliable, the last ten: fits every subscriber of a playback."""
    interfaces = require_package('rosbags.interfaces', 'bags')
    forever = interfaces.QosTime(9223372036, 854775807)
    return interfaces.Qos(
        interfaces.QosHistory.KEEP_LAST,
        10,
        interfaces.QosReliability.RELIABLE,
        interfaces.QosDurability.VOLATILE,
        forever,
        forever,
        interfaces.QosLiveliness.AUTOMATIC,
        forever,
        False,
    )


def _check_choices(storage: str, depth_encoding: str, topics: tuple[str, ...]) -> None:
    if storage not in STORAGES:
        raise BagError(f'storage must be one of {", ".join(STORAGES)}, got {storage!r}')
    if depth_encoding not in DEPTH_WRITTEN_AS:
        raise BagError(
            f'depth is written as {" or ".join(DEPTH_WRITTEN_AS)}, got {depth_encoding!r}'
        )
    for topic in topics:
        if not topic.startswith('/'):
            raise BagError(f'a bag holds absolute topic names, got {topic!r}: begin it with /')
