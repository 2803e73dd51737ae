# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""A recording gives the pairs that the node would find, and each frame its own camera_info."""

from dataclasses import dataclass
import random
from types import SimpleNamespace

import pytest

pytest.importorskip('rosbags.rosbag2', reason='bags are read through rosbags')

from bag_recorder import Recorder

from ssr_ros.bags.read import open_bag
from ssr_ros.bags.stamps import pair_by_stamp
from ssr_ros.engine.intake import Intake
from ssr_ros.engine.pairing import Pairing
from ssr_ros.errors import FrameError

MS = 1_000_000


@dataclass(frozen=True)
class Message:
    topic: str
    stamp_ns: int
    arrived_ns: int

    @property
    def header(self):
        sec, nanosec = divmod(self.stamp_ns, 10**9)
        return SimpleNamespace(stamp=SimpleNamespace(sec=sec, nanosec=nanosec), frame_id='eye')


def two_streams(chance):
    """Colour and depth of a random camera: rates, offset, jitter, losses, delays."""
    messages = []
    for topic in ('color', 'depth'):
        period_ms = chance.choice([33.3, 33.3, 66.7, 100.0])
        offset_ms, jitter_ms = chance.uniform(0, 15), chance.choice([0.01, 1, 5])
        delay_ms, loss = chance.uniform(0, 40), chance.choice([0, 0.05, 0.3])
        stamp_ms = 1000 + offset_ms
        for _ in range(40):
            stamp_ms += period_ms
            stamp_ns = round((stamp_ms + chance.uniform(0, jitter_ms)) * MS)
            if chance.random() >= loss:
                messages.append(Message(topic, stamp_ns, stamp_ns + round(delay_ms * MS)))
    return sorted(messages, key=lambda message: message.arrived_ns)


def pairs_of_the_node(messages, tolerance_ns):
    """What the node's newest pair has been, without those that a closer image replaced."""
    intake = Intake(tolerance_ns, lambda: 0, lambda stream: '')
    intake.take_info(messages[0])
    pairs = []
    for message in messages:
        if intake.take_image(message.topic, message):
            pair = intake.peek().pair
            if pairs and (pairs[-1].color is pair.color or pairs[-1].depth is pair.depth):
                pairs.pop()
            pairs.append(pair)
    return [(pair.color, pair.depth) for pair in pairs]


def mutual_nearest(messages, tolerance_ns):
    """Both are each other's nearest, by looking at everything at once."""
    colors = [m for m in messages if m.topic == 'color']
    depths = [m for m in messages if m.topic == 'depth']

    def nearest(message, among):
        return min(among, key=lambda each: abs(each.stamp_ns - message.stamp_ns))

    pairs = [(color, nearest(color, depths)) for color in colors if depths]
    return [
        (color, depth)
        for color, depth in pairs
        if nearest(depth, colors) is color and abs(color.stamp_ns - depth.stamp_ns) <= tolerance_ns
    ]


def test_a_recording_is_paired_as_the_node_pairs_whatever_is_lost():
    for seed in range(400):
        chance = random.Random(seed)
        messages, tolerance_ns = two_streams(chance), round(chance.choice([5, 20, 50]) * MS)
        found = list(pair_by_stamp(messages, 'color', 'depth', Pairing(tolerance_ns)))
        assert found == pairs_of_the_node(messages, tolerance_ns), seed
        colors, depths = [c for c, _ in found], [d for _, d in found]
        assert len(set(colors)) == len(colors) and len(set(depths)) == len(depths), seed
        # All that are each other's nearest, and at most one that only later images spoil.
        best = set(mutual_nearest(messages, tolerance_ns))
        assert best <= set(found) and len(found) <= len(best) + 1, seed


def record(path, color_ns, depth_ns, infos=((0, 5.0),)):
    """Stamps are the times of recording; the fill of an image tells its number."""
    times = [(t, 'rgb', n) for n, t in enumerate(color_ns)]
    times += [(t, 'depth', n) for n, t in enumerate(depth_ns)]
    times += [(t, 'info', focal) for t, focal in infos]
    with Recorder(path) as bag:
        for time_ns, name, number in sorted(times, key=lambda each: each[0]):
            if name == 'info':
                bag.info('/camera_info', time_ns, focal=number)
            else:
                encoding = 'rgb8' if name == 'rgb' else '16UC1'
                bag.image(f'/{name}', time_ns, encoding, fill=number + 1)


def read_numbers(path, **options):
    with open_bag(path) as bag:
        return [
            (int(f.rgb[0, 0, 0]) - 1, round(f.depth_m[0, 0] / 0.257) - 1)
            for f in bag.frames(**options)
        ]


def test_one_lost_depth_image_does_not_shift_those_that_follow(tmp_path):
    color = [round(n / 30 * 1e9) + 10**9 for n in range(12)]
    depth = [stamp + 1000 for n, stamp in enumerate(color) if n != 5]
    record(tmp_path / 'bag', color, depth)
    expected = [(n, n if n < 5 else n - 1) for n in range(12) if n != 5]
    assert read_numbers(tmp_path / 'bag') == expected
    assert read_numbers(tmp_path / 'bag', tolerance_s=0.1) == expected


def test_depth_at_half_the_rate_goes_with_every_second_color_image(tmp_path):
    """Colour at 30 Hz, depth at 15 Hz, 8 ms later: 41 ms pairs were the answer once."""
    color = [round(n / 30 * 1e9) + 10**9 for n in range(12)]
    depth = [stamp + 8 * MS for stamp in color[::2]]
    record(tmp_path / 'bag', color, depth)
    assert read_numbers(tmp_path / 'bag') == [(2 * n, n) for n in range(6)]


def test_the_tolerance_is_the_node_s(tmp_path):
    record(tmp_path / 'bag', [10**9], [10**9 + 19 * MS])
    assert len(read_numbers(tmp_path / 'bag')) == 1
    record(tmp_path / 'far', [10**9], [10**9 + 21 * MS])
    assert read_numbers(tmp_path / 'far') == []


def test_each_frame_has_the_newest_camera_info_at_or_before_it(tmp_path):
    """A zoom lens: frames before the first camera_info take that one."""
    stamps = [100, 200, 300, 400, 500]
    infos = [(150, 5.0), (300, 6.0), (390, 7.0), (450, 8.0)]
    record(tmp_path / 'bag', stamps, stamps, infos)
    with open_bag(tmp_path / 'bag') as bag:
        assert [f.intrinsics.fx for f in bag.frames()] == [5.0, 5.0, 6.0, 7.0, 8.0]


def test_a_camera_info_that_cannot_be_the_image_s_is_passed_over(tmp_path):
    with Recorder(tmp_path / 'bag') as bag:
        bag.info('/camera_info', 1, size=(8, 6), focal=9.0)
        bag.info('/camera_info', 2, focal=0.0)
        bag.info('/camera_info', 3, focal=4.0, frame_id='other')
        for at_ns in (10, 20):
            bag.image('/rgb', at_ns)
            bag.image('/depth', at_ns, '16UC1')
        bag.info('/camera_info', 15, focal=5.0)
        bag.info('/camera_info', 16, focal=1e-9)
        bag.info('/camera_info', 17, size=(8, 6), focal=9.0)
        bag.info('/camera_info', 18, focal=4.0, frame_id='other')
    with open_bag(tmp_path / 'bag') as bag:
        assert [f.intrinsics.fx for f in bag.frames()] == [5.0, 5.0]
        assert not any(f.caveats for f in bag.frames())


def test_a_camera_info_of_another_frame_is_used_with_a_word_where_there_is_no_other(tmp_path):
    with Recorder(tmp_path / 'bag') as bag:
        bag.info('/camera_info', 3, frame_id='other')
        bag.image('/rgb', 10)
        bag.image('/depth', 10, '16UC1')
    with open_bag(tmp_path / 'bag') as bag:
        (frame,) = bag.frames()
    assert "camera_info comes in the frame 'other'" in ' '.join(frame.caveats)


def test_where_no_camera_info_fits_the_reason_is_said(tmp_path):
    with Recorder(tmp_path / 'bag') as bag:
        bag.image('/rgb', 10)
        bag.image('/depth', 10, '16UC1')
        bag.info('/camera_info', 3, focal=-5.0)
    with open_bag(tmp_path / 'bag') as bag, pytest.raises(FrameError, match='absolute value'):
        list(bag.frames())


def test_a_frame_at_time_zero_is_a_frame(tmp_path):
    """A pair of files has no stamp."""
    record(tmp_path / 'bag', [0], [0])
    assert read_numbers(tmp_path / 'bag') == [(0, 0)]
