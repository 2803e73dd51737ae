# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""From the fields of a sensor_msgs/CameraInfo to a pinhole camera, for the node and for bags.

A camera_info describes two images: the raw one (K and D) and the rectified one (P), both at full
resolution. Which pixels of it were sent, binning and roi say (``ssr_ros.rgbd.window``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
import math
import re
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from ssr_ros.errors import FrameError
from ssr_ros.rgbd.frame import CameraIntrinsics
from ssr_ros.rgbd.undistort import Distortion, undistort, worst_shift_px
from ssr_ros.rgbd.window import cut_window, Matrix

Images = Literal['auto', 'raw', 'rectified']
OnDistortion = Literal['undistort', 'refuse']

MOST_SHIFT_PX = 1.0
"""Distortion that moves no pixel of the image by more is left as it is."""

SAME_CAMERA = 0.01
"""Share by which K and P may differ and still be one camera."""

RECTIFIED_NAME = re.compile(r'(^|[/_])rect(ified)?($|[/_])')


@dataclass(frozen=True)
class CameraRules:
    """What to make of a camera's images.

    Attributes:
        images: 'raw' (as the sensor saw them: K and D hold), 'rectified' (P holds), or 'auto':
            the name of the topic tells, as ROS names them (image_raw, image_rect_color).
        distortion: what becomes of raw images that the lens bends by more than a pixel:
            'undistort' or 'refuse'.
        topic: name of the colour topic, remappings applied; empty where there is none.
    """

    images: Images = 'auto'
    distortion: OnDistortion = 'undistort'
    topic: str = ''


@dataclass(frozen=True)
class Calibration:
    """How the pixels of one camera's images become rays.

    Attributes:
        intrinsics: of the images after ``rectified``.
        assumed: what was taken for granted, in words, for /diagnostics.
        caveats: what makes that doubtful, a sentence each.
        distortion: what ``rectified`` takes out, or None.
    """

    intrinsics: CameraIntrinsics
    assumed: str = 'the calibration is the one given'
    caveats: tuple[str, ...] = ()
    distortion: Distortion | None = None

    def rectified(
        self, rgb: NDArray[np.uint8], depth_m: NDArray[np.float32]
    ) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
        """Take the distortion out of a pair of images: colour bilinear, depth the nearest pixel.

        What lies outside the raw images becomes black and NaN.

        Raises:
            MissingPackageError: there is distortion and OpenCV is not installed.
        """
        if self.distortion is None:
            return rgb, depth_m
        return undistort(rgb, depth_m, self.intrinsics, self.distortion)


def calibrate(info: Any, size: tuple[int, int], rules: CameraRules | None = None) -> Calibration:
    """Read a sensor_msgs/CameraInfo for images of one size.

    Args:
        info: by its fields; neither rclpy nor the message package is needed.
        size: (width, height) of the images as they came.
        rules: what to make of the images.

    Raises:
        FrameError: it holds no calibration, an impossible one, or one for other images; or there
            is distortion that cannot be taken out, or is not to be.
        MissingPackageError: there is distortion and OpenCV is not installed.
    """
    rules = rules or CameraRules()
    k, p = _matrices(info)
    distortion = Distortion.of(info.distortion_model, info.d)
    is_level = distortion is None and not _turns(info.r)
    kind, because = _kind_of_images(rules, k, p, is_level)
    if kind == 'rectified':
        distortion = None
    matrix = _matrix_that_holds(kind, k, p, distortion)
    intrinsics, window = cut_window(matrix, info, size)
    said = f'{because}, so that {"K" if matrix is k else "P"} holds{window}'
    if distortion is not None:
        distortion, shift = _judge_distortion(distortion, intrinsics, rules)
        said += shift
    caveats = (_two_cameras(k, p),) if kind == 'raw' and is_level and _differ(k, p) else ()
    return Calibration(intrinsics, said, caveats, distortion)


def images_by_name(topic: str) -> Images:
    """Return what the name of a colour topic says of its images; 'auto' where it says nothing."""
    named = '/'.join(topic.lower().split('/')[-3:])
    if RECTIFIED_NAME.search(named):
        return 'rectified'
    return 'raw' if 'raw' in named else 'auto'


def check_calibrated(info: Any) -> None:
    """Refuse a camera_info that says nothing, before there is an image.

    Raises:
        FrameError: neither K nor P is filled in, or they are no camera matrices.
    """
    k, p = _matrices(info)
    _matrix_that_holds('rectified', k, p, None)


def _matrices(info: Any) -> tuple[Matrix | None, Matrix | None]:
    return _matrix(info.k, 'K', 3), _matrix(info.p, 'P', 4)


def _matrix(numbers: Sequence[float], name: str, columns: int) -> Matrix | None:
    """Read K or P, row by row; None where it was not filled in."""
    if len(numbers) != 3 * columns:
        raise FrameError(f'{name} of a camera_info has {3 * columns} numbers, got {len(numbers)}')
    values = [float(number) for number in numbers]
    if not all(math.isfinite(value) for value in values):
        raise FrameError(f'{name} of the camera_info holds numbers that are not finite: {values}')
    matrix = Matrix(values[0], values[columns + 1], values[2], values[columns + 2])
    if not matrix.fx and not matrix.fy:
        return None
    skew = max(abs(values[at]) for at in (1, columns, 2 * columns, 2 * columns + 1))
    if skew > SAME_CAMERA * max(abs(matrix.fx), abs(matrix.fy)):
        raise FrameError(
            f'{name} of the camera_info is not a camera matrix (fx 0 cx, 0 fy cy, 0 0 1), got '
            f'{values}'
        )
    return matrix


def _kind_of_images(
    rules: CameraRules, k: Matrix | None, p: Matrix | None, is_level: bool
) -> tuple[Images, str]:
    if rules.images != 'auto':
        return rules.images, f'the images are {rules.images}, as was set'
    named = images_by_name(rules.topic)
    if named == 'rectified' or (named == 'raw' and k is not None):
        return named, f'the images are {named}, by the name {rules.topic}'
    if k is None and p is not None and (named != 'raw' or is_level):
        return 'rectified', 'the images are taken as rectified, since only P is filled in'
    if is_level and _differ(k, p):
        return 'rectified', 'the images are taken as rectified, since K and P differ without D'
    return 'raw', 'the images are taken as raw, since nothing says that they are rectified'


def _matrix_that_holds(
    kind: Images, k: Matrix | None, p: Matrix | None, distortion: Distortion | None
) -> Matrix:
    matrix = k if kind == 'raw' else p or k
    if matrix is None and distortion is None:
        matrix = p
    if matrix is not None:
        return matrix
    if p is not None:
        raise FrameError(
            'the images are raw and have distortion (D), but K of the camera_info is all zero: '
            'calibrate the camera, or use its rectified images'
        )
    raise FrameError(
        'the focal length must be positive, and K and P of the camera_info are all zero: the '
        'camera is not calibrated, or its camera_info was not filled in'
    )


def _judge_distortion(
    distortion: Distortion, intrinsics: CameraIntrinsics, rules: CameraRules
) -> tuple[Distortion | None, str]:
    """Return what is to be taken out, and words for it."""
    shift_px = worst_shift_px(intrinsics, distortion)
    moves = f'distortion ({distortion.model}) moves pixels by up to {shift_px:.1f} px'
    if shift_px <= MOST_SHIFT_PX:
        return None, f'; {moves} and is left'
    if rules.distortion == 'refuse':
        raise FrameError(
            f'{moves}: use the rectified images (image_proc makes them), or let this package take '
            'it out (camera_info.distortion: undistort)'
        )
    return distortion, f'; {moves} and is taken out, so that pixels are those of a pinhole camera'


def _turns(r: Sequence[float]) -> bool:
    """Whether R turns the camera; all zeros stand for the identity."""
    rotation = np.asarray(r, np.float64)
    return bool(rotation.any()) and not np.allclose(rotation, np.eye(3).ravel(), atol=1e-3)


def _differ(k: Matrix | None, p: Matrix | None) -> bool:
    if k is None or p is None:
        return False
    return any(
        abs(a - b) > SAME_CAMERA * max(abs(k.fx), abs(k.fy)) for a, b in zip(k, p, strict=True)
    )


def _two_cameras(k: Matrix | None, p: Matrix | None) -> str:
    return (
        f'K and P of the camera_info differ without distortion ({_words(k)} and {_words(p)}): '
        'the images are taken as raw, so that K holds. If they are rectified, say so '
        '(camera_info.images: rectified).'
    )


def _words(matrix: Matrix | None) -> str:
    return 'zeros' if matrix is None else f'fx={matrix.fx:.4g} cx={matrix.cx:.4g}'
