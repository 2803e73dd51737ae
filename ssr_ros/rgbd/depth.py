# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Depth units and the depth image that the encoders see.

Units come from the ROS encoding (REP 118), never from a divisor; unknown is NaN everywhere inside.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ssr_ros.errors import EncodingError

DEPTH_ENCODINGS = {'16UC1': np.uint16, 'mono16': np.uint16, '32FC1': np.float32}
"""ROS encoding -> dtype: 16-bit is millimetres, 0 unknown; float is metres, NaN unknown."""

MAX_MILLIMETRES = 65535


def mark_unknown(depth_m: NDArray[np.floating]) -> NDArray[np.float32]:
    """Return a float32 copy in which zero, negative and infinite depth (REP 117) are NaN."""
    depth_m = np.array(depth_m, np.float32)
    with np.errstate(invalid='ignore'):
        depth_m[~((depth_m > 0) & (depth_m < np.inf))] = np.nan
    return depth_m


def depth_to_metres(raw: NDArray[np.generic], encoding: str) -> NDArray[np.float32]:
    """Turn a raw depth image into float32 metres with NaN unknown.

    Args:
        raw: (H, W) array of the encoding's dtype.
        encoding: one of DEPTH_ENCODINGS.

    Raises:
        EncodingError: the encoding is not a depth encoding, or the dtype is not the encoding's.
    """
    if encoding not in DEPTH_ENCODINGS:
        raise EncodingError(
            f'{encoding!r} is not a depth encoding; expected one of '
            f'{", ".join(DEPTH_ENCODINGS)} (REP 118)'
        )
    if raw.dtype.newbyteorder('=') != DEPTH_ENCODINGS[encoding]:
        raise EncodingError(
            f'{encoding} depth must be {np.dtype(DEPTH_ENCODINGS[encoding])}, got {raw.dtype}'
        )
    if encoding == '32FC1':
        return mark_unknown(raw.astype(np.float32))
    depth_m = raw.astype(np.float32)
    depth_m *= np.float32(0.001)
    depth_m[raw == 0] = np.nan
    return depth_m


def depth_to_millimetres(depth_m: NDArray[np.floating]) -> NDArray[np.uint16]:
    """Turn metres into uint16 millimetres: 0 unknown, clamped at 65.535 m.

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
