# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""From geometry and pictures to the truth of a view."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from training.worlds.cameras import Camera
from training.worlds.truth import FLOOR, PlaneTruth, ThingTruth

_ON_PLANE_M = 0.004
_SURFACE_FIELDS = (
    'visible_size_m',
    'visible_center_m',
    'distance_m',
    'median_distance_m',
    'nearest_depth_m',
    'median_depth_m',
)


@dataclass(frozen=True, eq=False)
class Outline:
    """The exact geometry of a thing in the world: points that span each convex part."""

    name: str
    role: str
    color: str
    shape: str
    parts_m: tuple[NDArray[np.float64], ...]
    support: str
    support_surface: str


def gravity_frame(camera: Camera) -> NDArray[np.float64]:
    """Return the (3, 3) rotation whose rows are the gravity frame's axes in the camera frame."""
    down = camera.gravity
    for heading in ([0.0, 0.0, 1.0], [0.0, -1.0, 0.0]):
        level = np.array(heading) - down * (down @ heading)
        if np.linalg.norm(level) > 1e-3:
            break
    level /= np.linalg.norm(level)
    return np.stack([np.cross(down, level), down, level])


class Seen:
    """The visible surface points of every id, looked up in one pass over the picture.

    Args:
        points_m: (H, W, 3) clean surface points in the camera frame.
        segmentation: (H, W) ids.
    """

    def __init__(self, points_m: NDArray[np.float32], segmentation: NDArray[np.int32]) -> None:
        self._points_m, self._segmentation = points_m, segmentation
        self._windows = ndimage.find_objects(segmentation - FLOOR + 1)

    def box_px(self, id_: int) -> tuple[int, int, int, int] | None:
        """Return (x0, y0, x1, y1), half-open, of an id; None where it is not seen."""
        window = self._window(id_)
        if window is None:
            return None
        rows, columns = window
        return (columns.start, rows.start, columns.stop, rows.stop)

    def points_m(self, id_: int) -> NDArray[np.float64]:
        """Return the (N, 3) points of an id, row by row."""
        window = self._window(id_)
        if window is None:
            return np.empty((0, 3))
        mask = self._segmentation[window] == id_
        points: NDArray[np.float64] = self._points_m[window][mask].astype(np.float64)
        return points

    def touches_edge(self, id_: int) -> bool:
        """Tell whether an id has a pixel on the image border."""
        box = self.box_px(id_)
        height, width = self._segmentation.shape
        return box is not None and (min(box[:2]) == 0 or box[2] == width or box[3] == height)

    def _window(self, id_: int) -> tuple[slice, slice] | None:
        index = id_ - FLOOR
        return self._windows[index] if index < len(self._windows) else None


def describe_things(
    outlines: Sequence[Outline], camera: Camera, seen: Seen
) -> tuple[ThingTruth, ...]:
    """Describe every thing of a world, in the order of the ids 1, 2, ..., as a camera sees it."""
    return tuple(_describe(outline, i + 1, camera, seen) for i, outline in enumerate(outlines))


def _describe(outline: Outline, id_: int, camera: Camera, seen: Seen) -> ThingTruth:
    axes = gravity_frame(camera)
    parts = [camera.to_camera(part) for part in outline.parts_m]
    whole = np.concatenate(parts) @ axes.T
    low, high = whole.min(0), whole.max(0)
    points = seen.points_m(id_)
    return ThingTruth(
        name=outline.name,
        role=outline.role,
        color=outline.color,
        shape=outline.shape,
        id=id_,
        pixels=len(points),
        visible_fraction=_visible_fraction(parts, camera, len(points)),
        box_px=seen.box_px(id_),
        touches_edge=seen.touches_edge(id_),
        center_m=(low + high) / 2 @ axes,
        size_m=(high - low)[[0, 2, 1]],
        support=outline.support,
        support_surface=outline.support_surface,
        **_measure_surface(points, axes),
    )


def _measure_surface(points: NDArray[np.float64], axes: NDArray[np.float64]) -> dict[str, Any]:
    """Measure visible surface points; None for everything where there are none."""
    if len(points) == 0:
        return dict.fromkeys(_SURFACE_FIELDS)
    # One row per axis: numpy reduces along rows many times faster than along columns.
    rows = np.ascontiguousarray(points.T)
    distances, depths = np.sqrt((rows * rows).sum(0)), rows[2]
    values = (
        np.ptp(axes @ rows, axis=1)[[0, 2, 1]],
        rows.mean(1),
        float(distances.min()),
        float(np.median(distances)),
        float(depths.min()),
        float(np.median(depths)),
    )
    return dict(zip(_SURFACE_FIELDS, values, strict=True))


def _visible_fraction(parts: Sequence[NDArray[np.float64]], camera: Camera, pixels: int) -> float:
    """Compare the visible pixels with the area of the whole silhouette, border or not.

    The silhouette is a union of convex polygons; it is painted at a scale at which it fits a small
    canvas, so that a thing far beyond the border costs no more than another.
    """
    if pixels == 0 or min(part[:, 2].min() for part in parts) < 0.02:
        return 0.0
    outlines = [camera.project(part) for part in parts]
    low = np.min([o.min(0) for o in outlines], axis=0)
    span = float(np.max([o.max(0) for o in outlines] - low))
    scale = 400.0 / max(span, 1e-6)
    canvas = np.zeros((404, 404), np.uint8)
    for outline in outlines:
        hull = cv2.convexHull(((outline - low) * scale + 2).astype(np.float32))
        cv2.fillConvexPoly(canvas, np.rint(hull * 16).astype(np.int32), 1, shift=4)
    # A filled polygon covers half a pixel all round it.
    border = cv2.morphologyEx(canvas, cv2.MORPH_GRADIENT, np.ones((2, 2), np.uint8))
    area = (np.count_nonzero(canvas) - 0.5 * np.count_nonzero(border)) / scale**2
    return float(min(pixels / max(area, 1.0), 1.0))


def describe_planes(
    surfaces: Sequence[tuple[str, int, str, float]], camera: Camera, seen: Seen
) -> tuple[PlaneTruth, ...]:
    """Describe the carrying surfaces.

    Args:
        surfaces: name of the owner, its id, name of the surface, height above the floor in metres.
        camera: the camera.
        seen: what it sees.
    """
    up = -camera.gravity
    rise = {id_: seen.points_m(id_) @ up for _, id_, _, _ in surfaces}
    planes = []
    for owner, id_, name, height_m in surfaces:
        offset_m = float(height_m - camera.position_m[2])
        pixels = int(np.count_nonzero(np.abs(rise[id_] - offset_m) < _ON_PLANE_M))
        planes.append(PlaneTruth(name, owner, up, offset_m, float(height_m), pixels))
    return tuple(planes)
