# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Things that must be several things at once, or one of two, or of the colour of another one."""

from __future__ import annotations

from dataclasses import replace

from handmade import flat, scene, SCENES
import numpy as np
import pytest

from ssr_ros.rgbd import RgbdFrame
from ssr_ros.scene import Grounded
from ssr_ros.scene.geometry.colors import are_shades, COLOR_NAMES
from ssr_ros.scene.grounded import Names
from ssr_ros.scene.questions.parsing import parse
from ssr_ros.scene.questions.phrase_reading import read_phrase
from ssr_ros.scene.questions.query import Query, Refusal


def toy(color, place, label, number=1):
    """Make a thing of 10 cm with a name."""
    return flat(color, place, (0.1, 0.1, 0.1), number=number, label=label)


TOYS = (
    toy('red', (-0.4, 1.0), 'ball'),
    toy('blue', (-0.1, 1.3), 'block'),
    toy('red', (0.2, 1.6), 'ball', 2),
    toy('green', (0.6, 1.9), 'block'),
    toy('blue', (0.9, 2.2), 'can', 2),
)
"""From left to right and from near to far."""

REGIONS = tuple(Grounded(thing.label, thing.box_px) for thing in TOYS)
NAMED = replace(scene(*TOYS), names=Names(regions=REGIONS))


@pytest.mark.parametrize(
    ('question', 'value'),
    [
        ('How many things are behind the blue block and left of the can?', 2),
        ('How many things are both behind the blue block and left of the can?', 2),
        ('How many balls are behind the blue block and left of the can?', 1),
        ('How many things are left of the can and within 1.5 m?', 2),
        ('How many things are within 1.5 m and to the right of the leftmost ball?', 1),
        ('Is there anything in front of the can and to the right of the green block?', 0),
        ('Are there any blocks that are right of the blue block and in front of the can?', 1),
        ('How many things are red or blue?', 4),
        ('How many red or blue things are there?', 4),
        ('How many things are either red balls or green blocks?', 3),
        ('How many things are balls or cans?', 3),
        ('How many balls are either red or green?', 2),
        ('How many things are cans or blocks that are left of the rightmost ball?', 2),
        ('How many things are left of the blue block or right of the green block?', 2),
        ('Are there any things that are either green balls or blue cans?', 1),
        ('Are there more red or green things than blue things?', 1),
        ('How many balls or blocks are left of the can?', 4),
        ('How many balls and cans are there?', 3),
        ('How many balls, blocks or cans are within 1.5 m?', 2),
        ('How many red balls and green blocks are there?', 3),
        ('Are there any cans or blocks in front of the leftmost ball?', 0),
        ('Are all the balls and blocks left of the can?', 1),
        ('Are both balls left of the green block?', 1),
        ('Are both of the red balls in front of the blue block?', 0),
        ('All balls are left of the green block?', 1),
    ],
)
def test_things_that_must_be_several_things_or_one_of_two_are_counted(question, value):
    assert NAMED.answer(question).value == value


def test_one_thing_is_told_by_two_places():
    found = NAMED.answer(
        'What colour is the thing behind the red ball on the left and left of it?'
    )
    assert not found.answered
    found = NAMED.answer('What colour is the block right of the blue block and left of the can?')
    assert found.choice == 'green'
    found = NAMED.answer('How far is the thing that is in front of the can and right of the can?')
    assert not found.answered


@pytest.mark.parametrize(
    ('question', 'value'),
    [
        ('How many things have the same colour as the blue block?', 1),
        ('How many other things are there of the same colour as the blue block?', 1),
        ('What number of other objects are the same color as the green block?', 0),
        ('Is there anything else that has the same colour as the can?', 1),
        ('Is there another ball of the same colour as the can?', 0),
        ('Are there any blocks that have the same colour as the can?', 1),
        ('Is there a can that is the same colour as the blue block?', 1),
        ('Are there any balls of the same colour as the green block?', 0),
    ],
)
def test_things_of_the_colour_of_another_one_are_counted_without_it(question, value):
    """'Is there a can of the colour of A' once asked whether *the* can has it."""
    assert NAMED.answer(question).value == value


def test_the_colours_of_two_things_are_compared_wherever_they_are():
    for question, value in {
        'Is the thing behind the green block the same colour as the blue block?': 1,
        'There is a block left of the can and right of the blue block; is its colour the same as '
        'the can?': 0,
    }.items():
        found = NAMED.answer(question)
        assert (found.kind, found.value) == ('yes_no', value)


@pytest.mark.parametrize(
    'question',
    [
        'How many things are left of the can or the blue block?',
        'How many things are left of the block that is behind the ball and in front of the can?',
        'How many things are left of the cans or blocks?',
        'How many red balls and blocks are there?',
        'Are there any balls and cans?',
        'How many things are red or left of the can?',
        'How far is the can and left of the ball?',
    ],
)
def test_where_it_is_open_what_is_joined_to_what_nothing_is_answered(question):
    assert isinstance(parse(question, ('can', 'ball', 'block')), Refusal)


def test_both_are_two_and_all_three_are_three():
    for asked in ('both blocks', 'all two blocks'):
        assert NAMED.answer(f'Are {asked} in front of the can?').value == 1
    answer = NAMED.answer('Are all three blocks in front of the can?')
    assert not answer.answered and answer.text.startswith('There are not 3, but ')


def test_every_part_of_a_phrase_is_read_whole():
    query = parse('How many things are behind the box and left of the cup twice?')
    assert isinstance(query, Refusal) and '"twice" is left over' in query.reason
    query = parse('How many things are within 1 m and within 2 m of the cup?')
    assert isinstance(query, Query)
    phrase = read_phrase('things behind the box and left of the cup')
    assert (phrase.relation, phrase.also[0].relation) == ('behind', 'left of')
    assert [each.text for each in phrase.also[0].anchors] == ['the cup']


@pytest.mark.parametrize(
    ('question', 'value'),
    [
        ('How many green balls are there?', 0),
        ('Is there a green ball?', 0),
        ('Are there more red balls than green balls?', 1),
        ('How many green balls are on the right?', 0),
        ('Are any green balls visible?', 0),
        ('There is a can; what number of balls are left of it?', 2),
    ],
)
def test_of_a_kind_that_is_known_there_may_be_none(question, value):
    """It was refused, as a name is that nobody has looked for."""
    assert NAMED.answer(question).value == value
    assert not NAMED.answer(question.replace('ball', 'mug')).answered


@pytest.mark.parametrize(
    ('seen', 'asked'), [('orange', 'brown'), ('brown', 'orange'), ('gray', 'white')]
)
def test_a_colour_that_light_turns_into_another_is_not_denied(seen, asked):
    """Five brown things under dim light were none: 'there are no objects looking brown'."""
    facts = scene(flat(seen, (-0.4, 1.0), (0.2, 0.1, 0.3)), flat('green', (0.4, 1.0), (0.2,) * 3))
    assert are_shades(seen, asked)
    found = facts.answer(f'How many {asked} things are there?')
    assert (found.value, found.sigma) == (0, 0.5)
    assert facts.answer(f'Is there anything {asked}?').value is None
    assert facts.answer(f'How many {seen} things are there?').sigma == 0
    both = scene(*facts.objects, flat(asked, (0.0, 1.0), (0.1, 0.1, 0.1)))
    assert both.answer(f'How many {asked} things are there?').sigma == 0


def test_each_colour_is_a_shade_of_itself_and_of_one_more_at_most():
    alike = {one: [each for each in COLOR_NAMES if are_shades(one, each)] for one in COLOR_NAMES}
    assert {one: each for one, each in alike.items() if len(each) > 1} == {
        'gray': ['gray', 'white'],
        'white': ['gray', 'white'],
        'red': ['red', 'pink'],
        'orange': ['orange', 'brown'],
        'brown': ['orange', 'brown'],
        'pink': ['red', 'pink'],
    }


def test_one_part_inside_its_margin_leaves_the_whole_open():
    facts = scene(flat('red', (0.0, 1.0), (0.1,) * 3), flat('blue', (0.004, 1.5), (0.1,) * 3))
    assert facts.answer('Is there anything behind the red object and left of it?').value is None


@pytest.mark.parametrize(
    ('phrase', 'main', 'aside'),
    [
        ('the closest mug on the table to the cup', 'nearest to', 'on'),
        ('a mug on the table of the same color as the cup', 'colored as', 'on'),
        ('mugs on the table taller than the cup', 'taller than', 'on'),
        ('mugs on the table within <0.30000> of the cup', None, 'on'),
    ],
)
def test_a_second_relation_does_not_take_the_place_of_the_first(phrase, main, aside):
    """The mug on the table nearest to the cup was any mug, and the one within 30 cm was on it."""
    found = read_phrase(phrase)
    assert (found.relation, found.anchors[0].text) == (main, 'the cup')
    assert [(each.relation, each.anchors[0].text) for each in found.also] == [(aside, 'the table')]


def test_the_nearest_to_a_thing_is_looked_for_where_it_must_be():
    found = NAMED.answer('What is the closest thing left of the blue block to the can?')
    assert found.choice == 'red object 1'
    found = NAMED.answer(
        'What is the closest thing behind the blue block to the red ball on the left?'
    )
    assert found.choice == 'red object 2'
    asked = 'How many things left of the can are within 80 cm of the blue block?'
    assert NAMED.answer(asked).value == 2


def test_what_may_be_hidden_is_said_of_a_part_too():
    depth = NAMED.frame.depth_m.copy()
    depth[120:, :40] = np.nan
    frame = RgbdFrame(NAMED.frame.rgb, depth, NAMED.frame.intrinsics)
    facts = replace(NAMED, frame=frame)
    for asked in ('within 1.5 m', 'left of the can and within 1.5 m'):
        assert 'there may be more' in facts.answer(f'How many things are {asked}?').text


def test_a_colour_without_a_name_of_its_own_is_counted_of_nothing_for_sure():
    """All that is green or blue was turquoise."""
    found = NAMED.answer('How many turquoise things are there?')
    assert (found.value, found.sigma) == (0, 1.5)
    assert NAMED.answer('Is there a turquoise can?').value is None
    assert NAMED.answer('Is the can turquoise?').value is None
    assert NAMED.answer('Is there a turquoise ball?').value == 0
    assert NAMED.answer('How many blocks are not turquoise?').sigma == 1
    assert NAMED.answer('How far is the turquoise can?').answered


@pytest.mark.parametrize(
    ('color', 'said'), [('pink', '1 object that is red'), ('green', '2 objects that are red')]
)
def test_one_thing_is_and_several_are(color, said):
    assert said in SCENES['room'].answer(f'How many things are red or {color}?').text
