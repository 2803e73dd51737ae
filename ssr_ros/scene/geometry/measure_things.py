# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""From labelled segments to measured objects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import find_objects

from ssr_ros.rgbd import RgbdFrame
from ssr_ros.scene.geometry.colors import MOST_PIXELS, name_regions
from ssr_ros.scene.geometry.extent import Extent, MOST_POINTS
from ssr_ros.scene.geometry.gravity import Gravity
from ssr_ros.scene.geometry.grid import (
    BoolImage,
    box_of,
    Grid,
    rows_and_columns,
    SAME_SURFACE,
    to_pixels,
    without_specks,
)
from ssr_ros.scene.geometry.medians import median_of, quantile_of
from ssr_ros.scene.geometry.nearest import nearest_steady
from ssr_ros.scene.geometry.noise import NoiseModel
from ssr_ros.scene.geometry.objects import SceneObject, ScenePlane
from ssr_ros.scene.geometry.planes import PlaneFit
from ssr_ros.scene.geometry.supports import Supports

_SAMPLES = 600

RIM_SLOPE = 6.0
"""Depth per width from which on the rim of a thing is taken for a jump drawn out."""

LEAST_WITHIN = 20

SPECK_CELLS = 4
"""What is smaller, and beside the rest of a region, is no part of it."""

SMALL_PIXELS = 2000
"""A region of no more is looked at for such."""

THIN_CELLS = 4
"""What is no wider may be of something else than the region that it is part of."""

LEAST_STEADY = 0.3
"""Share of a thing's readings that lie on no ramp, below which all of them are measured."""

RELIEF, RELIEF_SHAPE = 0.08, 0.25
"""Thickness of what still belongs to a wall: share of its distance, and of its longer side."""

_Window = tuple[slice, slice]
_Region = tuple[_Window, BoolImage]
"""A window of the image, and which of its pixels are of a thing."""


def measured_box(frame: RgbdFrame) -> tuple[int, int, int, int]:
    """Box around all pixels with depth (x0, y0, x1, y1), half-open: margins are often empty."""
    valid = frame.valid
    return box_of(valid) if valid.any() else (0, 0, 0, 0)


@dataclass(frozen=True, eq=False, kw_only=True)
class Workbench:
    """Turns labels into measured objects.

    Attributes:
        frame: the frame.
        depth_m: (H, W) its usable depth.
        sharp_m: (H, W) the same without ramps: what differs belongs to no surface.
        on_ramp: (H, W) bool: readings that lie on a jump drawn out, be it by the sensor or not.
        ramp_px: how wide the sensor draws jumps out; 0 where it does not.
        grid: the reduced grid.
        noise: the noise model, scaled to the frame.
        gravity: where down is.
        structure: the fits of the planes.
        planes: the same planes as they are told of, in the same order.
        measured_px: box around all pixels with depth.
        gain: (3,) of the exposure and the light.
    """

    frame: RgbdFrame
    depth_m: NDArray[np.float32]
    sharp_m: NDArray[np.float32]
    on_ramp: BoolImage
    ramp_px: float
    grid: Grid
    noise: NoiseModel
    gravity: Gravity
    structure: list[PlaneFit]
    planes: list[ScenePlane]
    measured_px: tuple[int, int, int, int]
    gain: NDArray[np.float32]

    def measure_all(self, labels: NDArray[np.int32], count: int) -> list[SceneObject]:
        """Measure every label of the grid's (h, w) cells; from near to far, numbered by colour."""
        full = self._at_pixels(labels)
        found = (
            _pixels_of(full, number, cells, self.grid.stride)
            for number, cells in enumerate(find_objects(labels, count - 1), 1)
            if cells is not None
        )
        regions = [
            (window, self._with_holes(self._whole(inside), window))
            for window, inside in found
            if inside.size
        ]
        return _number(sorted(self._measure(regions), key=lambda o: o.distance_m))

    def measure_mask(self, mask: BoolImage) -> SceneObject | None:
        """Measure the (H, W) pixels that somebody chose, be they part of a wall or not.

        None where too few of them have depth.
        """
        if not mask.any():
            return None
        x0, y0, x1, y1 = box_of(mask)
        window = np.s_[y0:y1, x0:x1]
        region = window, self._with_holes(mask[window], window)
        return next(iter(self._measure([region], chosen=True)), None)

    def _measure(self, regions: Sequence[_Region], chosen: bool = False) -> list[SceneObject]:
        """Measure regions, their colours all at once; without those of too little depth."""
        colors = name_regions([self._core_colors(*region) for region in regions], self.gain)
        objects = [
            self._measure_one(*region, color, chosen)
            for region, color in zip(regions, colors, strict=True)
        ]
        return [thing for thing in objects if thing is not None]

    def _whole(self, inside: BoolImage) -> BoolImage:
        """Leave out what is beside a small region: what is behind it, brought near by noise.

        Two readings can be its outermost ones, which say how wide it is; of larger regions the
        extent leaves out as many as that anyway.
        """
        if np.count_nonzero(inside) > SMALL_PIXELS:
            return inside
        return without_specks(inside, SPECK_CELLS * self.grid.stride**2)

    def _with_holes(self, inside: BoolImage, window: _Window) -> BoolImage:
        """Add the pixels without depth that lie in small holes of a mask."""
        block = np.ones((5, 5), np.uint8)
        closed = cv2.morphologyEx(inside.astype(np.uint8), cv2.MORPH_CLOSE, block)
        return np.asarray(inside | ((closed > 0) & np.isnan(self.depth_m[window])), np.bool_)

    @cached_property
    def ripple(self) -> float:
        """How far the sensor bends planes: standard deviation of depth, as a share of it."""
        if not self.structure:
            return 0.0
        largest = max(self.structure, key=lambda fit: np.count_nonzero(fit.cells))
        off_m = np.abs(largest.height_m(self.grid.points_m)[largest.cells])
        return 1.48 * median_of(off_m[np.isfinite(off_m)]) / largest.offset_m

    def _sure_part(self, inside: BoolImage) -> BoolImage:
        """A region less its rim and what is thin: a strip of floor, a shadow, a neighbour's edge.

        What is thin as a whole is that less its rim alone.
        """
        region = inside.astype(np.uint8)
        side = THIN_CELLS * self.grid.stride + 1
        block = np.ones((side, side), np.uint8)
        thick = cv2.dilate(cv2.erode(region, block, borderValue=0), block)
        for part in (thick, region):
            sure = cv2.erode(part, self._rim, borderValue=0) > 0
            if np.count_nonzero(sure) >= LEAST_WITHIN:
                break
        return np.asarray(sure, np.bool_)

    @cached_property
    def _rim(self) -> NDArray[np.uint8]:
        """A cell to either side: where a thing ends is not known better."""
        side = 2 * self.grid.stride + 1
        return np.ones((side, side), np.uint8)

    def _at_pixels(self, labels: NDArray[np.int32]) -> NDArray[np.int32]:
        """Labels of the pixels: a cell's label, unless the pixel looks past the cell's surface."""
        shape, stride = self.depth_m.shape, self.grid.stride
        limit = self.grid.depth_m * np.float32(1 + SAME_SURFACE) + 4 * self.grid.sigma_m
        with np.errstate(invalid='ignore'):
            past = self.sharp_m > to_pixels(limit, shape, stride)
        return to_pixels(labels, shape, stride) * ~past

    def _measure_one(
        self,
        window: _Window,
        inside: BoolImage,
        named: tuple[str, float, str],
        chosen: bool,
    ) -> SceneObject | None:
        depth = self.depth_m[window]
        known = inside & np.isfinite(depth)
        count = int(np.count_nonzero(known))
        if count < 6:
            return None
        depth = self._sharpened(depth, inside, known)
        mask = np.zeros(self.depth_m.shape, np.bool_)
        mask[window] = inside
        x0, y0, x1, y1 = box_of(inside)
        top, left = window[0].start, window[1].start
        box = left + x0, top + y0, left + x1, top + y1
        steady = known & (self.depth_m[window] == self.sharp_m[window])
        if np.count_nonzero(steady) < LEAST_STEADY * count:
            steady = known
        sample = _sample(steady)
        points, ramp = self._points(window, sample, depth), self.on_ramp[window].ravel()
        extent = Extent.of(points, count, self.gravity, self.frame, self.noise, ramp[sample])
        inner = _sample(steady & self._sure_part(inside))
        if len(inner) >= LEAST_WITHIN:
            within = self._points(window, inner, depth)
            shrunk = Extent.of(within, count, self.gravity, self.frame, self.noise, ramp[inner])
            extent = extent.less_sure(shrunk, self.ripple)
        if self.ramp_px:
            extent = extent.drawn_out(self.ramp_px / 2 * self._pixel_m(extent), RIM_SLOPE / 2)
        color, share, second = named
        support = self._supports.of(extent, window, inside)
        if not chosen and support is None and self._is_relief(points, extent):
            return None
        if support is not None:
            extent = extent.down_to(support.level_m, support.unseen)
        step = max(1, len(points) // _SAMPLES)
        return SceneObject(
            name='',
            box_px=box,
            mask=mask,
            center_m=extent.center_m,
            size_m=extent.size_m,
            low_m=extent.low_m,
            high_m=extent.high_m,
            points_m=points[::step],
            distance_m=extent.distance_m,
            median_distance_m=extent.median_distance_m,
            depth_m=extent.depth_m,
            bearing_deg=extent.bearing_deg,
            color=color,
            color_share=share,
            second_color=second,
            valid_ratio=count / int(np.count_nonzero(inside)),
            touches_edge=self._touches_edge(box),
            support=None if support is None else support.index,
            top=self._top(window, inside),
            margins=extent.margins,
        )

    @cached_property
    def _supports(self) -> Supports:
        return Supports(self.grid, self.gravity, self.structure)

    def _pixel_m(self, extent: Extent) -> float:
        """Width of a pixel at the distance of a thing."""
        return extent.depth_m / min(self.frame.intrinsics.fx, self.frame.intrinsics.fy)

    def _sharpened(
        self, depth: NDArray[np.float32], inside: BoolImage, known: BoolImage
    ) -> NDArray[np.float32]:
        """Give readings at an outline that run off steeply the depth of the surface inside.

        Sensors draw a jump in depth out over some pixels; these belong to no surface.
        """
        core = cv2.erode(inside.astype(np.uint8), self._rim, borderValue=0).view(np.bool_) & known
        outer = np.flatnonzero(known & ~core)
        if not core.any() or not len(outer):
            return np.ascontiguousarray(depth)
        away_px, surface = nearest_steady(depth, core, outer)
        pitch = 1 / min(self.frame.intrinsics.fx, self.frame.intrinsics.fy)
        limit = np.float32(RIM_SLOPE * pitch) * away_px * surface + 4 * self.noise.sigma_m(surface)
        sharp = np.array(depth)
        read = sharp.take(outer)
        sharp.ravel()[outer] = np.where(np.abs(read - surface) > limit, surface, read)
        return sharp

    def _points(
        self, window: _Window, sample: NDArray[np.intp], depth: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        """Points of the pixels of a window with these flat indices, camera frame."""
        rows, columns = rows_and_columns(sample, depth.shape[1])
        camera = self.frame.intrinsics
        points = np.empty((3, len(sample)), np.float32)
        z = points[2] = depth.take(sample)
        points[0] = (columns + (window[1].start - camera.cx)) / camera.fx * z
        points[1] = (rows + (window[0].start - camera.cy)) / camera.fy * z
        return np.asarray(points.T)

    def _core_colors(self, window: _Window, inside: BoolImage) -> NDArray[np.uint8]:
        """Colours away from the outline, where pixels mix with the background."""
        core = cv2.erode(inside.astype(np.uint8), np.ones((3, 3), np.uint8), borderValue=0) > 0
        if not core.any():
            core = inside
        sample = np.flatnonzero(core)
        sample = sample[:: -(-len(sample) // MOST_PIXELS)]
        return self.frame.rgb[window][rows_and_columns(sample, core.shape[1])]

    def _is_relief(self, points: NDArray[np.float32], extent: Extent) -> bool:
        """Whether a segment is part of a wall: a frame, a sill, a picture, thin and on it."""
        longest = max(extent.size_m[0], extent.size_m[2])
        thin = min(RELIEF * extent.median_distance_m + 4 * extent.sigma_z, RELIEF_SHAPE * longest)
        for plane, fit in zip(self.planes, self.structure, strict=True):
            if plane.role == 'wall':
                off_m = np.sort(np.abs(fit.height_m(points[::8])))
                inner, outer = quantile_of(off_m, 0.1), quantile_of(off_m, 0.95)
                if outer < thin and inner < RELIEF / 2 * extent.median_distance_m:
                    return True
        return False

    def _top(self, window: _Window, inside: BoolImage) -> int | None:
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
        low = box[0] <= x0 + slack or box[1] <= y0 + slack
        return low or box[2] >= x1 - slack or box[3] >= y1 - slack


def _pixels_of(full: NDArray[np.int32], number: int, cells: _Window, stride: int) -> _Region:
    """A label among its cells' pixels: the window around it, and where it is in there."""
    rows, columns = (slice(side.start * stride, side.stop * stride) for side in cells)
    inside = full[rows, columns] == number
    x0, y0, x1, y1 = box_of(inside)
    window = np.s_[rows.start + y0 : rows.start + y1, columns.start + x0 : columns.start + x1]
    return window, np.ascontiguousarray(inside[y0:y1, x0:x1])


def _sample(known: BoolImage) -> NDArray[np.intp]:
    """Flat indices of known pixels, of many of them a sample."""
    sample = np.flatnonzero(known)
    return sample[:: max(1, -(-len(sample) // MOST_POINTS))]


def _number(objects: list[SceneObject]) -> list[SceneObject]:
    seen: dict[str, int] = {}
    named = []
    for thing in objects:
        seen[thing.color] = seen.get(thing.color, 0) + 1
        named.append(replace(thing, name=f'{thing.color} object {seen[thing.color]}'))
    return named
