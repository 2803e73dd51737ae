# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Take a lens's distortion out of a pair of images. Needs OpenCV, once there is any."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ssr_ros.errors import FrameError, quoted, require_package
from ssr_ros.rgbd.frame import CameraIntrinsics

POLYNOMIALS = ('plumb_bob', 'rational_polynomial')
"""OpenCV's own model, of 4, 5, 8, 12 or 14 numbers."""

FISHEYES = ('equidistant', 'fisheye', 'kannala_brandt4')
"""OpenCV's fisheye model, of 4 numbers; four zeros are a fisheye lens too, no pinhole."""

LENGTHS = (4, 5, 8, 12, 14)

FOLD_POINTS = 60
"""Along the shorter side, at which the polynomial is looked at."""

LEAST_VISIBLE = 0.5
"""Share of the undistorted image that the raw one must cover; less is no lens."""


@dataclass(frozen=True)
class Distortion:
    """How a lens bends rays.

    Attributes:
        model: one of POLYNOMIALS or FISHEYES.
        coefficients: as in sensor_msgs/CameraInfo.d.
    """

    model: str
    coefficients: tuple[float, ...]

    @classmethod
    def of(cls, model: str, d: Sequence[float]) -> Distortion | None:
        """Read distortion_model and d of a camera_info; None where there is no distortion.

        Raises:
            FrameError: the model is not known, or the numbers are not those of one.
        """
        if len(d) > 100:
            raise FrameError(f'D of a camera_info has at most 14 numbers, got {len(d)}')
        numbers = [float(number) for number in d]
        if not numbers or not (any(numbers) or model in FISHEYES):
            return None
        if not all(math.isfinite(number) for number in numbers):
            raise FrameError(f'D of the camera_info holds numbers that are not finite: {numbers}')
        if model not in (*POLYNOMIALS, *FISHEYES):
            raise FrameError(
                f'D of the camera_info is filled in for the distortion model {quoted(model)}; '
                f'known are {", ".join((*POLYNOMIALS, *FISHEYES))}. Use the rectified images'
            )
        lengths = (4,) if model in FISHEYES else LENGTHS
        while len(numbers) > lengths[0] and not numbers[-1]:
            numbers.pop()
        fitting = [length for length in lengths if length >= len(numbers)]
        if not fitting or len(d) < lengths[0]:
            raise FrameError(
                f'{model} has {" or ".join(map(str, lengths))} numbers, got {len(d)} in D of the '
                'camera_info'
            )
        return cls(model, tuple(numbers + [0.0] * (fitting[0] - len(numbers))))


class _Maps(NamedTuple):
    """Where each pixel of the undistorted image lies in the raw one."""

    x: NDArray[np.float32]
    y: NDArray[np.float32]
    is_seen: NDArray[np.bool_]
    shift_px: float


def worst_shift_px(camera: CameraIntrinsics, distortion: Distortion) -> float:
    """Return how far distortion moves the pixel that it moves most, a corner nearly always.

    Raises:
        FrameError: no lens bends rays so.
        MissingPackageError: OpenCV is not installed.
    """
    return _maps(camera, distortion).shift_px


def undistort(
    rgb: NDArray[np.uint8],
    depth_m: NDArray[np.float32],
    camera: CameraIntrinsics,
    distortion: Distortion,
) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """Return both images as a pinhole camera of the same matrix would see them.

    Args:
        rgb: (H, W, 3).
        depth_m: (H, W) metres.
        camera: of the images, with its size.
        distortion: what to take out.

    Raises:
        FrameError: no lens bends rays so.
        MissingPackageError: OpenCV is not installed.
    """
    cv2 = require_package('cv2', 'scene')
    maps = _maps(camera, distortion)
    straight: NDArray[np.uint8] = cv2.remap(rgb, maps.x, maps.y, cv2.INTER_LINEAR)
    straight[~maps.is_seen] = 0
    # A mean of two depths is a surface that is not there.
    depth_m = cv2.remap(depth_m, maps.x, maps.y, cv2.INTER_NEAREST)
    depth_m[~maps.is_seen] = np.nan
    return straight, depth_m


@lru_cache(maxsize=4)
def _maps(camera: CameraIntrinsics, distortion: Distortion) -> _Maps:
    width, height = camera.width or 0, camera.height or 0
    x, y = _raw_pixels(camera, distortion)
    with np.errstate(invalid='ignore', over='ignore'):
        is_seen = (x > -0.5) & (x < width - 0.5) & (y > -0.5) & (y < height - 0.5)
        _leave_out_folds(is_seen, camera, x, y)
        shift_px = _worst_shift_px(x, y)
    if np.count_nonzero(is_seen) < LEAST_VISIBLE * is_seen.size:
        raise FrameError(
            f'no lens bends rays so: with D={[float(f"{c:.3g}") for c in distortion.coefficients]}'
            f' ({distortion.model}) most of the image would see nothing'
        )
    for array in (x, y, is_seen):
        array.flags.writeable = False
    return _Maps(x, y, is_seen, shift_px)


def _worst_shift_px(x: NDArray[np.float32], y: NDArray[np.float32]) -> float:
    """The largest at the edges of the image."""
    height, width = x.shape
    own_x, own_y = np.arange(width), np.arange(height)
    edges = [
        *(np.hypot(x[row] - own_x, y[row] - row) for row in (0, height - 1)),
        *(np.hypot(x[:, column] - column, y[:, column] - own_y) for column in (0, width - 1)),
    ]
    return float(np.nanmax(np.concatenate(edges)))


def _raw_pixels(
    camera: CameraIntrinsics, distortion: Distortion
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    cv2 = require_package('cv2', 'scene')
    matrix, size = camera.as_matrix(), (camera.width or 0, camera.height or 0)
    coefficients = np.array(distortion.coefficients)
    of_lens = cv2.fisheye if distortion.model in FISHEYES else cv2
    x, y = of_lens.initUndistortRectifyMap(
        matrix, coefficients, np.eye(3), matrix, size, cv2.CV_32FC1
    )
    return x, y


def _leave_out_folds(
    is_seen: NDArray[np.bool_],
    camera: CameraIntrinsics,
    x: NDArray[np.float32],
    y: NDArray[np.float32],
) -> None:
    """Leave out what lies further from the middle than where the polynomial turns back.

    It describes a lens up to there; a few thousand points of the image show where.
    """
    step = max(1, min(x.shape) // FOLD_POINTS)
    if min(x[::step, ::step].shape) < 2:
        return
    x_down, x_right = np.gradient(x[::step, ::step])
    y_down, y_right = np.gradient(y[::step, ::step])
    is_turned = ~(x_right * y_down - x_down * y_right > 0)
    if not is_turned.any():
        return
    across = ((np.arange(x.shape[1]) - camera.cx) / camera.fx).astype(np.float32)
    down = ((np.arange(x.shape[0]) - camera.cy) / camera.fy).astype(np.float32)
    radius = np.hypot(across, down[:, None])
    is_seen &= radius < np.min(radius[::step, ::step][is_turned])
