# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The Mamba of a small MIDI: it names what is where before it is asked for latents.

    python -m training.small.mamba training/recipes/nano/mamba.yaml

It plays the part of the public mamba-130m: stage 1 without latents, on rows that may be told in
another way. The output is a checkpoint like that of stage 1, whose latents say nothing yet.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

from training import stage1
from training.run import launch
from training.small.readings import MIDI_TOLD
from training.small.settings import MambaSettings


def main(config: MambaSettings) -> Path:
    """Train MIDI to write; see ``launch.train``."""
    config = replace(config, model=replace(config.model, n_tor=0))
    return launch.train(config, partial(stage1.build, change=MIDI_TOLD[config.told]))


if __name__ == '__main__':
    launch.command_line(MambaSettings, main, __doc__)
