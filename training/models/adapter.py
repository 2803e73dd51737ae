# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The LoRA adapter of stage 2: peft's layers, stored under the names of the released adapters."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from peft import inject_adapter_in_model, LoraConfig
from safetensors.torch import load_file
import torch
from torch import Tensor

from ssr_ros.errors import TensorMismatchError
from ssr_ros.model.checkpoint import reading
from ssr_ros.model.lora import RENAMED
from training.run.saving import save_json, save_tensors
from training.run.settings import LoraSettings

PROJECTIONS = ('q_proj', 'k_proj', 'v_proj', 'o_proj', 'gate_proj', 'up_proj', 'down_proj')
"""By name: the language model's seven, and the three of the vision tower's MLPs."""


def add_adapter(model: Any, settings: LoraSettings, seed: int) -> None:
    """Put trainable LoRA layers, in float32, beside a frozen model's projections.

    Raises:
        CheckpointError: the adapter that they start from is not one of these layers.
    """
    torch.manual_seed(seed)
    config = LoraConfig(
        r=settings.rank,
        lora_alpha=settings.alpha,
        lora_dropout=settings.dropout,
        target_modules=list(PROJECTIONS),
        bias='none',
    )
    inject_adapter_in_model(config, model)
    for name, parameter in model.named_parameters():
        if 'lora_' in name:
            parameter.data = parameter.data.float()
    if settings.start:
        _go_on(model, Path(settings.start))


@torch.no_grad()
def _go_on(model: Any, folder: Path) -> None:
    file = folder / 'adapter_model.safetensors'
    with reading(folder):
        known = load_file(file)
    layers = {
        released_name(name): parameter
        for name, parameter in model.named_parameters()
        if '.lora_' in name
    }
    wrong = {
        name: (tuple(layer.shape), tuple(known[name].shape))
        for name, layer in layers.items()
        if name in known and known[name].shape != layer.shape
    }
    missing, spare = layers.keys() - known.keys(), known.keys() - layers.keys()
    if missing or spare or wrong:
        raise TensorMismatchError(str(file), sorted(missing), sorted(spare), wrong)
    for name, layer in layers.items():
        layer.copy_(known[name])


def write_adapter(
    tensors: dict[str, Tensor], settings: LoraSettings, base: str, folder: Path
) -> None:
    """Write the adapter's tensors and settings as released ones are."""
    folder.mkdir()
    released = {released_name(name): t for name, t in tensors.items() if '.lora_' in name}
    save_tensors(released, folder / 'adapter_model.safetensors')
    save_json(
        {
            'base_model_name_or_path': base,
            'bias': 'none',
            'fan_in_fan_out': False,
            'inference_mode': True,
            'lora_alpha': settings.alpha,
            'lora_dropout': settings.dropout,
            'modules_to_save': None,
            'peft_type': 'LORA',
            'r': settings.rank,
            'target_modules': list(PROJECTIONS),
            'task_type': 'CAUSAL_LM',
            'use_dora': False,
            'use_rslora': False,
        },
        folder / 'adapter_config.json',
    )


def released_name(name: str) -> str:
    """Turn a parameter's name here into the name that released adapters give it.

    ``vlm.model.language_model.layers.0.mlp.up_proj.lora_A.default.weight`` becomes
    ``base_model.model.model.layers.0.mlp.up_proj.lora_A.weight``: the modules' names before
    transformers 5.
    """
    name = name.removeprefix('vlm.').replace('.default.', '.')
    for old, new in RENAMED:
        if name.startswith(new):
            return old + name.removeprefix(new)
    raise ValueError(f'{name}: not a module that adapters change')
