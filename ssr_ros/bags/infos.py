# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Which camera_info of a recording holds for a frame."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from ssr_ros.errors import BagError, FrameError
from ssr_ros.rgbd.calibration import calibrate, CameraRules
from ssr_ros.rgbd.messages import image_size

MOST_LOOKED_THROUGH = 300
"""Messages among which a usable camera_info must come up."""

MOST_KEPT = 1000
"""Messages that may wait for a frame: a minute without any pair of images."""


class InfoLog:
    """The newest usable camera_info at or before a frame; before the first, the first one.

    Usable is what calibrates images of the frame's size. One of the colour image's own frame_id
    goes before others, which are taken only where the recording has none.

    Args:
        infos: every camera_info from the beginning on.
        color: the first colour image.
        rules: what to make of the camera's images.

    Raises:
        BagError: there is none.
        FrameError: there are some, and none is usable.
    """

    def __init__(self, infos: Iterator[Any], color: Any, rules: CameraRules) -> None:
        self._rules = rules
        self._seen: list[tuple[int, Any]] = []
        self._first = self._first_usable(infos, color)

    def add(self, stamp_ns: int, info: Any) -> None:
        """Take a message that has come up."""
        self._seen.append((stamp_ns, info))
        del self._seen[:-MOST_KEPT]

    def at(self, stamp_ns: int, color: Any) -> Any:
        """Return the camera_info for a colour image."""
        before = [each for each in self._seen if each[0] <= stamp_ns]
        later = [each for each in self._seen if each[0] > stamp_ns]
        for at_ns, info in sorted(before, key=lambda each: each[0], reverse=True):
            if self._is_like_first(info) and self._trouble(info, color) is None:
                self._seen = [(at_ns, info), *later]
                return info
        self._seen = later
        return self._first

    def _first_usable(self, infos: Iterator[Any], color: Any) -> Any:
        trouble: FrameError | None = None
        usable: list[Any] = []
        for info in islice(infos, MOST_LOOKED_THROUGH):
            found = self._trouble(info, color)
            trouble = trouble or found
            if found is None:
                usable.append(info)
                if info.header.frame_id == color.header.frame_id:
                    return info
        if usable:
            return usable[0]
        raise trouble or BagError('its camera_info topic holds no message')

    def _is_like_first(self, info: Any) -> bool:
        return bool(info.header.frame_id == self._first.header.frame_id)

    def _trouble(self, info: Any, color: Any) -> FrameError | None:
        try:
            calibrate(info, image_size(color), self._rules)
        except FrameError as error:
            return error
        return None
