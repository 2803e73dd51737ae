# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Rows of text and images as the samples of a run.

A sample that cannot be read (missing or truncated image, depth of another size) is counted, logged
and left out of its batch; it is never exchanged for another one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import replace
from typing import Any

from torch.utils.data import Dataset

from ssr_ros.errors import FrameError
from training.data.frames import Sample
from training.data.rows import Broken, BrokenSamples, Row, RowFiles
from training.run.failures import DataError
from training.run.settings import DataSettings

Change = Callable[[Row, int], Row]
"""Makes another row of a row and its number: how a small model is told things in another way."""


class SampleSet(Dataset[Any]):
    """The samples of some jsonl files.

    Attributes:
        rows: their texts.
    """

    def __init__(
        self,
        files: Sequence[str],
        settings: DataSettings,
        read: Callable[[Row], Sample],
        rationales: bool = False,
        change: Change | None = None,
    ) -> None:
        """Index the files.

        Args:
            files: jsonl files.
            settings: of the data.
            read: a FrameReader.
            rationales: whether a row without a rationale is broken.
            change: applied to every row.

        Raises:
            ConfigError: a file is missing.
            DataError: too many lines are broken.
        """
        self.rows = RowFiles(files, settings.root, settings.max_broken)
        self._without_answer = settings.rationale == 'without_answer'
        self._needs_rationale = rationales
        self._read = read
        self._change = change

    def also(self, change: Change) -> SampleSet:
        """Return the same samples with their rows changed once more."""
        other, before = copy(self), self._change
        other._change = (
            change if before is None else lambda row, index: change(before(row, index), index)
        )
        return other

    @property
    def broken(self) -> BrokenSamples:
        """The broken samples so far."""
        return self.rows.broken

    def __len__(self) -> int:
        """Return how many rows there are."""
        return len(self.rows)

    def __getitem__(self, index: int) -> Sample | Broken:
        """Read one sample, or say why it cannot be read."""
        row = self.rows[index]
        if self._without_answer:
            row = replace(row, rationale=str(row.meta.get('rationale_without_answer', '')))
        if self._change is not None:
            row = self._change(row, index)
        if self._needs_rationale and not row.rationale:
            return Broken(row.where, 'the row has no rationale')
        try:
            return self._read(row)
        except (FrameError, OSError) as error:
            return Broken(row.where, str(error))

    def first_good(self) -> Sample:
        """Return the first sample that can be read.

        Raises:
            DataError: none can.
        """
        for index in range(len(self)):
            sample = self[index]
            if isinstance(sample, Sample):
                return sample
        raise DataError('not one sample can be read')


def sample_sets(
    settings: DataSettings,
    read: Callable[[Row], Sample],
    rationales: bool = False,
    change: Change | None = None,
) -> tuple[SampleSet, SampleSet | None]:
    """Return what a run trains on and what it evaluates on, if anything; see SampleSet."""
    train = SampleSet(settings.train, settings, read, rationales, change)
    if not settings.val:
        return train, None
    return train, SampleSet(settings.val, settings, read, rationales, change)
