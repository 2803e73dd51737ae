# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Names that the VLM hears in the place of others."""

from dataclasses import replace
import json
from pathlib import Path

import pytest
import torch

from ssr_ros.errors import ConfigError
from training import stage2
from training.data.rows import Row
from training.data.stand_ins import as_heard, renamed, StandIns
from training.run.settings import Stage2Settings


def row_of(question, answer, *things):
    meta = {'family': 'closer', 'subjects': list(things)}
    return Row('', question, answer, Path('a.png'), None, 'The red mug is far.', meta)


NEARER = row_of('Which is nearer, the red mug or the mug?', 'The mug.', 'red mug', 'mug')
OTHERS = [row_of('How tall?', '', 'blue box'), row_of('', '', 'green ball', 'cone')]
THINGS = {'red mug', 'mug', 'blue box', 'green ball', 'cone'}


def heard_of(row, stand_ins, index=0):
    """Return the names that the VLM hears for the two things of a question, and its answer."""
    heard = as_heard(stand_ins(row, index))
    names = heard.question.removeprefix('Which is nearer, the ').removesuffix('?')
    return names.split(' or the '), heard.answer


def test_question_and_answer_are_heard_with_the_same_other_names():
    stand_ins = StandIns([NEARER, *OTHERS], 1.0, seed=3)
    for index in range(100):
        (first, second), answer = heard_of(NEARER, stand_ins, index)
        assert answer == f'The {second}.' and first != second


def test_half_of_the_names_are_those_of_things_and_none_is_put_together_from_their_parts():
    """A name that training never says of a thing is not to be heard by the way."""
    stand_ins = StandIns([NEARER, *OTHERS], 1.0, seed=3)
    heard = [name for index in range(300) for name in heard_of(NEARER, stand_ins, index)[0]]
    of_things = [name for name in heard if name in THINGS]
    assert 220 < len(of_things) < 380
    parts, others = {'red', 'mug', 'blue', 'box', 'green', 'ball', 'cone'}, {'nearer', 'tall'}
    for name in set(heard) - THINGS:
        words = name.split()
        assert len(words) == 2 and set(words) <= parts | others and set(words) - parts


def test_midi_hears_the_true_names():
    row = StandIns([NEARER, *OTHERS], 1.0, seed=3)(NEARER, 0)
    assert row.question == NEARER.question and row.answer == NEARER.answer
    assert row.rationale == as_heard(row).rationale == 'The red mug is far.'


def test_other_rows_draw_other_names_and_the_same_row_the_same():
    stand_ins = StandIns([NEARER, *OTHERS], 1.0, seed=3)
    heard = [as_heard(stand_ins(NEARER, index)).question for index in range(40)]
    assert len(set(heard)) > 10
    assert heard == [as_heard(stand_ins(NEARER, index)).question for index in range(40)]


def test_about_the_share_of_rows_is_heard_with_other_names():
    stand_ins = StandIns([NEARER, *OTHERS], 0.25, seed=3)
    changed = sum('heard' in stand_ins(NEARER, index).meta for index in range(400))
    assert 70 <= changed <= 130


@pytest.mark.parametrize(
    'row',
    [
        row_of('Is the red mug nearer than the cone?', 'No.', 'red mug', 'cone'),
        row_of('What is the red object?', 'A red mug.', 'red mug'),
        row_of('What is here?', 'A mug.'),
    ],
)
def test_what_is_answered_without_a_choice_of_names_stays(row):
    assert StandIns([NEARER, *OTHERS], 1.0, seed=3)(row, 0) is row


@pytest.mark.parametrize('asked', ['', 'How tall?'])
def test_fewer_names_than_things_leave_a_row_as_it_is(asked):
    """With one more word there are 'tall mug', 'mug tall', 'tall tall' as well: not six."""
    things = ['cone', 'cube', 'tub', 'pot', 'pan', 'lid']
    row = row_of('', 'The cone.', *things)
    named = [Row('', asked, '', Path('a.png'), None, '', {'subjects': ['mug']})]
    assert StandIns(named, 1.0, seed=0)(row, 0) is row


def test_names_change_all_at_once_and_only_whole_words():
    names = {'mug': 'red mug', 'red mug': 'mug', 'cup': 'pan'}
    assert renamed('The mug, the red mug, the mugs, a cup.', names) == (
        'The red mug, the mug, the mugs, a pan.'
    )
    assert renamed('The mug rack.', {'mug': 'cup', 'mug rack': 'shelf'}) == 'The shelf.'
    assert renamed('The mug.', {}) == 'The mug.'


def test_the_vlm_reads_stand_ins_and_midi_does_not(configure, monkeypatch):
    """What both read of a row, seen in the batches of a run."""
    read = []
    collate = stage2.AnswerModel.collate

    def note(model, samples):
        samples = [replace(some, row=named(some.row)) for some in samples]
        batch = collate(model, samples)
        plain = collate(model, [replace(some, row=replace(some.row, meta={})) for some in samples])
        read.append((batch, plain))
        return batch

    def named(row):
        return replace(row, meta=row.meta | {'heard': {row.question.split()[0]: 'Whichever'}})

    monkeypatch.setattr(stage2.AnswerModel, 'collate', note)
    stage2.main(configure(Stage2Settings, 'heard', optim={'steps': 1}))
    for batch, plain in read:
        assert torch.equal(batch.mamba_ids, plain.mamba_ids)
        same = batch.vlm_ids.shape == plain.vlm_ids.shape
        assert not (same and torch.equal(batch.vlm_ids, plain.vlm_ids))


def test_a_run_with_stand_ins_trains_on_them_and_is_evaluated_without(
    configure, frames, monkeypatch
):
    heard = {}

    def note(reader, row):
        heard.setdefault(row.where.split(':')[0], set()).add('heard' in row.meta)
        return read(reader, row)

    read = stage2.FrameReader.__call__
    monkeypatch.setattr(stage2.FrameReader, '__call__', note)
    train, val = frames / 'named.jsonl', frames / 'evaluated.jsonl'
    lines = (frames / 'data.jsonl').read_text(encoding='utf-8')
    for path in (train, val):
        path.write_text(named_in(lines), encoding='utf-8')
    data = {'train': [str(train)], 'val': [str(val)]}
    stage2.main(configure(Stage2Settings, 'on', stand_ins=1.0, data=data, run={'eval_every': 2}))
    assert heard == {str(train): {True}, str(val): {False}}


def named_in(lines):
    rows = [json.loads(line) for line in lines.splitlines()]
    for row in rows:
        row['question'], row['answer'] = 'Which is nearer, the mug or the cup?', 'The mug.'
        row['meta'] = {'subjects': ['mug', 'cup']}
    return '\n'.join(map(json.dumps, rows)) + '\n'


def test_stand_ins_without_a_midi_are_refused(configure):
    with pytest.raises(ConfigError, match='stand_ins: things that nobody hears'):
        stage2.main(configure(Stage2Settings, 'alone', with_midi=False, stand_ins=0.5))
