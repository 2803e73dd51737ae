# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The files of a recording, opened with ``rosbags``: what it leaves to us, and our checksums."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from ssr_ros.bags.checksums import check_checksums
from ssr_ros.errors import BagError, require_package

RGBD_TYPE = 'realsense2_camera_msgs/msg/RGBD'
RGBD_FIELDS = """
std_msgs/Header header
sensor_msgs/CameraInfo rgb_camera_info
sensor_msgs/CameraInfo depth_camera_info
sensor_msgs/Image rgb
sensor_msgs/Image depth
"""

SCHEMALESS = '__schemaless__'
"""What ``rosbags`` calls a type whose schema it has not seen."""


def type_store() -> Any:
    """Return what decodes messages of the standard types, and of RGBD_TYPE.

    Raises:
        MissingPackageError: the package ``rosbags`` is not installed.
    """
    typesys = require_package('rosbags.typesys', 'bags')
    store = typesys.get_typestore(typesys.Stores.ROS2_HUMBLE)
    store.register(typesys.get_types_from_msg(RGBD_FIELDS, RGBD_TYPE))
    return store


def learn_type(store: Any, type_name: str, definition: Any) -> None:
    """Register a message type as a recording defines it, and what it is made of.

    Args:
        store: of ``type_store``.
        type_name: ROS 2 type name.
        definition: of the ``rosbags`` connection; only those in .msg form are read.
    """
    typesys = require_package('rosbags.typesys', 'bags')
    if definition.format.name != 'MSG':
        return
    found = typesys.get_types_from_msg(definition.data, type_name)
    store.register({name: each for name, each in found.items() if name not in store.types})


@contextmanager
def open_storage(path: Path) -> Iterator[Any]:
    """Open a rosbag2 folder or one of its files, and give its reader.

    Raises:
        BagError: a checksum that the recording carries is not that of its bytes.
        MissingPackageError: the package ``rosbags`` is not installed.
    """
    require_package('rosbags', 'bags')
    check_checksums(path)
    recording = require_package('rosbags.rosbag2', 'bags').Reader(path)
    if path.is_dir():  # some recorders leave storage_identifier empty
        plugins = recording.storage.STORAGE_PLUGINS
        recording.storage.STORAGE_PLUGINS = {**plugins, '': partial(_by_suffix, plugins)}
    with recording:
        for storage in getattr(recording.storage, 'storages', [recording.storage]):
            _learn_types(storage)
        yield recording


def _learn_types(storage: Any) -> None:
    """Look for schemas among the messages, where an mcap file does not repeat them at its end."""
    if any(connection.msgtype == SCHEMALESS for connection in storage.connections):
        storage.connections = []
        storage.meta_scan()
        counts = storage.statistics.channel_message_counts
        storage.connections = [
            each._replace(msgcount=counts.get(each.id, 0)) for each in storage.connections
        ]


def _by_suffix(plugins: Mapping[str, Callable[[Path], Any]], file: Path) -> Any:
    name = {'.mcap': 'mcap', '.db3': 'sqlite3'}.get(file.suffix)
    if name is None:
        raise BagError(f'{file}: expected a .mcap or .db3 file')
    return plugins[name](file)
