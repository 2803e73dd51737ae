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

"""Frames to ask about."""

from __future__ import annotations

import numpy as np

from ssr_ros.rgbd import CameraIntrinsics, RgbdFrame


def make_frame(width: int = 64, height: int = 48, seed: int = 0) -> RgbdFrame:
    rng = np.random.default_rng(seed)
    rgb = rng.integers(0, 256, (height, width, 3), np.uint8)
    depth_m = rng.uniform(0.5, 4.0, (height, width)).astype(np.float32)
    depth_m[: height // 8] = np.nan
    intrinsics = CameraIntrinsics(60.0, 60.0, width / 2, height / 2)
    return RgbdFrame(rgb, depth_m, intrinsics, stamp_ns=1000 + seed, frame_id='camera')
