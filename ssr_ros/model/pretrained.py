# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Load models of transformers from folders, each tensor accounted for and looked at once.

The library's own loading takes a 7B's names apart for seconds and waits for the disk page by page.
Where every tensor of a folder is one of the model's by name and shape, the files are gone through
once, in the order in which they lie; all else is left to the library, and said as it says it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
import math
import mmap
from pathlib import Path
from typing import Any

import torch
from torch import nn, Tensor
from transformers import GenerationConfig
from transformers.initialization import no_init_weights
from transformers.utils import logging as transformers_logging

from ssr_ros.errors import CheckpointError, TensorMismatchError
from ssr_ros.model.checkpoint import check_finite, reading, TensorFiles
from ssr_ros.model.folder import numbers, quantised_by, read_json

LAYER_COUNTS = ('num_hidden_layers', 'num_layers', 'n_layer', 'depth')

LARGE = 8_000_000
"""Bytes from which a tensor gets pages of its own, large ones where the kernel has them."""

Change = Callable[[str, nn.Parameter, Tensor], None]
"""Gets the name of a parameter that was just loaded, and may change its values. The tensor is what
it was made of, with all the digits that are stored."""


def as_it_is(name: str) -> str:
    """Return a tensor's name: it is called the same in the model."""
    return name


def no_change(name: str, parameter: nn.Parameter, stored: Tensor) -> None:
    """Leave a parameter as it was stored."""


def load_pretrained(
    model_class: Any,
    folder: Path,
    device: torch.device,
    dtype: torch.dtype,
    ignore: tuple[str, ...] = (),
    now_called: Callable[[str], str] = as_it_is,
    change: Change = no_change,
) -> Any:
    """Load a transformers model, frozen and in eval mode, and account for every tensor.

    On a CPU what is stored in ``dtype`` stays in its files until it is changed.

    Args:
        model_class: a PreTrainedModel class.
        folder: local folder.
        device: where to.
        dtype: of the weights.
        ignore: prefixes of tensors that the file may hold and this model has no use for.
        now_called: turns a tensor's name in older files into the model's.
        change: called with each parameter, on the device and in ``dtype``, before its values are
            looked at.

    Raises:
        TensorMismatchError: a tensor is missing, left over or of another shape.
        CheckpointError: the folder cannot be read, or a value is not finite.
        DeviceError: out of memory.
    """
    empty_of(model_class, folder)  # refuses a size that is not that of the files
    files = TensorFiles(folder)
    if quantised_by(folder) is not None:
        return _by_the_library(model_class, folder, device, dtype, ignore, change)
    with reading(folder), _library_is_quiet():
        model = _with_room(model_class, folder, dtype)
    stored = _parameters_of(model, files, ignore, now_called)
    if stored is None:
        return _by_the_library(model_class, folder, device, dtype, ignore, change)
    parameters = dict(model.named_parameters())
    for tensor_name, tensor in files.tensors(list(stored)):
        name = stored[tensor_name]
        parameter = parameters[name]
        parameter.requires_grad_(False)
        there = tensor.to(device)
        parameter.data = _moved(there, device, dtype)
        change(name, parameter, there)
        check_finite(name, parameter, folder)
    return model.to(device).eval()  # what is left there are buffers


def _with_room(model_class: Any, folder: Path, dtype: torch.dtype) -> Any:
    """Make a model whose weights have no values, and so take no memory until they get some."""
    config = model_class.config_class.from_pretrained(folder, local_files_only=True)
    with no_init_weights():
        model = model_class._from_config(config, dtype=dtype)
    config.name_or_path = str(folder)
    model.tie_weights()
    if model.can_generate() and (folder / 'generation_config.json').exists():
        model.generation_config = GenerationConfig.from_pretrained(folder, local_files_only=True)
    return model


def _parameters_of(
    model: nn.Module, files: TensorFiles, ignore: tuple[str, ...], now_called: Callable[[str], str]
) -> dict[str, str] | None:
    """Return tensor name -> parameter name; None where some do not fit one to one."""
    shapes = {name: tuple(p.shape) for name, p in model.named_parameters()}
    found = {}
    for stored, shape in files.shapes.items():
        if stored.startswith(ignore or '\0') or stored.endswith('position_ids'):
            continue
        name = stored if stored in shapes else now_called(stored)
        if shapes.get(name) != shape:
            return None
        found[stored] = name
    return found if sorted(found.values()) == sorted(shapes) else None


def _moved(tensor: Tensor, device: torch.device, dtype: torch.dtype) -> Tensor:
    """Return a stored tensor on the device: itself where it is there in that dtype."""
    if device.type != 'cpu' or tensor.dtype == dtype:
        return tensor.to(device, dtype)
    return room_for(tensor, dtype).copy_(tensor)


def room_for(like: Tensor, dtype: torch.dtype) -> Tensor:
    """Return a tensor of the same shape on the same device, without values.

    On a CPU the kernel gives large pages, where it has them: clearing small ones one by one took
    longer than filling them.
    """
    size = like.numel() * dtype.itemsize
    if like.device.type != 'cpu' or size < LARGE or not hasattr(mmap, 'MADV_HUGEPAGE'):
        return torch.empty_like(like, dtype=dtype, memory_format=torch.contiguous_format)
    pages = mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    with suppress(OSError):  # a kernel without them
        pages.madvise(mmap.MADV_HUGEPAGE)
    return torch.frombuffer(pages, dtype=dtype).view(like.shape)


def _by_the_library(
    model_class: Any,
    folder: Path,
    device: torch.device,
    dtype: torch.dtype,
    ignore: tuple[str, ...],
    change: Change,
) -> Any:
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
            change(name, parameter, parameter.data)
            check_finite(name, parameter, folder)
    return model


def empty_of(model_class: Any, folder: Path) -> Any:
    """Return a folder's model without weights, and without room for them.

    Raises:
        CheckpointError: config.json cannot be read, or describes no model, or one of more than
            twice the parameters of the files: a robot has little memory.
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
            model = model_class(config)
            described = sum(p.numel() for p in model.parameters())
        except RuntimeError as error:  # sizes whose product is no number, or below zero
            raise ValueError(f'config.json: {error}') from error
    if described > 2 * stored:
        raise CheckpointError(
            f'{folder}: config.json describes {described:,} parameters and the files hold '
            f'{stored:,}: they are not of the same model'
        )
    return model


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
