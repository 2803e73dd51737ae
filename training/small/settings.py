# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Settings of what only a model from nothing needs; see ``training.run.settings``."""

from __future__ import annotations

from dataclasses import dataclass, field

from ssr_ros.settings import setting
from training.run.settings import (
    DataSettings,
    ModelSettings,
    MOST,
    OptimSettings,
    RunSettings,
    Stage1Settings,
)
from training.small.readings import MIDI_TOLD, VLM_TOLD


@dataclass(frozen=True)
class EncodersSettings:
    """Vision towers of a size that nobody has pretrained, on rendered worlds.

    Attributes:
        seed: of everything random.
        worlds: folders of training.worlds to learn from; ``data`` names no files.
        val_worlds: to evaluate on.
        vlm: the VLM's tower learns too; False leaves the VLM as it is, for towers that go on
            before a MIDI while the VLM is one that stage 2 has an adapter of.
    """

    seed: int = setting(0, least=0, most=MOST)
    vlm: bool = True
    worlds: tuple[str, ...] = ()
    val_worlds: tuple[str, ...] = ()
    model: ModelSettings = field(default_factory=ModelSettings)
    data: DataSettings = field(default_factory=DataSettings)
    optim: OptimSettings = field(default_factory=OptimSettings)
    run: RunSettings = field(default_factory=RunSettings)


@dataclass(frozen=True)
class MambaSettings(Stage1Settings):
    """The Mamba of a small MIDI, before it is asked for latents.

    Attributes:
        told: what it learns to write: 'rationale', 'answer', or the rationale with the answer
            ('either') or the brief ('brief') in its place in every second row; see ``readings``.
    """

    told: str = setting('rationale', choices=tuple(MIDI_TOLD))


@dataclass(frozen=True)
class BaseVlmSettings:
    """A small vision-language model from nothing, on colour images alone.

    Attributes:
        seed: of everything random.
        told: what it learns to say: 'answer', 'reading' or 'notes'; see ``readings``.
    """

    seed: int = setting(0, least=0, most=MOST)
    told: str = setting('answer', choices=tuple(VLM_TOLD))
    model: ModelSettings = field(default_factory=ModelSettings)
    data: DataSettings = field(default_factory=DataSettings)
    optim: OptimSettings = field(default_factory=OptimSettings)
    run: RunSettings = field(default_factory=RunSettings)


@dataclass(frozen=True)
class LatentsSettings(Stage1Settings):
    """Latents that learn to say answers.

    Attributes:
        told: what they learn to say: 'answer', or 'brief', with the figures that it follows from.
        keep_rationale: weight of the loss on the rationale that MIDI writes; see Stage2Settings.
        rationale_every: likewise.
        look_up: weight of the losses on what MIDI has looked up of the things that a question
            names, see ``lookups``; 0 asks for nothing.
        look_up_after: the layer, counted from 1, that has done so.
        as_written: latents begin as the words that MIDI would write next. Not for a MIDI whose
            latents say answers already.
    """

    told: str = setting('answer', choices=('answer', 'brief'))
    keep_rationale: float = setting(0.0, least=0, most=1e6)
    rationale_every: int = setting(1, least=1, most=MOST)
    look_up: float = setting(0.0, least=0, most=1e6)
    look_up_after: int = setting(1, least=1, most=MOST)
    as_written: bool = True
