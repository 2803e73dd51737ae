# Copyright 2026 The ssr_ros authors
#
# Licensed under the Apache License, Version 2.0 (the "License");
# you may not use this file except in compliance with the License.
# You may obtain a copy of the License at
#
#     http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS,
# WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.
# See the License for the specific language governing permissions and
# limitations under the License.

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
