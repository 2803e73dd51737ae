# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""How surfaces look: the materials of a room.

Colours and textures are given as they should look on a screen. Light adds up linearly and screens
do not show it so: TONE takes a screen value to a linear one before rendering, and back after.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.worlds.palette import COLORS, draw_shade
from training.worlds.textures import draw_texture, FLOORS, WALLS

TONE = 1.6

KITCHEN = 'kitchen'
_FLOORS = {'storage': ('concrete', 'tiles'), KITCHEN: ('tiles', 'planks')}


@dataclass(frozen=True, eq=False)
class Material:
    """How a surface looks.

    Attributes:
        rgb: red, green, blue in 0..1, multiplying the texture.
        texture: (256, 256, 3) uint8, or None.
        color: name of the colour, or '' where it has no safe one.
        per_m: repeats of the texture per metre on a plane; 0 stretches it over the thing.
        shine: specular strength 0..1.
        glow: light of its own, 0..1.
    """

    rgb: tuple[float, float, float]
    texture: NDArray[np.uint8] | None = None
    color: str = ''
    per_m: float = 0.0
    shine: float = 0.1
    glow: float = 0.0


def draw_materials(room_type: str, rng: np.random.Generator) -> dict[str, Material]:
    """Draw the materials of a room: its shell, its furniture and its decoration, by name."""
    grain, weave = draw_texture('grain', rng), draw_texture('weave', rng)
    panel = _off_white(rng, 0.95) if rng.random() < 0.6 else _wood_tint(rng)
    cloth, rug = (str(name) for name in rng.choice(list(COLORS), 2))
    return {
        'floor': _floor(room_type, rng),
        'wall': Material((1, 1, 1), draw_texture(str(rng.choice(WALLS)), rng), per_m=1.0),
        'ceiling': Material((0.96, 0.96, 0.95), shine=0.0),
        'trim': Material(_off_white(rng, 0.95), shine=0.1),
        'glass': Material((1.0, 1.0, 1.0), glow=0.75),
        'picture': Material((1, 1, 1), draw_texture('canvas', rng), shine=0.0),
        'rug': Material(_muted(rug, rng), weave, shine=0.0),
        'wood': Material(_wood_tint(rng), grain, shine=0.15),
        'panel': Material(panel, grain, shine=0.1),
        'metal': Material((0.62, 0.63, 0.65), draw_texture('brushed', rng), shine=0.5),
        'dark': Material((0.16, 0.16, 0.17), shine=0.2),
        'stone': Material((0.45, 0.45, 0.47), draw_texture('speckle', rng), shine=0.4),
        'appliance': Material(_off_white(rng, float(rng.choice([0.68, 0.96]))), shine=0.3),
        'fabric': Material(_muted(cloth, rng), weave, shine=0.0),
        'cap': Material(_gray(rng.uniform(0.1, 0.9)), shine=0.3),
    }


def _floor(room_type: str, rng: np.random.Generator) -> Material:
    texture = draw_texture(str(rng.choice(_FLOORS.get(room_type, FLOORS))), rng)
    return Material((1, 1, 1), texture, per_m=rng.uniform(0.8, 1.4))


def _muted(color: str, rng: np.random.Generator) -> tuple[float, float, float]:
    """Draw a shade so greyed that cloth is not mistaken for one of the named objects."""
    shade = np.array(draw_shade(color, rng))
    red, green, blue = 0.45 * shade + 0.55 * (0.25 + 0.5 * shade.mean())
    return (red, green, blue)


def _gray(value: float) -> tuple[float, float, float]:
    return (value, value, value)


def _off_white(rng: np.random.Generator, value: float) -> tuple[float, float, float]:
    red, green, blue = value * (1 - 0.1 * rng.random(3) * rng.random())
    return (red, green, blue)


def _wood_tint(rng: np.random.Generator) -> tuple[float, float, float]:
    """Draw a wood between dark walnut and bleached birch: the lighter, the paler."""
    light, pale = rng.uniform(0.38, 0.90), rng.uniform(0.0, 0.5)
    return (light, light * (0.74 + 0.18 * pale), light * (0.48 + 0.35 * pale))
