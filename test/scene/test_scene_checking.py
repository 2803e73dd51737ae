# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""A model's text held against what was measured."""

from __future__ import annotations

import pytest

from ssr_ros.scene import Agreement, Grounded

AGREES, CONTRADICTS, UNKNOWN = Agreement.AGREES, Agreement.CONTRADICTS, Agreement.UNKNOWN

CASES = [
    ('How far is the blue object?', 'It is about 1.3 meters away.', AGREES),
    ('How far is the blue object?', 'around 128 cm', AGREES),
    ('How far is the blue object?', 'roughly 4 feet', AGREES),
    ('How far is the blue object?', 'about 80 cm', CONTRADICTS),
    ('How far is the blue object?', '2.5 m', CONTRADICTS),
    ('How far is the blue object?', 'quite near', UNKNOWN),
    ('How far is the mug?', '1 m', UNKNOWN),
    ('Is the blue object left of the green one?', 'No, it is on its right.', AGREES),
    ('Is the blue object left of the green one?', 'Yes.', CONTRADICTS),
    ('Is the blue object left of the green one?', 'I think so', UNKNOWN),
    ('Is the blue object left or right of the green one?', 'To the right.', AGREES),
    ('Is the blue object left or right of the green one?', 'left', CONTRADICTS),
    ('How many objects are there?', 'There are five objects.', AGREES),
    ('How many objects are there?', '4', CONTRADICTS),
    ('How many purple objects are there?', 'None.', AGREES),
    ('Which is taller, the blue or the green one?', 'The green one is taller.', AGREES),
    ('Which is taller, the blue or the green one?', 'blue', CONTRADICTS),
    ('What colour is the nearest object?', 'It is crimson.', AGREES),
    ('What colour is the nearest object?', 'blue', CONTRADICTS),
    ('Where is the yellow object?', 'on the left', AGREES),
    ('Where is the yellow object?', "at 1 o'clock", CONTRADICTS),
    ('Where is the yellow object?', '16 degrees to the left', AGREES),
    ('Where is the yellow object?', '16 degrees to the right', CONTRADICTS),
    ('Describe the scene.', 'A room.', UNKNOWN),
]


@pytest.mark.parametrize(('question', 'said', 'verdict'), CASES)
def test_texts_are_held_against_measurements(facts, question, said, verdict):
    check = facts.check(question, said)
    assert check.agreement is verdict, check.reason
    assert check.measured == facts.answer(question)
    assert check.reason


@pytest.mark.parametrize(
    ('said', 'verdict'),
    [
        ('The cylinder.', UNKNOWN),  # "the green cylinder" is its name
        ('The green cylinder.', AGREES),
        ('The green one is taller.', AGREES),
        ('green', AGREES),
        ('The green mug.', UNKNOWN),  # the one's colour, the other's noun
        ('The green bowl.', UNKNOWN),
        ('The blue mug.', CONTRADICTS),
        ('Blue.', CONTRADICTS),
    ],
)
def test_a_colour_before_another_things_noun_is_not_taken_for_its_thing(facts, said, verdict):
    regions = [
        Grounded(name, thing.box_px)
        for thing in facts.objects
        for name in {'green': ['green cylinder'], 'blue': ['mug']}.get(thing.color, [])
    ]
    named = facts.named(regions)
    question = 'Which is taller, the mug or the green cylinder?'
    assert named.answer(question).text.startswith('The green cylinder')
    check = named.check(question, said)
    assert check.agreement is verdict, check.reason


def test_what_lies_inside_the_margin_contradicts_nothing(facts):
    answer = facts.answer('Which is wider, the blue one or the yellow one?')
    assert answer.choice == ''
    for said in ('blue', 'yellow'):
        assert (
            facts.check(('Which is wider, the blue one or the yellow one?'), said).agreement
            is UNKNOWN
        )


def test_empty_text_is_unknown(facts):
    assert facts.check('How many objects are there?', '').agreement is UNKNOWN
