# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The size of an image file of any kind that is read, before OpenCV takes the memory for it."""

from __future__ import annotations

from collections.abc import Iterator
import re

import numpy as np
from numpy.typing import NDArray

from ssr_ros.errors import EncodingError
from ssr_ros.rgbd.image_header import check_pixels, encoded_size, JPEG_START, PNG_SIGNATURE

KINDS = 'PNG, JPEG, PGM, PPM, TIFF, BMP or WebP'

OTHERS = {
    b'GIF8': 'GIF',
    b'v/1\x01': 'OpenEXR',
    b'#?RADIANCE': 'Radiance HDR',
    b'\0\0\0\x0cjP': 'JPEG 2000',
    b'\xffO\xffQ': 'JPEG 2000',
    b'II+\0': 'BigTIFF',
    b'MM\0+': 'BigTIFF',
    b'PF': 'PFM',
    b'Pf': 'PFM',
    b'P7': 'PAM',
}
"""How files begin that OpenCV may read and whose size nobody here can."""

HEAD_BYTES = 4096
"""Of a netpbm file: its size stands here, or the comments before it are no camera's."""

GAP = rb'(?:\s|#[^\r\n]*[\r\n])+'
NETPBM = re.compile(rb'P[1-6]' + GAP + rb'(\d{1,9})' + GAP + rb'(\d{1,9})\s')

TIFF_ORDERS = {b'II*\0': '<', b'MM\0*': '>'}
TIFF_WHOLE = {3: 'u2', 4: 'u4'}
"""Types of whole numbers in a TIFF directory."""

TIFF_SIDES = {256: 'width', 257: 'height', 322: 'tile width', 323: 'tile height'}


def check_file_size(content: NDArray[np.uint8]) -> None:
    """Refuse a file of another kind than KINDS, and one that promises too many pixels.

    Args:
        content: (N,) uint8, the file's bytes.

    Raises:
        EncodingError: it is one of these, or its header is damaged.
    """
    start = bytes(content[:16])
    if start.startswith((PNG_SIGNATURE, JPEG_START)):
        encoded_size(content)
    elif start[:4] in TIFF_ORDERS:
        _check_tiff(content)
    elif start[:2] == b'BM':
        check_pixels(*_bmp_size(bytes(content[14:26])))
    elif start[:4] == b'RIFF' and start[8:12] == b'WEBP':
        check_pixels(*_webp_size(bytes(content[12:30])))
    elif re.match(rb'P[1-6]\s', start):
        check_pixels(*_netpbm_size(bytes(content[:HEAD_BYTES])))
    else:
        raise EncodingError(f'expected {KINDS}, got {_kind(start)}')


def _kind(start: bytes) -> str:
    named = (name for begins, name in OTHERS.items() if start.startswith(begins))
    return next(named, f'a file that begins with {start[:4].hex(" ")}')


def _netpbm_size(head: bytes) -> tuple[int, int]:
    found = NETPBM.match(head)
    if found is None:
        raise EncodingError('the PGM or PPM image has no size where it should stand')
    return int(found[1]), int(found[2])


def _bmp_size(head: bytes) -> tuple[int, int]:
    """Read the second header: the old one has sides of 16 bits; a negative height is upside down.

    https://learn.microsoft.com/windows/win32/api/wingdi/ns-wingdi-bitmapinfoheader
    """
    if len(head) < 12:
        raise EncodingError('the BMP image is cut short')
    if int.from_bytes(head[:4], 'little') == 12:
        return int.from_bytes(head[4:6], 'little'), int.from_bytes(head[6:8], 'little')
    height = int.from_bytes(head[8:12], 'little', signed=True)
    return int.from_bytes(head[4:8], 'little', signed=True), abs(height)


def _webp_size(head: bytes) -> tuple[int, int]:
    """Read the first chunk (RFC 9649, section 2): name, four bytes of length, and its data."""
    name, data = head[:4], head[8:]
    if name == b'VP8X' and len(data) >= 10:
        return int.from_bytes(data[4:7], 'little') + 1, int.from_bytes(data[7:10], 'little') + 1
    if name == b'VP8L' and len(data) >= 5:
        sides = int.from_bytes(data[1:5], 'little')
        return (sides & 0x3FFF) + 1, (sides >> 14 & 0x3FFF) + 1
    if name == b'VP8 ' and len(data) >= 10:
        width, height = data[6:8], data[8:10]
        return int.from_bytes(width, 'little') & 0x3FFF, int.from_bytes(height, 'little') & 0x3FFF
    raise EncodingError('the WebP image is cut short, or its first chunk is none that has a size')


def _check_tiff(content: NDArray[np.uint8]) -> None:
    """Check the sides of the image and of its tiles, for both of which memory is taken."""
    sides = {name: 0 for name in TIFF_SIDES.values()}
    for name, side in _tiff_sides(content):
        sides[name] = max(sides[name], side)  # a side that is told twice is read either way
    check_pixels(sides['width'], sides['height'])
    check_pixels(max(1, sides['tile width']), max(1, sides['tile height']))


def _tiff_sides(content: NDArray[np.uint8]) -> Iterator[tuple[str, int]]:
    """Walk over the first directory: entries of 12 bytes with tag, type, count and value.

    https://www.itu.int/itudoc/itu-t/com16/tiff-fx/docs/tiff6.pdf, section 2
    """
    order = TIFF_ORDERS[bytes(content[:4])]
    start = _number(content, 4, order + 'u4')
    for at in range(start + 2, start + 2 + 12 * _number(content, start, order + 'u2'), 12):
        tag, kind = _number(content, at, order + 'u2'), _number(content, at + 2, order + 'u2')
        if tag in TIFF_SIDES:
            if kind not in TIFF_WHOLE:
                raise EncodingError(f'the TIFF image has a {TIFF_SIDES[tag]} of type {kind}')
            yield TIFF_SIDES[tag], _number(content, at + 8, order + TIFF_WHOLE[kind])


def _number(content: NDArray[np.uint8], at: int, kind: str) -> int:
    size = np.dtype(kind).itemsize
    if at + size > content.size:
        raise EncodingError('the TIFF image is cut short: its directory is not there')
    return int(content[at : at + size].view(kind)[0])
