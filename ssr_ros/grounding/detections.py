# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Regions that something on the robot found already: a detector's, or a caller's own."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
import threading

from ssr_ros.errors import GroundingError
from ssr_ros.grounding.sources import with_denials
from ssr_ros.rgbd import RgbdFrame
from ssr_ros.scene.grounded import Grounded

MOST_KEPT = 64
"""Detections of so many images are kept: at 30 Hz two seconds, longer than an image waits."""

MOST_REGIONS = 300
"""A detector's message with more regions than this is cut, the surest first."""


@dataclass(frozen=True, eq=False)
class Detections:
    """What a detector found in one image.

    Attributes:
        regions: with names, in pixels of that image.
        stamp_ns: of the image, nanoseconds.
        frame_id: of the image.
        width: columns of the image; 0 where the message does not say.
        height: rows of the image; 0 where the message does not say.
    """

    regions: tuple[Grounded, ...]
    stamp_ns: int
    frame_id: str
    width: int = 0
    height: int = 0

    def check_belongs(self, frame: RgbdFrame, tolerance_ns: int = 0) -> None:
        """Refuse detections of another image.

        Args:
            frame: that they are to be used with.
            tolerance_ns: how far the stamps may be apart.

        Raises:
            GroundingError: frame id, stamp or size is another one, with both values.
        """
        if self.frame_id != frame.frame_id:
            raise GroundingError(
                f'the detections are of frame {self.frame_id!r} and the image is of frame '
                f'{frame.frame_id!r}: let the detector keep the header of the image'
            )
        apart_ns = abs(self.stamp_ns - frame.stamp_ns)
        if apart_ns > tolerance_ns:
            raise GroundingError(
                f'the detections are of stamp {self.stamp_ns} ns and the image of '
                f'{frame.stamp_ns} ns, {apart_ns / 1e6:.1f} ms apart, and '
                f'{tolerance_ns / 1e6:.1f} ms are allowed: let the detector keep the header of '
                'the image'
            )
        if (self.width or frame.width, self.height or frame.height) != (frame.width, frame.height):
            raise GroundingError(
                f'the detections are of {self.width}x{self.height} images and the image is '
                f'{frame.width}x{frame.height}: scale them to the image that is measured'
            )
        for region in self.regions:
            if region.found:
                region.check_inside(frame.width, frame.height)


class DetectionsGrounder:
    """Remembers the detections of the last images, and gives those of the image asked about.

    ``put`` may be called from another thread than ``locate``.

    Attributes:
        name: what its regions carry as their source.
        tolerance_ns: how far the stamps of image and detections may be apart.
        is_fed: says whether there is somebody who detects, even if nothing has come of it yet.
    """

    def __init__(self, name: str = 'detections', tolerance_ns: int = 0) -> None:
        self.name = name
        self.tolerance_ns = tolerance_ns
        self.is_fed: Callable[[], bool] = lambda: False
        self._lock = threading.Condition()
        self._kept: OrderedDict[tuple[str, int], Detections] = OrderedDict()

    def put(self, detections: Detections) -> None:
        """Keep the detections of an image; the oldest ones go."""
        surest = sorted(detections.regions, key=_doubt)[:MOST_REGIONS]
        detections = Detections(
            tuple(surest),
            detections.stamp_ns,
            detections.frame_id,
            detections.width,
            detections.height,
        )
        with self._lock:
            key = (detections.frame_id, detections.stamp_ns)
            self._kept.pop(key, None)
            self._kept[key] = detections
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
            self._lock.notify_all()

    @property
    def is_alive(self) -> bool:
        """Whether any detections have come."""
        with self._lock:
            return bool(self._kept)

    def wait_for(self, frame: RgbdFrame, timeout_s: float) -> None:
        """Wait until the detections of a frame are there: a detector takes its time."""

        def there() -> bool:
            return any(
                kept.frame_id == frame.frame_id
                and abs(kept.stamp_ns - frame.stamp_ns) <= self.tolerance_ns
                for kept in self._kept.values()
            )

        with self._lock:
            self._lock.wait_for(there, timeout_s)

    def locate(self, frame: RgbdFrame, phrases: Sequence[str]) -> list[Grounded]:
        """Return all that was detected in a frame, and deny the phrases that nothing answers to.

        Raises:
            GroundingError: nothing was detected in this very image.
        """
        detections = self._nearest(frame)
        detections.check_belongs(frame, self.tolerance_ns)
        return with_denials(detections.regions, phrases, self.name)

    def _nearest(self, frame: RgbdFrame) -> Detections:
        with self._lock:
            kept = list(self._kept.values())
        if not kept:
            raise GroundingError('no detections have come yet: is the detector running?')
        same = [d for d in kept if d.frame_id == frame.frame_id] or kept
        return min(same, key=lambda d: abs(d.stamp_ns - frame.stamp_ns))


def _doubt(region: Grounded) -> float:
    return -region.score if region.score == region.score else 0.0
