# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""From one RGB-D frame to its facts."""

from __future__ import annotations

from ssr_ros.rgbd import RgbdFrame
from ssr_ros.scene.facts import SceneFacts
from ssr_ros.scene.geometry.gravity import Direction
from ssr_ros.scene.geometry.noise import NoiseModel
from ssr_ros.scene.geometry.surveying import survey


def measure(
    frame: RgbdFrame,
    noise: str | NoiseModel = 'stereo',
    gravity: Direction | None = None,
) -> SceneFacts:
    """Measure what the depth of a frame shows. Needs no model and no weights.

    Args:
        frame: colour, depth and calibration.
        noise: the sensor's kind ('stereo', 'tof', 'none') or a model; it is scaled to the noise
            that the frame shows.
        gravity: direction of down in the camera frame, if something knows it (an IMU, a robot's
            kinematics; see ``down_from_tilt``). Without it the largest floor or table tells.

    Raises:
        ConfigError: unknown noise model, or gravity is not a direction.
    """
    found = survey(frame, noise, gravity)
    return SceneFacts(
        frame=found.frame,
        noise=found.noise,
        gravity=found.gravity,
        planes=found.planes,
        objects=found.objects,
    )
