# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What is left of a rationale that latents are to say."""

from pathlib import Path

import pytest

from training.data.rows import Row
from training.small.briefs import in_brief


def row_of(rationale, answer, *subjects, family='closer'):
    meta = {'family': family, 'subjects': list(subjects)}
    return Row('', 'Which?', answer, Path('a.png'), None, rationale, meta)


@pytest.mark.parametrize(
    ('row', 'brief'),
    [
        (  # in the order of the question, not of the rationale
            row_of(
                'The red mug in e5 is 1.43 m away. The blue box in d4 is 95 cm away. '
                '1.43 m is more than 95 cm, so the red mug is farther.',
                'The red mug.',
                'blue box',
                'red mug',
            ),
            ' 95 cm 1.43 m 2',
        ),
        (
            row_of(
                'The ball in c4 is 16 cm wide, 14 cm deep and 19 cm high. The bookcase in f4 is '
                '1.20 m wide, 35 cm deep and 1.90 m high. So the bookcase is taller.',
                'No.',
                'ball',
                'bookcase',
            ),
            ' 16 14 19 1.20 m 35 1.90 m No',
        ),
        (
            row_of(
                'The cone in b4 lies 15° to the left. The box in c4 lies straight ahead. So the '
                'cone is to the left of the box.',
                'Left.',
                'cone',
                'box',
            ),
            ' 15 left straight ahead Left',
        ),
        (  # each thing's figures stay together
            row_of(
                'The mug in a1 is 2.00 m away. The cup in b1 is 1.10 m away. The mug in a1 lies '
                '2° to the left. The cup in b1 lies 9° to the right. The gap is 97 cm.',
                '97 cm.',
                'mug',
                'cup',
                family='gap',
            ),
            ' 2.00 m 2 left 1.10 m 9 right 97 cm',
        ),
        (  # a name within another is not taken for it, nor words that hold one
            row_of('', 'The red box, the box, the boxer.', 'box', 'red box', family='order'),
            ' 2 1 boxer',
        ),
        (row_of('The mug in a1 is 2.00 m away.', '2.00 m.', 'mug', family='distance'), ' 2.00 m'),
        (row_of('There is a red mug.', 'Yes.', 'red mug', family='exists'), ' Yes'),
        (
            row_of(
                'The mug in a1 is 2 m away.', 'The mug, the cup.', 'mug', 'cup', family='inventory'
            ),
            ' mug cup',
        ),
    ],
)
def test_a_brief_has_the_figures_of_what_is_compared_then_the_answer(row, brief):
    assert in_brief(row) == brief
