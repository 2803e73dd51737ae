# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Which camera_info belongs to an image: several cameras may send theirs on one topic."""

from __future__ import annotations

from collections import deque
from typing import Any

from ssr_ros.engine.request import Code, Refused
from ssr_ros.errors import FrameError, quoted
from ssr_ros.rgbd import messages as images
from ssr_ros.rgbd.calibration import check_calibrated

MOST_KEPT = 60
"""Messages of one frame_id: two seconds at 30 Hz, longer than an image waits for its partner."""

MOST_FRAMES = 16

Info = Any
"""sensor_msgs/CameraInfo."""


class Calibrations:
    """The camera_info messages that have arrived lately, by frame_id.

    Attributes:
        count: how many have arrived in all.
    """

    def __init__(self) -> None:
        self.count = 0
        self._kept: dict[str, deque[Info]] = {}

    def take(self, info: Info) -> None:
        """Keep a message."""
        self.count += 1
        frame_id = info.header.frame_id
        kept = self._kept.pop(frame_id, None) or deque(maxlen=MOST_KEPT)
        kept.append(info)
        self._kept[frame_id] = kept  # the frame_id heard last stands last
        while len(self._kept) > MOST_FRAMES:
            del self._kept[next(iter(self._kept))]

    def of(self, image: Any) -> Info | None:
        """Return the one of the image's own frame_id that is nearest to it in stamp.

        Where only one frame_id sends, that one is taken whatever its name: drivers differ in it.
        None: nothing has arrived, or several cameras send and none is the image's.
        """
        own = self._kept.get(image.header.frame_id)
        if own is None and len(self._kept) == 1:
            (own,) = self._kept.values()
        if own is None:
            return None
        stamp_ns = images.stamp_ns(image)
        # Of two equally near the newer one.
        return min(reversed(own), key=lambda info: abs(images.stamp_ns(info) - stamp_ns))

    def why_none(self, image: Any) -> str:
        """Say in words why an image has no calibration although camera_info messages arrive."""
        frames = ', '.join(quoted(frame_id) for frame_id in self._kept)
        return (
            f'camera_info messages arrive for the frames {frames}, and colour images are in the '
            f'frame {quoted(image.header.frame_id)}: let camera_info.topic be that of the colour '
            'camera alone'
        )


def check_usable(info: Info) -> None:
    """Refuse a calibration that says nothing, before anything is computed from it.

    Raises:
        Refused: NO_CAMERA_INFO.
    """
    try:
        check_calibrated(info)
    except FrameError as error:
        raise Refused(Code.NO_CAMERA_INFO, f'the camera_info is not usable: {error}') from error


def content(info: Info) -> tuple[object, ...]:
    """Return all that a calibration says; two messages that say the same are one calibration."""
    roi = info.roi
    return (
        info.width,
        info.height,
        info.distortion_model,
        *(tuple(numbers) for numbers in (info.k, info.d, info.r, info.p)),
        (info.binning_x, info.binning_y),
        (roi.x_offset, roi.y_offset, roi.width, roi.height),
    )
