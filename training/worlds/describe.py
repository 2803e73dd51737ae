# Copyright 2026 The ssr_ros authors
#
# Licensed under the Apache License, Version 2.0 (the "License");
# you may not use this file except in compliance with the License.
# You may obtain a copy of the License at
#
#     http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS,
# WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.
# See the License for the specific language governing permissions and
# limitations under the License.

"""From geometry and pictures to the truth of a view."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from training.worlds.cameras import Camera
from training.worlds.truth import PlaneTruth, ThingTruth

_ON_PLANE_M = 0.004


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


def describe_things(
    outlines: Sequence[Outline],
    camera: Camera,
    points_m: NDArray[np.float32],
    segmentation: NDArray[np.int32],
) -> tuple[ThingTruth, ...]:
    """Describe every thing of a world as one camera sees it.

    Args:
        outlines: the things, in the order of their ids.
        camera: the camera.
        points_m: (H, W, 3) clean surface points in the camera frame.
        segmentation: (H, W) ids.
    """
    axes = gravity_frame(camera)
    return tuple(
        _describe(outline, index + 1, camera, axes, points_m, segmentation)
        for index, outline in enumerate(outlines)
    )


def _describe(
    outline: Outline,
    id_: int,
    camera: Camera,
    axes: NDArray[np.float64],
    points_m: NDArray[np.float32],
    segmentation: NDArray[np.int32],
) -> ThingTruth:
    parts = [camera.to_camera(part) for part in outline.parts_m]
    whole = np.concatenate(parts) @ axes.T
    low, high = whole.min(0), whole.max(0)
    rows, columns = np.nonzero(segmentation == id_)
    seen = points_m[rows, columns].astype(np.float64)
    known: dict[str, Any] = dict.fromkeys(
        (
            'box_px',
            'visible_size_m',
            'visible_center_m',
            'distance_m',
            'median_distance_m',
            'nearest_depth_m',
            'median_depth_m',
        )
    )
    touches = False
    if len(seen):
        distances = np.linalg.norm(seen, axis=1)
        box = (int(columns.min()), int(rows.min()), int(columns.max()) + 1, int(rows.max()) + 1)
        height, width = segmentation.shape
        touches = box[0] == 0 or box[1] == 0 or box[2] == width or box[3] == height
        known = {
            'box_px': box,
            'visible_size_m': np.ptp(seen @ axes.T, axis=0)[[0, 2, 1]],
            'visible_center_m': seen.mean(0),
            'distance_m': float(distances.min()),
            'median_distance_m': float(np.median(distances)),
            'nearest_depth_m': float(seen[:, 2].min()),
            'median_depth_m': float(np.median(seen[:, 2])),
        }
    return ThingTruth(
        name=outline.name,
        role=outline.role,
        color=outline.color,
        shape=outline.shape,
        id=id_,
        pixels=len(seen),
        visible_fraction=_visible_fraction(parts, camera, len(seen)),
        touches_edge=touches,
        center_m=(low + high) / 2 @ axes,
        size_m=(high - low)[[0, 2, 1]],
        support=outline.support,
        support_surface=outline.support_surface,
        **known,
    )


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
    surfaces: Sequence[tuple[str, str, float]],
    ids: dict[str, int],
    camera: Camera,
    points_m: NDArray[np.float32],
    segmentation: NDArray[np.int32],
) -> tuple[PlaneTruth, ...]:
    """Describe the carrying surfaces, given as (name, owner, height above the floor in metres)."""
    up = -camera.gravity
    rise = points_m @ up.astype(np.float32)
    planes = []
    for name, owner, height_m in surfaces:
        offset_m = float(height_m - camera.position_m[2])
        on_plane = (segmentation == ids[owner]) & (np.abs(rise - offset_m) < _ON_PLANE_M)
        pixels = int(np.count_nonzero(on_plane))
        planes.append(PlaneTruth(name, owner, up, offset_m, float(height_m), pixels))
    return tuple(planes)
