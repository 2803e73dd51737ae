# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Give a MIDI more layers, which pass on what they read until they are trained.

    python -m training.small.deepen nano out/deeper --layers 2

What the last layer of Mamba looks up comes too late to be kept for latents: no layer follows that
could. New ones start with an output matrix of zeros, so that the checkpoint answers as before.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
import json
from pathlib import Path
import sys

from safetensors.torch import load_file
import torch
from torch import Tensor

from ssr_ros.errors import ConfigError, SsrError
from ssr_ros.model.mamba import MambaSizes
from ssr_ros.model.midi import Midi
from ssr_ros.model.spec import read_spec
from training.run.exporting import copy_settings
from training.run.parts import write_yaml
from training.run.saving import save_folder, save_json, save_tensors
from training.small.new_midi import untrained_midi
from training.small.sizes import Sizes

LAYERS, LAST = 'mamba.backbone.layers.', 'mixer.out_proj.weight'


def main(model: str, target: Path, layers: int = 2, seed: int = 0) -> int:
    """Write the checkpoint; return how many layers its MIDI has.

    Args:
        model: a checkpoint.
        target: folder to make.
        layers: how many more.
        seed: of the new layers' inner weights.

    Raises:
        CheckpointError: the checkpoint cannot be read.
        ConfigError: the target exists, or fewer than one layer is asked for.
    """
    if layers < 1:
        raise ConfigError(f'layers={layers}: expected 1 or more')
    if target.exists():
        raise ConfigError(f'{target} exists: name a new folder, or move it away first')
    spec = read_spec(model)
    tensors = load_file(spec.folder('midi') / 'model.safetensors')
    settings = json.loads((spec.folder('mamba') / 'config.json').read_text(encoding='utf-8'))
    shapes = {name: tuple(tensor.shape) for name, tensor in tensors.items()}
    sizes = Midi.from_shapes(shapes, model).mamba.sizes
    number = sizes.layers + layers
    torch.manual_seed(seed)
    tensors |= new_layers(replace(sizes, layers=layers), after=sizes.layers)

    def write(folder: Path) -> None:
        for part in ('midi', 'mamba'):
            copy_settings(spec.folder(part), folder / part)
        save_tensors(tensors, folder / 'midi' / 'model.safetensors')
        save_json({**settings, 'num_hidden_layers': number}, folder / 'mamba' / 'config.json')
        own = {'midi': 'midi', 'mamba': 'mamba'}
        write_yaml(folder, spec, own, f'{model} with {layers} more layers')

    save_folder(target, write)
    return number


def new_layers(sizes: MambaSizes, after: int) -> dict[str, Tensor]:
    """Return the tensors of ``sizes.layers`` layers that add nothing, numbered from ``after``."""
    new = untrained_midi(sizes, Sizes()).state_dict()
    tensors = {}
    for name, tensor in new.items():
        if name.startswith(LAYERS):
            number, part = name.removeprefix(LAYERS).split('.', 1)
            kept = torch.zeros_like(tensor) if part == LAST else tensor
            tensors[f'{LAYERS}{after + int(number)}.{part}'] = kept
    return tensors


def command_line() -> int:
    """Run the command; return its exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add('model', help='checkpoint')
    add('target', type=Path, help='folder to make')
    add('--layers', type=int, default=2, help='how many more (2)')
    add('--seed', type=int, default=0, help="of the new layers' inner weights (0)")
    try:
        number = main(**vars(parser.parse_args()))
    except SsrError as error:
        print(f'{type(error).__name__}: {error}', file=sys.stderr)
        return 2
    print(f'MIDI has {number} layers')
    return 0


if __name__ == '__main__':
    sys.exit(command_line())
