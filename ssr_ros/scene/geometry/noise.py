# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""How wrong a depth reading is: the standard error that every measurement starts from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ssr_ros.errors import check_keys, ConfigError
from ssr_ros.scene.geometry.medians import median_of, quantile_of

_STEP_PX = 4
"""Spacing of the second difference: wider than the smoothing inside common sensors."""

_LEAST = 200
"""Fewer differences tell nothing."""

_BENT_SHARE = 1 / 32
"""The same spacing for what bends surfaces, as a share of the image's width."""

_FLAT = 0.35
"""Quantile of the differences that is taken to be of flat surfaces, and its value where a standard
deviation is 1: much of a cluttered view is bent by itself."""
_FLAT_SIGMAS = 0.4538

_SAME_DEPTH = 1.5
"""Bending is looked for at depths that differ by less than this factor, where there are such."""

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
    off, middle = _second_difference(depth_m, _STEP_PX)
    ratio = off / (model.sigma_m(middle) / middle)
    ratio = ratio[np.isfinite(ratio)]
    if len(ratio) < _LEAST:
        return model
    factor = median_of(ratio) / 0.6745
    return model.times(float(np.clip(factor, *_SCALE_RANGE)))


def bending(depth_m: NDArray[np.float32], model: NoiseModel, at_m: float) -> float:
    """How far the sensor bends surfaces: standard deviation of depth, as a share of it.

    Ripples that are wider than what a pixel's noise reaches over are in no number that a region
    gives by itself: all of a thing may lie on one.

    Args:
        depth_m: (H, W) metres, NaN unknown.
        model: the noise of single readings, scaled to the frame.
        at_m: depth at which it is asked for.

    Returns:
        what is left of the differences of distant readings without the noise of these; 0 where
        depth is exact or too little of it known.
    """
    step = max(_STEP_PX, round(_BENT_SHARE * depth_m.shape[1]))
    if model.is_none or depth_m.shape[1] <= 2 * step:
        return 0.0
    off, middle = _second_difference(depth_m, step)
    known = np.isfinite(off)
    near = known & (np.abs(np.log(middle / np.float32(at_m))) < np.log(_SAME_DEPTH))
    chosen = near if np.count_nonzero(near) >= _LEAST else known
    if np.count_nonzero(chosen) < _LEAST:
        return 0.0
    seen = quantile_of(np.sort(off[chosen]), _FLAT) / _FLAT_SIGMAS
    noise = median_of(model.sigma_m(middle[chosen]) / middle[chosen])
    return float(np.sqrt(max(0.0, seen**2 - noise**2)))


def _second_difference(
    depth_m: NDArray[np.float32], step: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """What readings of some rows are off the line through those a step to their sides.

    Returns:
        standard errors of one reading, as a share of depth, of which each is one sample without
        sign; and the depths, metres.
    """
    rows = depth_m[::4]
    inverse = 1 / rows
    middle = rows[:, step:-step]
    bend = inverse[:, : -2 * step] - 2 * inverse[:, step:-step] + inverse[:, 2 * step :]
    return np.abs(bend) * middle / np.float32(np.sqrt(6)), middle
