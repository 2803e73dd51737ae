# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Rows of both published layouts; what is broken is counted, never exchanged."""

import json

from drawn_frames import draw, write_lines
import pytest

from ssr_ros.errors import ConfigError
from training.data.rows import RowFiles
from training.run.failures import DataError

ROW = {'question': 'a', 'answer': 'b', 'image_path': 'i', 'depth_path': 'd'}


def test_an_ssr_cot_row_is_read_with_paths_below_the_root(frames):
    rows = RowFiles([frames / 'data.jsonl'], '', 0.0)
    assert len(rows) == 12
    first = rows[0]
    assert first.question.startswith('Where is the')
    assert first.image_path == frames / '0.png'
    assert first.depth_path == frames / '0_depth.png'
    assert first.meta['rationale_without_answer']


def test_each_exchange_of_a_llava_conversation_is_a_row_and_depth_may_be_missing(tmp_path):
    turns = [
        {'from': 'human', 'value': '<image>\nWhat is it?'},
        {'from': 'gpt', 'value': 'A cup.'},
        {'from': 'human', 'value': 'Which colour?'},
        {'from': 'gpt', 'value': 'Red.'},
    ]
    row = {'id': '7', 'image': 'coco/7.jpg', 'conversations': turns}
    rows = RowFiles([write_lines(tmp_path / 'llava.jsonl', [row])], '/data', 0.0)
    assert [(r.question, r.answer) for r in rows] == [
        ('What is it?', 'A cup.'),
        ('Which colour?', 'Red.'),
    ]
    assert str(rows[1].image_path) == '/data/coco/7.jpg'
    assert rows[1].depth_path is None and rows[1].rationale == ''


@pytest.mark.parametrize(
    ('line', 'why'),
    [
        ('{"question": "cut short', 'Invalid control'),
        ('[1, 2]', 'json object'),
        (json.dumps({'qestion': 'a'}), "Did you mean 'question'"),
        (json.dumps({'question': 'a', 'answer': '', 'image_path': 'i'}), 'answer: expected text'),
        (json.dumps({'question': 'a', 'answer': 'b', 'image_path': 'i'}), 'depth_path'),
        (json.dumps({'image': 'i', 'conversations': [{'from': 'gpt', 'value': 'x'}]}), 'by turns'),
        (json.dumps({'image': 'i', 'conversations': 7}), 'expected a list, got int'),
        (json.dumps({'image': 'i', 'conversations': {'from': 'human'}}), 'expected a list'),
        (json.dumps({'image': 'i', 'conversations': [1, None]}), 'by turns'),
        (json.dumps(ROW | {'meta': [1]}), 'meta: expected a json object, got list'),
        (json.dumps(ROW | {'meta': 'x'}), 'meta: expected a json object, got str'),
        (json.dumps(ROW | {'rationale': [1]}), 'rationale: expected text'),
        (json.dumps(ROW)[:-1] + ', "meta": ' + '[' * 100_000, 'nested too deep'),
        (json.dumps(ROW | {'answer': 'half \ud83d'}), 'answer: holds half of a character'),
        (json.dumps(ROW | {'rationale': '\udfff'}), 'rationale: holds half of a character'),
        (json.dumps(ROW | {'image_path': 'a\0b.png'}), 'image_path: holds a NUL character'),
        (json.dumps(ROW | {'image_path': '../a.png'}), "image_path: '../a.png' leaves the data"),
        (json.dumps(ROW | {'depth_path': '/etc/a.png'}), "depth_path: '/etc/a.png' leaves"),
        (json.dumps(ROW | {'image_path': 'a/../../b.png'}), 'leaves the data root'),
        (json.dumps(ROW)[:-1] + ', "meta": {"n": ' + '9' * 5000 + '}}', 'Exceeds the limit'),
    ],
)
def test_a_broken_line_is_counted_with_its_reason_and_the_rest_is_read(frames, line, why):
    file = write_lines(frames / 'more.jsonl', [draw(frames, 20), line, draw(frames, 21)])
    rows = RowFiles([file], '', max_broken=0.5)
    assert len(rows) == 2
    assert list(rows.broken.reasons) == [f'{file}:2']
    assert why in rows.broken.reasons[f'{file}:2']


def test_too_many_broken_lines_stop_the_run_with_the_count_and_the_reasons(frames):
    good = [draw(frames, number) for number in range(3)]
    file = write_lines(frames / 'more.jsonl', [*good, 'not json', 'nor this'])
    with pytest.raises(DataError, match=r'of 5 samples are broken[\s\S]*more.jsonl:4'):
        RowFiles([file], '', max_broken=0.01)


def test_no_rows_and_no_file_are_different_errors(tmp_path):
    with pytest.raises(DataError, match='no row'):
        RowFiles([write_lines(tmp_path / 'empty.jsonl', [])], '', 0.01)
    with pytest.raises(ConfigError, match='cannot be read'):
        RowFiles([tmp_path / 'none.jsonl'], '', 0.01)


def test_a_path_may_pass_through_a_folder_and_come_back_within_the_root(tmp_path):
    row = ROW | {'image_path': 'coco/../nyu/7.jpg'}
    (read,) = RowFiles([write_lines(tmp_path / 'rows.jsonl', [row])], '/data', 0.0)
    assert str(read.image_path) == '/data/coco/../nyu/7.jpg'


def test_a_broken_value_of_a_megabyte_is_quoted_in_a_line(tmp_path):
    row = ROW | {'image_path': '/' + 'x' * 1_000_000}
    file = write_lines(tmp_path / 'rows.jsonl', [ROW, row])
    (why,) = RowFiles([file], '', 0.9).broken.reasons.values()
    assert len(why) < 400


def test_a_file_that_is_changed_while_it_is_read_is_named(tmp_path):
    file = write_lines(tmp_path / 'rows.jsonl', [ROW, ROW])
    rows = RowFiles([file], '', 0.0)
    file.write_text('something else')
    with pytest.raises(DataError, match=r'rows.jsonl:1: the file was changed'):
        rows[0]


def test_rows_come_again_in_their_order_and_one_of_each_frame_is_known(tmp_path):
    def line(question, frame, depth='d.png'):
        row = {'question': question, 'answer': 'a', 'image_path': frame, 'depth_path': depth}
        return json.dumps(row) + '\n'

    first, second = tmp_path / 'first.jsonl', tmp_path / 'second.jsonl'
    first.write_text(line('1', 'a.png') + line('2', 'a.png') + 'no row\n' + line('3', 'b.png'))
    second.write_text(line('4', 'a.png') + line('5', 'a.png', 'other.png'))
    rows = RowFiles([first, second], '', max_broken=0.5)
    assert [row.question for row in rows] == list('12345')
    assert [(row.question, row.where) for row in rows] == [
        (r.question, r.where) for r in map(rows.__getitem__, range(5))
    ]
    assert [rows[index].question for index in rows.one_of_each_frame] == ['1', '3', '5']
    second.write_text('')
    with pytest.raises(DataError, match=r'second.jsonl: the file was changed while it is used'):
        list(rows)
