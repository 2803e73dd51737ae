# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""How wrong a depth reading is: the standard error that every measurement starts from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ssr_ros.errors import check_keys, ConfigError
from ssr_ros.scene.geometry.medians import median_of

_STEP_PX = 4
"""Spacing of the second difference: wider than the smoothing inside common sensors."""

_SCALE_RANGE = (0.25, 4.0)
"""How far one frame may move a model: beyond it the frame is texture or clutter, not noise."""


@dataclass(frozen=True)
class NoiseModel:
    """The standard deviation of one depth reading: ``constant + linear z + quadratic z^2``.

    Attributes:
        name: what the model is for.
        constant_m: part that does not depend on depth, in metres.
        linear: part that grows with depth, metres per metre (time of flight).
        quadratic_per_m: part that grows with its square (stereo and structured light, where
            the disparity carries the error).
    """

    name: str
    constant_m: float = 0.0
    linear: float = 0.0
    quadratic_per_m: float = 0.0

    def __post_init__(self) -> None:
        parts = (self.constant_m, self.linear, self.quadratic_per_m)
        if not all(np.isfinite(part) and part >= 0 for part in parts):
            raise ConfigError(f'noise parts must be finite and not negative, got {self}')

    @classmethod
    def named(cls, name: str) -> NoiseModel:
        """Return a model by its name: 'stereo', 'tof' or 'none'.

        Raises:
            ConfigError: there is no such model.
        """
        check_keys([name], NOISE_MODELS, 'noise')
        return NOISE_MODELS[name]

    @property
    def is_none(self) -> bool:
        """Whether depth is taken to be exact."""
        return not (self.constant_m or self.linear or self.quadratic_per_m)

    def sigma_m(self, depth_m: NDArray[np.floating]) -> NDArray[np.float32]:
        """Standard deviation of single readings, metres, in the shape of ``depth_m``."""
        z = np.asarray(depth_m, np.float32)
        sigma = (np.float32(self.quadratic_per_m) * z + np.float32(self.linear)) * z
        return np.asarray(sigma + np.float32(self.constant_m), np.float32)

    def sigma_at(self, depth_m: float) -> float:
        """Standard deviation of one reading at one depth, metres."""
        return self.constant_m + (self.linear + self.quadratic_per_m * depth_m) * depth_m

    def times(self, factor: float) -> NoiseModel:
        """Return the same model with every part multiplied."""
        return NoiseModel(
            self.name,
            self.constant_m * factor,
            self.linear * factor,
            self.quadratic_per_m * factor,
        )


NOISE_MODELS = {
    # Structured light measures 1.4e-3 z^2 (Kinect v1), active stereo 2 to 3e-3 z^2 (5 cm base).
    'stereo': NoiseModel('stereo', constant_m=0.0005, quadratic_per_m=0.002),
    'tof': NoiseModel('tof', constant_m=0.001, linear=0.003),
    'none': NoiseModel('none'),
}


def fit_to_frame(model: NoiseModel, depth_m: NDArray[np.float32]) -> NoiseModel:
    """Scale a model to the noise that this frame shows.

    Inverse depth is linear over any plane, so its second difference is noise alone wherever the
    surface is flat; the median over the image does not see the edges.

    Args:
        model: the model to scale.
        depth_m: (H, W) metres, NaN unknown.

    Returns:
        The model times a factor of 0.25 to 4; unchanged where the frame has too little depth.
    """
    if model.is_none or depth_m.shape[1] <= 2 * _STEP_PX:
        return model
    rows = depth_m[::4]
    inverse = 1 / rows
    bend = inverse[:, : -2 * _STEP_PX] - 2 * inverse[:, _STEP_PX:-_STEP_PX]
    bend += inverse[:, 2 * _STEP_PX :]
    middle = rows[:, _STEP_PX:-_STEP_PX]
    expected = model.sigma_m(middle) / middle**2 * np.float32(np.sqrt(6))
    ratio = np.abs(bend) / expected
    ratio = ratio[np.isfinite(ratio)]
    if len(ratio) < 200:
        return model
    factor = median_of(ratio) / 0.6745
    return model.times(float(np.clip(factor, *_SCALE_RANGE)))
