# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Medians and quantiles. NumPy parts numbers at one place four times as fast as at two."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def median_of(values: NDArray[np.float32]) -> float:
    """Median of (N,) values, at least one, none of them NaN."""
    half = len(values) // 2
    parted = np.partition(values, half)
    below = parted[half] if len(values) % 2 else parted[:half].max()
    return float((below + parted[half]) / np.float32(2))


def middle_of(ordered: NDArray[np.float32]) -> float:
    """Median of (N,) values in rising order."""
    number = len(ordered)
    return float((ordered[(number - 1) // 2] + ordered[number // 2]) / np.float32(2))


def quantile_of(ordered: NDArray[np.float32], share: float) -> float:
    """What so large a share, 0..1, of (N,) values in rising order lies below."""
    place = share * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return float(ordered[low]) + (place - low) * float(ordered[high] - ordered[low])
