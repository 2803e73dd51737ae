# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Named regions say what they are, or are refused."""

from __future__ import annotations

import math

import numpy as np
import pytest

from ssr_ros.errors import GroundingError
from ssr_ros.grounding import Grounded


def test_a_region_is_a_name_a_place_a_score_and_a_source():
    region = Grounded('mustard bottle', (192, 129, 283, 272), 0.9, 'detections')
    assert region.found
    assert region.region == (192.0, 129.0, 283.0, 272.0)


def test_boxes_may_come_as_arrays_and_lists():
    assert Grounded('mug', np.array([1, 2, 3, 4])).box_px == (1.0, 2.0, 3.0, 4.0)
    assert Grounded('mug', [1, 2, 3, 4]).box_px == (1.0, 2.0, 3.0, 4.0)


def test_a_name_without_a_region_was_looked_for_in_vain():
    assert not Grounded('fork', source='vlm').found


@pytest.mark.parametrize(
    'wrong',
    [
        {'phrase': ''},
        {'phrase': ' \n'},
        {'phrase': 'mug\x00'},
        {'phrase': 'm' * 121},
        {'phrase': None},
        {'box_px': (3, 2, 1, 4)},
        {'box_px': (1, 2, 1, 4)},
        {'box_px': (1, 2, 3)},
        {'box_px': (1, 2, 3, math.nan)},
        {'box_px': (1, 2, 3, math.inf)},
        {'box_px': (1, 2, 3, 10**400)},
        {'box_px': 'abcd'},
        {'box_px': 7},
        {'score': 1.1},
        {'score': -0.1},
        {'score': math.inf},
        {'point_px': (1, 2, 3)},
        {'mask': np.zeros((4, 4), bool)},
        {'mask': np.ones(4, bool)},
        {'box_px': (1, 2, 3, 4), 'point_px': (1, 2)},
    ],
)
def test_what_is_no_named_region_is_refused(wrong):
    with pytest.raises(GroundingError):
        Grounded(**{'phrase': 'mug', **wrong})


@pytest.mark.parametrize(
    ('region', 'inside'),
    [
        ({'box_px': (-5, -5, 10, 10)}, True),
        ({'box_px': (640, 0, 700, 10)}, False),
        ({'box_px': (639.6, 0, 700, 10)}, False),
        ({'box_px': (10.1, 0, 10.4, 10)}, False),
        ({'box_px': (0, 490, 10, 500)}, False),
        ({'point_px': (639, 479)}, True),
        ({'point_px': (640, 10)}, False),
        ({'mask': np.ones((480, 640), bool)}, True),
        ({'mask': np.ones((240, 320), bool)}, False),
    ],
)
def test_a_region_of_another_image_size_is_refused_by_name(region, inside):
    grounded = Grounded('mug', source='yolo', **region)
    if inside:
        grounded.check_inside(640, 480)
    else:
        with pytest.raises(GroundingError, match=r"'mug' from yolo.*640x480"):
            grounded.check_inside(640, 480)
