# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Merge the released LoRA adapter into its base model.

Done here rather than with peft because the released adapter names modules as they were called
before transformers 5: ``PeftModel.from_pretrained`` then loads nothing and only warns. Here every
tensor finds its module or is named in an error, and the merged model runs at the base's speed.
"""

from __future__ import annotations

from collections.abc import Callable
import math
from pathlib import Path
from typing import Any

import torch
from torch import nn

from ssr_ros.errors import CheckpointError, TensorMismatchError
from ssr_ros.model.checkpoint import read_json, reading, TensorFiles

RENAMED = (
    ('base_model.model.model.layers.', 'model.language_model.layers.'),
    ('base_model.model.model.language_model.', 'model.language_model.'),
    ('base_model.model.visual.', 'model.visual.'),
    ('base_model.model.model.visual.', 'model.visual.'),
)
"""Prefixes in adapter files, of transformers 4 and of 5, and what they are called now."""

REFUSED = {
    'use_dora': False,
    'bias': 'none',
    'modules_to_save': None,
    'lora_bias': False,
    'fan_in_fan_out': False,
}
"""Settings that change what a merge means, and the only value that is supported of each."""


def module_of(tensor_name: str) -> tuple[str, str] | None:
    """Return (module, 'A' or 'B') that an adapter tensor is for, or None for another tensor."""
    for old, new in RENAMED:
        for side in 'AB':
            suffix = f'.lora_{side}.weight'
            if tensor_name.startswith(old) and tensor_name.endswith(suffix):
                return new + tensor_name[len(old) : -len(suffix)], side
    return None


def plan(
    shapes: dict[str, tuple[int, ...]], model: nn.Module, source: str
) -> dict[str, dict[str, str]]:
    """Match adapter tensors with the linear modules that they change.

    Returns:
        module name -> {'A': tensor name, 'B': tensor name}.

    Raises:
        TensorMismatchError: a tensor has no module, no partner, or the wrong shape.
    """
    linears = {n: m for n, m in model.named_modules() if isinstance(m, nn.Linear)}
    pairs: dict[str, dict[str, str]] = {}
    unexpected = []
    for name in shapes:
        target = module_of(name)
        if target is None or target[0] not in linears:
            unexpected.append(name)
        else:
            pairs.setdefault(target[0], {})[target[1]] = name
    missing: list[str] = []
    wrong: dict[str, tuple[tuple[int, ...], tuple[int, ...]]] = {}
    for module, pair in pairs.items():
        missing += [f'lora_{side} of {module}' for side in 'AB' if side not in pair]
        if len(pair) == 2:
            rank = shapes[pair['A']][0]
            linear = linears[module]
            expected = {'A': (rank, linear.in_features), 'B': (linear.out_features, rank)}
            wrong |= {
                pair[side]: (expected[side], shapes[pair[side]])
                for side in 'AB'
                if shapes[pair[side]] != expected[side]
            }
    if missing or unexpected or wrong or not pairs:
        raise TensorMismatchError(source, missing or () if pairs else ['all'], unexpected, wrong)
    return pairs


def scaling(config: dict[str, Any], source: str) -> Callable[[int], float]:
    """Return the factor of a LoRA product as a function of its rank.

    Raises:
        CheckpointError: the adapter uses what a plain merge cannot express.
    """
    for key, only in REFUSED.items():
        if config.get(key, only) not in (only, [] if only is None else only):
            raise CheckpointError(
                f'{source}: {key}={config[key]!r} is not supported, only {only!r}: merge this '
                'adapter with peft and save the merged model'
            )
    if config.get('rank_pattern') or config.get('alpha_pattern'):
        raise CheckpointError(f'{source}: per-module ranks or alphas are not supported')
    if 'lora_alpha' not in config:
        raise CheckpointError(f'{source}: adapter_config.json has no lora_alpha')
    alpha = float(config['lora_alpha'])
    if config.get('use_rslora'):
        return lambda rank: alpha / math.sqrt(rank)
    return lambda rank: alpha / rank


@torch.no_grad()
def merge_adapter(model: nn.Module, folder: Path) -> int:
    """Add ``scale * B @ A`` of every adapter pair to its weight, in float32.

    Returns:
        The number of adapter tensors merged: all that the folder holds.

    Raises:
        TensorMismatchError: a tensor has no module, no partner, or the wrong shape.
        CheckpointError: the files cannot be read, or the adapter is not plain LoRA.
    """
    with reading(folder):
        scale = scaling(read_json(folder / 'adapter_config.json'), str(folder))
    files = TensorFiles(folder)
    pairs = plan(files.shapes, model, str(folder))
    tensors = dict(files.tensors(list(files.shapes)))
    for module, pair in pairs.items():
        weight = model.get_submodule(module).get_parameter('weight')
        a = tensors[pair['A']].to(weight.device, torch.float32)
        b = tensors[pair['B']].to(weight.device, torch.float32)
        weight.copy_(weight.float() + scale(a.shape[0]) * (b @ a))
    return len(tensors)
