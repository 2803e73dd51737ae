# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Which pixels of the calibrated image were sent: binning and region of interest (REP 104).

K and P of a camera_info are for the full resolution. Drivers fill its width and height in three
ways: with those of the full resolution (as REP 104 asks), with those of the image that they send,
or with zeros; and with the second, K may be for the full resolution or for what is sent. The
size of the image tells the ways apart, and the principal point tells what K is for.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from ssr_ros.errors import FrameError
from ssr_ros.rgbd.frame import CameraIntrinsics

CENTRED, NOT_CENTRED = 0.1, 0.2
"""Shares of the image off its middle where a principal point belongs to it, or does not."""

MOST_BINNING = 64


class Matrix(NamedTuple):
    """The four numbers of K or P that make a pinhole camera, in pixels of the full image."""

    fx: float
    fy: float
    cx: float
    cy: float


class Window(NamedTuple):
    """The pixels that were sent: every so many from an offset on."""

    x: int
    y: int
    step_x: int
    step_y: int

    def cut(self, full: Matrix) -> Matrix:
        """Return the matrix of what was sent, as image_geometry computes it."""
        return Matrix(
            full.fx / self.step_x,
            full.fy / self.step_y,
            (full.cx - self.x) / self.step_x,
            (full.cy - self.y) / self.step_y,
        )


WHOLE = Window(0, 0, 1, 1)


class _Sizes(NamedTuple):
    """What a camera_info says of sizes, and the image that came."""

    full: tuple[int, int]
    roi: tuple[int, int]
    sent: tuple[int, int]
    window: Window

    @property
    def unbinned(self) -> tuple[int, int]:
        """Size of the window in pixels of the full image, by the image that came."""
        return self.sent[0] * self.window.step_x, self.sent[1] * self.window.step_y


def cut_window(full: Matrix, info: Any, size: tuple[int, int]) -> tuple[CameraIntrinsics, str]:
    """Return the camera of the images that were sent, and words for the window.

    Args:
        full: K or P.
        info: sensor_msgs/CameraInfo, by its fields.
        size: (width, height) of the images that came.

    Raises:
        FrameError: the sizes contradict each other or the image, or no camera looks like that.
    """
    sizes = _sizes_of(info, size)
    window = _choose(full, sizes)
    camera = CameraIntrinsics(*window.cut(full), *size)
    if window == WHOLE:
        return camera, ''
    return camera, (
        f', cut from x={window.x} y={window.y} and binned {window.step_x}x{window.step_y}'
    )


def _sizes_of(info: Any, size: tuple[int, int]) -> _Sizes:
    roi, full = info.roi, (int(info.width), int(info.height))
    window = Window(
        int(roi.x_offset), int(roi.y_offset), int(info.binning_x) or 1, int(info.binning_y) or 1
    )
    if not (0 < window.step_x <= MOST_BINNING and 0 < window.step_y <= MOST_BINNING):
        raise FrameError(
            f'binning of a camera_info is 1 to {MOST_BINNING}, got {window.step_x}x{window.step_y}'
        )
    return _Sizes(full, (int(roi.width), int(roi.height)), size, window)


def _choose(full: Matrix, sizes: _Sizes) -> Window:
    """Return the window, or the whole where K is for the image that was sent already."""
    if not _fits(sizes):
        raise FrameError(_misfit(sizes))
    off = _off_middle(sizes.window.cut(full), sizes.sent)
    if off < NOT_CENTRED or _off_middle(full, sizes.sent) > CENTRED:
        return sizes.window
    if sizes.full == sizes.sent:
        return WHOLE
    raise FrameError(
        f'{_claims(sizes)}, which the image fits, but the principal point ({full.cx:g}, '
        f'{full.cy:g}) is the middle of the image that was sent: K is for that image and not for '
        'the full one, as REP 104 wants it. Correct the camera driver'
    )


def _fits(sizes: _Sizes) -> bool:
    """Whether the window makes the image that came, in one of the ways of filling the sizes."""
    full, roi, (x, y, step_x, step_y) = sizes.full, sizes.roi, sizes.window
    if full == sizes.sent:
        return roi in ((0, 0), sizes.unbinned, sizes.sent)
    last_x, last_y = x + sizes.unbinned[0] - step_x, y + sizes.unbinned[1] - step_y
    if any(full) and not (last_x < full[0] and last_y < full[1]):
        return False
    if any(roi):  # some drivers fill it in binned pixels
        return _is_binned(roi, sizes) or (
            roi == sizes.sent and not (x or y) and _is_binned(full, sizes)
        )
    return not any(full) or x > 0 or y > 0 or _is_binned(full, sizes)


def _is_binned(region: tuple[int, int], sizes: _Sizes) -> bool:
    """Whether a region of the full image makes an image of the size that came."""
    steps = sizes.window.step_x, sizes.window.step_y
    pairs = zip(region, sizes.unbinned, steps, strict=True)
    return all(abs(have - sent) < step for have, sent, step in pairs)


def _off_middle(matrix: Matrix, size: tuple[int, int]) -> float:
    across = abs(matrix.cx - (size[0] - 1) / 2) / size[0]
    return max(across, abs(matrix.cy - (size[1] - 1) / 2) / size[1])


def _claims(sizes: _Sizes) -> str:
    x, y, step_x, step_y = sizes.window
    text = f'the calibration is for {sizes.full[0]}x{sizes.full[1]} images'
    if sizes.window[:2] != (0, 0) or any(sizes.roi):
        text += f', of which the region x={x} y={y} {sizes.roi[0]}x{sizes.roi[1]} was sent'
    if (step_x, step_y) != (1, 1):
        text += f', binned {step_x}x{step_y}'
    return text


def _misfit(sizes: _Sizes) -> str:
    return (
        f'{_claims(sizes)}, and the image is {sizes.sent[0]}x{sizes.sent[1]}: use the camera_info '
        'that belongs to this image'
    )
