# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What published benchmarks are made of: items, pictures in them, and what an answer is worth."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ssr_ros.errors import FrameError
from ssr_ros.evaluation.table import Cell
from ssr_ros.rgbd.files import decode_depth_m, decode_rgb, read_depth_m, read_rgb

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Picture:
    """A picture of a data set, not yet read.

    Attributes:
        name: path within the data set, or how messages call it.
        path: of its file, or None.
        content: the file's bytes where they lie within a table, or None.
        trouble: why there is neither.
    """

    name: str
    path: Path | None = None
    content: bytes | None = None
    trouble: str = 'the data set names no file and holds no bytes'

    def rgb(self) -> NDArray[np.uint8]:
        """Read it as (H, W, 3) uint8, red first.

        Raises:
            FrameError: it is missing, or no image.
        """
        if self.content is not None:
            return decode_rgb(self.content, self.name)
        return read_rgb(self._existing())

    def depth_m(self) -> NDArray[np.float32]:
        """Read it as (H, W) float32 metres, NaN unknown.

        Raises:
            FrameError: it is missing, or holds no metric depth.
        """
        if self.content is not None:
            return decode_depth_m(self.content, self.name)
        return read_depth_m(self._existing())

    def _existing(self) -> Path:
        if self.path is None:
            raise FrameError(f'{self.name}: {self.trouble}')
        return self.path


@dataclass(frozen=True)
class Item:
    """One question of a benchmark.

    Attributes:
        key: tells it from the others: 'reach/3'.
        group: which part of the benchmark it belongs to.
        question: what is asked, the choices within it.
        truth: the true answer, in the benchmark's own form.
        image: the picture.
        depth: the data set's own depth, or None.
        choices: what is offered, in the order of the letters.
        regions: name -> box in pixels, of what the question points at.
        meta: what else its scorer needs.
    """

    key: str
    group: str
    question: str
    truth: Any
    image: Picture
    depth: Picture | None = None
    choices: tuple[str, ...] = ()
    regions: tuple[tuple[str, Box], ...] = ()
    meta: Any = None


@dataclass(frozen=True)
class Mark:
    """What one answer is worth.

    Attributes:
        right: by the rule that the benchmark's authors published, letter for letter.
        parsed: it can be read whole and says one thing. Where the published rule finds the true
            word in a text that says something else, ``right`` is set and this is not.
        said: what was read, in words; '' where nothing was.
        error: a length's or a count's relative error; None for other kinds, and where unparsed.
        score: a judge's, 0..5; None where there is no judge.
    """

    right: bool
    parsed: bool
    said: str = ''
    error: float | None = None
    score: float | None = None


UNREAD = Mark(False, False)
"""Nothing was said, or nothing that can be read."""


@dataclass(frozen=True)
class Line:
    """One line of the result.

    Attributes:
        name: of the group or mean.
        n: items, or pairs, in it.
        value: what the benchmark reports, in percent where nothing else is said in ``name``.
        low: lower end of its 95 % interval; None where none is known.
        high: upper end.
        unparsed: items whose answers could not be read.
        lucky: items that the published rule holds for right though they could not be read.
    """

    name: str
    n: int
    value: float
    low: float | None
    high: float | None
    unparsed: int
    lucky: int


class Benchmark(ABC):
    """A published benchmark: how its files are laid out, and how its answers are scored.

    Attributes:
        name: on the command line.
        title: for people.
        source: where layout and rule were read.
        own_depth: the data set brings metric depth.
        published: system -> what was published for it, for people to compare with.
    """

    name: str
    title: str
    source: str
    own_depth: bool = False
    published: tuple[tuple[str, str], ...] = ()

    @abstractmethod
    def load(self, folder: Path) -> list[Item]:
        """Read the items, in the order of the files; pictures are read later.

        Raises:
            DatasetError: a file or a field is missing or of the wrong form.
            MissingPackageError: the files are parquet tables and pyarrow is not installed.
        """

    @abstractmethod
    def mark(self, item: Item, text: str) -> Mark:
        """Score one answer; '' is what a failed item counts as."""

    def lines(self, items: Sequence[Item], marks: Sequence[Mark]) -> list[Line]:
        """Return the result: a line of every group, and one of everything."""
        return group_lines(items, marks)

    def first(self, items: Sequence[Item], most: int) -> list[Item]:
        """Return the first items of every group."""
        taken: dict[str, int] = {}
        chosen = []
        for item in items:
            taken[item.group] = taken.get(item.group, 0) + 1
            chosen += [item] if taken[item.group] <= most else []
        return chosen

    def swapped(self, item: Item) -> Item | None:
        """Return the same question with what it offers in another order; None: it has no order."""
        return None

    def is_consistent(self, item: Item, mark: Mark, swapped: Mark) -> bool:
        """Whether the answers to both orders mean the same, right or wrong."""
        return mark.parsed and swapped.parsed and mark.said == swapped.said


def cell_of(marks: Sequence[Mark]) -> Cell:
    """Count what the published rule holds for right."""
    return Cell(len(marks), sum(m.right for m in marks), sum(not m.parsed for m in marks))


def lucky(marks: Sequence[Mark]) -> int:
    """Count what is right by the published rule though it could not be read."""
    return sum(mark.right and not mark.parsed for mark in marks)


def share_line(name: str, marks: Sequence[Mark]) -> Line:
    """Return the share right of some answers with Wilson's interval."""
    cell = cell_of(marks)
    low, high = cell.interval
    return Line(name, cell.n, 100 * cell.share, 100 * low, 100 * high, cell.unparsed, lucky(marks))


def group_lines(items: Sequence[Item], marks: Sequence[Mark]) -> list[Line]:
    """Return a line of every group in the order of the items, and one of all together."""
    groups: dict[str, list[Mark]] = {}
    for item, mark in zip(items, marks, strict=True):
        groups.setdefault(item.group, []).append(mark)
    lines = [share_line(name, of_group) for name, of_group in groups.items()]
    return [*lines, share_line('all', marks)] if len(lines) > 1 else lines
