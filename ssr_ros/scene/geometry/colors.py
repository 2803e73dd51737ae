# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Names for colours, as people use them.

The eleven basic colour terms (Berlin and Kay) are told apart in CIE L*a*b*, where equal steps look
equally large: little chroma is black, gray or white by lightness; the rest goes by hue, and
orange and red turn brown or pink with lightness.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from ssr_ros.scene.geometry.grid import FloatImage, Grid
from ssr_ros.scene.geometry.medians import median_of, quantile_of

COLOR_NAMES = (
    'black',
    'gray',
    'white',
    'red',
    'orange',
    'brown',
    'yellow',
    'green',
    'blue',
    'purple',
    'pink',
)

BRIGHT, MOST_GAIN, MOST_CAST = 235.0, 1.7, 1.07
MOST_PIXELS = 1000

_BLACK, _GRAY, _WHITE, _RED, _ORANGE, _BROWN, _YELLOW, _GREEN, _BLUE, _PURPLE, _PINK = range(11)

_FAMILY = np.array(
    [_BLACK, _GRAY, _GRAY, _RED, _ORANGE, _ORANGE, _YELLOW, _GREEN, _BLUE, _PURPLE, _RED], np.uint8
)

_AROUND = (_RED, _ORANGE, _YELLOW, _GREEN, _BLUE, _PURPLE)
"""The families that have a hue, around the circle of hues."""

SECOND_SHARE = 0.25
"""Share of a thing's pixels from which on a second colour is one that people may call it by."""

VIVID_CHROMA = 35.0
"""From here on a hue is print or paint, and no cast of light on something dark or pale."""

# Upper ends of the hue ranges in degrees of the a*b* plane, and the colour below each.
_HUE_ENDS = (10.0, 44.0, 76.0, 108.0, 212.0, 304.0, 330.0, 350.0, 360.0)
_YELLOW_HUE = np.radians(_HUE_ENDS[2])
_HUE_COLORS = (_PINK, _RED, _ORANGE, _YELLOW, _GREEN, _BLUE, _PURPLE, _PINK, _PINK)


def are_shades(one: str, other: str) -> bool:
    """Whether light turns one colour into another: orange and brown, white and gray, pink and red.

    Args:
        one: one of COLOR_NAMES.
        other: another.
    """
    first, second = (COLOR_NAMES.index(name) for name in (one, other))
    return bool(_FAMILY[first] == _FAMILY[second])


def name_colors(rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Name every pixel.

    Args:
        rgb: (..., 3) uint8, red first.

    Returns:
        (...) uint8 indices into COLOR_NAMES.
    """
    return _names_of(to_lab(rgb))


def _names_of(lab: NDArray[np.float32]) -> NDArray[np.uint8]:
    lightness, a, b = lab[..., 0], lab[..., 1], lab[..., 2]
    chroma = np.hypot(a, b)
    hue = np.degrees(np.arctan2(b, a)) % 360
    names = np.asarray(_HUE_COLORS, np.uint8)[np.searchsorted(_HUE_ENDS, hue, side='right') % 9]
    names[(names == _PURPLE) & (hue < 307.5) & (chroma > 75)] = _BLUE  # sRGB's pure blue
    red = names == _RED
    names[red & (lightness > 68)] = _PINK
    names[red & (lightness < 45) & (chroma < 38) & (hue > 25)] = _BROWN
    names[(names == _PINK) & (lightness < 48) & (hue < 180)] = _RED
    names[(names == _PINK) & (lightness < 34)] = _PURPLE
    dull = (lightness < 38) | (chroma < 32) | ((lightness < 55) & (chroma < 52))
    names[(names == _ORANGE) & dull] = _BROWN
    names[(names == _YELLOW) & (lightness < 50)] = _BROWN
    names[(names == _YELLOW) & (hue > 100) & (lightness < 70)] = _GREEN
    neutral = chroma < _least_chroma(lightness, hue)
    names[neutral] = np.where(lightness > 78, _WHITE, _GRAY)[neutral]
    names[neutral & (lightness < 24)] = _BLACK
    names[(lightness < 10) & (chroma < 14)] = _BLACK
    return names


def _least_chroma(lightness: NDArray[np.float32], hue: NDArray[np.float32]) -> NDArray[np.float32]:
    """Chroma below which a colour is called gray.

    Bluish casts are common in photographs and still look gray; a little warmth looks like wood.
    """
    least = np.clip(6 + 0.12 * lightness, 7, 15)
    least = np.where((hue > 30) & (hue < 80) & (lightness < 65), 0.75 * least, least)
    bluish = (hue > 200) & (hue < 300) & (lightness > 30)
    least = np.where(bluish, least + 2, least)
    return np.asarray(np.where(bluish & (lightness > 65), 18, least), np.float32)


def to_lab(rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Convert (..., 3) uint8 sRGB to float32 L* (0..100), a*, b* (D65)."""
    flat = np.ascontiguousarray(rgb).reshape(1, -1, 3).astype(np.float32) / np.float32(255)
    return np.asarray(cv2.cvtColor(flat, cv2.COLOR_RGB2LAB).reshape(rgb.shape), np.float32)


def cell_colors(rgb: NDArray[np.uint8], grid: Grid) -> FloatImage:
    """Return the (h, w, 3) float32 L*a*b* colours of a grid's cells."""
    height, width = grid.shape
    stride = grid.stride
    below, right = height * stride - rgb.shape[0], width * stride - rgb.shape[1]
    padded = np.pad(rgb, ((0, below), (0, right), (0, 0)), 'edge') if below or right else rgb
    return to_lab(cv2.resize(padded, (width, height), interpolation=cv2.INTER_AREA))


def exposure_gain(rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
    """How much brighter red, green and blue should be for an (H, W, 3) image's light to be white.

    The light is that of its brightest parts (shades of gray, G. D. Finlayson and E. Trezzi, CIC
    2004), and is corrected by at most MOST_CAST: a green cloth is no green light.
    """
    few = rgb[::8, ::8].reshape(-1, 3)
    brightest = np.sort(few.max(axis=1).astype(np.float32))
    gain = np.clip(BRIGHT / max(quantile_of(brightest, 0.98), 1.0), 1.0, MOST_GAIN)
    power = np.power(np.arange(256, dtype=np.float32) / 255, 6)
    light = power[few].mean(axis=0) ** (1 / 6)
    cast = np.clip(light / max(float(light.mean()), 1e-6), 1 / MOST_CAST, MOST_CAST)
    return np.asarray(gain / cast, np.float32)


def name_region(
    rgb: NDArray[np.uint8], gain: float | NDArray[np.float32] = 1.0
) -> tuple[str, float, str]:
    """Name the colour that most pixels of a region have, and another that many of them have.

    Colours that shade turns into one another (orange and brown, white and gray, pink and red) vote
    together, and the brown shade of yellow with as much vivid yellow beside it; which of them it
    is, the lit half of the pixels tells. The other is as print is:
    not black, gray or white, which may be shade and highlights, no hue beside the first one, which
    may be its own shade, and no pale one.

    Args:
        rgb: (N, 3) uint8 pixels, at least one.
        gain: of the exposure, see ``exposure_gain``.

    Returns:
        the name, the share of pixels that have it or a shade of it, and the second name or ''.
    """
    return name_regions([rgb], gain)[0]


def name_regions(
    regions: Sequence[NDArray[np.uint8]], gain: float | NDArray[np.float32] = 1.0
) -> list[tuple[str, float, str]]:
    """Name the colours of several regions, all their pixels in one pass; see ``name_region``."""
    if not regions:
        return []
    samples = [rgb[:: -(-len(rgb) // MOST_PIXELS)] for rgb in regions]
    pixels = np.concatenate(samples)
    lab = to_lab(_raised(pixels, gain))
    ends = np.cumsum([len(sample) for sample in samples])[:-1]
    parts = (np.split(each, ends) for each in (lab, _names_of(lab), pixels.max(axis=1)))
    return [_voted(*part) for part in zip(*parts, strict=True)]


def _voted(
    lab: FloatImage, names: NDArray[np.uint8], brightness: NDArray[np.uint8]
) -> tuple[str, float, str]:
    """Name a region by its pixels: (N, 3) L*a*b*, and (N,) their names and how bright they are."""
    vivid = np.hypot(lab[..., 1], lab[..., 2]) >= VIVID_CHROMA
    families = _FAMILY[names]
    shade = (names == _BROWN) & (np.arctan2(lab[..., 2], lab[..., 1]) > _YELLOW_HUE)
    if np.count_nonzero(shade) <= np.count_nonzero(vivid & (names == _YELLOW)):
        families[shade] = _YELLOW  # yellow in its own shade, and no wood
    votes = np.bincount(families, minlength=len(COLOR_NAMES)).astype(np.float64)
    # Highlights and shadows turn any colour white, gray or black, and never the other way round.
    votes[[_BLACK, _GRAY]] *= 0.6
    first = int(np.argmax(votes))
    family = families == first
    bright = brightness[family].astype(np.float32)
    lit = names[family][bright >= median_of(bright)]
    best = int(np.bincount(lit).argmax())
    second = _second(names[vivid], first, SECOND_SHARE * len(names))
    return COLOR_NAMES[best], float(np.count_nonzero(family) / len(names)), second


def _second(vivid: NDArray[np.uint8], first: int, least: float) -> str:
    """Name the strongest hue of some pixels that is not of the first family, nor beside it."""
    families = _FAMILY[vivid]
    votes = np.bincount(families, minlength=len(COLOR_NAMES))
    rivals = [hue for hue in _AROUND if hue != first and not _are_beside(hue, first)]
    second = max(rivals, key=lambda hue: votes[hue])
    if votes[second] < least:
        return ''
    return COLOR_NAMES[int(np.bincount(vivid[families == second]).argmax())]


def _are_beside(one: int, other: int) -> bool:
    if other not in _AROUND:
        return False
    apart = (_AROUND.index(one) - _AROUND.index(other)) % len(_AROUND)
    return apart in (1, len(_AROUND) - 1)


def _raised(rgb: NDArray[np.uint8], gain: float | NDArray[np.float32]) -> NDArray[np.uint8]:
    return np.asarray(np.minimum(rgb * np.asarray(gain, np.float32), 255), np.uint8)
