# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What a depth sensor makes of clean depth: pure functions of a depth image and a seed.

``none``
    The clean depth.

``stereo`` (structured light and stereo: Kinect v1, RealSense D4xx). Depth comes from a disparity
    that is noisy and quantised, so that its error grows with the square of the depth::

        z' = K / round(K / z(u + n_u, v + n_v) + n_d),    K = 351.3 m
        n_u, n_v ~ N(0, 1/2) px, linearly interpolated;   n_d ~ N(0, 1/6)

    (J. T. Barron and J. Malik, "Intrinsic scene properties from a single RGB-D image", CVPR 2013;
    A. Handa et al., "A benchmark for RGB-D visual odometry, 3D reconstruction and SLAM", ICRA
    2014.) K makes a step of z^2 / 351.3 m, which is the resolution that K. Khoshelham and
    S. O. Elberink measured ("Accuracy and resolution of Kinect depth data", Sensors 12, 2012). The
    total deviation on a surface seen squarely is sqrt(1/36 + 1/12) z^2 / K = 0.00095 z^2. The
    shift (n_u, n_v) mixes the two sides of a depth edge. What lies in the shadow that a near
    thing throws from the second eye, at its right, is unknown: the shadow is as wide as the
    difference of the disparities, f b (1/z_near - 1/z_far), with f b = 0.0686 m image widths
    (43.9 px m at 640).

``tof`` (time of flight: Kinect v2, Azure Kinect). The error grows in proportion to the depth, and
    pixels on a depth edge receive light from both sides ("flying pixels")::

        z' = z + (0.001 m + 0.002 z) n,                   n ~ N(0, 1), rounded to 1 mm
        z' = a z_near + (1 - a) z_far,  a ~ U(0, 1)       for half of the edge pixels
        unknown                                           for a third of the others there

    The form is that of the hardware specification of the Azure Kinect DK (a constant and a
    proportional part, invalidation of pixels with signals from two depths); the numbers are ours,
    inside its limit of 17 mm.

``smeared`` (stereo as firmware hands it out: RealSense, PhoXi, filtered Kinect). Disparity is
    matched and smoothed over a window, so that a jump in depth becomes a ramp of some pixels,
    flat surfaces ripple, and what does not match is a hole::

        1/z' = mean of 1/z over 7 x 7 px within 3 px of a jump (a ramp of 7 px)
        z'   = z (1 + 0.004 max(z, 0.5 m) r),            r a smooth field, N(0, 1), 16 px wide
        unknown                                          in the shadow, and in smooth patches, 2 %

    on top of noise of the disparity, N(0, 1/6) px of K. Seen on real frames: ramps of 5 to 10 px,
    ripples of 1 to 2.5 % of depth from peak to peak.

All give NaN outside the sensor's range (RANGES_M) and at a few pixels anywhere.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ssr_ros.errors import ConfigError

RANGES_M = {
    'none': (0.0, np.inf),
    'stereo': (0.35, 8.0),
    'tof': (0.25, 5.5),
    'smeared': (0.25, 8.0),
}
"""Model -> nearest and farthest depth that it measures."""

NOISE_MODELS = tuple(RANGES_M)

STEREO_K_M = 351.3
STEREO_JITTER = 1 / 6
STEREO_SHIFT_PX = 0.5
STEREO_SHADOW_M_WIDTHS = 0.0686
TOF_CONSTANT_M, TOF_PER_M = 0.001, 0.002
TOF_STEP_M = 0.001

SMEAR_PX = 7
RIPPLE_PX, RIPPLE_PER_M, RIPPLE_LEAST_M = 16, 0.004, 0.5
HOLES = 0.02

_EDGE = 0.04
_DROPOUT = 0.001


def add_noise(depth_m: NDArray[np.float32], model: str, seed: int) -> NDArray[np.float32]:
    """Return what a sensor would have measured; the arguments alone decide.

    Args:
        depth_m: (H, W) clean depth in metres, NaN unknown.
        model: one of NOISE_MODELS.
        seed: any number from 0.

    Returns:
        (H, W) float32 metres, NaN unknown.

    Raises:
        ConfigError: the model is not known.
    """
    if model not in RANGES_M:
        raise ConfigError(
            f'unknown noise model {model!r}; expected one of {", ".join(NOISE_MODELS)}'
        )
    depth_m = np.array(depth_m, np.float32)
    if model == 'none':
        return depth_m
    rng = np.random.default_rng([NOISE_MODELS.index(model), seed])
    noisy = {'stereo': _stereo, 'tof': _tof, 'smeared': _smeared}[model](depth_m, rng)
    nearest, farthest = RANGES_M[model]
    with np.errstate(invalid='ignore'):
        noisy[~((noisy >= nearest) & (noisy <= farthest))] = np.nan
    noisy[rng.random(noisy.shape) < _DROPOUT] = np.nan
    return noisy.astype(np.float32)


def depth_edges(depth_m: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Mark pixels beside a jump in depth.

    Inverse depth is linear over any plane, however steeply it is seen; its second difference
    therefore shows jumps alone.
    """
    inverse = 1 / depth_m
    jump = np.zeros(depth_m.shape, np.float32)
    for axis in (0, 1):
        bend = np.abs(np.diff(inverse, 2, axis=axis))
        middle = [slice(None), slice(None)]
        middle[axis] = slice(1, -1)
        jump[tuple(middle)] = np.fmax(jump[tuple(middle)], bend)
    with np.errstate(invalid='ignore'):
        return jump * depth_m > _EDGE


def _stereo(depth_m: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float64]:
    height, width = depth_m.shape
    shift = rng.normal(0, STEREO_SHIFT_PX, (2, height, width))
    columns, rows = np.meshgrid(np.arange(width), np.arange(height))
    moved = cv2.remap(
        depth_m,
        (columns + shift[0]).astype(np.float32),
        (rows + shift[1]).astype(np.float32),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    disparity = STEREO_K_M / moved.astype(np.float64) + rng.normal(0, STEREO_JITTER, moved.shape)
    noisy: NDArray[np.float64] = STEREO_K_M / np.maximum(np.rint(disparity), 1)
    noisy[_shadow(depth_m)] = np.nan
    return noisy


def _shadow(depth_m: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Mark what the second eye, to the right, cannot see.

    Seen from there a pixel moves right by its disparity; whatever would land left of, or on, a
    pixel before it is behind that pixel.
    """
    width = depth_m.shape[1]
    disparity = STEREO_SHADOW_M_WIDTHS * width / depth_m
    landing = np.nan_to_num(np.arange(width) + disparity, nan=-np.inf)
    covered = np.maximum.accumulate(landing, axis=1)[:, :-1]
    shadow = np.zeros(depth_m.shape, bool)
    shadow[:, 1:] = landing[:, 1:] <= covered
    return shadow


def _tof(depth_m: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float64]:
    sigma_m = TOF_CONSTANT_M + TOF_PER_M * depth_m
    noisy = depth_m + sigma_m * rng.standard_normal(depth_m.shape)
    block = np.ones((3, 3), np.uint8)
    near, far = cv2.erode(depth_m, block), cv2.dilate(depth_m, block)
    edge, fate = depth_edges(depth_m), rng.random((2, *depth_m.shape))
    flying, lost = edge & (fate[0] < 0.5), edge & (fate[0] > 5 / 6)
    noisy[flying] = (fate[1] * near + (1 - fate[1]) * far)[flying]
    noisy[lost] = np.nan
    return np.rint(noisy / TOF_STEP_M) * TOF_STEP_M


def _smeared(depth_m: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float64]:
    inverse = 1 / depth_m
    window = np.ones((SMEAR_PX, SMEAR_PX), np.uint8)
    near_edge = cv2.dilate(depth_edges(depth_m).astype(np.uint8), window) > 0
    inverse = np.where(near_edge, cv2.blur(inverse, (SMEAR_PX, SMEAR_PX)), inverse)
    disparity = STEREO_K_M * inverse + rng.normal(0, STEREO_JITTER, depth_m.shape)
    ripple = RIPPLE_PER_M * np.maximum(depth_m, RIPPLE_LEAST_M) * _smooth_field(depth_m.shape, rng)
    noisy = STEREO_K_M / np.maximum(disparity, 1) * (1 + ripple)
    field = _smooth_field(depth_m.shape, rng)
    noisy[_shadow(depth_m) | (field < np.quantile(field, HOLES))] = np.nan
    return np.asarray(noisy, np.float64)


def _smooth_field(shape: tuple[int, ...], rng: np.random.Generator) -> NDArray[np.float64]:
    """Noise that changes over RIPPLE_PX, with a standard deviation of 1."""
    height, width = shape
    coarse = rng.standard_normal((height // RIPPLE_PX + 2, width // RIPPLE_PX + 2))
    field = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
    return np.asarray(field / max(float(field.std()), 1e-9))
