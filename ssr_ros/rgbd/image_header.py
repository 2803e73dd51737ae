# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The size of a PNG or JPEG image, from its headers, before any memory is taken for it.

A kilobyte of either can promise gigabytes, of pixels and of other things.
"""

from __future__ import annotations

import zlib

import numpy as np
from numpy.typing import NDArray

from ssr_ros.errors import EncodingError

MAX_PIXELS = 1 << 25
"""Pixels of the largest image that is taken, 8K video; for all encodings alike."""

PNG_SIGNATURE = b'\x89PNG\r\n\x1a\n'
JPEG_START = b'\xff\xd8'

FRAME_MARKERS = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""Markers of a JPEG frame header, the one that tells the size."""

MARKERS_ALONE = frozenset((0x01, *range(0xD0, 0xD8)))
"""Markers that no segment follows."""


def check_pixels(width: int, height: int) -> None:
    """Refuse sizes that no camera sends.

    Raises:
        EncodingError: a side is not positive, or there are more than MAX_PIXELS.
    """
    if width <= 0 or height <= 0 or width * height > MAX_PIXELS:
        raise EncodingError(
            f'{width}x{height} is not the size of an image: 1 to {MAX_PIXELS} pixels are taken'
        )


def encoded_size(content: NDArray[np.uint8]) -> tuple[int, int]:
    """Return (width, height) of a PNG or JPEG image.

    Args:
        content: (N,) uint8, the file's bytes.

    Raises:
        EncodingError: it is neither, it is damaged, or it has more than MAX_PIXELS.
    """
    if bytes(content[:8]) == PNG_SIGNATURE:
        width, height = _png_size(content)
    elif bytes(content[:2]) == JPEG_START:
        width, height = _jpeg_size(content)
    else:
        raise EncodingError(
            f'expected a JPEG or PNG image, got {content.size} bytes that are neither '
            f'(they begin with {bytes(content[:4]).hex(" ") or "nothing"})'
        )
    check_pixels(width, height)
    return width, height


def _png_size(content: NDArray[np.uint8]) -> tuple[int, int]:
    if content.size < 24 or bytes(content[12:16]) != b'IHDR':
        raise EncodingError('the PNG image is cut short, or its first chunk is not IHDR')
    _check_png_chunks(content)
    width, height = (int(side) for side in content[16:24].view('>u4'))
    return width, height


def _check_png_chunks(content: NDArray[np.uint8]) -> None:
    """Walk from chunk to chunk: OpenCV takes the memory that a chunk's length promises.

    Each is a length, a name of four letters, its data, and the CRC of name and data.
    """
    data, at = content.data, len(PNG_SIGNATURE)
    while at + 12 <= content.size:
        end = at + 12 + int.from_bytes(data[at : at + 4], 'big')
        if end > content.size:
            break
        if zlib.crc32(data[at + 4 : end - 4]) != int.from_bytes(data[end - 4 : end], 'big'):
            raise EncodingError('the PNG image is damaged: a checksum in it does not hold')
        if bytes(data[at + 4 : at + 8]) == b'IEND':
            return
        at = end
    raise EncodingError('the PNG image is cut short, or damaged')


def _jpeg_size(content: NDArray[np.uint8]) -> tuple[int, int]:
    """Walk from segment to segment; a thumbnail lies inside one and is passed over."""
    at = 2
    while at + 4 <= content.size and content[at] == 0xFF:
        marker = int(content[at + 1])
        if marker == 0xFF or marker in MARKERS_ALONE:
            at += 1 if marker == 0xFF else 2
        elif marker in FRAME_MARKERS and at + 9 <= content.size:
            return _uint16(content, at + 7), _uint16(content, at + 5)
        else:
            at += 2 + max(2, _uint16(content, at + 2))
    raise EncodingError('the JPEG image is damaged: no frame header was found')


def _uint16(content: NDArray[np.uint8], at: int) -> int:
    return int(content[at]) << 8 | int(content[at + 1])
