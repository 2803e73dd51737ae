# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What can be wrong with a recording, and the words for it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
import struct

from ssr_ros.bags.checksums import zstd
from ssr_ros.errors import BagError, require_package

ZSTD_MAGIC = b'\x28\xb5\x2f\xfd'
"""First bytes of a zstd frame; a CDR message begins with 00."""


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Turn what the reader raises about damaged data into a BagError.

    Raises:
        BagError: the recording cannot be read.
    """
    try:
        yield
    except _damage() as error:
        said = str(error) or type(error).__name__
        raise BagError(f'{path}: cannot be read: {said}. {_cure(path)}') from error


def _cure(path: Path) -> str:
    """A cut mcap file lacks its end, which ``ros2 bag reindex`` cannot write."""
    files = sorted(path.glob('*.mcap')) if path.is_dir() else [path]
    if files and files[0].suffix == '.mcap':
        whole = files[0].with_name(f'{files[0].stem}_recovered.mcap')
        return f'If the recording was cut off: mcap recover {files[0]} -o {whole}'
    return 'If the recording was cut off, try `ros2 bag reindex` on the folder'


def _damage() -> tuple[type[Exception], ...]:
    """What a damaged recording makes ``rosbags`` raise: found by damaging 2,400 of them.

    Its readers check little, so that flipped bytes come to light as almost anything.
    """
    return (
        require_package('rosbags.rosbag2', 'bags').ReaderError,
        require_package('rosbags.serde', 'bags').SerdeError,
        require_package('apsw', 'bags').Error,
        zstd().ZstdError,
        struct.error,
        OSError,
        EOFError,
        MemoryError,
        OverflowError,
        LookupError,
        TypeError,
        ValueError,
        AssertionError,
    )


def check_path(path: Path) -> None:
    """Refuse what cannot be a rosbag2 recording.

    Raises:
        BagError: with the way out.
    """
    if not path.exists():
        raise BagError(f'{path}: there is no such recording')
    if path.is_dir() and not (path / 'metadata.yaml').exists():
        raise BagError(
            f'{path}: expected a rosbag2 folder, but it has no metadata.yaml. If it holds a '
            '.db3 or .mcap file, run `ros2 bag reindex` on it, or open that file itself'
        )
    if path.suffix == '.bag':
        raise BagError(
            f'{path}: this is a ROS 1 bag. Convert it with: '
            f'rosbags-convert --src {path} --dst {path.with_suffix("")}'
        )
    if path.is_file() and path.suffix not in ('.mcap', '.db3'):
        raise BagError(f'{path}: expected a rosbag2 folder, or a .mcap or .db3 file')


def check_types(path: Path, types: set[str]) -> None:
    """Refuse type names that ROS 2 does not have.

    Raises:
        BagError: a name lacks its middle part.
    """
    for name in sorted(types):
        if name.count('/') != 2:
            raise BagError(
                f'{path}: {name!r} is not a ROS 2 type name (sensor_msgs/msg/Image is one). The '
                'recording was made by a faulty converter; convert the original again, for '
                'example with rosbags-convert'
            )
