# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0


"""Pretrain the vision towers of a small SSR: what they see, patch by patch.

    python -m training.small.encoders training/recipes/nano/encoders.yaml

The 3B and 7B sizes begin with public CLIP, SigLIP and Qwen2.5-VL towers. For smaller sizes there
are none, and towers learn next to nothing from answers of three words. Here every patch says what
it shows: colour, kind and place of an object (CLIP and the VLM's tower, from the colour image),
how far it is away (SigLIP, from the depth picture). The heads that say so are thrown away.
The output is a checkpoint whose other parts are those it started with.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from torch import Tensor

from training.run import launch, parts
from training.run.loop import Job, Trainer
from training.run.settings import EncodersSettings
from training.small.patches import PatchModel, ViewSet


def main(config: EncodersSettings) -> Path:
    """Train, or go on with a run that was interrupted.

    Returns:
        The newest checkpoint's folder; ``run.output`` can be the ``model.start`` of base_vlm.

    Raises:
        ConfigError: a setting cannot be used, or the output holds a run with other settings.
        CheckpointError: a part cannot be loaded.
        DataError: there is no data, or too much of it is broken.
        TrainingError: the loss is not a number, or a checkpoint cannot be written.
    """
    stage = launch.start(config)
    launch.check_encoders(stage, True)
    encoders, vlm = stage.parts.encoders(trained=True), stage.parts.vlm(trained=True)
    model = PatchModel(encoders, vlm)

    def views(folders: tuple[str, ...], mirrored: bool) -> Any:
        return ViewSet(folders, config.data.max_broken, encoders, vlm.prompt, mirrored)

    train = views(config.worlds, True)
    val = views(config.val_worlds, False) if config.val_worlds else None

    def export(folder: Path, tensors: dict[str, Tensor]) -> dict[str, str]:
        own = launch.export_encoders(stage, model.encoders, tensors, folder)
        return own | launch.export_vlm(stage, vlm, launch.part_of(tensors, 'vlm.'), folder)

    def publish(own: dict[str, str]) -> None:
        note = f'vision towers, {len(train)} views; the language models are not trained yet'
        parts.write_yaml(Path(config.run.output), stage.parts.spec, own, note)

    return Trainer(Job(config, model, train, val, export, publish), stage.accelerator).run()


if __name__ == '__main__':
    launch.command_line(EncodersSettings, main, __doc__)
