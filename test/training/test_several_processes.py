# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Several processes train as one does, whole (DDP) and sharded (FSDP2); here on CPUs with gloo."""

import os
from pathlib import Path
import subprocess
import sys

from safetensors.torch import load_file

from training import stage1
from training.run import launch
from training.run.settings import Stage1Settings

ROOT = Path(__file__).resolve().parents[2]


def run_twice(*command):
    environment = {**os.environ, 'ACCELERATE_USE_CPU': 'true', 'OMP_NUM_THREADS': '1'}
    environment['PYTHONPATH'] = str(ROOT)
    launcher = [sys.executable, '-m', 'torch.distributed.run', '--nproc-per-node', '2']
    result = subprocess.run(
        [
            *launcher,
            '--master-port',
            '0',
            '--rdzv-backend',
            'c10d',
            '--rdzv-endpoint',
            'localhost:0',
            *command,
        ],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert result.returncode == 0, result.stderr[-3000:]
    return result.stdout


def test_two_processes_take_the_steps_of_one_and_evaluate_together(configure, tmp_path):
    one = configure(Stage1Settings, 'one', optim={'steps': 2, 'batch': 4})
    alone = load_file(stage1.main(one) / 'trained.safetensors')
    settings = [
        f'model.start={one.model.start}',
        f'data.train=[{one.data.train[0]}]',
        f'data.val=[{one.data.train[0]}]',
        f'run.output={tmp_path / "two"}',
        'run.eval_samples=5',  # two batches of the one process, one of the other
        'optim.steps=2',
        'optim.batch=2',
        'optim.learning_rate=1e-3',
    ]
    run_twice('-m', 'training.stage1', *settings)
    both = load_file(tmp_path / 'two' / 'checkpoints' / 'step-00000002' / 'trained.safetensors')
    assert alone.keys() == both.keys()
    assert max(float((alone[n] - both[n]).abs().max()) for n in alone) < 1e-5
    assert '"val"' in (tmp_path / 'two' / 'log.jsonl').read_text()


def test_a_finished_run_leaves_no_process_group(monkeypatch):
    """Its threads abort a process that ends before them: a finished run would count as failed."""
    left = []
    monkeypatch.setattr(launch.distributed, 'is_initialized', lambda: True)
    monkeypatch.setattr(launch.distributed, 'destroy_process_group', lambda: left.append('group'))
    monkeypatch.setattr('sys.argv', ['stage1', 'settings'])
    monkeypatch.setattr(launch, 'read_settings', lambda *_: None)
    launch.command_line(Stage1Settings, lambda _: Path('done'), None)
    assert left == ['group']


def test_a_sharded_model_trains_saves_and_resumes_as_a_whole_one(untrained, frames, tmp_path):
    """With a bfloat16 teacher beside the float32 MIDI, as in the recipes."""
    script = Path(__file__).parent / 'sharded_run.py'
    data, saved = frames / 'data.jsonl', tmp_path / 'saved'
    printed = run_twice(str(script), str(untrained), str(data), str(saved))
    assert 'sharded training is exact' in printed
