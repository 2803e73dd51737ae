# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What a checkpoint will take, summed from the headers of its files before anything is allocated.

A machine that is short of memory otherwise kills the process in the middle, without a word.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
import math

import torch

from ssr_ros.errors import DeviceError
from ssr_ros.machine import told_bytes
from ssr_ros.model.checkpoint import TensorFiles
from ssr_ros.model.encoders import TEXT_TOWER
from ssr_ros.model.folder import quantised_by
from ssr_ros.model.lora import module_of, now_called
from ssr_ros.model.midi import TEACHER_PREFIX
from ssr_ros.model.quantised import BITS, group_of, LAYERS
from ssr_ros.model.spec import CheckpointSpec
from ssr_ros.model.wide import kept_wide

TOWERS = ('image_encoder', 'depth_encoder', 'vlm')
GB = 1e9


def bytes_needed(spec: CheckpointSpec, device: torch.device, dtype: torch.dtype) -> dict[str, int]:
    """Return part -> bytes of memory that its weights will take.

    On a CPU a weight that is stored in ``dtype``, and that no adapter changes, stays in its file
    and is read as it is needed: it takes nothing.

    Raises:
        CheckpointError: a part's files cannot be read.
    """
    needed = {}
    for part in TOWERS:
        files = TensorFiles(spec.folder(part))
        skip = set() if part == 'vlm' else {n for n in files.shapes if n.startswith(TEXT_TOWER)}
        if device.type == 'cpu':
            changed = _changed(spec) if part == 'vlm' else set()
            skip |= _as_stored(files, dtype) - changed - kept_wide(files, dtype)
        needed[part] = _bytes(files, skip, dtype) + _more_for_wide(files, skip, dtype)
    files = TensorFiles(spec.folder('midi'))
    skip = {name for name in files.shapes if name.startswith(TEACHER_PREFIX)}
    if device.type == 'cpu':
        skip |= _as_stored(files, torch.float32)
    needed['midi'] = _bytes(files, skip, torch.float32)
    return needed


def _as_stored(files: TensorFiles, dtype: torch.dtype) -> set[str]:
    """Return the tensors that are not converted."""
    kinds = {name: files.dtypes.get(name, dtype) for name in files.shapes}
    return {name for name, kind in kinds.items() if kind == dtype or not kind.is_floating_point}


def _changed(spec: CheckpointSpec) -> set[str]:
    """Return the tensors of the VLM, as its files call them, that an adapter changes."""
    if spec.adapter is None:
        return set()
    targets = map(module_of, TensorFiles(spec.folder('adapter')).shapes)
    merged = {f'{target[0]}.weight' for target in targets if target is not None}
    return {name for name in TensorFiles(spec.folder('vlm')).shapes if now_called(name) in merged}


def _bytes(files: TensorFiles, skip: Set[str], dtype: torch.dtype) -> int:
    """Return the bytes of all tensors but some, floats as ``dtype``."""
    total = 0
    for name in files.shapes.keys() - skip:
        own = files.dtypes.get(name, dtype)
        size = dtype.itemsize if own.is_floating_point else own.itemsize
        total += math.prod(files.shapes[name]) * size
    return total


def _more_for_wide(files: TensorFiles, skip: Set[str], dtype: torch.dtype) -> int:
    """Return what weights take that stay in float32, beyond what they would in ``dtype``."""
    numbers = sum(math.prod(files.shapes[name]) for name in kept_wide(files, dtype) - skip)
    return numbers * (4 - dtype.itemsize)


def bytes_there(device: torch.device) -> int | None:
    """Return the bytes of memory that are free on a device, None where nobody tells."""
    if device.type == 'cuda':
        return int(torch.cuda.mem_get_info(device)[0])
    return told_bytes('/proc/meminfo', 'MemAvailable')


def check_room(what: str, needed: int, device: torch.device) -> None:
    """Refuse what does not fit into a device's memory, before it is made.

    Raises:
        DeviceError: there are fewer bytes than needed.
    """
    free = bytes_there(device)
    if free is not None and needed > free:
        raise DeviceError(
            f'{what}: the weights take {needed / GB:.2f} GB and {free / GB:.2f} GB are free on '
            f'{device}: name a smaller one, or --dtype bfloat16'
        )


def pick_fitting(
    spec: CheckpointSpec, device: torch.device, wanted: Sequence[torch.dtype], budget_gb: float
) -> torch.dtype:
    """Return the first dtype in which the weights fit, before anything is allocated.

    Args:
        spec: the checkpoint.
        device: where to.
        wanted: dtypes, the best first; at least one.
        budget_gb: what the weights may take, in 1e9 bytes; 0: all that is free.

    Raises:
        DeviceError: none fits; says the sum part by part, what there is, and what would fit.
        CheckpointError: a part's files cannot be read.
    """
    free = bytes_there(device)
    if not budget_gb and free is None:
        return wanted[0]
    room = int(min(budget_gb * GB or math.inf, math.inf if free is None else free))
    for dtype in wanted:
        if sum(bytes_needed(spec, device, dtype).values()) <= room:
            return dtype
    needed = bytes_needed(spec, device, wanted[-1])
    parts = ', '.join(f'{part} {size / GB:.2f}' for part, size in needed.items())
    limit = 'are the budget' if free is None or room < free else f'are free on {device}'
    raise DeviceError(
        f'{spec.source}: the weights take {sum(needed.values()) / GB:.2f} GB in '
        f'{_word(wanted[-1])} ({parts}) and {room / GB:.2f} GB {limit}: '
        f'{_cure(spec, device, wanted[-1], room)}'
    )


def _cure(spec: CheckpointSpec, device: torch.device, dtype: torch.dtype, room: int) -> str:
    """Say what would fit: 16 bits, else the language model in 8 or 4."""
    half = bytes_needed(spec, device, torch.bfloat16)
    if dtype == torch.float32 and sum(half.values()) <= room:
        return 'dtype bfloat16 would fit'
    for bits in BITS:
        total = sum({**half, 'vlm': _quantised_bytes(spec, bits)}.values())
        if quantised_by(spec.folder('vlm')) is None and total <= room:
            return f'ssr-ros quantise --bits {bits} would fit, in {total / GB:.2f} GB'
    return 'use a smaller model, or a device with more'


def _quantised_bytes(spec: CheckpointSpec, bits: int) -> int:
    """Return what the VLM would take with its language model quantised, the rest in 16 bits."""
    files = TensorFiles(spec.folder('vlm'))
    total = _more_for_wide(files, set(), torch.bfloat16)
    for name, shape in files.shapes.items():
        inside = now_called(name).startswith(LAYERS) and len(shape) == 2
        group = group_of(shape[0], shape[1], bits) if inside else None
        codes = math.prod(shape) * (16 if group is None else bits) // 8
        total += codes if group is None else codes + 4 * math.prod(shape) // group
    return total


def _word(dtype: torch.dtype) -> str:
    return str(dtype).removeprefix('torch.')


def dtypes_to_try(
    spec: CheckpointSpec, device: torch.device, default: torch.dtype
) -> list[torch.dtype]:
    """Return the dtypes that 'auto' may take, the best first.

    On a CPU float32, and bfloat16 where the VLM is stored so and only that fits; for quantised
    weights bfloat16 alone, as what multiplies 8 and 4 bits wants 16 beside them.

    Raises:
        CheckpointError: a part's files cannot be read.
    """
    kinds = set(TensorFiles(spec.folder('vlm')).dtypes.values())
    if device.type == 'cpu' and any(not kind.is_floating_point for kind in kinds):
        return [torch.bfloat16]
    if device.type == 'cpu' and kinds == {torch.bfloat16}:
        return [default, torch.bfloat16]
    return [default]
