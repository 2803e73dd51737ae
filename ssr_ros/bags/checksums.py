# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Checksums of recordings: written into ours, checked in all that carry them.

A flipped bit in a depth image is another distance, and nothing else would tell. An mcap file has
places for them (https://mcap.dev/spec): one in each chunk, which ``rosbags`` checks when it reads
and leaves empty when it writes, and one for the summary. A sqlite3 file has none, so that ours
is written into the folder's metadata.yaml.
"""

from __future__ import annotations

from pathlib import Path
import re
import struct
import sys
from types import ModuleType
from typing import BinaryIO
import zlib

from ssr_ros.errors import BagError, require_package

MAGIC = b'\x89MCAP0\r\n'
FOOTER_BYTES = 37
"""Opcode, length, three fields of 20 bytes, and the magic at the end."""

FOOTER, CHUNK = 0x02, 0x06

DATABASE_KEY = 'ssr_ros_crc32'
"""Key in custom_data of metadata.yaml; its value names the file and its CRC."""

DATABASE_VALUE = re.compile(DATABASE_KEY + r':\s*[\'"]?([0-9a-f]{8}) ([\w.-]+)')
PLACEHOLDER = '00000000'
BLOCK_BYTES = 1 << 16


def check_checksums(path: Path) -> None:
    """Compare the checksums outside of chunks with the bytes.

    Raises:
        BagError: they differ.
        OSError: a file cannot be read.
    """
    files = sorted(path.iterdir()) if path.is_dir() else [path]
    for file in files:
        if file.suffix == '.mcap':
            _check_summary(file)
    if path.is_dir():
        _check_database(path)


def write_checksums(folder: Path) -> None:
    """Write the checksums of a recording that was just closed.

    Raises:
        OSError: a file cannot be written.
    """
    for file in folder.glob('*.mcap'):
        with file.open('r+b') as stream:
            _write_chunks(stream)
            _write_summary(stream)
    for file in folder.glob('*.db3'):
        metadata = folder / 'metadata.yaml'
        text = metadata.read_text(encoding='utf-8')
        metadata.write_text(text.replace(PLACEHOLDER, _crc_of(file), 1), encoding='utf-8')


def database_note(file_name: str) -> tuple[str, str]:
    """Return key and value for custom_data, to be filled in by ``write_checksums``."""
    return DATABASE_KEY, f'{PLACEHOLDER} {file_name}'


def _check_database(folder: Path) -> None:
    text = (folder / 'metadata.yaml').read_bytes().decode(errors='replace')
    for crc, name in DATABASE_VALUE.findall(text):
        file = folder / Path(name).name
        if crc != PLACEHOLDER and file.exists() and _crc_of(file) != crc:
            raise BagError(
                f'{file}: its checksum is not the one that was recorded: the file is damaged'
            )


def _crc_of(file: Path) -> str:
    crc = 0
    with file.open('rb') as stream:
        while block := stream.read(BLOCK_BYTES):
            crc = zlib.crc32(block, crc)
    return f'{crc:08x}'


def _check_summary(file: Path) -> None:
    with file.open('rb') as stream:
        footer = _read_footer(stream)
        if footer is None:
            return
        crc = struct.unpack_from('<I', footer, 25)[0]
        if crc and crc != _summary_crc(stream, footer):
            raise BagError(f'{file}: the checksum of its summary does not hold: it is damaged')


def _read_footer(stream: BinaryIO) -> bytes | None:
    """Return the record with its opcode and the magic, or None where there is none."""
    end = stream.seek(0, 2)
    stream.seek(max(0, end - FOOTER_BYTES))
    footer = stream.read(FOOTER_BYTES)
    is_whole = len(footer) == FOOTER_BYTES and footer[0] == FOOTER and footer.endswith(MAGIC)
    return footer if is_whole else None


def _summary_crc(stream: BinaryIO, footer: bytes) -> int:
    """The CRC of everything from the summary on to the field that holds it."""
    end = stream.seek(0, 2) - FOOTER_BYTES
    start = struct.unpack_from('<Q', footer, 9)[0] or end
    if start > end:
        return 0
    stream.seek(start)
    return zlib.crc32(footer[:25], zlib.crc32(stream.read(end - start)))


def _write_summary(stream: BinaryIO) -> None:
    footer = _read_footer(stream)
    if footer is not None:
        crc = _summary_crc(stream, footer)
        stream.seek(-FOOTER_BYTES + 25, 2)
        stream.write(struct.pack('<I', crc))


def _write_chunks(stream: BinaryIO) -> None:
    """Walk over the records and fill in the CRC of every chunk."""
    stream.seek(len(MAGIC))
    while len(head := stream.read(9)) == 9 and head[0] != FOOTER:
        size = struct.unpack('<Q', head[1:])[0]
        start = stream.tell()
        if head[0] == CHUNK:
            crc = zlib.crc32(_records(stream.read(size)))
            stream.seek(start + 24)
            stream.write(struct.pack('<I', crc))
        stream.seek(start + size)


def _records(chunk: bytes) -> bytes:
    """Return the uncompressed records of a chunk."""
    name_bytes = struct.unpack_from('<I', chunk, 28)[0]
    compression = chunk[32 : 32 + name_bytes].decode()
    records = chunk[32 + name_bytes + 8 :]
    return bytes(zstd().decompress(records)) if compression == 'zstd' else records


def zstd() -> ModuleType:
    """Return the module that ``rosbags`` decompresses with.

    Raises:
        MissingPackageError: it is not installed.
    """
    name = 'compression.zstd' if sys.version_info >= (3, 14) else 'backports.zstd'
    return require_package(name, 'bags')
