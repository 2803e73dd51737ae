# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Rationales: golden texts, every sentence backed by evidence, the same every time."""

from __future__ import annotations

import numpy as np
import pytest

from ssr_ros.rgbd import RgbdFrame
from ssr_ros.scene import measure, Rationale

OVERVIEW = (
    'Depth is known for 100 % of the image. '
    'The support surface lies 70.0 ± 0.3 cm below the camera. '
    'A wall is 3.02 ± 0.01 m away at its nearest. '
    '5 objects stand off the surfaces. '
)


def test_the_overview_opens_with_depth_surfaces_and_number(facts):
    assert facts.rationale().startswith(OVERVIEW)


GOLDEN = {
    'How far is the blue object?': (
        'The blue object is 1.281 ± 0.003 m away, 10° to the right, 20 ± 1 cm wide and '
        '10 ± 1 cm high.'
    ),
    'Is the green object behind the blue one?': (
        'The green object is behind the blue object, by 57.9 ± 1.0 cm.'
    ),
    'Is there a wall?': 'The wall is 3.02 ± 0.01 m away at its nearest.',
}


@pytest.mark.parametrize('question', sorted(GOLDEN))
def test_golden_texts_for_questions(facts, question):
    assert facts.rationale(question) == GOLDEN[question]


def test_every_sentence_is_the_text_of_a_piece_of_evidence(facts):
    for question in (
        None,
        ('How far is the green object from the blue one?'),
        'Where is red object 1?',
    ):
        rationale = facts.rationale(question)
        assert isinstance(rationale, Rationale) and isinstance(rationale, str)
        assert ' '.join(item.text for item in rationale.evidence) == rationale
        for item in rationale.evidence:
            assert item.text.endswith('.') and item.frame in ('camera', 'gravity')
            assert item.unit in ('m', 'm2', 'm3', 'deg', '')


def test_with_a_question_only_what_bears_on_it_is_said(facts):
    rationale = facts.rationale('Which is taller, the blue or the green object?')
    assert 'yellow' not in rationale and 'wall' not in rationale
    assert {name for item in rationale.evidence for name in item.subjects} == {
        'blue object 1',
        'green object 1',
    }


def test_the_same_frame_gives_the_same_words(rendered, facts):
    again = measure(rendered.frame, noise='none')
    assert again.rationale() == facts.rationale()
    assert again.answer('Where is the green object?') == facts.answer('Where is the green object?')


def test_subjects_are_names_of_objects_and_planes(facts):
    names = {o.name for o in facts.objects} | {p.name for p in facts.planes}
    for item in facts.rationale().evidence:
        assert set(item.subjects) <= names


def test_the_rationale_of_a_blind_frame_says_that_nothing_is_measurable(rendered):
    blank = np.full(rendered.frame.depth_m.shape, np.nan, np.float32)
    facts = measure(RgbdFrame(rendered.frame.rgb, blank, rendered.frame.intrinsics))
    assert facts.rationale() == (
        'No pixel has depth: nothing is measurable. No objects stand off the surfaces.'
    )


def test_evidence_goes_to_json(facts):
    import json

    answer = facts.answer('How far is the blue object?')
    read = json.loads(json.dumps(answer.as_dict()))
    assert read['evidence'][0]['subjects'] == ['blue object 1']
    assert read['value'] == pytest.approx(answer.value)
