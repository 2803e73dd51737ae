# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Training rows on disk: this package's, the published SSR-CoT's and LLaVA-Instruct's.

One JSON object a line. SSR-CoT: ``question, rationale, answer, image_path, depth_path``, where
``rationale`` may be missing. LLaVA-Instruct: ``image`` (or ``image_path``), optionally
``depth_path``, and ``conversations``, a list of ``{from: human|gpt, value: ...}``; each exchange
becomes a row. Paths are relative to a root. ``meta`` holds what the makers of the row knew beyond.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
import json
import logging
import os
from pathlib import Path
from typing import Any

import numpy as np

from ssr_ros.errors import check_keys, ConfigError
from training.run.failures import DataError

KEYS = ('question', 'rationale', 'answer', 'image_path', 'depth_path', 'meta')
LLAVA_KEYS = ('id', 'image', 'image_path', 'depth_path', 'conversations')

SHOWN, LONGEST_WHY = 80, 300
"""Characters of a broken value that a message quotes, and of such a message."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Row:
    """One training row.

    Attributes:
        where: file and line, for messages.
        question: plain text.
        answer: plain text.
        image_path: colour image.
        depth_path: depth image, or None: LLaVA-Instruct has colour only.
        rationale: '' where there is none.
        meta: what else is known of it.
    """

    where: str
    question: str
    answer: str
    image_path: Path
    depth_path: Path | None
    rationale: str
    meta: dict[str, Any]

    @property
    def asks_where(self) -> bool:
        """Whether it is for a VLM as it is before SSR, asked where things are."""
        return self.meta.get('family') == 'place'


@dataclass(frozen=True)
class Broken:
    """A row that cannot be used, or whose images cannot."""

    where: str
    why: str


class BrokenSamples:
    """Counts samples that cannot be used, names each once, and stops a run that has too many.

    Attributes:
        reasons: where -> why.
    """

    def __init__(self, total: int, share: float) -> None:
        self.reasons: dict[str, str] = {}
        self._total = total
        self._share = share

    def add(self, where: str, why: str) -> None:
        """Record one.

        Raises:
            DataError: more than the allowed share of all samples is broken.
        """
        if where in self.reasons:
            return
        self.reasons[where] = why
        logger.warning('broken sample %d skipped: %s: %s', len(self.reasons), where, why)
        if len(self.reasons) > self._share * self._total:
            first = '\n  '.join(f'{at}: {why}' for at, why in list(self.reasons.items())[:5])
            raise DataError(
                f'{len(self.reasons)} of {self._total} samples are broken, more than '
                f'{100 * self._share:g} %. The first:\n  {first}\n'
                'Mend the data, or allow more with data.max_broken'
            )


class RowFiles:
    """The rows of some jsonl files. Only their places are kept in memory.

    Attributes:
        broken: lines that hold no row.
        one_of_each_frame: the number of the first row about each frame.
    """

    def __init__(self, files: Sequence[str | Path], root: str | Path, max_broken: float) -> None:
        """Read every line once.

        Args:
            files: jsonl files.
            root: that image paths are relative to; '' is each file's folder.
            max_broken: share of lines that may be broken.

        Raises:
            ConfigError: a file is missing.
            DataError: too many lines are broken, or no row is left.
        """
        self._files = [Path(file) for file in files]
        self._root = root
        places, self.one_of_each_frame = array('q'), array('q')
        frames: set[int] = set()
        bad: list[tuple[str, str]] = []
        for number, file in enumerate(self._files):
            for offset, line_number, line in _lines(file):
                where = f'{file}:{line_number}'
                try:
                    found = self._parse(number, where, line)
                except _BAD_LINE as error:
                    bad.append((where, _why(error)))
                    continue
                frame = hash((found[0].image_path, found[0].depth_path))
                if frame not in frames:
                    frames.add(frame)
                    self.one_of_each_frame.append(len(places) // 4)
                for turn in range(len(found)):
                    places.extend((number, offset, line_number, turn))
        self._places = np.array(places, np.int64).reshape(-1, 4)
        self.broken = BrokenSamples(len(self) + len(bad), max_broken)
        for where, why in bad:
            self.broken.add(where, why)
        if not len(self):
            raise DataError(f'{", ".join(map(str, files)) or "no files"}: there is no row to read')

    def __len__(self) -> int:
        """Return how many rows there are."""
        return len(self._places)

    def __iter__(self) -> Iterator[Row]:
        """Read all rows again, in their order: each file is opened once.

        Raises:
            DataError: a file has been changed.
        """
        for number, path in enumerate(self._files):
            places = self._places[self._places[:, 0] == number]
            with _unchanged(str(path)), path.open('rb') as file:
                for _, offset, line_number, turn in places.tolist():
                    file.seek(offset)
                    line = file.readline()
                    yield self._parse(number, f'{path}:{line_number}', line)[turn]

    def __getitem__(self, index: int) -> Row:
        """Read one row again from its file.

        Raises:
            DataError: the file has been changed.
        """
        number, offset, line_number, turn = map(int, self._places[index])
        where = f'{self._files[number]}:{line_number}'
        with _unchanged(where), self._files[number].open('rb') as file:
            file.seek(offset)
            return self._parse(number, where, file.readline())[turn]

    def _parse(self, number: int, where: str, line: bytes) -> list[Row]:
        root = Path(self._root) if self._root else self._files[number].parent
        content = json.loads(line)
        if not isinstance(content, dict):
            raise ValueError(f'expected a json object, got {type(content).__name__}')
        if 'conversations' in content:
            return _llava_rows(content, where, root)
        check_keys(content, KEYS, 'row')
        meta = content.get('meta') or {}
        if not isinstance(meta, dict):
            raise ValueError(f'meta: expected a json object, got {type(meta).__name__}')
        return [
            Row(
                where,
                _text(content, 'question'),
                _text(content, 'answer'),
                _path(content, 'image_path', root),
                _path(content, 'depth_path', root),
                _text(content, 'rationale') if content.get('rationale') else '',
                meta,
            )
        ]


_BAD_LINE = (ValueError, ConfigError, RecursionError)
"""What a damaged line raises: no JSON, no row, or nested deeper than Python goes."""


@contextmanager
def _unchanged(where: str) -> Iterator[None]:
    try:
        yield
    except (*_BAD_LINE, IndexError, OSError) as error:
        raise DataError(f'{where}: the file was changed while it is used ({error})') from error


def _why(error: Exception) -> str:
    return 'nested too deep' if isinstance(error, RecursionError) else str(error)[:LONGEST_WHY]


def _llava_rows(content: dict[str, Any], where: str, root: Path) -> list[Row]:
    check_keys(content, LLAVA_KEYS, 'row')
    image = _path(content, 'image' if 'image' in content else 'image_path', root)
    depth = _path(content, 'depth_path', root) if 'depth_path' in content else None
    turns = content['conversations']
    if not isinstance(turns, list):
        raise ValueError(f'conversations: expected a list, got {type(turns).__name__}')
    speakers = [turn.get('from') if isinstance(turn, dict) else None for turn in turns]
    if not turns or speakers != ['human', 'gpt'] * (len(turns) // 2):
        raise ValueError('conversations: expected turns from human and gpt by turns')
    asked = [_text(turn, 'value').replace('<image>', '').strip() for turn in turns[::2]]
    if not all(asked):
        raise ValueError('conversations: a question is empty beside its image')
    told = [_text(turn, 'value') for turn in turns[1::2]]
    return [
        Row(where, ask, answer, image, depth, '', {})
        for ask, answer in zip(asked, told, strict=True)
    ]


def _text(content: dict[str, Any], key: str) -> str:
    value = content.get(key)
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f'{key}: expected text, got {_shown(value)}')
    try:
        value.encode()
    except UnicodeEncodeError:
        raise ValueError(f'{key}: holds half of a character: {_shown(value)}') from None
    return value.strip()


def _path(content: dict[str, Any], key: str, root: Path) -> Path:
    """Return a file below the root; what a link there points to is its maker's business."""
    text = _text(content, key)
    if '\0' in text:
        raise ValueError(f'{key}: holds a NUL character: {_shown(text)}')
    if os.path.isabs(text) or os.path.normpath(text).split(os.sep)[0] == os.pardir:
        raise ValueError(f'{key}: {_shown(text)} leaves the data root {root}')
    return root / text


def _shown(value: object) -> str:
    """Quote a value from a file, cut short."""
    text = ascii(value)
    return text if len(text) <= SHOWN else f'{text[:SHOWN]}...'


def _lines(file: Path) -> Iterator[tuple[int, int, bytes]]:
    """Yield (byte offset, line number, line) of every line that is not blank."""
    try:
        with file.open('rb') as lines:
            offset = 0
            for number, line in enumerate(lines, start=1):
                if line.strip():
                    yield offset, number, line
                offset += len(line)
    except OSError as error:
        raise ConfigError(f'{file}: cannot be read ({error.strerror})') from error
