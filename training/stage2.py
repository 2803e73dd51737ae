# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Stage 2: MIDI and a LoRA adapter of the VLM learn to answer together.

    python -m training.stage2 training/recipes/smoke/stage2.yaml
    accelerate launch --config_file training/recipes/fsdp.yaml -m training.stage2 RECIPE

Trained: MIDI, all of it, and the adapter on the seven projections by name, which also reaches the
vision tower's MLPs, as in the released adapters. The published recipe lists the ``<tor>`` row of
the input embeddings too; the latents overwrite that row wherever it stands, its gradient is zero,
and so there is nothing to train or to store.

``with_midi=false`` fine-tunes the adapter alone on the same answers: the control that shows what
the latents add. ``lora.rank=0`` leaves the VLM as it is and trains only MIDI.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from torch import Tensor

from ssr_ros.errors import ConfigError
from training.data.datasets import FrameReader, Lengths, sample_sets, SampleSet
from training.models import adapter
from training.models.answer import AnswerModel
from training.models.rationale import Encoders, save_memory
from training.run import launch, parts
from training.run.launch import encoders_cache, Stage
from training.run.loop import Job, Trainer
from training.run.settings import Stage2Settings


def main(config: Stage2Settings) -> Path:
    """Train, or go on with a run that was interrupted.

    Returns:
        The newest checkpoint's folder; ``run.output`` itself can be given to ``load_reasoner``.

    Raises:
        ConfigError: a setting cannot be used, or the output holds a run with other settings.
        CheckpointError: a part cannot be loaded.
        DataError: there is no data, or too much of it is broken.
        TrainingError: the loss is not a number, or a checkpoint cannot be written.
    """
    if not config.with_midi and (config.lora.rank == 0 or config.train_encoders):
        raise ConfigError('with_midi=false trains the adapter alone: it needs lora.rank above 0')
    stage = launch.start(config)
    launch.check_encoders(stage, config.train_encoders)
    model, train, val = _build(stage, config)

    def export(folder: Path, tensors: dict[str, Tensor]) -> dict[str, str]:
        own = {}
        if config.with_midi:
            own |= launch.export_midi(stage, model, tensors, folder)
        if config.lora.rank:
            adapter.write_adapter(tensors, config.lora, stage.parts.spec.vlm, folder / 'ssr_vlm')
            own['adapter'] = 'ssr_vlm'
        return own

    def publish(own: dict[str, str]) -> None:
        what = 'MIDI and adapter' if config.with_midi else 'adapter alone, to be used without MIDI'
        note = f'stage 2, {len(train)} samples: {what}'
        spec = stage.parts.spec if config.with_midi else stage.spec_without_latents
        parts.write_yaml(Path(config.run.output), spec, own, note)

    return Trainer(Job(config, model, train, val, export, publish), stage.accelerator).run()


def _build(stage: Stage, config: Stage2Settings) -> tuple[Any, SampleSet, SampleSet | None]:
    vlm = stage.parts.vlm()
    if config.lora.rank:
        adapter.add_adapter(vlm.model, config.lora, config.seed)
    lengths = Lengths(config.data)
    if config.with_midi:
        if stage.parts.spec.n_tor == 0:
            raise ConfigError('n_tor=0: no latent reaches the VLM; use with_midi=false')
        encoders = stage.parts.encoders(config.train_encoders)
        midi = stage.parts.midi(encoders, vlm.width)
        model = AnswerModel(
            vlm,
            lengths,
            midi,
            Encoders(encoders, config.train_encoders),
            stage.parts.tokenizer(),
            stage.parts.spec.n_tor,
        )
        reader = FrameReader(encoders, vlm.prompt, encoders_cache(stage, config))
    else:
        model, reader = AnswerModel(vlm, lengths), FrameReader(None, vlm.prompt)
    if config.model.save_memory:
        save_memory(model.midi, vlm.model)
    return model, *sample_sets(config.data, reader)


if __name__ == '__main__':
    launch.command_line(Stage2Settings, main, __doc__)
