# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What a part's folder must be before anything in it is believed.

Looks at names, sizes and settings alone, in milliseconds, so that a folder that can never be
loaded is refused before gigabytes of another part have been read.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
import json
import math
from pathlib import Path
from typing import Any

from ssr_ros.errors import CheckpointError

MAX_SETTINGS_BYTES = 1 << 20
MAX_VOCABULARY_BYTES = 64 << 20
VOCABULARIES = ('tokenizer.json', 'vocab.json', 'added_tokens.json')
LFS_POINTER = b'version https://git-lfs.github.com/spec/'

MAX_NUMBER = 2**31
"""No size in a model's settings is near it."""

OWN_QUANTISATION = 'ssr_ros'
"""What config.json calls the weights that ``ssr-ros quantise`` writes."""

LIBRARIES = {
    'bitsandbytes': ('bitsandbytes', 'accelerate'),
    'gptq': ('gptqmodel', 'optimum'),
    'awq': ('gptqmodel', 'accelerate'),
}
"""Method -> the packages that transformers needs to read such weights."""

QUANTISED_BY = {
    'quantize_config.json': 'GPTQ',
    'quant_config.json': 'AWQ',
    'hf_quant_config.json': 'ModelOpt',
}


def check_folder(folder: Path) -> None:
    """Refuse a folder that holds something else than a checkpoint that can be loaded here.

    Raises:
        CheckpointError: it is no folder; a file in it is a Git LFS pointer, is no regular file, or
            is settings of an absurd size; or the weights are quantised in a way that nothing that
            is installed reads.
    """
    if not folder.is_dir():
        raise CheckpointError(f'{folder}: no such folder')
    for path in sorted(folder.iterdir()):
        if path.is_dir():
            continue
        check_file(path)
    method = quantised_by(folder)
    if method is None:
        told = [QUANTISED_BY[p.name] for p in folder.iterdir() if p.name in QUANTISED_BY]
        method = told[0] if told else None
    if method is None or method == OWN_QUANTISATION:
        return
    if method not in LIBRARIES:
        raise _quantised(folder, method, 'which is not supported')
    missing = [package for package in LIBRARIES[method] if find_spec(package) is None]
    if missing:
        raise _quantised(
            folder, method, f'which needs {" and ".join(missing)}: install what is missing'
        )


def quantised_by(folder: Path) -> str | None:
    """Return the method by which config.json says that the weights were quantised, or None.

    Raises:
        CheckpointError: the file cannot be read.
    """
    if not (folder / 'config.json').exists():
        return None
    quantisation = read_json(folder / 'config.json').get('quantization_config')
    if quantisation is None:
        return None
    method = quantisation.get('quant_method') if isinstance(quantisation, dict) else None
    return str(method or 'a method that it does not name')[:40]


def check_file(path: Path) -> None:
    """Refuse a file that is only a name for another, or cannot be read to its end.

    Raises:
        CheckpointError: it is a Git LFS pointer or no regular file.
    """
    if not path.is_file():
        raise CheckpointError(f'{path}: not a regular file')
    try:
        with path.open('rb') as file:
            start = file.read(len(LFS_POINTER))
    except OSError as error:
        raise CheckpointError(f'{path}: cannot be read: {error}') from error
    if start == LFS_POINTER:
        raise CheckpointError(
            f'{path}: a Git LFS pointer, not the file itself: run `git lfs pull` in its '
            'repository, or download the file from the hub'
        )


def read_json(path: Path, largest: float = MAX_NUMBER) -> dict[str, Any]:
    """Read a json object of settings.

    Args:
        path: of the file.
        largest: number that it may hold.

    Raises:
        CheckpointError: the file is missing, is not a json object, or is larger or deeper than
            settings are, or a whole number in it is.
    """
    check_file(path)
    most = MAX_VOCABULARY_BYTES if path.name in VOCABULARIES else MAX_SETTINGS_BYTES
    if path.stat().st_size > most:
        raise CheckpointError(f'{path}: {path.stat().st_size:,} bytes of settings, expected few')
    try:
        content = json.loads(path.read_text(encoding='utf-8'))
    except (OSError, ValueError, RecursionError) as error:
        raise CheckpointError(f'{path}: cannot be read as json: {error}') from error
    if not isinstance(content, dict):
        raise CheckpointError(f'{path}: expected a json object, got {type(content).__name__}')
    for key, number in numbers(content):
        if abs(number) > largest or not math.isfinite(number):
            raise CheckpointError(f'{path}: {key[:80]}: no setting of a model is {number!s:.40}')
    return content


def numbers(content: Any, key: str = '') -> Iterator[tuple[str, float]]:
    """Yield (key, number) for every number in parsed json, however deep."""
    left = [(key, content)]
    while left:
        key, value = left.pop()
        if isinstance(value, dict):
            left += value.items()
        elif isinstance(value, list):
            left += [(key, each) for each in value]
        elif isinstance(value, (int, float)) and not isinstance(value, bool):
            yield key, value


def _quantised(folder: Path, method: str, why: str) -> CheckpointError:
    return CheckpointError(
        f'{folder}: the weights are quantised ({method}), {why}, or name the checkpoint that they '
        'were made from, in 16 or 32 bits: ssr-ros quantise makes 8 or 4 bits of it'
    )
