# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Questions in plain English: the right answer, or a clear refusal, never a guess."""

from __future__ import annotations

import pytest
from rendered import Box, render

from ssr_ros.errors import QuestionError
from ssr_ros.question import clean_question
from ssr_ros.scene import Agreement, measure

NUMBERS = [
    ('How far is the nearest red object?', 1.07, 0.03),
    ('how far away is the blue thing', 1.26, 0.04),
    ('How far is red object 2?', 1.68, 0.04),
    ('What is the distance to the green object?', 1.73, 0.04),
    ('Tell me how far the green thing is, please.', 1.73, 0.04),
    ('How close is the leftmost object?', 1.74, 0.05),
    ('How far must I drive to reach the blue object?', 1.26, 0.04),
    ('How far apart are the blue object and the green object?', 0.43, 0.05),
    ('What is the gap between the green and the blue object?', 0.43, 0.05),
    ('distance from red object 1 to the blue one', 0.31, 0.03),
    ('What is the horizontal distance between red object 1 and red object 2?', 1.03, 0.05),
    ('What is the vertical distance between the blue and the green object?', 0.13, 0.03),
    ('How far is the yellow object from the wall?', 1.25, 0.06),
    ('How far is the wall?', 3.0, 0.03),
    ('How high is the camera?', 0.7, 0.01),
    ('How high am I?', 0.7, 0.01),
    ('How far is it to the wall?', 3.0, 0.03),
    ('How far is it from the blue object to the green one?', 0.43, 0.05),
    ('Is something blocking my way?', 1.0, 0.3),
    ('How high is the yellow object above the floor?', 0.0, 0.01),
    ('How wide is the green object?', 0.15, 0.01),
    ('How tall is red object 1?', 0.20, 0.01),
    ("What is the blue object's width?", 0.20, 0.01),
    ('What is the height of the yellow object?', 0.20, 0.01),
    ('How much taller is the green one than the blue one?', 0.25, 0.02),
    ('How much shorter is the green one than the blue one?', -0.25, 0.02),
    ('What is the depth at pixel (160, 230)?', 0.87, 0.05),
    ('How far is the point 160, 230?', 0.87, 0.05),
    ('How far can I drive straight ahead?', 1.0, 0.3),
]

YES_NO = [
    ('Is the blue object left of the green one?', False),
    ('Is the green object to the left of the blue one?', True),
    ('Is the blue object to the right of the green one?', True),
    ('Is the green object behind the blue one?', True),
    ('Is the green object in front of the blue one?', False),
    ('Is red object 1 in front of the green object?', True),
    ('Is the green object higher than the blue one?', True),
    ('Is the centre of the green object lower than the blue one?', None),
    ('Is the green object taller than the blue object?', True),
    ('Is the blue object taller than the green object?', False),
    ('Is the blue object wider than the green object?', True),
    ('Is the blue object as tall as the green object?', False),
    ('Does the green object touch the blue one?', False),
    ('Is the blue object on the right of the green one?', True),
    ('Is the blue object on top of the green one?', False),
    ('Is the blue object closer than the green one?', True),
    ('Is the green one taller than 30 cm?', True),
    ('Is the green one taller than 0.4 m?', False),
    ('Is the blue object within 1 m?', False),
    ('Is the blue object closer than 5 feet?', True),
    ('Is the object on the left closer than the object on the right?', False),
    ('Is there a purple object?', False),
    ('Is there anything yellow?', True),
    ('Do you see a red object?', True),
    ('Is there anything within 50 cm?', False),
    ('Is anything taller than 30 cm?', True),
    ('Is anything on the floor?', True),
    ('Is there something behind the green object?', False),
    ('Is something in front of the green object?', True),
    ('Is the blue object on the floor?', True),
    ('Is the blue object on the green object?', False),
    ('Do the blue object and the green object touch?', False),
    ('Are the blue and the green object touching?', False),
    ('Is the blue object between red object 1 and red object 2?', True),
    ('Is the yellow object between red object 1 and red object 2?', False),
    ('Can I drive between the blue and the green object? I am 60 cm wide.', False),
    ('Can a 7 inch wide robot pass between the blue and the green object?', True),
    ('Is there enough room between red object 1 and the blue one for a 40 cm box?', False),
    ('Would a 15 cm wide box fit between red object 1 and the blue one?', True),
    ('Can I reach the blue object? My arm is 80 cm long.', False),
    ('Is the blue object within reach of 1.5 m?', True),
    ('Can I drive 80 cm forward?', True),
    ('Is the way ahead free for 2.5 m?', False),
    ('Is there an obstacle within 1.3 m ahead?', True),
    ('Is the green one the tallest?', True),
    ('Is the blue one the tallest?', False),
    ('Does the blue one stand on the floor?', True),
    ('Are there more than 3 objects?', True),
    ('Are there at most 3 objects?', False),
    ('Can the robot arm reach the yellow object if its reach is 2 m?', True),
    ('Is there a wall?', True),
    ('Is there a ceiling?', False),
    ('Is the green object on the left?', False),
    ('Is there room on the floor for a 20 cm plate?', True),
]

CHOICES = [
    ('What is the closest thing in front of me?', 'red object 1'),
    ('Which object is nearest?', 'red object 1'),
    ('What is the second nearest object?', 'blue object 1'),
    ('Which is taller, the blue one or the green one?', 'green object 1'),
    ('Which one is shorter: the blue one or the green one?', 'blue object 1'),
    ('Which is farther away, the blue object or the green object?', 'green object 1'),
    ('Which of the blue object and the green object is farther?', 'green object 1'),
    ('Which is closer to the blue object, red object 1 or the yellow one?', 'red object 1'),
    ('Is the green object taller or shorter than the blue one?', 'green object 1'),
    ('The blue one or the green one: which is taller?', 'green object 1'),
    ('What is left of red object 1?', 'yellow object 1'),
    ('Which object is tallest?', 'green object 1'),
    ('What is the farthest object from the blue one?', 'yellow object 1'),
    ('Which is wider, red object 1 or the blue one?', 'blue object 1'),
    ('Which object is nearest to the blue one?', 'red object 1'),
    ('What is the rightmost object?', 'red object 2'),
    ('Is the blue object left or right of the green one, and by how much?', 'right of'),
    ('On which side of the green object is the blue one, left or right?', 'right of'),
    ('On which side of the blue object is the green one, right or left?', 'left of'),
    ('Is the green object in front of or behind the blue one?', 'behind'),
    ('Is the green object above or below the blue one?', 'above'),
    ('Is the yellow object on the left or on the right?', 'left of'),
    ('What colour is the nearest object?', 'red'),
    ('What is the green object standing on?', 'support surface'),
    ('Which way is most free?', None),
]

COUNTS = [
    ('How many objects are there?', 5),
    ('How many objects do you see?', 5),
    ('How many red things are there?', 2),
    ('How many objects are within a metre?', 0),
    ('How many objects are within 1.5 m?', 2),
    ('How many objects are farther than 1.5 meters?', 3),
    ('How many objects are to the left of the green object?', 2),
    ('How many objects are taller than 12 cm?', 4),
    ('How many objects are behind the blue object?', 3),
    ('How many things are on the floor?', 5),
    ('How many walls are there?', 1),
    ('count the blue objects', 1),
    ('How many objects are on the left?', 2),
]

REFUSED = [
    ('How far away is the mug?', 'which object is the mug'),
    ('How far is the red mug?', 'which object is the mug'),
    ('Which is taller, the can or the cup?', 'which object is the can'),
    ('How many chairs are there?', 'which object is the chair'),
    ('How far is the red object?', 'fits 2 objects'),
    ('How far is the pink object?', 'nothing that fits'),
    ('Can I drive between them? I am 40 cm wide.', 'should mean 2 objects'),
    ('How far is red object 7?', 'nothing that fits'),
    ('Is the blue object not on the floor?', '"not"'),
    ('What is the red thing made of?', 'cannot answer this from geometry'),
    ('Who are you?', 'cannot answer this from geometry'),
    ('Is it raining?', 'cannot answer this from geometry'),
    ('What is behind me?', 'does not see what is behind'),
    ('How heavy is the blue object?', 'cannot answer this from geometry'),
    ('How far is pixel (900, 20)?', 'not inside the 320x240 image'),
    ('How far is the blue object from the blue object?', 'same object'),
    ('How high is the ceiling?', 'shows no ceiling'),
    ('asdf qwer', 'cannot answer this from geometry'),
]


@pytest.mark.parametrize(('question', 'value', 'slack'), NUMBERS)
def test_numbers(facts, question, value, slack):
    answer = facts.answer(question)
    assert answer.answered, answer.text
    assert answer.kind == 'number' and answer.unit == 'm'
    assert answer.value == pytest.approx(value, abs=slack), answer.text
    assert answer.evidence and answer.sigma is not None


@pytest.mark.parametrize(('question', 'yes'), [pair for pair in YES_NO if pair[1] is not None])
def test_yes_or_no(facts, question, yes):
    answer = facts.answer(question)
    assert answer.answered, answer.text
    assert answer.kind == 'yes_no'
    assert answer.value == float(yes), answer.text
    assert answer.evidence


@pytest.mark.parametrize(('question', 'choice'), [pair for pair in CHOICES if pair[1]])
def test_choices(facts, question, choice):
    answer = facts.answer(question)
    assert answer.answered, answer.text
    assert answer.choice == choice, answer.text
    assert answer.evidence


@pytest.mark.parametrize(('question', 'number'), COUNTS)
def test_counts(facts, question, number):
    answer = facts.answer(question)
    assert answer.answered, answer.text
    assert answer.kind == 'count' and answer.value == number, answer.text


@pytest.mark.parametrize(('question', 'reason'), REFUSED)
def test_what_geometry_does_not_tell_is_refused_with_the_reason(facts, question, reason):
    answer = facts.answer(question)
    assert not answer.answered, answer.text
    assert reason in answer.text
    assert answer.value is None and answer.choice == ''


def test_both_orders_of_naming_give_the_same_answer(noisy_facts):
    names = [noisy_facts.label(o) for o in noisy_facts.objects]
    for word in ('taller', 'wider', 'closer', 'bigger', 'higher'):
        for a in names:
            for b in names:
                if a < b:
                    one = noisy_facts.answer(f'Which is {word}, {a} or {b}?')
                    other = noisy_facts.answer(f'Which is {word}, {b} or {a}?')
                    assert one.answered and one.choice == other.choice
                    assert one.text == other.text
                    yes = noisy_facts.answer(f'Is {a} {word} than {b}?').value
                    turned = noisy_facts.answer(f'Is {b} {word} than {a}?').value
                    assert (yes is None) == (turned is None)
                    assert yes is None or yes + turned == 1


def test_a_near_tie_is_not_decided():
    things = [Box('red', (-0.2, 1.2), (0.1, 0.1, 0.2)), Box('blue', (0.2, 1.2), (0.1, 0.1, 0.201))]
    facts = measure(render(things, size=(640, 480), noise=0.003).frame)
    answer = facts.answer('Which is taller, the red one or the blue one?')
    assert answer.text.startswith('I cannot tell') and answer.choice == ''
    assert facts.answer('Is the red one taller than the blue one?').value is None
    assert not facts.answer('Which object is nearest?').answered


def test_them_means_both_where_there_are_two():
    things = [Box('red', (-0.3, 1.2), (0.1, 0.1, 0.2)), Box('blue', (0.3, 1.2), (0.1, 0.1, 0.2))]
    facts = measure(render(things, size=(640, 480)).frame)
    assert facts.answer('Can a 40 cm wide robot pass between them?').value == 1
    assert facts.answer('Can I pass between the two boxes? I am 60 cm wide').value == 0
    assert facts.answer('How far apart are they?').value == pytest.approx(0.5, abs=0.02)


def test_a_kind_with_a_unique_colour_is_answered_with_a_caveat(facts):
    answer = facts.answer('How far is the blue mug?')
    assert answer.answered
    assert 'Taking "the blue mug" to be the blue object' in answer.text


def test_things_of_a_kind_that_depth_shows_are_listed(facts):
    assert facts.answer('Which objects are red?').subjects == ('red object 1', 'red object 2')
    assert facts.answer('Which objects are within 1.5 m?').subjects == (
        'red object 1',
        'blue object 1',
    )
    assert facts.answer('What is above the blue object?').text.startswith('Nothing')


def test_units_are_those_asked_for(facts):
    assert ' in wide' in facts.answer('How wide is the green object in inches?').text
    assert ' ft ' in facts.answer('How far is the green object in feet?').text
    assert ' cm ' in facts.answer('How many centimetres away is the green object?').text


def test_order_is_told_from_left_to_right(facts):
    text = facts.answer('List the objects from left to right').text
    order = ['yellow object', 'red object 1', 'green object', 'blue object', 'red object 2']
    assert [text.index(name) for name in order] == sorted(text.index(name) for name in order)


def test_an_order_of_named_things_is_of_those_alone(facts):
    asked = 'Order the green object, the yellow object and the blue object from left to right.'
    found = facts.answer(asked)
    assert found.subjects == ('yellow object 1', 'green object 1', 'blue object 1')
    assert 'red' not in found.text
    two = facts.answer('Order the green object and the yellow object from right to left.')
    assert two.subjects == ('green object 1', 'yellow object 1')
    assert not facts.answer('Order the pink object and the blue object by distance.').answered


def test_where_gives_a_bearing_and_a_clock_direction(facts):
    answer = facts.answer('Where is red object 2?')
    assert answer.kind == 'direction' and answer.value == pytest.approx(20.6, abs=2)
    assert "1 o'clock" in answer.text
    relative = facts.answer('Where is the yellow object relative to the blue one?')
    assert "10 o'clock" in relative.text and 'to the left' in relative.text


def test_a_size_that_leaves_the_image_is_at_least():
    things = [Box('red', (0.62, 1.0), (0.3, 0.2, 0.3)), Box('blue', (0, 1.2), (0.2, 0.2, 0.2))]
    facts = measure(render(things).frame)
    assert 'at least' in facts.answer('How wide is the red object?').text
    assert not facts.answer('Is the red object wider than 50 cm?').answered


def test_without_depth_nothing_is_claimed(rendered):
    import numpy as np

    from ssr_ros.rgbd import RgbdFrame

    blank = np.full(rendered.frame.depth_m.shape, np.nan, np.float32)
    facts = measure(RgbdFrame(rendered.frame.rgb, blank, rendered.frame.intrinsics))
    for question, *_ in NUMBERS + YES_NO + CHOICES + COUNTS:
        answer = facts.answer(question)
        if question != 'Is there a ceiling?':
            assert not answer.answered or answer.value in (None, 0.0), (question, answer.text)


@pytest.mark.parametrize('question', ['', '   ', 'x' * 1001, '\x00\x01'])
def test_what_is_no_question_in_words_is_an_error(facts, question):
    with pytest.raises(QuestionError):
        facts.answer(question)


def test_whoever_takes_a_question_in_says_how_long_it_may_be(facts):
    """A limit of its own in the geometry threw away what the model had already written."""
    question = 'How far is the blue object?' + 300 * ' please'
    with pytest.raises(QuestionError, match='at most 1000'):
        facts.answer(question)
    taken = clean_question(question, max_chars=4000)
    assert facts.answer(taken).value == facts.answer('How far is the blue object?').value
    assert facts.check(taken, '1.28 m').agreement is Agreement.AGREES
    long = clean_question('How far is the ' + 300 * 'very ' + 'blue object?', max_chars=4000)
    assert 'at most 100 words' in facts.answer(long).text and not facts.answer(long).answered
    with pytest.raises(QuestionError, match='at most 4000'):
        clean_question('x' * 4001, max_chars=4000)


@pytest.mark.parametrize(
    'question',
    [
        '<tor>?',
        '((((',
        'how far is',
        'which is taller,',
        'is or than',
        'between and',
        'how many',
        'where is the',
        '❓❓',
        'How far is the ' + 'very ' * 150 + 'red object?',
    ],
)
def test_rubbish_is_refused_and_never_crashes(facts, question):
    answer = facts.answer(question)
    assert answer.text


def test_half_of_the_image_can_be_asked_about(facts):
    answer = facts.answer('What is in the left half of the image?')
    assert set(answer.subjects) == {'red object 1', 'yellow object 1'}


@pytest.mark.parametrize(
    ('aside_m', 'named'), [(0.07, ['blue object 1', 'red object 1']), (0.3, ['red object 1'])]
)
def test_all_that_is_in_the_middle_of_the_image_is_named(aside_m, named):
    red, blue = Box('red', (0, 0.9), (0.2, 0.2, 0.25)), Box('blue', (aside_m, 0.7), (0.1,) * 3)
    facts = measure(render([red, blue]).frame)
    asked = ('What is in the middle?', 'What is in the center of the picture?')
    for question in (*asked, 'What is in the middle of the photo?'):
        assert list(facts.answer(question).subjects) == named


def test_what_covers_the_middle_of_the_image_is_in_its_middle_however_far_it_reaches_aside():
    facts = measure(render([Box('red', (0.45, 0.9), (1.0, 0.2, 0.25))]).frame)
    (thing,) = facts.objects
    assert (thing.box_px[0] + thing.box_px[2]) / 2 > 320 * 2 / 3 > thing.box_px[0]
    assert facts.answer('What is in the middle of the image?').subjects == (thing.name,)
    aside = measure(render([Box('red', (0.6, 0.9), (1.0, 0.2, 0.25))]).frame)
    assert not aside.answer('What is in the middle of the image?').subjects


def test_an_object_on_a_table_has_a_height_above_the_floor():
    """Not its own height, which was the answer once."""
    table = Box('brown', (0, 1.5), (1.2, 0.8, 0.4))
    cup = Box('red', (0.1, 1.4), (0.1, 0.1, 0.12), foot=0.4)
    facts = measure(render([table, cup], height_m=1.2, tilt_deg=35, size=(640, 480)).frame)
    answer = facts.answer('How high is the red object above the floor?')
    assert answer.value == pytest.approx(0.4, abs=0.01)
    assert [e.value for e in answer.evidence] == pytest.approx([0.4, 0.52], abs=0.01)
    assert facts.answer('How high is the red object?').value == pytest.approx(0.12, abs=0.01)


def test_a_list_that_is_cut_says_how_many_more_there_are():
    things = [Box('red', (0.3 * i - 1.05, 2.2), (0.1, 0.1, 0.15)) for i in range(8)]
    facts = measure(render(things, size=(640, 480)).frame, noise='none')
    assert len(facts.objects) == 8
    assert 'and 2 more' in facts.answer('How far is the red object?').text
