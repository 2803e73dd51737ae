# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Two runs side by side, by hand-made rows and by two real ones."""

import json

import pytest

pytest.importorskip('jinja2', reason='pages are made with Jinja2')
pytest.importorskip('cv2', reason='pages show pictures')

from ssr_ros import cli
from ssr_ros.errors import ConfigError
from ssr_ros.replay.compare import compare, difference_interval, match
from ssr_ros.replay.report import write_report
from ssr_ros.replay.rows import AnswerRow

COUNT = {'kind': 'count', 'value': 2.0, 'tolerance': 0.0, 'unit': '', 'text': '2'}


def rows(verdicts, bag='monday', ms=10.0, expected=COUNT, off=None):
    return [
        AnswerRow(
            bag=bag,
            question_id=f'q{number}',
            question='How many?',
            asked_ns=number,
            frame=number,
            source='measured',
            expected=expected,
            scores={'answer': verdict},
            error_off=off,
            timings_ms={'total': ms + number},
        )
        for number, verdict in enumerate(verdicts)
    ]


def test_the_same_questions_are_tested_in_pairs():
    a = rows(['right'] * 4 + ['wrong'] * 6)
    b = rows(['right'] * 3 + ['wrong'] + ['right'] * 5 + ['refused'], ms=8.0)
    found = compare(a, b)
    both = found['accuracy']
    assert found['paired'] and (found['better'], found['worse']) == (5, 1)
    assert (both['n'], both['a']['right'], both['b']['right']) == (10, 4, 8)
    assert (both['only_b_right'], both['only_a_right']) == (5, 1)
    assert both['difference'] == pytest.approx(0.4)
    # Six tosses, of which at most one is a head: 2 * (1 + 6) / 64.
    assert both['p_value'] == pytest.approx(14 / 64)
    assert both['low'] < 0.4 < both['high']
    assert found['latency']['difference'] == pytest.approx(-2.0)
    assert found['kinds']['count'] == both


def test_questions_that_are_not_the_same_are_left_out_of_the_pairs():
    a, b = rows(['right'] * 3), rows(['wrong'] * 4)
    other = rows(['wrong'] * 4, expected=COUNT | {'value': 3.0})
    found = compare(a, [b[0], other[1], b[3]])
    assert (found['pairs'], found['expected_changed']) == (1, 1)
    assert (found['only_a'], found['only_b']) == (1, 1)
    assert len(match(a, [b[0], other[1], b[3]]).changed) == 1


def test_runs_without_a_common_question_are_two_samples():
    found = compare(rows(['right'] * 10, 'monday'), rows(['wrong'] * 10, 'tuesday'))
    assert not found['paired'] and found['accuracy']['difference'] == -1.0
    assert 'p_value' not in found['accuracy']


def test_the_interval_of_two_samples_is_newcombes():
    """His example: 56 of 70 and 48 of 80; the first less the second is 0.0524 to 0.3339."""
    low, high = difference_interval(48, 80, 56, 70)
    assert (low, high) == (pytest.approx(0.0524, abs=1e-4), pytest.approx(0.3339, abs=1e-4))


def test_numbers_are_compared_by_how_far_they_are_off():
    expected = COUNT | {'kind': 'number', 'unit': 'm'}
    a = rows(['right'] * 5, expected=expected, off=-0.04)
    b = rows(['right'] * 5, expected=expected, off=0.01)
    found = compare(a, b)['errors']['m']
    assert found['difference'] == pytest.approx(-0.03)
    assert found['low'] == pytest.approx(-0.03) and found['high'] == pytest.approx(-0.03)


def test_an_empty_run_is_refused():
    with pytest.raises(ConfigError, match='holds no answers'):
        compare([], rows(['right']))


def test_two_runs_are_compared_from_the_command_line(ask, boxes, tmp_path, capsys):
    questions = (
        'every_s: 0.4\nquestions:\n'
        '  - {ask: "How far is the red object?", expect: {number: 1.21, tolerance: 0.05}}\n'
        '  - {ask: "How far is the <b>mug</b>?", expect: unknown}\n'
    )
    for out in ('a', 'b'):
        result = ask([boxes], questions, out)
        write_report(result.folder, result.rows, result.summary)
    capsys.readouterr()
    page = tmp_path / 'both.html'
    arguments = ['bag', 'compare', str(tmp_path / 'a'), str(tmp_path / 'b'), '--out', str(page)]
    assert cli.main([*arguments, '--json']) == 0
    said = json.loads(capsys.readouterr().out)
    assert said['paired'] and said['accuracy']['difference'] == 0 and said['better'] == 0
    assert '<b>mug' not in page.read_text('utf-8')
    assert cli.main(arguments) == 0
    assert '0 only B, 0 only A' in capsys.readouterr().out
    assert cli.main(['bag', 'compare', str(tmp_path / 'none'), str(tmp_path / 'b')]) == 2
    assert 'answers.jsonl: cannot be read' in capsys.readouterr().err
