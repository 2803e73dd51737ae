# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""A run that is only checked: what it reads, what it says, and what it leaves alone."""

import json
from pathlib import Path

import pytest

from ssr_ros.errors import CheckpointError
from ssr_ros.model import load_reasoner
from training import stage1, stage2
from training.run.failures import DataError
from training.run.settings import Stage1Settings, Stage2Settings


def test_a_check_reads_rows_makes_two_steps_saves_them_and_leaves_the_run_alone(configure):
    optim = {'epochs': 2.0, 'steps': 0, 'batch': 2, 'learning_rate': 1e-3}
    config = configure(Stage1Settings, optim=optim, run={'check': True, 'keep': 3})
    report = json.loads(stage1.main(config).read_text())
    assert (report['samples'], report['rows_read'], report['broken']) == (12, 12, [])
    assert (report['steps'], report['processes']) == (12, 1)
    assert 0 < report['seconds_per_step'] < 60 and report['memory_gb_of_one_process'] > 0
    checked = Path(config.run.output, 'check')
    assert load_reasoner(checked).trained, 'the next stage can be checked from it'
    assert not Path(config.run.output, 'checkpoints').exists()
    assert stage2.main(configure(Stage2Settings, 'two', model={'start': str(checked)}))


def test_a_check_names_every_part_that_is_not_there(configure, tmp_path):
    missing = {'vlm': str(tmp_path / 'no-vlm'), 'midi': str(tmp_path / 'no-midi')}
    config = configure(Stage1Settings, model=missing, run={'check': True})
    with pytest.raises(CheckpointError) as found:
        stage1.main(config)
    assert 'no-vlm' in str(found.value) and 'no-midi' in str(found.value)


def test_a_check_stops_at_broken_rows_with_the_first_of_them(configure, frames):
    (frames / '3.png').write_bytes(b'no image')
    with pytest.raises(DataError, match=r'1 of 12 rows are broken[\s\S]*data.jsonl:4'):
        stage1.main(configure(Stage1Settings, run={'check': True}))
