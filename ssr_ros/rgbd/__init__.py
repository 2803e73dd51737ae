# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What an RGB-D frame is. Needs numpy only; reading files also needs OpenCV.

Example::

    from ssr_ros.rgbd import CameraIntrinsics, RgbdFrame

    intrinsics = CameraIntrinsics(fx, fy, cx, cy)
    frame = RgbdFrame(rgb, depth_m, intrinsics, stamp_ns=0, frame_id='camera')
    points_m = frame.points_m()      # (H, W, 3), NaN where depth is unknown
"""

from ssr_ros.rgbd.depth import (
    DEPTH_ENCODINGS,
    depth_to_gray,
    depth_to_metres,
    depth_to_millimetres,
)
from ssr_ros.rgbd.files import load_frame, read_depth_m, read_rgb
from ssr_ros.rgbd.frame import CameraIntrinsics, RgbdFrame

__all__ = [
    'DEPTH_ENCODINGS',
    'CameraIntrinsics',
    'RgbdFrame',
    'depth_to_gray',
    'depth_to_metres',
    'depth_to_millimetres',
    'load_frame',
    'read_depth_m',
    'read_rgb',
]
