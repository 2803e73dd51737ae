# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The state of a run in safetensors files: trained weights and AdamW's moments, by full name.

The same on one CPU and under DDP or FSDP, where the pieces are gathered first. Nothing is pickled.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from safetensors.torch import load_file
import torch
from torch import Tensor
from torch.distributed.checkpoint.state_dict import (
    get_model_state_dict,
    get_optimizer_state_dict,
    set_model_state_dict,
    set_optimizer_state_dict,
    StateDictOptions,
)

from ssr_ros.errors import TensorMismatchError
from training.run.saving import save_tensors

WEIGHTS, MOMENTS = 'trained.safetensors', 'moments.safetensors'


@dataclass(frozen=True)
class RunState:
    """Tensors on the CPU.

    Attributes:
        model: trained weights by name.
        moments: optimizer tensors by 'weight name|moment'.
    """

    model: dict[str, Tensor]
    moments: dict[str, Tensor]


def _options(**more: Any) -> StateDictOptions:
    return StateDictOptions(full_state_dict=True, ignore_frozen_params=True, **more)


def gather(model: torch.nn.Module, optimizer: Any) -> RunState:
    """Collect the state; all processes must call it, the main one gets it whole."""
    options = _options(cpu_offload=True)
    weights: dict[str, Any] = get_model_state_dict(model, options=options)
    optim = get_optimizer_state_dict(model, _plain(optimizer), options=options)
    moments: Any = optim.get('state', {})  # the other processes get nothing
    trained = trained_names(model)
    return RunState(
        {name: tensor for name, tensor in weights.items() if name in trained},
        {f'{name}|{key}': t for name, parts in moments.items() for key, t in parts.items()},
    )


def trained_names(model: torch.nn.Module) -> set[str]:
    """Return the names of what is trained, without the wrapper of DDP."""
    return {n.removeprefix('module.') for n, p in model.named_parameters() if p.requires_grad}


def write(state: RunState, folder: Path) -> None:
    """Write the state into a folder."""
    save_tensors(state.model, folder / WEIGHTS)
    save_tensors(state.moments, folder / MOMENTS)


def restore(model: torch.nn.Module, optimizer: Any, folder: Path) -> None:
    """Put a state back.

    Raises:
        TensorMismatchError: it belongs to another model.
    """
    weights = load_file(folder / WEIGHTS)
    wanted = trained_names(model)
    if weights.keys() != wanted:
        raise TensorMismatchError(str(folder), wanted - weights.keys(), weights.keys() - wanted)
    set_model_state_dict(model, weights, options=_options(strict=False))
    moments: dict[str, dict[str, Tensor]] = {}
    for name, tensor in load_file(folder / MOMENTS).items():
        weight, _, key = name.rpartition('|')
        moments.setdefault(weight, {})[key] = tensor
    plain = _plain(optimizer)
    groups = get_optimizer_state_dict(model, plain, options=_options())['param_groups']
    set_optimizer_state_dict(
        model,
        plain,
        {'state': moments, 'param_groups': groups},  # type: ignore[dict-item]
        options=_options(),
    )


def _plain(optimizer: Any) -> torch.optim.Optimizer:
    """Return torch's optimizer from inside accelerate's."""
    plain: torch.optim.Optimizer = getattr(optimizer, 'optimizer', optimizer)
    return plain
