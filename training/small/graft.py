# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Put better vision towers before a MIDI that knows older ones, and lose little of what it knows.

    python -m training.small.graft nano out/nano/encoders out/grafted --worlds out/worlds/train

What the old towers say of a patch is found again in what the new ones say, by least squares, and
that map is folded into the first matrix that reads them. The new towers may say more: the map
keeps every direction of theirs, and what MIDI is trained on then makes use of it.

The output is a checkpoint with the new towers, MIDI and the VLM as it was before SSR.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
import sys

from safetensors.torch import load_file
import torch
from torch import Tensor

from ssr_ros.errors import ConfigError, SsrError
from ssr_ros.model import load_reasoner
from ssr_ros.model.spec import read_spec
from training.run.exporting import copy_settings
from training.run.parts import write_yaml
from training.run.saving import save_folder, save_tensors
from training.small.align import look

RIDGE = 1e-4
"""How much small maps are preferred, in parts of the tokens' mean square."""

CHECKED = 6
"""One view of so many is not fitted to, and says how well the map does."""


def main(
    model: str, towers: str, target: Path, worlds: Path, views: int = 600
) -> dict[str, float]:
    """Write the checkpoint; return how much of each old tower's variance was found again, 0..1.

    Args:
        model: a checkpoint whose MIDI knows its own towers.
        towers: a checkpoint with new ones of the same number of patches.
        target: folder to make.
        worlds: rendered views.
        views: how many of them are looked at.

    Raises:
        CheckpointError: a checkpoint cannot be read.
        ConfigError: the target exists, there are no views, or the towers have other patches.
        FrameError: a view cannot be read.
    """
    if target.exists():
        raise ConfigError(f'{target} exists: name a new folder, or move it away first')
    known, better = read_spec(model), read_spec(towers)
    old, new = (
        look(load_reasoner(name, device='cpu'), worlds, views, 0) for name in (model, towers)
    )
    tensors = load_file(known.folder('midi') / 'model.safetensors')
    tensors = {name: tensor.float() for name, tensor in tensors.items()}
    found = {}
    for name, before, after in (('image', old.whole, new.whole), ('depth', old.depth, new.depth)):
        weight, bias, found[name] = fitted(after, before)
        first = tensors[f'{name}_proj.0.weight']
        tensors[f'{name}_proj.0.weight'] = first @ weight
        tensors[f'{name}_proj.0.bias'] = tensors[f'{name}_proj.0.bias'] + first @ bias
    image, depth = (better.folder(part).resolve() for part in ('image_encoder', 'depth_encoder'))
    spec = replace(known, adapter='', image_encoder=str(image), depth_encoder=str(depth))

    def write(folder: Path) -> None:
        copy_settings(known.folder('midi'), folder / 'midi')
        save_tensors(tensors, folder / 'midi' / 'model.safetensors')
        write_yaml(folder, spec, {'midi': 'midi'}, f'{model} behind the towers of {towers}')

    save_folder(target, write)
    return found


def fitted(tokens: Tensor, wanted: Tensor) -> tuple[Tensor, Tensor, float]:
    """Fit an affine map from (views, patches, W) tokens to (views, patches, V) others.

    Returns:
        (V, W) and (V,) of the map, and the share of ``wanted``'s variance that it gives in views
        that it was not fitted to.

    Raises:
        ConfigError: there are other patches, or too few views.
    """
    if tokens.shape[:2] != wanted.shape[:2] or len(tokens) < 2:
        raise ConfigError(
            'towers with the same patches and 2 views are needed, got '
            f'{tuple(tokens.shape[:2])} and {tuple(wanted.shape[:2])} (views, patches)'
        )
    held_out = torch.arange(len(tokens)) % CHECKED == 0
    inputs = torch.cat([tokens, torch.ones_like(tokens[..., :1])], -1).double()
    x, y = inputs[~held_out].flatten(0, 1), wanted[~held_out].double().flatten(0, 1)
    square = x.T @ x
    ridge = RIDGE * square.diagonal().mean() * torch.eye(len(square), dtype=torch.double)
    weights = torch.linalg.solve(square + ridge, x.T @ y)
    u, v = inputs[held_out].flatten(0, 1), wanted[held_out].double().flatten(0, 1)
    left = (u @ weights - v).square().sum() / (v - v.mean(0)).square().sum()
    return weights[:-1].T.float(), weights[-1].float(), 1 - float(left)


def command_line() -> int:
    """Run the command; return its exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add('model', help='checkpoint whose MIDI knows its own towers')
    add('towers', help='checkpoint with better ones')
    add('target', type=Path, help='folder to make')
    add('--worlds', type=Path, required=True, help='folder of rendered views')
    add('--views', type=int, default=600, help='how many are looked at (600)')
    try:
        found = main(**vars(parser.parse_args()))
    except SsrError as error:
        print(f'{type(error).__name__}: {error}', file=sys.stderr)
        return 2
    for name, share in found.items():
        print(f'{name}: {100 * share:.1f} % of the variance of the old tokens found again')
    return 0


if __name__ == '__main__':
    sys.exit(command_line())
