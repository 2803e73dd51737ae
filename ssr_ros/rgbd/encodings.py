# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Turn the bytes of ROS images into arrays: one table, used by the node and by bags alike.

Everything here takes plain buffers, so neither ROS nor messages are needed. What each encoding
means is fixed by REP 118 and sensor_msgs/image_encodings.hpp; the two compressed transports are
described in sensor_msgs/CompressedImage.
"""

from __future__ import annotations

from array import array
from typing import Any, Union

import numpy as np
from numpy.typing import NDArray

from ssr_ros.errors import EncodingError, quoted, require_package
from ssr_ros.rgbd.depth import DEPTH_ENCODINGS, depth_to_metres, mark_unknown
from ssr_ros.rgbd.image_header import check_pixels, encoded_size
from ssr_ros.rgbd.rvl import decode_rvl, rvl_size

Buffer = Union[bytes, bytearray, memoryview, 'array[int]', NDArray[np.uint8]]

COLOR_CHANNELS = {
    'rgb8': (3, slice(0, 3)),
    'bgr8': (3, slice(2, None, -1)),
    'rgba8': (4, slice(0, 3)),
    'bgra8': (4, slice(2, None, -1)),
    'mono8': (1, slice(0, 1)),
}
"""Encoding -> (bytes per pixel, where red, green, blue, or gray alone, stand in a pixel)."""

OPENCV_CONVERSIONS = {
    # OpenCV names a Bayer pattern after its second row and column, ROS after its first.
    'bayer_rggb8': (1, 'COLOR_BayerBG2RGB'),
    'bayer_bggr8': (1, 'COLOR_BayerRG2RGB'),
    'bayer_gbrg8': (1, 'COLOR_BayerGR2RGB'),
    'bayer_grbg8': (1, 'COLOR_BayerGB2RGB'),
    'yuv422': (2, 'COLOR_YUV2RGB_UYVY'),
    'uyvy': (2, 'COLOR_YUV2RGB_UYVY'),
    'yuv422_yuy2': (2, 'COLOR_YUV2RGB_YUY2'),
    'yuyv': (2, 'COLOR_YUV2RGB_YUY2'),
}
"""Encoding -> (bytes per pixel, the OpenCV conversion that makes it RGB)."""

COLOR_ENCODINGS = (*COLOR_CHANNELS, *OPENCV_CONVERSIONS)

COMPRESSED_DEPTH_HEADER_BYTES = 12
"""int32 kind, float32 A, float32 B, little-endian; then the PNG or RVL data."""

LONGEST_FORMAT = 200
"""Characters of CompressedImage.format; longer ones are rubbish."""


def is_depth(encoding: str) -> bool:
    """Whether an encoding or a compressed format says metric depth."""
    return 'compressedDepth' in encoding or encoding.partition(';')[0].strip() in DEPTH_ENCODINGS


def decode_color(
    data: Buffer,
    encoding: str,
    width: int,
    height: int,
    step: int,
    is_bigendian: bool = False,
) -> NDArray[np.uint8]:
    """Decode a raw colour image to (H, W, 3) uint8, red first; it may be a view of `data`.

    Args:
        data: the pixels, row after row; more than height * step bytes are ignored.
        encoding: one of COLOR_ENCODINGS.
        width: columns.
        height: rows.
        step: bytes from one row to the next, padding included.
        is_bigendian: of no consequence for 8-bit channels; taken so that all decoders are
            called alike.

    Raises:
        EncodingError: the encoding is not supported, or the bytes contradict it.
        MissingPackageError: a Bayer or YUV image came and OpenCV is not installed.
    """
    if encoding in COLOR_CHANNELS:
        channels, red_to_blue = COLOR_CHANNELS[encoding]
        pixels = rows_of(data, encoding, width, height, step, np.dtype(np.uint8), channels)
        rgb = np.broadcast_to(pixels[..., red_to_blue], (height, width, 3))
        return np.ascontiguousarray(rgb)
    if encoding in OPENCV_CONVERSIONS:
        channels, conversion = OPENCV_CONVERSIONS[encoding]
        pixels = rows_of(data, encoding, width, height, step, np.dtype(np.uint8), channels)
        return _convert_with_opencv(pixels, encoding, conversion)
    what = 'is depth, not colour' if encoding in DEPTH_ENCODINGS else 'is not supported as colour'
    raise EncodingError(
        f'{quoted(encoding)} {what}; expected one of {", ".join(COLOR_ENCODINGS)}. '
        'Check that the colour topic is not the depth topic'
    )


def decode_depth(
    data: Buffer,
    encoding: str,
    width: int,
    height: int,
    step: int,
    is_bigendian: bool = False,
) -> NDArray[np.float32]:
    """Decode a raw depth image to (H, W) float32 metres, NaN unknown.

    The arguments are those of ``decode_color``; the unit follows from the encoding: 16UC1 and
    mono16 are millimetres, 32FC1 is metres.

    Raises:
        EncodingError: the encoding holds no metric depth, or the bytes contradict it.
    """
    if encoding not in DEPTH_ENCODINGS:
        what = 'is colour, not depth' if encoding in COLOR_ENCODINGS else 'holds no metric depth'
        raise EncodingError(
            f'{quoted(encoding)} {what}; expected one of {", ".join(DEPTH_ENCODINGS)} (REP 118). '
            'Check that the depth topic is not the colour topic or a picture made for viewing'
        )
    dtype = np.dtype(DEPTH_ENCODINGS[encoding]).newbyteorder('>' if is_bigendian else '<')
    pixels = rows_of(data, encoding, width, height, step, dtype, 1)[..., 0]
    return depth_to_metres(pixels.astype(dtype.newbyteorder('='), copy=False), encoding)


def decode_compressed_color(data: Buffer, format: str = '') -> NDArray[np.uint8]:
    """Decode what the ``compressed`` transport sends (JPEG, PNG) to (H, W, 3) uint8, red first.

    Args:
        data: the file's bytes.
        format: sensor_msgs/CompressedImage.format, such as ``bgr8; jpeg compressed bgr8``.

    Raises:
        EncodingError: the message is a depth image, or OpenCV cannot read the bytes.
        MissingPackageError: OpenCV is not installed.
    """
    if is_depth(format):
        raise EncodingError(f'{quoted(format)} is a depth image, expected a colour image')
    cv2 = require_package('cv2', 'scene')
    # A camera's image lies as its depth does: a tag that turns the one does not turn the other.
    image = _imdecode(data, cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION, format)
    # Last words `compressed rgb8` say that the publisher handed red-first pixels to an encoder
    # that takes blue-first ones: inside the file red and blue have changed places.
    words = format[-LONGEST_FORMAT:].split()
    stored_red_first = words[-2:] in (['compressed', 'rgb8'], ['compressed', 'rgb16'])
    return np.ascontiguousarray(image if stored_red_first else image[..., ::-1])


def decode_compressed_depth(data: Buffer, format: str) -> NDArray[np.float32]:
    """Decode a compressed depth image to (H, W) float32 metres, NaN unknown.

    Args:
        data: for ``compressedDepth`` a header of 12 bytes, then PNG or RVL; for the plain
            ``compressed`` transport a 16-bit PNG.
        format: sensor_msgs/CompressedImage.format. ``16UC1; compressedDepth png`` is the full
            form; older publishers leave out the codec (PNG is meant), the encoding (the header
            tells) or a space.

    Raises:
        EncodingError: the format holds no metric depth, or the bytes contradict it.
        MissingPackageError: a PNG came and OpenCV is not installed.
    """
    content = np.frombuffer(data, np.uint8)
    if 'compressedDepth' not in format:
        return _decode_plain_depth_file(content, format)
    encoding, codec = _encoding_and_codec(format)
    if len(content) <= COMPRESSED_DEPTH_HEADER_BYTES:
        raise EncodingError(
            f'{quoted(format)}: expected a header of 12 bytes and an image, got '
            f'{len(content)} bytes'
        )
    quantisation = content[4:COMPRESSED_DEPTH_HEADER_BYTES].view('<f4').astype(np.float32)
    stored = _decode_uint16(content[COMPRESSED_DEPTH_HEADER_BYTES:], codec, format)
    encoding = encoding or ('32FC1' if quantisation[0] > 0 else '16UC1')
    if encoding == '32FC1':
        depth_m = _depth_from_inverse(stored, float(quantisation[0]), float(quantisation[1]))
        return mark_unknown(depth_m)
    return depth_to_metres(stored, encoding)


def compressed_size(data: Buffer, format: str) -> tuple[int, int]:
    """Return (width, height) of a compressed colour or depth image without decoding it.

    Raises:
        EncodingError: the bytes are not such an image, or it has too many pixels.
    """
    content = np.frombuffer(data, np.uint8)
    if 'compressedDepth' in format:
        content = content[COMPRESSED_DEPTH_HEADER_BYTES:]
        if _encoding_and_codec(format)[1] == 'rvl':
            return rvl_size(content)
    return encoded_size(content)


def _encoding_and_codec(format: str) -> tuple[str, str]:
    """Read ``16UC1; compressedDepth png``, of which all but the middle may be left out."""
    before, _, after = format[:LONGEST_FORMAT].partition('compressedDepth')
    encoding = before.strip().removesuffix(';').strip()
    codec = after.strip().lower() or 'png'
    if len(format) > LONGEST_FORMAT or encoding not in ('', *DEPTH_ENCODINGS):
        raise EncodingError(
            f'{quoted(format)} holds no metric depth; expected "16UC1; compressedDepth png", or '
            'the same with 32FC1 or rvl'
        )
    if codec not in ('png', 'rvl'):
        raise EncodingError(f'{quoted(format)}: the codec is png or rvl')
    return encoding, codec


def rows_of(
    data: Buffer,
    encoding: str,
    width: int,
    height: int,
    step: int,
    dtype: np.dtype[Any],
    channels: int,
) -> NDArray[Any]:
    """View a buffer as (H, W, channels) of `dtype`, leaving the padding of the rows out.

    Raises:
        EncodingError: the image is empty or too large, or its bytes or rows are too short.
    """
    used = width * channels * dtype.itemsize
    if width <= 0 or height <= 0:
        raise EncodingError(f'the image is empty: {width}x{height} pixels')
    check_pixels(width, height)
    if step < used:
        raise EncodingError(
            f'{encoding} at {width} columns needs a step of at least {used} bytes, got {step}: '
            'the encoding or the step of the message is wrong'
        )
    flat = np.frombuffer(data, np.uint8)
    if flat.size < height * step:
        raise EncodingError(
            f'{width}x{height} {encoding} with a step of {step} needs {height * step} bytes, '
            f'got {flat.size}: the message is cut short'
        )
    rows = flat[: height * step].reshape(height, step)[:, :used]
    return np.ascontiguousarray(rows).view(dtype).reshape(height, width, channels)


def _convert_with_opencv(
    pixels: NDArray[np.uint8], encoding: str, conversion: str
) -> NDArray[np.uint8]:
    cv2 = require_package('cv2', 'scene')
    height, width = pixels.shape[:2]
    if width % 2 or (encoding.startswith('bayer') and height % 2):
        raise EncodingError(f'{encoding} comes in pairs of pixels, got {width}x{height}')
    rgb: NDArray[np.uint8] = cv2.cvtColor(pixels, getattr(cv2, conversion))
    return rgb


def _decode_plain_depth_file(content: NDArray[np.uint8], format: str) -> NDArray[np.float32]:
    encoding = format.partition(';')[0].strip()
    if encoding not in ('16UC1', 'mono16'):
        raise EncodingError(
            f'{quoted(format)} holds no metric depth; expected the compressedDepth transport '
            '("16UC1; compressedDepth png") or "16UC1; png compressed"'
        )
    return depth_to_metres(_decode_uint16(content, 'png', format), encoding)


def _decode_uint16(content: NDArray[np.uint8], codec: str, format: str) -> NDArray[np.uint16]:
    if codec == 'rvl':
        return decode_rvl(content)
    cv2 = require_package('cv2', 'scene')
    image = _imdecode(content, cv2.IMREAD_UNCHANGED, format)
    if image.ndim != 2 or image.dtype != np.uint16:
        raise EncodingError(
            f'{quoted(format)}: expected one plane of 16 bits, got shape {image.shape} of '
            f'{image.dtype}'
        )
    return image


def _imdecode(data: Buffer, flag: int, format: str) -> NDArray[Any]:
    cv2 = require_package('cv2', 'scene')
    content = np.frombuffer(data, np.uint8)
    width, height = encoded_size(content)  # before OpenCV takes the memory
    try:
        image: NDArray[Any] | None = cv2.imdecode(content, flag)
    except cv2.error as error:
        raise EncodingError(f'{quoted(format)}: OpenCV refuses the image: {error}') from error
    if image is None or image.shape[:2] != (height, width):
        raise EncodingError(
            f'{quoted(format)}: OpenCV cannot read the {content.size} bytes as the '
            f'{width}x{height} image that their header promises: they are damaged'
        )
    return image


def _depth_from_inverse(stored: NDArray[np.uint16], a: float, b: float) -> NDArray[np.float32]:
    """Undo compressedDepth's quantisation of 32FC1: v = A / d + B, with v = 0 unknown."""
    if not (np.isfinite(a) and np.isfinite(b) and a > 0):
        raise EncodingError(f'compressedDepth header: expected A > 0 and B, got A={a:g}, B={b:g}')
    depth_m = np.full(stored.shape, np.nan, np.float32)
    known = stored > b
    known &= stored != 0
    depth_m[known] = np.float32(a) / (stored[known].astype(np.float32) - np.float32(b))
    return depth_m
