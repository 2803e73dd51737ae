# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Numbers of written rationales against the true ones."""

from ssr_ros.evaluation import compare_numbers, NumberTally

TRUE = (
    'The red ball at (53, 61) is 1.42 m away. The red ball at (53, 61) lies 12° to the left. '
    'The red ball at (53, 61) is 10 cm wide, 10 cm deep and 20 cm high. '
    'The gap between them is 36 cm.'
)


def test_the_truth_agrees_with_itself():
    assert compare_numbers(TRUE, TRUE) == NumberTally(6, 6, 6, 6)


def test_numbers_are_held_against_those_of_the_same_subject_and_kind():
    said = 'The red ball at (2, 3) is 1.50 m away. The blue ball is 1.42 m away.'
    assert compare_numbers(said, TRUE) == NumberTally(2, 1, 1, 6)
    assert compare_numbers('The red ball is 1.60 m away.', TRUE) == NumberTally(1, 1, 0, 6)
    assert compare_numbers('The red ball is 142 cm away.', TRUE).within == 1


def test_the_wrong_side_is_wrong_however_near_the_number():
    assert compare_numbers('The red ball lies 12° to the left.', TRUE).within == 1
    other = compare_numbers('The red ball lies 12° to the right.', TRUE)
    assert (other.matched, other.within) == (1, 0)
    ahead = 'The red ball lies straight ahead.'
    assert compare_numbers('The red ball lies 1° to the left.', ahead).within == 1
    assert compare_numbers('The red ball lies 9° to the left.', ahead).within == 0


def test_saying_it_again_counts_once():
    said = 'The red ball is 1.42 m away. ' * 5 + 'The red ball is 9 m away.'
    assert compare_numbers(said, TRUE) == NumberTally(1, 1, 1, 6)


def test_other_questions_about_the_frame_tell_of_named_things_only():
    others = ['The blue ball is 3.1 m away. The gap between them is 99 cm.']
    said = 'The blue ball is 3.0 m away. The gap between them is 99 cm.'
    assert compare_numbers(said, '', others) == NumberTally(2, 1, 1, 0)
    doubtful = [*others, 'The blue ball is 4.0 m away.']
    assert compare_numbers(said, '', doubtful) == NumberTally(2, 0, 0, 0)


def test_words_without_numbers_state_none():
    assert compare_numbers('', TRUE) == NumberTally(0, 0, 0, 6)
    assert compare_numbers('It is 1.1.1 away', TRUE).matched == 0
