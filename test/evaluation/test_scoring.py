# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What an answer says, whether it is right, and the traps that other scorers fall into."""

from hypothesis import given, settings
from hypothesis import strategies as st
import pytest

from ssr_ros.evaluation import is_two_way, last_conclusion, Majority, same_meaning, score
from ssr_ros.evaluation.scoring import true_reading


def meta(family, form='', verdict='', value=None, unit='', subjects=(), **more):
    return {
        'family': family,
        'form': form,
        'verdict': verdict,
        'value': value,
        'value_unit': unit,
        'subjects': list(subjects),
        **more,
    }


FAR = meta('distance', 'camera', value=1.84, unit='m', subjects=['mug'])
WHETHER = meta('closer', 'whether', 'no', subjects=['red mug', 'blue box'])
WHICH = meta('closer', 'which closer', 'second', subjects=['red mug', 'blue box'])
SIDE = meta('left_right', 'which side', 'left', subjects=['red mug', 'blue box'])
COUNT = meta('count', 'all', '4', 4.0)
HOUR = meta('direction', 'clock', '3', 3.0, 'hour', ['red mug', 'blue box'])
COLOR = meta('attribute', 'color', 'red', subjects=['red mug'])
ORDER = meta('order', 'near to far', '102', subjects=['mug', 'blue box', 'ball'])
POINT = meta('vacant', 'where', subjects=['table'])


@pytest.mark.parametrize(
    ('text', 'right', 'parsed'),
    [
        ('1.84 m.', True, True),
        ('184 cm', True, True),
        ('1840mm', True, True),
        ('It is about 1.84 metres away.', True, True),
        ('6 feet', True, True),
        ('1.84 ± 0.03 m', True, True),
        ('2.11 m', True, True),
        ('2.12 m', False, True),
        ('1.57 m', True, True),
        ('1.56 m', False, True),
        ('1.84', False, False),
        ('1.84 cm', False, True),
        ('1 m or 1.84 m', False, False),
        ('1 to 1.84 m', False, False),
        ('1-1.84 m', False, False),
        ('1,84 m', False, False),
        ('-1.84 m', False, False),
        ('1.1.84 m', False, False),
        ('1.84 minutes', False, False),
        ('2 in front of it', False, False),
        ('nan m', False, False),
        ('9' * 400 + ' m', False, False),
        ('0 m', False, True),
        ('', False, False),
    ],
)
def test_a_length_needs_one_number_a_unit_and_fifteen_per_cent(text, right, parsed):
    found = score(text, '1.84 m.', FAR)
    assert (found.right, found.parsed) == (right, parsed)


def test_the_ratio_of_a_length_is_kept():
    found = score('2.2 m', '1.84 m.', FAR)
    assert found.ratio == pytest.approx(2.2 / 1.84)
    assert found.within(0.25)
    assert not found.within(0.15)


@pytest.mark.parametrize(
    ('text', 'right', 'parsed'),
    [
        ('No.', True, True),
        ('no', True, True),
        ('No, the box is.', True, True),
        ('Yes.', False, True),
        ('Not really', False, False),
        ('Nothing is', False, False),
        ('North', False, False),
        ('No idea', False, False),
        ('yes no', False, False),
        ('Yes, no', False, False),
        ('Yesterday', False, False),
        ('I know', False, False),
        ('n', False, False),
    ],
)
def test_no_is_a_word_and_not_the_start_of_another(text, right, parsed):
    found = score(text, 'No.', WHETHER)
    assert (found.right, found.parsed) == (right, parsed)


@pytest.mark.parametrize(
    ('row', 'answer', 'text', 'right', 'parsed'),
    [
        (WHICH, 'The blue box.', 'blue box', True, True),
        (WHICH, 'The blue box.', 'THE BLUE BOX', True, True),
        (WHICH, 'The blue box.', 'The red mug.', False, True),
        (WHICH, 'The blue box.', 'The box.', False, False),
        (WHICH, 'The blue box.', 'Based on what I see', False, False),
        (WHICH, 'The blue box.', 'The blue box or the red mug', False, False),
        (WHICH, 'The blue box.', 'The blue boxes.', False, False),
        (SIDE, 'Left.', 'left', True, True),
        (SIDE, 'Left.', 'To the left of the box.', True, True),
        (SIDE, 'Left.', 'Right.', False, True),
        (SIDE, 'Left.', 'left or right', False, False),
        (SIDE, 'Left.', 'leftovers', False, False),
        (COUNT, '4.', '4', True, True),
        (COUNT, '4.', 'Four.', True, True),
        (COUNT, '4.', 'There are 4 objects.', True, True),
        (COUNT, '4.', '14', False, True),
        (COUNT, '4.', '4.5', False, False),
        (COUNT, '4.', '4 cm', False, False),
        (COUNT, '4.', '3 or 4 objects', False, False),
        (COUNT, '4.', 'No idea', False, False),
        (HOUR, "3 o'clock.", '3 o\u2019clock', True, True),
        (HOUR, "3 o'clock.", "13 o'clock", False, False),
        (HOUR, "3 o'clock.", "9 o'clock", False, True),
        (COLOR, 'Red.', 'red', True, True),
        (COLOR, 'Red.', 'Reddish', False, True),
        (COLOR, 'Red.', 'It is not red', False, False),
        (ORDER, 'The blue box, the mug, the ball.', 'blue box, mug and the ball', True, True),
        (ORDER, 'The blue box, the mug, the ball.', 'mug, blue box, ball', False, True),
        (ORDER, 'The blue box, the mug, the ball.', 'blue box, mug', False, True),
        (POINT, '(0.42, 0.66).', '(0.50, 0.60)', True, True),
        (POINT, '(0.42, 0.66).', '(0.53, 0.66)', False, True),
        (POINT, '(0.42, 0.66).', '(0.42', False, False),
    ],
)
def test_everything_else_is_right_exactly_or_not_at_all(row, answer, text, right, parsed):
    found = score(text, answer, row)
    assert (found.right, found.parsed) == (right, parsed)


def test_none_is_a_count():
    row = meta('count', 'color', '0', 0.0)
    assert score('None.', '0.', row).right
    assert score('There are no red objects.', '0.', row).right


def test_a_description_needs_names_in_order_and_their_distances():
    row = meta('describe', 'near to far', subjects=['mug', 'desk'], needs_depth=True)
    true = 'The mug at 1.17 m and the desk at 1.24 m.'
    assert score('The mug at 1.10 m and the desk at 1.30 m.', true, row).right
    assert not score('The mug at 1.10 m and the desk at 3 m.', true, row).right
    assert not score('The desk at 1.24 m and the mug at 1.17 m.', true, row).right
    assert not score('The mug and the desk.', true, row).right


def test_two_orders_agree_when_what_they_say_is_the_same():
    swapped = {**WHETHER, 'verdict': 'yes'}
    truths = [true_reading('No.', WHETHER), true_reading('Yes.', swapped)]
    no, yes = score('No.', 'No.', WHETHER), score('Yes.', 'Yes.', swapped)
    mumbled = score('Not sure', 'Yes.', swapped)
    assert same_meaning(no, yes, truths)
    assert same_meaning(yes, no, truths), 'both wrong, and of one mind'
    assert not same_meaning(no, no, truths)
    assert not same_meaning(no, mumbled, truths)


def test_two_orders_of_one_name_length_or_hour_agree_likewise():
    def agree(row, answers, texts):
        truths = [true_reading(answer, row) for answer in answers]
        return same_meaning(
            *(score(t, a, row) for t, a in zip(texts, answers, strict=True)), truths
        )

    assert agree(WHICH, ['The blue box.'] * 2, ['the red mug', 'red mug'])
    assert not agree(WHICH, ['The blue box.'] * 2, ['the red mug', 'blue box'])
    assert agree(FAR, ['1.84 m'] * 2, ['50 cm', '55 cm'])
    assert not agree(FAR, ['1.84 m'] * 2, ['1.7 m', '2.0 m'])
    nine = {**HOUR, 'verdict': '9', 'value': 9.0}
    truths = [true_reading("3 o'clock", HOUR), true_reading("9 o'clock", nine)]
    five, eleven = score("5 o'clock", '', HOUR), score("11 o'clock", '', nine)
    assert same_meaning(five, eleven, truths)
    assert not same_meaning(five, five, truths)


def test_two_way_questions_are_those_that_a_coin_can_answer():
    assert [is_two_way(row) for row in (WHETHER, WHICH, SIDE)] == [True] * 3
    assert not any(is_two_way(row) for row in (FAR, COUNT, HOUR, COLOR, ORDER))


@pytest.mark.parametrize(
    ('row', 'last', 'short'),
    [
        (WHICH, '96 cm is less than 1.08 m, so the blue box is closer.', 'blue box'),
        (WHETHER, '96 cm is less than 1.08 m, so the blue box is closer.', 'no'),
        (WHETHER, '96 cm is less than 1.08 m, so the red mug is closer.', 'yes'),
        (WHETHER, 'So the red mug is farther.', 'no'),
        (SIDE, 'So the blue box is to the right of the red mug.', 'left'),
        (SIDE, 'So the red mug is to the left of the blue box.', 'left'),
        (HOUR, "That is 3 o'clock.", "3 o'clock"),
        (COLOR, 'The mug is red.', 'red'),
        (meta('attribute', 'shape', 'mug', subjects=['red mug']), 'It is a mug.', 'red mug'),
        (meta('exists', 'named', 'no', subjects=['red mug']), 'There is no red mug.', 'no'),
        (meta('fits', 'pass', 'no'), '3.6 m is less than 6.9 m: no.', 'no'),
        (meta('vacant', 'whether', 'yes'), '52 cm is more than 30 cm.', 'yes'),
        (
            meta('support', 'whether', 'no', subjects=['mug', 'desk']),
            'So it is not on the desk.',
            'no',
        ),
        (
            meta('front_behind', 'whether behind', 'no', subjects=['mug', 'desk']),
            'So the mug is in front of the desk.',
            'no',
        ),
        (FAR, 'The nearest part of it is 1.84 m away.', '1.8400 m'),
        (meta('nearest', 'nearest', subjects=['red mug']), 'The red mug is nearest.', 'red mug'),
    ],
)
def test_the_last_sentence_of_written_reasons_is_read_as_an_answer(row, last, short):
    assert last_conclusion(f'The red mug is 1.08 m away. {last}', row) == short


@pytest.mark.parametrize(
    ('row', 'last'),
    [
        (meta('exists', 'named', 'yes', subjects=['red mug']), 'There is a green ball.'),
        (FAR, 'The nearest part of the green ball is 1.84 m away.'),
        (FAR, 'The mug is 1.84 m wide.'),
        (WHICH, 'So the blue box is farther.'),
        (WHICH, 'So the green ball is closer.'),
        (meta('support', 'whether', 'yes', subjects=['mug', 'desk']), 'So the desk is closer.'),
    ],
)
def test_a_conclusion_about_something_else_is_no_answer(row, last):
    found = score(last_conclusion(f'The red mug is 1.08 m away. {last}', row), 'x', row)
    assert not found.parsed


@settings(deadline=None)
@given(st.text(), st.sampled_from((FAR, WHETHER, WHICH, SIDE, COUNT, HOUR, COLOR, ORDER, POINT)))
def test_no_text_stops_the_scorer(text, row):
    found = score(text, 'The blue box.', row)
    assert found.parsed or not found.right
    last_conclusion(text, row)


def test_the_majority_answer_is_of_the_form_and_follows_the_names():
    rows = [('The ball.', WHICH), ('The ball.', WHICH), ('x', {**WHICH, 'verdict': 'first'})]
    rows += [('', {**FAR, 'value': value}) for value in (1.0, 2.0, 9.0)]
    rows += [('Red.', COLOR), ('Blue.', COLOR), ('Red.', COLOR), ('', ORDER)]
    known = Majority(rows)
    assert known.answer(WHICH) == 'the blue box'
    assert score(known.answer(WHICH), 'The blue box.', WHICH).right
    assert known.answer(FAR) == '2.0000 m'
    assert known.answer(COLOR) == 'Red.'
    assert known.answer(ORDER) == 'the blue box, the mug, the ball'
    assert known.answer(COUNT) == ''
