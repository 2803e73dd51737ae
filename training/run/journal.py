# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What a run says as it goes: a line for people, log.jsonl, and TensorBoard where wanted."""

from __future__ import annotations

from collections.abc import Mapping
import json
import logging
from pathlib import Path

from ssr_ros.errors import require_package
from training.run.failures import TrainingError
from training.run.saving import save_text

logger = logging.getLogger(__name__)


class Journal:
    """Writes scalars of a run; only the main process does."""

    def __init__(self, folder: Path, start: int, tensorboard: bool, active: bool) -> None:
        """Open the journal and forget what an interrupted run wrote after its last checkpoint.

        Raises:
            MissingPackageError: TensorBoard is wanted and not installed.
        """
        self._path = folder / 'log.jsonl'
        self._active = active
        self._board = None
        if not active:
            return
        if tensorboard:
            require_package('tensorboard', 'train')
            from torch.utils.tensorboard import SummaryWriter

            self._board = SummaryWriter(str(folder / 'tensorboard'), purge_step=start + 1)
        if self._path.is_file():
            lines = self._path.read_text(encoding='utf-8').splitlines(keepends=True)
            save_text(self._path, ''.join(line for line in lines if _step_of(line) <= start))

    def write(self, part: str, step: int, steps: int, values: Mapping[str, float]) -> None:
        """Write the scalars of a step.

        Raises:
            TrainingError: the disk is full or cannot be written.
        """
        if not self._active:
            return
        shown = '  '.join(f'{name} {value:.4g}' for name, value in values.items())
        logger.info('%s %d/%d  %s', part, step, steps, shown)
        try:
            with self._path.open('a', encoding='utf-8') as log:
                log.write(json.dumps({'step': step, 'part': part, **values}) + '\n')
        except OSError as error:
            raise TrainingError(f'{self._path}: cannot be written ({error})') from error
        if self._board is not None:
            for name, value in values.items():
                self._board.add_scalar(f'{part}/{name}', value, step)

    def close(self) -> None:
        """Flush what is left."""
        if self._board is not None:
            self._board.close()


def _step_of(line: str) -> float:
    try:
        return float(json.loads(line)['step'])
    except (ValueError, KeyError, TypeError):
        return float('inf')  # a line that was cut short by a kill
