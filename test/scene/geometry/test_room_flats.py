# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What lies flat on a plane: depth, colours and labels made by hand, and a frame of them."""

import cv2
import numpy as np
import pytest

from ssr_ros.rgbd import CameraIntrinsics, RgbdFrame
from ssr_ros.scene import measure
from ssr_ros.scene.geometry.flats import add_flats
from ssr_ros.scene.geometry.grid import make_grid
from ssr_ros.scene.geometry.noise import NoiseModel
from ssr_ros.scene.geometry.planes import PlaneFit

CAMERA = CameraIntrinsics(240, 240, 79.5, 59.5)
WOOD, RED, TAN = (60.0, 10.0, 20.0), (45.0, 60.0, 30.0), (60.0, 20.0, 30.0)
BOOK = np.s_[40:64, 60:96]


def told(
    book=BOOK,
    raised=0.006,
    color=RED,
    role='support',
    waves=0.0,
    stiff=False,
    far=1.0,
    beside=None,
):
    """Things on a table 1 m below, seen from above, and where the book is.

    Args:
        book: where it lies.
        raised: how much nearer it is, or its columns are, as a share of depth.
        color: of the book; the table is of wood.
        role: of the table.
        waves: how far the table is bent, as a share of depth.
        stiff: whether the book is not bent with it.
        far: how far the table is.
        beside: colour of a thing that is known, at the book's right side.
    """
    column = np.arange(160, dtype=np.float32)
    depth_m = np.tile(1 + waves * np.sin(column / 6), (120, 1)).astype(np.float32)
    depth_m[book] = (1 if stiff else depth_m[book]) * (1 - raised)
    lab = np.full((120, 160, 3), WOOD, np.float32)
    lab[book] = color
    labels, things = np.ones((120, 160), np.int32), np.zeros((120, 160), np.int32)
    if beside is not None:
        labels[40:64, 96:120], things[40:64, 96:120], lab[40:64, 96:120] = 2, 1, beside
    grid = make_grid(far * depth_m, CAMERA, NoiseModel.named('none'))
    plane = PlaneFit(np.array([0, 0, 1 / far]), labels == 1, 0.001)
    count = 1 if beside is None else 2
    number, found = add_flats(grid, lab, labels, things, count, [(plane, role)], 50)
    assert number == found.max() + 1
    return found


def test_a_book_of_another_colour_that_is_nearer_than_the_table_around_it_lies_on_it():
    found = told()
    assert (found[BOOK] == 1).mean() > 0.95 and np.count_nonzero(found) <= found[BOOK].size


@pytest.mark.parametrize(
    ('nothing', 'why'),
    [
        ({'raised': 0.0}, 'it is print'),
        ({'raised': -0.006}, 'it is a hole'),
        ({'color': TAN}, 'it is wood'),
        ({'book': np.s_[0:24, 60:96]}, 'the image cuts it off'),
        ({'book': np.s_[4:116, 30:130]}, 'it may as well be the table'),
        ({'book': np.s_[40:44, 60:66]}, 'it is a speck'),
        ({'waves': 0.02}, 'the table is bent by more'),
        ({'waves': 0.012, 'stiff': True}, 'the table is bent by as much around it'),
        ({'raised': np.where(np.arange(36) < 20, 0.02, -0.003)}, 'half of it is lower'),
        ({'role': 'wall'}, 'it is paper on a wall'),
        ({'role': 'surface', 'far': 2.0}, 'it may be a wall'),
    ],
)
def test_what_is_no_book(nothing, why):
    assert not told(**nothing).any(), why


def test_on_the_bottom_of_a_bin_things_lie_where_nothing_tells_where_down_is():
    assert told(role='surface').any()


@pytest.mark.parametrize(('color', 'thing'), [(RED, 1), (WOOD, 2)])
def test_what_ends_at_a_thing_of_its_colour_is_of_that(color, thing):
    """The bottom of a bowl lies on the table; a book beside a box does not."""
    found = told(beside=color)
    assert (found[BOOK] == thing).mean() > 0.95
    assert (found[40:64, 96:120] == 1).all()


def test_a_book_whose_edges_are_smeared_away_is_measured():
    """It is 9 mm high on a table a metre away, and of no edge in depth."""
    rows = (np.arange(480, dtype=np.float32)[:, None] - 239.5) / 500
    table_m = np.tile(0.75 / (0.6 * rows + 0.8), (1, 640))
    book = np.zeros((480, 640), np.float32)
    book[200:300, 240:400] = 1
    depth_m = table_m * (1 - 0.012 * cv2.GaussianBlur(book, (0, 0), 10))
    rgb = np.full((480, 640, 3), (150, 120, 90), np.uint8)
    rgb[book > 0] = (190, 40, 40)
    frame = RgbdFrame(rgb, depth_m, CameraIntrinsics(500, 500, 319.5, 239.5))
    facts = measure(frame)
    (thing,) = facts.objects
    assert thing.color == 'red'
    assert thing.box_px == pytest.approx((240, 200, 400, 300), abs=6)
    assert not any((plane.mask & thing.mask).any() for plane in facts.planes)
