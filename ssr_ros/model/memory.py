# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What a checkpoint will take, summed from the headers of its files before anything is allocated.

A machine that is short of memory otherwise kills the process in the middle, without a word.
"""

from __future__ import annotations

import math
from pathlib import Path

import torch

from ssr_ros.errors import DeviceError
from ssr_ros.model.checkpoint import TensorFiles
from ssr_ros.model.encoders import TEXT_TOWER
from ssr_ros.model.midi import TEACHER_PREFIX
from ssr_ros.model.spec import CheckpointSpec

TOWERS = ('image_encoder', 'depth_encoder', 'vlm')
SMALLER = {torch.float32: ('bfloat16', torch.bfloat16)}
"""The dtype to try where one does not fit."""

GB = 1e9


def bytes_needed(spec: CheckpointSpec, device: torch.device, dtype: torch.dtype) -> dict[str, int]:
    """Return part -> bytes of memory that its weights will take.

    On a CPU weights that are stored in ``dtype``, and that no adapter changes, stay in their files
    and are read as they are needed: they take nothing.

    Raises:
        CheckpointError: a part's files cannot be read.
    """
    needed = {}
    for part in TOWERS:
        files = TensorFiles(spec.folder(part))
        stored = {kind for kind in files.dtypes.values() if kind.is_floating_point}
        stays = device.type == 'cpu' and stored == {dtype}
        changed = part == 'vlm' and spec.adapter is not None
        taken = _bytes(files, () if part == 'vlm' else TEXT_TOWER, dtype)
        needed[part] = 0 if stays and not changed else taken
    needed['midi'] = _bytes(TensorFiles(spec.folder('midi')), (TEACHER_PREFIX,), torch.float32)
    return needed


def _bytes(files: TensorFiles, skip: tuple[str, ...], dtype: torch.dtype) -> int:
    """Return the bytes of all tensors but those that are never read, floats as ``dtype``."""
    total = 0
    for name, shape in files.shapes.items():
        own = files.dtypes.get(name, dtype)
        size = dtype.itemsize if own.is_floating_point else own.itemsize
        total += 0 if name.startswith(skip or '\0') else math.prod(shape) * size
    return total


def bytes_there(device: torch.device) -> int | None:
    """Return the bytes of memory that are free on a device, None where nobody tells."""
    if device.type == 'cuda':
        return int(torch.cuda.mem_get_info(device)[0])
    try:
        lines = Path('/proc/meminfo').read_text(encoding='ascii').splitlines()
    except OSError:
        return None
    kilobytes = [line.split()[1] for line in lines if line.startswith('MemAvailable:')]
    return 1024 * int(kilobytes[0]) if kilobytes else None


def check_fits(spec: CheckpointSpec, device: torch.device, dtype: torch.dtype) -> None:
    """Refuse what will not fit, before anything is allocated.

    Raises:
        DeviceError: it takes more than is there; says the sum, and the dtype that would fit.
        CheckpointError: a part's files cannot be read.
    """
    needed, there = bytes_needed(spec, device, dtype), bytes_there(device)
    if there is None or sum(needed.values()) <= there:
        return
    parts = ', '.join(f'{part} {size / GB:.2f}' for part, size in needed.items())
    name, smaller = SMALLER.get(dtype, ('', dtype))
    fits = bool(name) and sum(bytes_needed(spec, device, smaller).values()) <= there
    cure = f'dtype {name} would fit' if fits else 'use a smaller model, or a device with more'
    raise DeviceError(
        f'{spec.source}: the weights take {sum(needed.values()) / GB:.2f} GB in '
        f'{str(dtype).removeprefix("torch.")} ({parts}) and {there / GB:.2f} GB are free on '
        f'{device}: {cure}'
    )


def stored_dtype_fits_better(spec: CheckpointSpec, device: torch.device) -> bool:
    """Say whether a CPU should take bfloat16: stored so where float32 does not fit, or quantised.

    Raises:
        CheckpointError: a part's files cannot be read.
    """
    kinds = TensorFiles(spec.folder('vlm')).dtypes.values()
    if any(not kind.is_floating_point for kind in kinds):
        return True  # what multiplies 8 and 4 bits wants 16 beside them
    stored, there = set(kinds), bytes_there(device)
    return (
        stored == {torch.bfloat16}
        and there is not None
        and sum(bytes_needed(spec, device, torch.float32).values()) > there
    )
