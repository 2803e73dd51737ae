# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What every patch of a rendered view shows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
import torch
from torch import Tensor

from training.models.losses import IGNORE
from training.worlds.palette import COLORS, SHAPES

FURNITURE = 1
"""Kind of a patch; 0 shows nothing, 2 and above a shape."""

TENTHS = 10
"""Steps of the place of an object in the picture."""

DISTANCES_M = np.geomspace(0.35, 4.5, 41)
"""Limits of the steps of distance, 6.6 % each: fine enough for 15 %, with room for doubt."""

ENOUGH = 0.2
"""An object that covers so much of a patch is what the patch shows."""

FINE = 8
"""Samples along a side of a patch to judge that by."""

CLASSES = {
    'color': 1 + len(COLORS),
    'kind': 2 + len(SHAPES),
    'across': TENTHS,
    'down': TENTHS,
}


def patch_classes(
    labels: NDArray[np.int32], things: Sequence[dict[str, Any]], grid: tuple[int, int]
) -> Tensor:
    """Say what each patch shows.

    Args:
        labels: (H, W) segmentation; k is things[k - 1].
        things: of the truth.
        grid: rows and columns of patches.

    Returns:
        (4, patches) int64: color, kind, across, down (both IGNORE where there is no object).
    """
    owner = _owners(labels, things, grid)
    classes = np.zeros((len(CLASSES), *grid), np.int64)
    classes[2:] = IGNORE
    height, width = labels.shape
    for number in np.unique(owner[owner > 0]):
        thing, here = things[number - 1], owner == number
        if thing['role'] != 'object':
            classes[1][here] = FURNITURE
            continue
        y, x = np.nonzero(labels == number)
        middle = (x.min() + x.max() + 1) / 2 / width, (y.min() + y.max() + 1) / 2 / height
        classes[0][here] = 1 + list(COLORS).index(thing['color'])
        classes[1][here] = 2 + SHAPES.index(thing['shape'])
        for row, share in zip((2, 3), middle, strict=True):
            classes[row][here] = min(TENTHS - 1, int(TENTHS * share))
    return torch.from_numpy(classes.reshape(len(CLASSES), -1))


def patch_distances(
    labels: NDArray[np.int32],
    depth_m: NDArray[np.float32],
    things: Sequence[dict[str, Any]],
    side: int,
) -> Tensor:
    """(patches,) int64: the step of DISTANCES_M of the object, or else of the patch's middle."""
    owner = _owners(labels, things, (side, side))
    size = (FINE * side, FINE * side)
    fine = cv2.resize(depth_m, size, interpolation=cv2.INTER_NEAREST)
    cells = fine.reshape(side, FINE, side, FINE).transpose(0, 2, 1, 3).reshape(side, side, -1)
    known = np.where(np.isfinite(cells).any(-1, keepdims=True), cells, -1.0)
    distance = np.nanmedian(known, axis=-1)
    for number in np.unique(owner[owner > 0]):
        if things[number - 1]['role'] == 'object':
            distance[owner == number] = things[number - 1]['distance_m']
    steps = np.clip(np.digitize(distance, DISTANCES_M) - 1, 0, len(DISTANCES_M) - 2)
    steps[distance < 0] = IGNORE
    return torch.from_numpy(steps.astype(np.int64).ravel())


def _owners(
    labels: NDArray[np.int32], things: Sequence[dict[str, Any]], grid: tuple[int, int]
) -> NDArray[np.int64]:
    """Return the number of the thing that each patch shows, objects first; 0 for none."""
    rows, columns = grid
    size = (FINE * columns, FINE * rows)
    fine = cv2.resize(labels.astype(np.int16), size, interpolation=cv2.INTER_NEAREST)
    cells = fine.reshape(rows, FINE, columns, FINE).transpose(0, 2, 1, 3).reshape(*grid, -1)
    owner = np.zeros(grid, np.int64)
    for role in ('furniture', 'object'):  # an object stands out against what it stands on
        most = np.full(grid, ENOUGH)
        for index, thing in enumerate(things):
            share = (cells == index + 1).mean(-1)
            better = (share >= most) & (thing['role'] == role)
            owner[better], most[better] = index + 1, share[better]
    return owner
