# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Jumps in depth that the sensor has drawn out over some pixels, made jumps again.

Stereo matches and filters over windows, time of flight mixes light: readings between two surfaces
belong to neither. Each goes over to the nearer or the farther surface, whichever it is closer to
(the toggle mapping of H. P. Kramer and J. B. Bruckner, "Iterations of a non-linear transformation
for enhancement of digital images", Pattern Recognition 7, 1975), where depth changes within a
window and no more within twice the window: over a plane, however steep, it changes twice as much.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ssr_ros.rgbd import CameraIntrinsics
from ssr_ros.scene.geometry.grid import BoolImage, FARTHEST_M, FloatImage
from ssr_ros.scene.geometry.nearest import nearer_steady
from ssr_ros.scene.geometry.noise import NoiseModel
from ssr_ros.scene.geometry.passes import passes

REACH_PX = 4
"""A drawn-out jump is up to twice as wide."""

LEAST_SLOPE = 2.0
"""Depth per width across the window from which on a change may be a jump."""

MOST_BEYOND = 1.35
"""Change of inverse depth within twice the window, of that within the window, at a jump."""

LEAST_SHARE, LEAST_STEEP = 0.15, 0.12
"""What is nearer to either surface, or changes less beside itself, as a share of the jump, belongs
to a surface."""


FILTERED_PX = 4.0
"""Width of a frame's ramps from which on its sensor has drawn its jumps out: narrower ones are
left as they are measured, for where jumps are sharp the rim of a ball looks like a ramp."""

WIDE, BESIDE = np.ones((3, 3), np.uint8), np.ones((3, 3), np.uint8)
"""A ramp that holds such a square is wide: readings so near beside it are not of a surface yet."""


@dataclass(frozen=True, eq=False)
class Ramps:
    """The drawn-out jumps of a depth image.

    Attributes:
        depth_m: (H, W) metres, NaN unknown.
        toggled_m: (H, W) the same, where each reading on a ramp is that of the nearer or farther
            surface beside it.
        on_ramp: (H, W) bool: readings on ramps.
        width_px: how wide the ramps are.
    """

    depth_m: FloatImage
    toggled_m: FloatImage
    on_ramp: BoolImage
    width_px: float

    @classmethod
    def of(cls, depth_m: FloatImage, camera: CameraIntrinsics, noise: NoiseModel) -> Ramps:
        """Find the ramps of an (H, W) depth image, metres, NaN unknown."""
        toggled_m, on_ramp = depth_m.copy(), np.zeros(depth_m.shape, np.bool_)
        if not depth_m.size:
            return cls(depth_m, toggled_m, on_ramp, 0.0)
        pixels, windows = _jumps(depth_m, camera, noise)
        between, toggled = _between(depth_m.take(pixels), windows)
        toggled_m.ravel()[pixels[between]] = toggled[between]
        on_ramp.ravel()[pixels[between]] = True
        width = 2 * REACH_PX * np.count_nonzero(between) / max(len(pixels), 1)
        return cls(depth_m, toggled_m, on_ramp, width)

    @property
    def are_filtered(self) -> bool:
        """Whether the sensor draws its jumps out."""
        return self.width_px >= FILTERED_PX

    @property
    def sharp_m(self) -> FloatImage:
        """(H, W) depth without ramps where the sensor draws jumps out, else as it is."""
        return self.toggled_m if self.are_filtered else self.depth_m

    def parted_m(self) -> FloatImage:
        """Depth to tell things apart in: readings on a ramp are that of the nearest one off it.

        (H, W) metres, NaN unknown. Every ramp is mended by what is seen around it alone.
        """
        wide = cv2.morphologyEx(self.on_ramp.astype(np.uint8), cv2.MORPH_OPEN, WIDE)
        known = np.isfinite(self.depth_m)
        on_ramp = (self.on_ramp | (cv2.dilate(wide, BESIDE) > 0)) & known
        steady = known & ~on_ramp
        if not steady.any() or not on_ramp.any():
            return self.depth_m
        pixels, parted_m = np.flatnonzero(on_ramp), np.array(self.depth_m)
        parted_m.ravel()[pixels] = nearer_steady(self.depth_m, steady, pixels)
        return parted_m


def _jumps(
    depth_m: FloatImage, camera: CameraIntrinsics, noise: NoiseModel
) -> tuple[NDArray[np.intp], list[FloatImage]]:
    """Pixels at jumps, drawn out or not.

    Returns:
        (N,) flat indices, and (N,) each: nearest and farthest depth within the window, and within
        the neighbouring pixels.
    """
    least = LEAST_SLOPE * (2 * REACH_PX + 1) / min(camera.fx, camera.fy)
    quick = passes()
    seek = plain_jumps if quick is None else quick.jumps
    return seek(depth_m, least, MOST_BEYOND, noise)


def plain_jumps(
    depth_m: FloatImage, least: float, most_beyond: float, noise: NoiseModel
) -> tuple[NDArray[np.intp], list[FloatImage]]:
    """Find the same without a compiler, where depth changes by ``least`` times itself."""
    known = np.isfinite(depth_m)
    low, high = (cv2.patchNaNs(depth_m.copy(), unknown) for unknown in (FARTHEST_M, 0.0))
    near, far = _spread(low, high, REACH_PX)
    least = np.float32(least)
    pixels = np.flatnonzero(known & (far - near > least * near))
    at = near.take(pixels)
    pixels = pixels[far.take(pixels) - at > least * at + 6 * noise.sigma_m(at)]
    nearest, farthest = (image.take(pixels) for image in _spread(near, far, REACH_PX))
    within = np.float32(most_beyond) * (1 / near.take(pixels) - 1 / far.take(pixels))
    pixels = pixels[1 / nearest - 1 / farthest < within]
    windows = near, far, *_spread(low, high, 1)
    return pixels, [image.take(pixels) for image in windows]


def _between(
    depth_m: FloatImage, windows: list[FloatImage]
) -> tuple[NDArray[np.bool_], FloatImage]:
    """Which of (N,) readings at jumps lie on a ramp, and the depth of the surface closer to it."""
    near, far, beside, beyond = windows
    step = 1 / near - 1 / far
    share = (1 / near - 1 / depth_m) / step
    between = 1 / beside - 1 / beyond > np.float32(LEAST_STEEP) * step
    between &= (share > LEAST_SHARE) & (share < 1 - LEAST_SHARE)
    return between, np.where(share < 0.5, near, far)


def _spread(low: FloatImage, high: FloatImage, reach: int) -> tuple[FloatImage, FloatImage]:
    """Nearest and farthest depth within a square; its sides reach so many pixels."""
    block = np.ones((2 * reach + 1, 2 * reach + 1), np.uint8)
    return np.asarray(cv2.erode(low, block)), np.asarray(cv2.dilate(high, block))
