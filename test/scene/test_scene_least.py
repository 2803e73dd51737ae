# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Sizes of what is not seen from side to side: told as the least that they are."""

from __future__ import annotations

import pytest
from rendered import Box, render

from ssr_ros.scene import measure

BEFORE = Box('blue', (-0.06, 0.8), (0.1, 0.05, 0.25))
HALF = Box('red', (0.0, 1.0), (0.16, 0.06, 0.2))
ALIKE = Box('yellow', (0.35, 1.3), (0.16, 0.06, 0.2))
BESIDE = Box('green', (0.3, 1.0), (0.22, 0.06, 0.2))


def seen(*things):
    found = render(things, size=(640, 480))
    return measure(found.frame, noise='stereo', gravity=found.down)


HIDDEN, WHOLE = seen(HALF, BEFORE, BESIDE), seen(HALF, BESIDE)


@pytest.mark.parametrize(
    ('question', 'hidden', 'whole'),
    [
        ('Is the red object wider than 3 cm?', 1.0, 1.0),
        ('Is the red object narrower than 3 cm?', 0.0, 0.0),
        ('Is the red object wider than 30 cm?', None, 0.0),
        ('Is the red object narrower than 30 cm?', None, 1.0),
        ('Is the red object at most 30 cm wide?', None, 1.0),
        ('Is the red object taller than 30 cm?', 0.0, 0.0),
        ('Is the red object wider than the green object?', None, 0.0),
        ('Is the green object narrower than the red object?', None, 0.0),
        ('Is the red object bigger than the green object?', None, 0.0),
        ('Is the red object more than twice as wide as the green object?', None, 0.0),
        ('Is there a red object wider than 30 cm?', None, 0.0),
    ],
)
def test_what_holds_for_every_larger_size_is_told_and_nothing_else(question, hidden, whole):
    assert HIDDEN.answer(question).value == hidden
    assert WHOLE.answer(question).value == whole


def test_why_a_width_does_not_decide_is_said():
    answer = HIDDEN.answer('Is the red object narrower than 30 cm?')
    assert 'something nearer hides a side of the red object' in answer.text
    assert 'its width is only a least value' in answer.text


@pytest.mark.parametrize(
    ('question', 'said'),
    [
        ('How wide is the red object?', 'is at least'),
        ('How big is the red object?', 'is at least'),
    ],
)
def test_a_hidden_side_makes_a_width_a_least_one(question, said):
    hidden, whole = HIDDEN.answer(question), WHOLE.answer(question)
    assert hidden.kind == whole.kind == 'number'
    assert said in hidden.text and said not in whole.text
    assert 'at least' not in HIDDEN.answer('How tall is the red object?').text


def test_how_many_are_wide_leaves_open_what_is_hidden():
    answer = HIDDEN.answer('How many objects are wider than 30 cm?')
    assert (answer.value, answer.sigma) == (0, 0.5)
    assert 'of the red object it cannot be told' in answer.text
    assert WHOLE.answer('How many objects are wider than 30 cm?').sigma == 0
    assert HIDDEN.answer('How many objects are wider than 3 cm?').value == 3


def test_what_seems_as_wide_may_be_wider_where_it_is_hidden():
    question = 'Is the red object as wide as the yellow object?'
    assert seen(HALF, ALIKE).answer(question).value == 1.0
    hidden = seen(HALF, ALIKE, BEFORE).answer(question)
    assert not hidden.answered and 'hides a side of the red object' in hidden.text


@pytest.mark.parametrize(
    ('question', 'whole'),
    [
        ('Which is the widest object?', 'green object 1'),
        ('Which is the biggest object?', 'green object 1'),
    ],
)
def test_no_thing_is_the_largest_where_a_hidden_one_may_be(question, whole):
    assert WHOLE.answer(question).choice == whole
    hidden = HIDDEN.answer(question)
    assert not hidden.answered and 'hides a side of the red object' in hidden.text
    assert 'of what is seen, the ' in hidden.text


def test_what_is_wider_with_what_is_seen_of_it_leaves_the_narrowest_told():
    assert HIDDEN.answer('Which is the narrowest object?').choice == 'blue object 1'


def test_the_tallest_is_told_whatever_hides_the_sides_of_others():
    assert HIDDEN.answer('Which is the tallest object?').choice == 'blue object 1'
    assert HIDDEN.answer('Is the blue object the tallest?').value == 1.0


def test_an_order_by_width_names_what_may_be_wider():
    asked = 'Sort the objects by width.'
    assert HIDDEN.answer(asked).text.endswith('; not all is seen of the red object.')
    assert 'not all is seen' not in WHOLE.answer(asked).text
    assert 'not all is seen' not in HIDDEN.answer('Sort the objects by height.').text


BACK = Box('red', (0.0, 1.5), (0.12, 0.06, 0.3))
FRONT = Box('blue', (0.0, 1.1), (0.5, 0.06, 0.34))
SHORT = Box('green', (-0.45, 1.5), (0.12, 0.06, 0.18))
FOOT, FREE = seen(BACK, FRONT, SHORT), seen(BACK, SHORT)


@pytest.mark.parametrize(
    ('question', 'hidden', 'whole'),
    [
        ('Is the red object taller than the green object?', None, 1.0),
        ('Is the green object shorter than the red object?', None, 1.0),
        ('Is the red object taller than 20 cm?', None, 1.0),
        ('Is the red object taller than 3 cm?', 1.0, 1.0),
        ('Is the red object bigger than the green object?', None, 1.0),
        ('Is the red object as wide as the green object?', 1.0, 1.0),
    ],
)
def test_what_stands_behind_something_is_as_tall_as_it_is_seen_at_least(question, hidden, whole):
    """A mug of 33 cm of which 8 cm were seen was shorter than a can of 22."""
    assert FOOT.answer(question).value == hidden
    assert FREE.answer(question).value == whole


def test_a_hidden_foot_makes_a_height_a_least_one():
    asked = 'How tall is the red object?'
    assert 'is at least' in FOOT.answer(asked).text
    assert 'at least' not in FREE.answer(asked).text
    refused = FOOT.answer('Is the red object taller than the green object?')
    assert 'something nearer hides the foot of the red object' in refused.text


@pytest.mark.parametrize('foot', [0.15, 0.4])
def test_what_stands_on_a_thing_or_hangs_is_seen_down_to_its_foot(foot):
    things = (
        Box('red', (0.0, 1.1), (0.1, 0.06, 0.12), foot),
        Box('blue', (0.0, 1.1), (0.4, 0.2, 0.15)),
    )
    told = seen(*things).answer('How tall is the red object?')
    assert told.value == pytest.approx(0.12, abs=0.02) and 'at least' not in told.text
