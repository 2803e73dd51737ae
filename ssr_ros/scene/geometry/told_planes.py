# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""From fitted planes to the planes of the room, measured and named."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
import math

import numpy as np
from numpy.typing import NDArray

from ssr_ros.scene.geometry.gravity import Gravity
from ssr_ros.scene.geometry.grid import box_of, dotted, Grid, rows_and_columns, to_pixels
from ssr_ros.scene.geometry.medians import median_of
from ssr_ros.scene.geometry.objects import LEVEL_ROLES, PlaneRole, ScenePlane
from ssr_ros.scene.geometry.planes import PlaneFit

_MOST_READINGS = 5000
"""Of larger planes a sample of so many readings is enough for their rms and centre."""


def told_planes(
    structure: Sequence[tuple[PlaneFit, PlaneRole]],
    depth_m: NDArray[np.float32],
    grid: Grid,
    gravity: Gravity,
) -> list[ScenePlane]:
    """Measure and name the planes of the room.

    Args:
        structure: fits and what they are to the room.
        depth_m: (H, W) depth of all pixels, NaN unknown.
        grid: the reduced grid.
        gravity: where down is.
    """
    return _with_names([_told(fit, role, depth_m, grid, gravity) for fit, role in structure])


def _told(
    fit: PlaneFit, role: PlaneRole, depth_m: NDArray[np.float32], grid: Grid, gravity: Gravity
) -> ScenePlane:
    cells = np.flatnonzero(fit.cells)
    cells = cells[:: -(-len(cells) // _MOST_READINGS)]
    cells_m = grid.points_m.reshape(-1, 3).take(cells, axis=0)
    nearest = float(np.sqrt(np.einsum('ij,ij->i', cells_m, cells_m).min()))
    height = median_of(dotted(cells_m, -gravity.down))
    mask = to_pixels(fit.cells, depth_m.shape, grid.stride)
    rows, columns = rows_and_columns(cells, grid.shape[1])
    read_m = depth_m[rows * grid.stride, columns * grid.stride]
    known = np.isfinite(read_m)
    # A reading lies on its cell's ray but for half a cell, which a plane does not notice.
    readings_m = grid.rays.reshape(-1, 3).take(cells[known], axis=0) * read_m[known, None]
    off_m = fit.height_m(readings_m if len(readings_m) else cells_m)
    upright = float(np.clip(-fit.normal @ gravity.down, -1, 1))
    return ScenePlane(
        name=role,
        role=role,
        normal=fit.normal,
        offset_m=fit.offset_m,
        sigma_m=fit.sigma * fit.offset_m,
        distance_m=nearest,
        height_m=height if role in LEVEL_ROLES else math.nan,
        center_m=np.array([median_of(values) for values in cells_m.T]),
        tilt_deg=math.degrees(math.acos(upright)) if gravity.known else math.nan,
        rms_m=float(np.sqrt(np.mean(off_m**2))),
        box_px=box_of(mask),
        mask=mask,
    )


def _with_names(planes: list[ScenePlane]) -> list[ScenePlane]:
    """Call the lowest of several supports the floor, higher ones tables, and number the rest."""
    supports = sorted((p for p in planes if p.role in ('support', 'top')), key=_height)
    names: dict[int, str] = {}
    if len(supports) == 1:
        names[id(supports[0])] = 'support surface'
    elif supports:
        names[id(supports[0])] = 'floor'
    for name, group in (
        ('raised surface', supports[1:]),
        ('wall', [p for p in planes if p.role == 'wall']),
        ('ceiling', [p for p in planes if p.role == 'ceiling']),
        ('slope', [p for p in planes if p.role == 'slope']),
        ('surface', [p for p in planes if p.role == 'surface']),
    ):
        for number, plane in enumerate(sorted(group, key=lambda p: p.distance_m), 1):
            names[id(plane)] = name if len(group) == 1 else f'{name} {number}'
    return [replace(plane, name=names[id(plane)]) for plane in planes]


def _height(plane: ScenePlane) -> float:
    return plane.height_m
