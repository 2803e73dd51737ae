# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Where a set of surface points is and how large, with standard errors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
import math

import numpy as np
from numpy.typing import NDArray

from ssr_ros.rgbd import RgbdFrame
from ssr_ros.scene.geometry.gravity import Gravity
from ssr_ros.scene.geometry.grid import BoolImage
from ssr_ros.scene.geometry.medians import median_of, middle_of
from ssr_ros.scene.geometry.noise import NoiseModel

MOST_POINTS = 3000
"""Of larger surfaces a sample of so many points is enough."""

TAILS = (0.001, 0.004, 0.003, 0.004)
"""Share of the readings that is left out at either end: right, forward, up, range."""

EXACT_TAILS = (0.001, 0.001, 0.003, 0.001)
"""The same of exact depth, whose few readings at grazing angles are no outliers."""

END_SHARE = 0.5
"""Standard error of a number, as a share of what it changes by when the region's rim goes."""

DEPTH_END_SHARE = 0.6
"""The same of the depth: its ends are no outline, few readings at grazing angles make them."""

NEAREST_LOST = 0.6
"""Standard error of the nearest distance, as a share of half the width of a drawn-out jump."""

_MASK_ERROR_PX = 0.7
"""How far the outline of a mask is typically off, in pixels."""


@dataclass(frozen=True, kw_only=True)
class Margins:
    """Standard errors (one sigma) of an object's numbers.

    Attributes:
        center_m: of the centre, along the camera's x, y, z, metres.
        size_m: of width, depth, height, metres.
        distance_m: of the nearest distance, metres.
        median_distance_m: of the median distance, metres.
        bearing_deg: of the bearing, degrees.
    """

    center_m: tuple[float, float, float]
    size_m: tuple[float, float, float]
    distance_m: float
    median_distance_m: float
    bearing_deg: float


@dataclass(frozen=True, eq=False, kw_only=True)
class Extent:
    """Where a set of surface points is, along gravity's axes, with standard errors."""

    axes: NDArray[np.float64]
    center_m: NDArray[np.float64]
    low_m: NDArray[np.float64]
    high_m: NDArray[np.float64]
    distance_m: float
    median_distance_m: float
    depth_m: float
    sigma_z: float
    margins: Margins

    @classmethod
    def of(
        cls,
        points: NDArray[np.float32],
        count: int,
        gravity: Gravity,
        frame: RgbdFrame,
        noise: NoiseModel,
        unsure: BoolImage | None = None,
    ) -> Extent:
        """Measure (N, 3) camera points, N at least 1, that stand for ``count`` readings.

        The (N,) ``unsure`` ones may lie before the surface: how near it is they do not tell.
        """
        axes, along = gravity.axes, np.ascontiguousarray(points.T)
        depth = median_of(along[2])
        sigma = noise.sigma_at(depth)
        center = along.mean(axis=1).astype(np.float64)
        ray = center / depth
        values = np.empty((len(TAILS), len(points)), np.float32)
        np.matmul(axes.astype(np.float32), along, out=values[:3])
        np.sqrt(np.einsum('ij,ij->j', along, along), out=values[3])
        middle = middle_of(np.sort(values[3]))
        if unsure is not None and unsure.any() and not unsure.all():
            values[3, unsure] = median_of(values[3, ~unsure])
        noise_of = sigma * np.array([*np.abs(axes @ ray), math.sqrt(ray @ ray)])
        ordered = np.sort(values, axis=1)
        tails = EXACT_TAILS if noise.is_none else TAILS
        low, high = _without_noise(ordered, noise_of, tails)
        nearest = float(low[3])
        pixel = depth / min(frame.intrinsics.fx, frame.intrinsics.fy)
        margins = _margins(sigma, pixel, count, gravity, middle)
        return cls(
            axes=axes,
            center_m=center,
            low_m=low[:3],
            high_m=high[:3],
            distance_m=nearest,
            median_distance_m=middle,
            depth_m=depth,
            sigma_z=sigma,
            margins=margins,
        )

    @property
    def size_m(self) -> NDArray[np.float64]:
        """(3,) width, depth, height."""
        return np.asarray(self.high_m - self.low_m)

    @property
    def foot_m(self) -> NDArray[np.float64]:
        """(3,) middle of the box's underside, camera frame."""
        middle = (self.low_m + self.high_m) / 2
        return np.asarray(self.axes.T @ np.array([middle[0], middle[1], self.low_m[2]]))

    @property
    def bearing_deg(self) -> float:
        """Horizontal angle to the centre, right positive."""
        right, forward, _ = self.axes @ self.center_m
        return math.degrees(math.atan2(right, forward))

    def less_sure(self, shrunk: Extent, ripple: float) -> Extent:
        """Widen the margins by where the region ends, and by what bends every surface.

        Args:
            shrunk: the sure part of the same region: what the numbers change by is not known
                better.
            ripple: systematic error of depth, as a share of it.
        """
        shares = np.array([END_SHARE, DEPTH_END_SHARE, END_SHARE])
        sizes = shares * np.abs(self.size_m - shrunk.size_m)
        moved = END_SHARE * (self.center_m - shrunk.center_m)
        bent = ripple * self.median_distance_m
        along = bent * np.array([0.3, 1.0, abs(float(self.axes[2, 2]))])
        nearest = END_SHARE * abs(self.distance_m - shrunk.distance_m)
        middle = END_SHARE * abs(self.median_distance_m - shrunk.median_distance_m)
        old = self.margins
        ends = np.hypot(old.size_m, sizes)
        width, depth, height = np.hypot(ends, along)
        # Across the view a middle moves by half of what its two ends do; along it readings tell.
        across = np.hypot(old.center_m, np.sqrt(self.axes.T**2 @ (ends / 2) ** 2))
        x, y, _ = np.hypot(across, moved)
        margins = Margins(
            center_m=(float(x), float(y), math.hypot(old.center_m[2], bent, float(moved[2]))),
            size_m=(float(width), float(depth), float(height)),
            distance_m=math.hypot(math.hypot(old.distance_m, nearest), bent),
            median_distance_m=math.hypot(math.hypot(old.median_distance_m, middle), bent),
            bearing_deg=old.bearing_deg,
        )
        return replace(self, margins=margins)

    def drawn_out(self, half_m: float, slope: float) -> Extent:
        """Widen the margins of size and distance where the sensor draws jumps out.

        What is nearest may lie in what a jump has lost of the surface, half of its width.

        Args:
            half_m: half of how wide a jump becomes.
            slope: depth per width of what is left of it, on average.
        """
        along = slope * half_m
        up, ahead = np.abs(self.axes[2, 1:])
        more = (half_m, along, half_m * up + along * ahead / 2)
        sizes = tuple(math.hypot(s, m) for s, m in zip(self.margins.size_m, more, strict=True))
        size_m = (sizes[0], sizes[1], sizes[2])
        distance_m = math.hypot(self.margins.distance_m, NEAREST_LOST * half_m)
        return replace(self, margins=replace(self.margins, size_m=size_m, distance_m=distance_m))

    def down_to(self, level_m: float, unseen: float) -> Extent:
        """Let the box stand on its support.

        Args:
            level_m: height of the support over the camera.
            unseen: standard error of what is added, as a share of it: nobody saw it.
        """
        low = self.low_m.copy()
        low[2] = min(level_m, self.high_m[2])
        added = unseen * abs(float(low[2] - self.low_m[2]))
        width, depth, height = self.margins.size_m
        size = (width, depth, math.hypot(height, added))
        return replace(self, low_m=low, margins=replace(self.margins, size_m=size))


def _without_noise(
    ordered: NDArray[np.float32], noise: NDArray[np.float64], shares: Sequence[float]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Lowest and highest of (K, N) readings in rising order, less what noise adds to the range.

    Noise widens the range as it widens the variance, whose noise part is known: a flat face seen
    from the front has next to no depth, however noisy its readings are.
    """
    number = ordered.shape[1]
    tails = np.array([int(min(0.25, max(tail, 1.5 / number)) * number) for tail in shares])
    columns = np.arange(len(shares))
    low = ordered[columns, tails].astype(np.float64)
    high = ordered[columns, -1 - tails].astype(np.float64)
    mean = ordered.mean(axis=1)
    off = ordered - mean[:, None]
    variance = np.einsum('ij,ij->i', off, off) / number
    kept = np.sqrt(np.clip(1 - noise**2 / np.maximum(variance, 1e-30), 0, 1))
    return mean - (mean - low) * kept, mean + (high - mean) * kept


def _margins(sigma: float, pixel: float, count: int, gravity: Gravity, distance: float) -> Margins:
    """Standard errors of a region's numbers from those of its readings.

    Neighbouring readings err together, so a mean is never taken to be better than a quarter of one
    reading's sigma.
    """
    mean = sigma * max(0.25, 4 / math.sqrt(max(count, 16))) + 0.001 * distance
    outline = _MASK_ERROR_PX * pixel * math.sqrt(2)
    across, along = math.hypot(outline, 0.3 * sigma), math.hypot(outline, 1.4 * sigma)
    tilt = abs(float(gravity.down[2]))
    height = math.hypot(outline * (1 - tilt) + 0.5 * outline, sigma * tilt)
    bearing = math.degrees(math.atan2(outline, distance))
    center = (outline / 2, outline / 2, math.hypot(mean, sigma / 2))
    return Margins(
        center_m=center,
        size_m=(across, along, height),
        distance_m=max(mean, sigma / 2),
        median_distance_m=mean,
        bearing_deg=bearing,
    )
