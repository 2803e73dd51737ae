# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Which borders run beside what stands before both sides, and who is hidden by one thing."""

import numpy as np
import pytest

from ssr_ros.scene.geometry.borders import Borders, JUMP_VOTES
from ssr_ros.scene.geometry.shade import Shade

LEFT, RIGHT, FRONT = 1, 2, 3
LABELS = np.zeros((20, 20), np.int32)
LABELS[:10, :10], LABELS[:10, 10:], LABELS[10:] = LEFT, RIGHT, FRONT


def shade_of(pairs, planes=0):
    """Borders between (row, column) cells: (one cell, other cell, whether depth jumps there)."""
    one, other = ([np.ravel_multi_index(pair[i], LABELS.shape) for pair in pairs] for i in (0, 1))
    label = LABELS.ravel()
    jumps = np.array([pair[2] for pair in pairs])
    borders = Borders(
        one=label[one].astype(np.int64),
        other=label[other].astype(np.int64),
        votes=np.where(jumps, JUMP_VOTES, 0).astype(np.float32),
        before=jumps.astype(np.int8),
        tint=np.zeros((len(pairs), 3), np.float32),
        one_cell=np.array(one),
        other_cell=np.array(other),
    )
    return Shade.of(LABELS, borders, 4, planes)


JUMP = ((10, 9), (9, 9), True)
"""The front thing stands before the left one there."""


@pytest.mark.parametrize(
    ('border', 'is_shaded'),
    [
        (((9, 9), (9, 10), False), True),
        (((0, 9), (0, 10), False), False),
        (((10, 8), (9, 8), False), False),
    ],
    ids=['beside the outline', 'far from it', 'of what stands before: its own'],
)
def test_a_border_beside_the_outline_of_what_stands_before_both_tells_nothing(border, is_shaded):
    assert shade_of([JUMP, border]).shaded.tolist() == [False, is_shaded]


def test_a_plane_hides_nothing():
    assert not shade_of([JUMP, ((9, 9), (9, 10), False)], planes=FRONT).shaded.any()


@pytest.mark.parametrize(('meets', 'is_one'), [(9, False), (10, True)])
def test_what_hides_a_tenth_of_the_outlines_of_both_hides_more_of_one(meets, is_one):
    behind = np.array([LEFT] * meets + [RIGHT] * 50)
    sides = np.array([0, 100, 100, 100])
    shade = Shade(np.zeros(0, np.bool_), behind, np.full(len(behind), FRONT), sides)
    assert shade.of_one(np.array([LEFT]), np.array([RIGHT])).tolist() == [is_one]


def test_what_is_hidden_by_two_things_is_not_one():
    behind, front = np.array([LEFT] * 50 + [RIGHT] * 50), np.array([FRONT] * 50 + [4] * 50)
    shade = Shade(np.zeros(0, np.bool_), behind, front, np.full(5, 100))
    assert shade.of_one(np.array([LEFT]), np.array([RIGHT])).tolist() == [False]
