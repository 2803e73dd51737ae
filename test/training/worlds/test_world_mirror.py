# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""In a mirror left is right, and nothing else is another."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from training.curate import CurateSettings
from training.curate import main as curate
from training.worlds.__main__ import main
from training.worlds.mirror import mirrored
from training.worlds.store import load_view, prepare, render_world, stem_of, StoreSettings

SETTINGS = StoreSettings('train', 'display', 2, (160, 120))


@pytest.fixture(scope='module')
def folder(tmp_path_factory: pytest.TempPathFactory, opengl: None) -> Path:
    root = tmp_path_factory.mktemp('worlds') / 'train'
    prepare(root, SETTINGS)
    assert render_world(root, SETTINGS, 3)[:2] == (2, 0)
    assert main(['--out', str(root.parent / 'mirrored'), '--mirror', str(root)]) == 0
    return root.parent


def test_what_is_seen_of_a_thing_is_where_its_mirrored_truth_says(folder: Path) -> None:
    view = load_view(folder / 'mirrored', stem_of(3, 1))
    points_m = view.frame.points_m()
    seen = [thing for thing in view.truth['things'] if thing['pixels'] > 30]
    assert len(seen) > 3
    for thing in seen:
        pixels = view.segmentation == thing['id']
        rows, columns = np.nonzero(pixels)
        box = [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]
        assert thing['box_px'] == box, thing['name']
        center_m = points_m[pixels].mean(axis=0)
        np.testing.assert_allclose(center_m, thing['visible_center_m'], atol=0.003)
    turn = np.array(view.truth['world_from_camera'])
    np.testing.assert_allclose(turn.T @ turn, np.eye(3), atol=1e-5)
    assert np.linalg.det(turn) == pytest.approx(1)
    np.testing.assert_allclose(turn @ view.truth['gravity'], [0, 0, -1], atol=1e-4)


def test_a_mirror_in_a_mirror_shows_what_was_there(folder: Path) -> None:
    path = folder / 'train' / 'truth' / f'{stem_of(3, 0)}.json'
    truth = json.loads(path.read_text())
    again = mirrored(mirrored(truth))
    assert again['things'] == truth['things'] and again['gaps_m'] == truth['gaps_m']
    np.testing.assert_allclose(again['world_from_camera'], truth['world_from_camera'])
    assert again['intrinsics']['cx'] == pytest.approx(truth['intrinsics']['cx'])


def test_who_is_left_is_right_and_who_is_closer_is_closer(folder: Path) -> None:
    found = []
    for place in ('train', 'mirrored'):
        rows = folder / place / 'rows.jsonl'
        asks = CurateSettings(
            str(folder / place), str(rows), per_frame=50, families=('left_right', 'closer')
        )
        assert curate(asks, quiet=True)['left_right'] > 5
        read = [json.loads(line) for line in rows.read_text().splitlines()]
        found.append({(row['image_path'], row['question']): row for row in read})
    asked = sorted(found[0].keys() & found[1].keys())
    same = {
        family: [
            found[0][key]['answer'] == found[1][key]['answer']
            for key in asked
            if found[0][key]['meta']['family'] == family
        ]
        for family in ('left_right', 'closer')
    }
    assert len(same['left_right']) > 5 and not any(same['left_right'])
    assert len(same['closer']) > 5 and all(same['closer'])


def test_a_mirror_goes_on_where_it_stopped_and_refuses_what_it_cannot_show(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ['--out', str(folder / 'mirrored'), '--mirror', str(folder / 'train'), '--json']
    assert main(arguments) == 0
    assert json.loads(capsys.readouterr().out) == {'mirrored': 0, 'already_there': 2}
    for out, of, why in (
        (folder / 'train', folder / 'train', 'mirrored: False there, True asked for'),
        (tmp_path / 'new', tmp_path / 'nothing', 'there are no rendered views'),
    ):
        assert main(['--out', str(out), '--mirror', str(of)]) == 2
        assert why in capsys.readouterr().err
    rendered = ['--split', 'train', '--kind', 'display', '--views', '2', '--size', '160x120']
    assert main(['--out', str(folder / 'mirrored'), *rendered, '--seed', '9', '--count', '1']) == 2
    assert 'mirrored: True there, False asked for' in capsys.readouterr().err
    assert main(['--mirror', str(folder / 'train')]) == 2
    assert '--mirror: give --out' in capsys.readouterr().err
