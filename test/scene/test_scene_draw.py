# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The annotated picture."""

from __future__ import annotations

import numpy as np
import pytest

from ssr_ros.scene.draw import annotate


def test_the_picture_is_a_copy_with_something_drawn_on_every_object(rendered, facts):
    before = rendered.frame.rgb.copy()
    picture = annotate(rendered.frame, facts)
    assert picture.shape == before.shape and picture.dtype == np.uint8
    assert (rendered.frame.rgb == before).all()
    for thing in facts.objects:
        assert (picture[thing.mask] != before[thing.mask]).any()
        x0, y0, x1, _ = thing.box_px
        assert (picture[y0, x0:x1] != before[y0, x0:x1]).any(axis=1).mean() > 0.9


def test_planes_are_tinted(rendered, facts):
    picture = annotate(rendered.frame, facts)
    for plane in facts.planes:
        assert (picture[plane.mask] != rendered.frame.rgb[plane.mask]).any(axis=1).mean() > 0.9


def test_the_same_facts_draw_the_same_picture(rendered, facts):
    assert (annotate(rendered.frame, facts) == annotate(rendered.frame, facts)).all()


@pytest.mark.parametrize('size', [(16, 12), (64, 48)])
def test_small_images_are_drawn_too(size):
    from rendered import Box, render

    from ssr_ros.scene import measure

    frame = render([Box('red', (0, 1.2), (0.4, 0.4, 0.4))], size=size).frame
    assert annotate(frame, measure(frame)).shape == (size[1], size[0], 3)
