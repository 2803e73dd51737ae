# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What has arrived from the camera, and the newest frame that can be asked about. No ROS in here.

Messages are kept as they came: nothing is converted before a question needs it, so an idle node
costs little.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
import threading
import time
from typing import Any

from ssr_ros.engine.calibration import Calibrations, check_usable
from ssr_ros.engine.pairing import Pair, Pairing, Stream
from ssr_ros.engine.request import Code, Refused
from ssr_ros.rgbd import messages as images

FOREIGN_CLOCK_S = 600.0
"""Stamps further than this from the node's clock come from another clock: a bag played without
/clock. Then only the time since arrival says how old a frame is."""

BACKWARDS_NS = 100_000_000
"""A clock that stands this far before the arrival of a frame has been set back since (a simulation
restarts, a bag loops): the frame is of another time, and its age would be negative."""


@dataclass(frozen=True, kw_only=True)
class Moment:
    """When an image was taken, by its stamp and by the clocks of this node.

    Attributes:
        stamp_ns: of the colour image, nanoseconds.
        lag_ns: node clock minus stamp at arrival, nanoseconds.
        arrived_s: monotonic time of arrival, seconds.
        epoch: how often time had gone back before.
    """

    stamp_ns: int
    lag_ns: int
    arrived_s: float
    epoch: int = 0

    @property
    def has_foreign_clock(self) -> bool:
        """Whether the stamps are not of the node's clock at all."""
        return abs(self.lag_ns) > FOREIGN_CLOCK_S * 1e9

    def age_ms(self, now_ns: int, now_s: float) -> float:
        """Return the frame's age by its stamp; since arrival where the stamp cannot tell.

        It cannot when it is of another clock, or lay in the future when it arrived.
        """
        if self.has_foreign_clock:
            return (now_s - self.arrived_s) * 1e3
        ahead_ns = max(0, -self.lag_ns)
        return (now_ns - self.stamp_ns + ahead_ns) / 1e6

    def is_yet_to_come(self, now_ns: int) -> bool:
        """Whether the node's clock has been set back to before the arrival."""
        return now_ns < self.stamp_ns + self.lag_ns - BACKWARDS_NS


@dataclass(frozen=True, kw_only=True)
class Snapshot(Moment):
    """A pair of images with the calibration that belongs to it, as they came.

    Attributes:
        number: counts pairs since the start; two snapshots with one number are the same.
        pair: the messages and their stamps.
        info: sensor_msgs/CameraInfo of the colour image.
    """

    number: int
    pair: Pair
    info: Any

    @property
    def moment(self) -> Moment:
        """The same without the messages, for what outlives them."""
        return Moment(
            stamp_ns=self.stamp_ns,
            lag_ns=self.lag_ns,
            arrived_s=self.arrived_s,
            epoch=self.epoch,
        )


class Intake:
    """Takes messages from any thread and hands out the newest pair.

    Args:
        tolerance_ns: see ``Pairing``.
        clock_ns: the node's clock, nanoseconds.
        why_silent: says about a stream ('color', 'depth', 'camera_info') from which nothing has
            come, in words, what is known: its topic, its publishers.
        on_pair: called whenever a pair is complete; must be quick.
    """

    def __init__(
        self,
        tolerance_ns: int,
        clock_ns: Callable[[], int],
        why_silent: Callable[[str], str],
        on_pair: Callable[[], None] = lambda: None,
    ) -> None:
        self._pairing = Pairing(tolerance_ns)
        self._clock_ns = clock_ns
        self._why_silent, self._on_pair = why_silent, on_pair
        self._lock = threading.Lock()
        self._calibrations = Calibrations()
        self._newest: tuple[Pair, Moment] | None = None
        self._number = 0
        self._epoch = 0

    @property
    def counts(self) -> Any:
        """What became of the images: ``PairingCounts``."""
        return self._pairing.counts

    @property
    def infos(self) -> int:
        """How many camera_info messages have arrived."""
        return self._calibrations.count

    @property
    def epoch(self) -> int:
        """How often time has gone back: what was seen in an earlier epoch is of another time."""
        with self._lock:
            self._forget_what_is_yet_to_come()
            return self._epoch

    def now(self) -> tuple[int, float]:
        """Return the node's clock, nanoseconds, and the monotonic one, seconds."""
        return self._clock_ns(), time.monotonic()

    def set_tolerance(self, tolerance_ns: int) -> None:
        """Change the pairing tolerance, nanoseconds."""
        self._pairing.tolerance_ns = tolerance_ns

    def take_image(self, stream: Stream, message: Any) -> bool:
        """Take an image message; return whether it completed a pair."""
        with self._lock:
            resets = self._pairing.counts.resets
            pair = self._pairing.add(stream, images.stamp_ns(message), message)
            self._epoch += self._pairing.counts.resets - resets
            if pair is not None:
                self._number += 1
                self._newest = pair, self._moment(pair)
        if pair is not None:
            self._on_pair()
        return pair is not None

    def take_info(self, message: Any) -> None:
        """Take a camera_info message."""
        with self._lock:
            self._calibrations.take(message)

    def forget(self) -> None:
        """Let go of every message, and begin to count anew."""
        with self._lock:
            self._newest = None
            self._epoch += 1
            self._pairing = Pairing(self._pairing.tolerance_ns)
            self._calibrations = Calibrations()

    def peek(self) -> Snapshot | None:
        """Return the newest pair of any age, or None where images or calibration are missing."""
        with self._lock:
            self._forget_what_is_yet_to_come()
            if self._newest is None:
                return None
            pair, moment = self._newest
            info = self._calibrations.of(pair.color)
            if info is None:
                return None
            return Snapshot(number=self._number, pair=pair, info=info, **vars(moment))

    def newest(self, max_age_ms: float) -> tuple[Snapshot, float]:
        """Return the newest pair and its age in milliseconds.

        Args:
            max_age_ms: refuse an older one; 0 takes any.

        Raises:
            Refused: NO_FRAME, NO_CAMERA_INFO or FRAME_TOO_OLD.
        """
        snapshot = self.peek()
        if snapshot is None:
            raise self._nothing_yet()
        age_ms = snapshot.age_ms(*self.now())
        if 0 < max_age_ms < age_ms:
            raise Refused(Code.FRAME_TOO_OLD, _too_old(snapshot, age_ms, max_age_ms))
        check_usable(snapshot.info)
        return snapshot, age_ms

    def why_silent(self, stream: str) -> str:
        """Return what is known of a stream from which nothing comes, in words."""
        return self._why_silent(stream)

    def why_no_pairs(self) -> str:
        """Return why images that arrive find no partner, in words."""
        return self._pairing.explain()

    def trouble(self) -> str:
        """Return why there is no frame yet, in words; empty when there is one."""
        return '' if self.peek() is not None else str(self._nothing_yet())

    def _moment(self, pair: Pair) -> Moment:
        now_ns, now_s = self.now()
        return Moment(
            stamp_ns=pair.stamp_ns,
            lag_ns=now_ns - pair.stamp_ns,
            arrived_s=now_s,
            epoch=self._epoch,
        )

    def _forget_what_is_yet_to_come(self) -> None:
        if self._newest is not None and self._newest[1].is_yet_to_come(self._clock_ns()):
            self._newest = None  # of the time before the clock was set back
            self._epoch += 1

    def _nothing_yet(self) -> Refused:
        counts = self.counts
        if self._newest is not None:
            text = f'images arrive, but no camera_info: {self._why_silent("camera_info")}'
            if self.infos:
                text = self._calibrations.why_none(self._newest[0].color)
            return Refused(Code.NO_CAMERA_INFO, text)
        if counts.dropped['zero stamp']:
            text = (
                f'{counts.dropped["zero stamp"]} images came with a stamp of zero, so that colour '
                'and depth cannot be paired: let the camera driver fill header.stamp'
            )
            return Refused(Code.NO_FRAME, text)
        silent = [stream for stream in ('color', 'depth') if not counts.received[stream]]
        if silent:
            text = '; '.join(f'{stream}: {self._why_silent(stream)}' for stream in silent)
            return Refused(Code.NO_FRAME, f'no frame yet; {text}')
        return Refused(Code.NO_FRAME, f'no frame yet; {self._pairing.explain()}')


def _too_old(snapshot: Snapshot, age_ms: float, max_age_ms: float) -> str:
    since = 'arrived' if snapshot.has_foreign_clock else 'was taken'
    return (
        f'the newest frame {since} {age_ms / 1e3:.1f} s ago and at most {max_age_ms / 1e3:g} s is '
        'allowed: the camera or bag has stopped, lags, or is played without /clock (play it with '
        '--clock and set use_sim_time:=true); max_frame_age_ms:=0 takes a frame of any age'
    )
