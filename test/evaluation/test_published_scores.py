# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Published rules, edge for edge; what they guess is counted beside them.

The expected values were worked out by hand from the published scripts named in each module; the
scorers were also run beside RoboSpatial-Eval's and Q-Spatial's own on random texts, and agreed.
"""

from __future__ import annotations

import pytest

from ssr_ros.evaluation.published import (
    CvBench,
    Item,
    Mark,
    Picture,
    QSpatial,
    RoboSpatialHome,
    SpatialBench,
    SpatialRgpt,
)
from ssr_ros.evaluation.published.cv_bench import choice_in
from ssr_ros.evaluation.published.items import UNREAD
from ssr_ros.evaluation.published.robospatial import first_point, inside_polygon

RIGHT, WRONG, LUCKY, UNLUCKY = (True, True), (False, True), (True, False), (False, False)


def item(group, truth, key='k', **more):
    return Item(key, group, 'asked', truth, Picture('p.png'), **more)


def marked(benchmark, group, truth, text, **more):
    mark = benchmark.mark(item(group, truth, **more), text)
    return mark.right, mark.parsed


@pytest.mark.parametrize(
    ('text', 'number'),
    [
        ('C', 2),
        ('(C)', 2),
        ('c.', 2),
        ('(C) 1', 2),
        ('C. 1', 2),
        ('1', 2),
        ('Answer: C', None),
        ('C or D', None),
        ('Blue', None),
        ('(C) 3', None),
        ('E', None),
        ('', None),
        ('A 3', None),
    ],
)
def test_a_choice_is_a_letter_or_the_words_of_one_and_is_not_guessed(text, number):
    assert choice_in(text, ['3', '2', '1', '0']) == number


@pytest.mark.parametrize(
    ('truth', 'text', 'expected'),
    [
        ('Yes', 'Yes', RIGHT),
        ('Yes', 'Yes, it does.', RIGHT),
        ('Yes', 'yes', (False, True)),
        ('No', 'Not sure', LUCKY),
        ('No', 'No', RIGHT),
        ('No', 'Yes', WRONG),
        ('Yes', '', UNLUCKY),
    ],
)
def test_spatialbench_looks_for_the_true_word_as_it_is_written(truth, text, expected):
    assert marked(SpatialBench(), 'reach', truth, text) == expected


@pytest.mark.parametrize(
    ('text', 'expected', 'error'),
    [
        ('4', RIGHT, 0.0),
        (' 5\n', WRONG, 0.25),
        ('12', WRONG, 2.0),
        ('There are four cups.', RIGHT, 0.0),
        ('four cups', RIGHT, 0.0),
        ('many', UNLUCKY, 1.0),
        ('', UNLUCKY, 1.0),
    ],
)
def test_a_count_that_cannot_be_read_is_off_by_all_of_it(text, expected, error):
    mark = SpatialBench().mark(item('counting', '4'), text)
    assert (mark.right, mark.parsed) == expected
    assert mark.error == pytest.approx(error)


def right(*flags):
    return [Mark(flag, True) for flag in flags]


def test_spatialbench_counts_pairs_by_the_row_and_a_failed_row_moves_no_other():
    items = [item('reach', 'Yes', f'reach/{n}') for n in range(4)]
    marks = [*right(True, True), UNREAD, *right(True)]
    (line,) = SpatialBench().lines(items, marks)
    # First pair 1 + 1 + 1, second 0 + 1 + 0, of 6.
    assert line.value == pytest.approx(100 * 4 / 6)
    assert (line.n, line.unparsed) == (4, 1)
    assert line.low < line.value < line.high


def test_existence_counts_only_both_of_a_pair_and_counting_the_mean_error():
    items = [item('existence', 'Yes', f'existence/{n}') for n in range(4)]
    items += [item('counting', '4', f'counting/{n}') for n in range(2)]
    marks = [*right(True, True, True, False), Mark(True, True, error=0.0), Mark(False, False)]
    existence, counting, mean = SpatialBench().lines(items, marks)
    assert (existence.value, counting.value, mean.value) == pytest.approx((50, 50, 50))
    assert mean.unparsed == 1


def test_cv_bench_gives_both_means():
    sources = ['ADE20K'] * 4 + ['COCO'] * 2 + ['Omni3D'] * 4
    items = [item('2D Count', 0, str(n), meta=s) for n, s in enumerate(sources)]
    marks = right(True, True, True, False, True, False, True, False, False, False)
    lines = {line.name: line for line in CvBench().lines(items, marks)}
    # ((3/4 + 1/2) / 2 + 1/4) / 2, and 5 of 10.
    published = lines['((ADE20K + COCO) / 2 + Omni3D) / 2']
    assert published.value == pytest.approx(43.75)
    assert lines['plain mean of all questions'].value == pytest.approx(50)
    assert published.low < 43.75 < published.high
    # Wilson of 3 of 4 with z = 1.96: 0.30 to 0.95.
    assert (lines['ADE20K'].low, lines['ADE20K'].high) == pytest.approx((30.06, 95.44), abs=0.01)


def test_the_published_mean_is_not_made_up_where_a_source_is_missing():
    lines = CvBench().lines([item('2D Count', 0, meta='COCO')], right(True))
    assert [line.name for line in lines] == ['COCO', '2D Count', 'plain mean of all questions']


def test_a_swapped_question_asks_the_same_and_means_the_same_by_its_words():
    benchmark = CvBench()
    question = 'How many? Select from the following choices.\n(A) 3\n(B) 2\n'
    asked = Item('k', '2D Count', question, 0, Picture('p.png'), choices=('3', '2'))
    other = benchmark.swapped(asked)
    assert other.question.splitlines()[:3] == [
        'How many? Select from the following choices.',
        '(A) 2',
        '(B) 3',
    ]
    assert other.truth == 1
    # 'A' both times is a habit; 'A' and then 'B' is the same choice.
    first = benchmark.mark(asked, 'A')
    assert not benchmark.is_consistent(other, first, benchmark.mark(other, 'A'))
    assert benchmark.is_consistent(other, first, benchmark.mark(other, 'B'))
    assert not benchmark.is_consistent(other, UNREAD, UNREAD)


@pytest.mark.parametrize(
    ('text', 'expected'),
    [
        (r'so \scalar{1.5} \distance_unit{m}', RIGHT),
        (r'\scalar{9} \distance_unit{cm} no, \scalar{99} \distance_unit{cm}', RIGHT),
        (r'\scalar{1-2} \distance_unit{meters}', RIGHT),
        (r'\scalar{2} \distance_unit{m}', WRONG),
        (r'\scalar{0.5} \distance_unit{m}', WRONG),
        (r'\scalar{0} \distance_unit{m}', WRONG),
        (r'\scalar{100} \distance_unit{apples}', UNLUCKY),
        (r'\scalar{} \distance_unit{m}', UNLUCKY),
        ('about 1.2 m', RIGHT),
        ('3 feet', RIGHT),
        ('between 1 and 2 m', UNLUCKY),
        ('1 m or 120 cm', UNLUCKY),
        ('1.2', UNLUCKY),
        ('far', UNLUCKY),
    ],
)
def test_q_spatial_is_right_within_a_factor_of_two_both_ends_left_out(text, expected):
    assert marked(QSpatial(), 'QSpatial_plus', 100.0, text) == expected


@pytest.mark.parametrize(
    ('truth', 'text', 'expected'),
    [
        ('yes', 'Yes.', RIGHT),
        ('yes', 'Yesterday', LUCKY),
        ('no', 'Not sure', LUCKY),
        ('no', 'NO', RIGHT),
        ('yes', 'I think yes', UNLUCKY),
        ('no', 'yes', WRONG),
    ],
)
def test_robospatial_takes_what_a_text_begins_with(truth, text, expected):
    assert marked(RoboSpatialHome(), 'compatibility', truth, text) == expected


@pytest.mark.parametrize(
    ('text', 'point'),
    [
        ('[(0.5, 0.25), (0.1, 0.1)]', (0.5, 0.25)),
        ('It is at [0.5,0.25].', (0.5, 0.25)),
        ('[0.9, 0.9] or rather (0.5, 0.25)', (0.5, 0.25)),
        ('[(.5, .25)]', (0.5, 0.25)),
        ('[(-0.5, 0.25)]', (-0.5, 0.25)),
        ('[(0.5, 0.25', None),
        ('[0.5, 0.25, 0.1]', None),
        ('[]', None),
        ('left of the bowl', None),
        ('[__import__("os")]', None),
    ],
)
def test_the_first_point_counts(text, point):
    assert first_point(text) == point


def test_a_point_on_a_left_or_upper_side_is_inside_as_published():
    square = [(0.25, 0.25), (0.75, 0.25), (0.75, 0.75), (0.25, 0.75)]
    inside = {(0.5, 0.5): True, (0.25, 0.5): True, (0.5, 0.25): True}
    outside = {(0.75, 0.5): False, (0.5, 0.75): False, (0.8, 0.5): False}
    for point, expected in {**inside, **outside}.items():
        assert inside_polygon(point, square) is expected, point


@pytest.mark.parametrize(
    ('text', 'expected'),
    [
        ('1.5 m', RIGHT),
        ('2.5 m', RIGHT),
        ('2.51 m', WRONG),
        ('149 cm', WRONG),
        ('6 feet', RIGHT),
        ('Region 0 is 2 meters wide.', RIGHT),
        ('2', UNLUCKY),
        ('2 m or 3 m', UNLUCKY),
    ],
)
def test_spatialrgpt_takes_both_ends_of_a_quarter(text, expected):
    assert marked(SpatialRgpt(), 'width', 2.0, text) == expected


@pytest.mark.parametrize(
    ('text', 'expected'),
    [
        ("12 o'clock", RIGHT),
        ("At 1 o'clock.", RIGHT),
        ("11 o'clock", RIGHT),
        ("10 o'clock", WRONG),
        ("1 o'clock or 6 o'clock", UNLUCKY),
        ('straight ahead', UNLUCKY),
    ],
)
def test_a_direction_is_right_within_an_hour_around_the_clock(text, expected):
    assert marked(SpatialRgpt(), 'direction', 12, text) == expected
