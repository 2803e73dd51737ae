# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Small drawings for the report, as SVG that takes its colours from the page's style sheet."""

from __future__ import annotations

from collections.abc import Sequence
import math
from typing import Any

from markupsafe import Markup

WIDE, HIGH = 480, 240
LEFT, BELOW, ABOVE = 52, 26, 10
MOST_POINTS = 2000


def interval(share: float | None, low: float, high: float, label: str) -> Markup:
    """Draw a share with its interval on a line from 0 to 100 %."""
    width, height = 120.0, 16
    x = 4 + (width - 8) * (share or 0)
    x0, x1 = (4 + (width - 8) * end for end in (low, high))
    whisker = (
        f'<line class="track" x1="4" x2="{width - 4:.1f}" y1="8" y2="8"/>'
        f'<line class="whisker" x1="{x0:.1f}" x2="{x1:.1f}" y1="8" y2="8"/>'
        f'<line class="whisker end" x1="{x0:.1f}" x2="{x0:.1f}" y1="4" y2="12"/>'
        f'<line class="whisker end" x1="{x1:.1f}" x2="{x1:.1f}" y1="4" y2="12"/>'
    )
    dot = f'<circle class="dot" cx="{x:.1f}" cy="8" r="4.5"/>' if share is not None else ''
    return Markup(
        '<svg class="interval" viewBox="0 0 {} {}" width="{}" height="{}" role="img" '
        'aria-label="{}">{}</svg>'
    ).format(int(width), height, int(width), height, label, Markup(whisker + dot))


def latency_over_time(points: Sequence[tuple[float, float, bool]], label: str) -> Markup:
    """Draw milliseconds of questions, one after the other.

    Args:
        points: (number of the question, milliseconds, whether its frame was new).
        label: what it shows, for who cannot see it.
    """
    step = max(1, math.ceil(len(points) / MOST_POINTS))
    shown = points[::step]
    top = nice_top(max((ms for _, ms, _ in points), default=1.0))
    last = max((x for x, _, _ in points), default=1.0)
    parts = [_grid(top, 'ms')]
    for x, ms, is_new in shown:
        parts.append(
            f'<circle class="{"new" if is_new else "again"}" cx="{_x(x, last):.1f}" '
            f'cy="{_y(ms, top):.1f}" r="3.2"/>'
        )
    parts.append(
        f'<text class="axis" x="{LEFT}" y="{HIGH - 6}">first question</text>'
        f'<text class="axis" x="{WIDE - 6}" y="{HIGH - 6}" text-anchor="end">last</text>'
    )
    return _chart('latency', ''.join(parts), label)


def rates(parts: Sequence[int], duration_s: float, usual_hz: float | None, label: str) -> Markup:
    """Draw how many messages came in equal parts of a recording, as bars."""
    width, height = 360.0, 34.0
    each_s = duration_s / max(1, len(parts))
    usual = (usual_hz or 0) * each_s
    top = max([*parts, usual, 1])
    step = width / max(1, len(parts))
    bars = ''.join(
        f'<rect class="{"bar" if usual < 2 or count >= 0.8 * usual else "bar low"}" '
        f'x="{number * step:.2f}" width="{step * 0.82:.2f}" '
        f'y="{height - height * count / top:.2f}" height="{height * count / top:.2f}"/>'
        for number, count in enumerate(parts)
    )
    line = f'<line class="base" x1="0" x2="{width:.0f}" y1="{height:.0f}" y2="{height:.0f}"/>'
    return Markup(
        '<svg class="rates" viewBox="0 0 {} {}" preserveAspectRatio="none" role="img" '
        'aria-label="{}">{}</svg>'
    ).format(int(width), int(height), label, Markup(bars + line))


def overlay(
    width: int, height: int, objects: Sequence[dict[str, Any]], subjects: Sequence[str]
) -> Markup:
    """Draw boxes, names and distances over a picture; what the answer is about stands out."""
    size = max(width, 1) / 30
    drawn: list[Markup] = []
    taken: list[tuple[float, float, float, float]] = []
    names = {str(each['name']) for each in objects}
    ordered = sorted(objects, key=lambda each: each['name'] not in subjects)
    for number, each in enumerate(ordered):
        x0, y0, x1, y1 = each['box_px']
        text = f'{_plain_name(each["name"], names)} {length(each["distance_m"])}'
        is_meant = each['name'] in subjects
        x, y = _label_place(taken, x0, y0, y1, text, size, width, height)
        drawn.append(
            Markup(
                '<g class="{}"><rect x="{}" y="{}" width="{}" height="{}" '
                'stroke-width="{:.1f}"/><text x="{:.1f}" y="{:.1f}" font-size="{:.1f}" '
                'stroke-width="{:.1f}">{}</text></g>'
            ).format(
                f'thing c{number % 6}' + (' meant' if is_meant else ''),
                x0,
                y0,
                max(0, x1 - x0),
                max(0, y1 - y0),
                size * (0.2 if is_meant else 0.11),
                x,
                y,
                size,
                size * 0.28,
                text,
            )
        )
    return Markup('<svg class="overlay" viewBox="0 0 {} {}" aria-hidden="true">{}</svg>').format(
        width, height, Markup('').join(reversed(drawn))
    )


def _plain_name(name: str, names: set[str]) -> str:
    """Leave the number away where it tells nothing apart, as answers do."""
    bare = name.removesuffix(' 1')
    return bare if bare != name and f'{bare} 2' not in names else name


def _label_place(
    taken: list[tuple[float, float, float, float]],
    x0: float,
    y0: float,
    y1: float,
    text: str,
    size: float,
    width: int,
    height: int,
) -> tuple[float, float]:
    """The first place at a box's upper or lower edge that no label takes yet, inside the image."""
    wide = 0.63 * size * len(text)
    x = max(2.0, min(x0, width - wide - 2))
    tries = [y0 - 0.3 * size, y1 + size, *(y0 + (k + 1) * size for k in range(6))]
    for y in tries:
        y = max(size, min(y, height - 0.3 * size))
        box = (x, y - size, x + wide, y)
        if not any(
            box[0] < o[2] and o[0] < box[2] and box[1] < o[3] and o[1] < box[3] for o in taken
        ):
            break
    taken.append(box)
    return x, y


def length(metres: float | None) -> str:
    """Return a distance for a label."""
    if metres is None:
        return ''
    return f'{100 * metres:.0f} cm' if metres < 1 else f'{metres:.2f} m'


def nice_top(value: float) -> float:
    """Return the round number at or above a value at which an axis ends."""
    if not value > 0:
        return 1.0
    size = 10.0 ** math.floor(math.log10(value))
    return next(step * size for step in (1, 2, 2.5, 5, 10) if step * size >= value * 0.999)


def _grid(top: float, unit: str) -> str:
    lines = []
    for quarter in range(5):
        y = _y(top * quarter / 4, top)
        lines.append(
            f'<line class="grid" x1="{LEFT}" x2="{WIDE - 6}" y1="{y:.1f}" y2="{y:.1f}"/>'
            f'<text class="axis" x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">'
            f'{top * quarter / 4:g}</text>'
        )
    return ''.join(lines) + f'<text class="axis" x="4" y="{ABOVE + 2}">{unit}</text>'


def _chart(name: str, inside: str, label: str) -> Markup:
    return Markup(
        '<svg class="{}" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>'
    ).format(name, WIDE, HIGH, label, Markup(inside))


def _x(value: float, last: float) -> float:
    return LEFT + 6 + (WIDE - LEFT - 18) * value / max(last, 1)


def _y(value: float, top: float) -> float:
    return HIGH - BELOW - (HIGH - BELOW - ABOVE - 8) * value / top
