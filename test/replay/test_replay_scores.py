# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What answers are worth, by hand."""

import pytest

pytest.importorskip('cv2', reason='names are fitted as scene fits them')

from ssr_ros.replay.questions import Expected
from ssr_ros.replay.scores import score_measured, score_text

HALF_A_METRE = Expected(kind='number', value=0.5, tolerance=0.05, unit='m')
YES = Expected(kind='yes_no', value=1.0)
THREE = Expected(kind='count', value=3.0)
LEFT = Expected(kind='choice', words=('left',), options=('left', 'right'))
MUG = Expected(kind='choice', words=('red mug',), options=('red mug', 'mug', 'can'))
BOTTLE = Expected(kind='name', words=('bottle',))
TABLE = Expected(kind='text', words=('on the table', 'on a desk'))
UNKNOWN = Expected(kind='unknown')


def measured(kind='text', value=None, unit='', choice='', text='', answered=True):
    return {
        'kind': kind,
        'value': value,
        'unit': unit,
        'choice': choice,
        'text': text,
        'answered': answered,
    }


@pytest.mark.parametrize(
    ('expected', 'found', 'verdict'),
    [
        (HALF_A_METRE, measured('number', 0.55, 'm'), 'right'),
        (HALF_A_METRE, measured('number', 0.56, 'm'), 'wrong'),
        (HALF_A_METRE, measured('number', 0.45, 'm'), 'right'),
        (HALF_A_METRE, measured('number', 0.44, 'm'), 'wrong'),
        (HALF_A_METRE, measured('number', 0.5, 'm2'), 'unread'),
        (HALF_A_METRE, measured('number', 30.0, 'deg'), 'unread'),
        (HALF_A_METRE, measured(text='no such thing', answered=False), 'refused'),
        (HALF_A_METRE, None, 'refused'),
        (YES, measured('yes_no', 1.0), 'right'),
        (YES, measured('yes_no', 0.0), 'wrong'),
        (YES, measured('yes_no', None, text='about equal'), 'refused'),
        (YES, measured('number', 1.0, 'm'), 'unread'),
        (THREE, measured('count', 3.0), 'right'),
        (THREE, measured('count', 4.0), 'wrong'),
        (THREE, measured('count', 2.0), 'wrong'),
        (THREE, measured('number', 3.0, 'm'), 'unread'),
        (LEFT, measured('choice', choice='left'), 'right'),
        (LEFT, measured('direction', text='To the right of the can.'), 'wrong'),
        (LEFT, measured('text', text='It is straight ahead.'), 'unread'),
        (MUG, measured('choice', choice='red mug'), 'right'),
        (MUG, measured('choice', choice='mug'), 'wrong'),
        (BOTTLE, measured('choice', choice='mustard bottle'), 'right'),
        (BOTTLE, measured('choice', choice='mug'), 'wrong'),
        (UNKNOWN, measured(answered=False), 'right'),
        (UNKNOWN, None, 'right'),
        (UNKNOWN, measured('number', 1.0, 'm'), 'wrong'),
    ],
)
def test_what_was_measured_is_compared_by_numbers_and_names(expected, found, verdict):
    assert score_measured(expected, found).verdict == verdict


@pytest.mark.parametrize(
    ('expected', 'text', 'verdict'),
    [
        (HALF_A_METRE, 'About 52 cm.', 'right'),
        (HALF_A_METRE, '0.46 m ± 2 cm', 'right'),
        (HALF_A_METRE, '2 m', 'wrong'),
        (HALF_A_METRE, 'between 0.4 and 0.6 m', 'unread'),
        (HALF_A_METRE, 'quite near', 'unread'),
        (HALF_A_METRE, '  ', 'refused'),
        (YES, 'Yes.', 'right'),
        (YES, 'No, it is not.', 'wrong'),
        (YES, 'yes and no', 'unread'),
        (YES, 'A mug.', 'unread'),
        (THREE, 'three', 'right'),
        (THREE, 'There are 4 objects.', 'wrong'),
        (THREE, 'some', 'unread'),
        (LEFT, 'It is on the left.', 'right'),
        (LEFT, 'Right', 'wrong'),
        (LEFT, 'left or right', 'unread'),
        (LEFT, 'It is not on the right', 'unread'),
        (MUG, 'The red mug is closer.', 'right'),
        (MUG, 'The mug', 'wrong'),
        (BOTTLE, 'a green bottle', 'right'),
        (BOTTLE, 'A cup.', 'wrong'),
        (TABLE, 'It stands on the table, I think.', 'right'),
        (TABLE, 'It stands on the tablet.', 'wrong'),
        (UNKNOWN, 'two metres', 'wrong'),
        (
            Expected(kind='number', value=20, tolerance=2, unit='deg'),
            '21 degrees to the left',
            'right',
        ),
    ],
)
def test_a_text_is_read_whole_or_not_at_all(expected, text, verdict):
    assert score_text(expected, text).verdict == verdict


def test_a_thing_with_a_name_is_also_what_its_colour_calls_it():
    purple = Expected(
        kind='choice', words=('purple object',), options=('purple object', 'red object')
    )
    colors = {'box': 'purple', 'can': 'red'}
    box, can = (measured('choice', choice=name) for name in colors)
    assert score_measured(purple, box, colors).verdict == 'right'
    assert score_measured(purple, can, colors).verdict == 'wrong'
    assert score_measured(purple, box).verdict == 'unread'
    assert score_measured(Expected(kind='name', words=('box',)), box, colors).verdict == 'right'


def test_a_number_says_how_far_off_it_is():
    assert score_measured(HALF_A_METRE, measured('number', 0.7, 'm')).off == pytest.approx(0.2)
    assert score_text(HALF_A_METRE, '40 cm').off == pytest.approx(-0.1)
    assert score_measured(YES, measured('yes_no', 1.0)).off is None
