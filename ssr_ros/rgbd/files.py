# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Read RGB-D frames from image files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ssr_ros.errors import FrameError, require_package
from ssr_ros.rgbd.depth import depth_to_metres, mark_unknown
from ssr_ros.rgbd.frame import CameraIntrinsics, RgbdFrame

FARTHEST_MEDIAN_M = 200.0
"""No depth camera sees half of its picture beyond this: such floats are millimetres."""


def read_rgb(path: str | Path) -> NDArray[np.uint8]:
    """Read a colour image file as (H, W, 3) uint8, red first.

    Raises:
        FrameError: the file is missing or is not an image.
        MissingPackageError: OpenCV is not installed.
    """
    bgr = _decode(path, 'IMREAD_COLOR')
    return np.ascontiguousarray(bgr[..., ::-1])


def read_depth_m(path: str | Path) -> NDArray[np.float32]:
    """Read a depth file as (H, W) float32 metres with NaN unknown.

    16-bit PNG, PGM and TIFF hold millimetres; ``.npy`` and float TIFF hold metres.

    Raises:
        FrameError: the file is missing, is not an image, has a type that holds no metric depth,
            or holds millimetres as floats.
        MissingPackageError: OpenCV is not installed.
    """
    if Path(path).suffix == '.npy':
        _file_bytes(path)
        try:
            raw = np.load(path, allow_pickle=False)
        except (ValueError, EOFError) as error:
            raise FrameError(f'{path}: not a plain numpy array ({error})') from error
    else:
        raw = _decode(path, 'IMREAD_UNCHANGED')
    if raw.ndim == 2 and raw.dtype == np.uint16:
        return depth_to_metres(raw, '16UC1')
    if raw.ndim == 2 and np.issubdtype(raw.dtype, np.floating):
        depth_m = mark_unknown(raw)
        known_m = depth_m[np.isfinite(depth_m)]
        if known_m.size and float(np.median(known_m)) > FARTHEST_MEDIAN_M:
            raise FrameError(
                f'{path}: half of the depth lies beyond {np.median(known_m):.0f} m: are these '
                'millimetres? Float depth is in metres; 16-bit images are in millimetres'
            )
        return depth_m
    raise FrameError(
        f'{path}: expected one plane of 16-bit millimetres or of float metres, got shape '
        f'{raw.shape} of {raw.dtype}. An 8-bit picture of depth has lost its scale'
    )


def load_frame(
    rgb_path: str | Path,
    depth_path: str | Path,
    intrinsics: CameraIntrinsics,
    stamp_ns: int = 0,
    frame_id: str = 'camera',
) -> RgbdFrame:
    """Read one registered pair of files as a frame.

    Raises:
        FrameError: a file cannot be read, or the two do not fit together.
        MissingPackageError: OpenCV is not installed.
    """
    return RgbdFrame(read_rgb(rgb_path), read_depth_m(depth_path), intrinsics, stamp_ns, frame_id)


def _decode(path: str | Path, flag: str) -> NDArray[Any]:
    cv2 = require_package('cv2', 'scene')
    try:
        image: NDArray[Any] | None = cv2.imdecode(_file_bytes(path), getattr(cv2, flag))
    except cv2.error as error:  # a header that promises more pixels than OpenCV reads
        raise FrameError(f'{path}: OpenCV refuses the image: {error}') from error
    if image is None:
        raise FrameError(f'{path}: not an image that OpenCV can read')
    return image


def _file_bytes(path: str | Path) -> NDArray[np.uint8]:
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        raise FrameError(f'{path}: cannot be read ({error.strerror})') from error
    if not content:
        raise FrameError(f'{path}: the file is empty')
    return np.frombuffer(content, np.uint8)
