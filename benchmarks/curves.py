# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0


"""Draw the losses of some runs, a panel a run.

    python -m benchmarks.curves out/nano/encoders out/nano/stage1 out/nano/stage2 --out curves.png

Thin lines are training steps, dots the validation samples. The scale of losses is logarithmic.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Sequence
import json
import math
from pathlib import Path
import sys

from PIL import Image, ImageDraw, ImageFont

from ssr_ros.errors import ConfigError, SsrError

PANEL = (470, 270)
LEFT, RIGHT, TOP, BOTTOM = 46, 96, 30, 28
COLUMNS = 3
INK, FAINT, PALE = '#1f2328', '#59636e', '#d8dee4'
COLORS = (
    '#1f6feb',
    '#d1242f',
    '#1a7f37',
    '#9a6700',
    '#8250df',
    '#bf3989',
    '#0f7b83',
    '#6e7781',
    '#bc4c00',
    '#116329',
    '#0550ae',
    '#a40e26',
)
NO_LOSS = ('gradient_norm', 'learning_rate', 'samples_per_s')

Points = list[tuple[int, float]]
Curves = dict[str, dict[str, Points]]


def main(runs: Sequence[Path], out: Path) -> Path:
    """Draw.

    Raises:
        ConfigError: a run has no log, or the picture cannot be written.
    """
    rows = math.ceil(len(runs) / COLUMNS)
    width = min(len(runs), COLUMNS) * PANEL[0]
    picture = Image.new('RGB', (width, rows * PANEL[1]), 'white')
    pen = ImageDraw.Draw(picture)
    for number, run in enumerate(runs):
        corner = number % COLUMNS * PANEL[0], number // COLUMNS * PANEL[1]
        _panel(pen, corner, run.name, read_log(run))
    try:
        picture.save(out)
    except OSError as error:
        raise ConfigError(f'{out}: cannot be written: {error}') from error
    return out


def read_log(run: Path) -> Curves:
    """Return loss -> part ('train' or 'val') -> (step, value).

    Raises:
        ConfigError: the folder holds no log that can be read.
    """
    curves: Curves = defaultdict(lambda: defaultdict(list))
    try:
        for line in (run / 'log.jsonl').read_text(encoding='utf-8').splitlines():
            entry = json.loads(line)
            step, part = entry.pop('step'), entry.pop('part')
            for name, value in entry.items():
                if name not in NO_LOSS and value > 0:
                    curves[name][part].append((step, value))
    except (OSError, ValueError, KeyError) as error:
        raise ConfigError(
            f'{run}: expected the folder of a run with a log.jsonl: {error}'
        ) from error
    return curves


def _panel(pen: ImageDraw.ImageDraw, corner: tuple[int, int], title: str, curves: Curves) -> None:
    x0, y0 = corner[0] + LEFT, corner[1] + TOP
    x1, y1 = corner[0] + PANEL[0] - RIGHT, corner[1] + PANEL[1] - BOTTOM
    pen.text((x0, y0 - 8), title, INK, _font(15), anchor='ls')
    points = [point for parts in curves.values() for found in parts.values() for point in found]
    if not points:
        return
    last = max(step for step, _ in points)
    low, high = (pick(value for _, value in points) for pick in (min, max))
    high = max(high, 1.01 * low)

    def place(step: int, value: float) -> tuple[float, float]:
        height = math.log(value / low) / math.log(high / low)
        return x0 + (x1 - x0) * step / last, y1 - (y1 - y0) * height

    for value in _marks(low, high):
        y = place(0, value)[1]
        pen.line((x0, y, x1, y), PALE)
        pen.text((x0 - 5, y), f'{value:g}', FAINT, _font(11), anchor='rm')
    pen.text((x0, y1 + 6), '0', FAINT, _font(11), anchor='la')
    pen.text((x1, y1 + 6), f'{last} steps', FAINT, _font(11), anchor='ra')
    for number, (name, parts) in enumerate(sorted(curves.items())):
        color = COLORS[number % len(COLORS)]
        pen.line([place(*point) for point in parts['train']], color, 1)
        for x, y in (place(*point) for point in parts['val']):
            pen.ellipse((x - 2.5, y - 2.5, x + 2.5, y + 2.5), color)
        pen.text((x1 + 8, y0 + 13 * number), name, color, _font(11), anchor='la')


def _marks(low: float, high: float) -> list[float]:
    steps = (digit * 10.0**power for power in range(-4, 4) for digit in (1, 2, 5))
    return [value for value in steps if low <= value <= high]


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)


def command_line() -> int:
    """Run the command; return its exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('runs', type=Path, nargs='+', help='output folders of runs')
    parser.add_argument('--out', type=Path, default=Path('curves.png'))
    try:
        print(main(**vars(parser.parse_args())))
    except SsrError as error:
        print(f'{type(error).__name__}: {error}', file=sys.stderr)
        return 2
    return 0


if __name__ == '__main__':
    sys.exit(command_line())
