# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Ask a benchmark's questions, keep every answer, and go on where a run was stopped.

Besides the questions as they are there are two controls: the same with what is offered in another
order, and the same with another picture's depth. Whoever reads depth must lose by the second.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
import json
from pathlib import Path
import time
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ssr_ros.errors import ConfigError, DatasetError, FrameError, QuestionError
from ssr_ros.evaluation.published.depth import Depth, NONE, resized
from ssr_ros.evaluation.published.items import Benchmark, Item, Mark

MAIN, ORDER_SWAP, WRONG_DEPTH = 'main', 'order-swap', 'wrong-depth'
CONTROLS = (ORDER_SWAP, WRONG_DEPTH)

ANSWERS, SETTINGS = 'answers.jsonl', 'settings.json'

Answerer = Callable[[NDArray[np.uint8], NDArray[np.float32], Item], str]
"""Answers an item about a picture (H, W, 3) and its depth (H, W); '' where there is no answer."""


@dataclass(frozen=True)
class Answered:
    """One row of answers.jsonl.

    Attributes:
        control: MAIN, or the control that it belongs to.
        key: of the item.
        question: as it was asked.
        truth: the true answer, in words.
        text: the answer.
        failed: why there is none; '' otherwise. It counts as wrong and unparsed.
        mark: what it is worth.
        seconds: from picture to answer.
    """

    control: str
    key: str
    question: str
    truth: str
    text: str
    failed: str
    mark: Mark
    seconds: float


@dataclass(frozen=True)
class Task:
    """One question to ask.

    Attributes:
        control: MAIN, or the control that it belongs to.
        item: as it is asked.
        depth_of: whose depth goes with it.
    """

    control: str
    item: Item
    depth_of: Item


def tasks(
    benchmark: Benchmark, items: Sequence[Item], depth: Depth, controls: Sequence[str]
) -> list[Task]:
    """Return what is to be asked: all items, then what the controls ask.

    Without depth there is no wrong one; a question without an order has no other.

    Raises:
        DatasetError: two items are told by the same key, so that answers would be mixed up.
    """
    keys = [item.key for item in items]
    if len(set(keys)) < len(keys):
        twice = next(key for key in keys if keys.count(key) > 1)
        raise DatasetError(f'{twice} is there twice: leave one copy of the data set in the folder')
    asked = [Task(MAIN, item, item) for item in items]
    if ORDER_SWAP in controls:
        swapped = [(item, benchmark.swapped(item)) for item in items]
        asked += [Task(ORDER_SWAP, other, item) for item, other in swapped if other is not None]
    if WRONG_DEPTH in controls and depth.source != NONE:
        others = _others(items)
        asked += [
            Task(WRONG_DEPTH, item, other)
            for item, other in zip(items, others, strict=True)
            if other.image.name != item.image.name
        ]
    return asked


def _others(items: Sequence[Item]) -> list[Item]:
    """The next item that shows another picture, always the same one."""
    found = []
    for number, item in enumerate(items):
        ahead = (*items[number + 1 :], *items[:number])
        found.append(next((each for each in ahead if each.image.name != item.image.name), item))
    return found


def ask(
    benchmark: Benchmark, todo: Sequence[Task], depth: Depth, answerer: Answerer, kept: Kept
) -> Iterator[Answered]:
    """Ask what has not been asked yet, and keep every answer as soon as it is there.

    Yields:
        the rows in the order of the tasks, those of an earlier run among them.
    """
    for task in todo:
        row = kept.row(task)
        if row is None:
            row = _answered(benchmark, task, depth, answerer)
            kept.add(row)
        yield row


def _answered(benchmark: Benchmark, task: Task, depth: Depth, answerer: Answerer) -> Answered:
    started, text, failed = time.perf_counter(), '', ''
    try:
        rgb = task.item.image.rgb()
        text = answerer(rgb, _depth_m(task, depth, (rgb.shape[1], rgb.shape[0])), task.item)
    except (FrameError, QuestionError) as error:  # one bad row must not end a night's run
        failed = str(error)
    return Answered(
        control=task.control,
        key=task.item.key,
        question=task.item.question,
        truth=str(task.item.truth),
        text=text,
        failed=failed,
        mark=benchmark.mark(task.item, text),
        seconds=time.perf_counter() - started,
    )


def _depth_m(task: Task, depth: Depth, size: tuple[int, int]) -> NDArray[np.float32]:
    if task.depth_of.image.name == task.item.image.name:
        return depth.of(task.item, size)
    other = task.depth_of.image.rgb()
    return resized(depth.of(task.depth_of, (other.shape[1], other.shape[0])), size)


class Kept:
    """The rows of a folder; an answer that is there is not asked for again.

    Args:
        folder: made if it is missing; None keeps nothing.
        settings: of the run; a folder of a run with others is refused.

    Raises:
        ConfigError: the folder belongs to another run.
        DatasetError: its rows cannot be read.
    """

    def __init__(self, folder: Path | None, settings: dict[str, Any]) -> None:
        self._path = None if folder is None else folder / ANSWERS
        self._rows: dict[tuple[str, str], Answered] = {}
        if folder is None:
            return
        folder.mkdir(parents=True, exist_ok=True)
        _check_settings(folder / SETTINGS, settings)
        if self._path is not None and self._path.exists():
            self._rows = {(row.control, row.key): row for row in _read(self._path)}

    @property
    def number(self) -> int:
        """Answers that are there."""
        return len(self._rows)

    def row(self, task: Task) -> Answered | None:
        """Return the answer to a task, if it is there."""
        return self._rows.get((task.control, task.item.key))

    def add(self, row: Answered) -> None:
        """Keep an answer; it is on disk when this returns."""
        self._rows[row.control, row.key] = row
        if self._path is not None:
            with self._path.open('a', encoding='utf-8') as file:
                file.write(json.dumps(asdict(row), ensure_ascii=False) + '\n')


def _check_settings(path: Path, settings: dict[str, Any]) -> None:
    text = json.dumps(settings, indent=1, ensure_ascii=False) + '\n'
    if not path.exists():
        path.write_text(text, encoding='utf-8')
        return
    if (found := path.read_text(encoding='utf-8')) != text:
        raise ConfigError(
            f'{path.parent} holds a run with other settings: give another --out, or remove it. '
            f'Its settings: {" ".join(found.split())}'
        )


def _read(path: Path) -> Iterator[Answered]:
    """Read rows; a last line that was cut when the run was killed is taken away."""
    content = path.read_bytes()
    whole, newline, cut = content.rpartition(b'\n')
    if cut:
        path.write_bytes(whole + newline)
    for number, line in enumerate(whole.decode('utf-8').splitlines()):
        try:
            row = json.loads(line)
            yield Answered(**{**row, 'mark': Mark(**row['mark'])})
        except (ValueError, TypeError, KeyError) as error:
            raise DatasetError(f'{path}:{number}: no row of a run ({error})') from error
