# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What a checkpoint holds likely is as often right, on what it was not trained on."""

import json
import math

import numpy as np
import pytest

from ssr_ros.errors import ConfigError
from ssr_ros.model import load_reasoner
from ssr_ros.model.spec import read_spec
from ssr_ros.rgbd import CameraIntrinsics, load_frame
from training import calibrate, export
from training.calibrate import Choice, fit

OFFERED = ('red mug', 'box')
WHICH = 'Which is closer, the red mug or the box?'
CAMERA = {'fx': 60.0, 'fy': 60.0, 'cx': 32.0, 'cy': 24.0}


def choices_of(temperature, n=4000, offers=3):
    """Return choices of a model whose log likelihoods are too large by a known factor."""
    random = np.random.default_rng(5)
    true_logs = random.normal(0, 1.5, (n, offers))
    true_shares = np.exp(true_logs) / np.exp(true_logs).sum(1, keepdims=True)
    happened = (true_shares.cumsum(1) < random.random((n, 1))).sum(1)
    order = np.argsort(-true_logs, 1)
    told = np.take_along_axis(true_logs, order, 1) * temperature
    return [
        Choice(logs, bool(best == true))
        for logs, best, true in zip(told, order[:, 0], happened, strict=True)
    ]


@pytest.mark.parametrize('temperature', [0.5, 1.0, 2.5])
def test_a_known_overconfidence_is_found_and_taken_back(temperature):
    choices = choices_of(temperature)
    found = fit(choices)
    assert found == pytest.approx(temperature, rel=0.08)
    held = np.array([each.likelihood(found) for each in choices])
    right = np.array([each.right for each in choices])
    for low, high in ((0.35, 0.5), (0.5, 0.7), (0.7, 0.9), (0.9, 1.0)):
        among = (held > low) & (held <= high)
        assert held[among].mean() == pytest.approx(right[among].mean(), abs=0.05)


def test_from_few_answers_or_only_right_ones_nothing_is_taken():
    choices = choices_of(1.0, n=60)
    with pytest.raises(ConfigError, match='49 answers were chosen'):
        fit(choices[:49])
    with pytest.raises(ConfigError, match='some right and some wrong'):
        fit([Choice(each.log_shares, True) for each in choices])


def frame_of(folder, row):
    files = [folder / row[key] for key in ('image_path', 'depth_path')]
    return load_frame(*files, CameraIntrinsics(**CAMERA))


@pytest.fixture
def chooser(untrained, tmp_path):
    export.main(untrained, tmp_path / 'chooser')
    with (tmp_path / 'chooser' / 'reasoner.yaml').open('a', encoding='utf-8') as yaml_file:
        yaml_file.write('choose: true\n')
    return tmp_path / 'chooser'


@pytest.fixture
def rows(chooser, frames):
    """What is asked of drawn frames: a comparison that the model has right for 45 of 60."""
    model = load_reasoner(chooser, device='cpu')
    drawn = [json.loads(line) for line in (frames / 'data.jsonl').read_text().splitlines()]
    meta = {'family': 'closer', 'form': 'choice', 'subjects': list(OFFERED), 'intrinsics': CAMERA}
    said = [model.ask(model.encode(frame_of(frames, row)), WHICH).text for row in drawn]
    asked = []
    for number in range(60):
        thing = next(each for each in OFFERED if (each in said[number % 12]) == (number % 4 > 0))
        row = {**drawn[number % 12], 'question': WHICH, 'meta': meta}
        asked.append({**row, 'answer': f'The {thing}.'})
    told = [{'from': 'human', 'value': WHICH}, {'from': 'gpt', 'value': f'The {OFFERED[0]}.'}]
    without_depth = {'image': drawn[0]['image_path'], 'conversations': told}
    asked += [{**drawn[1], 'meta': meta}, without_depth]  # the one offers nothing
    path = frames / 'asked.jsonl'
    path.write_text('\n'.join(map(json.dumps, asked)))
    return path


def test_the_number_goes_into_the_yaml_and_no_answer_changes(chooser, rows, tmp_path, capsys):
    before, spec = load_reasoner(chooser, device='cpu'), read_spec(chooser)
    temperature = calibrate.main(chooser, rows)
    assert 1 < temperature <= 10  # untrained, it is far too sure
    as_it_is, divided = capsys.readouterr().out.splitlines()
    held = [float(line.partition('held ')[2].partition('%')[0]) for line in (as_it_is, divided)]
    assert '60 answers' in as_it_is and '75.0% right' in as_it_is
    assert held[0] > held[1] >= 50  # of two the likeliest
    now = read_spec(chooser)
    assert now.choice_temperature == temperature
    assert (now.midi, now.vlm, now.n_tor) == (spec.midi, spec.vlm, spec.n_tor)
    frame = frame_of(rows.parent, json.loads(rows.read_text().splitlines()[0]))
    after = load_reasoner(chooser, device='cpu')
    was, is_now = (made.ask(made.encode(frame), WHICH) for made in (before, after))
    assert is_now.text == was.text
    odds = math.exp(math.log(was.likelihood / (1 - was.likelihood)) / temperature)
    assert is_now.likelihood == pytest.approx(odds / (1 + odds), abs=1e-5)
    (batch,) = after.ask_batch([after.encode(frame)], [WHICH])
    assert batch.likelihood == pytest.approx(is_now.likelihood, abs=1e-5)
    assert calibrate.main(chooser, rows) == temperature
    assert capsys.readouterr().out.splitlines()[0] == as_it_is  # of the model's own, not on top
    export.main(chooser, tmp_path / 'again')
    assert read_spec(tmp_path / 'again').choice_temperature == temperature


def test_who_writes_is_refused_and_rows_without_a_camera_too(untrained, chooser, rows, frames):
    with pytest.raises(ConfigError, match='choose: true'):
        calibrate.main(untrained, rows)
    bare = frames / 'bare.jsonl'
    bare.write_text(rows.read_text().replace('intrinsics', 'nothing'))
    with pytest.raises(ConfigError, match=r'bare\.jsonl:1: no intrinsics'):
        calibrate.main(chooser, bare)
