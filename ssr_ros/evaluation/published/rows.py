# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Rows of a data set's files: JSON, JSON lines and parquet, looked at before they are believed."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
import json
from pathlib import Path
from typing import Any

from ssr_ros.errors import DatasetError, require_package
from ssr_ros.evaluation.published.items import Picture

SUFFIXES = ('.jsonl', '.json', '.parquet')
Row = dict[str, Any]


def files_of(folder: Path, *patterns: str) -> list[Path]:
    """Return the files of the first pattern that has any, in order of their names.

    Raises:
        DatasetError: no pattern has one.
    """
    for pattern in patterns:
        if found := sorted(path for path in folder.glob(pattern) if path.is_file()):
            return found
    raise DatasetError(
        f'{folder}: expected a file {" or ".join(patterns)}: name the folder that the data set '
        'was downloaded to'
    )


def rows_of(path: Path) -> Iterator[tuple[str, Row]]:
    """Read a file's rows.

    Yields:
        where a row is ('test_2d.jsonl:3'), and its fields.

    Raises:
        DatasetError: the file cannot be read, or holds no rows.
        MissingPackageError: it is parquet and pyarrow is not installed.
    """
    try:
        rows = _READERS[path.suffix](path)
    except (OSError, ValueError, RecursionError) as error:
        raise DatasetError(f'{path}: cannot be read as {path.suffix[1:]} ({error})') from error
    for number, row in enumerate(rows):
        where = f'{path.name}:{number}'
        if not isinstance(row, Mapping):
            raise DatasetError(f'{where}: expected an object, got {type(row).__name__}')
        yield where, dict(row)


def field(row: Row, name: str, where: str, *types: type) -> Any:
    """Return a field that has to be there.

    Raises:
        DatasetError: it is missing or of another type.
    """
    value = row.get(name)
    if not isinstance(value, types) or isinstance(value, bool):
        wanted = ' or '.join(each.__name__ for each in types)
        got = f'{sorted(row)}' if name not in row else type(value).__name__
        raise DatasetError(f'{where}: expected {name!r} to be {wanted}, got {got}')
    return value


def structure(row: Row, name: str, where: str, *types: type) -> Any:
    """Return a field that has parts; where a table holds it as text, as JSON or Python writes it.

    Raises:
        DatasetError: it is missing, of another type, or cannot be read.
    """
    value = row.get(name)
    if not isinstance(value, str):
        return field(row, name, where, *types)
    try:
        read = ast.literal_eval(value)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        try:
            read = json.loads(value)
        except (ValueError, RecursionError) as error:
            raise DatasetError(f'{where}: {name!r} cannot be read: {value[:60]!r}') from error
    return field({name: read}, name, where, *types)


def picture(row: Row, names: tuple[str, ...], folder: Path, where: str) -> Picture | None:
    """Return the picture in the first of these fields that holds one: a path or a file's bytes.

    Raises:
        DatasetError: the path leaves the folder of the data set.
    """
    name = next((str(row[key]) for key in names if isinstance(row.get(key), str)), where)
    for key in names:
        value = row.get(key)
        if isinstance(value, Mapping) and isinstance(value.get('bytes'), bytes):
            inner = value.get('path')
            return Picture(str(inner) if inner else name, None, value['bytes'])
        if isinstance(value, str) and value:
            return Picture(value, inside(folder, value, where))
    return None


def needed_picture(row: Row, names: tuple[str, ...], folder: Path, where: str) -> Picture:
    """Return the picture that has to be there.

    Raises:
        DatasetError: it is not.
    """
    found = picture(row, names, folder, where)
    if found is None:
        raise DatasetError(
            f'{where}: expected a picture in {" or ".join(names)}, got {sorted(row)}'
        )
    return found


def inside(folder: Path, name: str, where: str) -> Path:
    """Return a file of the data set by the name that a row gives.

    Raises:
        DatasetError: it would lie elsewhere.
    """
    path = folder / name
    if not path.resolve().is_relative_to(folder.resolve()):
        raise DatasetError(f'{where}: {name!r} lies outside of the data set')
    return path


def _lines(path: Path) -> list[Any]:
    lines = path.read_text(encoding='utf-8').splitlines()
    return [json.loads(line) for line in lines if line.strip()]


def _array(path: Path) -> list[Any]:
    rows = json.loads(path.read_text(encoding='utf-8'))
    if not isinstance(rows, list):
        raise ValueError(f'expected a list of rows, got {type(rows).__name__}')
    return rows


def _table(path: Path) -> list[Any]:
    parquet = require_package('pyarrow.parquet', 'benchmarks')
    return list(parquet.read_table(path).to_pylist())


_READERS = {'.jsonl': _lines, '.json': _array, '.parquet': _table}
