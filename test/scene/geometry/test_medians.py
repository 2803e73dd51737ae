# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Medians and quantiles by way of a sort."""

from __future__ import annotations

import numpy as np
import pytest

from ssr_ros.scene.geometry.medians import median_of, middle_of, quantile_of


@pytest.mark.parametrize(
    ('values', 'median'), [([7], 7), ([3, 1], 2), ([9, 1, 4], 4), ([8, 1, 5, 2], 3.5)]
)
def test_the_median_is_the_middle_or_the_mean_of_the_two(values, median):
    assert median_of(np.array(values, np.float32)) == median
    assert middle_of(np.sort(np.array(values, np.float32))) == median


@pytest.mark.parametrize(('share', 'value'), [(0, 10), (0.25, 20), (0.5, 30), (0.9, 46), (1, 50)])
def test_a_quantile_lies_on_the_line_between_its_neighbours(share, value):
    ordered = np.array([10, 20, 30, 40, 50], np.float32)
    assert quantile_of(ordered, share) == pytest.approx(value)
    assert quantile_of(ordered[:1], share) == 10
