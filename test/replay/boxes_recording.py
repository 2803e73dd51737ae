# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Frames of two boxes whose distances are known."""

import numpy as np

from ssr_ros.rgbd import CameraIntrinsics, RgbdFrame

START_NS = 1_700_000_000_000_000_000
STEP_NS = 200_000_000


def boxes_frame(number=0, red_m=1.0, blue_m=1.5):
    """A red box on the left and a blue one on the right before a wall at 2.5 m."""
    rgb = np.full((120, 160, 3), 190, np.uint8)
    depth_m = np.full((120, 160), 2.5, np.float32)
    for columns, color, metres in (
        (slice(30, 60), (200, 20, 20), red_m),
        (slice(95, 135), (20, 30, 200), blue_m),
    ):
        rgb[40:85, columns], depth_m[40:85, columns] = color, metres
    camera = CameraIntrinsics(150.0, 150.0, 79.5, 59.5)
    return RgbdFrame(rgb, depth_m, camera, START_NS + number * STEP_NS, 'eye')
