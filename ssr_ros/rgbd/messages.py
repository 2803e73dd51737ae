# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Incoming messages to arrays: the border where sensor_msgs become an ``RgbdFrame``.

Messages are taken by their fields, so this needs neither rclpy nor the message packages, and
serves the node and recordings alike. What the bytes mean is in ``ssr_ros.rgbd.encodings``, what
the numbers of a camera_info mean in ``ssr_ros.rgbd.calibration``.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ssr_ros.errors import quoted
from ssr_ros.rgbd import bridge
from ssr_ros.rgbd.calibration import calibrate, Calibration, CameraRules
from ssr_ros.rgbd.encodings import (
    compressed_size,
    decode_color,
    decode_compressed_color,
    decode_compressed_depth,
    decode_depth,
)
from ssr_ros.rgbd.frame import CameraIntrinsics, check_registered, RgbdFrame
from ssr_ros.rgbd.image_header import check_pixels


def stamp_ns(message: Any) -> int:
    """Return the header's stamp in nanoseconds."""
    return int(message.header.stamp.sec * 1_000_000_000 + message.header.stamp.nanosec)


def pixels_of(message: Any) -> Any:
    """Return the bytes of an image.

    From ROS 2 Lyrical on ``uint8[]`` that a GPU publisher sent is a rosidl Buffer, which stays on
    the device until it is asked for.
    """
    data = message.data
    return data.to_bytes() if hasattr(data, 'backend_type') else data


def color_image(message: Any) -> NDArray[np.uint8]:
    """Read a colour sensor_msgs/Image or CompressedImage as (H, W, 3) uint8, red first.

    Raises:
        EncodingError: the encoding is not a colour encoding, or the bytes contradict it.
        MissingPackageError: OpenCV is needed and not installed.
    """
    if hasattr(message, 'format'):
        return decode_compressed_color(pixels_of(message), message.format)
    decode = bridge.decode_color if bridge.can_read(message.encoding) else decode_color
    return decode(pixels_of(message), *_layout(message))


def depth_image(message: Any) -> NDArray[np.float32]:
    """Read a depth sensor_msgs/Image or CompressedImage as (H, W) float32 metres, NaN unknown.

    Raises:
        EncodingError: the encoding is not a depth encoding, or the bytes contradict it.
        FrameError: it says 32FC1 and holds millimetres.
        MissingPackageError: OpenCV is needed and not installed.
    """
    if hasattr(message, 'format'):
        return decode_compressed_depth(pixels_of(message), message.format)
    return decode_depth(pixels_of(message), *_layout(message))


def image_size(message: Any) -> tuple[int, int]:
    """Return (width, height) of a sensor_msgs/Image or CompressedImage without decoding it.

    Raises:
        EncodingError: it is empty or too large, or its bytes are not an image.
    """
    if hasattr(message, 'format'):
        return compressed_size(pixels_of(message), message.format)
    check_pixels(message.width, message.height)
    return int(message.width), int(message.height)


def rgbd_frame(
    color: Any,
    depth: Any,
    camera: Any,
    max_m: float = 0.0,
    rules: CameraRules | None = None,
) -> RgbdFrame:
    """Make a frame of a pair of messages and the calibration; stamp and frame are colour's.

    Sizes are compared first, and pixels decoded only when they fit.

    Args:
        color: sensor_msgs/Image or CompressedImage.
        depth: the same, registered to colour.
        camera: sensor_msgs/CameraInfo of the colour camera, or CameraIntrinsics.
        max_m: depth beyond counts as unknown, in metres; 0 keeps all.
        rules: what to make of the camera's images.

    Raises:
        FrameError: a message cannot be used, or they do not fit together.
        MissingPackageError: OpenCV is needed and not installed.
    """
    size = image_size(color)
    check_registered(size, image_size(depth))
    if isinstance(camera, CameraIntrinsics):
        camera.check_size(*size)
        calibration = Calibration(camera)
    else:
        calibration = calibrate(camera, size, rules)
    depth_m = depth_image(depth)
    if max_m > 0:
        with np.errstate(invalid='ignore'):
            depth_m[depth_m > max_m] = np.nan
    rgb, depth_m = calibration.rectified(color_image(color), depth_m)
    caveats = (*_unregistered(color, depth), *_foreign(color, camera), *calibration.caveats)
    return RgbdFrame(
        rgb, depth_m, calibration.intrinsics, stamp_ns(color), color.header.frame_id, caveats
    )


def _unregistered(color: Any, depth: Any) -> tuple[str, ...]:
    """What the frame ids say about depth that may not be registered to colour."""
    color_id, depth_id = color.header.frame_id, depth.header.frame_id
    if color_id == depth_id or not depth_id:
        return ()
    return (
        f'Depth comes in the frame {quoted(depth_id)} and colour in {quoted(color_id)}: if depth '
        'is not registered to colour, what is measured belongs to other things than are seen '
        '(align_depth on RealSense, depth_registration on Orbbec).',
    )


def _foreign(color: Any, camera: Any) -> tuple[str, ...]:
    """What the frame ids say about a camera_info that may be another camera's."""
    if isinstance(camera, CameraIntrinsics):
        return ()
    color_id, info_id = color.header.frame_id, camera.header.frame_id
    if color_id == info_id or not info_id:
        return ()
    return (
        f'The camera_info comes in the frame {quoted(info_id)} and colour in {quoted(color_id)}: '
        "if it is another camera's, every width is wrong.",
    )


def _layout(image: Any) -> tuple[str, int, int, int, bool]:
    return image.encoding, image.width, image.height, image.step, bool(image.is_bigendian)
