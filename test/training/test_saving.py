# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""A checkpoint exists whole or not at all."""

import errno
import os
from pathlib import Path
import signal
import subprocess
import sys
import time

import pytest

from training.run.failures import TrainingError
from training.run.saving import checkpoints, keep_newest, save_folder

ROOT = Path(__file__).resolve().parents[2]

SLOW_SAVE = """
import sys, time
from pathlib import Path
from training.run.saving import save_folder

def write(folder):
    (folder / 'weights').write_text('half of it')
    Path(sys.argv[1], 'writing').touch()
    time.sleep(60)

save_folder(Path(sys.argv[1]) / 'step-00000002', write)
"""


def a_checkpoint(folder, step):
    return save_folder(
        folder / f'step-{step:08d}', lambda inside: (inside / 'weights').write_text(str(step))
    )


def test_a_process_killed_while_saving_leaves_the_checkpoint_before(tmp_path):
    kept = a_checkpoint(tmp_path, 1)
    child = subprocess.Popen([sys.executable, '-c', SLOW_SAVE, str(tmp_path)], cwd=ROOT)
    while not (tmp_path / 'writing').exists() and child.poll() is None:
        time.sleep(0.02)
    assert child.poll() is None, 'it must be in the middle of writing'
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    assert any(path.name.startswith('.unfinished') for path in tmp_path.iterdir())
    assert checkpoints(tmp_path) == [kept]
    assert (kept / 'weights').read_text() == '1'
    assert a_checkpoint(tmp_path, 2) in checkpoints(tmp_path), 'the same step can be saved again'


def test_a_full_disk_ends_the_run_and_keeps_the_checkpoint_before(tmp_path):
    kept = a_checkpoint(tmp_path, 1)

    def write(folder):
        (folder / 'weights').write_text('half of it')
        raise OSError(errno.ENOSPC, 'No space left on device')

    with pytest.raises(TrainingError, match='the disk is full: free some space'):
        save_folder(tmp_path / 'step-00000002', write)
    assert [path.name for path in tmp_path.iterdir()] == [kept.name], 'the half is cleared away'


def test_only_the_newest_checkpoints_are_kept(tmp_path):
    for step in (1, 2, 10):
        a_checkpoint(tmp_path, step)
    keep_newest(tmp_path, 2)
    assert [path.name for path in checkpoints(tmp_path)] == ['step-00000002', 'step-00000010']
