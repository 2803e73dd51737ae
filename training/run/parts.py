# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Load the parts that a run starts from, and say in the end where its own ones are."""

from __future__ import annotations

from dataclasses import dataclass, replace
import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import torch
from torch import nn, Tensor
from transformers import Qwen2ForCausalLM
import yaml

from ssr_ros.errors import CheckpointError, ConfigError
from ssr_ros.model.checkpoint import reading, TensorFiles
from ssr_ros.model.encoders import (
    DepthEncoder,
    ImageEncoder,
    load_depth_encoder,
    load_image_encoder,
)
from ssr_ros.model.hub import fetch
from ssr_ros.model.load import load_midi
from ssr_ros.model.midi import Midi
from ssr_ros.model.pretrained import load_pretrained
from ssr_ros.model.spec import CheckpointSpec, HUB_NAME, read_spec, YAML_NAME
from ssr_ros.model.tokens import SsrTokenizer
from ssr_ros.model.vlm import load_vlm, VisionLanguageModel
from training.models import scan_gpu
from training.run.saving import save_text
from training.run.settings import ModelSettings

NAMES = ('image_encoder', 'depth_encoder', 'mamba', 'midi', 'vlm')


@dataclass(frozen=True)
class Parts:
    """Where everything comes from, and how it is loaded.

    Attributes:
        spec: the parts; ``midi`` is '' where a new one is to be made.
        teacher: folder or hub name, '' for the VLM's own language model.
        device: where to.
        frozen_dtype: of the models that are not trained.
    """

    spec: CheckpointSpec
    teacher: str
    device: torch.device
    frozen_dtype: torch.dtype

    def folder(self, part: str) -> Path:
        """Return the local folder of a part or of the teacher, fetching what a hub name names.

        Raises:
            CheckpointError: it is neither a folder nor to be had from the hub.
        """
        if part != 'teacher':
            return self.spec.folder(part)
        if not self.teacher:
            return self.spec.folder('vlm')
        folder = Path(self.teacher).expanduser()
        if folder.is_dir():
            return folder
        if not HUB_NAME.fullmatch(self.teacher):
            raise CheckpointError(f'teacher: {self.teacher!r} is neither a folder nor a name')
        return fetch(self.teacher, 'teacher')

    def encoders(self, trained: bool = False) -> tuple[ImageEncoder, DepthEncoder]:
        """Load CLIP and SigLIP, in float32 where they are to be trained."""
        dtype = torch.float32 if trained else self.frozen_dtype
        image, depth = self.spec.folder('image_encoder'), self.spec.folder('depth_encoder')
        return (
            load_image_encoder(image, self.device, dtype),
            load_depth_encoder(depth, self.device, dtype, self.spec.depth_range_m),
        )

    def tokenizer(self) -> SsrTokenizer:
        """Load MIDI's tokenizer."""
        with reading(self.spec.folder('mamba')):
            return SsrTokenizer(self.spec.folder('mamba'))

    def midi(self, encoders: tuple[ImageEncoder, ImageEncoder], width: int) -> Midi:
        """Load MIDI, or make one from its Mamba, in float32 and ready to be trained.

        Args:
            encoders: whose tokens it reads.
            width: of the model that reads the latents.

        Raises:
            ConfigError: it was made for other widths.
        """
        if self.spec.midi:
            midi = load_midi(self.spec, self.device)
        else:
            midi = new_midi(self.spec.folder('mamba', whole=True), encoders, width).to(self.device)
        first: Any = midi.image_proj[0], midi.depth_proj[0], midi.tor_proj[2]
        found = (first[0].in_features, first[1].in_features, first[2].out_features)
        if found != (encoders[0].width, encoders[1].width, width):
            raise ConfigError(
                f'MIDI is made for encoders of width {found[0]} and {found[1]} and a language '
                f'model of width {found[2]}; here they are {encoders[0].width}, '
                f'{encoders[1].width} and {width}'
            )
        scan_gpu.install(midi.mamba, self.device)
        return midi.train().requires_grad_(True)

    def vlm(self, trained: bool = False) -> VisionLanguageModel:
        """Load the vision-language model."""
        dtype = torch.float32 if trained else self.frozen_dtype
        vlm = load_vlm(self.spec.folder('vlm'), self.spec.image_size, self.device, dtype)
        vlm.model.requires_grad_(trained)
        return vlm

    def load_teacher(self) -> tuple[Any, SsrTokenizer, int]:
        """Load stage 1's teacher, its tokenizer and its width."""
        if not self.teacher:
            vlm = self.vlm()
            return TextOfVlm(vlm), vlm.tokenizer, vlm.width
        folder = self.folder('teacher')
        teacher = load_pretrained(Qwen2ForCausalLM, folder, self.device, self.frozen_dtype)
        with reading(folder):
            return teacher, SsrTokenizer(folder), int(teacher.config.hidden_size)


class TextOfVlm(nn.Module):
    """The language model inside a VLM, reading text alone."""

    def __init__(self, vlm: VisionLanguageModel) -> None:
        super().__init__()
        self.language_model = vlm.model.model.language_model
        self.lm_head = vlm.model.lm_head

    def get_input_embeddings(self) -> nn.Module:
        """Return the embeddings, as transformers' models do."""
        embeddings: nn.Module = self.language_model.get_input_embeddings()
        return embeddings

    def forward(self, inputs_embeds: Tensor, use_cache: bool = False) -> Any:
        """(B, T, width) -> an object with ``logits`` (B, T, vocabulary)."""
        hidden = self.language_model(inputs_embeds=inputs_embeds, use_cache=use_cache)
        return SimpleNamespace(logits=self.lm_head(hidden.last_hidden_state))


def find_parts(settings: ModelSettings, device: torch.device) -> Parts:
    """Gather the parts from ``start`` and from the settings that override it.

    Raises:
        ConfigError: a part is named by neither, or ``start`` has an adapter.
        CheckpointError: ``start`` cannot be read.
    """
    named = {name: getattr(settings, name) for name in NAMES}
    given: dict[str, Any] = {name: part for name, part in named.items() if part}
    if settings.start:
        spec = read_spec(settings.start)
        # Folders in the settings are relative to the working directory, not to start's yaml.
        given = {name: str(_here(part)) for name, part in given.items()}
    else:
        missing = [name for name in NAMES if name not in given and name != 'midi']
        if missing:
            raise ConfigError(
                f'model: {", ".join(missing)}: needed where model.start is not given'
            )
        spec = CheckpointSpec(Path.cwd() / 'settings', '', '', '', '', '')
    if spec.adapter:
        raise ConfigError(
            f'{spec.source} has an adapter already: start from the checkpoint before stage 2'
        )
    spec = replace(spec, **given)
    if settings.n_tor >= 0:
        spec = replace(spec, n_tor=settings.n_tor)
    if settings.image_size:
        spec = replace(spec, image_size=(settings.image_size[0], settings.image_size[-1]))
    dtype = torch.bfloat16 if settings.bf16 else torch.float32
    return Parts(spec, settings.teacher, device, dtype)


def new_midi(mamba: Path, encoders: tuple[ImageEncoder, ImageEncoder], width: int) -> Midi:
    """Make a MIDI from a pretrained Mamba: its weights, and untrained projectors.

    Raises:
        TensorMismatchError: the folder holds no Mamba.
    """
    files = TensorFiles(mamba)
    inner = next((s[1] for n, s in files.shapes.items() if n.endswith('embeddings.weight')), 0)
    shapes = {f'mamba.{name}': shape for name, shape in files.shapes.items()}
    shapes['image_proj.0.weight'] = (inner, encoders[0].width)
    shapes['depth_proj.0.weight'] = (inner, encoders[1].width)
    shapes['tor_proj.0.weight'] = (width, inner)
    midi = Midi.from_shapes(shapes, str(mamba))
    targets = dict(midi.mamba.named_parameters())
    names = [name for name in files.shapes if name in targets]
    if set(names) != set(targets):
        raise CheckpointError(f'{mamba}: {len(targets) - len(names)} tensors of a Mamba missing')
    with torch.no_grad():
        for name, tensor in files.tensors(names):
            targets[name].copy_(tensor)
    return midi


def write_yaml(folder: Path, spec: CheckpointSpec, own: dict[str, str], note: str) -> None:
    """Write the reasoner.yaml of a run's newest checkpoint, in one go.

    Args:
        folder: of the run.
        spec: the parts that the run started from.
        own: part -> folder, relative to ``folder``, of the parts that the run has trained.
        note: a sentence for people.
    """
    content: dict[str, Any] = {}
    for name in NAMES:
        part = str(getattr(spec, name))
        local = spec.source.parent / Path(part).expanduser()
        if local.is_dir():  # resolved, or '..' would start beside what a symbolic link names
            part = os.path.relpath(local.resolve(), folder.resolve())
        content[name] = part
    content |= own
    content |= {'n_tor': spec.n_tor, 'image_size': list(spec.image_size), **spec.taught}
    if spec.look_size:
        content['look_size'] = list(spec.look_size)
    if spec.depth_range_m:
        content['depth_range_m'] = list(spec.depth_range_m)
    content |= {'trained': 'midi' in own or spec.trained, 'note': note}
    save_text(folder / YAML_NAME, yaml.safe_dump(content, sort_keys=False))


def _here(part: str) -> str | Path:
    path = Path(part).expanduser()
    return path.resolve() if path.is_dir() else part
