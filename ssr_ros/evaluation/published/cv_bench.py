# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""CV-Bench: 2,638 multiple-choice questions, 2D (ADE20K, COCO) and 3D (Omni3D).

Layout and means are those of the card of nyu-visionx/CV-Bench: ``test_2d`` and ``test_3d``, as
``.jsonl`` beside ``img/`` or as ``.parquet`` with the pictures inside. Its mean weighs 2D and 3D
alike, and in 2D the two sources; others print the plain mean of all questions, so both are given.

The card leaves open how a letter is found in a text. lmms-eval takes the first letter of whatever
is said, so that 'Blue' is B and 'Answer: C' is A. That is no reading: here an answer is a letter,
in brackets or not, or the words of one choice; anything else is unparsed and wrong.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
import math
from pathlib import Path
import re

from ssr_ros.errors import DatasetError
from ssr_ros.evaluation.published.items import (
    Benchmark,
    cell_of,
    group_lines,
    Item,
    Line,
    lucky,
    Mark,
    share_line,
    UNREAD,
)
from ssr_ros.evaluation.published.rows import field, files_of, needed_picture, Row, rows_of

WEIGHTS = {'ADE20K': 1 / 4, 'COCO': 1 / 4, 'Omni3D': 1 / 2}
"""Of the sources in the published mean."""

LETTER = re.compile(r'\(?([A-Za-z])\)?[.:]?')
LETTER_AND_WORDS = re.compile(r'(?:\(([A-Za-z])\)|([A-Za-z])[).:])\s+(.+)', re.DOTALL)
INSTRUCTION = "Answer with the option's letter from the given choices directly."
SELECT = 'Select from the following choices.'


class CvBench(Benchmark):
    """CV-Bench."""

    name, title = 'cv-bench', 'CV-Bench'
    source = 'huggingface.co/datasets/nyu-visionx/CV-Bench (card), arXiv 2406.16860'
    published = (
        ('Qwen2.5-VL-3B', '67.0'),
        ('SSR-3B', '68.9'),
        ('Qwen2.5-VL-7B', '73.0'),
        ('SSR-7B', '73.3'),
    )

    def load(self, folder: Path) -> list[Item]:
        """Read test_2d and test_3d, or what there is of them."""
        files = files_of(folder, 'test*.jsonl', 'test*.parquet', 'data/test*.parquet')
        return [_item(row, folder, where) for path in files for where, row in rows_of(path)]

    def mark(self, item: Item, text: str) -> Mark:
        """Compare the choice that is named; what was read is its words."""
        number = choice_in(text, item.choices)
        if number is None:
            return UNREAD
        return Mark(number == item.truth, True, item.choices[number])

    def lines(self, items: Sequence[Item], marks: Sequence[Mark]) -> list[Line]:
        """Return the sources, the tasks and both means."""
        by_source: dict[str, list[Mark]] = {}
        for item, mark in zip(items, marks, strict=True):
            by_source.setdefault(item.meta, []).append(mark)
        sources = [share_line(name, by_source[name]) for name in WEIGHTS if name in by_source]
        tasks = group_lines(items, marks)
        means = [share_line('plain mean of all questions', marks)]
        if set(WEIGHTS) <= set(by_source):
            means.insert(0, _published_mean(by_source, marks))
        return [*sources, *(line for line in tasks if line.name != 'all'), *means]

    def swapped(self, item: Item) -> Item:
        """Offer the choices from the last to the first."""
        choices = item.choices[::-1]
        question = _prompt(item.question.partition(SELECT)[0].strip(), choices)
        truth = len(choices) - 1 - item.truth
        return replace(item, question=question, choices=choices, truth=truth)


def choice_in(text: str, choices: Sequence[str]) -> int | None:
    """Return the number of the choice that a text names and nothing else; None: it names none."""
    said = text.strip()
    if found := LETTER.fullmatch(said):
        return _number(found[1], choices)
    if found := LETTER_AND_WORDS.fullmatch(said):
        number = _number(found[1] or found[2], choices)
        agree = number is not None and _words(found[3]) == _words(choices[number])
        return number if agree else None
    named = [number for number, words in enumerate(choices) if _words(words) == _words(said)]
    return named[0] if len(named) == 1 else None


def _words(text: str) -> list[str]:
    """Words without case and punctuation; 'a' is kept, for it may be a letter."""
    return re.findall(r"[^\W_]+(?:[.'][^\W_]+)*", text.lower())


def _number(letter: str, choices: Sequence[str]) -> int | None:
    number = ord(letter.upper()) - ord('A')
    return number if number < len(choices) else None


def _item(row: Row, folder: Path, where: str) -> Item:
    choices = tuple(map(str, field(row, 'choices', where, list, tuple)))
    answer = field(row, 'answer', where, str)
    letter = LETTER.fullmatch(answer.strip())
    truth = _number(letter[1], choices) if letter else None
    if truth is None:
        raise DatasetError(f'{where}: the answer {answer!r} is none of {len(choices)} choices')
    return Item(
        key=f'{row.get("type", "")}/{row.get("idx", where)}',
        group=f'{field(row, "type", where, str)} {field(row, "task", where, str)}',
        question=_prompt(field(row, 'question', where, str), choices),
        truth=truth,
        image=needed_picture(row, ('image', 'filename'), folder, where),
        choices=choices,
        meta=field(row, 'source', where, str),
    )


def _prompt(question: str, choices: Sequence[str]) -> str:
    """The card's own wording, in any order of the choices."""
    offered = '\n'.join(f'({chr(65 + n)}) {words}' for n, words in enumerate(choices))
    return f'{question} {SELECT}\n{offered}\n{INSTRUCTION}'


def _published_mean(by_source: dict[str, list[Mark]], marks: Sequence[Mark]) -> Line:
    """((ADE20K + COCO) / 2 + Omni3D) / 2, its interval from those of the three.

    G. Y. Zou and A. Donner (2008), Construction of confidence limits about effect measures,
    Statistics in Medicine 27, 1693-1702: limits of a weighted sum from the limits of its parts.
    """
    value, down, up = 0.0, 0.0, 0.0
    for name, weight in WEIGHTS.items():
        cell = cell_of(by_source[name])
        low, high = cell.interval
        value += weight * cell.share
        down += (weight * (cell.share - low)) ** 2
        up += (weight * (high - cell.share)) ** 2
    bounds = (value - math.sqrt(down), value + math.sqrt(up))
    unparsed = sum(not mark.parsed for mark in marks)
    value, low, high = (100 * each for each in (value, *bounds))
    name = '((ADE20K + COCO) / 2 + Omni3D) / 2'
    return Line(name, len(marks), value, low, high, unparsed, lucky(marks))
