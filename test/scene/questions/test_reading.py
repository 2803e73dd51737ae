# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Reading words: spelling, lengths, units, noun phrases, and writing numbers."""

from __future__ import annotations

import pytest

from ssr_ros.scene.questions import wording
from ssr_ros.scene.questions.phrase_reading import read_phrase
from ssr_ros.scene.questions.spelling import asked_unit, lengths_in, mark_lengths, plain


@pytest.mark.parametrize(
    'text', ['i am here', 'object 1 in front', 'a map', '3 objects', 'pixel 20, 30']
)
def test_what_is_no_length_is_left_alone(text):
    assert lengths_in(mark_lengths(text)) == ()


def test_polite_words_and_spellings_go():
    assert plain("Hey robot, could you tell me what's the grey thing's colour, please?") == (
        "what is the gray thing's color"
    )
    assert plain('Tell me whether the red one is left of it') == 'is the red one left of it'


def test_a_unit_that_is_asked_for_is_cut_out():
    assert asked_unit('how wide is it in inches') == ('how wide is it', 'in')
    assert asked_unit('how many cm away is it') == ('how far away is it', 'cm')
    assert asked_unit('how wide is it') == ('how wide is it', None)


def test_phrases_are_read():
    phrase = read_phrase('the second nearest dark red thing')
    assert (phrase.pick, phrase.rank, phrase.colors, phrase.noun) == ('nearest', 2, ('red',), '')
    phrase = read_phrase('the object on the left')
    assert (phrase.region, phrase.plural) == ('left', False)
    phrase = read_phrase('the cup that is behind the blue box')
    assert (phrase.noun, phrase.relation) == ('cup', 'behind')
    assert (phrase.anchors[0].colors, phrase.anchors[0].noun) == (('blue',), 'box')
    assert read_phrase('the table').kind == 'plane'
    assert read_phrase('me').kind == read_phrase('the camera').kind == 'camera'
    assert read_phrase('pixel (10, 20)').numbers == (10, 20)
    assert read_phrase('red object 2').number == 2
    assert read_phrase('them').kind == 'group'


def test_indefinite_phrases_mean_any_object():
    assert read_phrase('anything').indefinite
    assert read_phrase('a red object').indefinite
    assert not read_phrase('the red object').indefinite


@pytest.mark.parametrize(
    ('value', 'sigma', 'text'),
    [
        (0.473, 0.004, '47.3 ± 0.8 cm'),
        (0.473, 0.01, '47 ± 2 cm'),
        (1.842, 0.013, '1.84 ± 0.03 m'),
        (0.5, None, '50 cm'),
        (1.5, None, '1.50 m'),
        (0.0, 0.001, '0.0 ± 0.2 cm'),
        (float('nan'), 0.1, 'an unknown length'),
        (-0.0001, 0.005, '0 ± 1 cm'),
    ],
)
def test_lengths_are_written_with_the_digits_that_mean_something(value, sigma, text):
    assert wording.length(value, sigma) == text


def test_lengths_are_written_in_the_unit_asked_for():
    assert wording.length(0.3048, 0.001, 'ft') == '1.000 ± 0.007 ft'
    assert wording.length(0.0254, None, 'in') == '1.00 in'


@pytest.mark.parametrize(
    ('bearing', 'hour'),
    [(0, 12), (30, 1), (90, 3), (-30, 11), (-90, 9), (180, 6), (-179, 6), (14, 12)],
)
def test_clock_directions(bearing, hour):
    assert wording.clock(bearing) == f"{hour} o'clock"


def test_lists_and_sides_in_words():
    assert wording.listing(['a']) == 'a'
    assert wording.listing(['a', 'b', 'c']) == 'a, b and c'
    assert wording.side(0.5) == 'straight ahead'
    assert wording.side(-12.4) == '12° to the left'
    assert wording.count(0, 'object') == 'no objects'


@pytest.mark.parametrize(
    ('words', 'noun'),
    [('boxes', 'box'), ('a glass', 'glass'), ('the bus', 'bus'), ('cups', 'cup')],
)
def test_a_plural_loses_its_ending_and_nothing_else(words, noun):
    assert read_phrase(words).noun == noun
