# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What borders of labels are worth, and regions that are refused."""

from __future__ import annotations

import numpy as np
import pytest
from room_frames import CAMERA, gray

from ssr_ros.errors import FrameError
from ssr_ros.scene.geometry.borders import Borders, BorderWalk, joined
from ssr_ros.scene.geometry.grid import make_grid
from ssr_ros.scene.geometry.noise import NoiseModel
from ssr_ros.scene.geometry.patches import areas_of
from ssr_ros.scene.geometry.region import measure_at


def halves(right_m, valley_deg=0.0, unknown=0):
    """Two labels side by side on 20 rows, the left one 2 m away, lighter and more red."""
    depth_m = np.full((20, 40), 2.0, np.float32)
    depth_m[:, 20:] = right_m
    labels = np.ones((20, 40), np.int32)
    labels[:, 20:] = 2
    depth_m[:, 20 : 20 + unknown], labels[:, 20 : 20 + unknown] = np.nan, 0
    lab = np.zeros((20, 40, 3), np.float32)
    lab[:, :20] = (50, 20, 10)
    angles = np.full((20, 40), np.radians(valley_deg), np.float32)
    grid = make_grid(depth_m, CAMERA, NoiseModel.named('none'))
    return BorderWalk.of(grid, angles, lab).borders(labels)


def test_a_step_of_colour_on_a_flat_surface_has_no_votes_and_lightness_counts_less():
    flat = halves(2.0)
    assert flat.one.tolist() == [2] * 20 and flat.other.tolist() == [1] * 20
    assert flat.votes.tolist() == [0] * 20 and flat.before.tolist() == [0] * 20
    assert flat.tint == pytest.approx(np.tile([-15.0, -20, -10], (20, 1)))


@pytest.mark.parametrize(('valley_deg', 'votes'), [(20, 0.5), (40, 1.0), (85, 2.0)])
def test_a_valley_has_a_vote_for_forty_degrees_and_two_at_most(valley_deg, votes):
    assert halves(2.0, valley_deg).votes == pytest.approx([votes] * 20)


@pytest.mark.parametrize(('right_m', 'before'), [(1.5, 1), (2.5, -1)])
def test_a_jump_has_three_votes_and_says_who_stands_before(right_m, before):
    jump = halves(right_m)
    assert jump.votes.tolist() == [3] * 20
    assert jump.before.tolist() == [before] * 20


def test_what_lies_on_both_sides_of_a_hole_meets_over_sixteen_cells_at_most():
    assert halves(2.0, unknown=5).votes == pytest.approx([0.6] * 20)
    assert halves(2.5, unknown=5).votes == pytest.approx([3] * 20)
    assert len(halves(2.0, unknown=15).votes) == 20
    assert len(halves(2.0, unknown=16).votes) == 0


def walked(depth_m, labels, lab):
    grid = make_grid(depth_m, CAMERA, NoiseModel.named('none'))
    return BorderWalk.of(grid, np.zeros(depth_m.shape, np.float32), lab).borders(labels)


def test_what_meets_across_the_rows_is_told_as_what_meets_along_them():
    rng = np.random.default_rng(0)
    depth_m = rng.uniform(1, 1.5, (20, 30)).astype(np.float32).repeat(2, axis=1)
    labels = rng.integers(0, 4, (20, 20), np.int32).repeat(3, axis=1)
    lab = rng.uniform(0, 50, (20, 60, 3)).astype(np.float32)
    upright = walked(depth_m, labels, lab)
    lying = walked(
        *(np.ascontiguousarray(np.swapaxes(each, 0, 1)) for each in (depth_m, labels, lab))
    )
    place = np.arange(1200).reshape(60, 20).T.ravel()  # of every cell in the image that lies

    def told(borders, cells):
        pairs = zip(borders.one_cell, borders.other_cell, strict=True)
        facts = np.column_stack([borders.one, borders.other, borders.votes, borders.before])
        facts = np.column_stack([facts, borders.tint]).round(3).tolist()
        return {
            (cells[one], cells[other]): fact
            for (one, other), fact in zip(pairs, facts, strict=True)
        }

    assert len(upright.one) > 500
    assert told(upright, place) == told(lying, np.arange(1200))


def test_colours_beside_a_border_are_of_its_own_row():
    labels = np.full((20, 40), 2, np.int32)
    labels[:, :4], labels[:, 39] = 1, 1
    lab = np.zeros((20, 40, 3), np.float32)
    lab[:, :4, 1], lab[:, 37:, 1] = 60, 30
    borders = walked(np.full((20, 40), 2.0, np.float32), labels, lab)
    at_end = borders.one_cell % 40 == 39
    assert np.count_nonzero(at_end) == 20
    assert borders.tint[at_end, 1] == pytest.approx([20.0] * 20)  # 30 there, 10 two cells before


def test_where_no_label_goes_over_to_another_nothing_is_copied():
    borders, labels = halves(2.0), np.ones((20, 40), np.int32)
    same = joined(labels, borders, np.arange(3, dtype=np.int32))
    assert same[0] is labels and same[1] is borders
    one, rest = joined(labels, borders, np.array([0, 1, 1], np.int32))
    assert one.max() == 1 and isinstance(rest, Borders) and len(rest.one) == 0


@pytest.mark.parametrize('shape', [(0, 5), (1, 1), (20, 30)])
def test_cells_are_counted_label_by_label(shape):
    labels = np.random.default_rng(0).integers(0, 4, shape, np.int32)
    assert areas_of(labels, 6).tolist() == [np.count_nonzero(labels == n) for n in range(6)]


def test_a_region_outside_is_refused_with_the_size_of_the_image():
    frame = gray(np.full((240, 320), 2.0))
    for region in ((400, 10, 420, 30), (400, 10)):
        with pytest.raises(FrameError, match='outside the 320x240 image'):
            measure_at(frame, region)
    with pytest.raises(FrameError, match='the mask is 30x20 and the image is 320x240'):
        measure_at(frame, np.ones((20, 30), np.bool_))
