# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The base VLM of a small SSR: all of a Qwen2.5-VL trained on colour images, questions, answers.

    python -m training.small.base_vlm training/recipes/smoke/base_vlm.yaml

It plays the part that the public Qwen2.5-VL plays for the 3B and 7B sizes: a model that sees
colour, and no depth. The output is a checkpoint whose MIDI is still the one it started with.
"""

from __future__ import annotations

from pathlib import Path

from training.data.frames import FrameReader
from training.data.lengths import Lengths
from training.models.answer import AnswerModel
from training.run import launch
from training.run.exporting import export_vlm, Tensors
from training.run.launch import Plan, Stage
from training.small.readings import VLM_TOLD
from training.small.settings import BaseVlmSettings


def main(config: BaseVlmSettings) -> Path:
    """Train the VLM; see ``launch.train``."""
    return launch.train(config, build)


def build(stage: Stage) -> Plan:
    """Load the VLM and find the samples."""
    vlm = stage.parts.vlm(trained=True)

    def export(folder: Path, tensors: Tensors) -> dict[str, str]:
        return export_vlm(stage.parts, vlm, tensors, folder)

    samples = stage.samples(FrameReader(None, vlm.prompt), change=VLM_TOLD[stage.config.told])
    model = AnswerModel(vlm, Lengths(stage.config.data), at_once=stage.at_once)
    return Plan(model, samples, export, 'base VLM; MIDI is not trained yet', stage.parts.spec)


if __name__ == '__main__':
    launch.command_line(BaseVlmSettings, main, __doc__)
