# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What a question offers for an answer, and that naming some orders only those."""

from __future__ import annotations

import pytest

from ssr_ros.scene.questions.offered import offered, Way, ways
from ssr_ros.scene.questions.parsing import parse

YES_NO = ('Yes.', 'No.')
OFFERED = {
    'Which is closer to the camera, the red mug or the black bottle?': (
        'The red mug.',
        'The black bottle.',
    ),
    'Which is nearest: the red mug, the box or the can?': (
        'The red mug.',
        'The box.',
        'The can.',
    ),
    'Is the red mug closer than the box?': YES_NO,
    'Is the red mug to the left of the box?': YES_NO,
    'Is there a red mug?': YES_NO,
    'Is the mug taller than 20 cm?': YES_NO,
    'On which side of the box is the mug, left or right?': ('Left.', 'Right.'),
    'Is the mug on the left or on the right?': ('Left.', 'Right.'),
    'Is the mug above or below the box?': ('Above.', 'Below.'),
    'Is the mug in front of or behind the box?': ('In front.', 'Behind.'),
    'Order the mug and the box from near to far.': ('The mug, the box.', 'The box, the mug.'),
}
OPEN = (
    'How far away is the mug?',
    'What color is the mug?',
    'What is the gray object?',
    'List the objects from left to right.',
    'Which one is bigger?',
    'Which is closer, the mug or the mug?',
    'Is there a mug, and how far is it?',
    'What is the meaning of life?',
)


@pytest.mark.parametrize('question', OFFERED)
def test_a_question_offers_its_answers_in_the_order_in_which_it_names_them(question):
    assert offered(parse(question)) == OFFERED[question]


@pytest.mark.parametrize('question', OPEN)
def test_an_open_question_offers_none(question):
    assert offered(parse(question)) == ()


def test_three_things_are_offered_in_all_their_orders():
    orders = offered(parse('Order the mug, the box and the can from near to far.'))
    assert len(set(orders)) == 6
    assert orders[0] == 'The mug, the box, the can.'
    assert all(
        sorted(one[:-1].lower().split(', ')) == ['the box', 'the can', 'the mug'] for one in orders
    )


@pytest.mark.parametrize(
    ('question', 'what', 'named'),
    [
        ('Order the mug, the box and the can from near to far.', 'farthest', 'mug box can'),
        ('Sort the mug and the box by height.', 'shortest', 'mug box'),
        ('Rank the can, the mug, and the box from left to right.', 'right', 'can mug box'),
        ('Order the mug, the box, the can and the cup by size.', 'smallest', 'mug box can cup'),
        ('List all objects from left to right.', 'right', ''),
        ('Order the things by distance.', 'farthest', ''),
    ],
)
def test_an_order_is_of_what_is_named(question, what, named):
    query = parse(question)
    assert (query.kind, query.what) == ('order', what)
    things = query.a.anchors if query.a is not None else ()
    assert ' '.join(phrase.noun for phrase in things) == named


def test_of_four_things_one_is_offered_and_no_order():
    assert len(offered(parse('Which is nearest, the mug, the box, the can or the cup?'))) == 4
    assert offered(parse('Order the mug, the box, the can and the cup by size.')) == ()


EXCHANGED = {
    'Which is closer, the red mug or the box?': 'Which is closer, the box or the red mug?',
    'Is the mug closer than the box?': 'Is the box closer than the mug?',
    'Is The Mug to the left of the box?': 'Is the box to the left of the mug?',
    'On which side of the box is the mug, left or right?': (
        'On which side of the mug is the box, left or right?'
    ),
}


@pytest.mark.parametrize('question', EXCHANGED)
def test_a_comparison_is_asked_in_both_orders_with_answers_that_mean_the_same(question):
    own, other = ways(question)
    assert own == Way(question, offered(parse(question)))
    assert other.text == EXCHANGED[question]
    flips = not question.startswith('Which')
    assert other.answers == (own.answers[::-1] if flips else own.answers)


@pytest.mark.parametrize(
    'question',
    [
        'Is there a mug?',
        'Is the mug on the box?',
        'Is the mug touching the box?',
        'Is the mug taller than 20 cm?',
        'Is the mug more than 10 cm taller than the box?',
        'Which is nearest: the mug, the box or the can?',
        'Which is closer, the mug or the mug on the box?',
        'Order the mug and the box by height.',
    ],
)
def test_what_has_no_converse_or_would_be_torn_apart_is_asked_one_way(question):
    assert [way.text for way in ways(question)] == [question]


@pytest.mark.parametrize('question', OPEN)
def test_an_open_question_has_no_ways_to_choose(question):
    assert ways(question) == ()
