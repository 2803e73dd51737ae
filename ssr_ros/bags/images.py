# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Image messages as ``rosbags`` decodes them, to arrays."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ssr_ros.bags.rgbd_topics import is_depth
from ssr_ros.errors import FrameError
from ssr_ros.rgbd.encodings import (
    decode_color,
    decode_compressed_color,
    decode_compressed_depth,
    decode_depth,
)


def decode_color_message(message: Any) -> NDArray[np.uint8]:
    """Decode a colour Image or CompressedImage to (H, W, 3) uint8, red first.

    Raises:
        EncodingError: the encoding is not supported, or the bytes contradict it.
    """
    return _decode(message, decode_color, decode_compressed_color)


def decode_depth_message(message: Any) -> NDArray[np.float32]:
    """Decode a depth Image or CompressedImage to (H, W) float32 metres, NaN unknown.

    Raises:
        EncodingError: the encoding holds no metric depth, or the bytes contradict it.
    """
    return _decode(message, decode_depth, decode_compressed_depth)


def _decode(message: Any, decode_raw: Any, decode_compressed: Any) -> Any:
    if hasattr(message, 'format'):
        return decode_compressed(message.data, message.format)
    return decode_raw(
        message.data,
        message.encoding,
        message.width,
        message.height,
        message.step,
        bool(message.is_bigendian),
    )


def compressed_size(message: Any) -> tuple[int, int]:
    """Return (width, height), or zeros for what is not an image that can be decoded here."""
    decode = decode_compressed_depth if is_depth(message.format) else decode_compressed_color
    try:
        height, width = decode(message.data, message.format).shape[:2]
    except FrameError:
        return 0, 0
    return width, height
