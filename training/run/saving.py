# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Checkpoints of a run: written whole or not at all, newest last.

A checkpoint is written under another name, forced to the disk and renamed. A rename either has
happened or has not, so a process that is killed in the middle leaves the one before untouched.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
import errno
import json
import os
from pathlib import Path
import re
import shutil
from typing import Any

from training.run.failures import TrainingError

STEP_FOLDER = re.compile(r'step-(\d{8})')
UNFINISHED = '.unfinished-'


def save_folder(folder: Path, write: Callable[[Path], None]) -> Path:
    """Write a folder so that it exists only when all of it is on the disk.

    Args:
        folder: must not exist.
        write: is given an empty folder to fill.

    Raises:
        TrainingError: the disk is full or cannot be written.
    """
    unfinished = folder.parent / f'{UNFINISHED}{folder.name}'
    try:
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(parents=True)
        with _os_errors():
            write(unfinished)
        for path in [*unfinished.rglob('*'), unfinished]:
            _to_disk(path)
        os.rename(unfinished, folder)
        _to_disk(folder.parent)
    except OSError as error:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise _cannot_write(folder, error) from error
    return folder


def save_text(path: Path, text: str) -> None:
    """Replace a text file in one go.

    Raises:
        TrainingError: the disk is full or cannot be written.
    """
    unfinished = path.parent / f'{UNFINISHED}{path.name}'
    try:
        unfinished.write_text(text, encoding='utf-8')
        _to_disk(unfinished)
        os.replace(unfinished, path)
    except OSError as error:
        raise _cannot_write(path, error) from error


def save_tensors(tensors: Mapping[str, Any], path: Path) -> None:
    """Write a safetensors file; a full disk is an OSError, as with any other file."""
    from safetensors.torch import save_file

    contiguous = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
    with _os_errors():
        save_file(contiguous, path, metadata={'format': 'pt'})
    path.chmod(0o644)  # the library writes it for its owner alone


def save_json(content: Mapping[str, Any], path: Path) -> None:
    """Write a json object."""
    path.write_text(json.dumps(content, indent=2) + '\n', encoding='utf-8')


def checkpoints(folder: Path) -> list[Path]:
    """Return the whole checkpoints of a run, oldest first, and clear away unfinished ones."""
    for path in folder.glob(f'{UNFINISHED}*'):
        shutil.rmtree(path, ignore_errors=True)
    found = [path for path in folder.glob('step-*') if STEP_FOLDER.fullmatch(path.name)]
    return sorted(found)


def keep_newest(folder: Path, number: int) -> None:
    """Delete all but the newest checkpoints."""
    for path in checkpoints(folder)[: -max(1, number)]:
        # Renamed first: half a checkpoint must not carry a whole one's name.
        doomed = path.rename(path.parent / f'{UNFINISHED}{path.name}')
        shutil.rmtree(doomed, ignore_errors=True)


@contextmanager
def _os_errors() -> Iterator[None]:
    """Turn safetensors' errors back into what they wrap; it keeps only the system's words."""
    from safetensors import SafetensorError

    try:
        yield
    except SafetensorError as error:
        full = 'os error 28' in str(error) or 'No space left' in str(error)
        raise OSError(errno.ENOSPC if full else errno.EIO, str(error)) from error


def _to_disk(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _cannot_write(path: Path, error: OSError) -> TrainingError:
    advice = 'check the disk and its permissions'
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        advice = 'the disk is full: free some space'
    return TrainingError(
        f'{path}: cannot be written ({error.strerror or error}); {advice}, then start the same '
        'command again: it goes on from the newest checkpoint, which is untouched'
    )
