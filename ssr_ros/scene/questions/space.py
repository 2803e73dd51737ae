# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Free space: how far ahead, through which gap, and where something could be put down.

Free is what is seen free: what no pixel sees, and what a pixel without depth may hide, is not.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
import math

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from ssr_ros.scene.geometry.grid import box_of
from ssr_ros.scene.geometry.ground import CELL_M, End, FARTHEST_M, Ground, Stretch
from ssr_ros.scene.geometry.objects import SceneObject, ScenePlane
from ssr_ros.scene.geometry.planes import FloatArray
from ssr_ros.scene.geometry.sightlines import hidden_anywhere, plane_axes
from ssr_ros.scene.geometry.survey import Survey
from ssr_ros.scene.questions.quantity import Quantity
from ssr_ros.scene.questions.relations import gap, surface
from ssr_ros.scene.questions.vocabulary import Order

WAYS = ('ahead', 'left', 'right')
BEARINGS_DEG: dict[str, FloatArray] = {
    'left': -np.arange(12.0, 90.0, 3.0),
    'ahead': np.zeros(1),
    'right': np.arange(12.0, 90.0, 3.0),
}
"""Where each way may lead to; the first of equally free ones is taken."""

MOST_LATER = 1.5
"""A way leads along a lane whose whole width is seen from the length on from which straight ahead
is, times this at most; others that are seen only farther away may be free as well."""

ROBOT_WIDTH_M = 0.5
"""Of a robot that nobody has told the width of."""

PLACED_HEIGHT_M = 0.1
"""What is put down needs so much room above the surface."""

FOOT_ROWS, FOOT_RISE_M = 8, 0.03
"""What is driven on is looked for in the lowest rows; a rug is no surface of its own."""

PASSAGE_LENGTH_M = 0.2
"""A passage between two things is looked at over this length of the way through."""

SIDE_CELLS = 3
"""So many cells at the sides of a passage may be taken by the things that it lies between."""

LEAST_READINGS = 12
MAP_CELLS = 160


@dataclass(frozen=True)
class Way:
    """A way that was looked along.

    Attributes:
        name: 'left', 'ahead' or 'right'.
        bearing_deg: where it leads to, right positive: of the lanes to a side, that of which most
            is seen free.
        free: horizontal distance up to which all its width is seen free.
        thing: horizontal distance to the nearest thing in it, inf where none is seen.
        near_m: up to here no pixel sees it: the stretch under the camera.
        end: what ends it.
        end_m: horizontal distance to the first place that is not seen free.
        end_bearing_deg: bearing of that place, right positive.
        most: how far such a way can be free at most: up to what is seen to block each of them.
        width_m: width of the lane.
        height_m: up to what height things are in the way.
    """

    name: str
    bearing_deg: float
    free: Quantity
    thing: Quantity
    near_m: float
    end: End
    end_m: float
    end_bearing_deg: float
    most: Quantity
    width_m: float
    height_m: float

    @property
    def seen_m(self) -> float:
        """How far it is seen free; 0 where that is less than the stretch that no pixel sees."""
        return self.free.value if self.free.value > self.near_m else 0.0

    @property
    def blocked(self) -> bool:
        """Whether it ends at something that is seen: a thing, or a floor that is lower."""
        return self.end in (End.THING, End.LOWER)


def floor(survey: Survey) -> ScenePlane | None:
    """The lowest support, or None."""
    supports = [p for p in survey.planes if p.role == 'support']
    return min(supports, key=lambda p: p.height_m) if supports else None


def underfoot(survey: Survey) -> tuple[ScenePlane, float] | None:
    """A level surface above the floor that begins right under the view, and its height over it."""
    ground_plane = floor(survey)
    if ground_plane is None:
        return None
    x0, _, x1, y1 = box_of(survey.frame.valid)
    third = (x1 - x0) // 3
    foot = np.s_[max(y1 - FOOT_ROWS, 0) : y1, x0 + third : x1 - third]
    for plane in survey.planes:
        rise = plane.height_m - ground_plane.height_m
        level = plane.role in ('support', 'top') and rise > FOOT_RISE_M
        if level and np.mean(plane.mask[foot]) > 0.5:
            return plane, rise
    return None


def free_ways(
    survey: Survey,
    width_m: float = ROBOT_WIDTH_M,
    height_m: float | None = None,
    names: Sequence[str] = WAYS,
) -> tuple[Way, ...]:
    """Measure how far the ways ahead, to the left and to the right are seen free.

    Args:
        survey: of the frame.
        width_m: of what is to move: every way is a lane of this width.
        height_m: of what is to move; None for as high as the camera.
        names: which of WAYS.

    Returns:
        Those of which the view holds a lane, none where no floor is seen; straight ahead always.
    """
    ground_plane = floor(survey)
    if ground_plane is None:
        return ()
    ground = Ground.of(survey, ground_plane, height_m)
    height = ground_plane.offset_m if height_m is None else height_m
    latest_m = MOST_LATER * min(ground.seen_from_m(width_m), FARTHEST_M)
    ways = []
    for name in names:
        lanes = {
            float(bearing): ground.lane(width_m, bearing_deg=float(bearing))
            for bearing in BEARINGS_DEG[name]
            if name == 'ahead' or math.isfinite(ground.seen_from_m(width_m, float(bearing)))
        }
        if any(lane.near_m <= latest_m for lane in lanes.values()):
            ways.append(_way(survey, name, lanes, latest_m, (width_m, height)))
    return tuple(ways)


def _way(
    survey: Survey,
    name: str,
    lanes: dict[float, Stretch],
    latest_m: float,
    body_m: tuple[float, float],
) -> Way:
    """The most free of some lanes, by their bearings, of those that are seen early enough."""

    def measured(value: float, step_m: float = 0.0) -> Quantity:
        if not math.isfinite(value):
            return _NO_THING
        # The nearest of many readings errs towards the camera by what single ones do.
        return Quantity(value, survey.noise.sigma_at(value) + 0.002 * value + step_m, 'm')

    early = ((bearing, lane) for bearing, lane in lanes.items() if lane.near_m <= latest_m)
    bearing, best = max(early, key=lambda item: max(item[1].far_m - item[1].near_m, 0))
    right, forward = best.end_m
    return Way(
        name=name,
        bearing_deg=bearing,
        free=measured(best.far_m, 0.0 if best.end is End.THING else CELL_M / 2),
        thing=measured(best.thing_m),
        near_m=best.near_m,
        end=best.end,
        end_m=math.hypot(right, forward),
        end_bearing_deg=math.degrees(math.atan2(right, forward)),
        most=max((_most_of(lane, measured) for lane in lanes.values()), key=lambda q: q.value),
        width_m=body_m[0],
        height_m=body_m[1],
    )


def _most_of(lane: Stretch, measured: Callable[..., Quantity]) -> Quantity:
    """How far a lane can be free at most."""
    if lane.end is End.LOWER:
        return measured(lane.far_m, CELL_M / 2)
    return measured(lane.thing_m)


_NO_THING = Quantity(math.inf, 0.0, 'm')


def may_hide(survey: Survey, distance_m: float) -> bool:
    """Whether pixels without depth may hide something that is nearer to the camera than this."""
    ground_plane = floor(survey)
    if ground_plane is None:
        return hidden_anywhere(survey.frame.valid)
    return bool((Ground.of(survey, ground_plane).lines.near_m < distance_m).any())


def hidden_on(survey: Survey, plane: ScenePlane) -> bool:
    """Whether pixels without depth amid a plane may hide something that stands on it."""
    x0, y0, x1, y1 = plane.box_px
    return hidden_anywhere(survey.frame.valid[y0:y1, x0:x1])


@dataclass(frozen=True)
class Passage:
    """The passage between two objects on the ground.

    Attributes:
        width: between their visible sides.
        free: width of the widest part of it that is seen free; 0 where no floor is seen.
        blocking: what stands in it.
    """

    width: Quantity
    free: Quantity
    blocking: tuple[SceneObject, ...]


def between(survey: Survey, a: SceneObject, b: SceneObject) -> Passage:
    """Measure the passage between two objects, what stands in it, and how much of it is seen."""
    width = gap(survey, a, b, horizontal=True)
    low = np.minimum(a.low_m[:2], b.low_m[:2])
    high = np.maximum(a.high_m[:2], b.high_m[:2])
    inner_low = min(a.high_m[0], b.high_m[0])
    inner_high = max(a.low_m[0], b.low_m[0])
    blocking = []
    for other in survey.objects:
        if other is a or other is b:
            continue
        middle = (other.low_m[:2] + other.high_m[:2]) / 2
        if inner_low < middle[0] < inner_high and low[1] <= middle[1] <= high[1]:
            blocking.append(other)
    plane = floor(survey) if a.support is None else survey.planes[a.support]
    share = _free_share(Ground.of(survey, plane), *_sides(survey, plane, a, b)) if plane else 0.0
    return Passage(
        width, Quantity(share * width.value, width.sigma + CELL_M / 2, 'm'), tuple(blocking)
    )


def _sides(
    survey: Survey, plane: ScenePlane, a: SceneObject, b: SceneObject
) -> tuple[FloatArray, FloatArray]:
    """The places (right, forward) on two objects that are closest to each other, on a plane."""
    axes = plane_axes(plane.normal)[:2].T
    one, other = surface(survey, a) @ axes, surface(survey, b) @ axes
    apart, index = cKDTree(other).query(one)
    nearest = int(np.argmin(apart))
    return one[nearest], other[index[nearest]]


def _free_share(ground: Ground, start: FloatArray, stop: FloatArray) -> float:
    """Share of the line between two places over which the ground is free without a break.

    The ground counts to both sides of the line, as far as one has to pass it.
    """
    across = stop - start
    length = float(np.linalg.norm(across))
    cells = int(length / CELL_M)
    if cells < 1:
        return 0.0
    along = np.array([-across[1], across[0]]) / length
    shares = (np.arange(cells) + 0.5) / cells
    steps = np.arange(-PASSAGE_LENGTH_M / 2, PASSAGE_LENGTH_M / 2 + CELL_M / 2, CELL_M)
    places = start + shares[None, :, None] * across + steps[:, None, None] * along
    free = ground.free(places[..., 0], places[..., 1]).all(axis=0)
    ends = np.flatnonzero(np.diff(np.concatenate([[False], free, [False]])))
    longest = int((ends[1::2] - ends[::2]).max(initial=0))
    return 1.0 if longest >= cells - SIDE_CELLS else longest / cells


@dataclass(frozen=True)
class Place:
    """The largest free disc on a support.

    Attributes:
        plane: name of the support.
        diameter: of the disc.
        center_m: its centre, camera frame, metres.
        bearing_deg: horizontal angle to it.
        distance_m: from the camera to it.
    """

    plane: str
    diameter: Quantity
    center_m: tuple[float, float, float]
    bearing_deg: float
    distance_m: float


def _beyond(
    thing: SceneObject, side: Order, rights: FloatArray, forwards: FloatArray
) -> NDArray[np.bool_]:
    """Which places lie wholly on one side of a thing, as the camera sees it."""
    if side in ('left of', 'right of'):
        left, right = rights < thing.low_m[0], rights > thing.high_m[0]
        return np.asarray(left if side == 'left of' else right)
    before, behind = forwards < thing.low_m[1], forwards > thing.high_m[1]
    return np.asarray(before if side == 'in front of' else behind)


def vacant_place(
    survey: Survey, plane: ScenePlane, side: Order | None = None, of: SceneObject | None = None
) -> Place | None:
    """Find the largest disc of a support that is seen to be empty: all of it has depth.

    What is hidden behind something counts as taken, and so does what a pixel without depth may
    hide.

    Args:
        survey: of the frame.
        plane: the support.
        side: where the whole disc must lie, as seen from the camera; None: anywhere.
        of: the thing whose side that is.
    """
    ground = Ground.of(survey, plane, PLACED_HEIGHT_M)
    axes = ground.lines.axes
    rows, columns = np.nonzero(plane.mask[::2, ::2] & survey.frame.valid[::2, ::2])
    if len(rows) < LEAST_READINGS:
        return None
    camera = survey.frame.intrinsics
    z = survey.frame.depth_m[2 * rows, 2 * columns]
    x, y = (2 * columns - camera.cx) / camera.fx * z, (2 * rows - camera.cy) / camera.fy * z
    level = np.column_stack([x, y, z]) @ axes[:2].T
    low, high = np.percentile(level, (0.5, 99.5), axis=0)
    cell = float(max(high - low)) / MAP_CELLS
    if cell <= 0:
        return None
    at = ((level - low) / cell).astype(np.int64)
    inside = ((at >= 0) & (at < MAP_CELLS)).all(axis=1)
    seen = np.zeros((MAP_CELLS, MAP_CELLS), np.uint8)
    seen[at[inside, 1], at[inside, 0]] = 1
    seen = cv2.morphologyEx(seen, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
    middles = (np.arange(MAP_CELLS) + 0.5) * cell
    rights, forwards = np.meshgrid(low[0] + middles, low[1] + middles)
    seen &= ground.free(rights, forwards)
    if side is not None and of is not None:
        seen &= _beyond(of, side, rights, forwards)
    radius = cv2.distanceTransform(np.pad(seen, 1), cv2.DIST_L2, 5)[1:-1, 1:-1]
    row, column = np.unravel_index(int(np.argmax(radius)), radius.shape)
    if radius[row, column] < 2:
        return None
    right, forward = low + (np.array([column, row]) + 0.5) * cell
    center = axes.T @ np.array([right, forward, -plane.offset_m])
    return Place(
        plane.name,
        Quantity(2 * float(radius[row, column] - 0.5) * cell, cell + plane.sigma_m, 'm'),
        (float(center[0]), float(center[1]), float(center[2])),
        math.degrees(math.atan2(right, forward)),
        float(np.linalg.norm(center)),
    )
