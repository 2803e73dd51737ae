# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""SpatialBench: 174 questions in five files, two of them asked in pairs.

Layout and rule are those of bunny/eval/eval_spatialbench.py of BAAI-DCAI/SpatialBot (2d84503):
``existence.json``, ``reach.json``, ``size.json``, ``positional.json`` and ``counting.json`` beside
a folder of pictures for each, and a folder of the same name with ``_d`` for depth (16-bit PNG).
A true answer is looked for in the text as it stands, case and all. Reach and size are rows in
consecutive pairs, (positive + negative + both) / 3; existence counts only "both"; counting is
100 - the mean relative error in percent. Pairs go by the row's number: a failed row stays in its
place and counts as wrong, so that it moves no other.

Where the published script stops (a count that is no number), the answer is unparsed here and has
an error of 100 %, as if nothing had been counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
import re

from ssr_ros.errors import DatasetError
from ssr_ros.evaluation.intervals import paired_over_groups, wilson
from ssr_ros.evaluation.published.items import (
    Benchmark,
    Item,
    Line,
    lucky,
    Mark,
    Picture,
    share_line,
)
from ssr_ros.evaluation.published.rows import field, inside, Row, rows_of
from ssr_ros.evaluation.reading import plain, read

PAIRED = ('reach', 'size')
PARTS = ('existence', 'reach', 'size', 'positional', 'counting')
UNCOUNTED = 1.0
"""Relative error of a count that cannot be read."""

COUNT_META = {'family': 'count', 'form': '', 'value': 0}
YES_NO_META = {'family': 'exists', 'form': '', 'verdict': 'yes'}


class SpatialBench(Benchmark):
    """SpatialBench."""

    name, title = 'spatialbench', 'SpatialBench'
    source = 'github.com/BAAI-DCAI/SpatialBot bunny/eval/eval_spatialbench.py, arXiv 2406.13642'
    own_depth = True
    published = (
        ('Qwen2.5-VL-3B', '59.3'),
        ('plug-and-play 3B', '63.6'),
        ('SSR-3B', '64.8'),
        ('Qwen2.5-VL-7B', '64.7'),
        ('SSR-7B', '67.0'),
    )

    def load(self, folder: Path) -> list[Item]:
        """Read the files that are there.

        Raises:
            DatasetError: there is none, or a file in pairs has an odd number of rows.
        """
        items = []
        for part in PARTS:
            path = folder / f'{part}.json'
            if path.is_file():
                items += _part(part, path, folder)
        if not items:
            raise DatasetError(f'{folder}: expected {", ".join(f"{part}.json" for part in PARTS)}')
        return items

    def mark(self, item: Item, text: str) -> Mark:
        """Look for the true answer in the text, and say whether the text can be read."""
        if item.group == 'counting':
            return _counted(item.truth, text)
        right = item.truth in text
        if item.group == 'positional':
            # Several words may be meant: it is read where it is the answer and nothing else.
            said = plain(text)
            return Mark(right, bool(said) and len(said.split()) <= len(plain(item.truth).split()))
        reading = read(text, YES_NO_META)
        return Mark(right, reading is not None, reading.words[0] if reading else '')

    def first(self, items: Sequence[Item], most: int) -> list[Item]:
        """Return the first items of every part, whole pairs of them."""
        return super().first(items, most + most % 2)

    def lines(self, items: Sequence[Item], marks: Sequence[Mark]) -> list[Line]:
        """Return a line of every part, and the mean of the parts."""
        lines = []
        for part in PARTS:
            of_part = [m for i, m in zip(items, marks, strict=True) if i.group == part]
            if of_part:
                lines.append(_LINES[part](part, of_part))
        if len(lines) > 1:
            mean = sum(line.value for line in lines) / len(lines)
            n, unparsed, luck = (
                sum(getattr(line, name) for line in lines) for name in ('n', 'unparsed', 'lucky')
            )
            lines.append(Line('mean of the parts', n, mean, None, None, unparsed, luck))
        return lines


def _part(part: str, path: Path, folder: Path) -> list[Item]:
    rows = list(rows_of(path))
    if part in (*PAIRED, 'existence') and len(rows) % 2:
        raise DatasetError(
            f'{path}: {len(rows)} rows; they come in pairs of one positive and one negative '
            'question, so one is missing and the others would be paired wrongly'
        )
    return [_item(part, number, row, folder, where) for number, (where, row) in enumerate(rows)]


def _item(part: str, number: int, row: Row, folder: Path, where: str) -> Item:
    images = row.get('image')
    names = [images] if isinstance(images, str) else images
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise DatasetError(f"{where}: expected pictures in 'image', got {images!r:.80}")
    answer = str(field(row, 'answer', where, str, int))
    if part == 'counting' and not (answer.strip().isdigit() and int(answer)):
        raise DatasetError(f'{where}: expected a count above 0 as answer, got {answer!r}')
    return Item(
        key=f'{part}/{number}',
        group=part,
        question=field(row, 'question', where, str),
        truth=answer,
        image=_picture(names, folder, where),
        depth=_picture([_depth_name(name) for name in names], folder, where),
    )


def _depth_name(image: str) -> str:
    return f'{image.split("/")[0]}_d/{image.split("/")[-1].split(".")[0]}.png'


def _picture(names: Sequence[str], folder: Path, where: str) -> Picture:
    """A question about several pictures stays in its place, and cannot be asked."""
    if len(names) == 1:
        return Picture(names[0], inside(folder, names[0], where))
    return Picture(where, trouble=f'one picture can be asked about, and here are {len(names)}')


def _counted(truth: str, text: str) -> Mark:
    """The published script reads with int(); a count in words or with its noun is read as well."""
    plain_number = re.fullmatch(r'\s*[+-]?\d+\s*', text)
    reading = None if plain_number else read(text, COUNT_META)
    if plain_number is None and reading is None:
        return Mark(False, False, error=UNCOUNTED)
    count = int(text) if plain_number else int(reading.numbers[0]) if reading else 0
    return Mark(count == int(truth), True, str(count), abs(count - int(truth)) / int(truth))


def _pair_line(part: str, marks: Sequence[Mark]) -> Line:
    """(positive + negative + both) / 3; whole pairs are drawn for its interval."""
    points, groups = [], []
    for number in range(0, len(marks), 2):
        positive, negative = marks[number].right, marks[number + 1].right
        points += [positive, negative, positive and negative]
        groups += [number] * 3
    value = sum(points) / len(points)
    low, high = paired_over_groups(points, [False] * len(points), groups)
    if low == high:  # nothing varies among the pairs: drawing them again tells nothing
        low, high = wilson(round(value * len(marks) / 2), len(marks) // 2)
    return _line(f'{part} (pos + neg + both) / 3', marks, value, low, high)


def _both_line(part: str, marks: Sequence[Mark]) -> Line:
    pairs = [marks[n].right and marks[n + 1].right for n in range(0, len(marks), 2)]
    low, high = wilson(sum(pairs), len(pairs))
    return _line(f'{part} (both of a pair)', marks, sum(pairs) / len(pairs), low, high)


def _count_line(part: str, marks: Sequence[Mark]) -> Line:
    errors = [UNCOUNTED if mark.error is None else mark.error for mark in marks]
    value = 1 - sum(errors) / len(errors)
    return Line(
        f'{part} (100 - relative error)',
        len(marks),
        100 * value,
        None,
        None,
        sum(not mark.parsed for mark in marks),
        lucky(marks),
    )


def _line(name: str, marks: Sequence[Mark], *shares: float) -> Line:
    unparsed = sum(not mark.parsed for mark in marks)
    value, low, high = (100 * share for share in shares)
    return Line(name, len(marks), value, low, high, unparsed, lucky(marks))


_LINES = {
    'existence': _both_line,
    'reach': _pair_line,
    'size': _pair_line,
    'positional': share_line,
    'counting': _count_line,
}
