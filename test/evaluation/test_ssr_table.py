# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""benchmarks/ssr.py from end to end, on a tiny model that knows nothing."""

from dataclasses import replace
import json

import cv2
import numpy as np
from PIL import Image
import pytest

pytest.importorskip('torch', reason='torch is missing')

import torch

from benchmarks import ssr
from benchmarks.ssr_latents import Replacements
from benchmarks.ssr_margins import margin_of, orders
from benchmarks.ssr_report import goals, training_of
from benchmarks.ssr_rows import read_test
from benchmarks.ssr_systems import (
    another,
    answering_as,
    FULL,
    MAJORITY,
    see,
    System,
    SYSTEMS,
)
from ssr_ros.evaluation import Score
from ssr_ros.evaluation.table import Question
from ssr_ros.model import load_reasoner
from training.small.new_checkpoint import write_checkpoint
from training.small.sizes import Sizes

CAMERA = {'fx': 60.0, 'fy': 60.0, 'cx': 32.0, 'cy': 24.0, 'width': 64, 'height': 48}
RUNS = ('base', 'without_midi', 'stage1', 'stage2')


def row(number, question, answer, **meta):
    known = {'form': '', 'verdict': '', 'value': None, 'value_unit': '', 'swap': ''}
    return {
        'question': question,
        'rationale': f'The box is {number + 1}.00 m away.',
        'answer': answer,
        'image_path': f'{number}.png',
        'depth_path': f'{number}_depth.png',
        'meta': {**known, 'seed': number, 'intrinsics': CAMERA, 'needs_depth': True, **meta},
    }


def rows_of(number):
    """Three questions about one frame: a number, and both orders of a comparison."""
    unit = {'family': 'closer', 'form': 'whether', 'unit': f'{number}#1'}
    return [
        row(
            number,
            'How far is the box?',
            f'{number + 1}.00 m.',
            family='distance',
            form='camera',
            unit=f'{number}#0',
            value=number + 1.0,
            value_unit='m',
            subjects=['box'],
        ),
        row(
            number,
            'Is the box closer than the ball?',
            'Yes.',
            **unit,
            verdict='yes',
            swap='ab',
            subjects=['box', 'ball'],
        ),
        row(
            number,
            'Is the ball closer than the box?',
            'No.',
            **unit,
            verdict='no',
            swap='ba',
            subjects=['ball', 'box'],
        ),
    ]


def write_test(folder, count):
    lines = []
    for number in range(count):
        rgb = np.full((48, 64, 3), 120, np.uint8)
        depth_mm = np.full((48, 64), 5000, np.uint16)
        rgb[12:36, 10 * number : 10 * number + 24] = (200, 30, 30)
        depth_mm[12:36, 10 * number : 10 * number + 24] = 1000 * (number + 1)
        cv2.imwrite(str(folder / f'{number}.png'), rgb)
        cv2.imwrite(str(folder / f'{number}_depth.png'), depth_mm)
        lines += [json.dumps(each) + '\n' for each in rows_of(number)]
    path = folder / 'questions.jsonl'
    path.write_text(''.join(lines), encoding='utf-8')
    return path


@pytest.fixture(scope='module')
def runs(tmp_path_factory):
    """Four of the eight folders that the table asks for."""
    folder = tmp_path_factory.mktemp('runs')
    write_checkpoint(folder / 'untrained', Sizes(), seed=0)
    for name in RUNS:
        (folder / name).symlink_to(folder / 'untrained')
    return folder


@pytest.fixture(scope='module')
def rows(tmp_path_factory):
    return write_test(tmp_path_factory.mktemp('rows'), 3)


def arguments(rows, runs, *more):
    return [
        '--test',
        str(rows),
        '--train',
        str(rows),
        '--runs',
        str(runs),
        '--device',
        'cpu',
        '--timed',
        '1',
        *map(str, more),
    ]


def test_the_table_of_a_model_that_knows_nothing(rows, runs, tmp_path, capsys):
    outputs = {name: tmp_path / name for name in ('json', 'markdown', 'plot.png', 'answers')}
    options = [o for name, path in outputs.items() for o in (f'--{name.partition(".")[0]}', path)]
    assert ssr.main(arguments(rows, runs, *options)) == 0
    printed = capsys.readouterr().out
    report = json.loads(outputs['json'].read_text(encoding='utf-8'))
    _check_systems(report, printed)
    _check_answers(report, outputs['answers'])
    assert outputs['markdown'].read_text(encoding='utf-8').strip() == printed.strip()
    colors = Image.open(outputs['plot.png']).getcolors(1 << 20)
    assert len(colors) > 3, 'bars, ink and background'


def _check_systems(report, printed):
    systems = report['systems']
    assert set(systems) == {system.key for system in SYSTEMS}
    for system in SYSTEMS:
        is_there = system is MAJORITY or system.run in RUNS
        assert (systems[system.key]['status'] == 'run') == is_there, system.key
        line = next(line for line in printed.splitlines() if line.startswith(f'| {system.title} '))
        assert ('not run' in line) != is_there
    assert 'not run: no n_tor_10/reasoner.yaml' in printed
    # Of each pair one is yes and one is no; the median of the lengths is one of the three.
    majority = systems['majority']
    assert majority['groups']['two-way'] | {'low': 0, 'high': 0} == {
        'n': 6,
        'right': 3,
        'unparsed': 0,
        'share': 0.5,
        'low': 0,
        'high': 0,
    }
    assert majority['near']['distance within 15 %']['right'] == 1
    assert majority['swap']['n'] == 3
    assert majority['swap']['right'] == 0
    full = systems[FULL]
    assert full['tokens'] > 0
    assert full['seconds'] > 0
    assert {row['n'] for row in report['paired'] if row['group'] == 'everything'} == {9}
    assert report['rationale']['asked'] == 3
    assert full['chosen']['n'] == 6
    assert 0.5 <= full['chosen']['likelihood'] <= 1
    assert systems['full writes']['chosen']['n'] == 0
    all_of_them = next(goal for goal in report['goals'] if goal['goal'].startswith('two-way'))
    assert all_of_them['reached'] == (full['groups']['two-way']['share'] >= 0.85)


def _check_answers(report, path):
    kept = [json.loads(line) for line in path.read_text(encoding='utf-8').splitlines()]
    asked = [key for key, found in report['systems'].items() if found['status'] == 'run']
    assert len(kept) == 9 * len(asked)
    for key in asked:
        right = sum(each['right'] for each in kept if each['system'] == key)
        assert right == report['systems'][key]['groups']['everything']['right']
    assert all(each['written'] for each in kept if each['system'] == 'written' and each['text'])


def test_nothing_is_guessed_where_nothing_was_trained(rows, tmp_path, capsys):
    assert ssr.main(arguments(rows, tmp_path, '--json', tmp_path / 'report.json')) == 0
    report = json.loads((tmp_path / 'report.json').read_text(encoding='utf-8'))
    run = [key for key, found in report['systems'].items() if found['status'] == 'run']
    assert run == ['majority']
    assert report['goals'] == report['paired'] == []
    assert capsys.readouterr().out.count('not run: no ') == len(SYSTEMS) - 1


def test_one_world_has_no_other_depth(runs, tmp_path):
    test = write_test(tmp_path, 1)
    assert ssr.main(arguments(test, runs, '--json', tmp_path / 'report.json')) == 0
    report = json.loads((tmp_path / 'report.json').read_text(encoding='utf-8'))
    assert report['systems']['shuffled depth']['status'].startswith('not run: the test shows one')
    assert report['systems'][FULL]['status'] == 'run'


def test_what_cannot_be_read_is_said_in_a_line(rows, runs, tmp_path, capsys):
    missing = tmp_path / 'missing.jsonl'
    assert ssr.main(arguments(missing, runs)) == 2
    assert 'missing.jsonl' in capsys.readouterr().err
    bare = tmp_path / 'bare.jsonl'
    first = json.loads(rows.read_text(encoding='utf-8').splitlines()[0])
    bare.write_text(json.dumps({**first, 'meta': {}}) + '\n', encoding='utf-8')
    assert ssr.main(arguments(bare, runs)) == 2
    assert 'training.curate' in capsys.readouterr().err


def test_a_limit_keeps_both_orders_together(rows):
    questions, frames = read_test(rows, 3)
    families = [question.meta['family'] for question in questions]
    assert families.count('distance') == 3
    assert families.count('closer') == 2
    assert sorted(n for test in frames for n in test.asked) == list(range(len(questions)))


def test_each_control_changes_what_it_says_and_nothing_else(rows, runs):
    _, frames = read_test(rows, 0)
    own, shuffled, none = (see(frames, 0, depth) for depth in ('own', 'shuffled', 'none'))
    assert another(frames, 0).world != frames[0].world
    assert np.array_equal(own.rgb, shuffled.rgb)
    assert np.array_equal(own.rgb, none.rgb)
    assert not np.array_equal(own.depth_m, shuffled.depth_m)
    assert np.isnan(none.depth_m).all()

    reasoner = load_reasoner(runs / 'stage2', device='cpu')
    encoded = reasoner.encode(own)
    before = reasoner.latents(encoded, 'How far is the box?')
    with answering_as(System('x', 'x', n_tor=0), reasoner):
        assert len(reasoner.latents(encoded, 'How far is the box?')) == 0
        assert reasoner.chooses
    assert not reasoner.chooses
    after = reasoner.latents(encoded, 'How far is the box?')
    assert before.any()
    assert before.equal(after)


@pytest.fixture(scope='module')
def asked(rows, runs):
    """A reasoner, and six questions about two frames of it: number, encoded frame, text."""
    questions, frames = read_test(rows, 0)
    reasoner = load_reasoner(runs / 'stage2', device='cpu')
    encoded = [reasoner.encode(test.read()) for test in frames[:2]]
    pairs = [
        (n, code, questions[n].text)
        for test, code in zip(frames, encoded, strict=False)
        for n in test.asked
    ]
    return reasoner, pairs, questions


def latents_of(reasoner, pairs):
    return torch.stack([reasoner.latents(code, text) for _, code, text in pairs])


def read_with(kind, asked):
    """Return the latents that the VLM is given where a kind of replacement is asked for."""
    reasoner, pairs, questions = asked
    with Replacements(questions).instead(kind, reasoner, pairs):
        return reasoner.midi.latents()


def test_latents_are_replaced_by_what_the_row_says_and_stand_again_afterwards(asked):
    reasoner, pairs, _ = asked
    own = latents_of(reasoner, pairs)
    assert own.any() and not read_with('zero', asked).any()
    first = read_with('first', asked)
    assert all(torch.equal(first[:, k], own[:, 0]) for k in range(own.shape[1]))
    words = read_with('words', asked)
    table = reasoner.vlm.model.get_input_embeddings().weight
    assert all((table == word).all(1).any() for word in words[0])
    assert torch.equal(words[0], words[-1])
    assert torch.equal(latents_of(reasoner, pairs), own)


def test_other_questions_keep_the_frame_and_other_frames_keep_the_question(asked):
    reasoner, pairs, _ = asked
    other_question, other_frame = read_with('question', asked), read_with('frame', asked)
    (_, first, text), (_, _, second_text) = pairs[0], pairs[1]
    assert torch.equal(other_question[0], reasoner.latents(first, second_text))
    another_frame = next(code for _, code, _ in pairs if code is not first)
    assert torch.equal(other_frame[0], reasoner.latents(another_frame, text))


def test_matched_noise_has_the_mean_and_spread_of_the_latents_and_nothing_of_one(asked):
    reasoner, pairs, questions = asked
    many = pairs * 20
    own = latents_of(reasoner, pairs).repeat(20, 1, 1)
    with Replacements(questions).instead('noise', reasoner, many):
        noise = reasoner.midi.latents()
    spread = own.std(0)
    assert (noise.mean(0) - own.mean(0)).abs().max() < 0.3 * spread.max()
    assert 0.8 < float(noise.std(0).mean() / spread.mean()) < 1.2
    assert not any(torch.allclose(row, mine) for row in noise for mine in own[: len(pairs)])


def test_the_oracle_reads_the_true_rationale(asked):
    reasoner, pairs, questions = asked
    told = read_with('oracle', asked)
    nine = [replace(known, rationale='The box is 9.00 m away.') for known in questions]
    exchanged = read_with('oracle', (reasoner, pairs, nine))
    assert told.shape == latents_of(reasoner, pairs).shape
    assert not torch.allclose(told, exchanged)


def test_the_silent_oracle_reads_it_without_its_answer(asked):
    reasoner, pairs, questions = asked
    silent = [
        replace(each, meta={**each.meta, 'rationale_without_answer': 'There is a box.'})
        for each in questions
    ]
    told = read_with('silent oracle', (reasoner, pairs, silent))
    same = [replace(known, rationale='There is a box.') for known in questions]
    assert torch.equal(told, read_with('oracle', (reasoner, pairs, same)))
    assert not torch.allclose(told, read_with('oracle', asked))


@pytest.mark.parametrize(
    ('told', 'margin'),
    [
        ('The red box is 1.00 m away. The mug in b3 is 1.10 m away.', 'within 15 %'),
        ('The red box is 90 cm away. The mug is 1.10 m away.', '15 to 30 %'),
        ('The red box is 90 cm away. The mug is 50 cm away.', 'beyond 30 %'),
        ('The red box is 90 cm away.', None),
    ],
)
def test_how_far_apart_two_things_are_is_read_off_the_rationale(told, margin):
    def ask(family):
        return Question('w', 'f', 'q', 'a', told, {'family': family, 'verdict': 'second'})

    assert margin_of(ask('closer')) == margin
    assert margin_of(ask('gap')) is None
    right = Score(True, True)
    assert set(orders([ask('closer')], [right])) == {'the second named'}


def test_a_run_tells_how_long_it_and_its_beginnings_were_trained(tmp_path):
    for name, start, steps in (('base', 'untrained', 7), ('stage2', 'elsewhere/base', 5)):
        (tmp_path / name).mkdir()
        settings = f'model: {{start: {start}}}\noptim: {{batch: 4, accumulate: 2}}\n'
        (tmp_path / name / 'settings.yaml').write_text(settings, encoding='utf-8')
        lines = [{'step': step, 'part': 'train'} for step in (1, steps)]
        log = ''.join(json.dumps(line) + '\n' for line in [*lines, {'step': 99, 'part': 'val'}])
        (tmp_path / name / 'log.jsonl').write_text(log, encoding='utf-8')
    assert training_of(tmp_path, 'stage2') == [
        {'run': 'stage2', 'steps': 5, 'samples': 40},
        {'run': 'base', 'steps': 7, 'samples': 56},
    ]
    assert training_of(tmp_path, 'missing') == []


def test_a_figure_is_reached_only_where_the_interval_is_clear_too():
    cell = {'n': 100, 'share': 0.9, 'low': 0.8, 'high': 0.95}
    full = {'groups': {'two-way': cell}, 'near': {'distance within 15 %': cell}, 'swap': cell}
    report = {'systems': {FULL: full}, 'paired': []}

    def reached(low):
        row = {'other': 'tuned', 'group': 'depth families', 'difference': 0.25}
        bounds = {'low': low, 'high': 0.4, 'low_over_frames': 0.12, 'high_over_frames': 0.4}
        found = goals({**report, 'paired': [{**row, **bounds}]})
        return found[0]['reached'], [goal['reached'] for goal in found[1:]]

    assert reached(0.11) == (True, [True, True, False])
    assert reached(0.09)[0] is False
