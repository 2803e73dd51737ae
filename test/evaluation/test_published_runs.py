# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Runs of a benchmark: what is asked, what is kept, what the controls show, and the judge."""

from __future__ import annotations

from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
import json
import math
import subprocess
import sys
import threading
from types import SimpleNamespace

import numpy as np
import published_layouts as layouts
import pytest

from ssr_ros import cli
from ssr_ros.commands import answerers
from ssr_ros.errors import ConfigError, DatasetError, ServerError
from ssr_ros.evaluation.published import (
    CvBench,
    Item,
    Picture,
    RoboSpatialHome,
    SpatialBench,
    SsrBench,
)
from ssr_ros.evaluation.published.asking import ask, CONTROLS, Kept, tasks
from ssr_ros.evaluation.published.depth import Depth
from ssr_ros.evaluation.published.results import result_of
from ssr_ros.evaluation.published.ssr_bench import read_verdict, RuleJudge, ServerJudge


def run(benchmark, folder, answerer, source='own', controls=(), out=None, settings=None):
    """Ask everything; return the tasks, the rows and the result."""
    depth = Depth(source, benchmark)
    todo = tasks(benchmark, benchmark.load(folder), depth, controls)
    kept = Kept(out, settings or {'model': 'test'})
    rows = list(ask(benchmark, todo, depth, answerer, kept))
    return todo, rows, result_of(benchmark, todo, rows)


def test_an_item_that_cannot_be_read_stays_in_its_place_and_counts_as_wrong(tmp_path):
    folder = layouts.spatial_bench(tmp_path)
    (folder / 'reach/1.v1.jpg').unlink()  # of the second pair

    def always_right(rgb, depth_m, item):
        return item.truth

    _, rows, result = run(SpatialBench(), folder, always_right)
    lines = {line.name.split()[0]: line for line in result.lines}
    assert (lines['reach'].value, lines['reach'].unparsed) == (50.0, 2)
    assert lines['existence'].value == 100.0
    assert sum(result.failed.values()) == 2
    assert [row.key for row in rows if row.failed] == ['reach/2', 'reach/3']


def test_who_does_not_read_depth_gains_nothing_by_it_and_who_does_loses_without(tmp_path):
    folder = layouts.robospatial(tmp_path)
    truth = {1.0: '(0.5, 0.5)', 2.0: 'yes', 3.0: 'no'}

    def reads_depth(rgb, depth_m, item):
        return truth[float(np.round(depth_m[0, 0]))]

    def reads_none(rgb, depth_m, item):
        return {'context': '(0.5, 0.5)', 'compatibility': 'yes'}.get(item.group, 'no')

    _, _, seeing = run(RoboSpatialHome(), folder, reads_depth, controls=CONTROLS)
    _, _, blind = run(RoboSpatialHome(), folder, reads_none, controls=CONTROLS)
    assert seeing.lines[-1].value == blind.lines[-1].value == 100.0
    assert (seeing.wrong_depth.n, seeing.wrong_depth.only_a) == (3, 3)
    assert blind.wrong_depth.difference == 0.0
    assert seeing.order_swap is None, 'nothing here is offered in an order'


def test_a_habit_of_saying_a_is_found_by_the_other_order(tmp_path):
    folder = layouts.cv_bench(tmp_path)
    _, _, habit = run(CvBench(), folder, lambda *_: 'A', 'none', CONTROLS)
    _, _, words = run(
        CvBench(), folder, lambda rgb, depth_m, item: item.choices[item.truth], 'none', CONTROLS
    )
    assert (habit.order_swap.n, habit.order_swap.right) == (3, 0)
    assert (words.order_swap.n, words.order_swap.right) == (3, 3)
    assert words.wrong_depth is None, 'without depth there is no wrong one'
    assert words.lines[-1].value == 100.0


def test_a_run_goes_on_where_it_was_killed_and_asks_nothing_twice(tmp_path):
    folder, out = layouts.cv_bench(tmp_path / 'data'), tmp_path / 'out'
    asked = []

    def answerer(rgb, depth_m, item):
        asked.append(item.key)
        if len(asked) == 3:
            raise KeyboardInterrupt
        return 'A'

    with pytest.raises(KeyboardInterrupt):
        run(CvBench(), folder, answerer, 'none', out=out)
    path = out / 'answers.jsonl'
    content = path.read_text()
    path.write_text(content + content[:50])  # cut in the middle of a row
    _, rows, result = run(CvBench(), folder, answerer, 'none', out=out)
    assert asked == ['2D/0', '2D/1', '3D/2', '3D/2']
    assert [row.key for row in rows] == ['2D/0', '2D/1', '3D/2']
    _, _, again = run(CvBench(), folder, answerer, 'none', out=out)
    assert again == result
    assert len(asked) == 4
    assert len(path.read_text().splitlines()) == 3


def test_a_folder_of_another_run_is_refused(tmp_path):
    folder, out = layouts.cv_bench(tmp_path / 'data'), tmp_path / 'out'
    run(CvBench(), folder, lambda *_: 'A', 'none', out=out)
    with pytest.raises(ConfigError, match='a run with other settings'):
        run(CvBench(), folder, lambda *_: 'A', 'none', out=out, settings={'model': 'other'})


def test_a_fault_that_is_no_fault_of_a_row_ends_the_run(tmp_path):
    def broken(rgb, depth_m, item):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run(CvBench(), layouts.cv_bench(tmp_path), broken, 'none')


def test_a_data_set_that_is_there_twice_is_refused(tmp_path):
    folder = layouts.cv_bench(tmp_path)
    (folder / 'test_2d_again.jsonl').write_bytes((folder / 'test_2d.jsonl').read_bytes())
    with pytest.raises(DatasetError, match='2D/0 is there twice'):
        run(CvBench(), folder, lambda *_: 'A', 'none')


def test_a_run_that_is_killed_for_good_ends_as_one_that_was_not(tmp_path):
    """In a process of its own, by the signal that nobody can handle."""
    folder = layouts.robospatial(tmp_path / 'data')
    code = """
import os, signal, sys
from pathlib import Path
from ssr_ros.evaluation.published import RoboSpatialHome
from ssr_ros.evaluation.published.asking import ask, CONTROLS, Kept, tasks
from ssr_ros.evaluation.published.depth import Depth
benchmark, after = RoboSpatialHome(), int(sys.argv[3])
depth, asked = Depth('own', benchmark), []
def answerer(rgb, depth_m, item):
    asked.append(item)
    if len(asked) > after:
        os.kill(os.getpid(), signal.SIGKILL)
    return f'yes {depth_m[0, 0]:.0f}'
todo = tasks(benchmark, benchmark.load(Path(sys.argv[1])), depth, CONTROLS)
list(ask(benchmark, todo, depth, answerer, Kept(Path(sys.argv[2]), {})))
"""

    def texts(out, *afters):
        for after in afters:
            words = [sys.executable, '-c', code, str(folder), str(out), str(after)]
            subprocess.run(words, check=False, timeout=120)
        rows = (out / 'answers.jsonl').read_text().splitlines()
        return [(row['control'], row['key'], row['text']) for row in map(json.loads, rows)]

    whole = texts(tmp_path / 'whole', 99)
    assert len(whole) == 6
    assert texts(tmp_path / 'killed', 1, 2, 0, 99) == whole


@pytest.mark.parametrize(
    ('truth', 'text', 'right', 'parsed'),
    [
        ('Yes', 'yes.', True, True),
        ('Yes', 'No, there is none.', False, True),
        ('3', 'There are three.', True, True),
        ('3', '4', False, True),
        ('To the left of the plate.', 'It is on the right.', False, True),
        ('To the left of the plate.', 'Next to it.', False, False),
        ('1.2 m', '120 cm', True, True),
        ('Yes', '', False, False),
    ],
)
def test_the_stand_in_knows_words_numbers_and_opposites_and_guesses_nothing(
    truth, text, right, parsed
):
    mark = RuleJudge().mark('asked', truth, text)
    assert (mark.right, mark.parsed) == (right, parsed)


@pytest.mark.parametrize(
    ('reply', 'expected'),
    [
        ('{"pred": "yes", "score": 4}', (True, True, 4.0)),
        ("{'pred': 'no', 'score': 1}", (False, True, 1.0)),
        ('```json\n{"pred": "Yes", "score": "5"}\n```', (True, True, 5.0)),
        ('{"pred": "maybe", "score": 3}', (False, False, None)),
        ('{"pred": "yes", "score": 7}', (False, False, None)),
        ('{"pred": "yes"}', (False, False, None)),
        ('yes', (False, False, None)),
        ('{"pred": "yes", "score": true}', (False, False, None)),
    ],
)
def test_a_verdict_is_read_or_unparsed(reply, expected):
    mark = read_verdict(reply)
    assert (mark.right, mark.parsed, mark.score) == expected


@contextmanager
def judge_server(verdict):
    """A local server that judges as a function of the prompt says."""
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = json.loads(self.rfile.read(int(self.headers['Content-Length'])))
            asked.append((self.path, self.headers.get('Authorization'), body))
            text = verdict(body['messages'][0]['content'])
            data = json.dumps({'choices': [{'message': {'content': text}}]}).encode()
            self.send_response(200)
            self.send_header('Content-Length', str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *args):
            pass

    http = ThreadingHTTPServer(('127.0.0.1', 0), Handler)
    thread = threading.Thread(target=http.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f'http://127.0.0.1:{http.server_port}/v1', asked
    finally:
        http.shutdown()
        http.server_close()
        thread.join()


def test_a_judge_is_asked_once_for_every_answer_and_its_scores_are_reported(tmp_path, monkeypatch):
    monkeypatch.setenv('SSR_JUDGE_KEY', 'secret')

    def verdict(prompt):
        return '{"pred": "yes", "score": 4}' if 'judge: three' in prompt else 'I cannot say.'

    answers = {'existence': 'a dog', 'count': 'three'}
    with judge_server(verdict) as (url, asked):
        _, _, result = run(
            SsrBench(ServerJudge(url, 'qwen')),
            layouts.ssr_bench(tmp_path),
            lambda rgb, depth_m, item: answers.get(item.group, ''),
        )
    assert len(asked) == 2, 'an empty answer needs no judge'
    path, key, body = asked[0]
    assert (path, key) == ('/v1/chat/completions', 'Bearer secret')
    assert (body['model'], body['temperature']) == ('qwen', 0)
    assert 'True answer: Yes\n' in body['messages'][0]['content']
    lines = {line.name: line for line in result.lines}
    assert (lines['count'].value, lines['count, mean score of 5'].value) == (100.0, 4.0)
    # General is existence alone; spatial is count and relative position.
    assert (lines['general'].value, lines['spatial'].value) == (0.0, 50.0)
    assert lines['all'].unparsed == 2
    assert lines['all, mean score of 5'].value == pytest.approx(4 / 3)


def test_a_judge_may_be_asked_in_other_words(tmp_path):
    prompt = "Q {question} C {answer} P {response} like {'pred': 'yes', 'score': 4.8}"
    with judge_server(lambda asked: "{'pred': 'no', 'score': 0.5}") as (url, asked):
        mark = ServerJudge(url, 'qwen', prompt=prompt).mark('{answer}?', '{x}', 'me')
    assert asked[0][2]['messages'][0]['content'] == (
        "Q {answer}? C {x} P me like {'pred': 'yes', 'score': 4.8}"
    )
    assert (mark.right, mark.score) == (False, 0.5)
    with pytest.raises(ConfigError, match=r'lacks \{response\}'):
        ServerJudge(url, 'qwen', prompt='{question} {answer}')


def test_a_judge_that_does_not_answer_ends_the_run_with_words():
    judge = ServerJudge('http://127.0.0.1:1/v1', 'qwen', timeout_s=0.2)
    with pytest.raises(ServerError, match=r'127.0.0.1:1 gave no answer'):
        judge.mark('asked', 'yes', 'yes')


def command(*arguments):
    try:
        return cli.main(['benchmark', *map(str, arguments)])
    except SystemExit as exit:  # argparse
        return exit.code


def test_the_command_scores_with_the_shipped_model_and_keeps_what_it_did(tmp_path, capsys):
    pytest.importorskip('torch', reason='the shipped model needs torch')
    folder, out = layouts.spatial_bench(tmp_path / 'data'), tmp_path / 'out'
    words = ('spatialbench', folder, '--depth', 'own', '--out', out, '--limit', 1)
    assert command(*words) == 0
    text = capsys.readouterr().out
    assert 'reach (pos + neg + both) / 3' in text
    assert "points over another picture's" in text
    assert command(*words, '--json') == 0
    report = json.loads(capsys.readouterr().out)
    assert report == json.loads((out / 'summary.json').read_text())
    assert (report['depth'], report['limit'], report['items']) == ('own', 1, 8)


def test_the_command_says_when_a_rule_stands_in_for_the_judge(tmp_path, capsys):
    folder = layouts.ssr_bench(tmp_path)
    words = ('ssrbench', folder, '--depth', 'own', '--answer', 'measured', '--fov-deg', 60)
    assert command(*words) == 0
    assert 'not by a judge: not comparable' in ' '.join(capsys.readouterr().out.split())


@pytest.mark.parametrize(
    ('arguments', 'words'),
    [
        (('--depth', 'own'), 'brings no depth'),
        (('--depth', 'none', '--answer', 'measured'), 'give --fov-deg'),
        (('--depth', 'none', '--controls', 'swap'), '--controls: expected order-swap'),
        (('--depth', 'none', '--limit', '0'), '--limit must be at least 1'),
        (('--depth', 'none', '--judge-url', 'http://x/v1'), 'needs no judge'),
        ((), 'required: --depth'),
    ],
)
def test_what_the_command_cannot_do_is_said_before_a_model_is_loaded(
    tmp_path, capsys, arguments, words
):
    assert command('cv-bench', layouts.cv_bench(tmp_path), *arguments) == 2
    assert words in capsys.readouterr().err


def test_frames_that_cannot_be_measured_are_failures_with_a_reason(tmp_path, capsys):
    folder = layouts.cv_bench(tmp_path)
    words = ('cv-bench', folder, '--depth', 'none', '--answer', 'measured', '--fov-deg', 60)
    assert command(*words) == 0
    assert 'has no valid pixel' in ' '.join(capsys.readouterr().out.split())


def test_a_measured_distance_is_one_number(tmp_path):
    """In words it is two: between the nearest points, and between centres."""
    answer = answerers.measured(60.0)
    rgb = np.full((120, 160, 3), 120, np.uint8)
    depth_m = np.full((120, 160), 2.0, np.float32)
    for columns in (slice(20, 50), slice(100, 130)):
        rgb[40:80, columns], depth_m[40:80, columns] = (210, 25, 25), 1.2
    item = Item(
        'k',
        'g',
        'What is the distance between region 0 and region 1?',
        1.0,
        Picture('p'),
        regions=(('region 0', (20, 40, 50, 80)), ('region 1', (100, 40, 130, 80))),
    )
    text = answer(rgb, depth_m, item)
    # 50 columns at 1.2 m, with a focal length of 80 / tan(30 deg).
    assert float(text.removesuffix(' m')) == pytest.approx(50 * 1.2 * 0.57735 / 80, abs=0.02)


class CountingReasoner:
    def __init__(self):
        self.encoded = 0

    def encode(self, frame):
        self.encoded += 1
        return float(np.nanmean(frame.depth_m))

    def ask(self, encoded, question):
        return SimpleNamespace(text=f'{question} {encoded:.1f}', trained=True, likelihood=math.nan)


def test_a_picture_is_encoded_once_for_all_that_is_asked_of_it_and_again_with_other_depth():
    reasoner = CountingReasoner()
    answer = answerers.model(reasoner, 60.0)
    rgb, depth_m = np.zeros((12, 16, 3), np.uint8), np.full((12, 16), 2.0, np.float32)
    texts = [
        answer(rgb, depth_m * factor, Item('k', 'g', question, '', Picture('p')))
        for question, factor in (('A?', 1), ('B?', 1), ('B?', 2), ('B?', 1))
    ]
    assert texts == ['A? 2.0', 'B? 2.0', 'B? 4.0', 'B? 2.0']
    assert reasoner.encoded == 3


def test_the_one_answer_says_nothing_where_nobody_knows():
    reasoner = CountingReasoner()
    reasoner.ask = lambda encoded, question: SimpleNamespace(
        text='noise', trained=False, likelihood=math.nan
    )
    answer = answerers.one(reasoner, 60.0)
    rgb = np.full((120, 160, 3), 120, np.uint8)
    item = Item('k', 'g', 'Is the unicorn happy?', 'no', Picture('p'))
    assert answer(rgb, np.full((120, 160), 2.0, np.float32), item) == ''
