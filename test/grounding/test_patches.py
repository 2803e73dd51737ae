# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Patches of a colour: how large, and of nothing that is told already."""

import numpy as np

from ssr_ros.grounding.patches import patches

RED, GREEN, GRAY = (210, 20, 20), (20, 170, 30), (120, 120, 120)


def found(boxes, colors=('red',), taken=None):
    rgb = np.full((100, 100, 3), GRAY, np.uint8)
    for (x0, y0, x1, y1), color in boxes:
        rgb[y0:y1, x0:x1] = color
    mask = np.zeros((100, 100), np.bool_)
    if taken is not None:
        mask[taken] = True
    told = list(patches(rgb, colors, mask))
    assert all(pixels[y0:y1, x0:x1].sum() == pixels.sum() for (x0, y0, x1, y1), pixels in told)
    return sorted(box for box, _ in told)


def test_each_patch_of_one_of_the_colours_is_told():
    boxes = [((10, 10, 16, 14), RED), ((50, 60, 70, 70), RED), ((30, 30, 40, 40), GREEN)]
    assert found(boxes) == [(10, 10, 16, 14), (50, 60, 70, 70)]
    assert len(found(boxes, ('red', 'green'))) == 3 and not found(boxes, ('blue',))


def test_a_speck_and_half_of_the_picture_are_none():
    assert found([((10, 10, 14, 13), RED)]) and not found([((10, 10, 21, 11), RED)])
    assert found([((0, 0, 50, 30), RED)]) and not found([((0, 0, 50, 31), RED)])


def test_what_is_of_something_else_is_no_part_of_it():
    assert found([((10, 10, 30, 20), RED)], taken=np.s_[10:20, 20:30]) == [(10, 10, 20, 20)]
