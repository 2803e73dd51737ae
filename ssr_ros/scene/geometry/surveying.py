# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""From one RGB-D frame to its survey."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ssr_ros.rgbd import RgbdFrame
from ssr_ros.scene.geometry.colors import cell_colors, exposure_gain
from ssr_ros.scene.geometry.gravity import find_gravity, is_level
from ssr_ros.scene.geometry.grid import make_grid, usable
from ssr_ros.scene.geometry.measure_things import measured_box, Workbench
from ssr_ros.scene.geometry.noise import fit_to_frame, NoiseModel
from ssr_ros.scene.geometry.planes import cell_normals, find_planes
from ssr_ros.scene.geometry.segments import level_cells, segment
from ssr_ros.scene.geometry.structure import cells_of, plane_roles
from ssr_ros.scene.geometry.survey import Survey
from ssr_ros.scene.geometry.things import keep_things
from ssr_ros.scene.geometry.told_planes import told_planes

LEAST_PIXELS = 250
"""Smaller regions are not called objects at 640 x 480; in proportion for other sizes."""


def survey(
    frame: RgbdFrame,
    noise: str | NoiseModel = 'stereo',
    gravity: Sequence[float] | None = None,
) -> Survey:
    """Measure what the depth of a frame shows; ``ssr_ros.scene.measure`` says how.

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
    named = [(fit, role) for fit, role in zip(fits, roles, strict=True) if role is not None]
    planes = told_planes(named, frame.points_m(), grid, down)
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
        frame=frame,
        depth_m=depth_m,
        grid=grid,
        noise=model,
        gravity=down,
        structure=[fit for fit, _ in named],
        planes=planes,
        measured_px=measured_box(frame),
        gain=exposure_gain(frame.rgb),
    )
    objects = workbench.measure_all(labels, count)
    return Survey(
        frame=frame, noise=model, gravity=down, planes=tuple(planes), objects=tuple(objects)
    )
