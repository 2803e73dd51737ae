# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Stage 2: MIDI and a LoRA adapter of the VLM learn to answer together.

    python -m training.stage2 training/recipes/smoke/stage2.yaml
    accelerate launch --config_file training/recipes/fsdp.yaml -m training.stage2 RECIPE

Trained: MIDI, all of it, and the adapter on the seven projections by name, which also reaches the
vision tower's MLPs, as in the released adapters. The published recipe lists the ``<tor>`` row of
the input embeddings too; the latents overwrite that row wherever it stands, its gradient is zero,
and so there is nothing to train or to store.

``encoders=0.3`` trains CLIP and SigLIP too, at that share of the rate: for a small model, whose
towers are its own.

``with_midi=false`` fine-tunes the adapter alone on the same answers: the control that shows what
the latents add. ``lora.rank=0`` leaves the VLM as it is and trains only MIDI.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from ssr_ros.errors import ConfigError
from ssr_ros.model.vlm import VisionLanguageModel
from training.data.frames import FrameReader
from training.data.lengths import Lengths
from training.data.stand_ins import StandIns
from training.models.adapter import add_adapter, write_adapter
from training.models.answer import AnswerModel
from training.models.interpreter import Interpreter, save_memory
from training.run import launch
from training.run.exporting import export_encoders, export_midi, Tensors
from training.run.launch import Plan, Stage
from training.run.settings import Stage2Settings


def main(config: Stage2Settings) -> Path:
    """Run stage 2; see ``launch.train``."""
    if not config.with_midi and config.lora.rank == 0:
        raise ConfigError('with_midi=false trains the adapter alone: it needs lora.rank above 0')
    if config.encoders and (not config.with_midi or config.data.feature_cache):
        raise ConfigError(
            'encoders: what is trained is read by MIDI and has no features that could be kept; '
            'expected 0 with with_midi=false, and no data.feature_cache otherwise'
        )
    if not config.with_midi and config.stand_ins:
        raise ConfigError(
            'stand_ins: things that nobody hears by their own names cannot be found; expected 0 '
            'with with_midi=false'
        )
    return launch.train(config, build)


def build(stage: Stage) -> Plan:
    """Load the models and find the samples.

    Raises:
        ConfigError: no latent reaches the VLM.
    """
    config, vlm = stage.config, stage.parts.vlm()
    if config.lora.rank:
        add_adapter(vlm.model, config.lora, config.seed)
    if config.model.save_memory:
        save_memory(None, vlm.model)
    if config.with_midi:
        interpreter, reader = _interpreter(stage, vlm)
        what, spec = 'MIDI and adapter', stage.parts.spec
    else:
        interpreter, reader = None, FrameReader(None, vlm.prompt)
        what = 'adapter alone, to be used without MIDI'
        spec = replace(stage.parts.spec, n_tor=0)
    keeps = config.keep_rationale, config.rationale_every
    at_once = stage.at_once
    model = AnswerModel(vlm, Lengths(config.data), interpreter, *keeps, at_once=at_once)
    model.shares = {'encoders.': config.encoders}

    def export(folder: Path, tensors: Tensors) -> dict[str, str]:
        own: dict[str, str] = {}
        if interpreter is not None:
            own |= export_midi(stage.parts, interpreter.midi, tensors, folder)
            if config.encoders:
                own |= export_encoders(stage.parts, interpreter.encoders, tensors, folder)
        if config.lora.rank:
            write_adapter(tensors, config.lora, spec.vlm, folder / 'ssr_vlm')
            own['adapter'] = 'ssr_vlm'
        return own

    train, val = stage.samples(reader)
    if config.stand_ins:
        train = train.also(StandIns(train.rows, config.stand_ins, config.seed))
    return Plan(model, (train, val), export, f'stage 2: {what}', spec)


def _interpreter(stage: Stage, vlm: VisionLanguageModel) -> tuple[Interpreter, FrameReader]:
    if stage.parts.spec.n_tor == 0:
        raise ConfigError('n_tor=0: no latent reaches the VLM; use with_midi=false')
    trained = stage.config.encoders > 0
    encoders = stage.parts.encoders(trained)
    reader = FrameReader(encoders, vlm.prompt, stage.feature_cache())
    return stage.interpreter(encoders, vlm.width, trained), reader


if __name__ == '__main__':
    launch.command_line(Stage2Settings, main, __doc__)
