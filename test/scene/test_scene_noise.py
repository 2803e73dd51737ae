# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The noise model: its forms, its fit to a frame, and what 'cannot tell' comes from."""

from __future__ import annotations

import numpy as np
import pytest
from rendered import render

from ssr_ros.errors import ConfigError
from ssr_ros.scene import measure, NoiseModel
from ssr_ros.scene.geometry.noise import fit_to_frame
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
