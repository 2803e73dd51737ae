# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Write a part of a checkpoint again, tensor by tensor: memory for one small file at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
import json
from pathlib import Path
import shutil

from safetensors.torch import save_file
from torch import Tensor

from ssr_ros.model.checkpoint import HUB_FILES, TensorFiles

MOST_IN_ONE_FILE = 1_000_000_000
"""Bytes, unless one tensor alone has more."""

WEIGHTS = '.safetensors'
INDEX = 'model.safetensors.index.json'


def copy_settings(folder: Path, out: Path) -> None:
    """Copy all of a part's files but its weights; the folder is made."""
    out.mkdir(parents=True)
    for pattern in HUB_FILES:
        for path in folder.glob(pattern):
            if path.suffix != WEIGHTS and not path.name.endswith('.index.json'):
                shutil.copyfile(path, out / path.name)


def stored(files: TensorFiles, skip: tuple[str, ...] = ()) -> Iterator[tuple[str, Tensor]]:
    """Yield (name, tensor) of what a part has, without some prefixes."""
    yield from files.tensors([name for name in files.shapes if not name.startswith(skip or '\0')])


def save(tensors: Iterable[tuple[str, Tensor]], out: Path) -> int:
    """Write tensors into files of a gigabyte, as they come, with an index; return their bytes."""
    held: dict[str, Tensor] = {}
    names: list[list[str]] = []
    size = total = 0

    def write() -> None:
        save_file(held, out / _partial(len(names)), metadata={'format': 'pt'})
        names.append(list(held))
        held.clear()

    for name, tensor in tensors:
        if held and size + tensor.nbytes > MOST_IN_ONE_FILE:
            write()
            size = 0
        held[name] = tensor.contiguous()
        size, total = size + tensor.nbytes, total + tensor.nbytes
    write()
    _name_files(out, names, total)
    return total


def _name_files(out: Path, names: list[list[str]], total: int) -> None:
    if len(names) == 1:
        (out / _partial(0)).rename(out / f'model{WEIGHTS}')
        return
    where: dict[str, str] = {}
    for number, inside in enumerate(names):
        called = f'model-{number + 1:05}-of-{len(names):05}{WEIGHTS}'
        (out / _partial(number)).rename(out / called)
        where |= dict.fromkeys(inside, called)
    content = {'metadata': {'total_size': total}, 'weight_map': where}
    (out / INDEX).write_text(json.dumps(content, indent=2), encoding='utf-8')


def _partial(number: int) -> str:
    return f'writing-{number}{WEIGHTS}'
