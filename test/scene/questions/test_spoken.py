# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""As people type and speak: numbers in words and in parts, contractions, thanks, slips."""

from __future__ import annotations

from handmade import SCENES
import pytest

from ssr_ros.scene.questions.parsing import parse
from ssr_ros.scene.questions.query import Query, Refusal
from ssr_ros.scene.questions.spelling import lengths_in, mark_lengths, plain
from ssr_ros.scene.questions.typos import misspelt

ROOM = SCENES['room']


@pytest.mark.parametrize(
    ('said', 'length_m'),
    [
        ('a foot and a half', 0.4572),
        ('one and a half feet', 0.4572),
        ('half a metre', 0.5),
        ('a half meter', 0.5),
        ('a metre and a half', 1.5),
        ('two and a half meters', 2.5),
        ('2 and a half m', 2.5),
        ('2 1/2 m', 2.5),
        ('1½ m', 1.5),
        ('½ m', 0.5),
        ('¾ of a metre', 0.75),
        ('three quarters of a metre', 0.75),
        ('two and three quarters inches', 0.06985),
        ('5\'6"', 1.6764),
        ('2 feet 6 inches', 0.762),
        ('2 ft, 6 in', 0.762),
        ('2 feet and 6.5 inches', 0.7747),
        ('1 m 20', 1.2),
        ('1m20', 1.2),
        ('1 metre 20 centimetres', 1.2),
        ('1 m and 5 cm', 1.05),
        ('twelve inches', 0.3048),
        ('twenty five centimetres', 0.25),
        ('ninety-nine mm', 0.099),
        ('one hundred centimeters', 1.0),
        ('a hundred and twenty cm', 1.2),
        ('three hundred fifteen and a half mm', 0.3155),
        ('.9 m', 0.9),
        ('1,5 m', 1.5),
        ('1,500 mm', 1.5),
        ('3.5cm', 0.035),
    ],
)
def test_a_length_in_words_or_in_parts_is_one_length(said, length_m):
    assert lengths_in(mark_lengths(plain(f'is it within {said}'))) == pytest.approx([length_m])
    answer = ROOM.answer(f'Is the red object within {said}?')
    assert answer.kind == 'yes_no' and answer.value == (
        None if length_m == 1.0 else float(length_m > 1.0)
    )


@pytest.mark.parametrize(
    ('text', 'lengths_m'),
    [
        ('is it between 1 m and 50 cm', (1.0, 0.5)),
        ('is the way free for 1 m and 40 cm wide', (1.0, 0.4)),
        ('is it 12 cm and 20 cm', (0.12, 0.2)),
        ('are two in the box', ()),
        ('are there 2 in front of it', ()),
        ('are there twenty five cups', ()),
        ('is it 1 m 20 degrees', (1.0,)),
    ],
)
def test_what_is_no_one_length_is_not_put_together(text, lengths_m):
    assert lengths_in(mark_lengths(plain(text))) == pytest.approx(lengths_m)


@pytest.mark.parametrize(
    ('question', 'number'),
    [
        ("Which objects aren't on the floor?", 1),
        ("Which objects isn't on the floor?", 1),
        ("What isn't white?", 3),
        ('Which things arent white?', 3),
        ("How many objects aren't white?", 3),
        ("How many objects that aren't white are on the floor?", 3),
    ],
)
def test_who_asks_what_is_not_so_hears_of_no_other(question, number):
    """Those that are on the floor were told by "which aren't on the floor"."""
    found = ROOM.answer(question)
    assert (found.value if found.kind == 'count' else len(found.subjects)) == number


@pytest.mark.parametrize(
    'question',
    [
        "What can't you see?",
        "Which object doesn't stand on the floor?",
        "The red object isn't left of the blue object.",
        "Is the red object on the floor and isn't it blue?",
    ],
)
def test_what_is_not_so_is_not_answered_as_if_it_were(question):
    assert isinstance(parse(question), Refusal)


LIKE = 'Is the red object left of the blue object?'


@pytest.mark.parametrize(
    'question',
    [
        "Isn't the red object left of the blue object?",
        'isnt the red object left of the blue object',
        "Ain't the red object left of the blue object?",
        "In the picture, isn't the red object left of the blue object?",
        "The red object is left of the blue object, isn't it?",
        'IS THE RED OBJECT LEFT OF THE BLUE OBJECT?!?',
        'Is the red object left of the blue object? Thanks!',
        'is the red object left of the blue object pls',
        'Is the red object left of the blue object, thank you very much.',
        '🤖 Is the red object left of the blue object? 🙏🏽',
        '"Is the red object left of the blue object?"',
        'Uhm, is the red object left of the blue object?',
        'Sorry, is the red object left of the blue object',
        'The red object - is it left of the blue object?',
    ],
)
def test_what_is_said_around_a_question_changes_nothing(question):
    assert ROOM.answer(question).text == ROOM.answer(LIKE).text


@pytest.mark.parametrize(
    ('question', 'plainly'),
    [
        ('How wide is the red object (cm)?', 'How wide is the red object in cm?'),
        ('How wide is the red object (in inches)?', 'How wide is the red object in inches?'),
        ("What's infront of the blue object?", 'What is in front of the blue object?'),
        ("Where're the white objects?", 'Where are the white objects?'),
    ],
)
def test_short_forms_are_read_as_the_long_ones(question, plainly):
    answer = ROOM.answer(question)
    assert answer.answered and answer.text == ROOM.answer(plainly).text


def test_no_unit_is_a_thing():
    for question in ('How far is the red object in feet and inches?', 'How far is it to inches?'):
        assert isinstance(parse(question), Refusal)


@pytest.mark.parametrize(
    ('question', 'meant'),
    [
        ('Wich is closer, the cup or the bowl?', 'which'),
        ('Which is closr, the cup or the bowl?', 'closer'),
        ('Is the cup to the lfet of the bowl?', 'left'),
        ('Is the cup beetween the bowl and the can?', 'between'),
        ('Hwo far is the cup?', 'how'),
        ('What clour is the cup?', 'color'),
    ],
)
def test_a_misspelt_word_is_asked_back_and_never_taken(question, meant):
    refusal = parse(question)
    assert isinstance(refusal, Refusal) and f'did you mean "{meant}" by ' in refusal.reason


@pytest.mark.parametrize(
    'question',
    [
        'Sort them by distance.',
        'How old is the wheel?',
        'Is their table new?',
        'Is the shadow real?',
        'Is it further lit?',
    ],
)
def test_an_english_word_is_not_taken_for_a_misspelt_one(question):
    refusal = parse(question)
    assert isinstance(refusal, Refusal) and 'did you mean' not in refusal.reason


@pytest.mark.parametrize('name', ['pitcher', 'screwdriver', 'computer', 'hammer', 'cup'])
def test_a_name_that_ends_as_comparatives_do_may_come_first_of_two(name):
    query = parse(f'Is the {name} or the box closer?')
    assert query == parse(f'Which is closer, the {name} or the box?')
    assert query.kind == 'which' and query.a.text == f'the {name}'
    assert isinstance(parse('Is the box closer or the cup closer?'), Refusal)


@pytest.mark.parametrize('name', ['tall glass', 'small box', 'high chair', 'flask'])
def test_what_things_are_called_does_not_tell_how_to_sort_them(name):
    names = [name, 'mug', 'jug']
    assert parse(f'Sort the {name}, the mug and the jug by distance.', names).what == 'farthest'
    assert parse(f'Sort the jug, the {name} and the mug by width.', names).what == 'narrowest'


@pytest.mark.parametrize('name', ['horizontal bar', 'vertical blind', 'center console', 'flask'])
def test_what_things_are_called_does_not_tell_how_to_measure_between_them(name):
    names = [name, 'mug']
    assert parse(f'How far is the mug from the {name}?', names).what == 'gap'
    assert parse(f'What is the vertical distance from the {name} to the mug?', names).what == (
        'vertical'
    )


@pytest.mark.parametrize(
    'text', ['why is the sky', 'is the _closr_cup there', 'a white wall', 'balls']
)
def test_of_what_is_no_slip_nothing_is_asked(text):
    assert misspelt(text) == ''


def test_a_known_name_is_no_slip():
    query = parse('How far is the wich?', ('wich',))
    assert isinstance(query, Query) and query.a is not None and query.a.noun == 'wich'


@pytest.mark.parametrize(
    ('question', 'plainly'),
    [
        (
            'Is the red object wider then the blue object?',
            'Is the red object wider than the blue?',
        ),
        ("Is the red object's width over 15 cm?", 'Is the red object wider than 15 cm?'),
        ("Is the red object's height less than 1 foot?", 'Is the red object shorter than 1 foot?'),
        (
            "Is the red object's height greater than the blue object's height?",
            'Is the red object taller than the blue object?',
        ),
        (
            'Which is more far away, the red object or the blue object?',
            'Which is farther away, the red object or the blue object?',
        ),
        ('What is the most close object?', 'What is the closest object?'),
        ('Is there only one red object?', 'Is there exactly one red object?'),
        (
            'Is the blue object between 1 and 2 m away?',
            'Is the blue object more than 1 m away and less than 2 m away?',
        ),
    ],
)
def test_other_words_for_more_and_less_are_read(question, plainly):
    found = ROOM.answer(question)
    assert found.answered and found.text == ROOM.answer(plainly).text


@pytest.mark.parametrize(
    ('bounds', 'value'),
    [('80 cm and 1.2 m away', 1.0), ('1.2 and 2 m away', 0.0), ('25 cm and 35 cm tall', 1.0)],
)
def test_between_two_lengths_is_more_than_one_and_less_than_the_other(bounds, value):
    assert ROOM.answer(f'Is the red object between {bounds}?').value == value


def test_the_width_of_a_thing_is_no_thing_of_that_name():
    refusal = parse("How far is the cup's width?", ('cup',))
    assert isinstance(refusal, Refusal) and "cup's" in refusal.reason
