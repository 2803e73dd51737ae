# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Recordings as other people's recorders leave them, and the checksums that all should carry."""

from pathlib import Path
import random
import struct
import tracemalloc

import numpy as np
import pytest

pytest.importorskip('rosbags.rosbag2', reason='bags are read through rosbags')

from bag_recorder import make_frames, Recorder
from rosbags.highlevel import AnyReader
from rosbags.typesys import get_types_from_msg

from ssr_ros.bags.checksums import check_checksums
from ssr_ros.bags.read import open_bag
from ssr_ros.bags.storage import RGBD_TYPE, type_store
from ssr_ros.bags.write import REGIONS_FIELDS, write_bag
from ssr_ros.errors import BagError, FrameError
from ssr_ros.scene import Grounded

ROOT = Path(__file__).resolve().parent.parent.parent


def storage_file(bag):
    return next(path for path in bag.iterdir() if path.suffix != '.yaml')


def content_of(path):
    with open_bag(path) as bag:
        return [(f.stamp_ns, f.rgb.tobytes(), f.depth_m.tobytes()) for f in bag.frames()]


@pytest.mark.parametrize('storage', ['mcap', 'sqlite3'])
def test_no_flipped_bit_gives_another_frame(tmp_path, storage):
    """38 of 60 once did, without a word."""
    write_bag(tmp_path / 'bag', make_frames(), storage)
    file = storage_file(tmp_path / 'bag')
    whole, right = file.read_bytes(), content_of(tmp_path / 'bag')
    chance = random.Random(1)
    refused = 0
    for _ in range(80):
        damaged = bytearray(whole)
        damaged[chance.randrange(len(whole))] ^= 1 << chance.randrange(8)
        file.write_bytes(damaged)
        try:
            assert content_of(tmp_path / 'bag') == right
        except (BagError, FrameError):
            refused += 1
    assert refused > 40


def test_a_small_recording_takes_little_memory_to_check(tmp_path):
    write_bag(tmp_path / 'bag', [next(iter(make_frames()))], 'sqlite3')
    tracemalloc.start()
    check_checksums(tmp_path / 'bag')
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 300_000, 'a block, not a megabyte for a file of kilobytes'


def test_the_chunks_of_a_written_file_carry_their_checksum(tmp_path):
    write_bag(tmp_path / 'bag', make_frames())
    file = storage_file(tmp_path / 'bag')
    whole = bytearray(file.read_bytes())
    chunk = whole.index(b'\x06', 8 + 9 + struct.unpack('<Q', whole[9:17])[0])
    assert struct.unpack_from('<I', whole, chunk + 9 + 24)[0]
    whole[chunk + 9 + 24] ^= 1
    file.write_bytes(whole)
    with pytest.raises(BagError, match='checksum'):
        content_of(tmp_path / 'bag')


def test_a_cut_mcap_is_cured_by_mcap_recover_and_a_cut_database_by_reindex(tmp_path):
    for storage, cure in (('mcap', 'mcap recover'), ('sqlite3', 'ros2 bag reindex')):
        write_bag(tmp_path / storage, make_frames(), storage)
        file = storage_file(tmp_path / storage)
        file.write_bytes(file.read_bytes()[:-500])
        with pytest.raises(BagError, match=cure):
            content_of(file)


@pytest.mark.parametrize('storage', ['mcap', 'sqlite3'])
def test_an_empty_storage_identifier_is_told_by_the_suffix(tmp_path, storage):
    write_bag(tmp_path / 'bag', make_frames(), storage)
    right = content_of(tmp_path / 'bag')
    metadata = tmp_path / 'bag' / 'metadata.yaml'
    text = metadata.read_text()
    changed = text.replace(f'storage_identifier: {storage}', "storage_identifier: ''")
    assert changed != text
    metadata.write_text(changed)
    assert content_of(tmp_path / 'bag') == right


def records(data, at):
    """Yield (start, opcode, end) of the records of an mcap file."""
    while at < len(data) - 8:
        end = at + 9 + struct.unpack_from('<Q', data, at + 1)[0]
        yield at, data[at], end
        at = end


def test_an_mcap_that_does_not_repeat_its_schemas_is_read(tmp_path):
    """Channels stand at the end of the file, and their types only among the messages."""
    write_bag(tmp_path / 'bag', make_frames())
    file = storage_file(tmp_path / 'bag')
    data, right = file.read_bytes(), content_of(tmp_path / 'bag')
    summary = struct.unpack_from('<Q', data, len(data) - 37 + 9)[0]
    kept = [(at, op, end) for at, op, end in records(data, summary) if op not in (0x03, 0x0E)]
    body = b''.join(data[at:end] for at, op, end in kept if op != 0x02)
    footer = struct.pack('<BQQQI', 0x02, 20, summary, 0, 0)
    bare = tmp_path / 'bare.mcap'
    bare.write_bytes(data[:summary] + body + footer + data[-8:])
    assert content_of(bare) == right
    with open_bag(bare) as bag:
        assert bag.topics['/color/image_raw'].count == 3
    file.write_bytes(bare.read_bytes())
    assert content_of(tmp_path / 'bag') == right


class RgbdRecorder(Recorder):
    """Writes realsense2_camera_msgs/RGBD alone."""

    def __init__(self, path):
        super().__init__(path)
        self.store = type_store()

    def rgbd(self, topic, at_ns, number):
        types = self.store.types
        info = self.camera_info(at_ns)
        rgb, depth = (
            types['sensor_msgs/msg/Image'](
                self.header(at_ns), 3, 4, encoding, 0, step, np.full(3 * step, number, np.uint8)
            )
            for encoding, step in (('rgb8', 12), ('16UC1', 8))
        )
        fields = {'rgb_camera_info': info, 'depth_camera_info': info, 'rgb': rgb, 'depth': depth}
        self.put(topic, RGBD_TYPE, at_ns, **fields)


def test_colour_and_depth_in_one_message_are_frames(tmp_path):
    with RgbdRecorder(tmp_path / 'bag') as bag:
        for number in (1, 2, 3):
            bag.rgbd('/cam/rgbd', number * 10**8, number)
    with open_bag(tmp_path / 'bag') as bag:
        found = bag.find_rgbd()
        assert (found.color, found.depth) == ('/cam/rgbd', '/cam/rgbd')
        assert bag.calibration(found).intrinsics.fx == 5.0
        frames = list(bag.frames(found))
    assert [int(f.rgb[0, 0, 0]) for f in frames] == [1, 2, 3]
    assert [round(float(f.depth_m[0, 0]), 3) for f in frames] == [0.257, 0.514, 0.771]
    assert [f.stamp_ns for f in frames] == [10**8, 2 * 10**8, 3 * 10**8]


def test_separate_topics_go_before_one_that_carries_both(tmp_path):
    with RgbdRecorder(tmp_path / 'bag') as bag:
        bag.rgbd('/cam/rgbd', 10**8, 1)
        bag.info('/cam/camera_info', 10**8)
        bag.image('/cam/image_raw', 10**8)
        bag.image('/cam/depth', 10**8, '16UC1')
    with open_bag(tmp_path / 'bag') as bag:
        assert bag.find_rgbd().color == '/cam/image_raw'
        assert bag.find_rgbd(color='/cam/rgbd').depth == '/cam/rgbd'


def test_a_recording_that_cannot_be_finished_leaves_nothing(tmp_path, monkeypatch):
    def full(frame):
        raise OSError(28, 'No space left on device')

    frames = make_frames()
    first = next(frames)
    with pytest.raises(BagError, match='No space left'):
        write_bag(tmp_path / 'bag', (full(f) if f is not first else f for f in [first, *frames]))
    assert not (tmp_path / 'bag').exists()


def test_what_is_called_what_is_written_and_read_back(tmp_path):
    def regions(frame):
        return [Grounded('red mug', (1.5, 2.0, 7.2, 6.0), 0.75, 'truth')]

    write_bag(tmp_path / 'bag', make_frames(), regions=regions)
    with AnyReader([tmp_path / 'bag']) as reader:
        (topic,) = [c for c in reader.connections if c.topic == '/named_regions']
        messages = [
            reader.deserialize(raw, topic.msgtype) for _, _, raw in reader.messages([topic])
        ]
    stamps = [frame.stamp_ns for frame in make_frames()]
    assert [m.header.stamp.sec * 10**9 + m.header.stamp.nanosec for m in messages] == stamps
    first, frame = messages[0], next(iter(make_frames()))
    assert (first.width, first.height) == (frame.width, frame.height)
    assert first.header.frame_id == frame.frame_id
    (mug,) = first.regions
    assert (mug.name, mug.score, mug.source) == ('red mug', 0.75, 'truth')
    box = mug.box
    assert (box.x_offset, box.y_offset, box.width, box.height) == (1, 2, 7, 4)


def test_the_fields_of_what_is_written_are_those_of_the_interfaces():
    for name, fields in REGIONS_FIELDS.items():
        text = (ROOT / 'msg' / f'{name.rpartition("/")[2]}.msg').read_text()
        assert get_types_from_msg(text, name) == get_types_from_msg(fields, name)
