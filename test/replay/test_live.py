# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""A recording played at the real node, in a process of its own, and asked while it plays."""

import json
from types import SimpleNamespace

import pytest

pytest.importorskip('rosbags.rosbag2', reason='bags are read through rosbags')
pytest.importorskip('jinja2', reason='reports are made with Jinja2')

from ssr_ros import cli
from ssr_ros.replay.live_rows import measured_of

QUESTIONS = """
questions:
  - ask: How many objects are there?
    at: [0.4, 1.6]
    expect: {count: 6}
  - ask: Is the purple object left of the red object?
    at: 1.2
    expect: no
  - ask: How far is the wall?
    id: late
    at: 60
"""


def message(**fields):
    plain = {'has_measured_value': False, 'measured_value': 0.0, 'measured_unit': ''}
    return SimpleNamespace(**{'evidence': [], 'measured_sigma': float('nan'), **plain, **fields})


@pytest.mark.parametrize(
    ('fields', 'kind', 'value', 'text'),
    [
        ({'measured_text': 'Yes: it is.'}, 'yes_no', 1.0, 'Yes: it is.'),
        ({'measured_text': 'No, by 2 cm.'}, 'yes_no', 0.0, 'No, by 2 cm.'),
        (
            {'measured_text': 'The can is nearer than the mug.'},
            'number',
            None,
            'The can is nearer',
        ),
        (
            {
                'measured_text': 'It is 2 m away.',
                'has_measured_value': True,
                'measured_value': 2.0,
            },
            'number',
            2.0,
            'It is 2 m away.',
        ),
    ],
)
def test_what_a_message_says_is_scored_as_what_was_measured(fields, kind, value, text):
    found = measured_of(message(**fields), 'measured')
    assert (found['kind'], found['value'], found['text']) == (kind, value, text)
    assert found['answered'] and not measured_of(message(**fields), 'none')['answered']


def test_the_demo_is_asked_through_the_node(tmp_path, capsys):
    pytest.importorskip('rclpy', reason='playing needs ROS 2')
    pytest.importorskip('ssr_ros.msg', reason='the interfaces are not built')
    pytest.importorskip('torch', reason='the node loads a model')
    (tmp_path / 'q.yaml').write_text(QUESTIONS, encoding='utf-8')
    out = tmp_path / 'run'
    arguments = ['--questions', tmp_path / 'q.yaml', '--out', out, '--live', '--rate', '0.5']
    assert cli.main(['bag', 'evaluate', 'demo', *map(str, arguments), '--json']) == 0
    said = json.loads(capsys.readouterr().out)
    rows = [json.loads(line) for line in (out / 'answers.jsonl').read_text('utf-8').splitlines()]
    assert [row['error_code'] for row in rows] == ['NO_FRAME', 'NONE', 'NONE', 'NONE']
    by_id = {(row['question_id'], row['asked_ns'] % 10**10): row for row in rows}
    early = by_id['q1', 400_000_000]
    assert early['age_ms'] is not None and early['timings_ms']['waited'] > 0
    assert early['scores']['answer'] == by_id['q2', 1_200_000_000]['scores']['answer'] == 'right'
    (live,) = [each['live'] for each in said['bags'].values()]
    assert live['spreads']['asked to answered, ms']['n'] == 3
    page = (out / 'report.html').read_text('utf-8')
    assert 'Through the running node' in page and 'age of the frame' in page


@pytest.mark.parametrize(
    ('arguments', 'words'),
    [
        (['--live', '--model', 'none'], '--model none does not go with --live'),
        (['--live', '--jobs', '2', '--write-bag'], '--jobs, --write-bag does not go with --live'),
        (['--rate', '2'], '--rate goes with --live'),
        (['--ray-address', 'x'], '--ray-address goes with --engine ray'),
        (['--jobs', '0'], '--jobs must be a number from 1'),
    ],
)
def test_options_that_do_not_go_together_are_refused(tmp_path, capsys, arguments, words):
    (tmp_path / 'q.yaml').write_text(QUESTIONS, encoding='utf-8')
    questions = ['--questions', str(tmp_path / 'q.yaml'), '--out', str(tmp_path / 'run')]
    assert cli.main(['bag', 'evaluate', 'demo', *questions, *arguments]) == 2
    assert words in capsys.readouterr().err
