# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What touches what in a settled world, and how far apart the rest is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.worlds.layout import Placed, PlacedSurface
from training.worlds.opengl import load_mujoco
from training.worlds.physics import FLOOR_GEOM

_FAR_M = 20.0


def find_supports(
    model: Any, data: Any, things: Sequence[Placed], surfaces: Sequence[PlacedSurface]
) -> dict[str, tuple[str, str]]:
    """Find what carries each thing: the partner of its strongest upward contact force.

    Returns:
        Name of a thing -> (name of what carries it, name of the surface); ('', '') for nothing.
        Furniture stands on the floor.
    """
    mujoco = load_mujoco()
    of_body = {model.body(thing.name).id: thing for thing in things}
    supports = {t.name: ('floor', 'floor') if t.role == 'furniture' else ('', '') for t in things}
    strongest = dict.fromkeys(supports, 1e-9)
    force = np.zeros(6)
    for index, contact in enumerate(data.contact):
        mujoco.mj_contactForce(model, data, index, force)
        lift = force[0] * contact.frame[2]
        # The contact's normal points from the first geom to the second.
        for geom, other, up in (
            (contact.geom2, contact.geom1, lift),
            (contact.geom1, contact.geom2, -lift),
        ):
            thing = of_body.get(int(model.geom_bodyid[geom]))
            if thing is None or thing.role != 'object' or up <= strongest[thing.name]:
                continue
            strongest[thing.name] = up
            under = of_body.get(int(model.geom_bodyid[other]))
            if other == model.geom(FLOOR_GEOM).id:
                supports[thing.name] = ('floor', 'floor')
            elif under is not None:
                height_m = float(contact.pos[2])
                supports[thing.name] = (under.name, _surface_at(surfaces, under, height_m))
    return supports


def find_gaps(model: Any, data: Any, things: Sequence[Placed]) -> NDArray[np.float64]:
    """Return the (N, N) least distances between things in metres; 0 on contact."""
    mujoco = load_mujoco()
    geoms = [np.flatnonzero(model.geom_bodyid == model.body(thing.name).id) for thing in things]
    gaps = np.zeros((len(geoms), len(geoms)))
    for i, mine in enumerate(geoms):
        for j, others in enumerate(geoms[:i]):
            nearest = min(
                mujoco.mj_geomDistance(model, data, a, b, _FAR_M, None)
                for a in mine
                for b in others
            )
            gaps[i, j] = gaps[j, i] = max(nearest, 0.0)
    return gaps


def _surface_at(surfaces: Sequence[PlacedSurface], owner: Placed, height_m: float) -> str:
    own = [surface for surface in surfaces if surface.owner == owner.name]
    if not own:
        return owner.name
    return min(own, key=lambda surface: abs(surface.center_m[2] - height_m)).name
