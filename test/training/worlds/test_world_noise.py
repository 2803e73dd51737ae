# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Sensor noise must have the size, the holes and the range that its docstring promises."""

from __future__ import annotations

import numpy as np
import pytest

from ssr_ros.errors import ConfigError
from training.worlds.noise import add_noise, depth_edges, NOISE_MODELS, RANGES_M


def wall(depth_m: float, shape: tuple[int, int] = (200, 300)) -> np.ndarray:
    return np.full(shape, depth_m, np.float32)


def step(near_m: float = 1.0, far_m: float = 3.0) -> np.ndarray:
    """Return a near block in the middle columns of a far wall."""
    depth_m = wall(far_m)
    depth_m[:, 100:200] = near_m
    return depth_m


@pytest.mark.parametrize('depth_m', [0.8, 1.7, 3.3])
def test_stereo_error_grows_with_the_square_of_the_depth(depth_m: float) -> None:
    # A slope over many quantisation steps, because one depth alone hits one step.
    clean = wall(depth_m) + np.linspace(0, 0.1, 300, dtype=np.float32)
    error = add_noise(clean, 'stereo', 1) - clean
    assert np.nanstd(error[:, 5:-5]) == pytest.approx(0.00095 * (depth_m + 0.05) ** 2, rel=0.12)
    assert abs(np.nanmean(error)) < 2e-4 * depth_m**2


@pytest.mark.parametrize('depth_m', [0.5, 2.0, 5.0])
def test_tof_error_grows_in_proportion_to_the_depth(depth_m: float) -> None:
    error = add_noise(wall(depth_m), 'tof', 1) - depth_m
    assert np.nanstd(error) == pytest.approx(0.001 + 0.002 * depth_m, rel=0.05)


def test_stereo_depth_comes_in_steps_and_tof_depth_in_millimetres() -> None:
    disparity = 351.3 / add_noise(wall(2.0), 'stereo', 1)
    np.testing.assert_allclose(disparity, np.rint(disparity), atol=1e-3, equal_nan=True)
    millimetres = 1000 * add_noise(wall(2.0), 'tof', 1)
    np.testing.assert_allclose(millimetres, np.rint(millimetres), atol=1e-3, equal_nan=True)


def test_stereo_loses_the_far_side_in_the_shadow_right_of_a_near_thing() -> None:
    holes = np.isnan(add_noise(step(), 'stereo', 1)).mean(0)
    width = 0.0686 * 300 * (1 / 1.0 - 1 / 3.0)
    shadow = slice(200, 200 + int(width))
    assert holes[shadow].min() == 1
    assert holes[200 + int(width) + 2 :].max() < 0.05
    assert holes[:198].max() < 0.05


def test_stereo_mixes_depths_beside_an_edge_only() -> None:
    noisy = add_noise(step(), 'stereo', 1)
    between = (noisy > 1.1) & (noisy < 2.8)
    assert between[:, 98:102].mean() > 0.1
    assert not between[:, :95].any()
    assert not between[:, 105:195].any()


def test_tof_pixels_fly_between_the_two_sides_of_an_edge_only() -> None:
    noisy = add_noise(step(), 'tof', 1)
    flying = (noisy > 1.05) & (noisy < 2.95)
    assert 0.3 < flying[:, [99, 100, 199, 200]].mean() < 0.6
    assert not flying[:, 105:195].any()
    assert np.isnan(noisy[:, [99, 100, 199, 200]]).mean() == pytest.approx(1 / 6, abs=0.05)


def test_a_plane_seen_at_a_grazing_angle_has_no_edges() -> None:
    rows = np.arange(200, dtype=np.float32)[:, None]
    floor = np.broadcast_to(60.0 / (rows + 5), (200, 300)).astype(np.float32)
    assert np.abs(np.diff(floor, axis=0)).max() > 1
    assert not depth_edges(floor).any()


def test_smeared_edges_are_ramps_and_flat_walls_ripple() -> None:
    noisy = add_noise(step(), 'smeared', 1)
    ramp = (noisy > 1.1) & (noisy < 2.8)
    assert ramp[:, 97:103].mean() > 0.8
    assert not ramp[:, 106:194].any()
    wave = np.nanmedian(add_noise(wall(2.0), 'smeared', 1).reshape(-1, 5, 300), axis=1)
    ripple = (np.nanpercentile(wave, 98) - np.nanpercentile(wave, 2)) / 2.0
    assert 0.01 < ripple < 0.05


@pytest.mark.parametrize('model', ['stereo', 'tof'])
def test_what_is_out_of_range_is_unknown(model: str) -> None:
    nearest, farthest = RANGES_M[model]
    assert np.isnan(add_noise(wall(nearest - 0.1), model, 0)).all()
    assert np.isnan(add_noise(wall(farthest + 1.0), model, 0)).all()
    assert np.isfinite(add_noise(wall(nearest + 0.1), model, 0)).mean() > 0.99
    assert np.isfinite(add_noise(wall(farthest - 1.0), model, 0)).mean() > 0.99


@pytest.mark.parametrize('model', NOISE_MODELS)
def test_noise_depends_on_its_arguments_alone_and_changes_none(model: str) -> None:
    clean = step()
    clean[0, 0] = np.nan
    before = clean.tobytes()
    once, again = add_noise(clean, model, 3), add_noise(clean, model, 3)
    assert once.tobytes() == again.tobytes()
    assert clean.tobytes() == before
    assert np.isnan(once[0, 0])
    assert (once.tobytes() == add_noise(clean, model, 4).tobytes()) == (model == 'none')


def test_an_unknown_model_is_refused_by_name() -> None:
    with pytest.raises(ConfigError, match=r"'lidar'.*none, stereo, tof"):
        add_noise(wall(1.0), 'lidar', 0)


@pytest.mark.parametrize('model', NOISE_MODELS)
def test_a_picture_without_depth_stays_without(model: str) -> None:
    for shape in ((1, 1), (2, 3), (40, 40)):
        assert np.isnan(add_noise(np.full(shape, np.nan, np.float32), model, 0)).all()
