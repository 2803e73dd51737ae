# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""RVL, the lossless code for depth images that compressedDepth can carry.

A. D. Wilson, "Fast Lossless Depth Image Compression", ISS 2017: pixels come as alternating runs
of zeros and of non-zeros; of the latter each is stored as its difference to the previous
non-zero pixel. All numbers are written in groups of three bits, each with a fourth bit that says
whether another group follows, the lowest group first; eight groups fill a 32-bit word from its
high end.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ssr_ros.errors import EncodingError
from ssr_ros.rgbd.image_header import check_pixels

MAX_GROUPS = 11
"""Groups of three bits that a 32-bit number can need."""

BLOCK_WORDS = 1 << 13
"""Words that are taken apart at once, for the memory's sake."""

MOST_BYTES_A_PIXEL = 8
"""Of a run of one pixel: two numbers that count, and a difference of 17 bits."""


def rvl_size(data: NDArray[np.uint8]) -> tuple[int, int]:
    """Return (columns, rows) of (N,) uint8 data.

    Raises:
        EncodingError: the size is impossible.
    """
    if data.size < 8:
        raise EncodingError(f'RVL: expected columns and rows in 8 bytes, got {data.size} bytes')
    columns, rows = (int(number) for number in np.frombuffer(data[:8].tobytes(), '<i4'))
    check_pixels(columns, rows)
    return columns, rows


def decode_rvl(data: NDArray[np.uint8]) -> NDArray[np.uint16]:
    """Decode int32 columns, int32 rows and the code that follows to (rows, columns) uint16.

    Args:
        data: (N,) uint8.

    Raises:
        EncodingError: the size is impossible, or the code ends early or overruns the image.
    """
    columns, rows = rvl_size(data)
    longest = MOST_BYTES_A_PIXEL * columns * rows + 8  # the code of no image is longer
    numbers = _decode_numbers(data[8 : 8 + longest])
    nonzero, zigzag = _split_runs(numbers, columns * rows)
    del numbers
    deltas = (zigzag >> 1).astype(np.uint16) ^ -(zigzag & 1).astype(np.uint16)
    image = np.zeros(columns * rows, np.uint16)
    image[nonzero] = np.cumsum(deltas, dtype=np.uint16)  # modulo 65536, as they were taken
    return image.reshape(rows, columns)


def _decode_numbers(code: NDArray[np.uint8]) -> NDArray[np.uint32]:
    """Return every number of the stream, (N,) uint32, whatever its meaning."""
    words = np.frombuffer(code[: code.size // 4 * 4].tobytes(), '<u4')
    shifts = np.arange(28, -1, -4, dtype=np.uint32)
    parts, begun = [np.zeros(0, np.uint32)], np.zeros(0, np.uint8)
    for at in range(0, words.size, BLOCK_WORDS):
        groups = ((words[at : at + BLOCK_WORDS, None] >> shifts) & 15).astype(np.uint8)
        groups = np.concatenate((begun, groups.ravel()))
        ends = np.flatnonzero(groups < 8)
        begun = groups[ends[-1] + 1 :] if ends.size else groups
        if begun.size > MAX_GROUPS:
            raise EncodingError('RVL: a number has more than 32 bits: the data is damaged')
        parts.append(_join(groups, ends))
    return np.concatenate(parts)


def _join(groups: NDArray[np.uint8], ends: NDArray[np.intp]) -> NDArray[np.uint32]:
    """Put the groups of numbers together, the last group of each being its highest."""
    lengths = np.diff(ends, prepend=-1)
    numbers = np.zeros(ends.size, np.int64)
    longest = int(lengths.max(initial=0))
    if longest > MAX_GROUPS:
        raise EncodingError('RVL: a number has more than 32 bits: the data is damaged')
    for back in range(longest):
        has = lengths > back
        numbers[has] = numbers[has] << 3 | groups[ends[has] - back] & 7
    return numbers.astype(np.uint32)


def _split_runs(
    numbers: NDArray[np.uint32], pixels: int
) -> tuple[NDArray[np.bool_], NDArray[np.uint32]]:
    """Return which pixels are non-zero, (pixels,) bool, and their coded differences in order."""
    nonzero = np.zeros(pixels, np.bool_)
    counts = numbers.data  # plain integers, much faster than those of numpy
    is_delta = np.zeros(numbers.size, np.bool_)
    pixel = token = 0
    while pixel < pixels:
        if token + 2 > numbers.size:
            raise EncodingError(f'RVL: the data ends at pixel {pixel} of {pixels}')
        zeros, values = counts[token], counts[token + 1]
        pixel, token = pixel + zeros, token + 2
        goes_on = zeros + values > 0 and (values > 0 or pixel == pixels)
        if not goes_on or pixel + values > pixels or token + values > numbers.size:
            raise EncodingError('RVL: a run goes beyond the image or the data: it is damaged')
        nonzero[pixel : pixel + values] = True
        is_delta[token : token + values] = True
        pixel, token = pixel + values, token + values
    return nonzero, numbers[is_delta]
