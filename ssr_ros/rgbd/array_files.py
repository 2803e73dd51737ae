# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Arrays in numpy's own files, looked at before they are believed. Nothing pickled is loaded."""

from __future__ import annotations

from io import BytesIO
import math
import tokenize
from typing import Any, BinaryIO
import zipfile
import zlib

import numpy as np
from numpy.typing import NDArray

from ssr_ros.errors import FrameError
from ssr_ros.rgbd.image_header import MAX_PIXELS

MOST_BYTES = 8 * MAX_PIXELS
DEPTH_NAMES = ('depth.npy', 'depth_m.npy')

HEADER_DAMAGE = (
    ValueError,
    TypeError,
    SyntaxError,
    OverflowError,
    MemoryError,
    RecursionError,
    tokenize.TokenError,
)
"""What numpy raises about headers: it evaluates them as Python literals."""

ARCHIVE_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    OSError,
    ValueError,
    NotImplementedError,
    RuntimeError,
)
"""What zipfile raises about damaged, encrypted or strangely compressed archives."""


def read_npy(content: bytes, where: str) -> NDArray[Any]:
    """Read the bytes of a ``.npy`` file.

    Args:
        content: all of them.
        where: name of the file, for the message.

    Raises:
        FrameError: they are damaged, cut, or hold something else than numbers.
    """
    stream = BytesIO(content)
    shape, is_fortran, dtype = _header(stream, where)
    count, start = math.prod(shape), stream.tell()
    if count > MAX_PIXELS or count * dtype.itemsize > MOST_BYTES:
        raise FrameError(f'{where}: {shape} of {dtype} is not the size of an image')
    if len(content) - start != count * dtype.itemsize:
        raise FrameError(
            f'{where}: {shape} of {dtype} takes {count * dtype.itemsize} bytes and '
            f'{len(content) - start} follow the header: the file is cut short or damaged'
        )
    flat = np.frombuffer(content, dtype, count, start)
    return flat.reshape(shape, order='F' if is_fortran else 'C')


def _header(stream: BinaryIO, where: str) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    try:
        version = np.lib.format.read_magic(stream)
        if version == (1, 0):
            shape, is_fortran, dtype = np.lib.format.read_array_header_1_0(stream)
        else:
            shape, is_fortran, dtype = np.lib.format.read_array_header_2_0(stream)
    except HEADER_DAMAGE as error:
        raise FrameError(f'{where}: not a plain numpy array ({error})') from error
    if dtype.hasobject or dtype.names or not dtype.itemsize:
        raise FrameError(f'{where}: not a plain numpy array (it holds {dtype})')
    if any(side < 0 for side in shape):
        raise FrameError(f'{where}: not a plain numpy array (its shape is {shape})')
    return shape, is_fortran, dtype


def read_npz(content: bytes, where: str) -> NDArray[Any]:
    """Read the one array of a ``.npz`` file, or the one that is called depth.

    Args:
        content: all bytes of the file.
        where: its name, for the message.

    Raises:
        FrameError: they are damaged, or hold none or several arrays.
    """
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            name = _choose(archive.namelist(), where)
            size = archive.getinfo(name).file_size
            if size > MOST_BYTES:
                raise FrameError(f'{where}: {name} has {size} bytes: no image is so large')
            with archive.open(name) as stream:
                array = stream.read(size + 1)
    except ARCHIVE_DAMAGE as error:
        raise FrameError(f'{where}: not a numpy archive that can be read ({error})') from error
    return read_npy(array, f'{where}: {name}')


def _choose(names: list[str], where: str) -> str:
    named = [name for name in names if name in DEPTH_NAMES] or names
    if len(named) != 1:
        held = ', '.join(names[:8]) or 'nothing'
        raise FrameError(f'{where}: expected one array, or one called depth, and it holds: {held}')
    return named[0]
