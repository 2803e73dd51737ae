# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Start an untrained MIDI near what its pretrained encoders show.

    python -m training.small.align encoders aligned --worlds out/worlds/train

CLIP and mamba-130m come with words and pictures that know each other a little. In a small MIDI
from nothing they do not: it reads thousands of rationales before it looks at the picture. So:

- the projectors start with outputs as large as the word embeddings, whatever the encoders' scale;
- a colour, a shape, a column and a row start as the mean of the patches that show them;
- what a token asks the state for (C) starts as what it would write into it (B), so that a word
  finds the patches that resemble it; and no part of the state forgets within a frame.

The output is a MIDI folder for ``model.midi`` of stage 1.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
import random
import sys

from safetensors.torch import load_file
import torch
from torch import Tensor
from torch.nn import functional as F

from ssr_ros.errors import ConfigError, SsrError
from ssr_ros.model import load_reasoner, Reasoner
from ssr_ros.model.spec import read_spec
from ssr_ros.model.tokens import SsrTokenizer
from ssr_ros.scene.fields import COLUMNS, FIELDS
from training.run.exporting import copy_settings
from training.run.saving import save_folder, save_tensors
from training.small.labels import patch_classes
from training.worlds.palette import COLORS, SHAPES
from training.worlds.store import load_view, stored_stems

EMBEDDINGS = 'mamba.backbone.embeddings.weight'
SCALE = 0.2
"""Standard deviation of words and of projected patches."""

SLOWEST, FASTEST = 0.05, 2.0
"""Decay rates of the state. With steps of 0.001 to 0.1 the slowest outlasts a frame by far."""


@dataclass(frozen=True)
class Patches:
    """Some views as the encoders see them.

    Attributes:
        image: (views, patches, width) of the image encoder, the class token left out.
        whole: the same with the class token.
        depth: (views, patches, width) of the depth encoder.
        classes: (views, 4, patches), see patch_classes.
    """

    image: Tensor
    whole: Tensor
    depth: Tensor
    classes: Tensor


def main(checkpoint: str, target: Path, worlds: Path, views: int = 250, seed: int = 0) -> Path:
    """Write the MIDI.

    Args:
        checkpoint: with pretrained encoders and an untrained MIDI.
        target: folder to make.
        worlds: rendered views.
        views: how many of them are looked at.
        seed: of which ones.

    Raises:
        CheckpointError: the checkpoint cannot be read.
        ConfigError: the target exists, or there are no views.
        FrameError: a view cannot be read.
    """
    if target.exists():
        raise ConfigError(f'{target} exists: name a new folder, or move it away first')
    spec = read_spec(checkpoint)
    reasoner = load_reasoner(checkpoint, device='cpu')
    patches = look(reasoner, worlds, views, seed)
    tensors = load_file(spec.folder('midi') / 'model.safetensors')
    tensors = {name: tensor.float() for name, tensor in tensors.items()}
    for name, tokens in (('image', patches.whole), ('depth', patches.depth)):
        tensors |= scaled_projector(tensors, name, tokens)
    tensors[EMBEDDINGS] = words(tensors, patches, reasoner.midi_tokenizer)
    tensors |= resembling(tensors)

    def write(folder: Path) -> None:
        copy_settings(spec.folder('midi'), folder / 'midi')
        save_tensors(tensors, folder / 'midi' / 'model.safetensors')

    save_folder(target, write)
    return target / 'midi'


def look(reasoner: Reasoner, worlds: Path, views: int, seed: int) -> Patches:
    """Encode some views.

    Raises:
        ConfigError: there are none.
        FrameError: one cannot be read.
    """
    stems = stored_stems(worlds)
    if not stems:
        raise ConfigError(f'{worlds}: there are no rendered views')
    random.Random(seed).shuffle(stems)
    whole, depth, classes = [], [], []
    for stem in stems[:views]:
        view = load_view(worlds, stem)
        whole.append(reasoner.image_encoder(view.frame.rgb)[0].float())
        picture = reasoner.depth_encoder.picture(view.frame.depth_m)
        depth.append(reasoner.depth_encoder(picture)[0].float())
        side = round(len(depth[-1]) ** 0.5)
        classes.append(patch_classes(view.segmentation, view.truth['things'], (side, side)))
    image = torch.stack(whole)
    return Patches(image[:, 1:], image, torch.stack(depth), torch.stack(classes))


def scaled_projector(tensors: dict[str, Tensor], name: str, tokens: Tensor) -> dict[str, Tensor]:
    """Return a projector whose hidden layer sees unit variance and whose output has SCALE."""
    keys = [f'{name}_proj.{layer}.{kind}' for layer in (0, 2) for kind in ('weight', 'bias')]
    flat = tokens.flatten(0, 1)
    first = tensors[keys[0]] * 3**0.5 / (flat.std(0) + 1e-3)  # it was drawn with variance 1 / 3
    bias = -(first @ flat.mean(0))
    hidden = F.gelu(F.linear(flat, first, bias))
    out = hidden @ tensors[keys[2]].T
    factor = SCALE / out.std(0).mean()
    values = (first, bias, tensors[keys[2]] * factor, -out.mean(0) * factor)
    return dict(zip(keys, values, strict=True))


def words(tensors: dict[str, Tensor], patches: Patches, tokenizer: SsrTokenizer) -> Tensor:
    """Return the embeddings, with words for what can be seen set to what it looks like."""
    embeddings = tensors[EMBEDDINGS] * (SCALE / tensors[EMBEDDINGS].std())
    for word, meaning in _meanings(tensors, patches):
        ids = tokenizer.encode(word)
        if len(ids) == 1:  # a word in pieces has no embedding of its own
            embeddings[ids[0]] = meaning / meaning.std() * SCALE
    return embeddings


def _meanings(tensors: dict[str, Tensor], patches: Patches) -> Iterator[tuple[str, Tensor]]:
    image = _projected(tensors, 'image', patches.image)
    depth = _projected(tensors, 'depth', patches.depth)
    color, kind = patches.classes[:, 0], patches.classes[:, 1]
    both = image + depth  # a shape is seen in either image
    for names, found, first, tokens in ((COLORS, color, 1, image), (SHAPES, kind, 2, both)):
        any_object = tokens[color > 0].mean(0)
        for number, name in enumerate(names):
            if (found == number + first).any():
                yield f' {name}', tokens[found == number + first].mean(0) - any_object
    side = round(image.shape[1] ** 0.5)
    places = torch.arange(side**2)
    across, down = (at * FIELDS // side for at in (places % side, places // side))
    for number, letter in enumerate(COLUMNS):
        for word, here in ((f' {letter}', across == number), (str(number + 1), down == number)):
            if here.any():
                yield word, image[:, here].mean((0, 1)) + depth[:, here].mean((0, 1))


def _projected(tensors: dict[str, Tensor], name: str, tokens: Tensor) -> Tensor:
    first, bias, second, shift = (
        tensors[f'{name}_proj.{layer}.{kind}'] for layer in (0, 2) for kind in ('weight', 'bias')
    )
    return F.linear(F.gelu(F.linear(tokens, first, bias)), second, shift)


def resembling(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """Return the layers' tensors that make a token find what resembles it, however long ago."""
    found = {}
    for name, rates in tensors.items():
        if name.endswith('.A_log'):
            state = rates.shape[1]
            found[name] = torch.linspace(SLOWEST, FASTEST, state).log().repeat(len(rates), 1)
            mixing = name.replace('.A_log', '.x_proj.weight')
            found[mixing] = tensors[mixing].clone()
            found[mixing][-state:] = found[mixing][-2 * state : -state]
    return found


def command_line() -> int:
    """Run the command; return its exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add('checkpoint', help='with pretrained encoders and an untrained MIDI')
    add('target', type=Path, help='folder to make')
    add('--worlds', type=Path, required=True, help='folder of rendered views')
    add('--views', type=int, default=250, help='how many are looked at (250)')
    add('--seed', type=int, default=0)
    try:
        print(main(**vars(parser.parse_args())))
    except SsrError as error:
        print(f'{type(error).__name__}: {error}', file=sys.stderr)
        return 2
    return 0


if __name__ == '__main__':
    sys.exit(command_line())
