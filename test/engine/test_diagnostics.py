# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

from types import SimpleNamespace

from arrived import camera_info, NOW_NS, SECOND, stamped
import numpy as np
import pytest

from ssr_ros.engine import diagnostics
from ssr_ros.engine.answering import Answered
from ssr_ros.engine.diagnostics import (
    CameraWatch,
    Level,
    model_status,
    Tally,
    worker_status,
)
from ssr_ros.engine.intake import Intake
from ssr_ros.engine.one_answer import OneAnswer, Source
from ssr_ros.engine.request import Code, Refused, Request
from ssr_ros.engine.settings import Settings
from ssr_ros.engine.worker import Worker

FRAME_NS = SECOND // 30


class Camera:
    """Feeds an intake and looks at it, at times that the test chooses."""

    def __init__(self, monkeypatch):
        self.now_ns, self.monotonic_s = NOW_NS, 100.0
        self.clock_offset_ns = 0  # of the node's clock against the camera's
        monkeypatch.setattr(diagnostics, 'time', SimpleNamespace(monotonic=self.monotonic))
        self.intake = Intake(0, self.node_ns, lambda stream: f'nothing on {stream}')
        self.watch = CameraWatch()

    def node_ns(self):
        return self.now_ns + self.clock_offset_ns

    def monotonic(self):
        return self.monotonic_s

    def send(self, stream, stamp_ns, frame_id='camera'):
        if stream == 'camera_info':
            self.intake.take_info(camera_info(stamp_ns=stamp_ns, frame_id=frame_id))
        else:
            message = stamped(stamp_ns, frame_id, width=64, height=48)
            self.intake.take_image(stream, message)

    def second(self, color_hz=30, depth_hz=30, depth_offset_ns=0, doubts=()):
        """Let one second pass; both streams tick on a grid of thirtieths."""
        self.send('camera_info', self.now_ns)
        self.now_ns += SECOND
        for tick in range(30):
            stamp_ns = self.now_ns - SECOND + tick * FRAME_NS
            if color_hz and tick % (30 // color_hz) == 0:
                self.send('color', stamp_ns)
            if depth_hz and tick % (30 // depth_hz) == 0:
                self.send('depth', stamp_ns + depth_offset_ns)
        self.monotonic_s += 1.0
        return self.watch.status(self.intake, Settings(), self.now_ns, doubts)


@pytest.fixture
def camera(monkeypatch):
    return Camera(monkeypatch)


def test_a_good_camera_is_ok_and_its_rates_are_told(camera):
    status = camera.second()
    assert (status.level, status.message) == (Level.OK, '30.0 pairs a second')
    assert status.values['color (Hz)'] == status.values['pairs (Hz)'] == 30.0
    assert status.values['pairing ratio'] == 1.0


def test_unequal_rates_are_no_trouble(camera):
    status = camera.second(color_hz=30, depth_hz=15)
    assert status.level == Level.OK and status.values['pairing ratio'] == 1.0


def test_a_silent_stream_is_an_error_after_a_while_with_the_reason(camera):
    levels = [camera.second(depth_hz=0).level for _ in range(3)]
    assert levels == [Level.OK, Level.OK, Level.ERROR]
    status = camera.second(depth_hz=0)
    assert 'no pair of images for 4 s' in status.message and 'nothing on depth' in status.message


def test_when_pairs_stop_the_silent_stream_is_named_with_what_is_known_of_it(camera):
    """After the first pair nobody was told why there were no more."""
    camera.second()
    for _ in range(9):
        status = camera.second(depth_hz=0)
    assert status.level == Level.ERROR
    assert status.message.startswith(
        'no pair of images for 9 s: color 30 Hz; depth silent for 9 s: nothing on depth'
    )


def test_when_both_streams_go_on_and_do_not_pair_their_distance_is_told(camera):
    camera.second()
    for _ in range(3):
        status = camera.second(depth_offset_ns=7_000_000)
    assert 'no pair of images for 3 s: color 30 Hz; depth 30 Hz' in status.message
    assert 'stamps lie 7.0 ms apart' in status.message


def test_what_is_assumed_of_the_calibration_is_told(camera):
    status = camera.second()
    assert 'K holds' in status.values['calibration']


def test_doubts_of_others_are_warnings(camera):
    status = camera.second(doubts=['2 publish on /color/camera_info'])
    assert status.level == Level.WARN and '2 publish' in status.message


def test_a_body_frame_is_a_warning_where_positions_go_to_another_frame(camera):
    """Drivers and Gazebo name one at times: results were turned by 90 degrees without a word."""
    camera.second()
    settings = Settings.from_flat({'target_frame': 'map'})
    status = camera.watch.status(camera.intake, settings, NOW_NS)
    assert status.level == Level.WARN and 'turned by 90 degrees' in status.message


def test_images_that_rarely_pair_are_a_warning_with_the_cure(camera):
    camera.send('color', NOW_NS + 10)
    camera.send('depth', NOW_NS + 10)
    status = camera.second(depth_offset_ns=7)
    assert status.level == Level.WARN and 'sync.tolerance_s' in status.message


def test_another_clock_is_a_warning(camera):
    camera.clock_offset_ns = 3600 * SECOND
    status = camera.second()
    assert status.level == Level.WARN and 'use_sim_time' in status.message


def test_stamps_in_the_future_are_a_warning(camera):
    camera.clock_offset_ns = -5 * SECOND
    status = camera.second()
    assert status.level == Level.WARN and 'in the future' in status.message


def test_the_worst_stands_first():
    status = diagnostics.Status('x')
    status.found(Level.WARN, 'wet')
    status.found(Level.ERROR, 'on fire')
    status.found(Level.WARN, 'late')
    assert (status.level, status.message) == (Level.ERROR, 'on fire; wet; late')


def test_a_dead_worker_is_an_error():
    worker = Worker(max_waiting=1)
    tally = Tally()
    assert worker_status(worker, tally).level == Level.OK
    worker.stop(Refused(Code.NOT_ACTIVE, 'gone'))
    status = worker_status(worker, tally)
    assert status.level == Level.ERROR and 'has died' in status.message


def test_questions_are_counted_by_how_they_ended():
    tally = Tally()
    tally.answer(SimpleNamespace(timings_ms={'ask.decode': 12.3456}))
    tally.refuse(Code.BUSY, 'too many')
    tally.refuse(Code.BUSY, 'still too many')
    values = worker_status(None, tally).values
    assert values['answered'] == 1 and values['refused, BUSY'] == 2
    assert values['last refusal'] == 'still too many'
    assert values['last ask.decode (ms)'] == 12.35


def test_what_was_answered_last_stands_first():
    one = OneAnswer(
        text='The mug is 1.2 m away.',
        source=Source.GROUNDED,
        value=1.2,
        sigma=0.01,
        unit='m',
        target_m=np.array([0.0, 0.0, 1.2]),
        confidence=0.9,
    )
    nothing = dict.fromkeys(('header', 'facts', 'transform', 'measured', 'answer', 'work', 'told'))
    tally = Tally()
    tally.answer(
        Answered(
            **nothing,
            request=Request('How far is the mug?'),
            gravity_source='plane',
            age_ms=1.0,
            timings_ms={'scene.measure': 3.0},
            one=one,
            model='nano',
            agreement=None,
        )
    )
    assert list(worker_status(None, tally).values.items())[:3] == [
        ('last question', 'How far is the mug?'),
        ('last answer', 'The mug is 1.2 m away.'),
        ('last source', 'GROUNDED'),
    ]


def test_untrained_weights_are_a_warning_and_a_failure_an_error():
    model = SimpleNamespace(description='tiny', trained=False, memory_bytes=3 * 2**20)
    status = model_status(model, Settings(), '')
    assert status.level == Level.WARN and 'untrained weights' in status.message
    assert status.values['device memory (MB)'] == 3.0
    failed = model_status(None, Settings(), 'a tensor is missing')
    assert (failed.level, failed.message) == (Level.ERROR, 'a tensor is missing')


def test_depth_in_another_frame_is_a_warning(camera):
    """Of the same size and not registered, it gives confident wrong places."""
    camera.send('camera_info', NOW_NS)
    camera.send('color', NOW_NS + 3)
    camera.send('depth', NOW_NS + 3, frame_id='depth_optical')
    status = camera.watch.status(camera.intake, Settings(), NOW_NS)
    assert status.level == Level.WARN
    assert "'camera' and depth in 'depth_optical'" in status.message
