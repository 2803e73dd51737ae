# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What a thing stands on: a level plane at its foot, or under it where it hides its own foot."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from ssr_ros.scene.geometry.extent import END_SHARE, Extent
from ssr_ros.scene.geometry.gravity import Gravity, is_level
from ssr_ros.scene.geometry.grid import BoolImage, Grid, rows_and_columns
from ssr_ros.scene.geometry.planes import PlaneFit

BESIDE, LEAST_REACH, LEAST_BESIDE = 0.3, 6, 6
"""What carries a thing is seen around it within this share of its width, within so many cells at
least, in so many cells."""

NEAR_SHARE, NEAR_SIGMAS = 0.03, 4.0
"""A foot is on a plane that is so near: share of its distance, and standard errors of depth."""

AROUND_CELLS, MOST_AROUND = 3, 0.5
"""What hides its foot stands on the plane that is this share of what is known right around it."""

HIDDEN_SHARE = 0.05
"""Standard error of a height of which the lower part is hidden by the thing itself: it stands on
something, and on what is around it nearly always."""

_Window = tuple[slice, slice]


@dataclass(frozen=True)
class Support:
    """What a thing stands on.

    Attributes:
        index: of the plane.
        level_m: its height over the camera, under the thing.
        unseen: standard error of what is between the thing and the plane, as a share of it.
    """

    index: int
    level_m: float
    unseen: float


@dataclass(frozen=True, eq=False)
class Supports:
    """Finds what things stand on.

    Attributes:
        grid: the reduced grid.
        gravity: where down is.
        structure: the planes.
    """

    grid: Grid
    gravity: Gravity
    structure: list[PlaneFit]

    def of(self, extent: Extent, window: _Window, inside: BoolImage) -> Support | None:
        """Return what carries a thing, or None.

        A plane carries what stands where it is seen: it must be in view beside the object, and
        the object's own top is beside it nowhere. A table that ends before the object, a chair
        say, is beside it in the image alone.

        Args:
            extent: of the thing.
            window: part of the image that it is in.
            inside: its pixels in there.
        """
        foot = extent.foot_m.astype(np.float32)
        near = NEAR_SHARE * float(np.linalg.norm(foot)) + NEAR_SIGMAS * extent.sigma_z
        heights = {index: float(fit.height_m(foot)) for index, fit in self._level.items()}
        rise_m = float(extent.foot_m @ -self.gravity.down)
        own = _Own.of(self.grid, window, inside)
        may = [index for index, height_m in heights.items() if abs(height_m) < near]
        if may:
            around = own.ring(max(LEAST_REACH, int(BESIDE * own.cells.shape[1])))
        for index in sorted(may, key=lambda index: abs(heights[index])):
            seen = around[self.structure[index].cells.take(around)]
            seen_m = self.grid.points_m.reshape(-1, 3).take(seen, axis=0)
            forward_m = seen_m @ extent.axes[1].astype(np.float32)
            if np.count_nonzero(forward_m > extent.low_m[1] - near) >= LEAST_BESIDE:
                return Support(index, rise_m - heights[index], END_SHARE)
        return self._under(extent.foot_m, heights, own)

    def _under(
        self, foot_m: NDArray[np.float64], heights: dict[int, float], own: _Own
    ) -> Support | None:
        """The plane right around a thing that hides its own foot, as it does from above."""
        around = own.ring(AROUND_CELLS)
        known = int(np.count_nonzero(np.isfinite(self.grid.depth_m.take(around))))
        for index, height_m in heights.items():
            seen = int(np.count_nonzero(self.structure[index].cells.take(around)))
            if height_m > 0 and seen > MOST_AROUND * max(known, LEAST_BESIDE):
                x, y, z = foot_m + height_m * self.gravity.down
                camera = self.grid.camera
                column, row = camera.fx * x / z + camera.cx, camera.fy * y / z + camera.cy
                if z > 0 and own.holds(round(row), round(column)):
                    level_m = float(foot_m @ -self.gravity.down) - height_m
                    return Support(index, level_m, HIDDEN_SHARE)
        return None

    @cached_property
    def _level(self) -> dict[int, PlaneFit]:
        """The level planes, by their place among all."""
        return {
            index: fit for index, fit in enumerate(self.structure) if is_level(fit, self.gravity)
        }


@dataclass(frozen=True, eq=False)
class _Own:
    """The cells of a thing: those of a window of the grid, its place there, and the grid's shape.

    Attributes:
        cells: (h, w) uint8, 1 where the thing is.
        top, left: of the window.
        shape: of the grid.
    """

    cells: NDArray[np.uint8]
    top: int
    left: int
    shape: tuple[int, int]

    @classmethod
    def of(cls, grid: Grid, window: _Window, inside: BoolImage) -> _Own:
        """Reduce pixels to cells."""
        stride = grid.stride
        cells = inside[::stride, ::stride].astype(np.uint8)
        return cls(cells, window[0].start // stride, window[1].start // stride, grid.shape)

    def holds(self, row: int, column: int) -> bool:
        """Whether a cell of the grid is one of them."""
        row, column = row - self.top, column - self.left
        if not (0 <= row < self.cells.shape[0] and 0 <= column < self.cells.shape[1]):
            return False
        return bool(self.cells[row, column])

    def ring(self, reach: int) -> NDArray[np.intp]:
        """Flat indices of the cells of the grid around it, so far."""
        around = cv2.copyMakeBorder(self.cells, *4 * (reach,), cv2.BORDER_CONSTANT, value=0)
        ring = cv2.dilate(around, np.ones((2 * reach + 1, 2 * reach + 1), np.uint8)) - around
        rows, columns = rows_and_columns(np.flatnonzero(ring), ring.shape[1])
        rows, columns = rows + self.top - reach, columns + self.left - reach
        seen = (rows >= 0) & (rows < self.shape[0]) & (columns >= 0) & (columns < self.shape[1])
        return (rows * self.shape[1] + columns)[seen]
