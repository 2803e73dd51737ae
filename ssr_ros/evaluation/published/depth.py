# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Where the depth beside a benchmark's pictures comes from: somebody has to say it.

No published benchmark but three brings depth, and what is taken in its place decides what the
figures mean. So there is no default: 'own', 'none', or a folder of depth files.
"""

from __future__ import annotations

import math
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from ssr_ros.errors import ConfigError, FrameError
from ssr_ros.evaluation.published.items import Benchmark, Item
from ssr_ros.rgbd import CameraIntrinsics, read_depth_m, RgbdFrame

OWN, NONE = 'own', 'none'
ANY_FOV_DEG = 60.0
"""For a model alone, which reads depth and no metres from the calibration."""

SUFFIXES = ('.png', '.npy', '.npz', '.tiff', '.tif')


class Depth:
    """Finds the depth of an item, (H, W) float32 metres with NaN unknown.

    Args:
        source: 'own' (the data set's), 'none' (nothing is known), or a folder that holds, for the
            picture a/b.jpg, a/b.png or b.png (or .npy, .npz, .tiff): registered metric depth.
        benchmark: whose items are asked for.

    Raises:
        ConfigError: the data set has no depth of its own, or there is no such folder.
    """

    def __init__(self, source: str, benchmark: Benchmark) -> None:
        self.source = source
        self._folder = None if source in (OWN, NONE) else Path(source).expanduser()
        if source == OWN and not benchmark.own_depth:
            raise ConfigError(
                f'{benchmark.title} brings no depth: name a folder of depth files for its '
                "pictures, or 'none'"
            )
        if self._folder is not None and not self._folder.is_dir():
            raise ConfigError(f"expected 'own', 'none' or a folder of depth files, got {source!r}")

    def of(self, item: Item, size: tuple[int, int]) -> NDArray[np.float32]:
        """Return the depth of an item.

        Args:
            item: the item.
            size: of its picture, (width, height).

        Raises:
            FrameError: it is missing, or of another size than the picture.
        """
        if self.source == NONE:
            return np.full(size[::-1], np.nan, np.float32)
        depth_m = self._read(item)
        if depth_m.shape[::-1] != size:
            raise FrameError(
                f'{item.key}: the picture is {size[0]}x{size[1]} and its depth '
                f'{depth_m.shape[1]}x{depth_m.shape[0]}: depth has to be registered to it'
            )
        return depth_m

    def _read(self, item: Item) -> NDArray[np.float32]:
        if self._folder is None:
            return _own(item)
        return read_depth_m(depth_file(self._folder, item.image.name))


def depth_file(folder: Path, name: str) -> Path:
    """Return the depth of a picture in a folder: by the picture's whole path, else by its name.

    Raises:
        FrameError: there is none.
    """
    picture = Path(name)
    for stem in (folder / picture.parent / picture.stem, folder / picture.stem):
        for suffix in SUFFIXES:
            path = stem.with_name(stem.name + suffix)
            if path.is_file() and path.resolve().is_relative_to(folder.resolve()):
                return path
    raise FrameError(
        f'{folder} holds no depth for the picture {name}: expected {picture.stem}{SUFFIXES[0]} '
        f'or one of {", ".join(SUFFIXES[1:])}'
    )


def _own(item: Item) -> NDArray[np.float32]:
    if item.depth is None:
        raise FrameError(f'{item.key}: the data set has no depth for this picture')
    return item.depth.depth_m()


def frame_of(
    rgb: NDArray[np.uint8], depth_m: NDArray[np.float32], fov_deg: float = ANY_FOV_DEG
) -> RgbdFrame:
    """Return a picture and its depth as a frame of a camera that looks straight.

    Args:
        rgb: (H, W, 3) uint8.
        depth_m: (H, W) metres, NaN unknown.
        fov_deg: horizontal field of view; what is measured follows from it, a model ignores it.

    Raises:
        FrameError: no camera has that field of view, or the two do not fit together.
    """
    height, width = depth_m.shape
    focal_px = width / 2 / math.tan(math.radians(fov_deg) / 2)
    camera = CameraIntrinsics(focal_px, focal_px, (width - 1) / 2, (height - 1) / 2)
    return RgbdFrame(rgb, depth_m, camera)


def resized(depth_m: NDArray[np.float32], size: tuple[int, int]) -> NDArray[np.float32]:
    """Return depth at another size, (width, height); every pixel is one that was measured."""
    return np.asarray(cv2.resize(depth_m, size, interpolation=cv2.INTER_NEAREST), np.float32)
