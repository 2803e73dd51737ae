# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Read RGB-D frames from image files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ssr_ros.errors import EncodingError, FrameError, require_package
from ssr_ros.rgbd.array_files import read_npy, read_npz
from ssr_ros.rgbd.depth import depth_to_metres, MILLIMETRE_M
from ssr_ros.rgbd.file_header import check_file_size
from ssr_ros.rgbd.frame import CameraIntrinsics, RgbdFrame

MOST_FILE_BYTES = 1 << 29
"""Bytes of the largest file that is read; raw float64 of the largest image is half of that."""


def read_rgb(path: str | Path) -> NDArray[np.uint8]:
    """Read a colour image file as (H, W, 3) uint8, red first.

    PNG, JPEG, PGM, PPM, TIFF, BMP or WebP of at most MAX_PIXELS, by their headers.
    An orientation in its EXIF data is ignored: depth, which has none, would not be turned.

    Raises:
        FrameError: the file is missing or is not an image.
        MissingPackageError: OpenCV is not installed.
    """
    return decode_rgb(_file_bytes(path), str(path))


def decode_rgb(content: bytes, name: str) -> NDArray[np.uint8]:
    """Decode the bytes of a colour image file, as ``read_rgb`` does.

    Args:
        content: of the file.
        name: what messages call it.

    Raises:
        FrameError: they are no image.
        MissingPackageError: OpenCV is not installed.
    """
    bgr = _decode(content, name, 'IMREAD_COLOR', 'IMREAD_IGNORE_ORIENTATION')
    return np.ascontiguousarray(bgr[..., ::-1])


def read_depth_m(path: str | Path, unit_m: float | None = None) -> NDArray[np.float32]:
    """Read a depth file as (H, W) float32 metres with NaN unknown.

    16-bit PNG, PGM and TIFF hold millimetres; float TIFF holds metres. ``.npy``, and ``.npz``
    with one array or one called depth, hold either, by their type.

    Args:
        path: of the file.
        unit_m: metres of one of the whole numbers that it holds, where these are no millimetres.

    Raises:
        FrameError: the file is missing, is not an image, has a type that holds no metric depth,
            holds millimetres as floats, or holds floats and a unit is given; or the unit is none.
        MissingPackageError: OpenCV is not installed.
    """
    return decode_depth_m(_file_bytes(path), str(path), unit_m)


def decode_depth_m(content: bytes, name: str, unit_m: float | None = None) -> NDArray[np.float32]:
    """Decode the bytes of a depth file, as ``read_depth_m`` does.

    Args:
        content: of the file.
        name: its name; ``.npy`` and ``.npz`` are told by it.
        unit_m: metres of one of the whole numbers that it holds, where these are no millimetres.

    Raises:
        FrameError: as ``read_depth_m``.
        MissingPackageError: OpenCV is not installed.
    """
    if unit_m is not None and not 0 < unit_m <= 1:
        raise FrameError(f'{name}: a unit of {unit_m:g} m: expected more than 0 and at most 1 m')
    raw = _raw(content, name)
    if raw.ndim == 3 and raw.shape[2] == 1:
        raw = raw[..., 0]
    native = raw.astype(raw.dtype.newbyteorder('='), copy=False)
    try:
        if raw.ndim == 2 and native.dtype == np.uint16:
            return depth_to_metres(native, '16UC1', MILLIMETRE_M if unit_m is None else unit_m)
        if unit_m is not None and np.issubdtype(native.dtype, np.floating):
            raise FrameError(f'it holds floats, which are metres; a unit of {unit_m:g} m is given')
        if raw.ndim == 2 and np.issubdtype(native.dtype, np.floating):
            with np.errstate(over='ignore'):
                return depth_to_metres(native.astype(np.float32), '32FC1')
    except FrameError as error:
        raise FrameError(f'{name}: {error}') from error
    raise FrameError(
        f'{name}: expected one plane of 16-bit millimetres or of float metres, got shape '
        f'{raw.shape} of {raw.dtype}. An 8-bit picture of depth has lost its scale'
    )


def _raw(content: bytes, name: str) -> NDArray[Any]:
    suffix = Path(name).suffix.lower()
    if suffix == '.npy':
        return read_npy(content, name)
    if suffix == '.npz':
        return read_npz(content, name)
    return _decode(content, name, 'IMREAD_UNCHANGED')


def load_frame(
    rgb_path: str | Path,
    depth_path: str | Path,
    intrinsics: CameraIntrinsics,
    stamp_ns: int = 0,
    frame_id: str = 'camera',
    depth_unit_m: float | None = None,
) -> RgbdFrame:
    """Read one registered pair of files as a frame.

    Args:
        rgb_path: of the colour.
        depth_path: of the depth.
        intrinsics: of both.
        stamp_ns: when they were taken.
        frame_id: of the camera.
        depth_unit_m: as the unit of ``read_depth_m``.

    Raises:
        FrameError: a file cannot be read, or the two do not fit together.
        MissingPackageError: OpenCV is not installed.
    """
    depth_m = read_depth_m(depth_path, depth_unit_m)
    return RgbdFrame(read_rgb(rgb_path), depth_m, intrinsics, stamp_ns, frame_id)


def _decode(content: bytes, name: str, *flags: str) -> NDArray[Any]:
    cv2 = require_package('cv2', 'scene')
    data = np.frombuffer(content, np.uint8)
    try:
        check_file_size(data)  # before OpenCV takes the memory
    except EncodingError as error:
        raise FrameError(f'{name}: not an image that is read: {error}') from error
    try:
        flag = sum(getattr(cv2, each) for each in flags)
        image: NDArray[Any] | None = cv2.imdecode(data, flag)
    except cv2.error as error:  # a header that promises more pixels than OpenCV reads
        raise FrameError(f'{name}: OpenCV refuses the image: {error}') from error
    if image is None:
        raise FrameError(f'{name}: not an image that OpenCV can read')
    return image


def _file_bytes(path: str | Path) -> bytes:
    """Read a file whole; a device or a pipe would never end."""
    path = Path(path)
    try:
        if path.exists() and not path.is_file():
            raise FrameError(f'{path}: expected a file, and it is a folder, a pipe or a device')
        if (size := path.stat().st_size) > MOST_FILE_BYTES:
            raise FrameError(f'{path}: the file has {size} bytes: no image is so large')
        content = path.read_bytes()
    except OSError as error:
        raise FrameError(f'{path}: cannot be read ({error.strerror})') from error
    except ValueError as error:  # a NUL
        raise FrameError(f'{str(path)!r}: cannot be read ({error})') from error
    if not content:
        raise FrameError(f'{path}: the file is empty')
    return content
