# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""From one RGB-D frame to its survey."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ssr_ros.rgbd import RgbdFrame
from ssr_ros.scene.geometry.colors import cell_colors, exposure_gain
from ssr_ros.scene.geometry.creases import valley_angles
from ssr_ros.scene.geometry.flats import add_flats
from ssr_ros.scene.geometry.gravity import Direction, find_gravity
from ssr_ros.scene.geometry.grid import dotted, make_grid, usable
from ssr_ros.scene.geometry.heap import keep_freed_memory
from ssr_ros.scene.geometry.measure_things import measured_box, Workbench
from ssr_ros.scene.geometry.noise import fit_to_frame, NoiseModel
from ssr_ros.scene.geometry.planes import cell_normals, find_planes
from ssr_ros.scene.geometry.ramps import Ramps
from ssr_ros.scene.geometry.rims import without_rims
from ssr_ros.scene.geometry.segments import segment
from ssr_ros.scene.geometry.structure import plane_roles
from ssr_ros.scene.geometry.survey import Survey
from ssr_ros.scene.geometry.things import keep_things
from ssr_ros.scene.geometry.told_planes import told_planes
from ssr_ros.scene.geometry.tops import with_tops

LEAST_SHARE = 0.0012
"""Share of the image below which a region is not called an object: 370 pixels of 640 x 480."""


def survey(
    frame: RgbdFrame,
    noise: str | NoiseModel = 'stereo',
    gravity: Direction | None = None,
) -> Survey:
    """Measure what the depth of a frame shows; ``ssr_ros.scene.measure`` says how.

    Raises:
        ConfigError: unknown noise model, or gravity is not a direction.
    """
    keep_freed_memory()
    model = NoiseModel.named(noise) if isinstance(noise, str) else noise
    depth_m = usable(frame.depth_m)
    model = fit_to_frame(model, depth_m)
    ramps = Ramps.of(depth_m, frame.intrinsics, model)
    grid = make_grid(ramps.parted_m(), frame.intrinsics, model)
    normals = cell_normals(grid)
    fits = find_planes(grid, normals)
    down = find_gravity(fits, grid, gravity)
    roles = plane_roles(fits, grid, down)
    named = [(fit, role) for fit, role in zip(fits, roles, strict=True) if role is not None]
    angles = valley_angles(grid)
    lab = cell_colors(frame.rgb, grid)
    behind = [role in ('wall', 'ceiling') for _, role in named]
    labels, borders = segment(grid, lab, angles, [fit for fit, _ in named], behind, down)
    rise_m = dotted(grid.points_m, -down.down)
    least = LEAST_SHARE * grid.depth_m.size
    count, things = keep_things(
        grid, lab, rise_m, labels, borders, [role for _, role in named], least
    )
    things = with_tops(grid, labels, borders, things, len(named), down)
    things = without_rims(grid, lab, labels, things, [fit for fit, _ in named], least)
    segments = things
    count, things = add_flats(grid, lab, labels, segments, count, named, least)
    labels = np.where(things == segments, labels, 0)
    named = [
        (replace(fit, cells=(labels == number) | (fit.cells & (things == 0))), role)
        for number, (fit, role) in enumerate(named, 1)
    ]
    named = [(fit, role) for fit, role in named if fit.cells.any()]
    planes = told_planes(named, depth_m, grid, down)
    workbench = Workbench(
        frame=frame,
        depth_m=depth_m,
        sharp_m=ramps.sharp_m,
        on_ramp=ramps.on_ramp,
        ramp_px=ramps.width_px if ramps.are_filtered else 0.0,
        grid=grid,
        noise=model,
        gravity=down,
        structure=[fit for fit, _ in named],
        planes=planes,
        measured_px=measured_box(frame),
        gain=exposure_gain(frame.rgb),
    )
    objects = workbench.measure_all(things, count)
    return Survey(
        frame=frame, noise=model, gravity=down, planes=tuple(planes), objects=tuple(objects)
    )
