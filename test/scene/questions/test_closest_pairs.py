# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Which two things are closest together, and which are farthest apart."""

from __future__ import annotations

from itertools import combinations

from handmade import flat, scene
import pytest

from ssr_ros.scene.questions import relations

SIZE = (0.2, 0.1, 0.3)
ROW = scene(
    flat('red', (-0.6, 1.0), SIZE),
    flat('blue', (-0.2, 1.0), SIZE),
    flat('white', (0.05, 1.0), SIZE),
    flat('white', (0.6, 1.0), SIZE, number=2),
)
"""Gaps: 20 cm, 5 cm, 35 cm from left to right."""

NEAR, FAR = ('blue object 1', 'white object 1'), ('red object 1', 'white object 2')
WHITE = ('white object 1', 'white object 2')


@pytest.mark.parametrize(
    ('question', 'two'),
    [
        ('Which two things are closest together?', NEAR),
        ('Which two are nearest to each other?', NEAR),
        ('Which objects lie closest to each other?', NEAR),
        ('What are the two closest objects to each other?', NEAR),
        ('What are the two things that are closest together?', NEAR),
        ('Which two objects are farthest apart?', FAR),
        ('Which pair of objects is furthest from each other?', FAR),
        ('Which two of the white objects are closest together?', WHITE),
        (
            'Which two of the things left of the white object 2 are farthest apart?',
            ('red object 1', 'white object 1'),
        ),
    ],
)
def test_the_pair_is_named(question, two):
    answer = ROW.answer(question)
    assert answer.answered and answer.subjects == two, answer.text


def test_the_gaps_of_the_pair_and_of_the_next_are_told():
    answer = ROW.answer('Which two things are closest together?')
    assert [item.value for item in answer.evidence] == pytest.approx([0.05, 0.2], abs=0.011)
    assert 'next are the red object and the blue object' in answer.text


def test_two_only_are_said_to_be_two_only():
    answer = ROW.answer('Which two of the white objects are farthest apart?')
    assert 'two only' in answer.text and len(answer.evidence) == 1


def test_pairs_alike_are_not_told_apart():
    facts = scene(*(flat(c, (x, 1.0), SIZE) for c, x in zip('rgb', (-0.4, 0.0, 0.4), strict=True)))
    answer = facts.answer('Which two things are closest together?')
    assert answer.text.startswith('I cannot tell which two are closest together')


@pytest.mark.parametrize(('color', 'seen'), [('green', 'none'), ('blue', 'one only')])
def test_fewer_than_two_are_no_pair(color, seen):
    assert seen in ROW.answer(f'Which two {color} objects are closest together?').text


@pytest.mark.parametrize(
    'question',
    ['What are the two closest objects?', 'Which object is closest to the red object?'],
)
def test_what_is_closest_to_something_else_is_no_pair(question):
    assert 'white object 1' not in ROW.answer(question).subjects


def test_no_pair_goes_unmeasured_that_could_come_before(monkeypatch):
    """Boxes around things rule pairs out; what is left gives what all pairs give."""
    places = [(-0.7, 1.5), (-0.6, 1.0), (-0.1, 1.9), (0.1, 1.0), (0.35, 1.2), (0.9, 1.8)]
    facts = scene(*(flat('red', p, SIZE, number=n) for n, p in enumerate(places, 1)))
    measured = []
    gap = relations.gap

    def counted(*args, **options):
        measured.append(gap(*args, **options))
        return measured[-1]

    every = {(a.name, b.name): gap(facts, a, b).value for a, b in combinations(facts.objects, 2)}
    monkeypatch.setattr(relations, 'gap', counted)
    for what, choose in (('closest together', min), ('farthest apart', max)):
        measured.clear()
        answer = facts.answer(f'Which two things are {what}?')
        assert answer.evidence[0].value == pytest.approx(choose(every.values()))
        assert 2 <= len(measured) < len(every)


def test_a_wide_thing_is_near_with_its_near_end():
    """Its far end lies farther from its neighbour than other pairs lie apart."""
    narrow = [
        flat('white', (x, 1.0), (0.1, 0.1, 0.3), number=n) for n, x in ((1, 0.48), (2, 0.68))
    ]
    facts = scene(
        flat('red', (-0.2, 1.0), (0.8, 0.1, 0.3)),
        flat('blue', (0.28, 1.0), (0.1, 0.1, 0.3)),
        *narrow,
    )
    answer = facts.answer('Which two things are closest together?')
    assert answer.subjects == ('red object 1', 'blue object 1'), answer.text


def test_things_that_may_be_meant_too_are_told():
    facts = scene(
        flat('red', (-0.6, 1.0), SIZE),
        flat('blue', (-0.2, 1.0), SIZE),
        flat('white', (1.0, 1.5), SIZE),
    )
    answer = facts.answer('Which two of the things closer than 1.5 m are closest together?')
    assert 'white object' in answer.text and answer.subjects == ('red object 1', 'blue object 1')


@pytest.mark.parametrize(
    'after',
    [' and how far apart are they', ', and what is the distance between them'],
)
def test_how_far_apart_the_closest_two_are_is_asked_of_them(after):
    """'They' were asked back: the depth showed more than two."""
    asked = 'Which two things are closest together'
    assert ROW.answer(f'{asked}{after}?').text == ROW.answer(f'{asked}?').text


def test_the_distance_of_the_closest_two_is_told_in_the_unit_that_is_asked_for():
    asked = 'Which two things are closest together and how far apart are they in inches?'
    assert ' in;' in ROW.answer(asked).text


@pytest.mark.parametrize('then', ['how far away are they', 'how far apart are they vertically'])
def test_what_is_not_told_of_the_closest_two_is_asked_back(then):
    asked = f'Which two things are closest together and {then}?'
    assert not ROW.answer(asked).answered
