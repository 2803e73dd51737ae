# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Worlds on disk: read back as they were, gone on with after a stop, refused when they differ."""

from __future__ import annotations

from dataclasses import replace
import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from ssr_ros.errors import ConfigError, FrameError
from training.worlds import sample_world
from training.worlds.__main__ import main
from training.worlds.store import (
    load_view,
    prepare,
    render_world,
    stem_of,
    stored_stems,
    StoreSettings,
    write_atomically,
)

SETTINGS = StoreSettings('val', 'tabletop', 2, (96, 72))


@pytest.fixture(scope='module')
def folder(tmp_path_factory: pytest.TempPathFactory, opengl: None) -> Path:
    root = tmp_path_factory.mktemp('worlds')
    prepare(root, SETTINGS)
    assert render_world(root, SETTINGS, 4)[:2] == (2, 0)
    return root


def test_a_stored_view_reads_back_as_rendered(folder: Path) -> None:
    view = sample_world(4, 'tabletop', 'val').render(1, (96, 72))
    stored = load_view(folder, stem_of(4, 1))
    np.testing.assert_array_equal(stored.frame.rgb, view.frame.rgb)
    np.testing.assert_array_equal(stored.segmentation, view.segmentation)
    np.testing.assert_allclose(stored.frame.depth_m, view.frame.depth_m, atol=0.00051)
    assert stored.frame.intrinsics == view.frame.intrinsics
    assert stored.truth == json.loads(json.dumps(view.truth.as_dict()))


def test_what_is_complete_is_skipped_and_what_is_missing_made_again(folder: Path) -> None:
    truth = folder / 'truth' / f'{stem_of(4, 0)}.json'
    before = truth.read_bytes()
    assert render_world(folder, SETTINGS, 4) == (0, 2, 0)
    truth.unlink()
    assert render_world(folder, SETTINGS, 4)[:2] == (1, 1)
    assert truth.read_bytes() == before
    assert stored_stems(folder) == [stem_of(4, 0), stem_of(4, 1)]


def test_a_folder_that_was_begun_before_a_setting_was_there_goes_on(tmp_path: Path) -> None:
    prepare(tmp_path, SETTINGS)
    said = json.loads((tmp_path / 'settings.json').read_text())
    assert said.pop('mirrored') is False
    (tmp_path / 'settings.json').write_text(json.dumps(said))
    prepare(tmp_path, SETTINGS)
    with pytest.raises(ConfigError, match='mirrored: False there, True asked for'):
        prepare(tmp_path, replace(SETTINGS, mirrored=True))


def test_other_settings_are_refused_with_the_difference(folder: Path) -> None:
    with pytest.raises(ConfigError, match="noise: 'none' there, 'tof' asked for"):
        prepare(folder, StoreSettings('val', 'tabletop', 2, (96, 72), 'tof'))


def test_noise_goes_into_the_depth_and_not_into_the_truth(folder: Path, tmp_path: Path) -> None:
    render_world(tmp_path, StoreSettings('val', 'tabletop', 1, (96, 72), 'stereo'), 4)
    noisy, clean = load_view(tmp_path, stem_of(4, 0)), load_view(folder, stem_of(4, 0))
    assert noisy.truth == clean.truth
    assert np.isnan(noisy.frame.depth_m).sum() > np.isnan(clean.frame.depth_m).sum()
    both = np.isfinite(noisy.frame.depth_m) & np.isfinite(clean.frame.depth_m)
    assert np.abs(noisy.frame.depth_m - clean.frame.depth_m)[both].max() > 0.002


def test_a_broken_file_is_named(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(FrameError, match='not the truth of a view'):
        load_view(tmp_path, stem_of(4, 0))
    write_atomically(tmp_path / 'truth' / '000' / '000004_0.json', b'{"intrinsics": {"fx": 1}}')
    with pytest.raises(FrameError, match='not the truth of a view'):
        load_view(tmp_path, stem_of(4, 0))


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path, monkeypatch) -> None:
    path = tmp_path / 'a' / 'file.png'
    write_atomically(path, b'old')
    monkeypatch.setattr('os.replace', _full_disk)
    with pytest.raises(OSError, match='disk'):
        write_atomically(path, b'new and longer')
    assert path.read_bytes() == b'old'


def test_the_command_renders_reports_and_goes_on(tmp_path: Path, opengl: None, capsys) -> None:
    command = ['--out', str(tmp_path), '--count', '2', '--kind', 'tabletop', '--size', '64x48']
    assert main([*command, '--jobs', '1', '--json']) == 0
    report = json.loads(capsys.readouterr().out)
    assert report['rendered'] == 2 and report['kilobytes_per_view'] > 1
    assert main([*command, '--jobs', '1', '--json']) == 0
    assert json.loads(capsys.readouterr().out)['already_there'] == 2


def test_two_processes_write_the_same_bytes_as_one(tmp_path: Path, opengl: None) -> None:
    for jobs in ('1', '2'):
        out = str(tmp_path / jobs)
        command = ['--out', out, '--count', '2', '--kind', 'tabletop', '--size', '64x48']
        assert main([*command, '--jobs', jobs]) == 0
    one = sorted(p.relative_to(tmp_path / '1') for p in (tmp_path / '1').rglob('*.*'))
    assert len(one) == 9
    for path in one:
        assert (tmp_path / '1' / path).read_bytes() == (tmp_path / '2' / path).read_bytes()


def test_the_preview_is_a_picture(tmp_path: Path, opengl: None) -> None:
    sheet = tmp_path / 'sheet.png'
    assert main(['--preview', str(sheet), '--count', '2', '--size', '64x48']) == 0
    picture = cv2.imread(str(sheet))
    assert picture.shape[0] > 300 and picture.std() > 30


@pytest.mark.parametrize(
    'arguments', [['--size', '9999x4'], ['--size', 'big'], ['--count', '0'], ['--seed', '-1']]
)
def test_arguments_that_make_no_sense_are_refused(arguments: list[str], capsys) -> None:
    with pytest.raises(SystemExit):
        main(['--out', 'nowhere', *arguments])
    assert 'expected' in capsys.readouterr().err


def test_nothing_to_do_is_said(capsys) -> None:
    assert main([]) == 2
    assert '--out DIR or --preview' in capsys.readouterr().err


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path, capsys) -> None:
    (tmp_path / 'file').write_text('')
    assert main(['--out', str(tmp_path / 'file' / 'below'), '--count', '1']) == 2
    assert 'cannot hold worlds' in capsys.readouterr().err


def test_a_sheet_that_cannot_be_written_is_said(tmp_path: Path, opengl: None, capsys) -> None:
    (tmp_path / 'file').write_text('')
    sheet = str(tmp_path / 'file' / 'sheet.png')
    assert main(['--preview', sheet, '--count', '1', '--size', '32x32']) == 2
    assert 'Traceback' not in capsys.readouterr().err


def _full_disk(*_: object) -> None:
    raise OSError('no space left on the disk')
