# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Readings that become unknown never make an answer about space more free (hypothesis)."""

from __future__ import annotations

import functools

import cv2
from hypothesis import given, settings
from hypothesis import strategies as st
import numpy as np
from rendered import Box, render

from ssr_ros.rgbd import RgbdFrame
from ssr_ros.scene import measure
from ssr_ros.scene.questions import space

WIDTH, HEIGHT = 320, 240
QUESTIONS = (
    'Is the way free for 1 m?',
    'Is the way free for 1.5 m?',
    'Is the way free for 2 m? I am 30 cm wide and 30 cm tall.',
    'Can I drive 2.5 m forward?',
    'Is there room on the floor for a 60 cm box?',
)
NONE_NEARER = ('Is there anything within 1 m?', 'Is there anything within 1.5 m?')


@functools.lru_cache(maxsize=32)
def rendered_scene(middle, depth, table):
    """Two boxes, and a table with legs in the lane or not, as a stereo camera sees them."""
    things = [
        Box('red', (middle, depth), (0.2, 0.2, 0.25)),
        Box('blue', (-0.6, 1.7), (0.2, 0.15, 0.1)),
    ]
    if table:
        things.append(Box('brown', (0.1, 1.6), (1.0, 0.6, 0.04), foot=0.45))
        things += [
            Box('brown', (0.1 + x, 1.6 + y), (0.05, 0.05, 0.45))
            for x in (-0.45, 0.45)
            for y in (-0.25, 0.25)
        ]
    seen = render(things, size=(WIDTH, HEIGHT), noise=0.001)
    return seen, told_of(measure(seen.frame))


def told_of(facts):
    """What is answered, and how far each way is seen free."""
    answers = {question: facts.answer(question) for question in (*QUESTIONS, *NONE_NEARER)}
    return answers, {way.name: way for way in space.free_ways(facts)}


@st.composite
def masks(draw):
    """Rectangles, ellipses, and single pixels anywhere."""
    mask = np.zeros((HEIGHT, WIDTH), np.uint8)
    for _ in range(draw(st.integers(1, 4))):
        x, y = draw(st.integers(0, WIDTH)), draw(st.integers(0, HEIGHT))
        a, b = draw(st.integers(1, 90)), draw(st.integers(1, 70))
        if draw(st.booleans()):
            mask[y : y + b, x : x + a] = 1
        else:
            cv2.ellipse(mask, (x, y), (a // 2 + 1, b // 2 + 1), 30, 0, 360, 1, -1)
    dots = draw(st.sampled_from((0.0, 0.01, 0.3)))
    scattered = np.random.default_rng(draw(st.integers(0, 999))).random(mask.shape) < dots
    return mask.astype(np.bool_) | scattered


def blanked(frame, unknown):
    depth_m = np.where(unknown, np.float32(np.nan), frame.depth_m)
    return told_of(measure(RgbdFrame(frame.rgb, depth_m, frame.intrinsics)))


def check_not_freer(before, after):
    (answers, ways), (told, ways_after) = before, after
    for question in QUESTIONS:
        assert told[question].value != 1.0 or free_within_margin(
            answers[question], told[question]
        ), told[question].text
    for question in NONE_NEARER:
        assert told[question].value != 0.0 or answers[question].value == 0.0, told[question].text
    for name, way in ways_after.items():
        if way.free.value > way.near_m:
            assert no_longer(way.free, ways[name].free), name


def free_within_margin(before, after):
    """It was free before, or undecided at a bound that the same length has now passed."""
    if before.value is None and before.evidence:
        return no_longer(after.evidence[0], before.evidence[0])
    return before.value == 1.0


def no_longer(after, before):
    """A length is measured again from other readings: it may move within its margin."""
    return after.value < before.value + 4 * after.sigma + 0.02


@settings(max_examples=12, deadline=None)
@given(
    middle=st.sampled_from((-0.3, 0.0, 0.35)),
    depth=st.sampled_from((1.1, 2.0)),
    table=st.booleans(),
    unknown=masks(),
)
def test_unknown_readings_never_make_an_answer_more_free(middle, depth, table, unknown):
    seen, before = rendered_scene(middle, depth, table)
    check_not_freer(before, blanked(seen.frame, unknown))


@settings(max_examples=8, deadline=None)
@given(
    middle=st.sampled_from((-0.3, 0.0, 0.35)),
    ids=st.sets(st.integers(1, 7), min_size=1),
    wider=st.sampled_from((0, 3, 9)),
)
def test_things_without_depth_are_no_more_free_than_things(middle, ids, wider):
    """Whole things, their edges, or all but their edges become unknown: sofas, glass tables."""
    seen, before = rendered_scene(middle, 1.1, True)
    gone = np.isin(seen.ids, sorted(ids)).astype(np.uint8)
    gone = cv2.dilate(gone, np.ones((wider, wider), np.uint8)) if wider else gone
    check_not_freer(before, blanked(seen.frame, gone.astype(np.bool_)))


def test_a_low_thing_stays_a_thing_when_a_quiet_wall_becomes_unknown():
    """The noise of a frame is fitted to it: without the wall, ten times what it was with it."""
    box = Box('orange', (0, 1.4), (0.2, 0.15, 0.045))
    quiet = render([box], size=(WIDTH, HEIGHT), tilt_deg=15, wall_m=2.4).frame
    noisy = render([box], size=(WIDTH, HEIGHT), tilt_deg=15, wall_m=2.4, noise=0.006).frame
    wall = np.arange(HEIGHT)[:, None] < 140
    depth_m = np.where(wall, quiet.depth_m, noisy.depth_m)
    for known_m in (depth_m, np.where(wall, np.float32(np.nan), depth_m)):
        facts = measure(RgbdFrame(quiet.rgb, known_m, quiet.intrinsics))
        (ahead,) = space.free_ways(facts, names=('ahead',))
        assert ahead.thing.value < 1.45
