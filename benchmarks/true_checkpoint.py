# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Write a checkpoint of a size in the released layout: names, shapes and dtypes, random values.

    python benchmarks/true_checkpoint.py /tmp/7b --shape 7b      # 20 GB on the disk
    python benchmarks/true_checkpoint.py /tmp/look --shape 7b --layers 1

Encoders, MIDI and adapter in float32 and the vision-language model in bfloat16, as released; its
tokenizers are nano's, smaller than its vocabularies. A gigabyte is in memory at a time.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import replace
import json
from pathlib import Path
import shutil
import sys
from typing import Any

from safetensors.torch import save_file
import torch
from torch import nn, Tensor
from transformers import Qwen2_5_VLForConditionalGeneration
from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import Qwen2VLImageProcessorPil
import yaml

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from ssr_ros.model.bench.shapes import (
    BLOCK,
    encoders_of,
    fill,
    fill_one,
    Shape,
    shape_called,
    SHAPES,
    vlm_config,
)
from ssr_ros.model.midi import Midi
from ssr_ros.model.rewrite import save
from ssr_ros.model.spec import read_spec
from ssr_ros.model.tokens import SsrTokenizer

RANK = 64
PROJECTIONS = ('q_proj', 'k_proj', 'v_proj', 'o_proj', 'gate_proj', 'up_proj', 'down_proj')
"""What the released adapter changes; its matching by name also reached the vision tower's MLPs."""


def write_checkpoint(folder: Path, shape: Shape, adapter: bool = True) -> None:
    """Write it into a folder that is made."""
    torch.manual_seed(0)
    nano = read_spec('nano')
    for part in ('mamba', 'vlm'):
        (folder / part).mkdir(parents=True)
        for path in nano.folder(part).glob('*token*.json'):
            shutil.copyfile(path, folder / part / path.name)
    shutil.copyfile(nano.folder('mamba') / 'config.json', folder / 'mamba/config.json')
    for name, encoder in zip(('clip', 'siglip'), encoders_of(shape), strict=True):
        fill(encoder.model)
        encoder.model.save_pretrained(folder / name)
        encoder.processor.save_pretrained(folder / name)
    _write_midi(folder / 'midi', shape)
    vlm = _write_vlm(folder / 'vlm', shape)
    spec: dict[str, Any] = {'image_encoder': 'clip', 'depth_encoder': 'siglip', 'mamba': 'mamba'}
    spec |= {'midi': 'midi', 'vlm': 'vlm', 'image_size': [shape.tower.side] * 2, 'trained': False}
    if adapter:
        _write_adapter(folder / 'adapter', vlm)
        spec['adapter'] = 'adapter'
    (folder / 'reasoner.yaml').write_text(yaml.safe_dump(spec), encoding='utf-8')


def _write_midi(folder: Path, shape: Shape) -> None:
    midi = Midi(shape.mamba, shape.image.width, shape.depth.width, shape.width)
    fill(midi)
    folder.mkdir()
    save_file(dict(midi.named_parameters()), folder / 'model.safetensors')
    (folder / 'config.json').write_text('{"model_type": "MIDI"}', encoding='utf-8')


def _write_vlm(folder: Path, shape: Shape) -> nn.Module:
    """Write it tensor by tensor, as transformers 4 called them; return it without weights."""
    config = vlm_config(shape, SsrTokenizer(folder))
    with torch.device('meta'):
        model = Qwen2_5_VLForConditionalGeneration(config)
    config.architectures = ['Qwen2_5_VLForConditionalGeneration']
    config.save_pretrained(folder)
    model.generation_config.eos_token_id = [shape.vocabulary - 1]
    model.generation_config.repetition_penalty = 1.05
    model.generation_config.save_pretrained(folder)
    Qwen2VLImageProcessorPil(patch_size=14, merge_size=2).save_pretrained(folder)
    block = (0.02 * torch.randn(BLOCK)).bfloat16()
    save(_tensors(model, block, shape.tied), folder)
    whole: nn.Module = model
    return whole


def _tensors(model: Any, block: Tensor, tied: bool) -> Iterator[tuple[str, Tensor]]:
    for name, parameter in model.named_parameters():
        if not (tied and name.startswith('lm_head')):
            made = torch.empty(parameter.shape, dtype=block.dtype)
            fill_one(name, made, block)
            yield _released(name), made


def _released(name: str) -> str:
    """Turn a name of transformers 5 into one of 4."""
    return name.replace('model.language_model.', 'model.').replace('model.visual.', 'visual.')


def _write_adapter(folder: Path, vlm: nn.Module) -> None:
    block, tensors = 0.02 * torch.randn(BLOCK), {}
    for name, module in vlm.named_modules():
        if isinstance(module, nn.Linear) and name.rpartition('.')[2] in PROJECTIONS:
            sides = {'A': (RANK, module.in_features), 'B': (module.out_features, RANK)}
            for side, size in sides.items():
                key = f'base_model.model.{_released(name)}.lora_{side}.weight'
                tensors[key] = torch.empty(size)
                fill_one(key, tensors[key], block)
    folder.mkdir()
    save_file(tensors, folder / 'adapter_model.safetensors')
    config = {'peft_type': 'LORA', 'r': RANK, 'lora_alpha': 16}
    config['target_modules'] = list(PROJECTIONS)
    (folder / 'adapter_config.json').write_text(json.dumps(config), encoding='utf-8')


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('folder', type=Path)
    parser.add_argument('--shape', choices=tuple(SHAPES), default='3b')
    parser.add_argument('--layers', type=int, help='of the language model (as many as it has)')
    parser.add_argument('--no-adapter', action='store_true')
    options = parser.parse_args()
    shape = shape_called(options.shape)
    if options.layers:
        shape = replace(shape, layers=options.layers)
    write_checkpoint(options.folder, shape, not options.no_adapter)


if __name__ == '__main__':
    main()
