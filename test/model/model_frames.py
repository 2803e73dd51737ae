# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

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
