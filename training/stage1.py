# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Stage 1: MIDI learns to reason, its latents learn to be read by a language model.

    python -m training.stage1 training/recipes/smoke/stage1.yaml
    accelerate launch --config_file training/recipes/fsdp.yaml -m training.stage1 RECIPE

Trained: Mamba with its embeddings and the three projectors (and the encoders, for sizes that
nobody has pretrained). Frozen: CLIP, SigLIP, the teacher. The output is a checkpoint for
``load_reasoner``: the VLM that it started from, untouched, with the new MIDI plugged in.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from training.data.datasets import FrameReader, Lengths, sample_sets, SampleSet
from training.models.rationale import Encoders, save_memory, Stage1Model
from training.run import launch
from training.run.launch import encoders_cache, Stage
from training.run.settings import Stage1Settings


def main(config: Stage1Settings) -> Path:
    """Train, or go on with a run that was interrupted.

    Returns:
        The newest checkpoint's folder; ``run.output`` itself can be given to ``load_reasoner``.

    Raises:
        ConfigError: a setting cannot be used, or the output holds a run with other settings.
        CheckpointError: a part cannot be loaded.
        DataError: there is no data, or too much of it is broken.
        TrainingError: the loss is not a number, or a checkpoint cannot be written.
    """
    stage = launch.start(config)
    launch.check_encoders(stage, config.train_encoders)
    model, train, val = _build(stage, config)
    note = f'stage 1, {len(train)} samples: MIDI plugged into an untouched VLM'
    return launch.train_midi(stage, config, (model, train, val), note)


def _build(stage: Stage, config: Stage1Settings) -> tuple[Any, SampleSet, SampleSet | None]:
    encoders = stage.parts.encoders(config.train_encoders)
    teacher, teacher_tokenizer, width = stage.parts.load_teacher()
    midi = stage.parts.midi(encoders, width)
    if stage.parts.spec.n_tor == 0:
        midi.tor_proj.requires_grad_(False)  # nothing goes through it
    if config.model.save_memory:
        save_memory(midi)
    model = Stage1Model(
        midi,
        Encoders(encoders, config.train_encoders),
        teacher,
        (stage.parts.tokenizer(), teacher_tokenizer),
        stage.parts.spec.n_tor,
        Lengths(config.data),
    )
    reader = FrameReader(encoders, None, encoders_cache(stage, config))
    return model, *sample_sets(config.data, reader, rationales=True)


if __name__ == '__main__':
    launch.command_line(Stage1Settings, main, __doc__)
