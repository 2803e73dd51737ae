# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Numbers, sides and lists in words: one wording for everything this room says."""

from __future__ import annotations

from collections.abc import Sequence
import math

from ssr_ros.scene.questions.quantity import DECIDED_SIGMAS, Quantity
from ssr_ros.scene.questions.vocabulary import LengthUnit, Pick

UNITS_M: dict[LengthUnit, float] = {
    'mm': 0.001,
    'cm': 0.01,
    'm': 1.0,
    'km': 1000.0,
    'in': 0.0254,
    'ft': 0.3048,
    'yd': 0.9144,
}


def amount(quantity: Quantity, unit: LengthUnit | None = None) -> str:
    """Write a length, area or volume with its margin; without a unit cm or m, cm2, litres."""
    if quantity.unit == 'm':
        return length(quantity.value, quantity.sigma, unit)
    margin = DECIDED_SIGMAS * quantity.sigma
    if quantity.unit == 'm2':
        scale, places = UNITS_M[unit or 'cm'] ** 2, 2 if unit else 0
        name = f'{unit or "cm"}2'
        return f'{quantity.value / scale:.{places}f} ± {margin / scale:.{places}f} {name}'
    if quantity.unit == 'm3':
        scale, name = (UNITS_M[unit] ** 3, f'{unit}3') if unit else (0.001, 'litres')
        return f'{quantity.value / scale:.3g} ± {margin / scale:.1g} {name}'
    return f'{quantity.value:.0f} ± {margin:.0f}{"°" if quantity.unit == "deg" else ""}'


def length(value_m: float, sigma_m: float | None = None, unit: LengthUnit | None = None) -> str:
    """Write a length with its margin of two standard errors: '47 ± 1 cm', '1.84 ± 0.03 m'.

    Digits that the margin makes meaningless are left out. Without a unit, lengths below one metre
    are written in centimetres.

    Args:
        value_m: metres.
        sigma_m: standard error in metres; None writes no margin.
        unit: one of UNITS_M.
    """
    if not math.isfinite(value_m):
        return 'an unknown length'
    unit = unit or ('cm' if abs(value_m) < 0.995 else 'm')
    value = value_m / UNITS_M[unit]
    if sigma_m is None:
        return f'{value:.{_places(abs(value) / 50)}f} {unit}'
    margin = DECIDED_SIGMAS * sigma_m / UNITS_M[unit]
    places = _places(margin)
    shown = max(margin, 10.0**-places) if sigma_m > 0 else 0.0
    return f'{_fixed(value, places)} ± {_fixed(shown, places)} {unit}'


def times(ratio: Quantity) -> str:
    """Write how many times as much: '2.1 ± 0.1 times'."""
    margin = DECIDED_SIGMAS * ratio.sigma
    places = _places(margin)
    shown = max(margin, 10.0**-places) if margin > 0 else 0.0
    return f'{_fixed(ratio.value, places)} ± {_fixed(shown, places)} times'


def given(value_m: float) -> str:
    """Write a length that someone gave: without a margin, and without idle zeros."""
    if abs(value_m) < 0.995:
        return f'{100 * value_m:.4g} cm'
    return f'{value_m:.4g} m'


def angle(value_deg: float) -> str:
    """Write an angle to whole degrees."""
    return f'{abs(value_deg):.0f}°'


def side(bearing_deg: float) -> str:
    """Say where a bearing lies: '12° to the right', 'straight ahead'."""
    if abs(bearing_deg) < 1.5:
        return 'straight ahead'
    return f'{angle(bearing_deg)} to the {"right" if bearing_deg > 0 else "left"}'


def over(height_m: float) -> str:
    """Say on which side of a height something lies."""
    return 'above' if height_m >= 0 else 'below'


def clock(bearing_deg: float) -> str:
    """Turn a bearing (0 ahead, right positive) into a clock direction."""
    return f"{round(bearing_deg / 30) % 12 or 12} o'clock"


def the(name: str) -> str:
    """Put the article before a name that has no number: 'the wall', 'wall 1'."""
    return name if name[-1:].isdigit() else f'the {name}'


def superlative(pick: Pick) -> str:
    """Put what singles a thing out into words: 'leftmost', 'tallest'."""
    return f'{pick}most' if pick in ('left', 'right') else pick


def count(number: int, noun: str) -> str:
    """Write a number of things: 'no objects', '1 object', '3 objects'."""
    return f'{number or "no"} {noun}{"" if number == 1 else "s"}'


def listing(names: Sequence[str], last: str = 'and') -> str:
    """Join names: 'a', 'a and b', 'a, b and c'."""
    if len(names) < 2:
        return ''.join(names)
    return f'{", ".join(names[:-1])} {last} {names[-1]}'


def first(names: Sequence[str], most: int) -> list[str]:
    """Return the first names, and how many more there are: nothing is left out in silence."""
    more = len(names) - most
    return [*names[:most], f'{more} more'] if more > 0 else list(names)


def inner(sentence: str) -> str:
    """Write a sentence as a part of another one."""
    return sentence if sentence.startswith('I ') else sentence[:1].lower() + sentence[1:]


def sentence(text: str) -> str:
    """Start with a capital and end with a full stop."""
    text = text[:1].upper() + text[1:]
    return text if text.endswith(('.', '?', '!')) else text + '.'


def _places(margin: float) -> int:
    """Decimals that show the first digit of a margin, at most three."""
    if margin <= 0:
        return 2
    return min(3, max(0, math.ceil(-math.log10(margin * 1.05))))


def _fixed(value: float, places: int) -> str:
    text = f'{value:.{places}f}'
    return text[1:] if text.startswith('-') and not text.strip('-0.') else text
