# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""A level surface from above: where it is seen free, what stands on it, and what nobody sees."""

from __future__ import annotations

from dataclasses import dataclass
import enum
from functools import cached_property
import math

import numpy as np
from numpy.typing import NDArray

from ssr_ros.scene.geometry.grid import BoolImage, FloatImage
from ssr_ros.scene.geometry.objects import ScenePlane
from ssr_ros.scene.geometry.planes import FloatArray
from ssr_ros.scene.geometry.sightlines import look, Sightlines, Why
from ssr_ros.scene.geometry.survey import Survey

CELL_M = 0.02
FARTHEST_M = 10.0
BEARING_STEP = math.radians(0.25)
MOST_FAN = 24
"""A pixel next to the point under the camera spans at most so many bearings to either side."""


class End(enum.Enum):
    """What ends a free stretch."""

    THING = 'thing'
    NO_DEPTH = 'no depth'
    HIDDEN = 'hidden'
    LOWER = 'lower'
    VIEW = 'view'


@dataclass(frozen=True)
class Stretch:
    """How far a way over the surface is seen free.

    Attributes:
        near_m: up to here no pixel sees all of it: the stretch under the camera.
        far_m: up to here it is seen free; at most ``near_m`` where nothing is.
        end: what ends it.
        end_m: (right, forward) of the first place that is not seen free.
        thing_m: to the nearest thing that is seen to stand in the way, inf for none; what only
            its rim reaches into the way does not.
    """

    near_m: float
    far_m: float
    end: End
    end_m: tuple[float, float]
    thing_m: float


_ENDS = {Why.NO_DEPTH: End.NO_DEPTH, Why.HIDDEN: End.HIDDEN, Why.LOWER: End.LOWER}


@dataclass(frozen=True, eq=False)
class Ground:
    """One level surface from above; places are (right, forward) metres from below the camera.

    Attributes:
        lines: the rays over it.
    """

    lines: Sightlines

    @classmethod
    def of(cls, facts: Survey, plane: ScenePlane, height_m: float | None = None) -> Ground:
        """Look at a level plane.

        Args:
            facts: of the frame.
            plane: a floor, a table.
            height_m: how high above it the space matters; None for as high as the camera.
        """
        return cls(look(facts.frame, facts.noise, plane, height_m))

    @cached_property
    def _dark(self) -> tuple[float, BoolImage]:
        """From where a ray is dark it is so up to where it leaves the space."""
        return self._fanned(self.lines.dark_m, self.lines.dark_to_m)

    @cached_property
    def _reached(self) -> tuple[float, BoolImage]:
        return self._fanned(self.lines.reach_m, self.lines.reach_to_m)

    def _fanned(self, from_m: FloatImage, to_m: FloatImage) -> tuple[float, BoolImage]:
        """Bearing of the first row, and which bearings (rows) are dark at which length (columns).

        Args:
            from_m: (h, w) length from which each ray is dark.
            to_m: (h, w) length up to which it is.
        """
        lines = self.lines
        rows, columns = np.nonzero(from_m < np.minimum(to_m, FARTHEST_M))
        lengths = math.ceil(FARTHEST_M / CELL_M) + 1
        if not len(rows):
            return 0.0, np.zeros((1, lengths), np.bool_)
        first = float(lines.bearing.min()) - MOST_FAN * BEARING_STEP
        bearing = ((lines.bearing[rows, columns] - first) / BEARING_STEP).astype(np.int64)
        start = (from_m[rows, columns] / CELL_M).astype(np.int64)
        until = np.minimum(to_m[rows, columns], FARTHEST_M)
        stop = np.minimum(np.ceil(until / CELL_M).astype(np.int64), lengths - 1)
        half = np.minimum(lines.fan[rows, columns] / (2 * BEARING_STEP), MOST_FAN)
        shape = (int(bearing.max()) + MOST_FAN + 2, lengths)
        change = np.zeros(shape[0] * shape[1], np.int64)
        for step in range(-MOST_FAN, MOST_FAN + 1):
            wide = np.abs(step) <= np.ceil(half)
            if not wide.any():
                continue
            at = np.maximum(bearing[wide] + step, 0) * lengths
            change += np.bincount(at + start[wide], minlength=change.size)
            change -= np.bincount(at + stop[wide], minlength=change.size)
        return first, np.cumsum(change.reshape(shape), axis=1) > 0

    def free(self, right_m: FloatArray, forward_m: FloatArray) -> BoolImage:
        """Whether places are seen, and nothing stands or may hide over them."""
        pixel, seen = self._pixels(right_m, forward_m)
        length = np.hypot(right_m, forward_m)
        lit = self.lines.dark_m.ravel()[pixel] > length
        clear = ~self.dark_over(right_m, forward_m)
        clear &= ~_over(self._reached, right_m, forward_m)
        return np.asarray(seen & lit & clear & (length < FARTHEST_M))

    def dark_over(self, right_m: FloatArray, forward_m: FloatArray) -> BoolImage:
        """Whether something stands or may hide over places, seen themselves or not."""
        return _over(self._dark, right_m, forward_m)

    def seen(self, right_m: FloatArray, forward_m: FloatArray) -> BoolImage:
        """Whether places lie inside the image (of what was measured of it)."""
        return self._pixels(right_m, forward_m)[1]

    def _pixels(
        self, right_m: FloatArray, forward_m: FloatArray
    ) -> tuple[NDArray[np.int64], BoolImage]:
        """Flat index of the pixel that looks at each place, and whether there is one."""
        lines = self.lines
        places = np.stack(np.broadcast_arrays(right_m, forward_m, -lines.eye_m), -1)
        x, y, z = np.moveaxis(places @ lines.axes, -1, 0)
        ahead = z > 1e-6
        z = np.where(ahead, z, 1.0)
        column = np.rint(lines.camera.fx * x / z + lines.camera.cx)
        row = np.rint(lines.camera.fy * y / z + lines.camera.cy)
        x0, y0, x1, y1 = lines.box_px
        seen = ahead & (column >= x0) & (column < x1) & (row >= y0) & (row < y1)
        flat = np.where(seen, row * lines.why.shape[1] + column, 0).astype(np.int64)
        return flat, seen

    def lane(self, width_m: float, middle_m: float = 0.0, bearing_deg: float = 0.0) -> Stretch:
        """How far a straight lane is seen free over all its width.

        Args:
            width_m: of the lane.
            middle_m: how far to the right of the camera its middle begins.
            bearing_deg: where it goes to, right positive.
        """
        lengths = np.arange(0, FARTHEST_M, CELL_M)
        places = _lane_places(width_m, middle_m, bearing_deg, lengths)
        seen = self.seen(*places)
        whole = seen.all(axis=1)
        start = int(np.argmax(whole)) if whole.any() else len(lengths) - 1
        bad = ~self.free(*places)
        bad[:start] = self.dark_over(places[0][:start], places[1][:start])
        things = [
            self._thing_in(wide, middle_m, bearing_deg) for wide in (width_m, width_m - 2 * CELL_M)
        ]
        return self._stretch(places, lengths, bad, float(lengths[start]), (things[0], things[1]))

    def seen_from_m(self, width_m: float, bearing_deg: float = 0.0) -> float:
        """From where on the view shows all the width of a lane; inf for nowhere."""
        lengths = np.arange(0, FARTHEST_M, CELL_M)
        right, forward = _lane_places(width_m, 0.0, bearing_deg, lengths)
        edges = [0, -1]  # the view is convex: between two places that it shows it shows all
        whole = self.seen(right[:, edges], forward[:, edges]).all(axis=1)
        return float(lengths[np.argmax(whole)]) if whole.any() else math.inf

    def _thing_in(self, width_m: float, middle_m: float, bearing_deg: float) -> float:
        """How far along a lane the nearest thing in it is; inf for none."""
        turn = math.radians(bearing_deg)
        x, y = self.things
        along = x * math.sin(turn) + y * math.cos(turn)
        aside = np.abs(x * math.cos(turn) - y * math.sin(turn) - middle_m)
        return float(along[(aside < width_m / 2) & (along > 0)].min(initial=math.inf))

    @cached_property
    def things(self) -> tuple[FloatArray, FloatArray]:
        """(N,) right and (N,) forward of the readings of what stands in the way."""
        standing = np.isfinite(self.lines.thing_m)
        bearing = self.lines.bearing[standing].astype(np.float64)
        length = self.lines.thing_m[standing].astype(np.float64)
        return length * np.sin(bearing), length * np.cos(bearing)

    def _stretch(
        self,
        places: tuple[FloatArray, FloatArray],
        lengths: FloatArray,
        bad: BoolImage,
        near: float,
        things: tuple[float, float],
    ) -> Stretch:
        """Read places (rows from near to far) as a way that begins somewhere.

        It meets a thing, be it with its rim, and one that surely stands in it.
        """
        met, thing = things
        if not bad.any():
            last = float(places[0][-1].mean()), float(places[1][-1].mean())
            return Stretch(near, FARTHEST_M, End.VIEW, last, thing)
        row = int(np.argmax(bad.any(axis=1)))
        columns = np.flatnonzero(bad[row])
        column = int(columns[len(columns) // 2])
        place = (float(places[0][row, column]), float(places[1][row, column]))
        far = float(lengths[row])
        if met <= far + CELL_M:
            return Stretch(near, met, End.THING, place, thing)
        return Stretch(near, far, self._end(place), place, thing)

    def _end(self, place: tuple[float, float]) -> End:
        """Why a place is not seen free."""
        pixel, seen = self._pixels(np.array(place[:1]), np.array(place[1:]))
        why = Why(int(self.lines.why.ravel()[pixel[0]]))
        if seen[0] and why is not Why.SEEN:
            return _ENDS[why]
        lines, length = self.lines, math.hypot(*place)
        over = np.abs(lines.bearing - math.atan2(*place)) < 2 * BEARING_STEP
        over &= (lines.dark_m <= length + CELL_M) & (lines.dark_to_m > length - CELL_M)
        if not over.any():
            return End.NO_DEPTH if seen[0] else End.VIEW
        known = np.isin(lines.why[over], (Why.SEEN, Why.HIDDEN))
        return End.HIDDEN if known.any() else End.NO_DEPTH


def _over(
    fanned: tuple[float, BoolImage], right_m: FloatArray, forward_m: FloatArray
) -> BoolImage:
    """Look places up among the bearings and lengths that are dark."""
    first, dark = fanned
    bearing = np.arctan2(right_m, forward_m)
    row = np.round((bearing - first) / BEARING_STEP).astype(np.int64)
    column = (np.hypot(right_m, forward_m) / CELL_M).astype(np.int64)
    inside = (row >= 0) & (row < dark.shape[0]) & (column < dark.shape[1])
    over = np.zeros(inside.shape, np.bool_)
    over[inside] = dark[row[inside], column[inside]]
    return over


def _lane_places(
    width_m: float, middle_m: float, bearing_deg: float, lengths: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """(lengths, cells) right and forward of the places of a lane, its edges' among them."""
    cells = max(2, math.ceil(width_m / CELL_M)) + 1
    aside, along = np.meshgrid(middle_m + width_m * np.linspace(-0.5, 0.5, cells), lengths)
    sine, cosine = math.sin(math.radians(bearing_deg)), math.cos(math.radians(bearing_deg))
    return aside * cosine + along * sine, along * cosine - aside * sine
