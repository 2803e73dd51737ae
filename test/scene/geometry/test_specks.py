# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What is left of a region without the specks beside it."""

import numpy as np
import pytest

from ssr_ros.scene.geometry.grid import without_specks


def mask_of(*rows):
    return np.array([[cell == '#' for cell in row] for row in rows])


@pytest.mark.parametrize(
    ('mask', 'left'),
    [
        (  # two readings that touch at a corner are one speck
            ('###....', '###..#.', '###...#'),
            ('###....', '###....', '###....'),
        ),
        (('###.##', '###.##'), ('###.##', '###.##')),  # a piece of as many as are asked for stays
        (('#', '.', '#', '.', '#'), ('#', '.', '#', '.', '#')),  # of specks alone nothing is lost
        (('##', '##'), ('##', '##')),
        (('..', '..'), ('..', '..')),
    ],
)
def test_pieces_of_fewer_pixels_go_unless_there_are_no_others(mask, left):
    np.testing.assert_array_equal(without_specks(mask_of(*mask), 4), mask_of(*left))
