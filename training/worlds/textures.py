# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Procedural textures: tileable pictures of floors, walls and furniture, drawn from a seed."""

from __future__ import annotations

from collections.abc import Callable
import colorsys

import numpy as np
from numpy.typing import NDArray

SIZE_PX = 256

Picture = NDArray[np.float64]
"""(SIZE_PX, SIZE_PX) or (SIZE_PX, SIZE_PX, 3) light, or (3,) one colour, in 0..1."""

FLOORS = ('planks', 'tiles', 'carpet', 'concrete')
WALLS = ('plaster', 'stripes', 'brick')
SURFACES = ('grain', 'weave', 'brushed', 'speckle', 'plain')
"""Grey textures near white that modulate the colour of a thing."""


def draw_texture(name: str, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Draw one (SIZE_PX, SIZE_PX, 3) picture that can be laid side by side with itself."""
    picture = np.asarray(_PAINTERS[name](rng))
    if picture.ndim == 2:
        picture = np.repeat(picture[..., None], 3, 2)
    return (np.clip(picture, 0, 1) * 255).astype(np.uint8)


def smooth_noise(rng: np.random.Generator, across_px: float, down_px: float) -> Picture:
    """Return tileable noise, mean 0 and deviation 1, smooth over the given lengths."""
    fx, fy = np.fft.rfftfreq(SIZE_PX)[None, :], np.fft.fftfreq(SIZE_PX)[:, None]
    keep = np.exp(-19.7 * ((fx * across_px) ** 2 + (fy * down_px) ** 2) / 2)
    noise = np.fft.irfft2(np.fft.rfft2(rng.standard_normal((SIZE_PX, SIZE_PX))) * keep)
    noise -= noise.mean()
    even: Picture = noise / noise.std()
    return even


def _tint(rng: np.random.Generator, hue: tuple[float, float], sat: float, value: float) -> Picture:
    """Draw a pale or dark colour around a hue (degrees)."""
    return np.array(
        colorsys.hsv_to_rgb(
            rng.uniform(*hue) / 360, sat * rng.uniform(0.6, 1.3), value * rng.uniform(0.85, 1.1)
        )
    )


def _shade(color: Picture, light: Picture) -> Picture:
    return color * light[..., None]


def _planks(rng: np.random.Generator) -> Picture:
    rows = 8
    band = np.arange(SIZE_PX) * rows // SIZE_PX
    tone = 1 + 0.10 * rng.standard_normal(rows)[band][:, None]
    grain = 0.06 * smooth_noise(rng, 40, 1.5) + 0.04 * smooth_noise(rng, 90, 6)
    light = tone + grain
    edge = np.arange(SIZE_PX) % (SIZE_PX // rows) < 1
    light[edge] *= 0.6
    for row, joint in enumerate(rng.integers(0, SIZE_PX, rows)):
        light[band == row, joint] *= 0.6
    return _shade(_tint(rng, (22, 34), 0.45, rng.uniform(0.45, 0.75)), light)


def _tiles(rng: np.random.Generator) -> Picture:
    count = int(rng.choice([2, 4]))
    cell = SIZE_PX // count
    tone = 1 + 0.03 * rng.standard_normal((count, count))
    light = np.kron(tone, np.ones((cell, cell))) + 0.03 * smooth_noise(rng, 14, 14)
    picture = _shade(_tint(rng, (20, 220), 0.08, rng.uniform(0.6, 0.85)), light)
    if rng.random() < 0.4:
        dark = np.kron(np.indices((count, count)).sum(0) % 2, np.ones((cell, cell)))
        picture *= (1 - 0.35 * dark)[..., None]
    joint = np.arange(SIZE_PX) % cell < 3
    picture[joint] = picture[:, joint] = 0.45
    return picture


def _carpet(rng: np.random.Generator) -> Picture:
    light = 1 + 0.10 * smooth_noise(rng, 1, 1) + 0.04 * smooth_noise(rng, 20, 20)
    return _shade(_tint(rng, (0, 360), 0.16, rng.uniform(0.35, 0.65)), light)


def _concrete(rng: np.random.Generator) -> Picture:
    light = 1 + 0.05 * smooth_noise(rng, 30, 30) + 0.05 * smooth_noise(rng, 2, 2)
    return _shade(_tint(rng, (30, 60), 0.05, rng.uniform(0.45, 0.65)), light)


def _plaster(rng: np.random.Generator) -> Picture:
    light = 1 + 0.012 * smooth_noise(rng, 3, 3) + 0.012 * smooth_noise(rng, 40, 40)
    return _shade(_tint(rng, (20, 240), 0.07, 0.86), light)


def _stripes(rng: np.random.Generator) -> Picture:
    period = SIZE_PX // int(rng.choice([4, 8]))
    bar = (np.arange(SIZE_PX) % period < period // 2) * rng.uniform(0.05, 0.12)
    light = 1 - bar[None, :] + 0.012 * smooth_noise(rng, 2, 2)
    return _shade(_tint(rng, (20, 240), 0.10, 0.82), light)


def _brick(rng: np.random.Generator) -> Picture:
    rows, columns = 8, 4
    y, x = np.indices((SIZE_PX, SIZE_PX))
    row = y * rows // SIZE_PX
    shifted = (x + (row % 2) * SIZE_PX // (2 * columns)) % SIZE_PX
    column = shifted * columns // SIZE_PX
    tone = 1 + 0.08 * rng.standard_normal((rows, columns))[row, column]
    painted = rng.random() < 0.6
    color = _tint(rng, (15, 40), 0.08, 0.8) if painted else _tint(rng, (12, 22), 0.42, 0.55)
    picture = _shade(color, tone + 0.05 * smooth_noise(rng, 2, 2))
    joint = (y % (SIZE_PX // rows) < 3) | (shifted % (SIZE_PX // columns) < 3)
    picture[joint] = color * 0.75 if painted else 0.68
    return picture


def _canvas(rng: np.random.Generator) -> Picture:
    """Paint a picture for the wall: soft fields of three colours."""
    field = smooth_noise(rng, 60, 60) + 0.5 * smooth_noise(rng, 120, 20)
    colors = [_tint(rng, (0, 360), 0.35, rng.uniform(0.4, 0.9)) for _ in range(3)]
    level = np.digitize(field, [-0.5, 0.6])
    return np.array(colors)[level] * (1 + 0.04 * smooth_noise(rng, 3, 3))[..., None]


def _grain(rng: np.random.Generator) -> Picture:
    return 0.90 + 0.06 * smooth_noise(rng, 70, 2) + 0.04 * smooth_noise(rng, 120, 9)


def _weave(rng: np.random.Generator) -> Picture:
    y, x = np.indices((SIZE_PX, SIZE_PX))
    return 0.9 + 0.05 * np.where((x // 2 + y // 2) % 2, 1, -1) + 0.03 * smooth_noise(rng, 2, 2)


def _brushed(rng: np.random.Generator) -> Picture:
    return 0.92 + 0.03 * smooth_noise(rng, 80, 1)


def _speckle(rng: np.random.Generator) -> Picture:
    return 0.95 - 0.14 * (smooth_noise(rng, 3, 3) > 1.7) + 0.02 * smooth_noise(rng, 20, 20)


def _plain(rng: np.random.Generator) -> Picture:
    return 0.96 + 0.015 * smooth_noise(rng, 30, 30)


_PAINTERS: dict[str, Callable[[np.random.Generator], Picture]] = {
    'planks': _planks,
    'tiles': _tiles,
    'carpet': _carpet,
    'concrete': _concrete,
    'plaster': _plaster,
    'stripes': _stripes,
    'brick': _brick,
    'canvas': _canvas,
    'grain': _grain,
    'weave': _weave,
    'brushed': _brushed,
    'speckle': _speckle,
    'plain': _plain,
}
