# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What a user says about the camera of a recording, where it is not to be found out."""

from __future__ import annotations

from dataclasses import dataclass

from ssr_ros.bags.read import Bag, TOLERANCE_S
from ssr_ros.bags.rgbd_topics import RgbdTopics
from ssr_ros.rgbd.calibration import CameraRules, Images, OnDistortion
from ssr_ros.rgbd.frame import CameraIntrinsics


@dataclass(frozen=True)
class CameraChoice:
    """Which images of a recording belong together, and how to read them.

    Attributes:
        color: name of the colour topic, or None: found by itself.
        depth: name of the depth topic, or None.
        info: name of the camera_info topic, or None.
        tolerance_s: largest difference of the stamps of colour and depth.
        intrinsics: in place of the recorded calibration, or None.
        images: what K and P of a camera_info are for.
        distortion: what becomes of raw images with distortion.
    """

    color: str | None = None
    depth: str | None = None
    info: str | None = None
    tolerance_s: float = TOLERANCE_S
    intrinsics: CameraIntrinsics | None = None
    images: Images = 'auto'
    distortion: OnDistortion = 'undistort'

    def topics(self, bag: Bag) -> RgbdTopics:
        """Find the topics in a recording.

        Raises:
            BagError: they are not there.
        """
        return bag.find_rgbd(self.color, self.depth, self.info)

    def rules(self, topics: RgbdTopics) -> CameraRules:
        """Return what to make of the images of a camera."""
        return CameraRules(self.images, self.distortion, topics.color)
