# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Passes over pixels that are compiled (``passes.cpp``) where a C++ compiler is at hand.

Each has a twin of array operations where it is used, which computes the same bit for bit.
"""

from __future__ import annotations

import ctypes
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ssr_ros.compiled import compiled, EXACT
from ssr_ros.scene.geometry.grid import BoolImage, FloatImage
from ssr_ros.scene.geometry.noise import NoiseModel

SOURCE = Path(__file__).with_name('passes.cpp')

WINDOW_ROWS = 20
"""Rows of an image that the windows around jumps are made of."""


class Passes:
    """The functions of the compiled library."""

    def __init__(self, library: ctypes.CDLL) -> None:
        self._library = library

    def jumps(
        self, depth_m: FloatImage, least: float, most_beyond: float, noise: NoiseModel
    ) -> tuple[NDArray[np.intp], list[FloatImage]]:
        """Return (N,) pixels at jumps of an (h, w) image, and (N,) each the depths around them."""
        height, width = depth_m.shape
        parts = np.array([noise.constant_m, noise.linear, noise.quadratic_per_m], np.float32)
        scratch = (
            np.empty(size, np.float32)
            for size in (depth_m.size, depth_m.size, WINDOW_ROWS * width + 8)
        )
        pixels = np.empty(depth_m.size, np.int64)
        windows = np.empty((4, depth_m.size), np.float32)
        given = (depth_m, height, width, least, most_beyond, parts)
        count = self._run('jumps', *given, *scratch, pixels, windows)
        return pixels[:count], [window[:count] for window in windows]

    def connected(
        self, cells: BoolImage, right: BoolImage, below: BoolImage
    ) -> tuple[int, NDArray[np.int32]]:
        """Number the parts of (h, w) cells that (h, w - 1) and (h - 1, w) links make."""
        parents, labels = np.empty(cells.size + 1, np.int32), np.empty(cells.shape, np.int32)
        return self._run('connected', cells, right, below, *cells.shape, parents, labels), labels

    def grow(
        self,
        labels: NDArray[np.int32],
        depth_m: FloatImage,
        sigma_m: FloatImage,
        todo: NDArray[np.intp],
        slope: float,
        rounds: int,
    ) -> None:
        """Let (h, w) labels grow over cells with these flat indices; all images are framed."""
        todo, owners = np.array(todo, np.int64), np.empty(len(todo), np.int32)
        given = (labels.shape[1], slope, rounds, todo, len(todo), owners)
        self._run('grow', depth_m, sigma_m, *given, labels)

    def areas(self, labels: NDArray[np.int32], count: int) -> NDArray[np.int64]:
        """Return the (count,) number of cells of every label."""
        areas = np.zeros(count, np.int64)
        beyond = self._run('add_areas', labels, labels.size, areas, count)
        assert not beyond, f'{count} labels are fewer than there are'
        return areas

    def _run(self, name: str, *values: NDArray[Any] | float) -> int:
        """Call a function with where each array begins, int64 and float32 numbers."""
        held = [np.ascontiguousarray(v) if isinstance(v, np.ndarray) else v for v in values]
        given = [
            ctypes.c_void_p(value.ctypes.data)
            if isinstance(value, np.ndarray)
            else (ctypes.c_float if isinstance(value, float) else ctypes.c_int64)(value)
            for value in held
        ]
        function = getattr(self._library, name)
        function.restype = ctypes.c_int64
        return int(function(*given))


@cache
def passes() -> Passes | None:
    """Return the compiled passes, or None where they cannot be had."""
    library = compiled(SOURCE, 'what depth shows', 'NumPy', *EXACT)
    return None if library is None else Passes(library)
