# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Sentences are told from babble by their form, whatever they say."""

import pytest

from ssr_ros.commands.show import readable
from ssr_ros.evaluation import babbles, is_well_formed, well_formed, whole_sentences

RIGHT = (
    'The red ball in c5 is 1.42 m away.',
    'So the green bottle is wider.',
    'From near to far: the pink box, the green cone.',
    'The black cone is bigger than the white capsule, by 421 ± 253 cm2 of front.',
    'Is the mug on the left? Yes.',
    "It is 12° to the right (about 3 o'clock)!",
    '81 cm is less than 1.80 m, so the pink capsule is closer.',
    'The box is 9 cm, 13 cm and 20 cm.',
    'Wait... The mug stands on the table.',
    "A is closer than B, at 3 o'clock, 2 m away and 5 s old.",
    'There is an A4 sheet beside the mug, as he had had it.',
)
BROKEN = (
    'is closer.',
    'So the yellow bottle is6 is cm.',
    'The orange box is to the left cm..',
    'The yellow left is is a green bottle.',
    'The black bowl is1.00 m.',
    'The green bottle is closer9 cm.',
    'So the pink box is to the leftThe green one.',
    'The red mug is the.',
    'The orange mug is 1.60 m.7 m.',
    'The mug is left',
    '12.',
    '9 cm 13 cm deep and 20 cm high.',
    '2.82 m away.',
    '61 cm.',
    'The in e6 is 1.20 m away.',
    '3.8 d mug in d5 lies straight ahead.',
)
WRITTEN = (
    'The green bottle in c5 is 10 cm wide, 10 cm deep and 30 cm high. The yellow left is is a '
    'green bottle.The green bottle in c5 is 10 cm wide, 10 cm deep and 30 cm high. So the yellow '
    'bottle is6 is cm.0 cm.71 m is11 m.6 m.6 is7 m.6 is wider.07 m.7 m.7 m.7 m.7 m.7 m.7 m.7 m',
    '94 cm.. The orange box in f6 lies 20° to the right. The orange box in f6 lies 20° to the '
    'right. The 19 cm.1 cm., so is is closer cm, the orange box is7 cm.6 is a mug. cm and is7 cm '
    'high. So the orange box is to the left cm.. the orange box is to the left7 cm.6 is to is.',
    'There is a green cylinder. The green cone in b4 is 1.63 m away. 1.63 m is less than left9 cm '
    'high. The green cone in a4 is 1.63 m. is less than 2.63 m, so the green cone is closer.09 m, '
    'the green 3 is closer.1 m, the green 3 at 2.19 m, the green.28 m is less than 2.63 m.',
)
"""By a model that had forgotten how."""


@pytest.mark.parametrize('text', RIGHT)
def test_a_sentence_is_one(text):
    good, all_of_them = well_formed(text)
    assert good == all_of_them > 0


@pytest.mark.parametrize('text', BROKEN)
def test_what_has_come_apart_is_none(text):
    assert not is_well_formed(text)


@pytest.mark.parametrize('text', WRITTEN)
def test_babble_is_known_though_some_of_its_sentences_are_right(text):
    assert well_formed(text)[0] > 0
    assert babbles(text)


def test_a_rationale_is_no_babble_though_one_sentence_is_broken_or_cut_off():
    told = ' '.join(RIGHT)
    assert not babbles(told)
    assert not babbles(f'{told} is closer.')
    assert well_formed(f'{told} The last one is') == well_formed(told)
    assert not babbles('')


def test_points_of_a_list_are_sentences():
    assert not babbles('1. Find the mug.\n2. Find the box.\n- then compare them.')


def test_saying_it_again_counts_once():
    assert well_formed('The mug is 1 m away. ' * 9 + 'is closer.') == (1, 2)


def test_what_is_shown_of_a_rationale_are_its_whole_sentences_and_how_many_are_not():
    told = 'The mug is 1.2 m away. The box in b2 is 2.10 m away. So the mug is closer.'
    assert whole_sentences(told) == (told, 0) and readable(told) == told
    assert whole_sentences(f'is closer.0 m. {told} So the box') == (told, 2)
    assert readable(f'{told} So the') == f'{told} (left out: one sentence that has come apart)'
    twice = readable(f'is closer.0 m. {told} So the box')
    assert twice == f'{told} (left out: 2 sentences that have come apart)'
    assert readable('is closer.0 m. The mug is is') == '(left out: its sentences have come apart)'
