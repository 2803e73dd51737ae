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

import cv2
import numpy as np

from ssr_ros.rgbd import CameraIntrinsics
from ssr_ros.scene.geometry.grid import FARTHEST_M, FloatImage
from ssr_ros.scene.geometry.noise import NoiseModel

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
left, for where jumps are sharp the rim of a ball looks like a ramp."""


def without_ramps(
    depth_m: FloatImage, camera: CameraIntrinsics, noise: NoiseModel
) -> tuple[FloatImage, float]:
    """Make jumps of ramps, where the middle rows of a frame show that its sensor draws jumps out.

    Args:
        depth_m: (H, W) metres, NaN unknown.
        camera: whose pixels these are.
        noise: the noise model, scaled to the frame.

    Returns:
        (H, W) depth in metres, and the width of its ramps in pixels, 0 where they are left.
    """
    third = depth_m.shape[0] // 3
    if _sharpened(depth_m[third : 2 * third], camera, noise)[1] < FILTERED_PX:
        return depth_m, 0.0
    return _sharpened(depth_m, camera, noise)


def _sharpened(
    depth_m: FloatImage, camera: CameraIntrinsics, noise: NoiseModel
) -> tuple[FloatImage, float]:
    """Depth without ramps, and how wide they are, pixels."""
    if not depth_m.size:
        return depth_m, 0.0
    known = np.isfinite(depth_m)
    low, high = np.where(known, depth_m, np.float32(FARTHEST_M)), np.where(known, depth_m, 0)
    near, far = _spread(low, high, REACH_PX)
    nearest, farthest = _spread(low, high, 2 * REACH_PX)
    beside, beyond = _spread(low, high, 1)
    least = np.float32(LEAST_SLOPE * (2 * REACH_PX + 1) / min(camera.fx, camera.fy))
    with np.errstate(divide='ignore', invalid='ignore'):
        step = 1 / near - 1 / far
        jump = known & (far - near > least * near + 6 * noise.sigma_m(near))
        jump &= 1 / nearest - 1 / farthest < np.float32(MOST_BEYOND) * step
        share = (1 / near - 1 / depth_m) / step
        between = jump & (1 / beside - 1 / beyond > np.float32(LEAST_STEEP) * step)
        between &= (share > LEAST_SHARE) & (share < 1 - LEAST_SHARE)
    width = 2 * REACH_PX * np.count_nonzero(between) / max(np.count_nonzero(jump), 1)
    return np.where(between, np.where(share < 0.5, near, far), depth_m), width


def _spread(low: FloatImage, high: FloatImage, reach: int) -> tuple[FloatImage, FloatImage]:
    """Nearest and farthest depth within a square; its sides reach so many pixels."""
    block = np.ones((2 * reach + 1, 2 * reach + 1), np.uint8)
    return np.asarray(cv2.erode(low, block)), np.asarray(cv2.dilate(high, block))
