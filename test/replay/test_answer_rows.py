# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Rows of answers.jsonl: one line each, whatever stands in them."""

import json
import math

import pytest

from ssr_ros.errors import ConfigError
from ssr_ros.replay.rows import AnswerRow, read_rows, write_rows


def row(**fields):
    return AnswerRow(bag='b', question_id='q1', question='How far?', asked_ns=5, **fields)


def test_a_row_comes_back_as_it_was_written(tmp_path):
    rows = [
        row(answer='line\nbreak \u2028 </script>', target_m=(0.1, 0.2, 0.3), evidence=({'a': 1},)),
        row(value=1.5, scores={'answer': 'right'}, expected={'kind': 'count'}, caveats=('dark',)),
    ]
    write_rows(tmp_path / 'answers.jsonl', rows)
    assert list(read_rows(tmp_path / 'answers.jsonl')) == rows
    assert len((tmp_path / 'answers.jsonl').read_bytes().splitlines()) == 2
    assert (rows[1].verdict, rows[1].kind, rows[0].verdict, rows[0].kind) == (
        'right',
        'count',
        None,
        '',
    )


def test_what_is_not_finite_is_null():
    line = row(value=math.nan, timings_ms={'total': math.inf}).to_line()
    assert json.loads(line)['value'] is None
    assert json.loads(line)['timings_ms'] == {'total': None}


@pytest.mark.parametrize('line', ['{"bag": 1', '[]', '{"bag": "b"}', '{"bug": "b"}', '3'])
def test_a_line_that_is_no_row_is_named(tmp_path, line):
    write_rows(tmp_path / 'a.jsonl', [row()])
    with (tmp_path / 'a.jsonl').open('a') as stream:
        stream.write(line + '\n')
    with pytest.raises(ConfigError, match=r'a\.jsonl, line 2: expected a row'):
        list(read_rows(tmp_path / 'a.jsonl'))


def test_a_row_is_told_by_recording_question_and_time():
    assert row().key == ('b', 'q1', 5)
