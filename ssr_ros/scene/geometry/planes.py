# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Dominant planes of a depth image.

A plane ``q . P = 1`` is linear in inverse depth, ``1 / z = q . (x / z, y / z, 1)``, and the error
of stereo depth is uniform there: planes are fitted to inverse depth, patch by patch, and grown
by voting, without random sampling.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from ssr_ros.scene.geometry.connected import connected
from ssr_ros.scene.geometry.grid import BoolImage, dotted, Grid, to_pixels

FloatArray = NDArray[np.float64]

PATCH = 8
"""Cells along a side of the patches that vote."""

MOST_PLANES = 10
MOST_HYPOTHESES = 120
LEAST_SHARE = 0.012
"""Least share of the measured cells that makes a plane dominant."""

STEEPEST = 4.5
"""Steepest surface that still counts as one, in depth per width (about 77 degrees)."""

SAME_NORMAL = 0.985

WARP = 0.006
"""Relative depth by which real sensors bend a plane."""

MOSTLY_NEAR = 0.8
"""Share of the cells of a part that lie near to the surface that it belongs to."""


@dataclass(frozen=True, eq=False)
class PlaneFit:
    """One plane and the cells on it.

    Attributes:
        q: (3,) float64, 1/m: the plane is ``q . P = 1`` in the camera frame.
        cells: (h, w) bool: cells of the grid that lie on it.
        sigma: relative standard error of the plane's place, as a share of depth.
    """

    q: FloatArray
    cells: BoolImage
    sigma: float

    @cached_property
    def offset_m(self) -> float:
        """Distance from the camera to the plane, metres."""
        return float(1 / np.linalg.norm(self.q))

    @cached_property
    def normal(self) -> FloatArray:
        """(3,) unit normal that points to the camera's side."""
        return np.asarray(-self.q / np.linalg.norm(self.q))

    def height_m(self, points_m: NDArray[np.float32]) -> NDArray[np.float32]:
        """Signed distance of (..., 3) points to the plane, positive on the camera's side."""
        return dotted(points_m, self.normal, self.offset_m)


def find_planes(grid: Grid, normals: NDArray[np.float32]) -> list[PlaneFit]:
    """Find the dominant planes, largest first.

    Args:
        grid: depth on the reduced grid.
        normals: (h, w, 3) float32 unit normals of the cells, NaN unknown.
    """
    patches = _Patches(grid)
    least = max(3.0, LEAST_SHARE * np.count_nonzero(grid.valid) / PATCH**2)
    found: list[tuple[FloatArray, NDArray[np.bool_]]] = []
    while len(found) < MOST_PLANES:
        best = patches.best_plane(least)
        if best is None:
            break
        found.append(best)
    return _claim_cells(grid, normals, found, patches.shape)


def cell_normals(grid: Grid) -> NDArray[np.float32]:
    """Return (h, w, 3) float32 unit normals towards the camera, NaN near holes and borders."""
    height, width = grid.shape
    normals = np.full((height, width, 3), np.nan, np.float32)
    if height < 5 or width < 5:
        return normals
    with np.errstate(divide='ignore', invalid='ignore'):
        inverse = 1 / grid.depth_m
    inverse[_near_jump(grid)] = np.nan
    third = np.full(3, 1 / 3)  # not cv2.blur: its running sum would carry a NaN along the row
    smooth = cv2.sepFilter2D(inverse, -1, third, third, borderType=cv2.BORDER_REPLICATE)
    q_x = (smooth[2:-2, 4:] - smooth[2:-2, :-4]) * np.float32(grid.camera.fx / 4)
    q_y = (smooth[4:, 2:-2] - smooth[:-4, 2:-2]) * np.float32(grid.camera.fy / 4)
    rays = grid.rays[2:-2, 2:-2]
    q_z = smooth[2:-2, 2:-2] - q_x * rays[..., 0] - q_y * rays[..., 1]
    with np.errstate(divide='ignore', invalid='ignore'):
        scale = -1 / np.sqrt(q_x * q_x + q_y * q_y + q_z * q_z)
    inner = normals[2:-2, 2:-2]
    for axis, q in enumerate((q_x, q_y, q_z)):
        np.multiply(q, scale, out=inner[..., axis])
    return normals


def _near_jump(grid: Grid) -> BoolImage:
    """Cells next to a jump in depth, where a normal would be that of no surface."""
    depth, jump = grid.depth_m, np.zeros(grid.shape, np.bool_)
    limit = np.float32(STEEPEST * grid.pitch) * depth + 4 * grid.sigma_m
    with np.errstate(invalid='ignore'):
        across = np.abs(depth[:, 1:] - depth[:, :-1]) > np.minimum(limit[:, 1:], limit[:, :-1])
        down = np.abs(depth[1:] - depth[:-1]) > np.minimum(limit[1:], limit[:-1])
    jump[:, 1:] |= across
    jump[:, :-1] |= across
    jump[1:] |= down
    jump[:-1] |= down
    return jump


def visible_area_m2(plane: PlaneFit, grid: Grid) -> float:
    """Area of the visible part of a plane."""
    cells = np.flatnonzero(plane.cells)
    along = dotted(grid.points_m, plane.normal).take(cells)
    towards, z = np.maximum(-along, 1e-6), grid.depth_m.take(cells)
    return float((z * z * z * np.float32(grid.pitch**2) / towards).sum())


class _Patches:
    """Least-squares sums of inverse depth over square patches, and the search over them."""

    def __init__(self, grid: Grid) -> None:
        with np.errstate(divide='ignore', invalid='ignore'):
            inverse = 1 / grid.depth_m
        known = np.isfinite(inverse)
        inverse = np.where(known, inverse, np.float32(0))
        weight = known.astype(np.float32)
        x, y = grid.rays[..., 0] * weight, grid.rays[..., 1] * weight
        terms = (weight, x, y, x * x, x * y, y * y, inverse, x * inverse, y * inverse)
        sums = [_patch_sums(np.asarray(term, np.float32)) for term in (*terms, inverse * inverse)]
        finite = np.isfinite(sums).all(axis=0)  # a solver fed with anything else may not return
        sums = [np.where(finite, each, 0) for each in sums]
        one, sx, sy, sxx, sxy, syy, si, sxi, syi, sii = sums
        self.shape = one.shape
        self.count = one.ravel()
        flat = np.array([[sxx, sxy, sx], [sxy, syy, sy], [sx, sy, one]])
        self.normal_matrix = np.ascontiguousarray(flat.reshape(3, 3, -1).transpose(2, 0, 1))
        self.right_side = np.ascontiguousarray(np.array([sxi, syi, si]).reshape(3, -1).T)
        self.q, rms = self._solve(sii.ravel())
        self.corners, self.corner_inverse = self._corners(grid)
        mean = np.divide(si.ravel(), np.maximum(self.count, 1))
        noise = self._noise(grid)
        with np.errstate(invalid='ignore'):
            flat_enough = rms < 2.5 * noise + 0.003 * mean
        self.free = (self.count > 0.6 * PATCH**2) & (mean > 0) & flat_enough
        self.tolerance = (2.5 * noise + WARP * mean).astype(np.float32)
        self.votes = self._all_votes()

    def _solve(self, sum_squares: FloatArray) -> tuple[FloatArray, FloatArray]:
        ridge = 1e-9 * np.eye(3) * np.maximum(self.count, 1)[:, None, None]
        q = np.linalg.solve(self.normal_matrix + ridge, self.right_side[..., None])[..., 0]
        squares = sum_squares - (q * self.right_side).sum(axis=1)
        return q, np.sqrt(np.maximum(squares, 0) / np.maximum(self.count, 1))

    def _noise(self, grid: Grid) -> FloatArray:
        """Standard deviation of the cells' inverse depth, per patch."""
        with np.errstate(divide='ignore', invalid='ignore'):
            sigma = grid.sigma_m / grid.depth_m**2
        known = np.nan_to_num(sigma, nan=0.0, posinf=0.0).astype(np.float32)
        sums = _patch_sums(known)
        return sums.ravel() / np.maximum(self.count, 1)

    def _corners(self, grid: Grid) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Rays at four points of every patch (3, 4N), and what its own fit says there (4N,)."""
        rows, columns = self.shape
        camera = grid.camera
        inset = (0.15 * PATCH, 0.85 * PATCH)
        x = (np.add.outer(np.arange(columns) * PATCH, inset) - camera.cx) / camera.fx
        y = (np.add.outer(np.arange(rows) * PATCH, inset) - camera.cy) / camera.fy
        corners = np.ones((rows, columns, 2, 2, 3))
        corners[..., 0] = x[None, :, None, :]
        corners[..., 1] = y[:, None, :, None]
        rays = np.ascontiguousarray(corners.reshape(-1, 4, 3).transpose(1, 0, 2))
        inverse = np.einsum('cnk,nk->cn', rays, self.q)
        lines = np.ascontiguousarray(rays.reshape(-1, 3).T, np.float32)
        return lines, inverse.ravel().astype(np.float32)

    def best_plane(self, least: float) -> tuple[FloatArray, NDArray[np.bool_]] | None:
        """Take out the plane with the most measured cells, or None when all are small."""
        if np.count_nonzero(self.free) < 3:
            return None
        weights = self.votes @ np.where(self.free, self.count, 0).astype(np.float32)
        chosen = (self.votes[int(np.argmax(weights))] > 0) & self.free
        for strictness in (1.3, 1.0, 0.8):
            if np.count_nonzero(chosen) < 3:
                return None
            q = self._refit(chosen)
            chosen = self._agree(q[None], strictness)[0] & self.free
        if np.count_nonzero(chosen) < 3 or self.count[chosen].sum() < least * PATCH**2:
            return None
        self.free &= ~chosen
        return self._refit(chosen), chosen

    def _all_votes(self) -> NDArray[np.float32]:
        """Which patches (columns) lie on the planes that some of them suggest (rows): 0 or 1."""
        free = np.flatnonzero(self.free)
        tries = free[:: max(1, -(-len(free) // MOST_HYPOTHESES))]
        return self._agree(self.q[tries], 2.0).astype(np.float32)

    def _agree(self, q: FloatArray, strictness: float) -> NDArray[np.bool_]:
        """Compare (M, 3) planes with all patches at their corners: (M, N) bool."""
        limit = strictness * self.tolerance
        # Not as a matrix product: BLAS would wake other cores for it, and wait for them.
        expected = np.einsum('mk,kn->mn', q.astype(np.float32), self.corners)
        expected -= self.corner_inverse
        near = np.abs(expected, out=expected).reshape(len(q), 4, len(limit)) < limit
        return np.asarray(near[:, 0] & near[:, 1] & near[:, 2] & near[:, 3])

    def _refit(self, chosen: NDArray[np.bool_]) -> FloatArray:
        """Fit one plane to the (N,) chosen patches."""
        weight = chosen.astype(np.float64)
        matrix = (weight @ self.normal_matrix.reshape(-1, 9)).reshape(3, 3)
        _, q = cv2.solve(matrix, weight @ self.right_side, flags=cv2.DECOMP_SVD)
        return np.asarray(q.ravel(), np.float64)


def _patch_sums(image: NDArray[np.float32]) -> FloatArray:
    """Sum an (h, w) image over PATCH x PATCH squares, the last ones padded with zeros."""
    height, width = image.shape
    below, right = -height % PATCH, -width % PATCH
    padded = np.pad(image, ((0, below), (0, right))) if below or right else image
    bands = padded.reshape(-1, PATCH, width + right).sum(axis=1, dtype=np.float64)
    return np.asarray(bands.reshape(len(bands), -1, PATCH).sum(axis=2))


def _claim_cells(
    grid: Grid,
    normals: NDArray[np.float32],
    found: list[tuple[FloatArray, NDArray[np.bool_]]],
    patch_shape: tuple[int, int],
) -> list[PlaneFit]:
    """Give every cell to the plane that it lies on best, if its surface runs the same way.

    How far a cell is from a plane is told along its ray, in units of what still counts as on it.
    """
    best = np.full(grid.shape, 1, np.float32)
    along = np.zeros(grid.shape, np.float32)
    owner = np.zeros(grid.shape, np.int8)
    voters = np.zeros(patch_shape, np.int8)
    limit = np.float32(3.5) * grid.sigma_m + np.float32(WARP) * grid.depth_m
    for number, (q, votes) in enumerate(found, 1):
        own = dotted(normals, -q / np.linalg.norm(q))
        with np.errstate(divide='ignore', invalid='ignore'):
            ratio = np.abs(grid.depth_m - 1 / dotted(grid.rays, q)) / limit
            better = (ratio < best) & ~(own < 0.75)
        np.copyto(owner, number, where=better)
        np.copyto(best, ratio, where=better)
        np.copyto(along, own, where=better)
        voters.ravel()[votes] = number
    owner *= _are_sound(owner, voters, along, best)
    planes = []
    for number, (q, votes) in enumerate(found, 1):
        share = np.count_nonzero(votes) * PATCH**2
        planes.append(PlaneFit(q, owner == number, float(WARP / 3 + 1 / share)))
    return _merged(grid, [plane for plane in planes if plane.cells.any()])


def _merged(grid: Grid, planes: list[PlaneFit]) -> list[PlaneFit]:
    """Put planes together that are one surface, which the sensor has bent.

    A plane may run through the far end of a table and the top of a book: then a part of it is
    the table's.
    """
    merged: list[PlaneFit] = []
    for plane in sorted(planes, key=lambda p: -np.count_nonzero(p.cells)):
        left = plane.cells
        for index, other in enumerate(merged):
            if left.any() and plane.normal @ other.normal > SAME_NORMAL:
                same = _same_surface(grid, left, other)
                merged[index] = replace(other, cells=other.cells | same)
                left = left & ~same
        if left.any():
            merged.append(replace(plane, cells=left))
    return merged


def _same_surface(grid: Grid, cells: BoolImage, plane: PlaneFit) -> BoolImage:
    """Those of some cells that are a plane's: all, or the connected parts that it runs on in.

    They lie as near to it as bending may put them.
    """
    at = np.flatnonzero(cells)
    depth_m, sigma_m = grid.depth_m.take(at), grid.sigma_m.take(at)
    limit_m = np.float32(2.5 * WARP) * depth_m + 3 * sigma_m
    near = np.abs(plane.height_m(grid.points_m).take(at)) < limit_m
    if np.count_nonzero(near) > MOSTLY_NEAR * len(at):
        return cells
    count, labels = cv2.connectedComponents(cells.view(np.uint8), connectivity=4)
    part = labels.take(at)
    area = np.bincount(part, minlength=count)
    same = np.bincount(part, near, count) > MOSTLY_NEAR * area
    beside = cv2.dilate(plane.cells.view(np.uint8), np.ones((3, 3), np.uint8)).view(np.bool_)
    same &= np.bincount(labels[beside & cells], minlength=count) > 0
    same[0] = False
    return np.asarray(same.take(labels))


def _are_sound(
    owner: NDArray[np.int8],
    voters: NDArray[np.int8],
    along: NDArray[np.float32],
    misfit: NDArray[np.float32],
) -> BoolImage:
    """Tell which cells' parts lie along their planes; the rest is other things that these cut.

    A part is sound when a planar patch stands behind it, when most of its normals agree, or when
    it fits much better than what only crosses the plane would.

    Args:
        owner: (h, w) numbers of the cells' planes, 0 for none.
        voters: the same of the patches.
        along: (h, w) how far a cell's normal is that of its plane, NaN unknown.
        misfit: (h, w) how far a cell is from it, 1 at most.
    """
    same = owner[:, 1:] == owner[:, :-1], owner[1:] == owner[:-1]
    count, parts = connected(owner > 0, same)
    at = np.flatnonzero(parts)
    part = parts.take(at)
    backed = to_pixels(voters, owner.shape, PATCH).take(at) == owner.take(at)
    area = np.bincount(part, minlength=count)
    with np.errstate(invalid='ignore'):
        agreeing = np.bincount(part[along.take(at) > 0.92], minlength=count)
    keep = np.bincount(part[backed], minlength=count) >= PATCH * 2
    total = np.bincount(part, weights=misfit.take(at), minlength=count)
    mean_misfit = total / np.maximum(area, 1)
    keep |= ((agreeing > 0.5 * area) | (mean_misfit < 0.35)) & (area > 20)
    keep[0] = False
    return np.asarray(keep.take(parts))
