# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Find the parts of a checkpoint, and load tensors so that each one is accounted for.

Weights are read from safetensors files only: a pickle can run code when it is opened. Nothing is
fetched from a network unless a yaml names a hub repository and its files are not in the cache.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
import json
import math
from pathlib import Path
from typing import Any

from huggingface_hub.errors import StrictDataclassError
from safetensors import safe_open, SafetensorError
import torch
from torch import nn, Tensor
from transformers.utils import logging as transformers_logging

from ssr_ros.errors import CheckpointError, TensorMismatchError
from ssr_ros.model.trace import out_of_memory_is_ours

PICKLES = ('.bin', '.pt', '.pth', '.ckpt', '.pkl')
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
            KeyError,
            TypeError,
            SafetensorError,
            StrictDataclassError,
        ) as error:
            raise CheckpointError(f'{source}: cannot be loaded: {error}') from error


def weight_files(folder: Path) -> list[Path]:
    """Return the safetensors files of a folder that hold one model.

    Raises:
        CheckpointError: there are none, or only pickles.
    """
    if not folder.is_dir():
        raise CheckpointError(f'{folder}: no such folder')
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
    """

    def __init__(self, folder: Path) -> None:
        """Read the headers.

        Raises:
            CheckpointError: no safetensors file, or one that is broken.
        """
        self.source = folder
        self.shapes: dict[str, tuple[int, ...]] = {}
        self._file_of: dict[str, Path] = {}
        for file in weight_files(folder):
            with reading(file), safe_open(file, framework='pt') as tensors:
                for name in tensors.keys():  # noqa: SIM118, not a dict
                    if name in self._file_of:
                        raise CheckpointError(
                            f'{folder}: {name} is in {self._file_of[name].name} and in '
                            f'{file.name}: leave one of the two'
                        )
                    self.shapes[name] = tuple(tensors.get_slice(name).get_shape())
                    self._file_of[name] = file

    def tensors(self, names: Sequence[str]) -> Iterator[tuple[str, Tensor]]:
        """Yield (name, tensor) for names that are in ``shapes``, file by file.

        Raises:
            CheckpointError: a file is broken.
        """
        for file in sorted({self._file_of[name] for name in names}):
            with reading(file), safe_open(file, framework='pt') as tensors:
                for name in names:
                    if self._file_of[name] == file:
                        tensor = tensors.get_tensor(name)
                        if not tensor.is_floating_point():
                            raise CheckpointError(
                                f'{file}: {name} is of type {tensor.dtype}: quantised weights '
                                'are not supported here'
                            )
                        yield name, tensor


def fill(module: nn.Module, files: TensorFiles, skip: tuple[str, ...] = ()) -> None:
    """Copy a checkpoint's tensors into a module, each one exactly once.

    Args:
        module: gets the values in its own dtype, on its own device.
        files: the checkpoint.
        skip: prefixes of tensors that are known and not wanted; they are never read.

    Raises:
        TensorMismatchError: a tensor is missing, left over or of another shape.
        CheckpointError: a file is broken.
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
    with torch.no_grad():
        for name, tensor in files.tensors(list(found)):
            targets[name].copy_(tensor)


def load_pretrained(
    model_class: Any,
    folder: Path,
    device: torch.device,
    dtype: torch.dtype,
    ignore: tuple[str, ...] = (),
) -> Any:
    """Load a transformers model, frozen and in eval mode, and account for every tensor.

    Args:
        model_class: a PreTrainedModel class.
        folder: local folder.
        device: where to.
        dtype: of the weights.
        ignore: prefixes of tensors that the file may hold and this model has no use for.

    Raises:
        TensorMismatchError: a tensor is missing, left over or of another shape.
        CheckpointError: the folder cannot be read.
        DeviceError: out of memory.
    """
    _check_size(model_class, folder)
    with reading(folder), _library_is_quiet():
        model, info = model_class.from_pretrained(
            folder,
            dtype=dtype,
            local_files_only=True,
            use_safetensors=True,
            ignore_mismatched_sizes=True,  # they are listed below, all of them, not the first
            output_loading_info=True,
        )
        left_over = [
            name
            for name in info['unexpected_keys']
            if not name.startswith(ignore or ('\0',)) and not name.endswith('position_ids')
        ]
        wrong_shape = {
            name: (tuple(wanted), tuple(found)) for name, found, wanted in info['mismatched_keys']
        }
        if info['missing_keys'] or left_over or wrong_shape:
            raise TensorMismatchError(str(folder), info['missing_keys'], left_over, wrong_shape)
        return model.to(device).eval().requires_grad_(False)


def _check_size(model_class: Any, folder: Path) -> None:
    """Refuse a config of another size before memory is taken for it: a robot has little.

    Raises:
        CheckpointError: the config describes more than twice the parameters of the files.
    """
    stored = sum(math.prod(shape) for shape in TensorFiles(folder).shapes.values())
    with reading(folder), torch.device('meta'):
        config = model_class.config_class.from_pretrained(folder, local_files_only=True)
        described = sum(p.numel() for p in model_class(config).parameters())
    if described > 2 * stored:
        raise CheckpointError(
            f'{folder}: config.json describes {described:,} parameters and the files hold '
            f'{stored:,}: they are not of the same model'
        )


@contextmanager
def _library_is_quiet() -> Iterator[None]:
    """Silence the library's report of odd tensors: ours is an error that names them."""
    verbosity = transformers_logging.get_verbosity()
    transformers_logging.set_verbosity_error()
    try:
        yield
    finally:
        transformers_logging.set_verbosity(verbosity)


def read_json(path: Path) -> dict[str, Any]:
    """Read a json object.

    Raises:
        CheckpointError: the file is missing or is not a json object.
    """
    with reading(path):
        content = json.loads(path.read_text(encoding='utf-8'))
        if not isinstance(content, dict):
            raise ValueError(f'expected a json object, got {type(content).__name__}')
        return content


@cache
def fetch_from_hub(name: str) -> Path:
    """Return the local folder of a hub repository, downloading what the cache lacks.

    Args:
        name: ``owner/name`` or ``owner/name@revision``.

    Raises:
        CheckpointError: it cannot be had.
    """
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError

    repository, _, revision = name.partition('@')
    try:
        folder = snapshot_download(
            repository, revision=revision or None, allow_patterns=HUB_FILES, token=None
        )
    except (OSError, ValueError, HfHubHTTPError) as error:
        raise CheckpointError(
            f'{name}: cannot be fetched from the hub ({error}). Download it where there is a '
            'network and name the local folder instead'
        ) from error
    return Path(folder)
