# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What a sensor has lifted of a table beside a thing: depth, colours and labels made by hand."""

import numpy as np
import pytest

from ssr_ros.rgbd import CameraIntrinsics, RgbdFrame
from ssr_ros.scene import measure
from ssr_ros.scene.geometry.grid import make_grid
from ssr_ros.scene.geometry.noise import NoiseModel
from ssr_ros.scene.geometry.planes import PlaneFit
from ssr_ros.scene.geometry.rims import without_rims

CAMERA = CameraIntrinsics(240, 240, 79.5, 59.5)
WOOD, RED = (60.0, 10.0, 20.0), (45.0, 60.0, 30.0)
THING, RIM = np.s_[40:64, 60:84], np.s_[40:64, 84:96]


def left_of_rim(rim=RIM, raised=0.01, color=WOOD, thing=RED, behind=None, shade=None):
    """Share of a rim that is still of its thing, on a table 1 m below, seen from above.

    Args:
        rim: where it is.
        raised: how much nearer than the table it is, as a share of depth.
        color: of the rim; the table is of wood.
        thing: its colour; it is 10 cm high.
        behind: where the thing's own colour is seen once more, in the rim.
        shade: colour of a quarter of the table.
    """
    depth_m, lab = np.ones((120, 160), np.float32), np.full((120, 160, 3), WOOD, np.float32)
    if shade is not None:
        lab[:, 120:] = shade
    things = np.zeros((120, 160), np.int32)
    for place, nearer, tint in ((rim, raised, color), (THING, 0.1, thing)):
        depth_m[place], lab[place], things[place] = 1 - nearer, tint, 1
    if behind is not None:
        lab[behind] = thing
    labels = np.where(things > 0, 2, 1).astype(np.int32)
    grid = make_grid(depth_m, CAMERA, NoiseModel.named('none'))
    plane = PlaneFit(np.array([0, 0, 1.0]), labels == 1, 0.001)
    left = without_rims(grid, lab, labels, things, [plane], 50)
    assert (left[THING] == 1).all()
    assert not left[things == 0].any()
    return (left[rim] == 1).mean()


def test_what_is_low_beside_a_thing_and_of_the_colour_of_the_table_is_table():
    assert left_of_rim() == 0


def test_table_that_is_seen_in_two_lights_is_table():
    """A mean colour tells nothing of what has several."""
    dark = (20.0, 0.0, -20.0)
    assert left_of_rim(color=dark, shade=dark) == 0


def test_a_thread_of_the_thing_in_its_rim_goes_with_it():
    assert left_of_rim(behind=np.s_[50:52, 84:96]) == 0


@pytest.mark.parametrize(
    ('rim', 'why'),
    [
        ({'color': RED}, 'it is of the colour of the thing'),
        ({'raised': 0.05}, 'it is a step of the thing'),
        ({'thing': WOOD}, 'the thing is of the colour of the table'),
        ({'rim': np.s_[40:64, 84:86]}, 'the colours of both sides mix in a cell at any outline'),
    ],
)
def test_what_is_no_rim(rim, why):
    assert left_of_rim(**rim) == 1, why


def test_a_box_ends_where_its_table_begins_though_the_sensor_lifts_the_table_beside_it():
    """It was 30 px too wide: the table rises to it on one side. What is higher than 2 % stays."""
    rows = (np.arange(480, dtype=np.float32)[:, None] - 239.5) / 500
    depth_m = np.tile(0.75 / (0.6 * rows + 0.8), (1, 640))
    rgb = np.full((480, 640, 3), (150, 120, 90), np.uint8)
    depth_m[200:300, 240:400] *= 0.96
    rgb[200:300, 240:400] = (190, 40, 40)
    depth_m[200:300, 400:440] *= np.linspace(0.96, 0.999, 40, dtype=np.float32)
    (thing,) = measure(RgbdFrame(rgb, depth_m, CameraIntrinsics(500, 500, 319.5, 239.5))).objects
    assert thing.box_px[2] < 425
