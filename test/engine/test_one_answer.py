# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The rule of the one answer, as a table."""

from __future__ import annotations

import math
from types import SimpleNamespace

import numpy as np
import pytest

from ssr_ros.engine.one_answer import MODEL_MAY_KNOW, one_answer, Source
from ssr_ros.scene import Agreement, Check, MeasuredAnswer
from ssr_ros.scene.questions.parsing import parse

NAN = math.nan
FAR = 'How far is the red object?'
FORK = 'How far is the fork?'
THERE = 'Is there a fork?'
USE = 'What is it made of?'
MANY = 'How many forks are there?'
FULL = 'Is the mug full?'
TWICE = 'Is the red object twice as far as the fork?'


def facts(label='', score=NAN, names=None):
    """Facts with one thing, as far as the rule looks at them."""
    thing = SimpleNamespace(
        name='mug', label=label, label_score=score, center_m=np.array([0.1, 0.2, 1.5])
    )
    return SimpleNamespace(objects=(thing,), names=names)


def number(text='The mug is 1.5 m away.'):
    return MeasuredAnswer(
        text=text, kind='number', value=1.5, sigma=0.01, unit='m', subjects=('mug',)
    )


def refused(text='I cannot tell.'):
    return MeasuredAnswer(text=text, answered=False)


def said(agreement, measured):
    return Check(agreement=agreement, measured=measured, reason='')


YES_NO = {'kind': 'yes_no', 'subjects': ('mug',)}
TABLE = {
    'measured, the model is silent': (
        FAR,
        facts(),
        number(),
        '',
        None,
        Source.MEASURED,
        'The mug is 1.5 m away.',
        0.95,
    ),
    'measured, the model agrees': (
        FAR,
        facts(),
        number(),
        '1.5 m',
        Agreement.AGREES,
        Source.MEASURED,
        'The mug is 1.5 m away.',
        0.95,
    ),
    'measured, the model disagrees: the measured one stands and it is said': (
        FAR,
        facts(),
        number(),
        '4 m',
        Agreement.CONTRADICTS,
        Source.MEASURED,
        'The mug is 1.5 m away. (The model says otherwise; what was measured stands.)',
        0.95,
    ),
    'measured of a thing that somebody named': (
        FAR,
        facts('mug', 0.8),
        number(),
        '',
        None,
        Source.GROUNDED,
        'The mug is 1.5 m away.',
        0.76,
    ),
    'named without a score': (
        FAR,
        facts('mug'),
        number(),
        '',
        None,
        Source.GROUNDED,
        'The mug is 1.5 m away.',
        0.95,
    ),
    'inside the margin: the model does not decide': (
        FAR,
        facts(),
        MeasuredAnswer(text='I cannot tell.', value=None, **YES_NO),
        'yes',
        Agreement.UNKNOWN,
        Source.MEASURED,
        'I cannot tell.',
        0.5,
    ),
    'a choice inside the margin': (
        FAR,
        facts(),
        MeasuredAnswer(text='I cannot tell which.', kind='choice'),
        'the mug',
        Agreement.UNKNOWN,
        Source.MEASURED,
        'I cannot tell which.',
        0.5,
    ),
    'only the model can know': (
        USE,
        facts(),
        refused(),
        ' wood ',
        None,
        Source.MODEL,
        'wood',
        NAN,
    ),
    'only the model can know, and it is silent': (
        USE,
        facts(),
        refused(),
        '',
        None,
        Source.NONE,
        'I cannot tell.',
        0.0,
    ),
    'metres that geometry refused are not taken from the model': (
        FORK,
        facts(),
        refused(),
        '2 metres',
        None,
        Source.NONE,
        'I cannot tell.',
        0.0,
    ),
    'a length is no number of things': (
        MANY,
        facts(),
        refused(),
        '1.30 m.',
        None,
        Source.NONE,
        'I cannot tell. (The model says "1.30 m.", which does not answer it.)',
        0.0,
    ),
    'a number of things is': (
        MANY,
        facts(),
        refused(),
        'There are 3.',
        None,
        Source.MODEL,
        'There are 3.',
        NAN,
    ),
    'a length does not tell what a thing is made of': (
        USE,
        facts(),
        refused(),
        '2.00 m.',
        None,
        Source.NONE,
        'I cannot tell. (The model says "2.00 m.", which does not answer it.)',
        0.0,
    ),
    'a thing does not tell whether something is full': (
        FULL,
        facts(),
        refused(),
        'The box.',
        None,
        Source.NONE,
        'I cannot tell. (The model says "The box.", which does not answer it.)',
        0.0,
    ),
    'what was nearly read as a question about places is not for the model': (
        TWICE,
        facts(),
        refused(),
        'Yes.',
        None,
        Source.NONE,
        'I cannot tell.',
        0.0,
    ),
    'what a thing is made of is, however it is pointed out': (
        'What is the nearest object made of?',
        facts(names=()),
        refused(),
        'wood',
        None,
        Source.MODEL,
        'wood',
        NAN,
    ),
    'whether something is there, nobody else knows': (
        THERE,
        facts(),
        refused(),
        'yes',
        None,
        Source.MODEL,
        'yes',
        NAN,
    ),
    'whether something is there, when a source denies it': (
        THERE,
        facts(names=()),
        refused(),
        'yes',
        None,
        Source.NONE,
        'I cannot tell.',
        0.0,
    ),
}


@pytest.mark.parametrize('case', TABLE)
def test_the_rule(case):
    question, seen, measured, model_text, agreement, source, text, confidence = TABLE[case]
    check = None if agreement is None else said(agreement, measured)
    one = one_answer(seen, question, parse(question), measured, model_text, check)
    assert one.source is source
    assert one.text == text
    assert one.confidence == pytest.approx(confidence, nan_ok=True)
    has_number = measured.answered and measured.kind == 'number'
    assert one.value == pytest.approx(1.5 if has_number else NAN, nan_ok=True)
    assert one.unit == ('m' if has_number else '')
    about = measured.subjects and measured.answered
    expected = [0.1, 0.2, 1.5] if about else [NAN] * 3
    assert one.target_m == pytest.approx(expected, nan_ok=True)


@pytest.mark.parametrize(
    ('question', 'model_says', 'source'),
    [
        ('What is the closest thing?', 'The fork.', Source.NONE),
        ('What is the second object from the left?', 'The fork.', Source.NONE),
        ('What colour is the nearest object?', 'Orange.', Source.NONE),
        ('How many forks are left of the nearest object?', '2', Source.NONE),
        ('How many forks are left of the mug?', '2', Source.MODEL),
        ('What colour is the fork?', 'Orange.', Source.MODEL),
        ('What is there?', 'The fork.', Source.MODEL),
    ],
)
def test_which_one_is_chosen_by_measure_is_not_the_models_to_say(question, model_says, source):
    query = parse(question)
    assert query.kind in MODEL_MAY_KNOW
    found = one_answer(facts(), question, query, refused(), model_says, None)
    assert found.source is source


@pytest.mark.parametrize(
    ('question', 'kind'),
    [
        ('Is there a fork?', 'exists'),
        ('Are there two forks?', 'number is'),
        ('Are there more than three forks?', 'number is'),
        ('Is the fork red?', 'is colored'),
    ],
)
def test_what_a_model_sees_in_the_picture_it_may_say_however_it_is_asked(question, kind):
    query = parse(question)
    assert query.kind == kind
    found = one_answer(facts(), question, query, refused(), 'Yes.', None)
    assert (found.source, found.text) == (Source.MODEL, 'Yes.')


def test_a_chosen_answer_of_the_model_is_as_sure_as_it_was_held_likely():
    asked = parse(THERE)
    one = one_answer(facts(), THERE, asked, refused(), 'yes', None, likelihood=0.8)
    assert (one.source, one.confidence) == (Source.MODEL, 0.8)
    silent = one_answer(facts(), THERE, asked, refused(), '', None, likelihood=0.8)
    assert (silent.source, silent.confidence) == (Source.NONE, 0.0)


def test_the_target_is_what_was_chosen():
    things = tuple(
        SimpleNamespace(name=name, label='', label_score=NAN, center_m=np.full(3, z))
        for name, z in (('mug', 1.0), ('chair', 2.0))
    )
    seen = SimpleNamespace(objects=things, names=None)
    choice = MeasuredAnswer(
        text='The chair.', kind='choice', choice='chair', subjects=('mug', 'chair')
    )
    assert one_answer(seen, FAR, parse(FAR), choice, '', None).target_m[2] == 2.0
