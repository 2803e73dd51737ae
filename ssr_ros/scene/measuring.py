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

"""From one RGB-D frame to its facts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
import math

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import find_objects

from ssr_ros.rgbd import RgbdFrame
from ssr_ros.scene.colors import cell_colors, exposure_gain, MOST_PIXELS, name_region
from ssr_ros.scene.extent import Extent, MOST_POINTS
from ssr_ros.scene.facts import SceneFacts
from ssr_ros.scene.gravity import find_gravity, Gravity, is_level
from ssr_ros.scene.grid import BoolImage, Grid, make_grid, SAME_SURFACE, to_pixels, usable
from ssr_ros.scene.noise import fit_to_frame, NoiseModel
from ssr_ros.scene.objects import SceneObject, ScenePlane
from ssr_ros.scene.planes import cell_normals, find_planes, PlaneFit
from ssr_ros.scene.segments import level_cells, segment
from ssr_ros.scene.standing import keep_things
from ssr_ros.scene.structure import cells_of, plane_roles

LEAST_PIXELS = 250
"""Smaller regions are not called objects at 640 x 480; in proportion for other sizes."""

RELIEF, RELIEF_SHAPE = 0.08, 0.25
"""Thickness of what still belongs to a wall: share of its distance, and of its longer side."""

_SAMPLES = 600


def measure(
    frame: RgbdFrame,
    noise: str | NoiseModel = 'stereo',
    gravity: Sequence[float] | None = None,
) -> SceneFacts:
    """Measure what the depth of a frame shows. Needs no model and no weights.

    Args:
        frame: colour, depth and calibration.
        noise: the sensor's kind ('stereo', 'tof', 'none') or a model; it is scaled to the noise
            that the frame shows.
        gravity: direction of down in the camera frame, if something knows it (an IMU, a robot's
            kinematics; see ``down_from_tilt``). Without it the largest floor or table tells.

    Raises:
        ConfigError: unknown noise model, or gravity is not a direction.
    """
    model = NoiseModel.named(noise) if isinstance(noise, str) else noise
    depth_m = usable(frame.depth_m)
    model = fit_to_frame(model, depth_m)
    grid = make_grid(depth_m, frame.intrinsics, model)
    normals = cell_normals(grid)
    fits = find_planes(grid, normals)
    down = find_gravity(fits, gravity)
    roles = plane_roles(fits, grid, down)
    named = [(fit, role) for fit, role in zip(fits, roles, strict=True) if role != 'face']
    planes = _name_planes(named, frame, grid, down)
    structure = [fit for fit, role in named if role != 'top']
    free = grid.valid & ~cells_of(structure, grid)
    up = -down.down.astype(np.float32)
    rise_m = grid.points_m @ up
    on_planes = cells_of([fit for fit in fits if is_level(fit, down)], grid)
    level = level_cells(grid, normals @ up, on_planes, free, rise_m)
    lab = cell_colors(frame.rgb, grid)
    count, labels = segment(grid, lab, free, level, rise_m)
    least = max(6.0, LEAST_PIXELS / grid.stride**2)
    count, labels = keep_things(grid, lab, rise_m, labels, count, least)
    workbench = _Workbench(
        frame, depth_m, grid, model, down, [fit for fit, _ in named], planes, measured_box(frame),
        exposure_gain(frame.rgb),
    )  # fmt: skip
    objects = workbench.measure_all(labels, count)
    return SceneFacts(frame, model, down, tuple(planes), tuple(objects))


def _name_planes(
    structure: list[tuple[PlaneFit, str]], frame: RgbdFrame, grid: Grid, gravity: Gravity
) -> list[ScenePlane]:
    planes = []
    for fit, role in structure:
        points = grid.points_m[fit.cells]
        nearest = float(np.sqrt((points * points).sum(axis=1)).min())
        level = role in ('support', 'top', 'ceiling')
        height = float(np.median(points @ -gravity.down.astype(np.float32)))
        mask = to_pixels(fit.cells, frame.depth_m.shape, grid.stride)
        planes.append(
            ScenePlane(
                role, role, fit.normal, fit.offset_m, fit.sigma * fit.offset_m, nearest,
                height if level else math.nan, _box_of(mask), mask,
            )
        )  # fmt: skip
    return _with_names(planes)


def _with_names(planes: list[ScenePlane]) -> list[ScenePlane]:
    """Call the lowest of several supports the floor, higher ones tables, and number the rest."""
    supports = sorted((p for p in planes if p.role in ('support', 'top')), key=_height)
    names: dict[int, str] = {}
    if len(supports) == 1:
        names[id(supports[0])] = 'support surface'
    elif supports:
        names[id(supports[0])] = 'floor'
    for name, group in (
        ('raised surface', supports[1:]),
        ('wall', [p for p in planes if p.role == 'wall']),
        ('ceiling', [p for p in planes if p.role == 'ceiling']),
        ('slope', [p for p in planes if p.role == 'slope']),
    ):
        for number, plane in enumerate(sorted(group, key=lambda p: p.distance_m), 1):
            names[id(plane)] = name if len(group) == 1 else f'{name} {number}'
    return [replace(plane, name=names[id(plane)]) for plane in planes]


def _height(plane: ScenePlane) -> float:
    return plane.height_m


def _box_of(mask: BoolImage) -> tuple[int, int, int, int]:
    rows = np.flatnonzero(mask.any(axis=1))
    columns = np.flatnonzero(mask.any(axis=0))
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


@dataclass(frozen=True, eq=False)
class _Workbench:
    """What is needed to turn a label into an object."""

    frame: RgbdFrame
    depth_m: NDArray[np.float32]
    grid: Grid
    noise: NoiseModel
    gravity: Gravity
    structure: list[PlaneFit]
    planes: list[ScenePlane]
    measured_px: tuple[int, int, int, int]
    gain: float

    def measure_all(self, labels: NDArray[np.int32], count: int) -> list[SceneObject]:
        full = self._at_pixels(labels)
        windows = find_objects(full, count - 1)
        objects = [
            self._measure_one(full, index + 1, window)
            for index, window in enumerate(windows)
            if window is not None
        ]
        found = sorted((o for o in objects if o is not None), key=lambda o: o.distance_m)
        return _number(found)

    def _at_pixels(self, labels: NDArray[np.int32]) -> NDArray[np.int32]:
        """Labels of the pixels: a cell's label, unless the pixel looks past the cell's surface."""
        shape, stride = self.depth_m.shape, self.grid.stride
        limit = self.grid.depth_m * np.float32(1 + SAME_SURFACE) + 4 * self.grid.sigma_m
        with np.errstate(invalid='ignore'):
            past = self.depth_m > to_pixels(limit, shape, stride)
        full = to_pixels(labels, shape, stride)
        return np.where(past, np.int32(0), full)

    def _measure_one(
        self, labels: NDArray[np.int32], index: int, window: tuple[slice, slice]
    ) -> SceneObject | None:
        depth = self.depth_m[window]
        inside = _with_holes(labels[window] == index, np.isnan(depth))
        known = inside & np.isfinite(depth)
        count = int(np.count_nonzero(known))
        if count < 6:
            return None
        mask = np.zeros(labels.shape, np.bool_)
        mask[window] = inside
        box = (window[1].start, window[0].start, window[1].stop, window[0].stop)
        points = self._points(window, known, depth)
        extent = Extent.of(points, count, self.gravity, self.frame, self.noise)
        color, share = name_region(self._core_colors(window, inside), self.gain)
        support, low = self._support(extent)
        if support is None and self._is_relief(points, extent):
            return None
        if support is not None:
            extent = extent.down_to(low)
        step = max(1, len(points) // _SAMPLES)
        return SceneObject(
            '', box, mask, extent.center_m, extent.size_m, extent.low_m, extent.high_m,
            points[::step], extent.distance_m, extent.median_distance_m, extent.depth_m,
            extent.bearing_deg, color, share,
            count / int(np.count_nonzero(inside)), self._touches_edge(box),
            support, self._top(window, inside), extent.margins,
        )  # fmt: skip

    def _points(
        self, window: tuple[slice, slice], known: BoolImage, depth: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        """A sample of the known points in a window, camera frame."""
        sample = np.flatnonzero(known)
        sample = sample[:: -(-len(sample) // MOST_POINTS)]
        rows, columns = np.divmod(sample, known.shape[1])
        camera = self.frame.intrinsics
        z = depth[rows, columns]
        x = (columns + (window[1].start - camera.cx)) / camera.fx * z
        y = (rows + (window[0].start - camera.cy)) / camera.fy * z
        return np.stack([x, y, z], axis=1).astype(np.float32)

    def _core_colors(self, window: tuple[slice, slice], inside: BoolImage) -> NDArray[np.uint8]:
        """Colours away from the outline, where pixels mix with the background."""
        core = cv2.erode(inside.astype(np.uint8), np.ones((3, 3), np.uint8), borderValue=0) > 0
        if not core.any():
            core = inside
        sample = np.flatnonzero(core)
        sample = sample[:: -(-len(sample) // MOST_PIXELS)]
        return self.frame.rgb[window][np.divmod(sample, core.shape[1])]

    def _support(self, extent: Extent) -> tuple[int | None, float]:
        """The plane that the object stands on, and the plane's height over the camera."""
        best: tuple[int | None, float] = (None, math.inf)
        up = -self.gravity.down
        for index, fit in enumerate(self.structure):
            if not is_level(fit, self.gravity):
                continue
            foot = extent.foot_m
            height = float(fit.height_m(foot.astype(np.float32)))
            near = 0.03 * float(np.linalg.norm(foot)) + 4 * extent.sigma_z
            if abs(height) < near and abs(height) < best[1]:
                best = (index, abs(height))
        if best[0] is None:
            return None, math.nan
        plane = self.structure[best[0]]
        level = float(extent.foot_m @ up - plane.height_m(extent.foot_m.astype(np.float32)))
        return best[0], level

    def _is_relief(self, points: NDArray[np.float32], extent: Extent) -> bool:
        """Whether a segment is part of a wall: a frame, a sill, a picture, thin and on it."""
        longest = max(extent.size_m[0], extent.size_m[2])
        thin = min(RELIEF * extent.median_distance_m + 4 * extent.sigma_z, RELIEF_SHAPE * longest)
        for plane, fit in zip(self.planes, self.structure, strict=True):
            if plane.role == 'wall':
                inner, outer = np.percentile(np.abs(fit.height_m(points[::8])), (10, 95))
                if outer < thin and inner < RELIEF / 2 * extent.median_distance_m:
                    return True
        return False

    def _top(self, window: tuple[slice, slice], inside: BoolImage) -> int | None:
        """The told-of plane that the object has on top, if it has one."""
        for index, plane in enumerate(self.planes):
            if plane.role == 'top':
                shared = np.count_nonzero(plane.mask[window] & inside)
                if shared > 0.5 * np.count_nonzero(plane.mask):
                    return index
        return None

    def _touches_edge(self, box: tuple[int, int, int, int]) -> bool:
        """Whether a box reaches the border of the measured part of the image."""
        x0, y0, x1, y1 = self.measured_px
        slack = self.grid.stride
        return (
            box[0] <= x0 + slack or box[1] <= y0 + slack
            or box[2] >= x1 - slack or box[3] >= y1 - slack
        )  # fmt: skip


def _with_holes(inside: BoolImage, unknown: BoolImage) -> BoolImage:
    """Add the pixels without depth that lie in small holes of a mask."""
    closed = cv2.morphologyEx(inside.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
    return np.asarray(inside | ((closed > 0) & unknown), np.bool_)


def _number(objects: list[SceneObject]) -> list[SceneObject]:
    seen: dict[str, int] = {}
    named = []
    for thing in objects:
        seen[thing.color] = seen.get(thing.color, 0) + 1
        named.append(replace(thing, name=f'{thing.color} object {seen[thing.color]}'))
    return named


def measured_box(frame: RgbdFrame) -> tuple[int, int, int, int]:
    """Box around all pixels with depth (x0, y0, x1, y1), half-open: margins are often empty."""
    valid = frame.valid
    return _box_of(valid) if valid.any() else (0, 0, 0, 0)
