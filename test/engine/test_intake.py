# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

from types import SimpleNamespace

from arrived import camera_info, NOW_NS, SECOND, stamped
import pytest

from ssr_ros.engine.intake import Intake
from ssr_ros.engine.request import Code, Refused


@pytest.fixture
def clock():
    return SimpleNamespace(now_ns=NOW_NS)


@pytest.fixture
def intake(clock):
    return Intake(0, lambda: clock.now_ns, lambda stream: f'{stream} is silent because')


def feed(intake, stamp_ns):
    intake.take_info(camera_info())
    intake.take_image('color', stamped(stamp_ns))
    return intake.take_image('depth', stamped(stamp_ns))


def refused(intake, max_age_ms=0.0):
    with pytest.raises(Refused) as caught:
        intake.newest(max_age_ms)
    return caught.value.code, str(caught.value)


def test_the_newest_pair_wins(intake):
    feed(intake, NOW_NS - 2 * SECOND)
    assert feed(intake, NOW_NS - SECOND)
    snapshot, age_ms = intake.newest(1500.0)
    assert snapshot.pair.stamp_ns == NOW_NS - SECOND
    assert age_ms == 1000.0


def test_two_frames_of_one_stamp_are_told_apart(intake):
    """A simulation that restarts shows another scene under a stamp that was there before."""
    feed(intake, NOW_NS)
    first, _ = intake.newest(0)
    feed(intake, NOW_NS)
    assert intake.newest(0)[0].number != first.number


def test_a_frame_grows_old(intake, clock):
    feed(intake, NOW_NS)
    clock.now_ns += 3 * SECOND
    assert intake.newest(0.0)[1] == 3000.0, '0 takes any age'
    assert intake.newest(3000.0)[1] == 3000.0
    code, text = refused(intake, 2999.0)
    assert code == Code.FRAME_TOO_OLD and 'was taken 3.0 s ago' in text


def test_stamps_of_another_clock_age_from_their_arrival(intake, clock):
    feed(intake, NOW_NS - 365 * 86400 * SECOND)
    snapshot, age_ms = intake.newest(1000.0)
    assert snapshot.has_foreign_clock and 0 <= age_ms < 1000
    assert snapshot.age_ms(clock.now_ns, snapshot.arrived_s + 5.0) == pytest.approx(5000.0)


def test_stamps_in_the_future_age_from_their_arrival(intake, clock):
    """A camera whose clock runs ahead must not look fresh for ever once it has stopped."""
    feed(intake, NOW_NS + 5 * SECOND)
    clock.now_ns += 2 * SECOND
    assert intake.newest(0.0)[1] == 2000.0
    assert refused(intake, 1000.0)[0] == Code.FRAME_TOO_OLD


def test_what_is_missing_is_said(intake):
    assert refused(intake)[0] == Code.NO_FRAME
    assert 'color is silent because' in refused(intake)[1]
    intake.take_image('color', stamped(NOW_NS))
    assert 'color is silent' not in refused(intake)[1]
    assert 'depth is silent because' in refused(intake)[1]
    intake.take_image('depth', stamped(NOW_NS))
    assert refused(intake) == (
        Code.NO_CAMERA_INFO,
        'images arrive, but no camera_info: camera_info is silent because',
    )
    intake.take_info(camera_info(focal=0.0))
    code, text = refused(intake)
    assert code == Code.NO_CAMERA_INFO and 'not calibrated' in text
    intake.take_info(camera_info())
    assert intake.newest(0)[0].info.width == 64


def test_zero_stamps_are_said_to_be_the_reason(intake):
    feed(intake, 0)
    code, text = refused(intake)
    assert code == Code.NO_FRAME and '2 images came with a stamp of zero' in text


def test_forgetting_begins_anew(intake):
    feed(intake, NOW_NS)
    number = intake.newest(0)[0].number
    intake.forget()
    assert refused(intake)[0] == Code.NO_FRAME
    assert (intake.counts.pairs, intake.infos) == (0, 0)
    feed(intake, NOW_NS)
    assert intake.newest(0)[0].number == number + 1, 'a number never comes back'


def test_frames_from_before_the_clock_was_set_back_are_forgotten(intake, clock):
    """A simulation restarts, a bag loops under /clock: they had ages of -100,000 ms."""
    feed(intake, NOW_NS)
    clock.now_ns -= 100 * SECOND
    assert refused(intake)[0] == Code.NO_FRAME
    feed(intake, clock.now_ns)
    clock.now_ns += 2 * SECOND
    assert intake.newest(0.0)[1] == 2000.0


def test_of_several_cameras_on_one_topic_the_images_own_calibration_holds(intake):
    """Another camera's halved every width, with code 0."""
    for stamp_ns in (NOW_NS - SECOND, NOW_NS):
        intake.take_info(camera_info(500.0, stamp_ns=stamp_ns))
        intake.take_info(camera_info(250.0, stamp_ns=stamp_ns, frame_id='rear'))
    intake.take_image('color', stamped(NOW_NS))
    intake.take_image('depth', stamped(NOW_NS))
    assert intake.newest(0.0)[0].info.k[0] == 500.0


def test_of_one_camera_the_calibration_nearest_in_stamp_holds(intake):
    """A zoom changes it from image to image."""
    for number, focal in enumerate((400.0, 500.0, 600.0)):
        intake.take_info(camera_info(focal, stamp_ns=NOW_NS + number * SECOND))
    intake.take_image('color', stamped(NOW_NS + SECOND + 5))
    intake.take_image('depth', stamped(NOW_NS + SECOND + 5))
    assert intake.newest(0.0)[0].info.k[0] == 500.0


def test_a_calibration_without_a_stamp_or_of_another_name_is_better_than_none(intake):
    intake.take_info(camera_info(500.0, stamp_ns=0, frame_id='camera_link'))
    intake.take_image('color', stamped(NOW_NS))
    intake.take_image('depth', stamped(NOW_NS))
    assert intake.newest(0.0)[0].info.k[0] == 500.0


def test_when_no_calibration_is_the_images_own_all_are_named(intake):
    for frame_id in ('left', 'right'):
        intake.take_info(camera_info(frame_id=frame_id))
    intake.take_image('color', stamped(NOW_NS))
    intake.take_image('depth', stamped(NOW_NS))
    code, text = refused(intake)
    assert code == Code.NO_CAMERA_INFO
    assert "'left', 'right'" in text and "'camera'" in text and 'camera_info.topic' in text


def test_calibrations_do_not_pile_up(intake):
    for number in range(1000):
        intake.take_info(camera_info(frame_id=f'camera {number}'))
    intake.take_info(camera_info(500.0))
    intake.take_image('color', stamped(NOW_NS))
    intake.take_image('depth', stamped(NOW_NS))
    assert intake.newest(0.0)[0].info.k[0] == 500.0 and intake.infos == 1001
