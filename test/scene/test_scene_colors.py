# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Colour names as people use them, on swatches, shaded things and real photographs."""

from __future__ import annotations

import numpy as np
import pytest

from ssr_ros.scene.geometry.colors import (
    COLOR_NAMES,
    exposure_gain,
    name_colors,
    name_region,
    name_regions,
)

SWATCHES = {
    'red': [(255, 0, 0), (200, 30, 30), (139, 0, 0), (220, 20, 60), (150, 25, 25)],
    'orange': [(255, 165, 0), (255, 140, 0), (230, 120, 30), (240, 100, 20)],
    'brown': [(139, 69, 19), (101, 67, 33), (120, 80, 50), (92, 64, 51), (150, 111, 80)],
    'yellow': [(255, 255, 0), (255, 215, 0), (240, 230, 60), (200, 180, 30)],
    'green': [(0, 128, 0), (0, 255, 0), (34, 139, 34), (107, 142, 35), (0, 128, 128)],
    'blue': [(0, 0, 255), (0, 0, 128), (30, 144, 255), (70, 130, 180), (20, 30, 70)],
    'purple': [(128, 0, 128), (75, 0, 130), (148, 0, 211), (138, 43, 226)],
    'pink': [(255, 192, 203), (255, 105, 180), (255, 20, 147), (240, 150, 180)],
    'gray': [(128, 128, 128), (100, 100, 100), (170, 170, 170), (90, 95, 100)],
    'white': [(255, 255, 255), (240, 240, 240), (245, 245, 220), (220, 222, 225)],
    'black': [(0, 0, 0), (20, 20, 20), (30, 30, 30), (35, 32, 30)],
}


@pytest.mark.parametrize('name', sorted(SWATCHES))
def test_swatches_get_the_name_people_give_them(name):
    found = name_colors(np.array(SWATCHES[name], np.uint8))
    assert [COLOR_NAMES[index] for index in found] == [name] * len(SWATCHES[name])


def test_a_shaded_side_does_not_change_the_name():
    shade = np.linspace(0.35, 1, 400)[:, None]
    for name, rgb in (
        ('orange', (245, 140, 20)),
        ('white', (240, 240, 238)),
        ('red', (210, 30, 30)),
    ):
        assert name_region((shade * rgb).astype(np.uint8))[0] == name


@pytest.mark.parametrize(('lit', 'name'), [(24, 'yellow'), (10, 'brown')])
def test_a_yellow_box_with_a_side_in_shade_is_yellow_and_wood_with_a_bright_spot_is_not(lit, name):
    """A cereal box, a quarter of it lit, with brown print, was called brown."""
    parts = {(240, 205, 30): lit, (115, 98, 30): 20, (120, 80, 50): 14, (90, 140, 90): 12}
    pixels = np.array([rgb for rgb, count in parts.items() for _ in range(count)], np.uint8)
    assert name_region(pixels)[0] == name


def test_a_highlight_does_not_make_a_thing_white():
    pixels = np.array([[30, 60, 190]] * 60 + [[250, 250, 250]] * 40, np.uint8)
    name, share, _ = name_region(pixels)
    assert name == 'blue'
    assert share == pytest.approx(0.6, abs=0.05)


@pytest.mark.parametrize(
    ('frame', 'box', 'name'),
    [
        ('tabletop/cheezit', (430, 110, 500, 300), 'red'),
        ('tabletop/blue_mug', (285, 220, 360, 310), 'blue'),
        ('shelf_bin/0', (160, 290, 240, 345), 'green'),
        ('shelf_bin/0', (285, 160, 310, 270), 'white'),
        ('living_room/0', (300, 400, 450, 460), 'brown'),
        ('living_room/0', (370, 130, 470, 160), 'white'),
    ],
)
def test_colours_on_real_photographs(real_frame, frame, box, name):
    rgb = real_frame(frame).rgb
    region = rgb[box[1] : box[3], box[0] : box[2]].reshape(-1, 3)
    found = name_region(region, exposure_gain(rgb))[0]
    assert found == name or (name == 'brown' and found in ('brown', 'orange'))


def test_regions_that_are_named_at_once_keep_their_own_colours():
    red = np.full((7, 3), (200, 20, 20), np.uint8)
    half = np.repeat(np.array([(20, 40, 200), (230, 220, 30)], np.uint8), (1800, 1200), axis=0)
    white = np.full((1, 3), 250, np.uint8)
    assert name_regions([red, half, white]) == [
        ('red', 1.0, ''),
        ('blue', pytest.approx(0.6), 'yellow'),
        ('white', 1.0, ''),
    ]
    assert name_regions([]) == []
