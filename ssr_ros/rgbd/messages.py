# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Incoming messages to arrays: the border where sensor_msgs become an ``RgbdFrame``.

Messages are taken by their fields, so this needs neither rclpy nor the message packages. What the
bytes mean is in ``ssr_ros.rgbd.encodings``. Nothing here runs until a frame is asked about.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ssr_ros.rgbd import CameraIntrinsics, RgbdFrame
from ssr_ros.rgbd.encodings import (
    decode_color,
    decode_compressed_color,
    decode_compressed_depth,
    decode_depth,
)


def stamp_ns(message: Any) -> int:
    """Return the header's stamp in nanoseconds."""
    return int(message.header.stamp.sec * 1_000_000_000 + message.header.stamp.nanosec)


def color_image(message: Any) -> NDArray[np.uint8]:
    """Read a colour sensor_msgs/Image or CompressedImage as (H, W, 3) uint8, red first.

    Raises:
        EncodingError: the encoding is not a colour encoding, or the bytes contradict it.
        MissingPackageError: OpenCV is needed and not installed.
    """
    if hasattr(message, 'format'):
        return decode_compressed_color(message.data, message.format)
    return decode_color(message.data, *_layout(message))


def depth_image(message: Any) -> NDArray[np.float32]:
    """Read a depth sensor_msgs/Image or CompressedImage as (H, W) float32 metres, NaN unknown.

    Raises:
        EncodingError: the encoding is not a depth encoding, or the bytes contradict it.
        MissingPackageError: OpenCV is needed and not installed.
    """
    if hasattr(message, 'format'):
        return decode_compressed_depth(message.data, message.format)
    return decode_depth(message.data, *_layout(message))


def intrinsics(info: Any) -> CameraIntrinsics:
    """Read a sensor_msgs/CameraInfo.

    Raises:
        FrameError: it holds no calibration.
    """
    return CameraIntrinsics.from_matrix(info.k, info.width or None, info.height or None)


def rgbd_frame(color: Any, depth: Any, info: Any, max_m: float = 0.0) -> RgbdFrame:
    """Make a frame of a pair of messages and the calibration; stamp and frame are colour's.

    Args:
        color: sensor_msgs/Image or CompressedImage.
        depth: the same, registered to colour.
        info: sensor_msgs/CameraInfo of the colour camera.
        max_m: depth beyond counts as unknown, in metres; 0 keeps all.

    Raises:
        FrameError: a message cannot be used, or they do not fit together.
        MissingPackageError: OpenCV is needed and not installed.
    """
    depth_m = depth_image(depth)
    if max_m > 0:
        with np.errstate(invalid='ignore'):
            depth_m = np.where(depth_m > max_m, np.float32(np.nan), depth_m)
    return RgbdFrame(
        color_image(color), depth_m, intrinsics(info), stamp_ns(color), color.header.frame_id
    )


def _layout(image: Any) -> tuple[str, int, int, int, bool]:
    return image.encoding, image.width, image.height, image.step, bool(image.is_bigendian)
