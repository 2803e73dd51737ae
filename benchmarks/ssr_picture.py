# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""A picture of the main rows of benchmarks/ssr.py: bars with intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw, ImageFont

from benchmarks.ssr_systems import SYSTEMS

SHOWN = (
    'majority',
    'base',
    'tuned',
    'plugged',
    'said',
    'full',
    'zero latents',
    'matched noise',
    'shuffled depth',
    'no depth',
    'no rationale',
    'grounded',
)
BARS = (('depth families', '#1f6feb'), ('colour is enough', '#c9ced6'))
NAMES = {
    'depth families': 'closer/farther, distance, size, gap, order',
    'colour is enough': 'what colour alone tells',
}
LEFT, WIDTH, ROW, TOP, BOTTOM = 420, 620, 54, 96, 56
THICK = 17
INK, FAINT, PALE = '#1f2328', '#59636e', '#d8dee4'


def draw(report: Mapping[str, Any], path: Path) -> bool:
    """Draw what was run, and name what was not; False where nothing was.

    Raises:
        OSError: the file cannot be written.
    """
    found = [
        (system.title, report['systems'][system.key].get('groups'))
        for system in SYSTEMS
        if system.key in SHOWN
    ]
    rows = [(title, groups) for title, groups in found if groups]
    if not rows:
        return False
    height = TOP + ROW * len(rows) + BOTTOM
    picture = Image.new('RGB', (LEFT + WIDTH + 70, height), 'white')
    pen = ImageDraw.Draw(picture)
    _legend(pen, report)
    _grid(pen, height, [title for title, groups in found if not groups])
    for number, (title, groups) in enumerate(rows):
        y = TOP + ROW * number
        pen.text((LEFT - 14, y + ROW / 2 - 3), title, INK, _font(17), anchor='rm')
        for place, (group, color) in enumerate(BARS):
            if group in groups:
                _bar(pen, y + 5 + place * (THICK + 3), groups[group], color)
    picture.save(path)
    return True


def _legend(pen: ImageDraw.ImageDraw, report: Mapping[str, Any]) -> None:
    asked = f'{report["questions"]} questions about {report["frames"]} test frames'
    pen.text((LEFT, 22), f'Right answers, %: {asked}', INK, _font(20), anchor='lm')
    x = LEFT
    for group, color in BARS:
        pen.rectangle((x, 50, x + 16, 66), color)
        pen.text((x + 24, 58), NAMES[group], INK, _font(16), anchor='lm')
        x += 48 + int(pen.textlength(NAMES[group], _font(16)))


def _grid(pen: ImageDraw.ImageDraw, height: int, not_run: Sequence[str]) -> None:
    for percent in range(0, 101, 20):
        x = _x(percent / 100)
        pen.line((x, TOP - 6, x, height - BOTTOM), PALE)
        pen.text((x, height - BOTTOM + 14), str(percent), INK, _font(15), anchor='mm')
    caption = 'Whiskers: Wilson 95 % intervals'
    if not_run:
        caption += f'. Not run: {", ".join(not_run)}'
    pen.text((14, height - 14), caption, FAINT, _font(14), anchor='lm')


def _bar(pen: ImageDraw.ImageDraw, y: int, cell: Mapping[str, float], color: str) -> None:
    pen.rectangle((_x(0), y, _x(cell['share']), y + THICK), color)
    low, high, middle = _x(cell['low']), _x(cell['high']), y + THICK / 2
    pen.line((low, middle, high, middle), INK, 2)
    for x in (low, high):
        pen.line((x, middle - 4, x, middle + 4), INK, 2)
    value = f'{100 * cell["share"]:.0f}'
    pen.text((high + 8, middle), value, INK, _font(15), anchor='lm')


def _x(share: float) -> float:
    return LEFT + WIDTH * share


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)
