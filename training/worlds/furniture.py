# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Furniture: fixed things built of boxes and cylinders, with the surfaces that carry objects.

A piece stands on the floor with its origin at the middle of its footprint, its back towards +y and
its front towards -y, before it is turned and placed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from training.worlds.shapes import Part


@dataclass(frozen=True)
class Surface:
    """A horizontal rectangle that can carry objects.

    Attributes:
        name: 'top', 'board 2', 'seat'...
        center_m: (x, y, z) in the frame of the piece.
        half_m: half extents along x and y.
        clearance_m: free height above it.
    """

    name: str
    center_m: tuple[float, float, float]
    half_m: tuple[float, float]
    clearance_m: float = 2.0


@dataclass(frozen=True)
class Furniture:
    """A piece of furniture in its own frame.

    Attributes:
        name: what it is called.
        parts: its pieces; their materials name entries of the room's style.
        surfaces: where objects may stand.
        half_m: half extents of its footprint.
    """

    name: str
    parts: tuple[Part, ...]
    surfaces: tuple[Surface, ...]
    half_m: tuple[float, float]


def build_furniture(name: str, rng: np.random.Generator) -> Furniture:
    """Build a named piece with random proportions."""
    return _BUILDERS[name](rng)


def _slab(x: float, y: float, z: float, sx: float, sy: float, sz: float, material: str) -> Part:
    """Return a box given by its centre and its full sides."""
    return Part('box', (sx / 2, sy / 2, sz / 2), (x, y, z), material=material)


def _legs(w: float, d: float, h: float, side: float, material: str) -> tuple[Part, ...]:
    x, y = w / 2 - side, d / 2 - side
    return tuple(
        _slab(i * x, j * y, h / 2, side, side, h, material) for i in (-1, 1) for j in (-1, 1)
    )


def _top(w: float, d: float, h: float, margin: float = 0.03) -> Surface:
    return Surface('top', (0, 0, h), (w / 2 - margin, d / 2 - margin))


def _table(rng: np.random.Generator) -> Furniture:
    w, d, h = rng.uniform(0.9, 1.8), rng.uniform(0.6, 1.0), rng.uniform(0.45, 0.95)
    thick = rng.uniform(0.02, 0.05)
    top = _slab(0, 0, h - thick / 2, w, d, thick, 'wood')
    legs = _legs(w, d, h - thick, rng.uniform(0.04, 0.08), str(rng.choice(['wood', 'metal'])))
    return Furniture('table', (top, *legs), (_top(w, d, h),), (w / 2, d / 2))


def _round_table(rng: np.random.Generator) -> Furniture:
    r, h, thick = rng.uniform(0.4, 0.7), rng.uniform(0.45, 0.95), rng.uniform(0.02, 0.04)
    parts = (
        Part('cylinder', (r, thick / 2), (0, 0, h - thick / 2), material='wood'),
        Part('cylinder', (0.05, (h - thick) / 2), (0, 0, (h - thick) / 2), material='metal'),
        Part('cylinder', (0.55 * r, 0.015), (0, 0, 0.015), material='metal'),
    )
    inside = 0.68 * r
    return Furniture('table', parts, (Surface('top', (0, 0, h), (inside, inside)),), (r, r))


def _desk(rng: np.random.Generator) -> Furniture:
    w, d, h = rng.uniform(1.1, 1.7), rng.uniform(0.6, 0.8), rng.uniform(0.68, 0.8)
    chest = rng.uniform(0.35, 0.45)
    x = (w - chest) / 2 - 0.02
    drawers = tuple(
        _slab(x, -d / 2 + 0.03, z, chest - 0.06, 0.03, 0.15, 'metal') for z in (0.2, 0.38, 0.56)
    )
    parts = (
        _slab(0, 0, h - 0.015, w, d, 0.03, 'wood'),
        _slab(x, 0.0, (h - 0.03) / 2, chest, d - 0.06, h - 0.03, 'panel'),
        _slab(-w / 2 + 0.04, 0, (h - 0.03) / 2, 0.03, d - 0.06, h - 0.03, 'panel'),
        *drawers,
    )
    return Furniture('desk', parts, (_top(w, d, h),), (w / 2, d / 2))


def _bookcase(rng: np.random.Generator) -> Furniture:
    w, d, thick = rng.uniform(0.8, 1.5), rng.uniform(0.28, 0.42), rng.uniform(0.015, 0.03)
    material = str(rng.choice(['wood', 'panel']))
    boards, surfaces, h = _boards(w, d, thick, material, rng)
    sides = [_slab(x, 0, h / 2, thick, d, h, material) for x in (-w / 2, w / 2)]
    back = _slab(0, d / 2 - 0.005, h / 2, w, 0.01, h, material)
    parts = (*boards, *sides, back)
    return Furniture('bookcase', parts, surfaces, (w / 2 + thick, d / 2 + 0.02))


def _rack(rng: np.random.Generator) -> Furniture:
    w, d, thick = rng.uniform(1.0, 1.7), rng.uniform(0.4, 0.55), 0.025
    boards, surfaces, h = _boards(w, d, thick, 'metal', rng)
    posts = _legs(w + 0.03, d + 0.03, h + 0.08, 0.03, 'dark')
    return Furniture('rack', (*boards, *posts), surfaces, (w / 2 + thick, d / 2 + 0.02))


def _boards(
    w: float, d: float, thick: float, material: str, rng: np.random.Generator
) -> tuple[list[Part], tuple[Surface, ...], float]:
    """Return three to five boards one above the other, what they carry, and the height."""
    count = int(rng.integers(3, 6))
    bays = rng.uniform(0.30, 0.46, count - 1)
    bottoms = 0.08 + np.concatenate([[0.0], np.cumsum(bays)])
    boards = [_slab(0, 0, z + thick / 2, w, d, thick, material) for z in bottoms]
    free = [*(bays - thick), 1.0]
    surfaces = tuple(
        Surface(f'board {i + 1}', (0, -0.01, z + thick), (w / 2 - 0.05, d / 2 - 0.035), space)
        for i, (z, space) in enumerate(zip(bottoms, free, strict=True))
    )
    return boards, surfaces, float(bottoms[-1]) + thick


def _cabinet(rng: np.random.Generator) -> Furniture:
    w, d, h = rng.uniform(0.8, 1.5), rng.uniform(0.38, 0.5), rng.uniform(0.5, 1.0)
    return _doors('cabinet', w, d, h, 'panel', 'wood', rng)


def _counter(rng: np.random.Generator) -> Furniture:
    return _doors(
        'counter', rng.uniform(1.6, 2.6), 0.62, rng.uniform(0.86, 0.94), 'panel', 'stone', rng
    )


def _doors(
    name: str, w: float, d: float, h: float, body: str, top: str, rng: np.random.Generator
) -> Furniture:
    count = max(2, round(w / rng.uniform(0.4, 0.6)))
    door, front = w / count, -d / 2 + 0.02
    parts = [
        _slab(0, 0.01, 0.03, w - 0.06, d - 0.08, 0.06, 'dark'),
        _slab(0, 0.02, h / 2 + 0.02, w, d - 0.06, h - 0.08, body),
        _slab(0, 0, h - 0.015, w + 0.02, d, 0.03, top),
    ]
    for i in range(count):
        x = -w / 2 + (i + 0.5) * door
        parts.append(_slab(x, front, h / 2 + 0.01, door - 0.015, 0.02, h - 0.12, body))
        knob = x + (door / 2 - 0.05) * (1 if i % 2 == 0 else -1)
        parts.append(_slab(knob, front - 0.015, h * 0.62, 0.015, 0.02, 0.12, 'metal'))
    return Furniture(name, tuple(parts), (_top(w, d, h),), (w / 2 + 0.01, d / 2 + 0.01))


def _fridge(rng: np.random.Generator) -> Furniture:
    w, d, h = rng.uniform(0.58, 0.75), 0.62, rng.uniform(1.4, 1.9)
    split, front = h * rng.uniform(0.3, 0.4), -d / 2 + 0.02
    parts = (
        _slab(0, 0.02, h / 2, w, d - 0.05, h, 'appliance'),
        _slab(0, front, split / 2 + 0.02, w, 0.04, split - 0.05, 'appliance'),
        _slab(0, front, (h + split) / 2, w, 0.04, h - split - 0.02, 'appliance'),
        _slab(w / 2 - 0.06, front - 0.035, split - 0.12, 0.02, 0.03, 0.16, 'metal'),
        _slab(w / 2 - 0.06, front - 0.035, split + 0.2, 0.02, 0.03, 0.3, 'metal'),
    )
    return Furniture('fridge', parts, (), (w / 2, d / 2 + 0.04))


def _sofa(rng: np.random.Generator) -> Furniture:
    w, d, seat = rng.uniform(1.4, 2.0), rng.uniform(0.8, 0.95), rng.uniform(0.38, 0.45)
    arm, back = rng.uniform(0.14, 0.2), rng.uniform(0.75, 0.9)
    cushion = (w - 2 * arm) / 2
    parts = (
        _slab(0, 0, seat / 2 - 0.02, w - 0.04, d - 0.04, seat - 0.12, 'fabric'),
        _slab(0, d / 2 - 0.1, back / 2 + 0.03, w - 0.02, 0.2, back - 0.06, 'fabric'),
        *(_slab(x * (w - arm) / 2, 0, 0.33, arm, d, 0.56, 'fabric') for x in (-1, 1)),
        *(
            _slab(x * cushion / 2, -0.1, seat - 0.04, cushion - 0.02, d - 0.2, 0.13, 'fabric')
            for x in (-1, 1)
        ),
    )
    top = Surface('seat', (0, -0.1, seat + 0.025), (cushion - 0.06, d / 2 - 0.18))
    return Furniture('sofa', parts, (top,), (w / 2, d / 2))


def _chair(rng: np.random.Generator) -> Furniture:
    w, h, back = rng.uniform(0.4, 0.48), rng.uniform(0.42, 0.48), rng.uniform(0.8, 0.95)
    parts = (
        _slab(0, 0, h - 0.015, w, w, 0.03, 'fabric'),
        *_legs(w, w, h - 0.03, 0.035, 'wood'),
        *(
            _slab(x * (w / 2 - 0.02), w / 2 - 0.02, (h + back) / 2, 0.035, 0.03, back - h, 'wood')
            for x in (-1, 1)
        ),
        _slab(0, w / 2 - 0.02, back - 0.09, w - 0.06, 0.025, 0.18, 'wood'),
    )
    return Furniture('chair', parts, (Surface('seat', (0, -0.02, h), (0.15, 0.15)),), (w / 2,) * 2)


def _stool(rng: np.random.Generator) -> Furniture:
    r, h = rng.uniform(0.16, 0.22), rng.uniform(0.42, 0.75)
    parts = (
        Part('cylinder', (r, 0.02), (0, 0, h - 0.02), material='fabric'),
        Part('cylinder', (0.03, h / 2 - 0.03), (0, 0, h / 2 - 0.02), material='metal'),
        Part('cylinder', (0.85 * r, 0.012), (0, 0, 0.012), material='metal'),
    )
    inside = 0.6 * r
    return Furniture('stool', parts, (Surface('seat', (0, 0, h), (inside, inside)),), (r, r))


_BUILDERS: dict[str, Callable[[np.random.Generator], Furniture]] = {
    'table': _table,
    'round_table': _round_table,
    'desk': _desk,
    'bookcase': _bookcase,
    'rack': _rack,
    'cabinet': _cabinet,
    'counter': _counter,
    'fridge': _fridge,
    'sofa': _sofa,
    'chair': _chair,
    'stool': _stool,
}
