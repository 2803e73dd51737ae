# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""``run.check=true``: what a run would take, before days are spent on it.

Every name is resolved, 100 rows are read, two steps are made and saved, all with the settings of
the run itself, in the folder ``check`` of its output.
"""

from __future__ import annotations

from dataclasses import replace
import logging
from pathlib import Path
import resource
import shutil
from typing import Any

from accelerate import Accelerator
import torch

from ssr_ros.errors import CheckpointError, ConfigError
from training.data.rows import Broken
from training.run.batches import Samples
from training.run.failures import DataError
from training.run.loop import Job, Trainer
from training.run.parts import NAMES, Parts
from training.run.saving import save_json

ROWS, STEPS = 100, 2
FOLDER, REPORT = 'check', 'check.json'

logger = logging.getLogger(__name__)


def resolve(parts: Parts) -> None:
    """Find the folder of every part, and name all that cannot be found at once.

    Raises:
        CheckpointError: a part is neither a folder nor to be had from the hub.
    """
    wrong = []
    for name in (*(name for name in NAMES if getattr(parts.spec, name)), 'teacher'):
        try:
            logger.info('%s: %s', name, parts.folder(name))
        except CheckpointError as error:
            wrong.append(f'{name}: {error}')
    if wrong:
        raise CheckpointError('\n  '.join(['parts that cannot be found:', *wrong]))


def check(job: Job, accelerator: Accelerator) -> Path:
    """Read some rows, make two steps and save them; return the report's path.

    Raises:
        ConfigError: no output is named.
        DataError: too many of the rows are broken.
        TrainingError: the loss is not a number, or a checkpoint cannot be written.
    """
    run = job.settings.run
    if not run.output:
        raise ConfigError('run.output: a folder for the results is needed')
    output = Path(run.output) / FOLDER
    if accelerator.is_main_process:
        shutil.rmtree(output, ignore_errors=True)
    accelerator.wait_for_everyone()
    report = read_some(job.train, job.settings.data.max_broken)
    trial = replace(run, output=str(output), stop_after=STEPS, check=False, log_every=1)
    trial = replace(trial, eval_every=0, save_every=0)
    trainer = Trainer(replace(job, settings=replace(job.settings, run=trial)), accelerator)
    saved = trainer.run()
    report |= {
        'processes': accelerator.num_processes,
        'steps': trainer.steps,
        'seconds_per_step': round(trainer.step_seconds, 3),
        'hours': round(trainer.steps * trainer.step_seconds / 3600, 2),
        'memory_gb_of_one_process': round(_peak_gb(accelerator.device), 2),
        'disk_gb': round((run.keep + 1) * _size_gb(saved), 2),
    }
    if accelerator.is_main_process:
        save_json(report, output / REPORT)
        logger.info('%s', as_text(report))
    accelerator.wait_for_everyone()
    return output / REPORT


def read_some(samples: Samples, max_broken: float) -> dict[str, Any]:
    """Read rows from all over the data, images too.

    Raises:
        DataError: more than the allowed share of them is broken.
    """
    numbers = sorted({index * len(samples) // ROWS for index in range(ROWS)})
    found = [samples[number] for number in numbers]
    broken = [f'{each.where}: {each.why}' for each in found if isinstance(each, Broken)]
    if len(broken) > max_broken * len(found):
        first = '\n  '.join(broken[:5])
        raise DataError(f'{len(broken)} of {len(found)} rows are broken. The first:\n  {first}')
    return {'samples': len(samples), 'rows_read': len(found), 'broken': broken}


def as_text(report: dict[str, Any]) -> str:
    """Say a report in a sentence."""
    return (
        '{rows_read} of {samples} samples read. {steps} steps of {seconds_per_step} s on '
        '{processes} processes: {hours} hours; {memory_gb_of_one_process} GB of memory a process '
        'at most; {disk_gb} GB of disk for checkpoints'
    ).format(**report)


def _size_gb(folder: Path) -> float:
    return sum(path.stat().st_size for path in folder.rglob('*') if path.is_file()) / 1e9


def _peak_gb(device: torch.device) -> float:
    if device.type == 'cuda':
        return torch.cuda.max_memory_allocated(device) / 1e9
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6  # kilobytes
