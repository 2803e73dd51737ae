# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The reduced grid that planes and objects are sought on.

A grid of about 320 x 240 cells keeps what is at least a few pixels wide, averages noise away,
closes the dots of sparse sensors, and costs a quarter of the time of a 640 x 480 image.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from ssr_ros.rgbd import CameraIntrinsics
from ssr_ros.scene.geometry.noise import NoiseModel
from ssr_ros.scene.geometry.passes import passes

FloatImage = NDArray[np.float32]
BoolImage = NDArray[np.bool_]

NEAREST_M, FARTHEST_M = 1e-3, 1e3
CELLS_ACROSS = 320
SAME_SURFACE = 0.012
"""Readings of one cell this close together, relative to depth, belong to one surface."""

LEAST_AROUND = 0.6
"""Share of known cells around an unknown one that makes it a dot."""

MODEL_FLOOR = 0.0008
"""Relative depth error that no sensor or plane is better than (rounding, calibration)."""


@dataclass(frozen=True, eq=False)
class Grid:
    """Depth on the reduced grid.

    Attributes:
        stride: pixels per cell, along both axes.
        depth_m: (h, w) float32 metres, NaN unknown; the nearest surface in each cell.
        rays: (h, w, 3) float32: the point at unit depth behind each cell's centre.
        points_m: (h, w, 3) float32 camera points, NaN unknown.
        sigma_m: (h, w) float32: standard deviation of a cell's depth, NaN unknown.
        camera: the camera whose pixels are the cells.
    """

    stride: int
    depth_m: FloatImage
    rays: FloatImage
    points_m: FloatImage
    sigma_m: FloatImage
    camera: CameraIntrinsics

    @property
    def pitch(self) -> float:
        """Metres between neighbouring cells per metre of depth."""
        return 1 / min(self.camera.fx, self.camera.fy)

    @cached_property
    def valid(self) -> BoolImage:
        """(h, w) bool: cells with depth."""
        return np.isfinite(self.depth_m)

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of cells."""
        return int(self.depth_m.shape[0]), int(self.depth_m.shape[1])


def usable(depth_m: FloatImage) -> FloatImage:
    """Leave out what no depth camera measures, before its powers overflow."""
    with np.errstate(invalid='ignore'):
        strange = (depth_m < NEAREST_M) | (depth_m > FARTHEST_M)
    return np.where(strange, np.float32(np.nan), depth_m) if strange.any() else depth_m


def make_grid(depth_m: FloatImage, intrinsics: CameraIntrinsics, noise: NoiseModel) -> Grid:
    """Reduce an (H, W) depth image in metres to its grid."""
    height, width = depth_m.shape
    stride = max(1, round(max(width / CELLS_ACROSS, height / CELLS_ACROSS / 0.75)))
    depth_m = _pool(depth_m, stride, noise)
    if stride == 1:  # pooling has closed them otherwise
        depth_m = _without_dots(_without_dots(depth_m, noise), noise)
    camera = _camera_of_cells(intrinsics, stride)
    rays = camera.back_project(np.ones_like(depth_m))
    per_cell = 1.0 / np.sqrt(max(1.0, 0.5 * stride * stride))
    sigma = noise.sigma_m(depth_m) * np.float32(per_cell) + np.float32(MODEL_FLOOR) * depth_m
    return Grid(stride, depth_m, rays, camera.back_project(depth_m), sigma, camera)


def to_pixels(cells: NDArray[np.generic], frame_shape: tuple[int, int], stride: int) -> NDArray:  # type: ignore[type-arg]
    """Repeat every cell over its pixels: (h, w) to (H, W)."""
    if stride == 1:
        return cells
    wide = np.empty((cells.shape[0], cells.shape[1] * stride), cells.dtype)
    for step in range(stride):
        wide[:, step::stride] = cells  # np.repeat moves cell by cell
    return np.repeat(wide, stride, axis=0)[: frame_shape[0], : frame_shape[1]]


def _camera_of_cells(camera: CameraIntrinsics, stride: int) -> CameraIntrinsics:
    offset = (stride - 1) / 2
    return CameraIntrinsics(
        camera.fx / stride,
        camera.fy / stride,
        (camera.cx - offset) / stride,
        (camera.cy - offset) / stride,
    )


def _pool(depth_m: FloatImage, stride: int, noise: NoiseModel) -> FloatImage:
    """Average, per cell, the readings that lie on the nearest surface: no mixed pixels."""
    if stride == 1:
        return depth_m
    quick = passes()
    pool = plain_pool if quick is None else quick.pool
    return pool(depth_m, stride, 1 + SAME_SURFACE, noise)


def plain_pool(depth_m: FloatImage, stride: int, share: float, noise: NoiseModel) -> FloatImage:
    """Do so without a compiler.

    Args:
        depth_m: (H, W) metres, NaN unknown.
        stride: pixels along the side of a cell.
        share: of the nearest depth that is of its surface still, and four sigmas more.
        noise: of a reading.
    """
    height, width = depth_m.shape
    padding = ((0, -height % stride), (0, -width % stride))
    padded = np.pad(depth_m, padding, constant_values=np.nan) if any(sum(padding, ())) else depth_m
    steps = range(stride)
    parts = [np.ascontiguousarray(padded[i::stride, j::stride]) for i in steps for j in steps]
    nearest = parts[0].copy()
    for part in parts[1:]:
        np.fmin(nearest, part, out=nearest)
    limit = nearest * np.float32(share) + 4 * noise.sigma_m(nearest)
    total = np.zeros_like(nearest)
    count = np.zeros_like(nearest)
    with np.errstate(invalid='ignore'):
        for part in parts:
            near = (part <= limit).astype(np.float32)
            count += near
            total += near * cv2.patchNaNs(part, 0.0)
        pooled: FloatImage = total / count
    return pooled


def _without_dots(depth_m: FloatImage, noise: NoiseModel) -> FloatImage:
    """Fill single unknown cells in a surface: sparse sensors leave dots."""
    known = np.isfinite(depth_m)
    block = np.ones((3, 3), np.uint8)
    far = cv2.dilate(np.where(known, depth_m, np.float32(0)), block)
    near = cv2.erode(np.where(known, depth_m, np.float32(FARTHEST_M)), block)
    around = cv2.blur(known.astype(np.float32), (3, 3))
    one_surface = far - near < np.float32(2 * SAME_SURFACE) * near + 4 * noise.sigma_m(near)
    fill = ~known & (around > LEAST_AROUND) & one_surface
    return np.where(fill, (near + far) / 2, depth_m)


def dotted(points: FloatImage, vector: NDArray[np.float64], plus: float = 0.0) -> FloatImage:
    """Scalar products of (..., 3) points with a vector, plus a number: (...).

    OpenCV's: four times as fast as NumPy's, which also wakes other cores for long products.
    """
    row = np.array([[*vector, plus]], np.float32)
    products = cv2.transform(points.reshape(1, -1, 3), row) if points.size else points[..., 0]
    return np.asarray(products).reshape(points.shape[:-1])


def rows_and_columns(
    flat: NDArray[np.intp], width: int
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Where flat indices are in an image of so many columns: np.divmod, five times as fast."""
    rows = flat // width
    return rows, flat - rows * width


def box_of(mask: BoolImage) -> tuple[int, int, int, int]:
    """Box around the pixels of a mask that has some: (x0, y0, x1, y1), half-open."""
    x, y, width, height = cv2.boundingRect(mask.view(np.uint8))
    return int(x), int(y), int(x + width), int(y + height)


def without_specks(mask: BoolImage, least: int) -> BoolImage:
    """Leave out pieces of a mask of fewer than ``least`` pixels, unless it has no others.

    Pixels that touch at a corner are of one piece.
    """
    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8))
    specks = stats[:, cv2.CC_STAT_AREA] < least
    specks[0] = True  # what is around them
    return mask if specks.all() else np.asarray(~specks[labels], np.bool_)


def box_overlap(one: Sequence[float], other: Sequence[float]) -> float:
    """Intersection over union of two boxes (x0, y0, x1, y1), 0..1."""
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    if width <= 0 or height <= 0:
        return 0.0
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (one, other)]
    return width * height / (sum(areas) - width * height)
