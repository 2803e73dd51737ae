# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Questions made from a recording: they can be read again, and none passes for the truth."""

from __future__ import annotations

import json

import pytest

pytest.importorskip('yaml', reason='question files are yaml')
pytest.importorskip('cv2', reason='measuring needs the extra scene')
pytest.importorskip('rosbags', reason='reading recordings needs the extra bags')

from ssr_ros import cli
from ssr_ros.replay.question_file import load_questions
from ssr_ros.replay.template import expectation
from ssr_ros.scene import MeasuredAnswer


def template(*arguments):
    return cli.main(['bag', 'ask-template', *map(str, arguments)])


@pytest.fixture(scope='module')
def written(tmp_path_factory):
    path = tmp_path_factory.mktemp('template') / 'q.yaml'
    pictures = path.parent / 'pictures'
    code = template('demo', '--out', path, '--pictures', pictures, '--frames', 2)
    assert code == 0
    return path


def test_the_file_loads_again_and_nothing_in_it_is_scored_before_somebody_has_looked(written):
    questions = load_questions(written).questions
    assert len(questions) == 24
    assert all(question.expected is None for question in questions)
    assert all(question.proposal is not None for question in questions)
    assert {len(question.when.stamps_ns) for question in questions} == {1}
    assert len({question.when.stamps_ns for question in questions}) == 2
    assert len({question.id for question in questions}) == 24
    kinds = {question.proposal.kind for question in questions}
    assert {'number', 'yes_no', 'choice', 'count'} <= kinds


def test_a_corrected_question_is_scored(written, tmp_path):
    lines = written.read_text(encoding='utf-8').splitlines(keepends=True)
    path = tmp_path / 'corrected.yaml'
    path.write_text(''.join(line for line in lines if 'to_be_corrected:' not in line))
    questions = load_questions(path).questions
    assert all(q.expected is not None and q.proposal is None for q in questions)
    many = next(q for q in questions if q.text == 'How many objects are there?')
    assert many.expected.value == 6, 'six things lie on the table of the demo'


def test_every_question_shows_what_was_measured_and_that_people_have_to_look(written):
    text = written.read_text(encoding='utf-8')
    assert 'TO BE CORRECTED BY PEOPLE' in text
    assert text.count('to_be_corrected: yes  # measured: ') == 24
    pictures = sorted(path.name for path in (written.parent / 'pictures').iterdir())
    assert len(pictures) == 2
    assert all(f'pictures/{name}\n' in text for name in pictures)


def test_a_file_that_may_be_corrected_already_is_not_written_over(written, capsys):
    before = written.read_bytes()
    assert template('demo', '--out', written) == 2
    assert 'is there already, corrected perhaps' in capsys.readouterr().err
    assert written.read_bytes() == before


def test_json_holds_what_was_measured(capsys):
    assert template('demo', '--frames', 1, '--most', 2, '--json') == 0
    first, second = json.loads(capsys.readouterr().out)['questions']
    assert first['ask'] == 'How many objects are there?'
    assert (first['kind'], first['value']) == ('count', 6)
    assert second['frame'] == first['frame']


@pytest.mark.parametrize(
    ('answer', 'written_as'),
    [
        (MeasuredAnswer(text='', kind='number', value=1.2345, unit='m'), 'number: 1.23, unit: m'),
        (MeasuredAnswer(text='', kind='number', value=12.0, unit='deg'), 'number: 12, unit: deg'),
        (MeasuredAnswer(text='', kind='yes_no', value=0.0), 'no'),
        (MeasuredAnswer(text='', kind='yes_no', value=None), None),
        (MeasuredAnswer(text='', kind='choice', choice='red box 1'), 'choice: "red box 1"'),
        (MeasuredAnswer(text='', kind='text'), None),
        (MeasuredAnswer(text='', kind='number', value=float('nan'), unit='m'), None),
    ],
)
def test_an_answer_is_proposed_as_question_files_have_it(answer, written_as):
    found = expectation(answer, answer.choice)
    assert (found == '') if written_as is None else (written_as in found)
