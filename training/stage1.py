# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Stage 1: MIDI learns to reason, its latents learn to be read by a language model.

    python -m training.stage1 training/recipes/smoke/stage1.yaml
    accelerate launch --config_file training/recipes/fsdp.yaml -m training.stage1 RECIPE

Trained: Mamba with its embeddings and the three projectors. Frozen: CLIP, SigLIP, the teacher.
The output is a checkpoint for ``load_reasoner``: the VLM that it started from, untouched, with the
new MIDI plugged in.
"""

from __future__ import annotations

from pathlib import Path

from training.data.datasets import Change
from training.data.frames import FrameReader
from training.models.rationale import Stage1Model
from training.run import launch
from training.run.launch import Plan, plan_midi, Stage
from training.run.settings import Stage1Settings


def main(config: Stage1Settings) -> Path:
    """Run stage 1; see ``launch.train``."""
    return launch.train(config, build)


def build(stage: Stage, change: Change | None = None) -> Plan:
    """Load the models and find the samples.

    Args:
        stage: what the run starts with.
        change: applied to every row; the published recipe has none.
    """
    encoders = stage.parts.encoders()
    teacher, teacher_tokenizer, width = stage.parts.load_teacher()
    interpreter = stage.interpreter(encoders, width)
    if interpreter.n_tor == 0:
        interpreter.midi.tor_proj.requires_grad_(False)  # nothing goes through it
    model = Stage1Model(interpreter, teacher, teacher_tokenizer)
    reader = FrameReader(encoders, None, stage.feature_cache())
    samples = stage.samples(reader, rationales=True, change=change)
    return plan_midi(stage, model, samples, 'stage 1: MIDI plugged into an untouched VLM')


if __name__ == '__main__':
    launch.command_line(Stage1Settings, main, __doc__)
