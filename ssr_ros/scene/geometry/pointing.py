# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""From a region that somebody points at to the thing that is meant.

A box is never measured as it is: it holds what lies behind, beside and under the thing. Either it
means one of the measured objects, or the surface inside that stands off its support.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
import math

import cv2
import numpy as np
from numpy.typing import NDArray

from ssr_ros.scene.geometry.colors import exposure_gain
from ssr_ros.scene.geometry.extent import Margins
from ssr_ros.scene.geometry.grid import BoolImage, box_of, box_overlap, make_grid, usable
from ssr_ros.scene.geometry.measure_things import measured_box, Workbench
from ssr_ros.scene.geometry.objects import SceneObject, ScenePlane
from ssr_ros.scene.geometry.planes import PlaneFit
from ssr_ros.scene.geometry.region import (
    Box,
    main_surface,
    measure_at,
    Pixel,
    region_mask,
)
from ssr_ros.scene.geometry.survey import Survey

Region = Box | BoolImage | Pixel

LEAST_OVERLAP = 0.5
"""An object is meant by a box that overlaps its own so far (intersection over union)."""

LEAST_SEEN = 0.65
"""Share of the surface in the middle of the box that must be the object's."""

LEAST_STANDING = 0.35
"""Where less of a region's middle stands off the planes, the thing lies flat on one."""

CARRIED, CARRYING, LEAST_PLANE, MOST_OF_IT = 2, 0.8, 0.3, 0.6
"""A region that holds so many things that stand on one plane, by this share of their boxes, of
which that plane fills so much, and that holds so much of the plane, means what carries them: a
laid table. The pieces of one thing on a table lie in a box that holds little of the table."""

MIDDLE = 0.5
"""Share of a region's sides that counts as its middle."""

BEYOND_PX, BEYOND_SHARE = 4, 0.05
"""So far beyond a region, pixels and share of its sides, a thing that is meant may reach."""

EDGE_PX = 4
"""So far around a region its depth is looked at, too: a jump at its border shows there."""

GAP_M, GAP_SHARE = 0.01, 0.015
"""Neighbouring readings that differ by more, metres and share of depth, are of two surfaces."""

LEAST_READINGS = 12

FOOT_PX, NOISES = 12, 1.0
"""Readings so near to a plane, and off it by less than so much of their noise, are of it."""


@dataclass(frozen=True, eq=False)
class Pointing:
    """Finds the things that regions of one frame mean.

    Attributes:
        survey: what was measured in the frame.
    """

    survey: Survey

    def thing(self, region: Region) -> SceneObject | None:
        """Return the thing that a region means, or None where its depth is not known.

        It is one of the survey's objects, or a new one without a name.

        Raises:
            FrameError: the region lies outside the image.
        """
        if not self.survey.valid_ratio:
            return None
        if not isinstance(region, np.ndarray) and len(region) == 2:
            return self._at_pixel((region[0], region[1]))
        inside, weight = region_mask(self.survey.frame.depth_m.shape, region)
        box = box_of(inside)
        carrier = self._carrier(inside, box)
        if carrier is not None:
            return self._bench.measure_mask(carrier)
        seed = self._seed(self._standing_m, inside, weight)
        thing = self._object_meant(box, seed)
        if thing is not None:
            thing = self._within(thing, box)
        else:
            if self._lies_flat(inside):
                seed = self._seed(self.survey.frame.depth_m, inside, weight)
            thing = self._bench.measure_mask(self._grown(seed, inside))
        return None if thing is None else self._as_sure_as(self._in_the_middle(thing, inside), box)

    def _carrier(self, inside: BoolImage, box: tuple[int, int, int, int]) -> BoolImage | None:
        """The plane in a region that means the table, and not the things that stand on it."""
        held = [o.support for o in self.survey.objects if _share_inside(o.box_px, box) > CARRYING]
        for number, plane in enumerate(self.survey.planes):
            seen = plane.mask & inside
            fills = np.count_nonzero(seen) > LEAST_PLANE * np.count_nonzero(inside)
            is_most = np.count_nonzero(seen) > MOST_OF_IT * np.count_nonzero(plane.mask)
            if held.count(number) >= CARRIED and fills and is_most:
                return seen
        return None

    def _seed(
        self, depth_m: NDArray[np.float32], inside: BoolImage, weight: NDArray[np.float32]
    ) -> BoolImage:
        """The surface that fills most of a region: nothing where too few pixels have depth.

        Only the part of the image around the region is looked at.
        """
        x0, y0, x1, y1 = box_of(inside)
        window = np.s_[max(0, y0 - EDGE_PX) : y1 + EDGE_PX, max(0, x0 - EDGE_PX) : x1 + EDGE_PX]
        known = inside[window] & np.isfinite(depth_m[window])
        seed = np.zeros(depth_m.shape, np.bool_)
        seed[window], _ = main_surface(depth_m[window], known, weight[window], self.survey.noise)
        if np.count_nonzero(seed[window]) < LEAST_READINGS:
            seed[window] = False
        return seed

    def _at_pixel(self, pixel: Pixel) -> SceneObject | None:
        """The object at a pixel, or the small surface there, whose size is a least value."""
        frame = self.survey.frame
        seed = measure_at(frame, pixel, self.survey.noise, self.survey.gravity)
        if not seed.known:
            return None
        shared = [np.count_nonzero(o.mask & seed.mask) for o in self.survey.objects]
        if shared and max(shared) > 0.5 * np.count_nonzero(seed.mask):
            return self.survey.objects[int(np.argmax(shared))]
        thing = self._bench.measure_mask(seed.mask)
        return None if thing is None else replace(thing, touches_edge=True)

    def _object_meant(self, box: tuple[int, int, int, int], seed: BoolImage) -> SceneObject | None:
        if not seed.any():
            return None
        window = np.s_[box[1] : box[3], box[0] : box[2]]
        seen = seed[window]
        overlaps = [box_overlap(box, o.box_px) for o in self.survey.objects]
        for number in map(int, np.argsort(overlaps)[::-1]):
            thing = self.survey.objects[number]
            if overlaps[number] < LEAST_OVERLAP:
                return None
            if np.count_nonzero(thing.mask[window] & seen) >= LEAST_SEEN * np.count_nonzero(seen):
                return thing
        return None

    def _within(self, thing: SceneObject, box: tuple[int, int, int, int]) -> SceneObject:
        """Leave out what of an object lies well outside the region: a neighbour grown onto it."""
        x0, y0, x1, y1 = box
        dx = BEYOND_PX + round(BEYOND_SHARE * (x1 - x0))
        dy = BEYOND_PX + round(BEYOND_SHARE * (y1 - y0))
        near = np.zeros(thing.mask.shape, np.bool_)
        near[max(0, y0 - dy) : y1 + dy, max(0, x0 - dx) : x1 + dx] = True
        if not (thing.mask & ~near).any():
            return thing
        return self._bench.measure_mask(thing.mask & near) or thing

    def _grown(self, seed: BoolImage, inside: BoolImage) -> BoolImage:
        """What hangs together with the seed within the region, without a jump in depth."""
        depth_m = np.where(inside, self._standing_m, np.float32(np.nan))
        flat = seed & np.isnan(depth_m)
        return _connected(np.where(flat, self.survey.frame.depth_m, depth_m), seed)

    def _lies_flat(self, inside: BoolImage) -> bool:
        """Whether next to nothing in the middle of a region stands off the planes: a cloth."""
        middle = inside & _middle_of(inside)
        known = np.count_nonzero(middle & np.isfinite(self.survey.frame.depth_m))
        standing = np.count_nonzero(middle & np.isfinite(self._standing_m))
        return bool(standing < LEAST_STANDING * known)

    def _in_the_middle(self, thing: SceneObject, inside: BoolImage) -> SceneObject:
        """Say how far the thing is where it was pointed at: its far end counts for less.

        By how much the whole of it says otherwise is part of the margin.
        """
        frame = self.survey.frame
        rows, columns = np.nonzero(thing.mask & inside & _middle_of(inside) & frame.valid)
        if len(rows) < LEAST_READINGS:
            return thing
        camera = frame.intrinsics
        z = frame.depth_m[rows, columns]
        x, y = (columns - camera.cx) / camera.fx * z, (rows - camera.cy) / camera.fy * z
        far = float(np.median(np.sqrt(x * x + y * y + z * z)))
        spread = abs(far - thing.median_distance_m) / 2
        sigma = math.hypot(thing.margins.median_distance_m, spread)
        margins: Margins = replace(thing.margins, median_distance_m=sigma)
        return replace(thing, depth_m=float(np.median(z)), median_distance_m=far, margins=margins)

    def _as_sure_as(self, thing: SceneObject, box: tuple[int, int, int, int]) -> SceneObject:
        """Widen the margins of size and centre by what the region says otherwise."""
        own = thing.box_px
        spread = [abs(math.log((box[i + 2] - box[i]) / (own[i + 2] - own[i]))) / 2 for i in (0, 1)]
        width, depth, height = (float(value) for value in thing.size_m)
        more = (spread[0] * width, spread[0] * depth, spread[1] * height)
        camera, z = self.survey.frame.intrinsics, thing.depth_m
        aside = [abs(box[i] + box[i + 2] - own[i] - own[i + 2]) / 4 for i in (0, 1)]
        moved = (aside[0] / camera.fx * z, aside[1] / camera.fy * z, 0.0)
        old = thing.margins
        size, center = np.hypot(old.size_m, more), np.hypot(old.center_m, moved)
        margins: Margins = replace(old, size_m=_three(size), center_m=_three(center))
        return replace(thing, margins=margins)

    @cached_property
    def _standing_m(self) -> NDArray[np.float32]:
        """(H, W) depth of what stands off the level planes."""
        flat = np.zeros(self.survey.frame.depth_m.shape, np.bool_)
        for plane in self.survey.planes:
            if plane.role in ('support', 'top'):
                flat |= plane.mask | self._beside(plane)
        return np.where(flat, np.float32(np.nan), usable(self.survey.frame.depth_m))

    def _beside(self, plane: ScenePlane) -> BoolImage:
        """Readings of a plane next to its mask, in the valley at the foot of things."""
        reach = 2 * FOOT_PX + 1
        around = cv2.dilate(plane.mask.view(np.uint8), np.ones((reach, reach), np.uint8)) > 0
        near = around & ~plane.mask & self.survey.frame.valid
        rows, columns = np.nonzero(near)
        camera, z = self.survey.frame.intrinsics, self.survey.frame.depth_m[near]
        points = (columns - camera.cx) / camera.fx * z, (rows - camera.cy) / camera.fy * z, z
        off_m = np.abs(plane.normal @ np.stack(points) + plane.offset_m)
        near[rows, columns] = off_m < NOISES * self.survey.noise.sigma_m(z)
        return np.asarray(near, np.bool_)

    @cached_property
    def _bench(self) -> Workbench:
        survey = self.survey
        depth_m = usable(survey.frame.depth_m)
        grid = make_grid(depth_m, survey.frame.intrinsics, survey.noise)
        return Workbench(
            frame=survey.frame,
            depth_m=depth_m,
            sharp_m=depth_m,
            on_ramp=np.zeros(depth_m.shape, np.bool_),
            ramp_px=0.0,
            grid=grid,
            noise=survey.noise,
            gravity=survey.gravity,
            structure=[_fit_of(plane, grid.stride) for plane in survey.planes],
            planes=list(survey.planes),
            measured_px=measured_box(survey.frame),
            gain=exposure_gain(survey.frame.rgb),
        )


def _fit_of(plane: ScenePlane, stride: int) -> PlaneFit:
    cells = plane.mask[::stride, ::stride]
    return PlaneFit(-plane.normal / plane.offset_m, cells, plane.sigma_m / plane.offset_m)


def _share_inside(inner: tuple[int, int, int, int], outer: tuple[int, int, int, int]) -> float:
    """Share of one box that lies in another one."""
    across = min(inner[2], outer[2]) - max(inner[0], outer[0])
    down = min(inner[3], outer[3]) - max(inner[1], outer[1])
    area = (inner[2] - inner[0]) * (inner[3] - inner[1])
    return max(0, across) * max(0, down) / area


def _middle_of(inside: BoolImage) -> BoolImage:
    """The middle of the box around a region."""
    x0, y0, x1, y1 = box_of(inside)
    dx, dy = round((x1 - x0) * (1 - MIDDLE) / 2), round((y1 - y0) * (1 - MIDDLE) / 2)
    middle = np.zeros_like(inside)
    middle[y0 + dy : max(y1 - dy, y0 + dy + 1), x0 + dx : max(x1 - dx, x0 + dx + 1)] = True
    return middle


def _connected(depth_m: NDArray[np.float32], seed: BoolImage) -> BoolImage:
    """The pixels that are reached from a seed without a jump in depth."""
    if not seed.any():
        return seed
    x0, y0, x1, y1 = box_of(np.isfinite(depth_m) | seed)
    window = np.s_[y0:y1, x0:x1]
    labels = _labels(depth_m[window])
    counts = np.bincount(labels[seed[window]], minlength=1)
    sizes = np.bincount(labels.ravel(), minlength=len(counts))[: len(counts)]
    mine = counts > 0.2 * np.maximum(sizes, 1)
    mine[0] = False
    grown = seed.copy()
    grown[window] |= mine[np.minimum(labels, len(mine) - 1)] & (labels < len(mine))
    return np.asarray(grown, np.bool_)


def _labels(depth_m: NDArray[np.float32]) -> NDArray[np.int32]:
    """Label connected surfaces: the pixels beside a jump in depth part them."""
    smooth = np.isfinite(depth_m)
    limit = GAP_M + GAP_SHARE * depth_m
    with np.errstate(invalid='ignore'):
        for axis in (0, 1):
            jump = np.abs(np.diff(depth_m, axis=axis)) > np.take(
                limit, range(depth_m.shape[axis] - 1), axis=axis
            )
            before = np.s_[:-1, :] if axis == 0 else np.s_[:, :-1]
            smooth[before] &= ~jump
    _, labels = cv2.connectedComponents(smooth.astype(np.uint8), connectivity=4)
    return np.asarray(labels, np.int32)


def _three(values: NDArray[np.float64]) -> tuple[float, float, float]:
    x, y, z = (float(value) for value in values)
    return x, y, z
