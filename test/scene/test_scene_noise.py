# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The noise model: its forms, its fit to a frame, and what 'cannot tell' comes from."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from rendered import render

from ssr_ros.errors import ConfigError
from ssr_ros.scene import measure, NoiseModel
from ssr_ros.scene.geometry.noise import bending, fit_to_frame
from ssr_ros.scene.questions.quantity import Quantity, Verdict


def test_stereo_noise_grows_with_the_square_and_tof_linearly():
    stereo, tof = NoiseModel.named('stereo'), NoiseModel.named('tof')
    assert stereo.sigma_at(4) / stereo.sigma_at(2) == pytest.approx(4, rel=0.1)
    assert tof.sigma_at(4) / tof.sigma_at(2) == pytest.approx(2, rel=0.15)
    assert NoiseModel.named('none').sigma_at(3) == 0
    assert stereo.sigma_m(np.array([2.0])) == pytest.approx([stereo.sigma_at(2)])


def test_an_unknown_model_is_refused_with_a_hint():
    with pytest.raises(ConfigError, match="Did you mean 'stereo'"):
        measure(render([], size=(64, 48)).frame, noise='sterio')


@pytest.mark.parametrize('wrong', [-1.0, float('nan'), float('inf')])
def test_a_model_with_impossible_parts_is_refused(wrong):
    with pytest.raises(ConfigError):
        NoiseModel('mine', quadratic_per_m=wrong)


@pytest.mark.parametrize('noise', [0.001, 0.004])
def test_the_model_is_scaled_to_the_noise_of_the_frame(noise):
    frame = render([], size=(640, 480), noise=noise).frame
    fitted = fit_to_frame(NoiseModel('mine', quadratic_per_m=0.002), frame.depth_m)
    assert fitted.quadratic_per_m == pytest.approx(noise, rel=0.15)


def test_too_little_depth_leaves_the_model_alone():
    model = NoiseModel.named('stereo')
    assert fit_to_frame(model, np.full((240, 320), np.nan, np.float32)) is model
    assert fit_to_frame(model, np.ones((4, 4), np.float32)) is model


def test_more_noise_gives_wider_margins():
    def margin(noise):
        from rendered import Box

        scene = render([Box('red', (0, 1.2), (0.2, 0.2, 0.2))], size=(640, 480), noise=noise)
        return measure(scene.frame).objects[0].margins

    calm, rough = margin(0.001), margin(0.006)
    assert rough.distance_m > 1.5 * calm.distance_m
    assert rough.size_m[1] > 1.5 * calm.size_m[1]


def test_a_difference_inside_its_margin_is_not_decided():
    verdicts = [Quantity(v, 0.01, 'm').verdict for v in (0.019, 0.021, -0.021, float('nan'))]
    assert verdicts == [Verdict.UNSURE, Verdict.YES, Verdict.NO, Verdict.UNSURE]


def rippled(share, seed=0, noise=0.0005, shape=(480, 640)):
    """A floor seen aslant, which ripples by a share of its depth, 24 pixels wide."""
    rng = np.random.default_rng(seed)
    coarse = rng.standard_normal((shape[0] // 24 + 2, shape[1] // 24 + 2))
    ripple = cv2.resize(coarse, shape[::-1], interpolation=cv2.INTER_CUBIC)
    clean = 1 / np.linspace(0.4, 1.0, shape[0])[:, None] * np.ones(shape)
    noisy = clean * (1 + share * ripple / ripple.std()) + noise * rng.normal(size=shape)
    return noisy.astype(np.float32)


@pytest.mark.parametrize('share', [0.004, 0.012])
def test_how_far_the_sensor_bends_surfaces_is_seen_beside_the_noise_of_pixels(share):
    for seed in range(3):
        depth_m = rippled(share, seed)
        model = fit_to_frame(NoiseModel.named('stereo'), depth_m)
        assert 0.6 * share < bending(depth_m, model, 1.5) < 1.5 * share


def test_a_flat_floor_is_bent_by_less_than_its_noise():
    for seed in range(3):
        depth_m = rippled(0, seed, noise=0.003)
        model = fit_to_frame(NoiseModel('mine', constant_m=0.003), depth_m)
        assert bending(depth_m, model, 1.5) < 0.001  # the noise is 0.002 of the depth there


def test_bending_is_looked_for_where_the_thing_is():
    depth_m = np.hstack([rippled(0, shape=(480, 320)), 3 * rippled(0.01, shape=(480, 320))])
    model = NoiseModel('mine', constant_m=0.0005)
    assert bending(depth_m, model, 1.2) < 0.004 < 0.006 < bending(depth_m, model, 6.0)


def test_nothing_bends_exact_depth_or_what_is_not_known():
    depth_m = rippled(0.01)
    assert bending(depth_m, NoiseModel.named('none'), 1.5) == 0
    stereo = NoiseModel.named('stereo')
    assert bending(np.full((48, 64), np.nan, np.float32), stereo, 1.5) == 0
    assert bending(depth_m[:, :8], stereo, 1.5) == 0
