# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Depth units and the depth image that the encoders see.

Units come from the ROS encoding (REP 118), never from a divisor; the unit of a file that breaks
it, its user names. Unknown is NaN everywhere inside.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ssr_ros.errors import EncodingError, FrameError, quoted

DEPTH_ENCODINGS = {'16UC1': np.uint16, 'mono16': np.uint16, '32FC1': np.float32}
"""ROS encoding -> dtype: 16-bit is millimetres, 0 unknown; float is metres, NaN unknown."""

MILLIMETRE_M = 0.001

MAX_MILLIMETRES = 65534
"""The largest that is written: 65535 is what sensors say for too far, and is read as unknown."""

OVERFLOW_M = 65.535
"""What drivers make of 65535."""

FARTHEST_MEDIAN_M = 100.0
"""No depth camera sees half of its picture beyond this: such floats are millimetres."""

FAR_LIMIT_M = 8.0
LEAST_PLATEAU = 0.005
LEAST_PLATEAU_PIXELS = 20
FULL_CODES_MM = tuple(2**bits - 1 for bits in range(10, 17))


def mark_unknown(depth_m: NDArray[np.floating]) -> NDArray[np.float32]:
    """Return a float32 copy in metres in which everything that was not measured is NaN.

    That is zero, negative and infinite depth (REP 117), 65.535 m (an overflow), and a plateau at
    the largest value, where a sensor or a simulation says how far it can see.

    Raises:
        FrameError: half of what is known lies so far away that it must be millimetres.
    """
    with np.errstate(over='ignore'):
        return _void_unknown(np.array(depth_m, np.float32))


def _void_unknown(depth_m: NDArray[np.float32]) -> NDArray[np.float32]:
    """Do it in place."""
    with np.errstate(invalid='ignore'):
        known = (depth_m > 0) & (depth_m < np.inf)
        known &= np.abs(depth_m - np.float32(OVERFLOW_M)) > 5e-4
        depth_m[~known] = np.nan
        largest = float(np.max(depth_m, initial=0, where=known))
        plateau = _plateau(depth_m, largest, known)
    if plateau is not None:
        known[plateau] = False
        depth_m[plateau] = np.nan
    if largest > FARTHEST_MEDIAN_M:
        _refuse_millimetres(depth_m[known])
    return depth_m


def _plateau(
    depth_m: NDArray[np.float32], largest_m: float, known: NDArray[np.bool_]
) -> NDArray[np.bool_] | None:
    """Return where the depth stands at the end of a sensor's range, or None.

    A surface that far away is noisy, or at least not alone: its neighbours are nearly as far. A
    wall nearer than FAR_LIMIT_M may be constant, and is one unless its depth is a full code of
    10 to 16 bits.
    """
    millimetres = round(largest_m * 1000)
    is_code = millimetres in FULL_CODES_MM and abs(largest_m * 1000 - millimetres) < 0.01
    if largest_m < FAR_LIMIT_M and not is_code:
        return None
    at_end = depth_m == np.float32(largest_m)
    count = np.count_nonzero(at_end)
    least = max(LEAST_PLATEAU_PIXELS, LEAST_PLATEAU * depth_m.size)
    if not least <= count < np.count_nonzero(known):
        return None
    nearly = np.count_nonzero(depth_m > np.float32(0.98 * largest_m)) - count
    return at_end if nearly < count else None


def _refuse_millimetres(known_m: NDArray[np.float32]) -> None:
    if 2 * np.count_nonzero(known_m > FARTHEST_MEDIAN_M) > known_m.size:
        raise FrameError(
            f'half of the depth lies beyond {np.median(known_m):.0f} m: are these millimetres? '
            'Float depth (32FC1) is in metres; 16-bit images (16UC1) are in millimetres'
        )


def depth_to_metres(
    raw: NDArray[np.generic], encoding: str, unit_m: float = MILLIMETRE_M
) -> NDArray[np.float32]:
    """Turn a raw depth image into float32 metres with NaN unknown.

    Args:
        raw: (H, W) array of the encoding's dtype.
        encoding: one of DEPTH_ENCODINGS.
        unit_m: metres of one of its whole numbers; floats are metres.

    Raises:
        EncodingError: the encoding is not a depth encoding, or the dtype is not the encoding's.
        FrameError: it is 32FC1 and holds millimetres.
    """
    if encoding not in DEPTH_ENCODINGS:
        raise EncodingError(
            f'{quoted(encoding)} is not a depth encoding; expected one of '
            f'{", ".join(DEPTH_ENCODINGS)} (REP 118)'
        )
    if raw.dtype.newbyteorder('=') != DEPTH_ENCODINGS[encoding]:
        raise EncodingError(
            f'{encoding} depth must be {np.dtype(DEPTH_ENCODINGS[encoding])}, got {raw.dtype}'
        )
    depth_m = raw.astype(np.float32)
    if encoding != '32FC1':
        depth_m *= np.float32(unit_m)
        depth_m[raw == MAX_MILLIMETRES + 1] = np.nan
    return _void_unknown(depth_m)


def depth_to_millimetres(depth_m: NDArray[np.floating]) -> NDArray[np.uint16]:
    """Turn metres into uint16 millimetres: 0 unknown, clamped at 65.534 m.

    Upstream lets the conversion wrap, so that 66 m reads as 0.46 m; a clamp keeps far things far.
    """
    millimetres = np.nan_to_num(mark_unknown(depth_m) * 1000.0, nan=0.0)
    clamped: NDArray[np.uint16] = np.minimum(np.rint(millimetres), MAX_MILLIMETRES).astype(
        np.uint16
    )
    return clamped


def depth_to_gray(
    depth_m: NDArray[np.floating], range_m: tuple[float, float] | None = None
) -> NDArray[np.uint8]:
    """Turn metric depth into the picture that SSR's depth encoder was trained on.

    The range of the whole image in millimetres becomes 0..255, near dark and far bright, as in
    upstream's training code (its inference script differs). Unknown pixels stand outside the
    range and are painted as far as the farthest one, because dark would make a hole the nearest
    thing in view. A constant or wholly unknown image is all zeros.

    Args:
        depth_m: (H, W) metres, NaN unknown.
        range_m: depths painted as 0 and as 255 in every image, so that gray means metres; None
            takes the nearest and the farthest of this one.

    Returns:
        (H, W) uint8.
    """
    millimetres = depth_to_millimetres(depth_m)
    known = millimetres > 0
    gray = np.zeros(millimetres.shape, np.uint8)
    if not known.any():
        return gray
    nearest, farthest = int(millimetres[known].min()), int(millimetres[known].max())
    if range_m is not None:
        nearest, farthest = (round(1000 * limit) for limit in range_m)
    if nearest == farthest:
        return gray
    scaled = (millimetres.astype(np.float32) - nearest) / np.float32(farthest - nearest)
    gray[:] = (np.clip(scaled, 0, 1) * 255).astype(np.uint8)
    gray[~known] = 255
    return gray
