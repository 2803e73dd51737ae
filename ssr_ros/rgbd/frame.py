# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The frame that every other room works on: colour, metric depth, calibration, stamp.

Axes are those of a ROS optical frame (REP 103): x right, y down, z forward.
"""

from __future__ import annotations

from dataclasses import dataclass
import math

import numpy as np
from numpy.typing import NDArray

from ssr_ros.errors import FrameError, NoDepthError
from ssr_ros.rgbd.depth import mark_unknown

NARROWEST_DEG, WIDEST_DEG = 2.0, 170.0
"""Field of view that a camera can have, across and up."""

MOST_ASPECT = 2.0
"""Most that the two focal lengths may differ by, as a factor."""

FAR_OFF_MIDDLE = 0.15
"""Share of the image that the principal point may lie off its middle without a word."""


@dataclass(frozen=True)
class CameraIntrinsics:
    """A pinhole camera without distortion.

    Attributes:
        fx: horizontal focal length in pixels, positive.
        fy: vertical focal length in pixels, positive.
        cx: column of the principal point in pixels; the centre of the first pixel is 0.
        cy: row of the principal point in pixels; the centre of the first pixel is 0.
        width: columns of the images that it was calibrated for, or None where that is not known.
        height: rows of those images, or None.

    Raises:
        FrameError: a value is not finite, a focal length is not positive, or no camera looks like
            that: the field of view is not 2 to 170 degrees, one focal length is more than twice
            the other, or the principal point lies outside the image.
    """

    fx: float
    fy: float
    cx: float
    cy: float
    width: int | None = None
    height: int | None = None

    def __post_init__(self) -> None:
        if not all(math.isfinite(value) for value in (self.fx, self.fy, self.cx, self.cy)):
            raise FrameError(f'intrinsics must be finite numbers, got {self}')
        if self.fx == 0 or self.fy == 0:
            raise FrameError(
                f'the focal length must be positive, got fx={self.fx:g}, fy={self.fy:g}: '
                'the camera is not calibrated, or its camera_info was not filled in'
            )
        if self.fx < 0 or self.fy < 0:
            raise FrameError(
                f'the focal length must be positive, got fx={self.fx:g}, fy={self.fy:g}. '
                'Some data sets (ICL-NUIM) write a negative fy for a y axis that points up; '
                'this package uses ROS optical frames, y down: pass the absolute value'
            )
        self._check_view(self.width, self.height)

    def check_size(self, width: int, height: int) -> None:
        """Refuse images of another size than the calibration is for, or can be for.

        Raises:
            FrameError: the sizes differ, or no camera sees images of that size so.
        """
        if (self.width or width, self.height or height) != (width, height):
            raise FrameError(
                f'the calibration is for {self.width}x{self.height} images and the image is '
                f'{width}x{height}: use the camera_info that belongs to this image'
            )
        self._check_view(width, height)

    def off_middle(self, width: int, height: int) -> float:
        """How far the principal point lies off the middle of an image, as a share of its size."""
        across = abs(self.cx - (width - 1) / 2) / width
        return max(across, abs(self.cy - (height - 1) / 2) / height)

    def _check_view(self, width: int | None, height: int | None) -> None:
        """Where the size is not known, the image reaches at least to the principal point."""
        across = _view_deg('x', self.fx, self.cx, width)
        widest = max(across, _view_deg('y', self.fy, self.cy, height))
        is_known = width is not None and height is not None
        if widest > WIDEST_DEG or (is_known and widest < NARROWEST_DEG):
            raise FrameError(
                f'no camera has a field of view of {widest:.3g} degrees ({NARROWEST_DEG:g} to '
                f'{WIDEST_DEG:g} are taken), got fx={self.fx:g}, fy={self.fy:g}: is the focal '
                'length in pixels, and for images of this size?'
            )
        if max(self.fx, self.fy) > MOST_ASPECT * min(self.fx, self.fy):
            raise FrameError(
                f'fx={self.fx:g} and fy={self.fy:g} differ by more than a factor of '
                f'{MOST_ASPECT:g}: no camera has such pixels'
            )

    def as_matrix(self) -> NDArray[np.float64]:
        """Return the (3, 3) float64 camera matrix."""
        return np.array([[self.fx, 0, self.cx], [0, self.fy, self.cy], [0, 0, 1]], np.float64)

    def back_project(self, depth_m: NDArray[np.float32]) -> NDArray[np.float32]:
        """Turn a (H, W) float32 depth image (z, metres) into (H, W, 3) float32 camera points.

        NaN depth gives NaN points.
        """
        height, width = depth_m.shape
        x_per_z = (np.arange(width, dtype=np.float32) - np.float32(self.cx)) / np.float32(self.fx)
        y_per_z = (np.arange(height, dtype=np.float32) - np.float32(self.cy)) / np.float32(self.fy)
        points_m = np.empty((height, width, 3), np.float32)
        np.multiply(depth_m, x_per_z[None, :], out=points_m[..., 0])
        np.multiply(depth_m, y_per_z[:, None], out=points_m[..., 1])
        points_m[..., 2] = depth_m
        return points_m


def _view_deg(axis: str, focal_px: float, center_px: float, size: int | None) -> float:
    last_px = center_px if size is None else size - 1
    if not -0.5 <= center_px <= last_px + 0.5:
        pixels = 'the image' if size is None else f'{size} pixels'
        raise FrameError(
            f'the principal point must lie inside the image, got c{axis}={center_px:g} for '
            f'{pixels}: the calibration is for images of another size'
        )
    before, after = (center_px + 0.5) / focal_px, (last_px + 0.5 - center_px) / focal_px
    return math.degrees(math.atan(before) + math.atan(after))


def check_registered(color_size: tuple[int, ...], depth_size: tuple[int, ...]) -> None:
    """Refuse a pair of images, (width, height) each, that cannot show the same pixels.

    Raises:
        FrameError: the sizes differ.
    """
    if color_size != depth_size:
        raise FrameError(
            f'colour is {color_size[0]}x{color_size[1]} and depth is '
            f'{depth_size[0]}x{depth_size[1]}: depth must be registered to colour '
            '(align_depth on RealSense, depth_registration on Orbbec)'
        )


@dataclass(frozen=True, eq=False)
class RgbdFrame:
    """One colour image and the depth image that is registered to it.

    The arrays are copied and read-only: a frame never changes. What the sensor did not measure
    (zero, negative, infinite, NaN) is NaN in ``depth_m`` whatever it was before.

    Attributes:
        rgb: (H, W, 3) uint8, red first.
        depth_m: (H, W) float32, distance along the optical axis in metres, NaN unknown.
        intrinsics: calibration of both images.
        stamp_ns: time of exposure, nanoseconds since the epoch of the clock that stamped it.
        frame_id: name of the optical frame (x right, y down, z forward).
        caveats: what makes measurements in this frame doubtful, a sentence each.

    Raises:
        FrameError: a shape, dtype or size does not fit.
    """

    rgb: NDArray[np.uint8]
    depth_m: NDArray[np.float32]
    intrinsics: CameraIntrinsics
    stamp_ns: int = 0
    frame_id: str = 'camera'
    caveats: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        rgb = np.asarray(self.rgb)
        depth_m = np.asarray(self.depth_m)
        if rgb.ndim != 3 or rgb.shape[2] != 3 or rgb.dtype != np.uint8:
            raise FrameError(
                f'colour must be (H, W, 3) uint8, got shape {rgb.shape} of {rgb.dtype}'
            )
        if depth_m.ndim != 2:
            raise FrameError(f'depth must be (H, W), got shape {depth_m.shape}')
        if not np.issubdtype(depth_m.dtype, np.floating):
            raise FrameError(
                f'depth must be floating point metres, got {depth_m.dtype}: '
                'convert millimetres with ssr_ros.rgbd.depth_to_metres(raw, "16UC1")'
            )
        check_registered(rgb.shape[1::-1], depth_m.shape[::-1])
        if depth_m.size == 0:
            raise FrameError('the images are empty (0 pixels)')
        self.intrinsics.check_size(rgb.shape[1], rgb.shape[0])
        rgb, depth_m = rgb.copy(), mark_unknown(depth_m)
        rgb.flags.writeable = depth_m.flags.writeable = False
        object.__setattr__(self, 'rgb', rgb)
        object.__setattr__(self, 'depth_m', depth_m)
        object.__setattr__(self, 'caveats', (*self.caveats, *self._doubts()))

    def _doubts(self) -> tuple[str, ...]:
        camera = self.intrinsics
        if camera.off_middle(self.width, self.height) <= FAR_OFF_MIDDLE:
            return ()
        text = (
            f'The principal point ({camera.cx:.0f}, {camera.cy:.0f}) lies far off the middle of '
            f'the {self.width}x{self.height} image: is the calibration for images of another size?'
        )
        return () if text in self.caveats else (text,)

    @property
    def width(self) -> int:
        """Columns."""
        return int(self.depth_m.shape[1])

    @property
    def height(self) -> int:
        """Rows."""
        return int(self.depth_m.shape[0])

    @property
    def valid(self) -> NDArray[np.bool_]:
        """(H, W) bool: where the depth is known."""
        return np.isfinite(self.depth_m)

    @property
    def valid_ratio(self) -> float:
        """Share of pixels whose depth is known, 0..1."""
        return float(np.count_nonzero(self.valid)) / self.depth_m.size

    def check_depth(self) -> None:
        """Refuse a frame that says nothing about distances.

        Raises:
            NoDepthError: not one pixel is known.
        """
        if not self.valid.any():
            raise NoDepthError(
                f'the depth image ({self.width}x{self.height}) has no valid pixel: all are zero, '
                'negative, NaN, infinite or beyond the farthest that is taken. Is the camera '
                'covered, or nearer to everything than its shortest range?'
            )

    def points_m(self) -> NDArray[np.float32]:
        """Return (H, W, 3) float32 points in the camera frame, metres, NaN unknown."""
        return self.intrinsics.back_project(self.depth_m)
