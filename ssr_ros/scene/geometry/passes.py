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

import cv2
import numpy as np
from numpy.typing import NDArray

from ssr_ros.compiled import compiled, EXACT
from ssr_ros.scene.geometry.noise import NoiseModel

FloatImage = NDArray[np.float32]
BoolImage = NDArray[np.bool_]

SOURCE = Path(__file__).with_name('passes.cpp')

FRAME, ENDLESS, PER_PIXEL = 2, 1 << 30, np.float32(65536)
"""Pixels around an image that no way leads over; and lengths, so many of which are a pixel."""

WINDOW_ROWS = 20
"""Rows of an image that the windows around jumps are made of."""


class Passes:
    """The functions of the compiled library."""

    def __init__(self, library: ctypes.CDLL) -> None:
        self._library = library

    def nearest_steady(
        self, steady: BoolImage, sought: BoolImage, pixels: NDArray[np.intp]
    ) -> tuple[FloatImage, NDArray[np.intp]]:
        """Return how far the nearest of (h, w) steady pixels is, and which, of (N,) sought ones.

        Ways lead over what is sought: none that leaves it is known.
        """
        frame = *4 * (FRAME,), cv2.BORDER_CONSTANT, None
        others = cv2.copyMakeBorder((~steady).view(np.uint8), *frame, 1)
        apart = np.multiply(others, ENDLESS, dtype=np.int32)
        todo = np.flatnonzero(cv2.copyMakeBorder(sought.view(np.uint8), *frame, 0).view(np.bool_))
        place, pitch = np.empty(apart.size, np.int32), apart.shape[1]
        self._run('nearest_steady', todo, len(todo), pitch, apart, place)
        at = pixels + pixels // steady.shape[1] * 2 * FRAME + FRAME * (pitch + 1)
        inside = place.take(at).astype(np.intp) - FRAME * (pitch + 1)
        return apart.take(at) / PER_PIXEL, inside - inside // pitch * 2 * FRAME

    def pool(
        self, depth_m: FloatImage, stride: int, share: float, noise: NoiseModel
    ) -> FloatImage:
        """Average the nearest readings of an (h, w) image's cells of stride x stride pixels."""
        height, width = depth_m.shape
        cells = np.empty((-(-height // stride), -(-width // stride)), np.float32)
        self._run('pool', depth_m, height, width, stride, share, _parts_of(noise), cells)
        return cells

    def jumps(
        self, depth_m: FloatImage, least: float, most_beyond: float, noise: NoiseModel
    ) -> tuple[NDArray[np.intp], list[FloatImage]]:
        """Return (N,) pixels at jumps of an (h, w) image, and (N,) each the depths around them."""
        height, width = depth_m.shape
        scratch = (
            np.empty(size, np.float32)
            for size in (depth_m.size, depth_m.size, WINDOW_ROWS * width + 8)
        )
        pixels = np.empty(depth_m.size, np.int64)
        windows = np.empty((4, depth_m.size), np.float32)
        given = (depth_m, height, width, least, most_beyond, _parts_of(noise))
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


def _parts_of(noise: NoiseModel) -> NDArray[np.float32]:
    return np.array([noise.constant_m, noise.linear, noise.quadratic_per_m], np.float32)
