# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""``ssr-ros ask --point``: the model looks for what a question names; it is measured there."""

import json

import pytest

from ssr_ros.cli import main


def run(*arguments):
    return main(list(arguments))


def test_ask_lets_the_model_point_at_what_questions_name(capsys, monkeypatch):
    pytest.importorskip('torch', reason='the model needs torch')
    from ssr_ros.scene import Grounded

    class Pointing:
        name, asked = 'vlm', []

        def locate(self, frame, phrases):
            self.asked += phrases
            box = (100, 60, 260, 200)
            return [
                Grounded(phrase, box, 0.6, 'vlm')
                if phrase == 'lunch box'
                else Grounded(phrase, source='vlm')
                for phrase in phrases
            ]

    monkeypatch.setattr('ssr_ros.engine.grounders.asking', lambda reasoner: Pointing())
    questions = (
        'How far is the lunch box?',
        'How wide is the lunch box?',
        'How far is the giraffe?',
    )
    assert run('ask', '--bag', 'demo', '--point', *questions, '--json') == 0
    report = json.loads(capsys.readouterr().out)
    far, wide, giraffe = report['answers']
    assert report['pointed'] == [
        {'name': 'lunch box', 'found': True, 'score': 0.6},
        {'name': 'giraffe', 'found': False, 'score': None},
    ]
    assert (far['source'], wide['source'], giraffe['source']) == ('grounded', 'grounded', 'none')
    assert far['value'] == pytest.approx(
        float(far['measured'].split(' ± ')[0].split()[-1]), rel=0.01
    )
    assert 'giraffe' in giraffe['answer'] and 'vlm looked' in giraffe['answer']
    assert Pointing.asked == ['lunch box', 'giraffe'], 'each once'
    assert run('ask', '--bag', 'demo', '--point', *questions) == 0
    shown = ' '.join(capsys.readouterr().out.split())
    assert 'lunch box (60 % sure), giraffe (not there)' in shown


QUESTIONS = """
questions:
  - {ask: "How far is the lunch box?", once: yes, expect: {number: 1.2, unit: m, tolerance: 2}}
  - {ask: "How far is the giraffe?", once: yes, expect: unknown}
"""


def test_recordings_are_asked_with_the_same_pointing(tmp_path, capsys, monkeypatch):
    pytest.importorskip('torch', reason='the model needs torch')
    pytest.importorskip('rosbags.rosbag2', reason='bags are read through rosbags')
    pytest.importorskip('jinja2', reason='reports are made with Jinja2')
    from ssr_ros.replay import workers
    from ssr_ros.scene import Grounded

    class Pointing:
        name = 'vlm'

        def locate(self, frame, phrases):
            found = {'lunch box': (100, 60, 260, 200)}
            return [Grounded(phrase, found.get(phrase), source='vlm') for phrase in phrases]

    workers.reasoner_of.cache_clear()
    monkeypatch.setattr('ssr_ros.engine.grounders.asking', lambda reasoner: Pointing())
    (tmp_path / 'q.yaml').write_text(QUESTIONS, 'utf-8')
    where = ('--questions', str(tmp_path / 'q.yaml'), '--out', str(tmp_path / 'run'))
    assert run('bag', 'evaluate', 'demo', *where, '--point', '--json') == 0
    from ssr_ros.replay.rows import read_rows

    box, giraffe = read_rows(tmp_path / 'run' / 'answers.jsonl')
    assert (box.source, box.verdict) == ('grounded', 'right')
    assert 'lunch box' in [thing['label'] for thing in box.objects]
    assert (giraffe.source, giraffe.verdict) == ('none', 'right')
    assert 'vlm' in giraffe.answer and 'looked' in giraffe.answer
    capsys.readouterr()
    assert run('bag', 'evaluate', 'demo', *where) != 0, 'another run is not gone on with'


def test_who_measures_only_has_no_model_to_point(tmp_path, capsys):
    (tmp_path / 'q.yaml').write_text(QUESTIONS, 'utf-8')
    asked = ('bag', 'evaluate', 'demo', '--questions', str(tmp_path / 'q.yaml'))
    assert run(*asked, '--model', 'none', '--point', '--out', str(tmp_path / 'run')) == 2
    assert '--model none has none' in capsys.readouterr().err


def test_nano_is_asked_where_things_are(capsys):
    pytest.importorskip('torch', reason='the model needs torch')
    assert run('ask', '--bag', 'demo', '--point', 'How far is the red cylinder?', '--json') == 0
    (answer,) = json.loads(capsys.readouterr().out)['answers']
    assert 'red cylinder' in answer['answer'] and answer['source'] in ('grounded', 'none')


@pytest.mark.parametrize(
    'given', [('--point',), ('--named', 'mug=1,2,30,40'), ('--facts', 'table')], ids=lambda g: g[0]
)
def test_what_only_this_process_can_do_is_not_dropped_where_a_node_is_asked(capsys, given):
    assert run('ask', '--robot', *given, 'How far is the mug?') == 2
    assert 'grounding.vlm' in capsys.readouterr().err


@pytest.mark.parametrize(
    ('options', 'reads'),
    [((), 1), (('--facts', 'marks'), 1), (('--facts', 'marks', '--point'), 2)],
)
def test_a_frame_is_read_once_and_again_only_with_marks_in_it(monkeypatch, options, reads):
    """Who points reads it without them."""
    reasoner = pytest.importorskip('ssr_ros.model.reasoner', reason='the model needs torch')
    read, encode = [], reasoner.Reasoner.encode

    def counted(self, *given):
        read.append(given)
        return encode(self, *given)

    monkeypatch.setattr(reasoner.Reasoner, 'encode', counted)
    assert run('ask', '--bag', 'demo', *options, 'How far is it?', '--json') == 0
    assert len(read) == reads
