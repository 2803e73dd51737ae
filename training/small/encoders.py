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

from accelerate import DistributedType

from ssr_ros.errors import ConfigError
from training.run import launch
from training.run.exporting import export_encoders, export_vlm, Tensors
from training.run.launch import Plan, Stage
from training.small.patches import PatchModel
from training.small.settings import EncodersSettings
from training.small.views import ViewSet


def main(config: EncodersSettings) -> Path:
    """Train the towers; see ``launch.train``."""
    return launch.train(config, build)


def build(stage: Stage) -> Plan:
    """Load the towers and find the views.

    Raises:
        ConfigError: they would be trained sharded.
        DataError: there are no views.
    """
    if stage.accelerator.distributed_type == DistributedType.FSDP:
        raise ConfigError('towers are trained whole: not with FSDP; use training/recipes/ddp.yaml')
    config = stage.config
    encoders = stage.parts.encoders(trained=True)
    vlm = stage.parts.vlm(trained=True) if config.vlm else None
    model = PatchModel(encoders, vlm)

    def views(folders: tuple[str, ...], mirrored: bool) -> ViewSet:
        return ViewSet(
            folders, config.data.max_broken, encoders, vlm.prompt if vlm else None, mirrored
        )

    def export(folder: Path, tensors: Tensors) -> dict[str, str]:
        own = export_encoders(stage.parts, model.encoders, tensors, folder)
        return own | (export_vlm(stage.parts, vlm, tensors, folder) if vlm else {})

    samples = (
        views(config.worlds, True),
        (views(config.val_worlds, False) if config.val_worlds else None),
    )
    note = 'vision towers; the language models are not trained yet'
    return Plan(model, samples, export, note, stage.parts.spec)


if __name__ == '__main__':
    launch.command_line(EncodersSettings, main, __doc__)
