# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""From samples to batches on the device, by the number of a step alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, fields, is_dataclass, replace
from typing import Any, Protocol

from accelerate import Accelerator
import torch
from torch import Tensor
from torch.utils.data import DataLoader

from training.data.rows import Broken, BrokenSamples
from training.models.learner import Learner
from training.run.clock import leave_signals_to_the_run
from training.run.recorded import filled
from training.run.schedule import batch_number, first_times, sample_numbers


class Samples(Protocol):
    """What is learned from: SampleSet, or the views of rendered worlds."""

    @property
    def broken(self) -> BrokenSamples:
        """The broken samples so far."""

    def __len__(self) -> int:
        """Return how many there are."""

    def __getitem__(self, index: int) -> Any:
        """Return a sample, or say why it is Broken."""

    def first_good(self) -> Any:
        """Return the first sample that can be read."""


@dataclass(frozen=True)
class Loaded:
    """One batch, ready for the model, and which samples are in it."""

    batch: Any
    names: list[str]
    broken: list[Broken]
    counts: dict[str, Tensor] = field(default_factory=dict)


class Batches:
    """Reads the batches of a run."""

    def __init__(
        self, settings: Any, model: Learner, train: Samples, accelerator: Accelerator
    ) -> None:
        """Keep what decides on them.

        Args:
            settings: of the stage.
            model: that joins samples.
            train: samples to learn from.
            accelerator: of this process.

        Raises:
            DataError: no sample can be read.
        """
        self._settings = settings
        self._model = model
        self._train = train
        self._accelerator = accelerator
        self._stand_in = replace(train.first_good(), counts=False)

    @property
    def per_pass(self) -> int:
        """Samples of all processes in one pass."""
        return int(self._settings.optim.batch * self._accelerator.num_processes)

    def of_steps(self, start: int, stop: int) -> Iterator[Loaded]:
        """Return the batches of some steps in their order."""
        settings = self._settings
        each, kept, seed = settings.optim.accumulate, settings.data.kept, settings.seed
        places = range(start * each, stop * each)
        if not kept:
            yield from self.load(self._train, map(self._chosen, places))
            return
        new = (self._chosen(number) for number in first_times(places, kept, seed))
        read, there = self.load(self._train, new), dict[int, Loaded]()
        for place in places:
            number = batch_number(place, kept, seed)
            if number not in there:
                there[number] = next(read)
            yield there[number]

    def _chosen(self, number: int) -> list[int]:
        """Return the samples of a batch of this process."""
        first = (
            number * self.per_pass + self._accelerator.process_index * self._settings.optim.batch
        )
        settings, total = self._settings, len(self._train)
        together = settings.data.together
        return sample_numbers(total, settings.seed, first, self._settings.optim.batch, together)

    def load(self, samples: Samples, chunks: Iterable[list[int]]) -> Iterator[Loaded]:
        """Read batches, given the numbers of the samples in each."""
        loader: DataLoader[Any] = DataLoader(
            samples,  # type: ignore[arg-type]  # a map of samples is all that it needs
            batch_sampler=chunks,
            collate_fn=self._collate,
            num_workers=self._settings.data.workers,
            worker_init_fn=leave_signals_to_the_run,
        )
        for loaded in loader:
            batch = to_device(loaded.batch, self._accelerator.device)
            labels = self._model.labels(batch) if self._settings.optim.recorded else {}
            counts = {
                name: torch.tensor(n, device=self._accelerator.device)
                for name, n in labels.items()
            }
            yield replace(loaded, batch=batch, counts=counts)

    def _collate(self, found: Sequence[Any]) -> Loaded:
        good = [sample for sample in found if not isinstance(sample, Broken)]
        broken = [sample for sample in found if isinstance(sample, Broken)]
        # All processes must take a step together: an empty batch is run on a sample whose labels
        # do not count.
        batch = self._model.collate(good or [self._stand_in])
        if self._settings.optim.recorded:
            batch = filled(batch, self._model.fills, self._settings.optim.batch)
        return Loaded(batch, [sample.row.where for sample in good], broken)


def to_device(batch: Any, device: torch.device) -> Any:
    """Move the tensors of a dataclass."""
    if not is_dataclass(batch):
        raise TypeError(f'expected a dataclass of tensors, got {type(batch).__name__}')
    moved = {part.name: getattr(batch, part.name) for part in fields(batch)}
    moved = {k: v.to(device) if isinstance(v, Tensor) else v for k, v in moved.items()}
    return replace(batch, **moved)  # type: ignore[type-var]
