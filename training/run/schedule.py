# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What follows from the number of a step alone: its learning rate, and which samples it reads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
import math

import torch
from torch import Tensor

from training.run.settings import OptimSettings


def learning_rate(step: float, steps: int, optim: OptimSettings) -> float:
    """Return the rate of a step: a linear rise, then a cosine to 0."""
    rise = max(1, round(optim.warmup * steps))
    if step < rise:
        return optim.learning_rate * (step + 1) / rise
    along = min(1.0, (step - rise) / max(1, steps - rise))
    return optim.learning_rate * 0.5 * (1 + math.cos(math.pi * along))


def sample_numbers(total: int, seed: int, first: int, count: int, together: int = 1) -> list[int]:
    """Return samples ``first`` to ``first + count`` of an endless sequence of shuffled passes.

    ``together`` samples that follow each other are moved as one.
    """
    numbers = []
    for place in range(first, first + count):
        epoch, within = divmod(place, total)
        numbers.append(int(shuffled(total, seed, epoch, together)[within]))
    return numbers


def batch_number(place: int, kept: int, seed: int) -> int:
    """Return which batch is learned from at a place of a run that keeps so many of them.

    The first pass has them in order; 0 keeps none, and every place has a batch of its own.
    """
    if place < kept or not kept:
        return place
    return sample_numbers(kept, seed, place, 1)[0]


def first_times(places: Iterable[int], kept: int, seed: int) -> Iterator[int]:
    """Return the batches of some places as each comes for the first time."""
    found: set[int] = set()
    for place in places:
        number = batch_number(place, kept, seed)
        if number not in found:
            found.add(number)
            yield number
        if len(found) == kept:
            return


_shuffles: dict[tuple[int, int, int, int], Tensor] = {}


def shuffled(total: int, seed: int, epoch: int, together: int = 1) -> Tensor:
    """Return the order of one pass; the newest two are kept."""
    key = (total, seed, epoch, together)
    if key not in _shuffles:
        if len(_shuffles) > 1:
            _shuffles.pop(next(iter(_shuffles)))
        generator = torch.Generator().manual_seed(seed * 1_000_003 + epoch)
        groups = torch.randperm(math.ceil(total / together), generator=generator)
        numbers = (groups[:, None] * together + torch.arange(together)).flatten()
        _shuffles[key] = numbers[numbers < total]
    return _shuffles[key]
