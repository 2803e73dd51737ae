# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What the stages share: starting up, exporting MIDI, and the command line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
import logging
from pathlib import Path
import shutil
import sys
from typing import Any

from accelerate import Accelerator, DistributedType
import torch
from torch import Tensor
from transformers.utils import logging as transformers_logging

from ssr_ros.errors import ConfigError, SsrError
from ssr_ros.model.spec import CheckpointSpec
from ssr_ros.model.vlm import VisionLanguageModel
from training.data.datasets import SampleSet
from training.data.features import FeatureCache, fingerprint
from training.run.loop import Job, Trainer
from training.run.parts import find_parts, Parts, write_yaml
from training.run.saving import save_json, save_tensors
from training.run.settings import read_settings

SIDE_FILES = ('*.json', '*.jinja', '*.txt', '*.model')


@dataclass(frozen=True)
class Stage:
    """What a stage starts with.

    Attributes:
        accelerator: of the processes and devices.
        parts: where the models come from.
    """

    accelerator: Accelerator
    parts: Parts

    @property
    def spec_without_latents(self) -> CheckpointSpec:
        """The parts, to be used without latents."""
        return replace(self.parts.spec, n_tor=0)


def start(config: Any) -> Stage:
    """Set up processes, device and randomness, and find the parts.

    Raises:
        ConfigError: a part is not named.
        CheckpointError: ``model.start`` cannot be read.
    """
    transformers_logging.disable_progress_bar()
    accelerator = Accelerator()
    torch.manual_seed(config.seed)
    return Stage(accelerator, find_parts(config.model, accelerator.device))


def check_encoders(stage: Stage, train_encoders: bool) -> None:
    """Refuse to train the encoders sharded: they are trained in small sizes only.

    Raises:
        ConfigError: FSDP and ``train_encoders``.
    """
    if train_encoders and stage.accelerator.distributed_type == DistributedType.FSDP:
        raise ConfigError('train_encoders: not with FSDP; use training/recipes/ddp.yaml')


def encoders_cache(stage: Stage, config: Any) -> FeatureCache | None:
    """Return the cache of the encoders' features, where one is wanted.

    Raises:
        ConfigError: the encoders are trained, or another process would need the GPU.
    """
    if not config.data.feature_cache:
        return None
    if config.train_encoders:
        raise ConfigError('data.feature_cache: features of encoders that are trained go stale')
    if config.data.workers and stage.accelerator.device.type == 'cuda':
        raise ConfigError('data.feature_cache needs data.workers=0: features are made on the GPU')
    spec = stage.parts.spec
    names = fingerprint([spec.folder('image_encoder'), spec.folder('depth_encoder')])
    dtype = str(stage.parts.frozen_dtype).removeprefix('torch.')
    # Pictures painted over another range are other pictures.
    limits = ''.join(f'-{limit:g}' for limit in spec.depth_range_m or ())
    return FeatureCache(Path(config.data.feature_cache), f'{names}-{dtype}{limits}')


def train_midi(
    stage: Stage, config: Any, built: tuple[Any, SampleSet, SampleSet | None], note: str
) -> Path:
    """Train a model whose only new part is its MIDI; return the newest checkpoint.

    Args:
        stage: what the run starts with.
        config: its settings.
        built: the model, what it trains on, what it evaluates on.
        note: about the checkpoint.

    Raises:
        DataError: too much of the data is broken.
        TrainingError: the loss is not a number, or a checkpoint cannot be written.
    """
    model, train, val = built

    def export(folder: Path, tensors: dict[str, Tensor]) -> dict[str, str]:
        return export_midi(stage, model, tensors, folder)

    def publish(own: dict[str, str]) -> None:
        write_yaml(Path(config.run.output), stage.parts.spec, own, note)

    return Trainer(Job(config, model, train, val, export, publish), stage.accelerator).run()


def export_midi(
    stage: Stage, model: Any, tensors: dict[str, Tensor], folder: Path
) -> dict[str, str]:
    """Write MIDI, and the encoders if they are trained, in the released layout.

    Returns:
        Part -> subfolder.
    """
    spec = stage.parts.spec
    own = {'midi': 'midi'}
    midi = {**model.midi.state_dict(), **part_of(tensors, 'midi.')}
    (folder / 'midi').mkdir()
    save_tensors(midi, folder / 'midi' / 'model.safetensors')
    save_json(
        {
            'architectures': ['MIDI'],
            'model_type': 'MIDI',
            'image_dim': midi['image_proj.0.weight'].shape[1],
            'depth_dim': midi['depth_proj.0.weight'].shape[1],
            'mamba_path_or_name': spec.mamba,
            'llm_path_or_name': stage.parts.teacher or spec.vlm,
        },
        folder / 'midi' / 'config.json',
    )
    return own | export_encoders(stage, model.encoders, tensors, folder)


def export_encoders(
    stage: Stage, encoders: Any, tensors: dict[str, Tensor], folder: Path
) -> dict[str, str]:
    """Write the encoders, if they are trained.

    Returns:
        Part -> subfolder.
    """
    spec, own = stage.parts.spec, {}
    for part, encoder in (('image_encoder', encoders.image), ('depth_encoder', encoders.depth)):
        weights = part_of(tensors, f'encoders.{part.partition("_")[0]}.')
        if weights:
            own[part] = part
            copy_settings(spec.folder(part), folder / part)
            encoder.save_pretrained(folder / part, state_dict={**encoder.state_dict(), **weights})
    return own


def export_vlm(
    stage: Stage, vlm: VisionLanguageModel, weights: dict[str, Tensor], folder: Path
) -> dict[str, str]:
    """Write the whole VLM.

    Args:
        stage: what the run started with.
        vlm: the model.
        weights: its trained tensors.
        folder: of the checkpoint.

    Returns:
        Part -> subfolder.
    """
    copy_settings(stage.parts.spec.folder('vlm'), folder / 'vlm')
    vlm.model.save_pretrained(folder / 'vlm', state_dict={**vlm.model.state_dict(), **weights})
    return {'vlm': 'vlm'}


def part_of(tensors: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
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


def command_line(kind: type[Any], main: Callable[[Any], Path], about: str | None) -> None:
    """Read settings from the command line and run; an expected error is one line, exit code 2."""
    arguments = sys.argv[1:]
    if not arguments or arguments[0] in ('-h', '--help'):
        print(about)
        raise SystemExit(0 if arguments else 2)
    logging.basicConfig(level=logging.INFO, format='%(asctime)s %(message)s', datefmt='%H:%M:%S')
    try:
        print(main(read_settings(kind, arguments)))
    except SsrError as error:
        print(f'{type(error).__name__}: {error}', file=sys.stderr)
        raise SystemExit(2) from error
