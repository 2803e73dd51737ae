# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""A picture of a bench: what people wait for, leg by leg, and the stages of the quickest one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw, ImageFont

from ssr_ros.errors import ConfigError

INK, FAINT, PALE = '#1f2328', '#59636e', '#d8dee4'
THEIRS, OURS, ROOF = '#9a6700', '#1f6feb', '#1a7f37'
WIDTH, EDGE, ROW, BAR = 1240, 30, 24, 15
COLUMNS = 3
LABEL, VALUE = 130, 96

WAITS = (
    ('first_ms', 'new frame to first token'),
    ('ready_first_ms', 'first token on a ready scene'),
    ('token_ms', 'one more token'),
    ('short_ms', 'new frame to 8 tokens'),
    ('long_ms', 'new frame to the last token'),
    ('questions_ms', 'ten questions on one frame'),
)

Bars = list[tuple[str, float, str, float | None]]
"""(label, milliseconds, color, least milliseconds or None)."""


def draw(result: Mapping[str, Any], path: Path) -> None:
    """Draw what ``bench`` has returned, as a PNG.

    Raises:
        ConfigError: the file cannot be written.
    """
    panels = list(_panels(result))
    rows = [panels[i : i + COLUMNS] for i in range(0, len(panels), COLUMNS)]
    heights = [max(len(bars) for _, bars in row) * ROW + 48 for row in rows]
    picture = Image.new('RGB', (WIDTH, 84 + sum(heights) + EDGE), 'white')
    pen = ImageDraw.Draw(picture)
    pen.text(
        (EDGE, 22), _fitting(f'{result["what"]}, {result["dtype"]}', _font(19)), INK, _font(19)
    )
    counted = f'{result["clock"]} time, median of {result["rounds"]}'
    under = f'{result["machine"]}; ssr_ros {result["revision"]}; {counted}'
    pen.text((EDGE, 50), _fitting(under, _font(13)), FAINT, _font(13))
    top = 84
    for row, height in zip(rows, heights, strict=True):
        for number, (title, bars) in enumerate(row):
            wide = (WIDTH - 2 * EDGE) // (COLUMNS if len(row) > 1 else 1)
            _panel(pen, (EDGE + number * wide, top), wide - 24, title, bars)
        top += height
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        picture.save(path)
    except OSError as error:
        raise ConfigError(f'{path}: cannot be written: {error}') from error


def _panels(result: Mapping[str, Any]) -> Iterator[tuple[str, Bars]]:
    legs = result['legs']
    for key, title in WAITS:
        bars: Bars = [
            (name, leg[key], OURS if leg['stages'] else THEIRS, None)
            for name, leg in legs.items()
            if key in leg
        ]
        yield f'{title}, ms', bars
    staged = {name: leg for name, leg in legs.items() if leg['stages']}
    if staged:
        best = min(staged, key=lambda name: staged[name]['first_ms'])
        stages = staged[best]['stages']
        bars = [(name, each['ms'], OURS, _least_ms(each)) for name, each in stages.items()]
        green = '; green: the least that this device takes'
        known = any(least is not None for *_, least in bars)
        yield f'stages of {best}, ms (decode: one token){green if known else ""}', bars


def _least_ms(stage: Mapping[str, Any]) -> float | None:
    return None if stage['of_roof'] is None else float(stage['ms'] * stage['of_roof'])


def _panel(
    pen: ImageDraw.ImageDraw, corner: tuple[int, int], wide: int, title: str, bars: Bars
) -> None:
    x, y = corner
    pen.text((x, y), title, INK, _font(14))
    most = max((ms for _, ms, _, _ in bars), default=1.0)
    begin, room = x + LABEL, wide - LABEL - VALUE
    for number, (label, ms, color, least) in enumerate(bars):
        top = y + 24 + number * ROW
        pen.text((begin - 8, top + BAR / 2), label, INK, _font(13), anchor='rm')
        pen.rectangle((begin, top, begin + room, top + BAR), PALE)
        pen.rectangle((begin, top, begin + max(1, room * ms / most), top + BAR), color)
        if least is not None:
            pen.rectangle((begin, top, begin + room * min(least, ms) / most, top + BAR), ROOF)
        share = '' if least is None else f'  {100 * least / ms:.0f} %'
        end = (begin + room + 8, top + BAR / 2)
        pen.text(end, f'{_number(ms)}{share}', INK, _font(13), anchor='lm')


def _fitting(text: str, font: Any) -> str:
    """Shorten a line to the picture's width."""
    while font.getlength(text) > WIDTH - 2 * EDGE:
        text = text.removesuffix('...')[:-8] + '...'
    return text


def _number(ms: float) -> str:
    return f'{ms:.0f}' if ms >= 100 else f'{ms:.3g}'


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)
