# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Write what was trained as parts of a checkpoint, in the layouts of the released ones."""

from __future__ import annotations

from pathlib import Path
import shutil
from typing import Any

from torch import Tensor

from ssr_ros.model.midi import Midi
from ssr_ros.model.vlm import VisionLanguageModel
from training.run.parts import Parts
from training.run.saving import save_json, save_tensors

SIDE_FILES = ('*.json', '*.jinja', '*.txt', '*.model')

Tensors = dict[str, Tensor]


def export_midi(parts: Parts, midi: Midi, tensors: Tensors, folder: Path) -> dict[str, str]:
    """Write MIDI in the released layout.

    Args:
        parts: what the run started with.
        midi: the module.
        tensors: all that was trained, by name.
        folder: of the checkpoint.

    Returns:
        Part -> subfolder.
    """
    weights = {**midi.state_dict(), **part_of(tensors, 'midi.')}
    (folder / 'midi').mkdir()
    save_tensors(weights, folder / 'midi' / 'model.safetensors')
    save_json(
        {
            'architectures': ['MIDI'],
            'model_type': 'MIDI',
            'image_dim': weights['image_proj.0.weight'].shape[1],
            'depth_dim': weights['depth_proj.0.weight'].shape[1],
            'mamba_path_or_name': parts.spec.mamba,
            'llm_path_or_name': parts.teacher or parts.spec.vlm,
        },
        folder / 'midi' / 'config.json',
    )
    return {'midi': 'midi'}


def export_encoders(parts: Parts, encoders: Any, tensors: Tensors, folder: Path) -> dict[str, str]:
    """Write the two encoders.

    Returns:
        Part -> subfolder.
    """
    own = {}
    for part, encoder in (('image_encoder', encoders.image), ('depth_encoder', encoders.depth)):
        weights = part_of(tensors, f'encoders.{part.partition("_")[0]}.')
        own[part] = part
        copy_settings(parts.spec.folder(part), folder / part)
        encoder.save_pretrained(folder / part, state_dict={**encoder.state_dict(), **weights})
    return own


def export_vlm(
    parts: Parts, vlm: VisionLanguageModel, tensors: Tensors, folder: Path
) -> dict[str, str]:
    """Write the whole VLM.

    Args:
        parts: what the run started with.
        vlm: the model.
        tensors: all that was trained, by name.
        folder: of the checkpoint.

    Returns:
        Part -> subfolder.
    """
    weights = part_of(tensors, 'vlm.')
    copy_settings(parts.spec.folder('vlm'), folder / 'vlm')
    vlm.model.save_pretrained(folder / 'vlm', state_dict={**vlm.model.state_dict(), **weights})
    return {'vlm': 'vlm'}


def part_of(tensors: Tensors, prefix: str) -> Tensors:
    """Return the tensors below a prefix, without it."""
    return {
        name.removeprefix(prefix): tensor
        for name, tensor in tensors.items()
        if name.startswith(prefix)
    }


def copy_settings(source: Path, target: Path) -> None:
    """Copy what stands beside the weights of a model: configuration, tokenizer, preprocessing."""
    target.mkdir()
    for pattern in SIDE_FILES:
        for file in source.glob(pattern):
            if not file.name.endswith('.index.json'):
                shutil.copy(file, target / file.name)
