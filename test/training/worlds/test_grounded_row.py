# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The table's grounded row: what is named and measured is right in rendered worlds."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip('torch', reason='torch is missing')

from benchmarks.ssr_grounded import ask_grounded, short
from benchmarks.ssr_rows import read_test
from ssr_ros.evaluation import score
from ssr_ros.evaluation.table import Question
from ssr_ros.scene import MeasuredAnswer
from training.curate import CurateSettings, main
from training.worlds.store import render_world, StoreSettings


def asking(family: str, subjects: tuple[str, ...] = ()) -> Question:
    return Question('w', 'f', 'q', 'a', '', {'family': family, 'subjects': subjects})


@pytest.mark.parametrize(
    ('family', 'found', 'expected'),
    [
        ('distance', MeasuredAnswer(text='x', kind='number', value=1.5, unit='m'), '1.5000 m'),
        ('closer', MeasuredAnswer(text='x', kind='yes_no', value=1.0), 'Yes.'),
        ('closer', MeasuredAnswer(text='x', kind='yes_no', value=0.0), 'No.'),
        ('closer', MeasuredAnswer(text='x', kind='choice', choice='red mug'), 'red mug'),
        ('left_right', MeasuredAnswer(text='x', kind='choice', choice='left of'), 'left'),
        ('closer', MeasuredAnswer(text='about equal', kind='choice'), ''),
        ('distance', MeasuredAnswer(text='cannot tell', answered=False), ''),
        ('exists', MeasuredAnswer(text='I found no mug', answered=False), 'No.'),
        (
            'order',
            MeasuredAnswer(text='x', subjects=('box', 'red mug', 'blue cup')),
            'red mug, blue cup',
        ),
    ],
)
def test_a_measured_answer_in_few_words(family: str, found: MeasuredAnswer, expected: str) -> None:
    assert short(found, asking(family, ('blue cup', 'red mug'))) == expected


def test_distances_of_named_things_are_right_in_a_rendered_world(
    opengl: None, tmp_path: Path
) -> None:
    settings = StoreSettings('train', 'display', 2, (160, 120), 'stereo')
    for seed in (3, 4):
        render_world(tmp_path, settings, seed)
    rows = tmp_path / 'questions.jsonl'
    families = ('distance', 'left_right')
    main(CurateSettings(str(tmp_path), str(rows), families=families, per_frame=4), quiet=True)
    questions, frames = read_test(rows, 0)
    result = ask_grounded(questions, frames, lambda text: None)
    right = [
        score(asked.text, question.answer, question.meta).right
        for asked, question in zip(result.answers, questions, strict=True)
        if question.meta['family'] == 'distance'
    ]
    assert len(right) >= 8
    assert sum(right) >= 0.8 * len(right)
