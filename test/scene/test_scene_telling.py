# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What a model is told of a measurement, word for word, and the numbers on its image."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ssr_ros.rgbd import CameraIntrinsics, RgbdFrame
from ssr_ros.scene import Grounded, measure, SceneFacts
from ssr_ros.scene.telling import MOST_TOLD, told, with_numbers


@pytest.fixture(scope='module')
def facts() -> SceneFacts:
    """Before a wall at 2 m: a red face of 32 cm at 1.2 m, a green one of 20 cm at 1.5 m."""
    rgb = np.full((120, 160, 3), 120, np.uint8)
    depth_m = np.full((120, 160), 2.0, np.float32)
    for box, color, distance_m in (
        (np.s_[40:80, 10:50], (210, 25, 25), 1.2),
        (np.s_[40:60, 110:130], (25, 180, 25), 1.5),
    ):
        rgb[box], depth_m[box] = color, distance_m
    frame = RgbdFrame(rgb, depth_m, CameraIntrinsics(150.0, 150.0, 79.5, 59.5))
    return measure(frame, noise='none', gravity=(0.0, 1.0, 0.0))


GOLDEN = """\
Measured with the depth camera, nearest first (2 of 2 things):
1. mug (red), 1.22 m away, 18° to the left, 0.31 m wide, 0.31 m high
2. green object 1, 1.53 m away, 15° to the right, 0.19 m wide, 0.19 m high"""


def test_the_table_is_this(facts: SceneFacts) -> None:
    named = facts.named([Grounded('mug', (10, 40, 50, 80), 0.9, 'crew')])
    assert told(named, 'table') == GOLDEN


def test_marks_say_that_the_numbers_are_on_the_image(facts: SceneFacts) -> None:
    head = told(facts, 'marks').splitlines()[0]
    assert head == (
        'Measured with the depth camera, nearest first '
        '(2 of 2 things, their numbers are drawn on the image):'
    )
    assert told(facts, 'marks').splitlines()[1:] == told(facts, 'table').splitlines()[1:]


def test_nothing_is_told_unless_asked_for(facts: SceneFacts) -> None:
    assert told(facts, 'none') == ''


def test_a_size_that_goes_on_beyond_the_image_is_a_least_value(facts: SceneFacts) -> None:
    cut = replace(facts, objects=tuple(replace(o, touches_edge=True) for o in facts.objects))
    assert 'at least 0.31 m wide, at least 0.31 m high' in told(cut, 'table')


def test_of_many_things_the_nearest_are_told_and_the_head_says_how_many(facts: SceneFacts) -> None:
    many = replace(facts, objects=facts.objects[:1] * 20)
    lines = told(many, 'table').splitlines()
    assert lines[0].endswith('(12 of 20 things):') and len(lines) == MOST_TOLD + 1


def test_without_things_the_table_says_so(facts: SceneFacts) -> None:
    empty = replace(facts, objects=())
    assert told(empty, 'marks') == (
        'Measured with the depth camera: nothing stands off the surfaces.'
    )
    assert (with_numbers(empty) == facts.frame.rgb).all()


def test_every_number_stands_on_its_thing_and_the_frame_stays(facts: SceneFacts) -> None:
    before = facts.frame.rgb.copy()
    picture = with_numbers(facts)
    changed = (picture != facts.frame.rgb).any(axis=2)
    for thing in facts.objects:
        x0, y0, x1, y1 = thing.box_px
        assert changed[y0:y1, x0:x1].any()
    assert (facts.frame.rgb == before).all() and picture.shape == before.shape
