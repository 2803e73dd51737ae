# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Find the parts of a checkpoint, and load tensors so that each one is accounted for.

Weights are read from safetensors files only: a pickle can run code when it is opened. Nothing is
fetched from a network unless a yaml names a hub repository and its files are not in the cache.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from contextlib import contextmanager
import json
import math
import os
from pathlib import Path
from typing import Any

from huggingface_hub.errors import StrictDataclassError
from jinja2 import TemplateError
from safetensors import safe_open, SafetensorError
import torch
from torch import nn, Tensor

from ssr_ros.errors import CheckpointError, TensorMismatchError
from ssr_ros.model.folder import check_folder, quantised_by
from ssr_ros.model.trace import out_of_memory_is_ours

PICKLES = ('.bin', '.pt', '.pth', '.ckpt', '.pkl')
FLOATS = {
    'F64': torch.float64,
    'F32': torch.float32,
    'F16': torch.float16,
    'BF16': torch.bfloat16,
}
DTYPES = {**FLOATS, 'I8': torch.int8, 'U8': torch.uint8, 'I32': torch.int32, 'I64': torch.int64}
WRAPPERS = {
    'module.': 'DistributedDataParallel',
    '_orig_mod.': 'torch.compile',
    '_fsdp_wrapped_module.': 'FullyShardedDataParallel',
}
"""What stands before every name where a wrapped model was saved."""

AHEAD = 128_000_000
"""Bytes that the disk is asked for before they are used."""

PIECE = 1 << 17
"""Bytes that it is asked for at once: of more a kernel takes as many as it reads ahead by itself,
and forgets the others."""

HUB_FILES = ['*.json', '*.safetensors', '*.txt', '*.jinja', '*.model', '*.yaml']


@contextmanager
def reading(source: Path) -> Iterator[None]:
    """Turn what goes wrong while files are read into CheckpointError.

    Raises:
        CheckpointError: a file is missing, broken or not what it should be.
        DeviceError: out of memory.
    """
    with out_of_memory_is_ours(f'loading {source}'):
        try:
            yield
        except (
            OSError,
            ValueError,
            LookupError,
            TypeError,
            AttributeError,
            ArithmeticError,
            ImportError,
            RecursionError,
            SafetensorError,
            StrictDataclassError,
            TemplateError,
        ) as error:
            said = f'{type(error).__name__}: {error}'
            raise CheckpointError(f'{source}: cannot be loaded: {said:.500}') from error


def weight_files(folder: Path) -> list[Path]:
    """Return the safetensors files of a folder that hold one model.

    Raises:
        CheckpointError: there are none, or only pickles.
    """
    check_folder(folder)
    files = sorted(folder.glob('*.safetensors'))
    if files:
        return files
    pickles = sorted(path.name for path in folder.iterdir() if path.suffix in PICKLES)
    if pickles:
        raise CheckpointError(
            f'{folder}: the weights are a pickle ({", ".join(pickles)}), which can run code when '
            'it is opened and is never loaded. Use a safetensors version of this checkpoint; on '
            'the hub many have one under another revision: name@revision'
        )
    raise CheckpointError(f'{folder}: no *.safetensors file in it')


class TensorFiles:
    """The tensors of one checkpoint folder, read one by one.

    Attributes:
        source: the folder.
        shapes: name -> shape, of every tensor in every file.
        dtypes: name -> dtype that it is stored in, where torch has such a one.
    """

    def __init__(self, folder: Path) -> None:
        """Read the headers.

        Raises:
            CheckpointError: no safetensors file, one that is broken, or tensors that are named as
                those of a wrapped model, or quantised where config.json does not say so.
        """
        quantised = quantised_by(folder) is not None
        self.source = folder
        self.shapes: dict[str, tuple[int, ...]] = {}
        self.dtypes: dict[str, torch.dtype] = {}
        self._file_of: dict[str, Path] = {}
        self._opened: dict[Path, Any] = {}
        for file in weight_files(folder):
            with reading(file):
                tensors: Any = safe_open(file, framework='pt')
                self._opened[file] = tensors
                for name in tensors.keys():  # noqa: SIM118, not a dict
                    if name in self._file_of:
                        raise CheckpointError(
                            f'{folder}: {name} is in {self._file_of[name].name} and in '
                            f'{file.name}: leave one of the two'
                        )
                    found = tensors.get_slice(name)
                    _check_tensor(file, name, found.get_dtype(), quantised)
                    self.shapes[name] = tuple(found.get_shape())
                    if found.get_dtype() in DTYPES:
                        self.dtypes[name] = DTYPES[found.get_dtype()]
                    self._file_of[name] = file

    def tensor(self, name: str) -> Tensor:
        """Return one tensor.

        Raises:
            CheckpointError: its file is broken.
        """
        file = self._file_of[name]
        with reading(file):
            tensor: Tensor = self._opened[file].get_tensor(name)
        return tensor

    def tensors(self, names: Sequence[str]) -> Iterator[tuple[str, Tensor]]:
        """Yield (name, tensor) for names that are in ``shapes``, in the order of the files.

        The disk reads ahead of whoever uses them: left to page faults it waits between pages.

        Raises:
            CheckpointError: a file is broken.
        """
        for file in sorted({self._file_of[name] for name in names}):
            inside = {name for name in names if self._file_of[name] == file}
            with reading(file):
                for name in _in_order(file, inside):
                    yield name, self._opened[file].get_tensor(name)


def _in_order(file: Path, names: Set[str]) -> Iterator[str]:
    """Yield a file's names as its bytes lie, and have the disk read those that come next."""
    with file.open('rb') as opened:
        length = int.from_bytes(opened.read(8), 'little')
        header = json.loads(opened.read(length))
        bounds = {name: [8 + length + at for at in header[name]['data_offsets']] for name in names}
        asked = 0
        for name in sorted(names, key=lambda name: bounds[name]):
            start, end = bounds[name]
            start, wanted = max(asked, start), end + AHEAD  # what is skipped is not read
            for at in range(start, wanted, PIECE):
                size = min(PIECE, wanted - at)
                os.posix_fadvise(opened.fileno(), at, size, os.POSIX_FADV_WILLNEED)
            asked = wanted
            yield name


def _check_tensor(file: Path, name: str, dtype: str, quantised: bool) -> None:
    if dtype not in FLOATS and not quantised and not name.endswith('position_ids'):
        raise CheckpointError(
            f'{file}: {name[:200]} is of type {dtype}: quantised weights are not supported here'
        )
    for prefix, wrapper in WRAPPERS.items():
        if name.startswith(prefix):
            raise CheckpointError(
                f'{file}: names start with {prefix!r}, as those of a model wrapped by {wrapper} '
                'do: save the model inside the wrapper, or rename the tensors'
            )


def check_finite(name: str, tensor: Tensor, source: Path) -> None:
    """Refuse a tensor with values that are not finite: they reach every answer.

    Raises:
        CheckpointError: there is such a value.
    """
    # Of all that torch has for this the quickest: a NaN anywhere is both.
    if tensor.numel() and not all(map(math.isfinite, torch.aminmax(tensor))):
        raise CheckpointError(
            f'{source}: {name} holds values that are not finite numbers: the file is damaged, or '
            'was converted to a dtype that its values do not fit into'
        )


def fill(module: nn.Module, files: TensorFiles, skip: tuple[str, ...] = ()) -> None:
    """Give a module a checkpoint's tensors, each one exactly once.

    Args:
        module: gets the values in its own dtype, on its own device; on a CPU those that are
            stored in that dtype stay in their files until they are changed.
        files: the checkpoint.
        skip: prefixes of tensors that are known and not wanted; they are never read.

    Raises:
        TensorMismatchError: a tensor is missing, left over or of another shape.
        CheckpointError: a file is broken, or a value is not finite.
    """
    check_names(module, files, skip)
    targets = dict(module.named_parameters())
    with torch.no_grad():
        for name, tensor in files.tensors(list(targets)):
            target = targets[name]
            if (target.device, target.dtype) == (tensor.device, tensor.dtype):
                target.data = tensor
            else:
                target.copy_(tensor)
            check_finite(name, target, files.source)


def check_names(module: nn.Module, files: TensorFiles, skip: tuple[str, ...] = ()) -> None:
    """Compare a checkpoint's tensors with a module's; see ``fill``.

    Raises:
        TensorMismatchError: a tensor is missing, left over or of another shape.
    """
    targets = dict(module.named_parameters())
    found = {name: s for name, s in files.shapes.items() if not name.startswith(skip or ('\0',))}
    wrong_shape = {
        name: (tuple(targets[name].shape), shape)
        for name, shape in found.items()
        if name in targets and tuple(targets[name].shape) != shape
    }
    if targets.keys() != found.keys() or wrong_shape:
        raise TensorMismatchError(
            str(files.source),
            missing=targets.keys() - found.keys(),
            unexpected=found.keys() - targets.keys(),
            wrong_shape=wrong_shape,
        )
