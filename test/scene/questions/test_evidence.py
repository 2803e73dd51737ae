# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Answers and their evidence as plain values, and what a rationale says of a whole scene."""

from __future__ import annotations

import json
import math

from handmade import scene, SCENES
import numpy as np
import pytest

from ssr_ros.rgbd import RgbdFrame
from ssr_ros.scene import measure
from ssr_ros.scene.questions.evidence import Evidence
from ssr_ros.scene.questions.quantity import Quantity, Verdict

YES, NO, UNSURE = Verdict.YES, Verdict.NO, Verdict.UNSURE


def test_an_answer_goes_to_json_field_by_field():
    answer = SCENES['room'].answer('How wide is the blue object?')
    fact = {
        'kind': 'width',
        'subjects': ['blue object 1'],
        'value': pytest.approx(0.4),
        'sigma': 0.005,
        'unit': 'm',
        'frame': 'gravity',
        'text': 'The blue object is 40 ± 1 cm wide.',
    }
    assert json.loads(json.dumps(answer.as_dict())) == {
        'text': 'The blue object is 40 ± 1 cm wide.',
        'answered': True,
        'kind': 'number',
        'value': pytest.approx(0.4),
        'sigma': 0.005,
        'unit': 'm',
        'choice': '',
        'subjects': ['blue object 1'],
        'evidence': [fact],
    }
    assert str(answer) == answer.text
    refused = SCENES['room'].answer('How far is the mug?').as_dict()
    assert (refused['answered'], refused['value'], refused['kind']) == (False, None, 'text')


def test_what_is_not_known_becomes_null():
    unknown = Evidence.of(
        'gap', ('a', 'b'), Quantity(math.nan, math.inf, 'm'), 'camera', 'who knows'
    )
    told = unknown.as_dict()
    assert told['value'] is None and told['sigma'] is None
    assert told['text'] == 'Who knows.' and told['subjects'] == ['a', 'b']


def test_the_rationale_of_a_scene_has_a_fact_for_every_sentence():
    facts = SCENES['furnished'].rationale().evidence
    told = [(f.kind, f.subjects, round(f.value, 4), f.unit, f.frame) for f in facts]
    assert told == [
        ('valid_ratio', (), 1.0, '', 'camera'),
        ('height', ('floor',), -0.5, 'm', 'gravity'),
        ('height', ('table',), -0.1, 'm', 'gravity'),
        ('distance', ('wall 1',), 4.0, 'm', 'camera'),
        ('distance', ('wall 2',), 3.0, 'm', 'camera'),
        ('height', ('ceiling',), 1.5, 'm', 'gravity'),
        ('count', (), 3.0, '', 'camera'),
        ('distance', ('red object 1',), 1.4, 'm', 'camera'),
        ('distance', ('brown object 1',), 1.5, 'm', 'camera'),
        ('distance', ('green object 1',), 1.8, 'm', 'camera'),
    ]
    assert facts[0].text == 'Depth is known for 100 % of the image.'
    assert facts[5].text == 'The ceiling lies 1.500 ± 0.004 m above the camera.'
    assert facts[6].text == '3 objects stand off the surfaces.'


def test_a_rationale_about_a_question_is_its_evidence_or_else_everything():
    room = SCENES['room']
    assert room.rationale('How wide is the blue object?') == 'The blue object is 40 ± 1 cm wide.'
    assert room.rationale('Who are you?') == room.rationale()


def test_without_depth_everything_is_refused():
    room = SCENES['room']
    blank = np.full(room.frame.depth_m.shape, np.nan, np.float32)
    facts = measure(RgbdFrame(room.frame.rgb, blank, room.frame.intrinsics))
    for question in (
        'How many objects are there?',
        'Are there more than 2 objects?',
        'Is there a red object?',
        'Which objects are red?',
        'List the objects',
        'What is nearest?',
        'How far is the red object?',
    ):
        answer = facts.answer(question)
        assert answer.text == 'No pixel has depth, so nothing can be measured.', question
        assert not answer.answered
    assert facts.answer('How high is the camera?').text.startswith('The depth shows no floor')
    assert facts.answer('How far am I tilted? Is the camera tilted?').answered is False


def test_a_scene_without_things_says_so():
    bare = scene()
    assert bare.answer('What is nearest?').text == (
        'The depth shows no object that stands off its surroundings.'
    )
    assert bare.answer('How far is the red object?').text == (
        'The depth shows nothing that fits "the red object". It shows no object.'
    )
    assert bare.answer('How many objects are there?').text == 'There are no objects.'
    assert bare.rationale().endswith('No objects stand off the surfaces.')


def test_verdicts():
    assert (~YES, ~NO, ~UNSURE) == (NO, YES, UNSURE)
    assert [v.number for v in (YES, NO, UNSURE)] == [1.0, 0.0, None]
    assert [v.opening for v in (YES, NO, UNSURE)] == ['yes', 'no', 'I cannot tell']
    assert Verdict.all(YES, UNSURE, NO) is NO
    assert Verdict.all(YES, UNSURE) is UNSURE
    assert Verdict.all(YES, YES) is YES
    assert (Verdict.of(True), Verdict.of(False)) == (YES, NO)


def test_quantities():
    assert Quantity(3.0, 0.3, 'm') - Quantity(1.0, 0.4, 'm') == Quantity(2.0, 0.5, 'm')
    assert -Quantity(3.0, 0.3, 'deg') == Quantity(-3.0, 0.3, 'deg')
    assert abs(Quantity(-3.0, 0.3, 'm2')) == Quantity(3.0, 0.3, 'm2')
    assert Quantity(3.0, 0.3, 'm').beyond(1.0) == Quantity(2.0, 0.3, 'm')
    assert Quantity(0.5, 0.25, 'm').verdict is UNSURE
    assert Quantity(0.51, 0.25, 'm').verdict is YES and Quantity(0.51, 0.25, 'm').decided
    assert Quantity(-0.51, 0.25, 'm').verdict is NO
    assert Quantity(math.inf, 0.0, 'm').verdict is UNSURE
