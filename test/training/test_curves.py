# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0


"""The picture of losses shows every run, and says what it cannot read."""

import json

import numpy as np
from PIL import Image
import pytest

from benchmarks import curves
from ssr_ros.errors import ConfigError


def write_run(folder, losses):
    folder.mkdir()
    lines = [
        {'step': step, 'part': part, 'answer': loss, 'learning_rate': 0.1}
        for part, values in losses.items()
        for step, loss in values
    ]
    (folder / 'log.jsonl').write_text('\n'.join(json.dumps(line) for line in lines))
    return folder


def test_each_run_gets_a_panel_with_its_curve(tmp_path):
    runs = [
        write_run(tmp_path / name, {'train': [(1, 4.0), (10, 1.0)], 'val': [(10, 1.5)]})
        for name in 'abcd'
    ]
    picture = np.asarray(Image.open(curves.main(runs, tmp_path / 'curves.png')))
    width, height = curves.PANEL
    assert picture.shape[:2] == (2 * height, 3 * width), 'four panels in rows of three'
    blue = (picture == (0x1F, 0x6F, 0xEB)).all(-1)
    assert all(blue[:height, i * width : (i + 1) * width].any() for i in range(3))
    assert blue[height:, :width].any() and not blue[height:, width:].any()


def test_rates_and_losses_that_are_no_numbers_are_not_drawn(tmp_path):
    run = write_run(tmp_path / 'run', {'train': [(1, 2.0), (2, float('nan'))]})
    assert curves.read_log(run) == {'answer': {'train': [(1, 2.0)]}}


def test_a_folder_without_a_log_is_named(tmp_path):
    with pytest.raises(ConfigError, match=r'log\.jsonl'):
        curves.main([tmp_path], tmp_path / 'curves.png')
