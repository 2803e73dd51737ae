# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Frames found without decoding images, and chosen ones read."""

import pytest

pytest.importorskip('rosbags.rosbag2', reason='bags are read through rosbags')

from bag_recorder import make_frames, Recorder, START_NS, STEP_NS

from ssr_ros.bags.index import FrameReader, index_bag
from ssr_ros.bags.read import open_bag
from ssr_ros.bags.write import write_bag
from ssr_ros.rgbd.calibration import CameraRules
from ssr_ros.rgbd.messages import rgbd_frame


def chosen(path, numbers):
    """Return (stamp, first pixel, focal length) of chosen frames, and how much was decoded."""
    with open_bag(path) as bag:
        topics = bag.find_rgbd()
        index = index_bag(bag, topics)
        rules = CameraRules(topic=topics.color)
        reader = FrameReader(bag, index, rules)
        found = [
            (raw.place.stamp_ns, int(raw.color.data[0]), float(raw.info.k[0]))
            for raw in reader.read([index.places[number] for number in numbers])
        ]
        return found, reader.decoded


@pytest.mark.parametrize('storage', ['mcap', 'sqlite3'])
def test_the_places_are_the_pairs_that_reading_everything_finds(tmp_path, storage):
    write_bag(tmp_path / 'bag', make_frames(6), storage)
    with open_bag(tmp_path / 'bag') as bag:
        topics = bag.find_rgbd()
        index = index_bag(bag, topics)
        rules = CameraRules(topic=topics.color)
        frames = list(bag.frames(topics))
        read = [
            rgbd_frame(raw.color, raw.depth, raw.info, rules=rules)
            for raw in FrameReader(bag, index, rules).read(index.places)
        ]
    assert [place.stamp_ns for place in index.places] == [frame.stamp_ns for frame in frames]
    assert len(read) == 6
    for one, other in zip(read, frames, strict=True):
        assert one.rgb.tobytes() == other.rgb.tobytes()
        assert one.depth_m.tobytes() == other.depth_m.tobytes()
        assert one.intrinsics == other.intrinsics


def test_no_image_is_decoded_that_was_not_chosen(tmp_path):
    with Recorder(tmp_path / 'bag') as bag:
        for number in range(50):
            at_ns = START_NS + number * STEP_NS
            bag.info('/eye/camera_info', at_ns)
            bag.image('/eye/rgb', at_ns, fill=number)
            bag.image('/eye/depth', at_ns, '16UC1', fill=number)
    found, decoded = chosen(tmp_path / 'bag', [40, 3])
    assert [fill for _, fill, _ in found] == [3, 40]
    assert decoded == 4


def test_an_image_is_told_by_its_stamp_where_a_recorder_wrote_many_at_one_time(tmp_path):
    with Recorder(tmp_path / 'bag') as bag:
        bag.info('/eye/camera_info', START_NS)
        for number in range(5):
            stamp_ns = START_NS + number * STEP_NS
            bag.image('/eye/rgb', START_NS + 9, stamp_ns=stamp_ns, fill=number)
            bag.image('/eye/depth', START_NS + 9, '16UC1', stamp_ns=stamp_ns, fill=number)
    found, _ = chosen(tmp_path / 'bag', [1, 3])
    assert [fill for _, fill, _ in found] == [1, 3]


def test_a_chosen_frame_has_the_calibration_of_its_time(tmp_path):
    with Recorder(tmp_path / 'bag') as bag:
        for number in range(30):
            at_ns = START_NS + number * STEP_NS
            bag.info('/eye/camera_info', at_ns, focal=5.0 if number < 10 else 6.0)
            bag.image('/eye/rgb', at_ns, fill=number)
            bag.image('/eye/depth', at_ns, '16UC1')
    found, _ = chosen(tmp_path / 'bag', [2, 9, 10, 29])
    assert [focal for *_, focal in found] == [5.0, 5.0, 6.0, 6.0]


def test_lost_images_make_no_pair(tmp_path):
    with Recorder(tmp_path / 'bag') as bag:
        bag.info('/eye/camera_info', START_NS, latched=True)
        for number in range(10):
            if number != 3:
                bag.image('/eye/rgb', START_NS + number * STEP_NS, fill=number)
            if number != 6:
                bag.image('/eye/depth', START_NS + number * STEP_NS, '16UC1')
    with open_bag(tmp_path / 'bag') as bag:
        index = index_bag(bag, bag.find_rgbd())
    numbers = [(place.stamp_ns - START_NS) // STEP_NS for place in index.places]
    assert numbers == [0, 1, 2, 4, 5, 7, 8, 9]
