# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Where yes turns into no: each bound is tried a little inside of it and a little beyond."""

from __future__ import annotations

from dataclasses import replace
import re

from handmade import flat, scene, SCENES, WALL
import numpy as np
import pytest

from ssr_ros.rgbd import RgbdFrame
from ssr_ros.scene import Agreement, Gravity
from ssr_ros.scene.questions import relations, standing, wording
from ssr_ros.scene.questions.quantity import Verdict
from ssr_ros.scene.questions.vocabulary import COLOR_WORDS, CONVERSE, NEAR_COLORS

YES, NO, UNSURE = Verdict.YES, Verdict.NO, Verdict.UNSURE
AGREES, CONTRADICTS, UNKNOWN = Agreement.AGREES, Agreement.CONTRADICTS, Agreement.UNKNOWN


@pytest.mark.parametrize(
    ('lift_m', 'verdict'),
    [(0.0, YES), (0.019, YES), (-0.019, YES), (0.021, UNSURE), (0.04, UNSURE), (0.042, NO)],
)
def test_a_foot_near_a_top_stands_on_it(lift_m, verdict):
    lower = flat('blue', (0.0, 1.0), (0.4, 0.2, 0.2))
    upper = flat('red', (0.0, 1.0), (0.1, 0.1, 0.1), foot=-0.3 + lift_m)
    found, lift = relations.stands_on(scene(lower, upper), upper, lower)
    assert (found, lift.value) == (verdict, pytest.approx(lift_m))
    assert relations.stands_on(scene(lower, upper), lower, upper)[0] is NO


@pytest.mark.parametrize(
    ('place', 'verdict'),
    [((0.229, 1.0), YES), ((0.231, 1.0), NO), ((0.0, 1.179), YES), ((0.0, 1.181), NO)],
)
def test_a_fifth_of_a_thing_must_lie_over_what_it_stands_on(place, verdict):
    lower = flat('blue', (0.0, 1.0), (0.4, 0.2, 0.2))
    upper = flat('red', place, (0.1, 0.1, 0.1), foot=-0.3)
    assert relations.stands_on(scene(lower, upper), upper, lower)[0] is verdict


def test_what_hangs_over_something_need_not_touch_it_but_must_be_over_it():
    facts = scene(
        flat('blue', (0.0, 1.0), (0.4, 0.2, 0.2)),
        flat('red', (0.24, 1.0), (0.1, 0.1, 0.1), foot=0.0),
        flat('green', (0.26, 1.0), (0.1, 0.1, 0.1), foot=0.2),
    )
    assert facts.answer('What is above the blue object?').subjects == ('red object 1',)
    assert facts.answer('What is below the red object?').subjects == ()
    assert facts.answer('How many objects are below the red object?').value == 1


@pytest.mark.parametrize(('right_m', 'verdict'), [(0.22, YES), (0.24, UNSURE), (0.27, NO)])
def test_a_gap_inside_its_margin_is_contact_and_two_pixels_more_cannot_be_told(right_m, verdict):
    a = flat('red', (0.0, 1.0), (0.2, 0.1, 0.2))
    b = flat('blue', (right_m, 1.0), (0.2, 0.1, 0.2))
    assert relations.touching(scene(a, b), a, b)[0] is verdict
    assert relations.touching(scene(a, b), b, a)[0] is verdict


@pytest.mark.parametrize(('forward_m', 'verdict'), [(3.93, YES), (3.9, NO)])
def test_what_is_near_a_wall_touches_it(forward_m, verdict):
    thing = flat('red', (0.0, forward_m), (0.4, 0.1, 0.4))
    for relation in ('touching', 'on', 'beside'):
        assert standing.to_plane(scene(thing), thing, WALL, relation) is verdict
    assert standing.to_plane(scene(thing), thing, WALL, 'in front of') is YES


@pytest.mark.parametrize(('apart_m', 'verdict'), [(0.28, YES), (0.32, NO)])
def test_beside_is_within_the_larger_size_of_both(apart_m, verdict):
    a = flat('red', (0.0, 1.0), (0.2, 0.1, 0.2))
    b = flat('blue', (0.2 + apart_m, 1.0), (0.2, 0.1, 0.3))
    for one, other in ((a, b), (b, a)):
        assert standing.to_thing(scene(a, b), one, other, 'beside') is verdict


@pytest.mark.parametrize(
    ('box', 'regions'),
    [
        ((98, 78, 100, 80), 'left top middle'),
        ((100, 80, 102, 82), 'right bottom middle'),
        ((132, 0, 134, 2), 'right top middle'),
        ((133, 0, 135, 2), 'right top'),
        ((66, 158, 68, 160), 'left bottom middle'),
        ((65, 158, 67, 160), 'left bottom'),
    ],
)
def test_parts_of_the_view(box, regions):
    thing = flat('red', (0.0, 1.0), (0.2, 0.1, 0.2), box_px=box)
    facts = scene(thing)
    found = [
        region
        for region in ('left', 'right', 'top', 'bottom', 'middle')
        if standing.in_region(facts, thing, region)
    ]
    assert sorted(found) == sorted(regions.split())
    assert standing.in_region(facts, thing, 'front') and standing.in_region(facts, thing, 'back')


def row(number):
    return scene(
        *(
            flat('red', (0.2 * i - 0.9, 1.5 + 0.1 * i), (0.1, 0.1, 0.1), number=i + 1)
            for i in range(number)
        )
    )


def test_six_are_named_and_the_others_counted():
    assert 'more' not in row(6).answer('How far is the red object?').text
    assert row(7).answer('How far is the red object?').text.count('ahead') <= 7
    assert 'and 1 more. Say which one is meant' in row(7).answer('How far is the red object?').text
    assert row(7).answer('How far are the red objects?').text.endswith('away and 1 more.')
    assert 'object 8' in row(8).answer('How many objects are there?').text
    assert row(9).answer('How many objects are there?').text == 'There are 9 objects.'
    assert len(row(9).rationale().evidence) == 4 + 8
    assert len(row(9).answer('How many objects are there?').evidence) == 9
    assert len(row(9).answer('List the objects').evidence) == 8
    assert len(row(9).answer('Which objects are red?').evidence) == 6
    assert len(row(9).answer('Is there a red object?').evidence) == 6


def test_middle_ranks_and_numbers():
    assert row(5).answer('What is the middle object?').choice == 'red object 3'
    assert row(4).answer('What is the middle object?').text == (
        'There is no middle one among 4 objects.'
    )
    assert row(3).answer('What is the fourth nearest object?').text == (
        'The depth shows only 3 such objects.'
    )
    assert row(3).answer('What is the third nearest object?').choice == 'red object 3'
    assert row(3).answer('How far is red object 2?').value == pytest.approx(1.6)
    assert row(12).answer('How far is red object 12?').value == pytest.approx(2.6)
    assert not row(12).answer('How far is red object 13?').answered


def test_ties_with_an_anchor_say_which_way_was_asked():
    facts = scene(
        flat('blue', (0.0, 1.0), (0.1, 0.1, 0.1)),
        flat('red', (-0.4, 1.0), (0.1, 0.1, 0.1)),
        flat('green', (0.4, 1.0), (0.1, 0.1, 0.1)),
    )
    near = facts.answer('Which object is nearest to the blue object?').text
    assert near.startswith('I cannot tell which is nearer to the blue object: ')
    far = facts.answer('Which object is farthest from the blue object?').text
    assert far.startswith('I cannot tell which is farther from the blue object: ')
    assert far.endswith('differ by less than the margin.')
    alone = scene(flat('blue', (0.0, 1.0), (0.1, 0.1, 0.1)))
    assert alone.answer('Which object is nearest to the blue object?').text == (
        'The depth shows no other object than the blue object.'
    )


@pytest.mark.parametrize(
    ('question', 'said', 'agreement'),
    [
        ('How far is the red object?', '1.12 m', AGREES),
        ('How far is the red object?', '1.13 m', CONTRADICTS),
        ('How far is the red object?', '0.91 m', AGREES),
        ('How far is the red object?', '0.89 m', CONTRADICTS),
        ('How far is the red object?', 'not 3 m but 1 m', AGREES),
        ('Where is the red object?', '27 degrees', AGREES),
        ('Where is the red object?', '29 degrees', CONTRADICTS),
        ('Where is the red object?', '22° to my left', AGREES),
        ('Where is the red object?', '22° right', CONTRADICTS),
        ('Where is the blue object?', 'right', AGREES),
        ('Where is the blue object?', 'left', CONTRADICTS),
        ('How many objects are taller than 20 cm?', 'four or so', AGREES),
        ('How many objects are taller than 20 cm?', '5', AGREES),
        ('How many objects are taller than 20 cm?', '6', CONTRADICTS),
        ('How many objects are taller than 20 cm?', '3', CONTRADICTS),
        ('How many purple objects are there?', 'zero', AGREES),
        ('How many purple objects are there?', 'nothing', AGREES),
        ('How many objects are there?', 'no objects', CONTRADICTS),
        ('Is the red object on the left?', 'Yep', AGREES),
        ('Is the red object on the left?', 'incorrect', CONTRADICTS),
        ('What is the yellow object standing on?', 'the red and the blue object', CONTRADICTS),
        ('What is the yellow object standing on?', 'blue, not red', AGREES),
        ('What is the blue object standing on?', 'on the floor', AGREES),
        ('Which object is farthest?', 'white object 2', AGREES),
        ('Which object is farthest?', 'white object 1', CONTRADICTS),
        ('Which object is farthest?', 'the white one', UNKNOWN),
        ('How much taller is the red object than the blue object?', '10 cm lower', CONTRADICTS),
        ('How much taller is the red object than the blue object?', '10 cm higher', AGREES),
        ('How much closer is the red object than the green object?', '1 m nearer', AGREES),
        ('How much closer is the red object than the green object?', '1 m farther', CONTRADICTS),
    ],
)
def test_how_far_a_model_may_be_off(question, said, agreement):
    check = SCENES['room'].check(question, said)
    assert check.agreement is agreement, check.reason


def test_a_side_is_not_held_against_what_is_nearly_ahead():
    facts = scene(flat('red', (0.05, 1.0), (0.1, 0.1, 0.1)))
    assert facts.check('Where is the red object?', 'on the left').agreement is UNKNOWN
    assert facts.check('Where is the red object?', "at 12 o'clock").agreement is AGREES


CLOSE = 'black gray, gray white, white yellow, red orange, red pink, red brown, orange brown'
ONE_WAY = (
    'orange yellow, yellow orange, brown black, blue purple, purple blue, purple pink, pink purple'
)


@pytest.mark.parametrize('asked', sorted(NEAR_COLORS))
def test_which_colours_compete(asked):
    pairs = {tuple(pair.split()) for pair in CLOSE.split(', ')}
    near = pairs | {(b, a) for a, b in pairs} | {tuple(p.split()) for p in ONE_WAY.split(', ')}
    near |= {('pink', 'purple')}
    for rival in NEAR_COLORS:
        if rival != asked:
            facts = scene(
                flat(asked, (0.0, 1.0), (0.2, 0.1, 0.2)),
                flat(rival, (0.6, 1.5), (0.2, 0.1, 0.2), color_share=0.6),
            )
            answered = facts.answer(f'How far is the {asked} cup?').answered
            assert answered == ((asked, rival) not in near), rival


def test_every_colour_and_every_converse_is_there():
    assert set(NEAR_COLORS) == {color for colors in COLOR_WORDS.values() for color in colors}
    assert all(CONVERSE[CONVERSE[word]] == word for word in CONVERSE)
    assert len(CONVERSE) == 20


def test_an_answer_says_what_makes_it_doubtful():
    level = replace(SCENES['room'], gravity=Gravity(np.array([0.0, 1.0, 0.0]), 'level'))
    doubt = 'This holds if the camera is level: nothing tells where down is.'
    assert level.answer('How tall is the red object?').text.endswith(doubt)
    assert doubt not in level.answer('How far is the red object?').text
    assert doubt not in level.answer('Is the red object taller than the mug?').text
    assert level.answer('How far is the camera tilted?').text == (
        'No floor or table is seen, so the tilt of the camera is not known.'
    )
    assert doubt not in SCENES['room'].answer('How tall is the red object?').text


def test_a_camera_that_looks_down_or_up_says_so():
    for down, way in (((0.0, 0.866, 0.5), '30° down'), ((0.0, 0.866, -0.5), '30° up')):
        facts = replace(SCENES['room'], gravity=Gravity(np.array(down), 'plane'))
        assert facts.answer('How far is the camera tilted?').text == (
            f'The camera is tilted {way}.'
        )


def test_a_place_without_depth_says_so():
    room = SCENES['room']
    depth = room.frame.depth_m.copy()
    depth[:20] = np.nan
    facts = replace(room, frame=RgbdFrame(room.frame.rgb, depth, room.frame.intrinsics))
    answer = facts.answer('How far is the pixel 50, 8?')
    assert answer.text == 'The region (47, 5) to (54, 12) has no depth to measure.'
    assert not answer.answered and len(answer.evidence) == 1
    assert 'known for 88 % of the image' in facts.answer('Is there a purple object?').text


def test_walls_are_numbered_and_the_nearest_is_meant():
    facts = SCENES['furnished']
    assert facts.answer('How far is wall 2?').value == 3.0
    assert facts.answer('How far is wall 3?').text == 'The depth shows no wall.'
    shelves = scene(
        planes=(
            *facts.planes,
            replace(facts.planes[1], name='shelf', height_m=0.3, distance_m=1.0),
        )
    )
    answer = shelves.answer('How far is the table?')
    assert answer.text == (
        'There are several raised surfaces: table (10.0 cm below the camera) and shelf '
        '(30.0 cm above the camera). Say which one is meant.'
    )
    assert shelves.answer('How far is the nearest table?').value == 1.0


def test_lengths_are_written_with_sense():
    assert wording.length(float('inf')) == 'an unknown length'
    assert wording.length(0.994) == '99 cm' and wording.length(0.996) == '1.00 m'
    assert (wording.given(0.2), wording.given(1.25)) == ('20 cm', '1.25 m')
    assert (wording.over(0.0), wording.over(-0.1)) == ('above', 'below')
    assert wording.side(1.4) == 'straight ahead' and wording.side(-1.6) == '2° to the left'
    assert (wording.the('wall 1'), wording.the('floor')) == ('wall 1', 'the floor')
    assert [wording.superlative(p) for p in ('left', 'right', 'tallest')] == [
        'leftmost',
        'rightmost',
        'tallest',
    ]
    assert wording.inner('The box') == 'the box' and wording.inner('I see') == 'I see'
    assert wording.sentence('is it?') == 'Is it?' and wording.sentence('no') == 'No.'
    assert wording.listing(['a', 'b'], 'or') == 'a or b'


SIDES = """
Is R left or right of B?: left, on its left / right
Is B left or right of R?: right / left
Is Y above or below B?: above, over it, higher / below, under, lower, beneath
Is B above or below Y?: below, under, lower, beneath / above, over, higher
Is R in front of or behind B?: in front, before it, closer, nearer / behind, farther
Is B in front of or behind R?: behind, farther / in front, before, closer, nearer
How much taller is R than B?: taller, higher / shorter, lower
How much shorter is R than B?: taller, higher / shorter, lower
How much wider is B than R?: wider, broader, longer / narrower, thinner
How much narrower is B than R?: wider, broader, longer / narrower, thinner
How much deeper is G than R?: deeper / shallower
How much shallower is R than G?: shallower / deeper
How much bigger is B than R?: bigger, larger, greater / smaller
How much smaller is R than B?: smaller / bigger, larger, greater
How much closer is R than B?: closer, nearer / farther
How much farther is B than R?: farther / closer, nearer
How much higher is Y than B?: higher, above / lower, below
How much lower is B than Y?: lower, below / higher, above
Where is R?: left / right
Where is G?: right / left
"""


NAMES = ('the red object', 'the blue object', 'the yellow object', 'the green object')


@pytest.mark.parametrize('line', SIDES.strip().splitlines())
def test_the_words_for_a_side_and_for_the_other_one(line):
    question, _, words = line.partition('?: ')
    for letter, name in zip('RBYG', NAMES, strict=True):
        question = re.sub(rf'\b{letter}\b', name, question)
    room = SCENES['room']
    value = room.answer(f'{question}?')
    said = f'{abs(value.value)} {value.unit}' if value.kind == 'number' else ''
    for listed, agreement in zip(words.split(' / '), (AGREES, CONTRADICTS), strict=True):
        for word in listed.split(', '):
            assert room.check(f'{question}?', f'{said} {word}').agreement is agreement, word


@pytest.mark.parametrize(
    'word',
    ['the', 'any', 'some', 'all', 'many', 'different', 'visible', 'single', 'total'],
)
def test_idle_words_are_not_said_back(word):
    answer = SCENES['room'].answer(f'How many {word} red objects are there?')
    assert answer.text == 'There is 1 object looking red: the red object.'


def test_what_is_not_there_is_said():
    bare = scene()
    assert bare.answer('How far apart are they?').text == (
        '"they" should mean 2 objects, and the depth shows none. Say which ones are meant.'
    )
    nowhere = scene(planes=(WALL,))
    assert nowhere.answer('How far can I drive?').text == (
        'I see no floor, so I cannot tell how far the way is free.'
    )
    assert nowhere.answer('Where could I put a plate?').text == (
        'The depth shows no level surface to put anything on.'
    )
    assert nowhere.answer('How high is the camera?').text == (
        'The depth shows no floor or table to measure the height from.'
    )
    hanging = scene(flat('red', (0.0, 1.0), (0.1, 0.1, 0.1), foot=0.2))
    assert hanging.answer('What is the red object standing on?').text == (
        'What the red object stands on is not seen.'
    )
