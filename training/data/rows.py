# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Training rows on disk: this package's, the published SSR-CoT's and LLaVA-Instruct's.

One JSON object a line. SSR-CoT: ``question, rationale, answer, image_path, depth_path``, where
``rationale`` may be missing. LLaVA-Instruct: ``image`` (or ``image_path``), optionally
``depth_path``, and ``conversations``, a list of ``{from: human|gpt, value: ...}``; each exchange
becomes a row. Paths are relative to a root. ``meta`` holds what the makers of the row knew beyond.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
import json
import logging
from pathlib import Path
from typing import Any

from ssr_ros.errors import check_keys, ConfigError
from training.run.failures import DataError

KEYS = ('question', 'rationale', 'answer', 'image_path', 'depth_path', 'meta')
LLAVA_KEYS = ('id', 'image', 'image_path', 'depth_path', 'conversations')

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
        self._places: list[tuple[int, int, int, int]] = []
        bad: list[tuple[str, str]] = []
        for number, file in enumerate(self._files):
            for offset, line_number, line in _lines(file):
                where = f'{file}:{line_number}'
                try:
                    found = self._parse(number, where, line)
                except (ValueError, ConfigError) as error:
                    bad.append((where, str(error)))
                else:
                    places = [(number, offset, line_number, turn) for turn in range(len(found))]
                    self._places += places
        self.broken = BrokenSamples(len(self._places) + len(bad), max_broken)
        for where, why in bad:
            self.broken.add(where, why)
        if not self._places:
            raise DataError(f'{", ".join(map(str, files)) or "no files"}: there is no row to read')

    def __len__(self) -> int:
        return len(self._places)

    def __getitem__(self, index: int) -> Row:
        """Read one row again from its file."""
        number, offset, line_number, turn = self._places[index]
        with self._files[number].open('rb') as file:
            file.seek(offset)
            line = file.readline()
        return self._parse(number, f'{self._files[number]}:{line_number}', line)[turn]

    def _parse(self, number: int, where: str, line: bytes) -> list[Row]:
        root = Path(self._root) if self._root else self._files[number].parent
        content = json.loads(line)
        if not isinstance(content, dict):
            raise ValueError(f'expected a json object, got {type(content).__name__}')
        if 'conversations' in content:
            return _llava_rows(content, where, root)
        check_keys(content, KEYS, 'row')
        texts = {key: _text(content, key) for key in ('question', 'answer', 'image_path')}
        rationale = content.get('rationale') or ''
        if not isinstance(rationale, str):
            raise ValueError('rationale: expected text')
        return [
            Row(
                where,
                texts['question'],
                texts['answer'],
                root / texts['image_path'],
                root / _text(content, 'depth_path'),
                rationale,
                dict(content.get('meta') or {}),
            )
        ]


def _llava_rows(content: dict[str, Any], where: str, root: Path) -> list[Row]:
    check_keys(content, LLAVA_KEYS, 'row')
    image = root / _text(content, 'image' if 'image' in content else 'image_path')
    depth = root / _text(content, 'depth_path') if 'depth_path' in content else None
    turns = content['conversations']
    speakers = [turn.get('from') if isinstance(turn, dict) else None for turn in turns]
    if not turns or speakers != ['human', 'gpt'] * (len(turns) // 2):
        raise ValueError('conversations: expected turns from human and gpt by turns')
    texts = [_text(turn, 'value') for turn in turns]
    return [
        Row(where, ask.replace('<image>', '').strip(), answer, image, depth, '', {})
        for ask, answer in zip(texts[::2], texts[1::2], strict=True)
    ]


def _text(content: dict[str, Any], key: str) -> str:
    value = content.get(key)
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f'{key}: expected text, got {value!r}')
    return value.strip()


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
