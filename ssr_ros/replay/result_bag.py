# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The answers of a run as a recording of their own, to be opened beside the one that was asked."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
import shutil
from tempfile import TemporaryDirectory

from ssr_ros.bags.write import open_writer, reliable_qos
from ssr_ros.errors import BagError
from ssr_ros.replay.result_messages import Messages
from ssr_ros.replay.rows import AnswerRow

SUFFIX = '_answers'
MARK = 'ssr_ros_answers'
"""Stands in the metadata of what was written here: only such a folder is ever replaced."""


def result_path(bag: Path, folder: Path | None = None) -> Path:
    """Return where a recording's answers go: beside it, or into a folder."""
    bag = bag.resolve()
    name = (bag.name if bag.is_dir() else bag.stem) + SUFFIX
    return (bag.parent if folder is None else folder) / name


def write_result_bag(path: Path, rows: Iterable[AnswerRow]) -> int:
    """Write answers, markers and detections as a rosbag2 folder with one mcap file.

    Everything stands at the stamp of its frame; what has no frame is left out.

    Args:
        path: the folder; one that was written here before is replaced.
        rows: of one recording.

    Returns:
        how many answers were written.

    Raises:
        BagError: the folder is something else, cannot be made, or no answer has a frame.
        MissingPackageError: the package ``rosbags`` is not installed.
    """
    placed = sorted((row for row in rows if row.stamp_ns is not None), key=_stamp_ns)
    if not placed:
        raise BagError(f'{path}: no answer is about a frame, so there is nothing to write')
    _check_ours(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(prefix=f'.{path.name}-', dir=path.parent) as begun:
            _write(Path(begun) / path.name, placed)
            shutil.rmtree(path, ignore_errors=True)
            (Path(begun) / path.name).rename(path)
    except OSError as error:
        raise BagError(
            f'{path}: cannot be written ({error.strerror or error}): name a folder, '
            '--write-bag DIR'
        ) from error
    return len(placed)


def _write(path: Path, rows: list[AnswerRow]) -> None:
    messages, qos = Messages(), [reliable_qos()]
    with open_writer(path, 'mcap') as writer:
        writer.set_custom_data(MARK, str(len(rows)))
        connections: dict[str, object] = {}
        for row in rows:
            for topic, (kind, message) in messages.of(row).items():
                if topic not in connections:
                    connections[topic] = writer.add_connection(
                        topic, kind, typestore=messages.store, offered_qos_profiles=qos
                    )
                cdr = messages.store.serialize_cdr(message, kind)
                writer.write(connections[topic], _stamp_ns(row), cdr)


def _check_ours(path: Path) -> None:
    if not path.exists():
        return
    metadata = path / 'metadata.yaml'
    said = metadata.read_text(encoding='utf-8', errors='replace') if metadata.is_file() else ''
    if MARK not in said:
        raise BagError(
            f'{path} is there and was not written here: move it, or name another folder'
        )


def _stamp_ns(row: AnswerRow) -> int:
    return row.stamp_ns or 0
