# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The base VLM of a small SSR: all of a Qwen2.5-VL trained on colour images, questions, answers.

    python -m training.small.base_vlm training/recipes/smoke/base_vlm.yaml

It plays the part that the public Qwen2.5-VL plays for the 3B and 7B sizes: a model that sees
colour, and no depth. The output is a checkpoint whose MIDI is still the one it started with.
"""

from __future__ import annotations

from pathlib import Path

from torch import Tensor

from training.data.datasets import FrameReader, Lengths, sample_sets
from training.models.answer import AnswerModel
from training.run import launch, parts
from training.run.loop import Job, Trainer
from training.run.settings import BaseVlmSettings


def main(config: BaseVlmSettings) -> Path:
    """Train, or go on with a run that was interrupted.

    Returns:
        The newest checkpoint's folder; ``run.output`` can be the ``model.start`` of stage 1.

    Raises:
        ConfigError: a setting cannot be used, or the output holds a run with other settings.
        CheckpointError: a part cannot be loaded.
        DataError: there is no data, or too much of it is broken.
        TrainingError: the loss is not a number, or a checkpoint cannot be written.
    """
    stage = launch.start(config)
    vlm = stage.parts.vlm(trained=True)
    model = AnswerModel(vlm, Lengths(config.data))
    reader = FrameReader(None, vlm.prompt)
    train, val = sample_sets(config.data, reader)

    def export(folder: Path, tensors: dict[str, Tensor]) -> dict[str, str]:
        return launch.export_vlm(stage, vlm, launch.part_of(tensors, 'vlm.'), folder)

    def publish(own: dict[str, str]) -> None:
        note = f'base VLM, {len(train)} samples; MIDI is not trained yet'
        parts.write_yaml(Path(config.run.output), stage.parts.spec, own, note)

    return Trainer(Job(config, model, train, val, export, publish), stage.accelerator).run()


if __name__ == '__main__':
    launch.command_line(BaseVlmSettings, main, __doc__)
