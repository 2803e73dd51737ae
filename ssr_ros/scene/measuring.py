# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""From one RGB-D frame to its facts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
import math

import numpy as np

from ssr_ros.rgbd import RgbdFrame
from ssr_ros.scene.facts import SceneFacts
from ssr_ros.scene.geometry.colors import cell_colors, exposure_gain
from ssr_ros.scene.geometry.gravity import find_gravity, Gravity, is_level
from ssr_ros.scene.geometry.grid import (
    box_of,
    Grid,
    make_grid,
    to_pixels,
    usable,
)
from ssr_ros.scene.geometry.measure_things import measured_box, Workbench
from ssr_ros.scene.geometry.noise import fit_to_frame, NoiseModel
from ssr_ros.scene.geometry.objects import ScenePlane
from ssr_ros.scene.geometry.planes import cell_normals, find_planes, PlaneFit
from ssr_ros.scene.geometry.segments import level_cells, segment
from ssr_ros.scene.geometry.structure import cells_of, plane_roles
from ssr_ros.scene.geometry.things import keep_things

LEAST_PIXELS = 250
"""Smaller regions are not called objects at 640 x 480; in proportion for other sizes."""


def measure(
    frame: RgbdFrame,
    noise: str | NoiseModel = 'stereo',
    gravity: Sequence[float] | None = None,
) -> SceneFacts:
    """Measure what the depth of a frame shows. Needs no model and no weights.

    Args:
        frame: colour, depth and calibration.
        noise: the sensor's kind ('stereo', 'tof', 'none') or a model; it is scaled to the noise
            that the frame shows.
        gravity: direction of down in the camera frame, if something knows it (an IMU, a robot's
            kinematics; see ``down_from_tilt``). Without it the largest floor or table tells.

    Raises:
        ConfigError: unknown noise model, or gravity is not a direction.
    """
    model = NoiseModel.named(noise) if isinstance(noise, str) else noise
    depth_m = usable(frame.depth_m)
    model = fit_to_frame(model, depth_m)
    grid = make_grid(depth_m, frame.intrinsics, model)
    normals = cell_normals(grid)
    fits = find_planes(grid, normals)
    down = find_gravity(fits, gravity)
    roles = plane_roles(fits, grid, down)
    named = [(fit, role) for fit, role in zip(fits, roles, strict=True) if role != 'face']
    planes = _name_planes(named, frame, grid, down)
    structure = [fit for fit, role in named if role != 'top']
    free = grid.valid & ~cells_of(structure, grid)
    up = -down.down.astype(np.float32)
    rise_m = grid.points_m @ up
    on_planes = cells_of([fit for fit in fits if is_level(fit, down)], grid)
    level = level_cells(grid, normals @ up, on_planes, free, rise_m)
    lab = cell_colors(frame.rgb, grid)
    count, labels = segment(grid, lab, free, level, rise_m)
    least = max(6.0, LEAST_PIXELS / grid.stride**2)
    count, labels = keep_things(grid, lab, rise_m, labels, count, least)
    workbench = Workbench(
        frame, depth_m, grid, model, down, [fit for fit, _ in named], planes, measured_box(frame),
        exposure_gain(frame.rgb),
    )  # fmt: skip
    objects = workbench.measure_all(labels, count)
    return SceneFacts(frame, model, down, tuple(planes), tuple(objects))


def _name_planes(
    structure: list[tuple[PlaneFit, str]], frame: RgbdFrame, grid: Grid, gravity: Gravity
) -> list[ScenePlane]:
    planes = []
    for fit, role in structure:
        points = grid.points_m[fit.cells]
        nearest = float(np.sqrt((points * points).sum(axis=1)).min())
        level = role in ('support', 'top', 'ceiling')
        height = float(np.median(points @ -gravity.down.astype(np.float32)))
        mask = to_pixels(fit.cells, frame.depth_m.shape, grid.stride)
        planes.append(
            ScenePlane(
                role, role, fit.normal, fit.offset_m, fit.sigma * fit.offset_m, nearest,
                height if level else math.nan, box_of(mask), mask,
            )
        )  # fmt: skip
    return _with_names(planes)


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
    ):
        for number, plane in enumerate(sorted(group, key=lambda p: p.distance_m), 1):
            names[id(plane)] = name if len(group) == 1 else f'{name} {number}'
    return [replace(plane, name=names[id(plane)]) for plane in planes]


def _height(plane: ScenePlane) -> float:
    return plane.height_m
