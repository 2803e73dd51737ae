# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The words that are known, each with what it means: no table may lose or change one unseen."""

from __future__ import annotations

from handmade import alike, flat, scene, SCENES
import pytest

from ssr_ros.scene.questions import wording
from ssr_ros.scene.questions.parsing import parse
from ssr_ros.scene.questions.phrase_reading import read_phrase
from ssr_ros.scene.questions.phrases import Bound
from ssr_ros.scene.questions.quantity import Quantity
from ssr_ros.scene.questions.spelling import (
    amounts_in,
    asked_unit,
    lengths_in,
    mark_lengths,
    plain,
)

COLORS = """
black: black | gray: gray, grey | gray white: silver | white: white | red: red, crimson, scarlet
brown red: maroon | orange: orange | brown: brown, tan | brown orange: wooden | brown white: beige
yellow: yellow, golden, gold | white yellow: cream | green: green, olive | blue: blue, navy
blue green: turquoise, teal, cyan | purple: purple, violet, lilac | pink: pink
pink purple: magenta
"""
PICKS = """
nearest: nearest, closest, closer, nearer | farthest: farthest, furthest, remotest, farther
farthest: back, rear | left: left, leftmost | right: right, rightmost
middle: middle, center, centre, central
topmost: topmost, highest, uppermost, higher, top, upper | lowest: lowest, lower, bottom
tallest: tallest, taller | shortest: shortest, shorter | widest: widest, broadest, longest, wider
narrowest: narrowest, thinnest, narrower | deepest: deepest | nearest: front
biggest: biggest, largest, bigger, larger | smallest: smallest, tiniest, smaller
"""
TRAITS = """
taller: taller, tallest, tall | shorter: shorter, shortest, short
wider: wider, widest, wide, broader, broadest, broad, longer, longest, long
narrower: narrower, narrowest, narrow, thinner, thinnest, thin, slimmer
deeper: deeper, deepest, deep | shallower: shallower, shallowest, shallow
bigger: bigger, biggest, big, larger, largest, large, greater | smaller: smaller, smallest, small
closer: closer, closest, nearer, nearest, close, near
farther: farther, further, farthest, furthest, far, distant, remote
higher: higher, highest, high | lower: lower, lowest, low
"""
DIMENSIONS = """
width: wide, broad, long | height: tall, high | depth: deep, thick | size: big, large, small
"""
PLANES = """
floor: floor, ground, carpet | wall: wall, walls | ceiling: ceiling
table: table, tabletop, desk, surface, counter, countertop, worktop, shelf, board, support
table: bench, workbench
"""
RELATIONS = """
left of: left of, to the left of, on its left side of | right of: right of, directly right of
in front of: in front of, before, ahead of, right in front of | behind: behind, in back of
behind: at the back of, just behind | above: above, over, directly over | on: on, on top of, upon
below: below, under, underneath, beneath, right below | on: resting on, standing on, sitting on
on: lying on, placed on, supported by | touching: touching, in contact with, leaning on
touching: leaning against, against | beside: next to, beside, alongside, adjacent to, near
beside: near to, close to, by | nearest to: closest to, nearest to
farthest from: farthest from, farthest away from
"""
BOUNDS = """
distance <: within, inside of, less than, nearer than, closer than, closer to me than, under, below
distance <: up to, no more than | height <: shorter than, lower than | width <: narrower than
distance >: more than, farther than, farther away than, over, beyond, at least
height >: taller than, higher than | width >: wider than, bigger than, larger than
width <: smaller than
"""
NAMES = """
camera: me, you, i, us, camera, the camera, robot, here, yourself, myself, sensor, lens, viewer
camera: observer, my position, your position
generic: object, thing, item, one, obstacle, something, anything, everything, stuff, body
generic: element, entity, nothing, someone, anyone, two, other, rest, objects, things
filling: the, a, an, any, some, my, your, all, of, visible, other, single, dark, light, bright, big
filling: large, small, little, tall, very, far, extreme, there, different, separate, many
filling: total, number, each, every, these, those, that, this, colored, two, three
filling: both, four
group: them, they, these, those, both, both of them, the two | pronoun: it, that, this
"""
RANKS = """
1: first, 1st | 2: second, 2nd | 3: third, 3rd | 4: fourth, 4th | 5: fifth, 5th
"""
REGIONS = """
left: on the left, on the far left, in my left half, to its left side | right: to my right
right: in the right part of this scene, at the very right of the room | middle: in the middle
middle: at the center of the image | top: in the top half, in the upper half of the frame
bottom: on the bottom part of the picture, at the lower side of the view
front: at the front, in the front part | back: in the back, at the rear of the room
"""
AMOUNTS = """
0.45 m: 45 cm, 45cm, 450 mm, 0.45 meters | 2000 m: 2 km | 2.7432 m: 3 yards, 3 yds | 1.524 m: 5'
0.1524 m: 6", 6 in, 6 inches | 2 m: 2 mtrs, two meters, 2 metres | 0.1 m: 10 cms, ten centimetres
0.004 m2: 40 cm2, 40 cm², 40 cm^2, 40 square centimeters | 0.185806 m2: 2 sq ft, two square feet
2 m3: 2 m3, 2 m³, 2 cubic meters | 0.0849505 m3: 3 cu ft | 0.016 m3: 16 litres, 16 liters
0.001 m3: 1 liter, one litre | 0.002 m3: 2 l | 0.5 m: half a meter | 0.0127 m: half an inch
0.25 m: a quarter of a meter | 1.5 m: one and a half meters, 1.5 m | 0.6096 m: a couple of feet
0.3048 m: a foot, one foot | 0.0254 m: an inch | 0 m: zero meters
1 m: one meter | 3 m: three meters
4 m: four meters | 5 m: five meters | 6 m: six meters | 7 m: seven meters | 8 m: eight meters
9 m: nine meters | 10 m: ten meters | 12 m: twelve meters | 15 m: fifteen meters
20 m: twenty meters | 30 m: thirty meters | 40 m: forty meters | 50 m: fifty meters
100 m: hundred meters
"""
UNITS = """
in how wide is it: how wide is it in inches | mm how wide is it: how wide is it in millimeters
ft how big is it: how big is it in square feet | yd how big is it: how big is it in cubic yards
cm how wide is it: how many cm wide is it | ft how far to the wall: how many feet to the wall
m how far is it to the wall: how many meters is it to the wall
in how much taller is it: how many inches taller is it
km how far away is it: how many km away is it
ft how much space is ahead: how many feet of space is ahead
"""
WRITTEN = """
0.473 0.004 m: 47.3 ± 0.8 cm | 0.3048 0.001 m ft: 1.000 ± 0.007 ft | 0.02 0.001 m2: 200 ± 20 cm2
0.0929 0.00465 m2 ft: 1.00 ± 0.10 ft2 | 0.016 0.0005 m3: 16 ± 1 litres
0.016 0.0005 m3 cm: 1.6e+04 ± 1e+03 cm3 | 12.4 1.0 deg: 12 ± 2°
"""


def words(table):
    return [
        pytest.param(meaning.strip(), word.strip(), id=word.strip())
        for entry in table.strip().replace('\n', '|').split('|')
        for meaning, _, text in [entry.partition(':')]
        for word in text.split(',')
    ]


@pytest.mark.parametrize(('colors', 'word'), words(COLORS))
def test_colors(colors, word):
    phrase = read_phrase(plain(f'the {word} object'))
    assert (sorted(phrase.colors), phrase.noun) == (colors.split(), '')


@pytest.mark.parametrize(('pick', 'word'), words(PICKS))
def test_picks(pick, word):
    phrase = read_phrase(plain(f'the {word} object'))
    assert (phrase.pick, phrase.noun, phrase.rank) == (pick, '', 1)


@pytest.mark.parametrize(('trait', 'word'), words(TRAITS))
def test_traits(trait, word):
    query = parse(f'Which is {word}, the red object or the blue object?')
    assert (query.kind, query.what) == ('which', trait)


@pytest.mark.parametrize(('dimension', 'word'), words(DIMENSIONS))
def test_dimensions(dimension, word):
    query = parse(f'How {word} is the red object?')
    assert (query.kind, query.what) == ('size', dimension)


@pytest.mark.parametrize(('noun', 'word'), words(PLANES))
def test_planes(noun, word):
    phrase = read_phrase(f'the {word}')
    assert phrase.kind == 'plane'
    told = SCENES['furnished'].answer(f'How far is the {word}?')
    distances = {'floor': 0.8, 'wall': 3.0, 'ceiling': 2.5, 'table': 1.1}
    assert told.value == distances[noun], told.text


@pytest.mark.parametrize(('relation', 'word'), words(RELATIONS))
def test_relations(relation, word):
    phrase = read_phrase(f'the red thing that is {word} the blue one')
    assert (phrase.relation, phrase.colors) == (relation, ('red',))
    assert [anchor.colors for anchor in phrase.anchors] == [('blue',)]


@pytest.mark.parametrize(('bound', 'word'), words(BOUNDS))
def test_bounds(bound, word):
    aspect, sense = bound.split()
    phrase = read_phrase(mark_lengths(f'objects {word} 20 cm'))
    assert phrase.bound == Bound(aspect=aspect, least=sense == '>', length_m=0.2)
    assert (phrase.noun, phrase.plural) == ('', True)


@pytest.mark.parametrize(
    ('aspect', 'word'),
    words(
        'height: tall, high | width: wide | distance: away, far, of distance, from the blue one'
    ),
)
def test_what_a_bound_is_about(word, aspect):
    phrase = read_phrase(mark_lengths(f'objects that are more than 20 cm {word}'))
    assert phrase.bound == Bound(aspect=aspect, least=True, length_m=0.2)
    assert len(phrase.anchors) == word.endswith('one')


@pytest.mark.parametrize(('meaning', 'word'), words(NAMES))
def test_names(meaning, word):
    phrase = read_phrase(word)
    named = {'camera': {'camera'}, 'group': {'group'}, 'filling': {'object', 'group'}}
    assert phrase.kind in named.get(meaning, {'object'})
    if meaning in ('generic', 'filling'):
        phrase = read_phrase(f'{word} red thing' if meaning == 'filling' else f'red {word}')
        assert phrase.colors == ('red',)
    assert (phrase.noun, phrase.pick, phrase.number) == ('', None, None)


@pytest.mark.parametrize('word', ['them', 'they', 'these', 'those', 'both', 'the two'])
def test_two_things_are_meant_by_a_pronoun(word):
    assert alike().answer(f'How far apart are {word}?').value == pytest.approx(0.3967, abs=1e-3)


@pytest.mark.parametrize(('rank', 'word'), words(RANKS))
def test_ranks(word, rank):
    phrase = read_phrase(f'the {word} nearest thing')
    assert (phrase.rank, phrase.noun) == (int(rank), '')


@pytest.mark.parametrize(('region', 'text'), words(REGIONS))
def test_places_in_the_view(text, region):
    phrase = read_phrase(f'the blue cup {text}')
    assert (phrase.region, phrase.colors, phrase.noun) == (region, ('blue',), 'cup')
    assert phrase.pick is None


@pytest.mark.parametrize(('amount', 'text'), words(AMOUNTS))
def test_amounts(text, amount):
    (found,) = amounts_in(plain(text))
    value, unit = amount.split()
    assert (found.value, found.unit) == (pytest.approx(float(value), rel=1e-5), unit)
    lengths = (pytest.approx(float(value), abs=1e-5),) if unit == 'm' else ()
    assert lengths_in(mark_lengths(plain(text))) == lengths


def test_a_comma_before_three_digits_parts_thousands_and_another_one_decimals():
    assert [amount.value for amount in amounts_in('1,500 mm or 1,5 m')] == [1.5, 1.5]


@pytest.mark.parametrize('text', ['1.2.3 m', 'v2 m', 'object 1 in front', '3 in the box', '5 mg'])
def test_what_is_no_amount(text):
    assert amounts_in(plain(text)) == []


@pytest.mark.parametrize(('cut', 'text'), words(UNITS))
def test_a_unit_is_cut_out(text, cut):
    unit, _, rest = cut.partition(' ')
    assert asked_unit(text) == (rest, unit)


def test_a_number_of_things_is_no_unit():
    assert asked_unit('how many objects are in view') == ('how many objects are in view', None)


@pytest.mark.parametrize(('quantity', 'text'), words(WRITTEN))
def test_amounts_are_written_in_their_unit(quantity, text):
    value, sigma, kind, *unit = quantity.split()
    written = wording.amount(Quantity(float(value), float(sigma), kind), *unit)
    assert written == text


def test_unlike_units_are_not_taken_from_each_other():
    with pytest.raises(TypeError, match="'m2' cannot be taken from 'm'"):
        Quantity(1.0, 0.1, 'm') - Quantity(1.0, 0.1, 'm2')


HINTED = {
    'How far is the nearest mug?': 'which object is the mug',
    'How far is the red mug?': 'Taking "the red mug" to be the red object',
    'How far is the tallest red mug?': 'which object is the mug',
    'Is the red mug left of the blue cup?': '"the red mug" to be the red object and '
    '"the blue cup" to be the blue object (depth does not tell what a thing is): yes, the red',
}


@pytest.mark.parametrize('question', HINTED)
def test_a_kind_of_thing_is_taken_by_its_colour_alone(question):
    assert HINTED[question] in SCENES['room'].answer(question).text


@pytest.mark.parametrize(
    ('things', 'taken'),
    [
        ([flat('yellow', (0, 1), (0.2, 0.1, 0.2)), flat('orange', (1, 2), (0.2, 0.1, 0.2))], True),
        ([flat('yellow', (0, 1), (0.2, 0.1, 0.2), touches_edge=True)], False),
        ([flat('yellow', (0, 1), (0.2, 0.1, 0.2), color_share=0.49)], False),
        ([flat('yellow', (0, 1), (0.2, 0.1, 0.2), color_share=0.51)], True),
        (
            [
                flat('yellow', (0, 1), (0.2, 0.1, 0.2)),
                flat('orange', (1, 2), (0.2, 0.1, 0.2), color_share=0.89),
            ],
            False,
        ),
        (
            [
                flat('yellow', (0, 1), (0.2, 0.1, 0.2)),
                flat('blue', (1, 2), (0.2, 0.1, 0.2), color_share=0.6),
            ],
            True,
        ),
    ],
)
def test_a_colour_tells_a_whole_thing_of_that_colour_without_a_rival(things, taken):
    answer = scene(*things).answer('How far is the yellow chair?')
    assert answer.answered == taken
    assert 'the yellow object' in answer.text
    assert taken or 'by its colour alone' in answer.text
