# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What a camera has shown can be asked about later, within bounds that hold to the byte."""

from dataclasses import dataclass

import arrived
from arrived import color, depth, NOW_NS, SECOND
from fake_reasoner import FakeReasoner
import numpy as np
import pytest

from ssr_ros.engine.answering import Answering
from ssr_ros.engine.intake import Intake, Moment
from ssr_ros.engine.memory import SceneMemory
from ssr_ros.engine.request import checked, Code, Refused, Request
from ssr_ros.engine.scenes import Scene
from ssr_ros.engine.settings import MemorySettings, Settings
from ssr_ros.engine.transforms import RigidTransform
from ssr_ros.engine.weight import bytes_of
from ssr_ros.grounding import Detections, DetectionsGrounder, Grounded
from ssr_ros.rgbd import CameraIntrinsics, RgbdFrame

FRAME_BYTES = 64 * 48 * 3 + 64 * 48 * 4
GLANCE_BYTES = 2 * 24 * 32 * 4
KEY_OF_A_SCENE = ((),)


@dataclass(frozen=True, eq=False)
class Encoded:
    """What a reasoner keeps of a frame, as far as it weighs something."""

    state: tuple


def scene(number, seconds, grey=0, depth_m=2.0):
    """A scene of one grey level at one depth, seen at a time."""
    rgb = np.full((48, 64, 3), grey, np.uint8)
    frame = RgbdFrame(
        rgb, np.full((48, 64), depth_m, np.float32), CameraIntrinsics(60, 60, 32, 24)
    )
    moment = Moment(stamp_ns=NOW_NS + int(seconds * SECOND), lag_ns=0, arrived_s=seconds)
    return Scene((number, *KEY_OF_A_SCENE), moment, frame, None, 'stereo', None)


def memory(**settings):
    settings = MemorySettings(**{'every_s': 0.0, 'max_mb': 1000, **settings})
    return SceneMemory(lambda: settings)


class Clock:
    now_ns = NOW_NS

    def __call__(self):
        return self.now_ns


class Bench:
    """An Answering over a clock that a test sets."""

    def __init__(self, **settings):
        self.clock, self.reasoner = Clock(), FakeReasoner()
        self.settings = Settings.from_flat(
            {'grounding.wait_s': 0.0, 'memory.rate_hz': 10.0}
            | {f'memory.{name}': value for name, value in settings.items()}
        )
        self.detections = DetectionsGrounder()
        self.intake = Intake(0, self.clock, lambda stream: 'it is silent')
        self.placed = []
        self.answering = Answering(
            self.reasoner,
            self.intake,
            lambda: self.settings,
            self.transform,
            detectors=[self.detections],
        )
        self.second = 0

    def transform(self, target, header):
        self.placed.append(header.stamp.sec)
        return RigidTransform.identity(target)

    def show(self, depth_m=2.0, stamp_ns=None):
        """Show the picture of one depth at the clock's time."""
        stamp_ns = self.clock.now_ns if stamp_ns is None else stamp_ns
        image = np.full((48, 64), depth_m, np.float32)
        self.intake.take_info(arrived.camera_info(60.0, 64, 48, stamp_ns))
        self.intake.take_image('color', color(np.zeros((48, 64, 3), np.uint8), stamp_ns))
        self.intake.take_image('depth', depth(image, stamp_ns))

    def live(self, depths_m, pace):
        """Show one picture a second, each of which is looked at."""
        for depth_m in depths_m:
            self.clock.now_ns += SECOND
            pace.now_s += 1.0
            self.show(depth_m)
            self.answering.look_ahead()


@pytest.fixture
def pace(monkeypatch):
    """Let the time between frames be what a test says."""

    class Monotonic:
        now_s = 1000.0

        def __call__(self):
            return self.now_s

    clock = Monotonic()
    monkeypatch.setattr('time.monotonic', clock)
    return clock


def test_asking_about_ten_seconds_ago_costs_no_encoder_call(pace):
    bench = Bench()
    bench.live([1.0 + number / 10 for number in range(15)], pace)  # 1.0 m ... 2.4 m, now
    assert bench.reasoner.encoded == 15
    reply = bench.answering.ask(Request('How far?', ago_s=10.0))
    assert bench.reasoner.encoded == 15 and reply.work.encoder_calls == 0
    assert reply.text == 'about 1.40 metres', 'what was seen ten seconds before 2.4 m'
    assert reply.header.stamp.sec == (bench.clock.now_ns - 10 * SECOND) // SECOND
    assert reply.age_ms == pytest.approx(10_000.0)
    assert reply.facts.frame.depth_m[0, 0] == pytest.approx(1.4), 'measured in the kept frame'


def test_the_stamp_of_an_answer_asks_about_the_same_image_again(pace):
    bench = Bench()
    bench.live([1.0, 1.5, 2.0], pace)
    first = bench.answering.ask(Request('How far?'))
    stamp_ns = bench.clock.now_ns
    bench.live([2.5, 3.0], pace)
    again = bench.answering.ask(Request('How far?', stamp_ns=stamp_ns))
    assert (first.text, again.text) == ('about 2.00 metres', 'about 2.00 metres')
    assert again.facts is first.facts, 'measured once'
    assert bench.answering.measure(Request('', stamp_ns=stamp_ns)).facts is first.facts


def test_ago_counts_from_when_the_question_came_not_from_its_turn(pace):
    bench = Bench()
    bench.live([1.0, 1.5, 2.0], pace)
    waiting = bench.answering.noted(Request('How far?', ago_s=1.0))
    bench.live([2.5, 3.0], pace)
    assert bench.answering.ask(waiting).text == 'about 1.50 metres'


def test_what_is_forgotten_is_refused_with_what_is_kept(pace):
    bench = Bench(max_scenes=4)
    bench.live([1.0 + number / 10 for number in range(10)], pace)
    bench.clock.now_ns += SECOND // 5
    with pytest.raises(Refused) as refused:
        bench.answering.ask(Request('How far?', ago_s=8.0))
    assert refused.value.code is Code.NOT_KEPT
    assert 'seen 8 s ago is not remembered' in str(refused.value)
    assert 'kept: 4 scenes from 3.2 s to 0.2 s ago; raise memory.max' in str(refused.value)
    with pytest.raises(Refused, match=r'at stamp 12\.000 s is not remembered'):
        bench.answering.measure(Request('', stamp_ns=12 * SECOND))


def test_without_a_rate_only_what_was_asked_about_is_kept_and_a_refusal_says_so(pace):
    bench = Bench(rate_hz=0.0)
    bench.live([1.0, 1.5], pace)
    assert bench.reasoner.encoded == 0
    with pytest.raises(Refused, match=r'kept: nothing yet; memory\.rate_hz is 0'):
        bench.answering.ask(Request('How far?', ago_s=5.0))
    bench.answering.ask(Request('How far?'))
    bench.live([2.0, 2.5], pace)
    reply = bench.answering.ask(Request('How far?', ago_s=2.0))
    assert (reply.text, bench.reasoner.encoded) == ('about 1.50 metres', 1)


def test_frames_that_are_kept_may_be_encoded_only_when_they_are_asked_about(pace):
    bench = Bench(encode_ahead=False)
    bench.live([1.0, 1.5, 2.0], pace)
    assert bench.reasoner.encoded == 0 and len(bench.answering.memory) == 3
    assert bench.answering.measure(Request('', ago_s=2.0)).facts.frame.depth_m[0, 0] == 1.0
    assert bench.answering.ask(Request('How far?', ago_s=2.0)).text == 'about 1.00 metres'
    assert bench.reasoner.encoded == 1


def test_the_newest_frame_is_near_enough_to_be_asked_about_by_its_time(pace):
    bench = Bench(rate_hz=0.0)
    bench.live([1.0], pace)
    bench.clock.now_ns += SECOND // 2
    assert bench.answering.ask(Request('How far?', ago_s=0.4)).text == 'about 1.00 metres'


def test_a_clock_that_jumps_back_clears_the_memory(pace):
    bench = Bench()
    bench.live([1.0, 1.5, 2.0], pace)
    bench.clock.now_ns -= 100 * SECOND
    with pytest.raises(Refused, match='kept: nothing yet; time has gone back'):
        bench.answering.ask(Request('How far?', ago_s=1.0))
    assert bench.answering.memory.counts.dropped['time went back'] == 3


def test_a_bag_that_loops_clears_the_memory_whatever_the_clock_says(pace):
    bench = Bench()
    first_ns = bench.clock.now_ns
    bench.live([1.0, 1.5, 2.0], pace)
    bench.show(2.5, stamp_ns=first_ns)
    bench.answering.measure(Request('', max_age_ms=1e9))
    assert [each.moment.stamp_ns for each in bench.answering.memory.scenes] == [first_ns]


def test_what_was_measured_under_other_settings_is_not_remembered(pace):
    bench = Bench(tolerance_s=0.5)
    bench.live([1.0, 1.5], pace)
    bench.settings = bench.settings.updated({'depth.max_m': 9.0})
    with pytest.raises(Refused, match='kept: nothing yet'):
        bench.answering.ask(Request('How far?', ago_s=1.0))


def test_tf_is_asked_while_it_still_knows(pace):
    """It forgets after ten seconds; what is kept may be asked about later."""
    bench = Bench()
    bench.live([1.0, 1.5], pace)
    placed = list(bench.placed)
    bench.answering.ask(Request('How far?', ago_s=1.0))
    assert bench.placed == placed == [NOW_NS // SECOND + 1, NOW_NS // SECOND + 2]


def test_detections_of_a_kept_frame_are_kept_with_it(pace):
    """A detector's words come later than the frame, and are forgotten sooner than it."""
    bench = Bench()
    bench.live([1.0], pace)
    stamp_ns = bench.clock.now_ns
    bench.detections.put(Detections((Grounded('mug', (8, 14, 24, 34)),), stamp_ns, 'camera'))
    bench.live([1.5], pace)
    for number in range(70):
        bench.detections.put(Detections((), stamp_ns + 1 + number, 'camera'))
    reply = bench.answering.measure(Request('How far is the mug?', ago_s=1.0))
    assert reply.measured.answered and 'mug' in reply.measured.text


@pytest.mark.parametrize(
    ('wrong', 'words'),
    [
        ({'ago_s': -1.0}, 'ago_s must be'),
        ({'ago_s': float('nan')}, 'ago_s must be'),
        ({'stamp_ns': -5}, 'stamp must not be negative'),
        ({'ago_s': 1.0, 'stamp_ns': 5}, 'not both'),
        ({'ago_s': 1.0, 'max_age_ms': 5.0}, 'max_age_ms is about the newest'),
    ],
)
def test_a_time_that_cannot_be_meant_is_refused(wrong, words):
    with pytest.raises(Refused, match=words) as refused:
        checked(Request('How far?', **wrong), Settings())
    assert refused.value.code is Code.BAD_REQUEST


def test_only_so_many_scenes_are_kept_and_the_oldest_go():
    ring = memory(max_scenes=3)
    for number in range(5):
        ring.take(scene(number, number))
    assert [each.key[0] for each in ring.scenes] == [2, 3, 4]
    assert ring.counts.dropped == {'count': 2} and ring.counts.taken == 5


def test_the_ring_holds_what_it_may_to_the_byte():
    """Two scenes of 21,504 + 6,144 bytes with a state of 472,352 bytes each: a megabyte."""
    state = np.zeros(1_000_000 // 2 - FRAME_BYTES - GLANCE_BYTES, np.uint8)
    ring = memory(max_mb=1)
    for number in range(2):
        each = scene(number, number)
        each.encoded = Encoded((state.copy(),))
        ring.take(each)
    assert (len(ring), ring.nbytes) == (2, 1_000_000)
    each.encoded = Encoded((np.zeros(state.size + 1, np.uint8),))
    ring.take(each)
    assert (len(ring), ring.nbytes) == (1, 500_001), 'one byte more, and the oldest goes'
    assert ring.counts.dropped == {'bytes': 1}


def test_a_scene_that_is_larger_than_all_that_may_be_held_is_not_kept():
    ring = memory(max_mb=0)
    ring.take(scene(0, 0))
    assert (len(ring), ring.nbytes) == (0, 0)


def test_what_is_found_out_about_a_scene_counts_too(pace):
    bench = Bench()
    bench.live([1.0], pace)
    before = bench.answering.memory.nbytes
    bench.answering.measure(Request(''))
    (kept,) = bench.answering.memory.scenes
    assert bench.answering.memory.nbytes == kept.nbytes > before


def test_scenes_soon_after_one_another_and_alike_are_kept_once():
    ring = memory(every_s=1.0, min_change=0.02)
    for number in range(30):
        ring.take(scene(number, number / 10))
    assert [each.key[0] for each in ring.scenes] == [0, 10, 20, 29], 'and always the newest'
    assert ring.counts.dropped == {'alike': 26}


def test_a_scene_that_differs_is_kept_however_soon_it_comes():
    ring = memory(every_s=100.0, min_change=0.02)
    for number, (grey, depth_m) in enumerate(
        [(0, 2.0), (0, 2.0), (50, 2.0), (50, 2.5), (50, 2.5)]
    ):
        ring.take(scene(number, number / 10, grey, depth_m))
    assert [each.key[0] for each in ring.scenes] == [0, 2, 3, 4]


def test_of_two_alike_the_one_that_was_encoded_stays():
    ring = memory(every_s=1.0)
    measured, encoded, newest = scene(0, 0.0), scene(1, 0.1), scene(2, 0.2)
    encoded.encoded = Encoded(())
    for each in (measured, encoded, newest):
        ring.take(each)
    assert ring.scenes == [encoded, newest]


@pytest.mark.parametrize(
    ('rows', 'columns', 'share'), [(0, 0, 0.0), (24, 64, 0.5), (2, 2, 1 / 768), (48, 64, 1.0)]
)
def test_change_is_the_share_of_the_picture_that_differs(rows, columns, share):
    old = scene(0, 0)
    rgb = np.zeros((48, 64, 3), np.uint8)
    rgb[:rows, :columns] = 200
    frame = RgbdFrame(rgb, old.frame.depth_m, old.frame.intrinsics)
    new = Scene((1,), old.moment, frame, None, 'stereo', None)
    assert new.change_since(old) == pytest.approx(share, abs=1e-6)


def test_depth_that_is_lost_is_a_change():
    old = scene(0, 0)
    depth_m = old.frame.depth_m.copy()
    depth_m[:, :32] = np.nan
    frame = RgbdFrame(old.frame.rgb, depth_m, old.frame.intrinsics)
    assert Scene((1,), old.moment, frame, None, 'stereo', None).change_since(old) == 0.5


def test_memory_that_two_values_share_is_counted_once_and_a_view_whole():
    array = np.zeros((10, 10), np.float64)
    assert bytes_of(array, {'same': array}, [array[:2], array.T]) == 800
    assert bytes_of(array[:1, :1]) == 800, 'the whole is kept alive by it'


def test_tensors_are_counted_by_their_storage():
    torch = pytest.importorskip('torch', reason='counts tensors: needs torch')
    whole = torch.zeros(100, dtype=torch.float32)
    assert bytes_of((whole[:10], whole.view(10, 10), torch.zeros(3, dtype=torch.int64))) == 424
