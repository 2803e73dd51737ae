# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Colour names, shape names, and which pairs of them a split may show.

A colour name is the truth of an object; its shade is drawn from a region of HSV that most people
would call by that name, so that the shade varies and the name does not.
"""

from __future__ import annotations

import colorsys

import numpy as np

from ssr_ros.errors import ConfigError

SPLITS = ('train', 'val', 'test')

SHAPES = ('box', 'cylinder', 'ball', 'capsule', 'cone', 'mug', 'bowl', 'bottle')

COLORS: dict[str, tuple[tuple[float, float], tuple[float, float], tuple[float, float]]] = {
    'red': ((-6, 5), (0.80, 0.95), (0.65, 0.90)),
    'orange': ((20, 30), (0.88, 1.00), (0.92, 1.00)),
    'yellow': ((49, 57), (0.78, 0.95), (0.90, 1.00)),
    'green': ((105, 145), (0.60, 0.90), (0.45, 0.75)),
    'blue': ((211, 230), (0.68, 0.95), (0.55, 0.90)),
    'purple': ((268, 285), (0.55, 0.80), (0.48, 0.70)),
    'pink': ((333, 345), (0.38, 0.52), (0.94, 1.00)),
    'brown': ((19, 27), (0.62, 0.78), (0.34, 0.46)),
    'black': ((0, 360), (0.00, 0.10), (0.05, 0.10)),
    'gray': ((0, 360), (0.00, 0.05), (0.42, 0.54)),
    'white': ((0, 360), (0.00, 0.03), (0.94, 1.00)),
}
"""Name -> ranges of hue in degrees, saturation and value."""

_HELD_OUT = {3: 'val', 4: 'test'}


def check_split(split: str) -> None:
    """Refuse an unknown split.

    Raises:
        ConfigError: the split is none of SPLITS.
    """
    if split not in SPLITS:
        raise ConfigError(f'unknown split {split!r}; expected one of {", ".join(SPLITS)}')


def combinations(split: str) -> tuple[tuple[str, str], ...]:
    """Return the (colour, shape) pairs of a split; no pair belongs to two splits.

    The pairs are dealt out along diagonals of the colour-shape table, so that every colour and
    every shape occurs in each split: a model can know all the words and still never have met the
    pair.

    Raises:
        ConfigError: the split is unknown.
    """
    check_split(split)
    return tuple(
        (color, shape)
        for i, color in enumerate(COLORS)
        for j, shape in enumerate(SHAPES)
        if _HELD_OUT.get((i + 2 * j) % 5, 'train') == split
    )


def draw_shade(color: str, rng: np.random.Generator) -> tuple[float, float, float]:
    """Draw a shade of a named colour: red, green, blue in 0..1."""
    hue, saturation, value = (rng.uniform(low, high) for low, high in COLORS[color])
    return colorsys.hsv_to_rgb(hue / 360 % 1, saturation, value)
