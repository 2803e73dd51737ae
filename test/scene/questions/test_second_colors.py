# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""A thing may be called by a second colour, where nothing has that colour as its first."""

from handmade import flat, scene
import numpy as np
import pytest

from ssr_ros.scene.geometry.colors import name_region

RED, YELLOW, BLUE, WHITE = (200, 30, 35), (240, 200, 20), (25, 50, 200), (240, 240, 238)


def pixels(*parts):
    return np.concatenate([np.full((count, 3), color, np.uint8) for color, count in parts])


@pytest.mark.parametrize(
    ('parts', 'second'),
    [
        ([(WHITE, 70), (YELLOW, 30)], 'yellow'),
        ([(RED, 60), (YELLOW, 40)], 'yellow'),
        ([(YELLOW, 60), (BLUE, 40)], 'blue'),
        ([(YELLOW, 80), (BLUE, 20)], ''),  # a label on a thing
        ([(BLUE, 60), (WHITE, 40)], ''),  # a highlight
        ([(RED, 60), (tuple(c // 8 for c in RED), 40)], ''),  # shade
        ([((30, 30, 30), 60), ((22, 24, 38), 40)], ''),  # the bluish light on a dark thing
        ([(RED, 60), ((235, 140, 20), 40)], ''),  # orange is what red turns to in light
    ],
)
def test_a_second_colour_is_a_large_vivid_part_of_another_hue(parts, second):
    assert name_region(pixels(*parts))[2] == second


BOX = flat('white', (-0.3, 1.0), (0.2, 0.1, 0.3), second_color='yellow')
CAN = flat('red', (0.3, 1.5), (0.1, 0.1, 0.12))
DUCK = flat('yellow', (0.6, 2.0), (0.1, 0.1, 0.1))


def test_a_thing_is_found_by_its_second_colour_and_the_answer_says_so():
    answer = scene(BOX, CAN).answer('How far is the yellow object?')
    assert answer.value == pytest.approx(1.0) and answer.subjects == ('white object 1',)
    assert answer.text.startswith(
        'Taking "the yellow object" to be the white object, which is partly yellow: the white'
    )
    compared = scene(BOX, CAN).answer('Which is closer, the yellow object or the red object?')
    assert compared.choice == 'white object 1'


def test_a_first_colour_goes_before_a_second_one():
    answer = scene(BOX, CAN, DUCK).answer('How far is the yellow object?')
    assert answer.subjects == ('yellow object 1',) and 'partly' not in answer.text
    assert 'partly' not in scene(BOX, CAN).answer('How far is the white object?').text


def test_a_second_colour_is_told_with_the_first():
    answer = scene(BOX, CAN).answer('What colour is the white object?')
    assert answer.text == 'The white object looks white (95 % of its pixels), partly yellow.'


def test_a_kind_of_thing_is_not_told_by_a_second_colour():
    answer = scene(BOX, CAN).answer('How far is the yellow mug?')
    assert not answer.answered and 'by its colour alone' in answer.text
