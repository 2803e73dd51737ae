# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Fetch what a part needs from the hub, and no more; say first how much that is.

The hub's own client shows how far it is, and goes on where a download was broken off.
"""

from __future__ import annotations

from functools import cache
import json
import logging
import os
from pathlib import Path
from pickle import UnpicklingError
import shutil
from typing import Any

from huggingface_hub import hf_hub_download, HfApi, snapshot_download
from huggingface_hub.errors import HfHubHTTPError
from safetensors import SafetensorError
import torch

from ssr_ros.errors import CheckpointError
from ssr_ros.model.checkpoint import HUB_FILES, PICKLES
from ssr_ros.model.midi import TEACHER_PREFIX
from ssr_ros.model.rewrite import copy_settings, INDEX, save

WITHOUT_WEIGHTS = ('mamba',)
"""Parts of which an answer needs the tokenizer and the settings alone."""

ERRORS = (OSError, ValueError, HfHubHTTPError)
"""What the client raises: no network, no such repository or revision, no room."""

logger = logging.getLogger(__name__)


@cache
def fetch(name: str, part: str) -> Path:
    """Return the local folder of a hub repository, downloading what the cache lacks.

    Args:
        name: ``owner/name`` or ``owner/name@revision``.
        part: what it is for; of 'mamba' no weights are fetched, of 'midi' no file that holds
            nothing but the teacher. Anything else: all of it.

    Raises:
        CheckpointError: it cannot be had, or its weights are pickles.
    """
    converted = converted_folder(name)
    if converted.is_dir():
        return converted
    repository, _, revision = name.partition('@')
    where: dict[str, Any] = {'revision': revision or None, 'token': None}
    try:
        listed = snapshot_download(repository, allow_patterns=HUB_FILES, dry_run=True, **where)
    except ERRORS as error:
        return _from_cache(name, repository, where, error)
    files = {info.filename: info for info in listed}
    weights = [file for file in files if file.endswith('.safetensors')]
    if not weights and part not in WITHOUT_WEIGHTS:
        raise _no_safetensors(name, repository, revision)
    try:
        unwanted = set(weights) if part in WITHOUT_WEIGHTS else set()
        if part == 'midi' and INDEX in files:
            unwanted = _of_the_teacher(hf_hub_download(repository, INDEX, **where))
        wanted = [file for file in files if file not in unwanted]
        _say(name, [files[file] for file in wanted])
        return Path(snapshot_download(repository, allow_patterns=wanted, **where))
    except ERRORS as error:
        raise _cannot(name, error) from error


def convert_pickles(name: str) -> Path:
    """Write a repository's pickles as safetensors, for ``fetch`` to find; nothing in them is run.

    Raises:
        CheckpointError: it cannot be had, has no pickles, or they hold more than tensors.
    """
    repository, _, revision = name.partition('@')
    patterns = [*HUB_FILES, '*.bin']
    try:
        folder = Path(
            snapshot_download(repository, revision=revision or None, allow_patterns=patterns)
        )
    except ERRORS as error:
        raise _cannot(name, error) from error
    pickles = sorted(folder.glob('*.bin'))
    if not pickles:
        raise CheckpointError(f'{name}: has no *.bin file to convert')
    out = converted_folder(name)
    partial = out.with_name(out.name + '.partial')
    shutil.rmtree(partial, ignore_errors=True)
    try:
        copy_settings(folder, partial)
        save(
            (
                (key, tensor.clone())
                for path in pickles
                for key, tensor in torch.load(path, map_location='cpu', weights_only=True).items()
                if isinstance(tensor, torch.Tensor)
            ),
            partial,
        )
        partial.rename(out)
    except (*ERRORS, RuntimeError, EOFError, SafetensorError, UnpicklingError) as error:
        said = str(error).splitlines()[0][:200] if str(error) else type(error).__name__
        raise CheckpointError(f'{name}: its pickles cannot be converted: {said}') from error
    return out


def converted_folder(name: str) -> Path:
    """Return where the converted weights of a repository lie."""
    cache_folder = Path(os.environ.get('SSR_ROS_CACHE', '~/.cache/ssr_ros')).expanduser()
    return cache_folder / 'converted' / name.replace('/', '--')


def commit_of(folder: Path) -> str:
    """Return the commit of a fetched folder, '' for others: the client names folders so."""
    return folder.name if folder.parent.name == 'snapshots' else ''


def _from_cache(name: str, repository: str, where: dict[str, Any], why: Exception) -> Path:
    try:
        folder = snapshot_download(repository, local_files_only=True, **where)
    except ERRORS:
        raise _cannot(name, why) from why
    logger.warning('%s: the hub does not answer; what was fetched before is used', name)
    return Path(folder)


def _say(name: str, files: list[Any]) -> None:
    to_come = [info.file_size or 0 for info in files if info.will_download]
    if to_come:
        logger.warning(
            '%s: fetching %d files, %.3f GB; %d are there already',
            name,
            len(to_come),
            sum(to_come) / 1e9,
            len(files) - len(to_come),
        )


def _of_the_teacher(index: str) -> set[str]:
    """Return the files that hold nothing but the teacher of training."""
    where: dict[str, str] = json.loads(Path(index).read_text(encoding='utf-8'))['weight_map']
    needed = {file for tensor, file in where.items() if not tensor.startswith(TEACHER_PREFIX)}
    return set(where.values()) - needed


def _no_safetensors(name: str, repository: str, revision: str) -> CheckpointError:
    try:
        files = HfApi().list_repo_files(repository, revision=revision or None)
    except ERRORS as error:
        return _cannot(name, error)
    pickles = [file for file in files if file.endswith(PICKLES)]
    if not pickles:
        return CheckpointError(f'{name}: holds no weights')
    return CheckpointError(
        f'{name}: its weights are pickles ({", ".join(pickles)[:200]}), which can run code when '
        'they are opened and are never loaded. Name a revision with safetensors (owner/name@'
        'revision; look among its pull requests on the hub), or have their tensors, and nothing '
        'else, written as safetensors once: ssr-ros fetch MODEL --convert-pickles'
    )


def _cannot(name: str, error: Exception) -> CheckpointError:
    said = str(error).strip().splitlines() or [type(error).__name__]
    return CheckpointError(
        f'{name}: cannot be fetched from the hub ({said[0][:300]}). Download it where there is a '
        'network and name the local folder instead'
    )
