# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Find the parts of a checkpoint, and load tensors so that each one is accounted for.

Weights are read from safetensors files only: a pickle can run code when it is opened. Nothing is
fetched from a network unless a yaml names a hub repository and its files are not in the cache.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
import math
from pathlib import Path
from typing import Any

from huggingface_hub.errors import StrictDataclassError
from jinja2 import TemplateError
from safetensors import safe_open, SafetensorError
import torch
from torch import nn, Tensor
from transformers.utils import logging as transformers_logging

from ssr_ros.errors import CheckpointError, TensorMismatchError
from ssr_ros.model.folder import check_folder, numbers, quantised_by, read_json
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

LAYER_COUNTS = ('num_hidden_layers', 'num_layers', 'n_layer', 'depth')
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
        for file in weight_files(folder):
            with reading(file), safe_open(file, framework='pt') as tensors:
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
        ((_, tensor),) = self.tensors([name])
        return tensor

    def tensors(self, names: Sequence[str]) -> Iterator[tuple[str, Tensor]]:
        """Yield (name, tensor) for names that are in ``shapes``, file by file.

        Raises:
            CheckpointError: a file is broken.
        """
        for file in sorted({self._file_of[name] for name in names}):
            with reading(file), safe_open(file, framework='pt') as tensors:
                for name in names:
                    if self._file_of[name] == file:
                        yield name, tensors.get_tensor(name)


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
    """Copy a checkpoint's tensors into a module, each one exactly once.

    Args:
        module: gets the values in its own dtype, on its own device.
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
            targets[name].copy_(tensor)
            check_finite(name, targets[name], files.source)


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
        model = model.to(device).eval().requires_grad_(False)
    for name, parameter in model.named_parameters():
        if parameter.is_floating_point():  # others are codes: every one is a number
            # Beside codes some releases of the library leave the others as they are stored.
            parameter.data = parameter.data.to(dtype)
            check_finite(name, parameter, folder)
    return model


def _check_size(model_class: Any, folder: Path) -> None:
    """Refuse a config of another size before memory is taken for it: a robot has little.

    Raises:
        CheckpointError: the config describes more than twice the parameters of the files.
    """
    shapes = TensorFiles(folder).shapes
    stored = sum(math.prod(shape) for shape in shapes.values())
    for key, number in numbers(read_json(folder / 'config.json')):
        if key in LAYER_COUNTS and number > len(shapes):
            raise CheckpointError(
                f'{folder}: config.json: {key} is {number} and the files hold '
                f'{len(shapes)} tensors'
            )
    with reading(folder), torch.device('meta'):
        config = model_class.config_class.from_pretrained(folder, local_files_only=True)
        try:
            described = sum(p.numel() for p in model_class(config).parameters())
        except RuntimeError as error:  # sizes whose product is no number, or below zero
            raise ValueError(f'config.json: {error}') from error
    if described > 2 * stored:
        raise CheckpointError(
            f'{folder}: config.json describes {described:,} parameters and the files hold '
            f'{stored:,}: they are not of the same model'
        )


@contextmanager
def _library_is_quiet() -> Iterator[None]:
    """Silence the library's report of odd tensors: ours is an error that names them."""
    transformers_logging.disable_progress_bar()
    verbosity = transformers_logging.get_verbosity()
    transformers_logging.set_verbosity_error()
    try:
        yield
    finally:
        transformers_logging.set_verbosity(verbosity)
