# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What the training loop trains."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

from torch import nn, Tensor

from ssr_ros.model.midi import Midi


class Learner(nn.Module, ABC):
    """A module that turns a batch into name -> (B, T) losses of single labels, 0 without one.

    Attributes:
        weights: of the losses in their sum; 1 where a name is missing.
        shares: what begins the name of parameters -> the share of the learning rate they get.
        fills: field of a batch -> what it can be filled up with, without changing a loss. Where
            there are some, steps can be recorded: see ``training.run.recorded``.
        everywhere: compute losses at all places, those without a label too, so that no size
            depends on them.
    """

    weights: Mapping[str, float] = {}
    shares: Mapping[str, float] = {}
    fills: Mapping[str, int] = {}
    everywhere = False

    @abstractmethod
    def collate(self, samples: Sequence[Any]) -> Any:
        """Join samples into a batch, a dataclass of tensors."""

    @abstractmethod
    def forward(self, batch: Any) -> dict[str, Tensor]:
        """Return the losses."""

    @abstractmethod
    def labels(self, batch: Any) -> dict[str, int]:
        """Return how many labels each loss has."""


class MidiLearner(Learner):
    """A module whose only trained part is its MIDI."""

    midi: Midi
