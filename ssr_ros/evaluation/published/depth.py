# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Where the depth beside a benchmark's pictures comes from: somebody has to say it.

No published benchmark but three brings depth, and what is taken in its place decides what the
figures mean. So there is no default: 'own', 'none', or a folder of depth files.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from ssr_ros.errors import ConfigError, FrameError
from ssr_ros.evaluation.published.items import Benchmark, Item
from ssr_ros.rgbd import read_depth_m

OWN, NONE = 'own', 'none'
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
        depth_m = read_depth_m(self._file(item)) if self._folder else _own(item)
        if depth_m.shape[::-1] != size:
            raise FrameError(
                f'{item.key}: the picture is {size[0]}x{size[1]} and its depth '
                f'{depth_m.shape[1]}x{depth_m.shape[0]}: depth has to be registered to it'
            )
        return depth_m

    def _file(self, item: Item) -> Path:
        folder, name = self._folder or Path(), Path(item.image.name)
        for stem in (folder / name.parent / name.stem, folder / name.stem):
            for suffix in SUFFIXES:
                path = stem.with_name(stem.name + suffix)
                if path.is_file() and path.resolve().is_relative_to(folder.resolve()):
                    return path
        raise FrameError(
            f'{item.key}: {folder} holds no depth for the picture {item.image.name}: expected '
            f'{name.stem}{SUFFIXES[0]} or one of {", ".join(SUFFIXES[1:])}'
        )


def _own(item: Item) -> NDArray[np.float32]:
    if item.depth is None:
        raise FrameError(f'{item.key}: the data set has no depth for this picture')
    return item.depth.depth_m()


def resized(depth_m: NDArray[np.float32], size: tuple[int, int]) -> NDArray[np.float32]:
    """Return depth at another size, (width, height); every pixel is one that was measured."""
    return np.asarray(cv2.resize(depth_m, size, interpolation=cv2.INTER_NEAREST), np.float32)
