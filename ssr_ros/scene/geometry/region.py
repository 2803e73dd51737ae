# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Measure a region that someone else chose: a pixel, a detector's box, a mask."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
import math

import cv2
import numpy as np
from numpy.typing import NDArray

from ssr_ros.errors import FrameError
from ssr_ros.rgbd import RgbdFrame
from ssr_ros.scene.geometry.extent import Extent, Margins
from ssr_ros.scene.geometry.gravity import Gravity
from ssr_ros.scene.geometry.grid import BoolImage, box_of, usable
from ssr_ros.scene.geometry.measure_things import RIM_SLOPE
from ssr_ros.scene.geometry.medians import median_of
from ssr_ros.scene.geometry.noise import bending, fit_to_frame, NoiseModel
from ssr_ros.scene.geometry.ramps import Ramps, REACH_PX

Pixel = tuple[float, float]
Box = tuple[float, float, float, float]

PIXEL_REACH = 3
"""A pixel is measured with its neighbours this far away: single readings are noisy or missing."""

LEAST_READINGS = 3
MODE_BIN, MODE_SHARE = 0.01, 0.2
"""Width of a depth class, relative, and the share of the fullest that still belongs to it."""

BOX_END, MASK_END = 0.15, 0.05
"""A region's ends may lie farther in or out by this share of its sides."""

MOST_READINGS = 10000
"""Of larger regions a sample of so many pixels tells what other ends would say."""

MIDDLE = 0.3
"""Share of a region's sides that counts as its middle."""

JUMP = 0.03
"""Relative step in sorted depth that separates one surface from the next."""


@dataclass(frozen=True, eq=False, kw_only=True)
class RegionMeasurement:
    """What the depth shows in one region. Every number is NaN where ``known`` is False.

    Attributes:
        known: whether enough pixels of the region have depth.
        box_px: (x0, y0, x1, y1) of the region, half-open.
        mask: (H, W) bool: the pixels that were measured (one surface, no mixed pixels).
        point_m: (3,) float64: median point of the surface, camera frame, metres.
        distance_m: from the camera to its nearest part, metres.
        median_distance_m: from the camera to the surface, median, metres.
        depth_m: median along the optical axis, metres.
        size_m: (3,) float64: width, depth, height of the visible surface, metres.
        bearing_deg: horizontal angle, right positive, degrees.
        valid_ratio: share of the region's pixels that have depth, 0..1.
        surface_ratio: share of those that lie on the measured surface, 0..1.
        margins: standard errors.
    """

    known: bool
    box_px: tuple[int, int, int, int]
    mask: BoolImage
    point_m: NDArray[np.float64]
    distance_m: float
    median_distance_m: float
    depth_m: float
    size_m: NDArray[np.float64]
    bearing_deg: float
    valid_ratio: float
    surface_ratio: float
    margins: Margins


def measure_at(
    frame: RgbdFrame,
    region: Pixel | Box | BoolImage,
    noise: str | NoiseModel = 'stereo',
    gravity: Gravity | None = None,
) -> RegionMeasurement:
    """Measure a region of a frame.

    A pixel takes in its neighbours on the same surface. Of a box or mask, the surface that fills
    most of it, above all its middle, is measured; what lies before and behind is left out, and so
    are pixels on a depth edge, which mix two surfaces.

    A box may hold what lies beside and under a thing, or cut some of it off, and a mask is off by
    some pixels: by how much the numbers would change is part of the margins.

    Args:
        frame: the frame.
        region: (u, v) pixel, column first; (x0, y0, x1, y1) box, half-open; or (H, W) bool mask.
        noise: the sensor's kind or a noise model.
        gravity: which way width and height run; None takes the camera to be level.

    Raises:
        FrameError: the region lies outside the image, is empty, or has another shape.
        ConfigError: unknown noise model.
    """
    model = NoiseModel.named(noise) if isinstance(noise, str) else noise
    depth_m = usable(frame.depth_m)
    model = fit_to_frame(model, depth_m)
    inside, weight = region_mask(depth_m.shape, region)
    known = inside & np.isfinite(depth_m)
    valid_ratio = float(np.count_nonzero(known) / np.count_nonzero(inside))
    down = gravity or Gravity(np.array([0.0, 1.0, 0.0]), 'level')
    look = _Look(frame, depth_m, frame.points_m(), model, down)
    chosen, front = look.surface(inside, weight)
    box = box_of(inside)
    if np.count_nonzero(chosen) < LEAST_READINGS:
        return _nothing(box, inside, valid_ratio)
    points = look.points_m[chosen]
    extent = look.extent(chosen, front)
    extent = extent.less_sure(extent, bending(depth_m, model, extent.depth_m))
    if isinstance(region, np.ndarray) or len(region) == 4:
        extent = look.with_ends(extent, inside, is_box=not isinstance(region, np.ndarray))
    return RegionMeasurement(
        known=True,
        box_px=box,
        mask=chosen,
        point_m=np.median(points, axis=0).astype(np.float64),
        distance_m=extent.distance_m,
        median_distance_m=extent.median_distance_m,
        depth_m=extent.depth_m,
        size_m=extent.size_m,
        bearing_deg=extent.bearing_deg,
        valid_ratio=valid_ratio,
        surface_ratio=float(np.count_nonzero(chosen) / np.count_nonzero(known)),
        margins=extent.margins,
    )


def region_mask(
    shape: tuple[int, ...], region: Pixel | Box | BoolImage
) -> tuple[BoolImage, NDArray[np.float32]]:
    """Return the region as a mask, and how much each pixel counts (the middle counts most).

    Args:
        shape: (H, W) of the image.
        region: as ``measure_at`` takes it.

    Raises:
        FrameError: the region lies outside the image, is empty, or has another shape.
    """
    if isinstance(region, np.ndarray) and region.ndim == 2:
        return _check_mask(shape, region)
    numbers = [float(value) for value in region]
    if len(numbers) not in (2, 4) or not all(math.isfinite(value) for value in numbers):
        raise FrameError(
            'a region is a pixel (u, v), a box (x0, y0, x1, y1) or an (H, W) bool mask, '
            f'got {region!r}'
        )
    if len(numbers) == 2:
        u, v = round(numbers[0]), round(numbers[1])
        if not (0 <= u < shape[1] and 0 <= v < shape[0]):
            raise FrameError(f'pixel ({u}, {v}) lies outside the {shape[1]}x{shape[0]} image')
        numbers = [u - PIXEL_REACH, v - PIXEL_REACH, u + PIXEL_REACH + 1, v + PIXEL_REACH + 1]
    return _box_mask(shape, numbers)


def _check_mask(
    shape: tuple[int, ...], mask: NDArray[np.generic]
) -> tuple[BoolImage, NDArray[np.float32]]:
    if mask.shape != shape:
        raise FrameError(
            f'the mask is {mask.shape[1]}x{mask.shape[0]} and the image is {shape[1]}x{shape[0]}'
        )
    inside = mask.astype(np.bool_)
    if not inside.any():
        raise FrameError('the mask is empty: no pixel is chosen')
    return inside, np.ones(inside.shape, np.float32)


def _box_mask(
    shape: tuple[int, ...], box: Sequence[float]
) -> tuple[BoolImage, NDArray[np.float32]]:
    x0, y0 = max(0, round(box[0])), max(0, round(box[1]))
    x1, y1 = min(shape[1], round(box[2])), min(shape[0], round(box[3]))
    if x1 <= x0 or y1 <= y0:
        raise FrameError(
            f'box {tuple(box)} is empty or lies outside the {shape[1]}x{shape[0]} image; '
            'expected (x0, y0, x1, y1) in pixels'
        )
    inside = np.zeros(shape, np.bool_)
    inside[y0:y1, x0:x1] = True
    across = np.linspace(-1, 1, x1 - x0, dtype=np.float32) if x1 - x0 > 1 else np.zeros(1)
    down = np.linspace(-1, 1, y1 - y0, dtype=np.float32) if y1 - y0 > 1 else np.zeros(1)
    weight = np.zeros(shape, np.float32)
    weight[y0:y1, x0:x1] = np.exp(-2 * (across[None, :] ** 2 + down[:, None] ** 2))
    return inside, weight


def main_surface(
    depth_m: NDArray[np.float32],
    known: BoolImage,
    weight: NDArray[np.float32],
    noise: NoiseModel,
) -> tuple[BoolImage, BoolImage]:
    """Split the depths at their gaps, and keep the group that weighs most.

    Args:
        depth_m: (H, W) metres.
        known: (H, W) the pixels to choose from: those of a region that have depth.
        weight: (H, W) how much each of them counts.
        noise: the noise model, scaled to the frame.

    Returns:
        (H, W) the group around its commonest depth; and the same with all of it that is nearer,
        however little it is: the near rim of a bowl.
    """
    steady = known & ~_on_depth_edge(depth_m, noise)
    if np.count_nonzero(steady) < max(LEAST_READINGS, 0.2 * np.count_nonzero(known)):
        steady = known
    if not steady.any():
        return steady, steady
    rows, columns = np.nonzero(steady)
    depth = depth_m[rows, columns]
    order = np.argsort(depth)
    ordered = depth[order]
    limit = JUMP * ordered[:-1] + 4 * noise.sigma_m(ordered[:-1])
    groups = np.concatenate([[0], np.cumsum(np.diff(ordered) > limit)])
    weights = weight[rows, columns][order]
    group = groups == int(np.argmax(np.bincount(groups, weights=weights)))
    low, high = _around_mode(ordered[group], weights[group])
    chosen, front = np.zeros((2, *known.shape), np.bool_)
    for mask, best in (chosen, order[group][low:high]), (front, order[group][:high]):
        mask[rows[best], columns[best]] = True
    return chosen, front


def _around_mode(depth_m: NDArray[np.float32], weight: NDArray[np.float32]) -> tuple[int, int]:
    """Where the depths around the commonest begin and end: the floor runs under a thing.

    They are in rising order and without a gap.
    """
    bins = ((np.log(depth_m) - np.log(depth_m[0])) / MODE_BIN).astype(np.int64)
    density = np.convolve(np.bincount(bins, weights=weight), (0.25, 0.5, 0.25), 'same')
    rare = density < MODE_SHARE * density.max()
    peak = int(np.argmax(density))
    low = int(np.flatnonzero(rare[:peak]).max(initial=-1))
    high = peak + int(np.flatnonzero(rare[peak:]).min(initial=len(rare) - peak))
    begin, end = np.searchsorted(bins, (low + 1, high))
    return int(begin), int(end)


def _on_depth_edge(depth_m: NDArray[np.float32], noise: NoiseModel) -> BoolImage:
    """Pixels that have a jump in depth on both sides along a row or column: mixed readings."""
    limit = np.float32(JUMP / 2) * depth_m + 4 * noise.sigma_m(depth_m)
    mixed = np.zeros(depth_m.shape, np.bool_)
    with np.errstate(invalid='ignore'):
        for axis in (0, 1):
            step = np.abs(np.diff(depth_m, axis=axis))
            inner = np.s_[1:-1, :] if axis == 0 else np.s_[:, 1:-1]
            before = step[:-1] if axis == 0 else step[:, :-1]
            after = step[1:] if axis == 0 else step[:, 1:]
            mixed[inner] |= (before > limit[inner]) & (after > limit[inner])
    return mixed


@dataclass(frozen=True, eq=False)
class _Look:
    """A frame whose regions are measured: depth (H, W) and points (H, W, 3), metres."""

    frame: RgbdFrame
    depth_m: NDArray[np.float32]
    points_m: NDArray[np.float32]
    noise: NoiseModel
    gravity: Gravity

    def surface(
        self, inside: BoolImage, weight: NDArray[np.float32], most: int | None = None
    ) -> tuple[BoolImage, BoolImage]:
        """The surface that fills most of a region, and the same with what runs on to the front.

        Only the image around it is looked at.

        Of a region of more than ``most`` pixels those of some rows and columns are.
        """
        window = _window(box_of(inside), 1)
        known = inside[window] & np.isfinite(self.depth_m[window])
        if most is not None and known.size > most:
            looked_at, step = np.zeros_like(known), math.ceil(math.sqrt(known.size / most))
            looked_at[::step, ::step] = True
            known &= looked_at
        chosen, front = np.zeros((2, *inside.shape), np.bool_)
        depth_m, counts = self.depth_m[window], weight[window]
        chosen[window], front[window] = main_surface(depth_m, known, counts, self.noise)
        return chosen, front

    def extent(self, chosen: BoolImage, front: BoolImage) -> Extent:
        """Extent of some pixels; how near they are, those with their front tell."""
        main, nearer = (
            Extent.of(points, len(points), self.gravity, self.frame, self.noise)
            for points in (self.points_m[chosen], self.points_m[front])
        )
        return replace(main, distance_m=nearer.distance_m)

    def with_ends(self, extent: Extent, inside: BoolImage, is_box: bool) -> Extent:
        """Widen the margins of a region's extent by what it would be if it ended elsewhere."""
        box = box_of(inside)
        share = BOX_END if is_box else MASK_END
        dx, dy = (
            min(max(1, round(share * side)), (side - 1) // 2)
            for side in (box[2] - box[0], box[3] - box[1])
        )
        for sign in (-1, 1):
            if is_box:
                ends = [
                    box[0] - sign * dx,
                    box[1] - sign * dy,
                    box[2] + sign * dx,
                    box[3] + sign * dy,
                ]
                other, front = self.surface(*_box_mask(inside.shape, ends), MOST_READINGS)
            else:
                change = cv2.dilate if sign > 0 else cv2.erode
                block = np.ones((2 * dy + 1, 2 * dx + 1), np.uint8)
                moved = change(inside.view(np.uint8), block, borderValue=0).view(np.bool_)
                weight = np.ones(moved.shape, np.float32)
                other, front = self.surface(moved, weight, MOST_READINGS)
            if np.count_nonzero(other) >= LEAST_READINGS:
                extent = extent.less_sure(self.extent(other, front), 0.0)
        return self._drawn_out(self._in_the_middle(extent, inside), box)

    def _in_the_middle(self, extent: Extent, inside: BoolImage) -> Extent:
        """How far a region is where it was pointed at is half of what the rest says otherwise."""
        x0, y0, x1, y1 = box_of(inside)
        dx, dy = ((1 - MIDDLE) / 2 * side for side in (x1 - x0, y1 - y0))
        middle = np.s_[round(y0 + dy) : round(y1 - dy) + 1, round(x0 + dx) : round(x1 - dx) + 1]
        known = inside[middle] & np.isfinite(self.depth_m[middle])
        if np.count_nonzero(known) < LEAST_READINGS:
            return extent
        points = self.points_m[middle][known]
        far_m = median_of(np.sqrt(np.einsum('ij,ij->i', points, points)))
        old = extent.margins
        sigma = math.hypot(old.median_distance_m, (far_m - extent.median_distance_m) / 2)
        return replace(extent, margins=replace(old, median_distance_m=sigma))

    def _drawn_out(self, extent: Extent, box: tuple[int, int, int, int]) -> Extent:
        """Widen the margins where the sensor draws jumps out around a region."""
        camera = self.frame.intrinsics
        around = self.depth_m[_window(box, 4 * REACH_PX)]
        ramps = Ramps.of(np.ascontiguousarray(around), camera, self.noise)
        if not ramps.are_filtered:
            return extent
        pixel_m = extent.depth_m / min(camera.fx, camera.fy)
        return extent.drawn_out(ramps.width_px / 2 * pixel_m, RIM_SLOPE / 2)


def _window(box: tuple[int, int, int, int], reach: int) -> tuple[slice, slice]:
    """The part of an image within a reach of a box."""
    x0, y0, x1, y1 = box
    return np.s_[max(0, y0 - reach) : y1 + reach, max(0, x0 - reach) : x1 + reach]


def _nothing(
    box: tuple[int, int, int, int], inside: BoolImage, valid_ratio: float
) -> RegionMeasurement:
    nan = math.nan
    unknown = np.full(3, nan)
    return RegionMeasurement(
        known=False,
        box_px=box,
        mask=np.zeros_like(inside),
        point_m=unknown,
        distance_m=nan,
        median_distance_m=nan,
        depth_m=nan,
        size_m=unknown,
        bearing_deg=nan,
        valid_ratio=valid_ratio,
        surface_ratio=0.0,
        margins=Margins(
            center_m=(nan, nan, nan),
            size_m=(nan, nan, nan),
            distance_m=nan,
            median_distance_m=nan,
            bearing_deg=nan,
        ),
    )
