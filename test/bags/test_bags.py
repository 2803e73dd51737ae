# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Recordings: what is read is what was written, and damage is named."""

from pathlib import Path

import numpy as np
import pytest

from ssr_ros.errors import BagError, FrameError
from ssr_ros.rgbd import CameraIntrinsics

rosbags = pytest.importorskip('rosbags.rosbag2', reason='bags are read through rosbags')

from bag_recorder import make_frames, Recorder  # noqa: E402

from ssr_ros.bags.read import open_bag  # noqa: E402
from ssr_ros.bags.write import write_bag  # noqa: E402

SHARED_BAG = Path(__file__).parents[3] / 'shared/rgbd/bag_float_sqlite3'


def storage_file(bag):
    return next(path for path in bag.iterdir() if path.suffix != '.yaml')


@pytest.mark.parametrize('storage', ['mcap', 'sqlite3'])
@pytest.mark.parametrize('encoding', ['16UC1', '32FC1'])
def test_written_frames_come_back_unchanged(tmp_path, storage, encoding):
    written = list(make_frames())
    assert write_bag(tmp_path / 'bag', written, storage, depth_encoding=encoding) == 3
    with open_bag(tmp_path / 'bag') as bag:
        read = list(bag.frames())
    assert len(read) == 3
    for before, after in zip(written, read, strict=True):
        np.testing.assert_array_equal(after.rgb, before.rgb)
        np.testing.assert_allclose(after.depth_m, before.depth_m, rtol=1e-6)
        assert (after.stamp_ns, after.frame_id) == (before.stamp_ns, 'eye_optical')
        assert after.intrinsics.as_matrix().tolist() == before.intrinsics.as_matrix().tolist()


def test_a_storage_file_opens_without_its_folder(tmp_path):
    for storage in ('mcap', 'sqlite3'):
        write_bag(tmp_path / storage, make_frames(), storage)
        with open_bag(storage_file(tmp_path / storage)) as bag:
            assert len(list(bag.frames())) == 3


def test_topics_are_listed_with_type_and_count(tmp_path):
    write_bag(tmp_path / 'bag', make_frames(), color_topic='/eye/rgb')
    with open_bag(tmp_path / 'bag') as bag:
        topic = bag.topics['/eye/rgb']
    assert (topic.type, topic.count) == ('sensor_msgs/msg/Image', 3)


def test_nothing_is_overwritten_and_a_failed_write_leaves_nothing(tmp_path):
    write_bag(tmp_path / 'bag', make_frames())
    with pytest.raises(BagError, match='new folder'):
        write_bag(tmp_path / 'bag', make_frames())
    with pytest.raises(BagError, match='no frame'):
        write_bag(tmp_path / 'empty', [])
    assert not (tmp_path / 'empty').exists()


@pytest.mark.parametrize(
    ('options', 'message'),
    [
        ({'storage': 'zip'}, 'mcap, sqlite3'),
        ({'depth_encoding': '8UC1'}, '16UC1 or 32FC1'),
        ({'color_topic': 'color/image_raw'}, 'absolute'),
    ],
)
def test_wrong_choices_of_the_writer_are_named(tmp_path, options, message):
    with pytest.raises(BagError, match=message):
        write_bag(tmp_path / 'bag', make_frames(), **options)


def test_the_camera_is_found_among_others(tmp_path):
    """The colour camera's registered depth, not the infrared pair or the raw depth."""
    with Recorder(tmp_path / 'bag') as bag:
        bag.image('/cam/infra1/image_rect_raw', 1, 'mono8')
        bag.image('/cam/depth/image_rect_raw', 1, '16UC1', size=(8, 6))
        bag.image('/cam/aligned_depth_to_color/image_raw', 1, '16UC1')
        bag.image('/cam/color/image_raw', 1, 'rgb8')
        bag.info('/cam/infra1/camera_info', 1)
        bag.info('/cam/color/camera_info', 1)
        bag.info('/cam/depth/camera_info', 1, size=(8, 6))
    with open_bag(tmp_path / 'bag') as bag:
        found = bag.find_rgbd()
        assert found.color == '/cam/color/image_raw'
        assert found.depth == '/cam/aligned_depth_to_color/image_raw'
        assert found.info == '/cam/color/camera_info'
        chosen = bag.find_rgbd(color='/cam/infra1/image_rect_raw')
        assert chosen.color == '/cam/infra1/image_rect_raw'
        assert chosen.info == '/cam/infra1/camera_info'


def test_depth_alone_is_not_a_camera(tmp_path):
    with Recorder(tmp_path / 'bag') as bag:
        bag.image('/depth', 1, '16UC1')
    with open_bag(tmp_path / 'bag') as bag:
        with pytest.raises(BagError, match=r"a colour image.*/depth \('16UC1'\)"):
            bag.find_rgbd()
        with pytest.raises(BagError, match="no topic '/rgb'"):
            bag.find_rgbd(color='/rgb')


def test_missing_calibration_is_named_and_can_be_given(tmp_path):
    with Recorder(tmp_path / 'bag') as bag:
        bag.image('/rgb', 1)
        bag.image('/depth', 1, '16UC1')
    with open_bag(tmp_path / 'bag') as bag:
        with pytest.raises(BagError, match='--intrinsics'):
            list(bag.frames())
        assert len(list(bag.frames(intrinsics=CameraIntrinsics(5, 5, 2, 1)))) == 1


def record_pairs(path, color_ns, depth_ns):
    """Stamps are the times of recording; the fill of an image tells its number."""
    times = [(t, 'rgb', n) for n, t in enumerate(color_ns)]
    times += [(t, 'depth', n) for n, t in enumerate(depth_ns)]
    with Recorder(path) as bag:
        bag.info('/camera_info', 0)
        for time_ns, name, number in sorted(times, key=lambda each: each[0]):
            encoding = 'rgb8' if name == 'rgb' else '16UC1'
            bag.image(f'/{name}', time_ns, encoding, fill=number + 1)


def read_pairs(path, tolerance_s):
    with open_bag(path) as bag:
        frames = bag.frames(tolerance_s=tolerance_s)
        return [(int(f.rgb[0, 0, 0]) - 1, round(f.depth_m[0, 0] / 0.257) - 1) for f in frames]


def test_each_color_image_gets_the_nearest_depth_image(tmp_path):
    """30 Hz colour and 15 Hz depth, 4 ms apart: every second colour image has a partner."""
    color = [int(n / 30 * 1e9) for n in range(1, 9)]
    depth = [int((n / 15) * 1e9) + 4_000_000 for n in range(1, 5)]
    record_pairs(tmp_path / 'bag', color, depth)
    assert read_pairs(tmp_path / 'bag', 0.01) == [(1, 0), (3, 1), (5, 2), (7, 3)]
    assert read_pairs(tmp_path / 'bag', 0.001) == []


def test_the_last_pair_is_not_lost_when_depth_stamps_come_first(tmp_path):
    record_pairs(tmp_path / 'bag', [10_000_000, 110_000_000], [8_000_000, 108_000_000])
    assert read_pairs(tmp_path / 'bag', 0.01) == [(0, 0), (1, 1)]


def test_stamps_that_go_backwards_start_anew(tmp_path):
    with Recorder(tmp_path / 'bag') as bag:
        bag.info('/camera_info', 1)
        for at_ns, stamp_ns in [(10, 5_000), (20, 6_000), (30, 1_000), (40, 2_000)]:
            bag.image('/rgb', at_ns, stamp_ns=stamp_ns, fill=stamp_ns // 1000)
            bag.image('/depth', at_ns, '16UC1', stamp_ns=stamp_ns, fill=stamp_ns // 1000)
    with open_bag(tmp_path / 'bag') as bag:
        assert [f.stamp_ns for f in bag.frames()] == [5_000, 6_000, 1_000, 2_000]


def test_zero_stamps_fall_back_to_the_time_of_recording(tmp_path):
    with Recorder(tmp_path / 'bag') as bag:
        bag.info('/camera_info', 1)
        bag.image('/rgb', 77, stamp_ns=0)
        bag.image('/depth', 78, '16UC1', stamp_ns=0)
    with open_bag(tmp_path / 'bag') as bag:
        assert [f.stamp_ns for f in bag.frames()] == [77]


def test_a_silent_depth_topic_does_not_pile_up_images(tmp_path):
    record_pairs(tmp_path / 'bag', [n * 10**8 for n in range(1, 40)], [39 * 10**8])
    assert read_pairs(tmp_path / 'bag', 0.01) == [(38, 0)]


def test_colour_and_depth_of_different_sizes_are_refused(tmp_path):
    with Recorder(tmp_path / 'bag') as bag:
        bag.info('/camera_info', 1)
        bag.image('/rgb', 1)
        bag.image('/depth', 1, '16UC1', size=(8, 6))
    with open_bag(tmp_path / 'bag') as bag, pytest.raises(FrameError, match='registered'):
        list(bag.frames())


def test_compressed_topics_are_read_like_raw_ones(tmp_path):
    cv2 = pytest.importorskip('cv2')
    png = cv2.imencode('.png', np.full((3, 4, 3), 7, np.uint8))[1]
    depth = np.frombuffer(
        bytes(12) + cv2.imencode('.png', np.full((3, 4), 1500, np.uint16))[1].tobytes(), np.uint8
    )
    name = 'sensor_msgs/msg/CompressedImage'
    with Recorder(tmp_path / 'bag') as bag:
        bag.info('/camera_info', 1)
        bag.put('/rgb/compressed', name, 1, format='bgr8; png compressed bgr8', data=png.ravel())
        bag.put(
            '/d/compressedDepth', name, 1, format='16UC1; compressedDepth png', data=depth.copy()
        )
    with open_bag(tmp_path / 'bag') as bag:
        (frame,) = bag.frames()
    assert frame.rgb[0, 0].tolist() == [7, 7, 7]
    assert frame.depth_m[0, 0] == pytest.approx(1.5)


def test_messages_compressed_one_by_one_need_the_metadata(tmp_path):
    """The folder says how to read them; the file alone gives bytes that are no messages."""
    for plugin in rosbags.StoragePlugin:
        path = tmp_path / plugin.name
        recorder = Recorder(path, storage_plugin=plugin)
        recorder.writer.set_compression(
            rosbags.CompressionMode.MESSAGE, rosbags.CompressionFormat.ZSTD
        )
        with recorder as bag:
            bag.info('/camera_info', 1)
            bag.image('/rgb', 1)
            bag.image('/depth', 1, '16UC1')
        with open_bag(path) as bag:
            assert len(list(bag.frames())) == 1
        with (
            open_bag(storage_file(path)) as bag,
            pytest.raises(BagError, match='compressed one by one'),
        ):
            list(bag.frames())


def test_type_names_of_ros_1_are_refused(tmp_path):
    write_bag(tmp_path / 'bag', make_frames(), storage='sqlite3')
    database = storage_file(tmp_path / 'bag')
    content = database.read_bytes()
    (tmp_path / 'old.db3').write_bytes(content.replace(b'sensor_msgs/msg/', b'sensor_msgs/raw_'))
    with open_bag(tmp_path / 'old.db3') as bag:
        for read in (bag.messages, bag.frames):
            with pytest.raises(BagError, match='not a ROS 2 type name'):
                list(read())


@pytest.mark.parametrize(
    ('name', 'message'),
    [
        ('nothing', 'no such recording'),
        ('empty_folder', r'no metadata.yaml.*ros2 bag reindex'),
        ('old.bag', 'ROS 1 bag.*rosbags-convert'),
        ('notes.txt', 'folder, or a .mcap or .db3 file'),
        ('rubbish.db3', 'cannot be read'),
        ('rubbish.mcap', 'cannot be read'),
    ],
)
def test_what_is_not_a_bag_is_refused_with_the_way_out(tmp_path, name, message):
    (tmp_path / 'empty_folder').mkdir()
    for file in ('old.bag', 'notes.txt', 'rubbish.db3', 'rubbish.mcap'):
        (tmp_path / file).write_bytes(b'rubbish' * 100)
    with pytest.raises(BagError, match=message):
        open_bag(tmp_path / name)


@pytest.mark.parametrize('storage', ['mcap', 'sqlite3'])
def test_damaged_bags_give_bag_errors_and_nothing_else(tmp_path, storage):
    """Whatever 150 random damages do, the reader's own exceptions never reach the user."""
    write_bag(tmp_path / 'bag', make_frames(), storage)
    file = storage_file(tmp_path / 'bag')
    whole = file.read_bytes()
    random = np.random.default_rng(0)
    refused = 0
    for number in range(150):
        damaged = bytearray(whole)
        if number % 2:
            damaged = damaged[: random.integers(len(damaged))]
        for _ in range(20):
            damaged[random.integers(len(damaged))] = random.integers(256)
        file.write_bytes(damaged)
        try:
            with open_bag(tmp_path / 'bag') as bag:
                list(bag.frames())
        except (BagError, FrameError):
            refused += 1
    assert refused > 75


def test_a_topic_that_is_not_there_is_named(tmp_path):
    write_bag(tmp_path / 'bag', make_frames())
    with open_bag(tmp_path / 'bag') as bag, pytest.raises(BagError, match='/color/image_raw'):
        list(bag.messages(['/imu']))


def test_messages_of_no_topics_are_none(tmp_path):
    write_bag(tmp_path / 'bag', make_frames())
    with open_bag(tmp_path / 'bag') as bag:
        assert list(bag.messages([])) == []


@pytest.mark.skipif(
    not SHARED_BAG.exists(), reason='the real bag is not beside the repository (../shared/rgbd)'
)
def test_raw_and_rvl_depth_of_one_real_frame_agree():
    """Recorded by others: 32FC1 metres, and the same frame as RVL inverse depth."""
    with open_bag(SHARED_BAG) as bag:
        raw = bag.find_rgbd()
        assert raw.depth == '/head/depth_registered/image_rect'
        rvl = bag.find_rgbd(depth='/head/depth_registered/image_rect/compressedDepth')
        (a,), (b,) = bag.frames(raw), bag.frames(rvl)
    np.testing.assert_array_equal(a.valid, b.valid)
    assert 0.6 < a.valid_ratio < 0.7
    assert np.nanmax(np.abs(a.depth_m - b.depth_m)) < 1e-4
