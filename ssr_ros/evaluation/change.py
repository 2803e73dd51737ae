# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What a change of a checkpoint does to its answers: the same questions before and after it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
import json
from pathlib import Path
from typing import Any

from ssr_ros.errors import DatasetError
from ssr_ros.evaluation.intervals import Paired, paired
from ssr_ros.evaluation.scoring import score
from ssr_ros.evaluation.table import Cell, cell, Question
from ssr_ros.rgbd import CameraIntrinsics, load_frame, RgbdFrame

MOST_TOKENS = 64
"""Of an answer; those that are scored are a sentence."""


@dataclass(frozen=True, eq=False)
class AskedRow:
    """A question about a frame whose answer is known.

    Attributes:
        question: with its true answer.
        image_path: colour.
        depth_path: registered depth.
        intrinsics: of both.
    """

    question: Question
    image_path: Path
    depth_path: Path
    intrinsics: CameraIntrinsics

    def frame(self) -> RgbdFrame:
        """Read the files.

        Raises:
            FrameError: a file is missing, broken, or of another size than its partner.
        """
        return load_frame(self.image_path, self.depth_path, self.intrinsics)


def read_asked(path: Path, limit: int) -> list[AskedRow]:
    """Read the first questions of each family from a file of ``python -m training.curate``.

    Args:
        path: jsonl; pictures are named as seen from its folder.
        limit: questions of each family; 0 for all.

    Raises:
        DatasetError: the file cannot be read, holds no question, or a row lacks what is needed.
    """
    counts: Counter[str] = Counter()
    rows = []
    for where, content in _objects(path):
        row = _row(path.parent, where, content)
        family = row.question.meta['family']
        if not limit or counts[family] < limit:
            counts[family] += 1
            rows.append(row)
    if not rows:
        raise DatasetError(f'{path}: no question in it')
    return rows


def answers(reasoner: Any, rows: Sequence[AskedRow]) -> Iterator[str]:
    """Yield a reasoner's answers; a frame is encoded once for questions about it in a row."""
    last, encoded = None, None
    for row in rows:
        if row.image_path != last:
            last, encoded = row.image_path, reasoner.encode(row.frame())
        yield str(reasoner.ask(encoded, row.question.text, MOST_TOKENS).text)


@dataclass(frozen=True)
class Change:
    """Two rounds of answers to the same questions.

    Attributes:
        before: share right.
        after: share right.
        pair: after minus before, with a 95 % interval.
        equal: answers that have not changed by a letter.
    """

    before: Cell
    after: Cell
    pair: Paired
    equal: int

    def as_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        cells = {'before': self.before.as_dict(), 'after': self.after.as_dict()}
        return {**cells, 'equal': self.equal, **asdict(self.pair)}


def change(rows: Sequence[AskedRow], before: Sequence[str], after: Sequence[str]) -> Change:
    """Score both rounds."""
    scores = [
        [
            score(text, row.question.answer, row.question.meta)
            for text, row in zip(said, rows, strict=True)
        ]
        for said in (before, after)
    ]
    right = [[one.right for one in each] for each in scores]
    cells = [cell(each) for each in scores]
    equal = sum(one == other for one, other in zip(before, after, strict=True))
    return Change(cells[0], cells[1], paired(right[1], right[0]), equal)


def _objects(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    try:
        lines = path.read_text(encoding='utf-8').splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise DatasetError(f'{path}: cannot be read: {error}') from error
    for number, line in enumerate(lines, 1):
        where = f'{path}:{number}'
        try:
            content = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise DatasetError(f'{where}: not a row of json: {error}') from error
        if not isinstance(content, dict):
            raise DatasetError(f'{where}: expected a json object')
        yield where, content


def _row(folder: Path, where: str, content: dict[str, Any]) -> AskedRow:
    texts = [content.get(key) for key in ('question', 'answer', 'image_path', 'depth_path')]
    meta = content.get('meta')
    if not all(isinstance(text, str) for text in texts) or not isinstance(meta, dict):
        raise DatasetError(
            f'{where}: expected question, answer, image_path, depth_path and meta, as '
            'python -m training.curate writes them'
        )
    asked, answer, image, depth = map(str, texts)
    try:
        fx, fy, cx, cy = (float(meta['intrinsics'][key]) for key in ('fx', 'fy', 'cx', 'cy'))
        meta = {**meta, 'family': str(meta['family']), 'form': str(meta['form'])}
    except (KeyError, TypeError, ValueError) as error:
        raise DatasetError(f'{where}: meta: expected family, form and intrinsics') from error
    question = Question(where, image, asked, answer, '', meta)
    return AskedRow(question, folder / image, folder / depth, CameraIntrinsics(fx, fy, cx, cy))
