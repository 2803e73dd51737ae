# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What is compiled computes what its twin of array operations does, bit for bit."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest
from rendered import Ball, Box, render

from ssr_ros.scene.geometry import connected, grid, nearest, patches, ramps
from ssr_ros.scene.geometry.noise import NoiseModel
from ssr_ros.scene.geometry.passes import passes
from ssr_ros.scene.geometry.surveying import survey

SHAPES = [(1, 1), (1, 30), (30, 1), (3, 5), (9, 9), (40, 57)]
USED_BY = (ramps, patches, connected, grid, nearest)
TWINS = ((ramps, 'plain_jumps'), (patches, 'plain_grow'), (patches, 'plain_areas'))
TWINS += ((connected, 'plain_connected'), (grid, 'plain_pool'), (nearest, 'plain_nearer'))


@pytest.fixture
def quick():
    """The compiled passes."""
    if passes() is None:
        pytest.skip('no C++ compiler')
    return passes()


def depth_of(random, shape):
    """Two surfaces with noise, holes, and readings between the two."""
    depth_m = 1 + 0.4 * (random.random(shape) < 0.3) + random.normal(0, 0.01, shape)
    depth_m[:, shape[1] // 2 :] += np.linspace(0, 1.5, shape[1] - shape[1] // 2)
    return np.where(random.random(shape) < 0.2, np.nan, depth_m).astype(np.float32)


def links_of(random, shape, share):
    """Cells, and which are linked with the next one and the one below."""
    height, width = shape
    shapes = shape, (height, width - 1), (height - 1, width)
    return [random.random(each) < share for each in shapes]


@pytest.mark.parametrize('noise', ['none', 'stereo', 'tof'])
@pytest.mark.parametrize('shape', SHAPES)
def test_jumps_are_the_same(quick, shape, noise):
    random = np.random.default_rng(1)
    found = 0
    for least in (0.005, 0.1, 0.8):
        given = depth_of(random, shape), least, 1.35, NoiseModel.named(noise)
        (pixels, windows), (plain, plain_windows) = quick.jumps(*given), ramps.plain_jumps(*given)
        np.testing.assert_array_equal(pixels, plain)
        np.testing.assert_array_equal(windows, plain_windows)
        found += len(pixels)
    assert found or min(shape) < 9


def test_jumps_of_a_part_of_an_image_are_those_of_its_copy(quick):
    """Compiled code is told where an image begins, not how far apart its rows are."""
    depth_m = depth_of(np.random.default_rng(2), (40, 80))[::2, 10:60]
    given = 0.1, 1.35, NoiseModel.named('none')
    pixels, plain = quick.jumps(depth_m, *given)[0], quick.jumps(depth_m.copy(), *given)[0]
    assert pixels.tolist() == plain.tolist() != []


@pytest.mark.parametrize('noise', ['none', 'stereo', 'tof'])
@pytest.mark.parametrize('shape', SHAPES)
def test_cells_are_averaged_the_same(quick, shape, noise):
    depth_m = depth_of(np.random.default_rng(6), shape)
    for stride, share in ((2, 1.012), (3, 1.012), (4, 1.012), (4, 1.0)):
        given = depth_m, stride, share, NoiseModel.named(noise)
        cells = quick.pool(*given)
        np.testing.assert_array_equal(cells, grid.plain_pool(*given))
        assert cells.shape == (-(-shape[0] // stride), -(-shape[1] // stride))


@pytest.mark.parametrize('share', [0.02, 0.3, 0.9])
@pytest.mark.parametrize('shape', SHAPES)
def test_the_nearest_steady_reading_is_the_same(quick, shape, share):
    """Of several that are as near, too, from either side."""
    random = np.random.default_rng(7)
    steady = random.random(shape) < share
    steady.ravel()[0] = True
    others = np.flatnonzero(~steady)[::2]
    depth_m = random.random(shape).astype(np.float32)
    away_px, place = quick.nearest_steady(steady, ~steady, others)
    plain_px, plain_m = nearest.nearest_steady(depth_m, steady, others)
    np.testing.assert_array_equal(away_px, plain_px)
    np.testing.assert_array_equal(depth_m.take(place), plain_m)
    given = depth_m, steady, others
    np.testing.assert_array_equal(nearest.nearer_steady(*given), nearest.plain_nearer(*given))


def test_only_what_is_around_is_looked_at_and_all_where_that_is_too_little(quick, monkeypatch):
    looked, usual, call = [], nearest.plain_nearer, type(quick).nearest_steady

    def counted(self, steady, sought, pixels):
        looked.append(sought.sum())
        return call(self, steady, sought, pixels)

    def everywhere(*given):
        looked.append('everywhere')
        return usual(*given)

    monkeypatch.setattr(type(quick), 'nearest_steady', counted)
    monkeypatch.setattr(nearest, 'plain_nearer', everywhere)
    for hole, expected in ((5, [25, 25]), (2 * nearest.NEAR_PX + 3, None)):
        looked.clear()
        steady, middle = np.ones((60, 80), np.bool_), slice(10, 10 + hole)
        steady[middle, middle] = False
        depth_m = np.where(steady, np.float32(2), np.float32(1))
        steady[50:, 60:] = False  # far away from what is asked for
        others = np.flatnonzero(depth_m == 1)
        assert (nearest.nearer_steady(depth_m, steady, others) == 2).all()
        assert looked == (expected or [hole * hole, 'everywhere'])


@pytest.mark.parametrize('share', [0.3, 0.6, 0.9, 1.0])
@pytest.mark.parametrize('shape', SHAPES)
def test_connected_parts_are_the_same_with_the_same_numbers(quick, shape, share):
    random = np.random.default_rng(3)
    for _ in range(5):
        given = links_of(random, shape, share)
        (count, parts), (plain_count, plain) = (
            seek(*given) for seek in (quick.connected, connected.plain_connected)
        )
        assert count == plain_count and parts.dtype == plain.dtype
        np.testing.assert_array_equal(parts, plain)


@pytest.mark.parametrize('compiled', [True, False])
def test_parts_are_numbered_row_after_row_and_end_where_no_link_is(monkeypatch, compiled):
    if not compiled:
        monkeypatch.setattr(connected, 'passes', lambda: None)
    cells = np.array([[1, 0, 1, 1], [1, 1, 1, 0], [0, 1, 0, 1]], np.bool_)
    right, below = np.ones((3, 3), np.bool_), np.ones((2, 4), np.bool_)
    right[0, 2] = below[1, 1] = False
    count, parts = connected.connected(cells, (right, below))
    assert count == 5
    assert parts.tolist() == [[1, 0, 1, 2], [1, 1, 1, 0], [0, 3, 0, 4]]


@pytest.mark.parametrize('shape', SHAPES)
def test_labels_grow_the_same_way(quick, shape):
    random = np.random.default_rng(4)
    for rounds, digits in ((0, 9), (1, 9), (8, 9), (8, 1)):  # with one digit two are as near
        depth_m = patches.framed(depth_of(random, shape).round(digits))
        sigma_m = np.full(depth_m.shape, 0.002, np.float32)
        seeds = random.integers(1, 9, shape) * (random.random(shape) < 0.1)
        labels = patches.framed(seeds.astype(np.int32))
        free = np.zeros(depth_m.shape, np.bool_)
        free[1:-1, 1:-1] = (labels == 0)[1:-1, 1:-1] & np.isfinite(depth_m[1:-1, 1:-1])
        given = depth_m, sigma_m, np.flatnonzero(free), 0.02, rounds
        grown, plain = labels.copy(), labels.copy()
        quick.grow(grown, *given)
        patches.plain_grow(plain, *given)
        np.testing.assert_array_equal(grown, plain)
        assert (grown != labels).any() == bool(rounds) or min(shape) < 9


def test_areas_are_the_same(quick):
    labels = np.random.default_rng(5).integers(0, 6, (30, 40)).astype(np.int32)
    labels.sort(axis=1)
    for part in (labels, labels[::3, 5:9], labels[:0], labels[:1, :1]):
        areas = quick.areas(part, 8)
        assert areas.tolist() == patches.plain_areas(part, 8).tolist()
        assert areas.sum() == part.size


@pytest.mark.parametrize('label', [-1, 3])
def test_a_label_that_has_no_place_is_counted_nowhere(quick, label):
    with pytest.raises(AssertionError):
        quick.areas(np.array([[0, label, 1]], np.int32), 3)


def test_a_scene_is_measured_the_same_without_a_compiler(quick, monkeypatch):
    things = Box('red', (-0.25, 1.0), (0.12, 0.1, 0.2)), Ball('yellow', (0.1, 1.4), 0.1)
    frame = render(things, size=(320, 240), noise=0.002).frame
    found = survey(frame)
    for room in USED_BY:
        monkeypatch.setattr(room, 'passes', lambda: None)
    plain = survey(frame)
    assert len(found.objects) == len(plain.objects) >= 2
    for one, other in zip(found.objects, plain.objects, strict=True):
        for each in fields(one):
            np.testing.assert_equal(getattr(one, each.name), getattr(other, each.name))


def test_with_a_compiler_no_twin_is_called(quick, monkeypatch):
    frame = render([Box('red', (0, 1.0), (0.1, 0.1, 0.2))], size=(320, 240), noise=0.002).frame
    for room, name in TWINS:
        monkeypatch.setattr(room, name, None)
    assert survey(frame).objects
