# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What a small camera sends: a scene whose answers are known, in every form."""

from array import array

import numpy as np
from sensor_msgs.msg import CameraInfo, CompressedImage, Image

WIDTH, HEIGHT = 64, 48


def scene():
    """A red box 1.2 m away before a gray wall at 2 m: (rgb, depth in metres)."""
    rgb = np.full((HEIGHT, WIDTH, 3), 120, np.uint8)
    depth_m = np.full((HEIGHT, WIDTH), 2.0, np.float32)
    rgb[14:34, 22:42] = 210, 25, 25
    depth_m[14:34, 22:42] = 1.2
    return rgb, depth_m


def image_message(pixels, encoding, padding=0, big_endian=False):
    """Write an array (H, W[, channels]) as sensor_msgs/Image."""
    height, width = pixels.shape[:2]
    pixels = pixels.astype(pixels.dtype.newbyteorder('>' if big_endian else '<'))
    rows = pixels.reshape(height, -1).view(np.uint8)
    rows = np.pad(rows, ((0, 0), (0, padding)), constant_values=77)
    return Image(
        height=height,
        width=width,
        encoding=encoding,
        is_bigendian=int(big_endian),
        step=rows.shape[1],
        data=array('B', rows.tobytes()),
    )


def color_message():
    return image_message(scene()[0], 'rgb8')


def depth_message(depth_m=None):
    depth_m = scene()[1] if depth_m is None else depth_m
    return image_message((depth_m * 1000).astype(np.uint16), '16UC1')


def info_message(width=WIDTH, height=HEIGHT, focal=60.0):
    info = CameraInfo(width=width, height=height)
    info.k = [focal, 0.0, width / 2, 0.0, focal, height / 2, 0.0, 0.0, 1.0]
    return info


def compressed_message(data, layout):
    return CompressedImage(format=layout, data=array('B', bytes(data)))
