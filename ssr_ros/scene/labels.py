# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Where labels stand in a picture: beside what they name, and over as little else as may be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ssr_ros.scene.geometry.grid import BoolImage

Point = tuple[int, int]
"""(x, y) of a pixel."""

Box = tuple[int, int, int, int]
"""(x0, y0, x1, y1) pixels, half-open."""

FARTHEST = 12.0
"""A label stands at most so many of its heights off; one without room is left out."""

COVERING, LEADING, CROSSING, DRIFTING = 3.0, 0.7, 3.0, 0.05
"""What hiding as many pixels as a label has, a line to what is named, each label that it passes
under, and each height away from the usual place cost, in heights of distance."""

ON_LINE = 50.0
"""What a pixel of a line counts for, where one of a large thing counts 1."""

STEP = 8
"""Places are tried all over the picture, so many pixels apart."""


@dataclass(frozen=True)
class Place:
    """Where a label stands.

    Attributes:
        box: of the label, within the picture.
        line: from the label to what it names, where it does not touch that; else None.
        cost: how bad the place is: 0 is the usual one, over nothing.
    """

    box: Box
    line: tuple[Point, Point] | None
    cost: float


class Places:
    """What is free in a picture, and what was taken; no label comes to lie over another."""

    def __init__(self, rows: int, columns: int) -> None:
        self.taken: list[Box] = []
        self._busy = np.zeros((rows, columns), np.float32)
        self._hidden: NDArray[np.float64] | None = None  # sums of _busy, where they are of today

    def keep_in_view(self, mask: BoolImage, label_px: int) -> None:
        """Make it costly to hide a (rows, columns) mask: any of it, and all of a small one more.

        Args:
            mask: of a thing.
            label_px: pixels of a usual label.
        """
        self._hidden = None
        self._busy[mask] += 1 + label_px / max(1, int(np.count_nonzero(mask)))

    def best(self, size: Point, home: Box, inside: Point | BoolImage) -> Place | None:
        """Find the best place that is left for a label, or None; nothing is taken by that.

        Args:
            size: (width, height) of the label.
            home: box of what is named: above its left corner is the usual place.
            inside: a point of what is named, where a line to it ends; or a (rows, columns) mask
                that the label should lie in, without any line.
        """
        width, height = size
        x, y = self._corners(size, home)
        beside = np.maximum(np.maximum(home[0] - (x + width), x - home[2]), 0)
        over = np.maximum(np.maximum(home[1] - (y + height), y - home[3]), 0)
        gap = np.hypot(beside, over) / height
        may = (gap <= FARTHEST) & self._free(x, y, size)
        x, y, gap = x[may], y[may], gap[may]
        drift = np.hypot(x - home[0], y - (home[1] - height)) / height
        if self._hidden is None:
            self._hidden = cv2.integral(self._busy)
        share = COVERING / (width * height)
        cost = gap + LEADING * (gap > 0) + DRIFTING * drift
        cost += share * _summed(self._hidden, x, y, size)
        if isinstance(inside, np.ndarray):
            cost += COVERING - share * _summed(cv2.integral(inside.view(np.uint8)), x, y, size)
        best: Place | None = None
        for index in np.argsort(cost, kind='stable'):
            if best is not None and cost[index] >= best.cost:
                break
            left, top = int(x[index]), int(y[index])
            box = (left, top, left + width, top + height)
            line = None
            crossed = 0
            if gap[index] > 0 and not isinstance(inside, np.ndarray):
                line = (_nearest(box, inside), inside)
                crossed = sum(_crosses(line, other) for other in self.taken)
            total = float(cost[index]) + CROSSING * crossed
            if best is None or total < best.cost:
                best = Place(box, line, total)
        return best

    def take(self, place: Place) -> None:
        """Let no other label stand there, nor over its line where another place is left."""
        self.taken.append(place.box)
        if place.line is not None:
            self._hidden = None
            cv2.line(self._busy, *place.line, ON_LINE, 3)

    def _corners(self, size: Point, home: Box) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Left upper corners to try: all over the picture, and right at what is named."""
        (width, height), (rows, columns) = size, self._busy.shape
        x = np.append(np.arange(0, columns - width, STEP), columns - width)
        y = np.append(np.arange(0, rows - height, STEP), rows - height)
        x = np.append(x, (home[0], home[2] - width, home[2], home[0] - width))
        y = np.append(y, (home[1] - height, home[1], home[3] - height, home[3]))
        x = x[(x >= 0) & (x <= columns - width)]
        y = y[(y >= 0) & (y <= rows - height)]
        return np.tile(x, len(y)), np.repeat(y, len(x))

    def _free(self, x: NDArray[np.int64], y: NDArray[np.int64], size: Point) -> NDArray[np.bool_]:
        free = np.ones(len(x), np.bool_)
        for x0, y0, x1, y1 in self.taken:
            free &= (x >= x1) | (x + size[0] <= x0) | (y >= y1) | (y + size[1] <= y0)
        return free


def _summed(
    integral: NDArray[Any], x: NDArray[np.int64], y: NDArray[np.int64], size: Point
) -> NDArray[Any]:
    """Sum over boxes of one size, from the integral of an image."""
    right, low = x + size[0], y + size[1]
    total = integral[low, right] - integral[y, right] - integral[low, x] + integral[y, x]
    return np.asarray(total)


def _nearest(box: Box, point: Point) -> Point:
    """The pixel of a box that is nearest to a point."""
    x, y = point
    return min(max(x, box[0]), box[2] - 1), min(max(y, box[1]), box[3] - 1)


def _crosses(line: tuple[Point, Point], box: Box) -> bool:
    x0, y0, x1, y1 = box
    return bool(cv2.clipLine((x0, y0, x1 - x0, y1 - y0), *line)[0])
