# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The folder of a run: what is written where, and whose it is.

::

    answers.jsonl  summary.json  report.html     what a run leaves
    run.json                                     what it is of, so that it can go on
    parts/NAME.jsonl  parts/NAME.json            rows and notes of one recording, as they come
    pictures/NAME-000012.color.webp ...          of the frames that were asked about
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
import hashlib
import json
from pathlib import Path
import re
import shutil
from typing import Any, TextIO

from ssr_ros.errors import BagError, ConfigError
from ssr_ros.replay.rows import AnswerRow

OURS = ('answers.jsonl', 'summary.json', 'report.html', 'run.json', 'parts', 'pictures')


class Folder:
    """The files of a run.

    Args:
        path: of the folder.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.answers, self.summary = path / 'answers.jsonl', path / 'summary.json'
        self.report, self.pictures = path / 'report.html', path / 'pictures'
        self._parts, self._run = path / 'parts', path / 'run.json'

    def begin(self, identity: Mapping[str, Any], fresh: bool = False) -> bool:
        """Make the folder, or go on in one that holds the same run; return whether it does.

        Args:
            identity: what makes two runs the same: name -> plain value.
            fresh: throw away what an earlier run has left.

        Raises:
            ConfigError: it holds another run, or something else.
        """
        if fresh:
            self._remove()
        held = self._identity()
        if held is None and self.path.exists() and any(self.path.iterdir()):
            raise ConfigError(f'{self.path}: there is something else in it: name a new folder')
        known = {name: _digest(value) for name, value in identity.items()}
        if held is not None and held != known:
            names = [name for name in {**known, **held} if known.get(name) != held.get(name)]
            raise ConfigError(
                f'{self.path}: holds a run of another kind: it differs in {", ".join(names)}. '
                'Name a new folder with --out, or throw that run away with --fresh'
            )
        try:
            for folder in (self.path, self._parts, self.pictures):
                folder.mkdir(parents=True, exist_ok=True)
            if held is None:
                write_json(self._run, known)
        except OSError as error:
            raise ConfigError(f'{self.path}: cannot be made ({error.strerror})') from error
        return held is not None

    def rows(self, name: str) -> list[AnswerRow]:
        """Return the rows of a recording so far; a last one that was cut is left out."""
        path = self.part(name)
        if not path.exists():
            return []
        found = []
        with path.open(encoding='utf-8', errors='replace') as stream:
            for line in stream:
                try:
                    found.append(AnswerRow.from_line(line))
                except ValueError:
                    break
        return found

    def open_rows(self, name: str, kept: Iterable[AnswerRow]) -> TextIO:
        """Write a recording's rows again as far as they are kept, and return the file to go on."""
        path = self.part(name)
        begun = path.with_name(path.name + '.part')
        with begun.open('w', encoding='utf-8') as stream:
            stream.writelines(row.to_line() for row in kept)
        begun.replace(path)
        return path.open('a', encoding='utf-8')

    def part(self, name: str) -> Path:
        """Return the file of a recording's rows."""
        return self._parts / f'{name}.jsonl'

    def about(self, name: str) -> Path:
        """Return the file of what is known about a recording."""
        return self._parts / f'{name}.json'

    def names(self) -> list[str]:
        """Return the names of the recordings that were looked at."""
        return sorted(path.stem for path in self._parts.glob('*.json'))

    def notes(self, name: str) -> dict[str, Any]:
        """Return what is known about a recording; empty before it was looked at."""
        try:
            found: dict[str, Any] = json.loads(self.about(name).read_text(encoding='utf-8'))
        except (OSError, ValueError):
            return {}
        return found

    def write_about(self, name: str, notes: Mapping[str, Any]) -> None:
        """Write what is known about a recording."""
        write_json(self.about(name), notes)

    def picture_name(self, name: str, number: int) -> str:
        """Return what the pictures of a frame are called, without suffix."""
        return f'{name}-{number:06d}'

    def _identity(self) -> dict[str, str] | None:
        try:
            held: dict[str, str] = json.loads(self._run.read_text(encoding='utf-8'))
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            raise ConfigError(f'{self._run}: cannot be read: {error}') from error
        return held

    def _remove(self) -> None:
        if self._identity() is None:
            return
        for name in OURS:
            path = self.path / name
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)


def write_json(path: Path, value: Any) -> None:
    """Write a whole file, or leave what was there."""
    begun = path.with_name(path.name + '.part')
    text = json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False)
    begun.write_text(text + '\n', encoding='utf-8')
    begun.replace(path)


def names_of(paths: Sequence[Path]) -> list[str]:
    """Return a name for each recording, fit for files: two of one name get their folder's too.

    Raises:
        BagError: one is given twice.
    """
    resolved = [path.resolve() for path in paths]
    for path in resolved:
        if resolved.count(path) > 1:
            raise BagError(f'{path}: is given twice')
    names = [_plain(path.name if path.is_dir() else path.stem) for path in resolved]
    found = [
        name if names.count(name) == 1 else _plain(f'{path.parent.name}_{name}')
        for name, path in zip(names, resolved, strict=True)
    ]
    return [
        name if found.count(name) == 1 else f'{name}_{number}'
        for number, name in enumerate(found, 1)
    ]


def _plain(name: str) -> str:
    return re.sub(r'[^\w.-]', '_', name) or 'bag'


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:16]
