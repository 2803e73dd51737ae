# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""How narrow a thing is at its narrowest, whichever way it is turned."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ssr_ros.scene.geometry.gravity import Gravity


def narrowest_m(points_m: NDArray[np.float32], gravity: Gravity) -> float:
    """Return the least level width of (N, 3) points in the camera frame, metres.

    Two parallel upright jaws that just hold the points have one of them along a side of their
    hull (Houle, Toussaint 1988). What is seen of a thing is a part of it, so the thing itself is
    at least so wide from every side.
    """
    level = (points_m @ gravity.axes[:2].T).astype(np.float32)
    hull = cv2.convexHull(level)[:, 0].astype(np.float64)
    sides = np.roll(hull, -1, axis=0) - hull
    lengths = np.linalg.norm(sides, axis=1)
    across = (
        np.stack([-sides[:, 1], sides[:, 0]], axis=1)[lengths > 0] / lengths[lengths > 0, None]
    )
    return float(np.ptp(hull @ across.T, axis=0).min()) if len(across) else 0.0
