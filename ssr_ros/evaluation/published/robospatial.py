# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""RoboSpatial-Home: 350 questions in three parts; points in free space, and yes or no.

Layout and rule are those of download_benchmark.py and evaluation.py of chanhee-luke/
RoboSpatial-Eval: ``annotations.json`` with category, question, answer, img, depth_image, mask
beside ``images/``, or the parquet files themselves. Yes and no are what the text begins with, so
that 'Not sure' is a no there: right by the published rule, and unparsed here. Of points the first
(x, y), else the first [x, y] counts, and has to lie inside the polygon, 0..1 of the image.
"""

from __future__ import annotations

import ast
from pathlib import Path
import re
from typing import Any

from ssr_ros.errors import DatasetError
from ssr_ros.evaluation.published.items import Benchmark, Item, Mark, UNREAD
from ssr_ros.evaluation.published.rows import (
    field,
    files_of,
    needed_picture,
    picture,
    Row,
    rows_of,
)
from ssr_ros.evaluation.reading import read

Point = tuple[float, float]

NUMBER = r'(\d+\.?\d*)'
POINTS = (
    re.compile(rf'\(\s*{NUMBER}\s*,\s*{NUMBER}\s*\)'),
    re.compile(rf'\[\s*{NUMBER}\s*,\s*{NUMBER}\s*\]'),
)
LIST = re.compile(r'\[(.*?)\]', re.DOTALL)
YES_NO_META = {'family': 'exists', 'form': '', 'verdict': 'yes'}
MOST_LIST = 4000
"""Characters of a list that is read as Python; a longer one is no answer."""


class RoboSpatialHome(Benchmark):
    """RoboSpatial-Home."""

    name, title = 'robospatial-home', 'RoboSpatial-Home'
    source = 'github.com/chanhee-luke/RoboSpatial-Eval evaluation.py, arXiv 2411.16537'
    own_depth = True

    def load(self, folder: Path) -> list[Item]:
        """Read annotations.json, or the parquet files."""
        files = files_of(folder, 'annotations.json', '*.json', 'data/*.parquet', '*.parquet')
        return [_item(row, folder, where) for path in files for where, row in rows_of(path)]

    def mark(self, item: Item, text: str) -> Mark:
        """Look at the first word, or the first point."""
        if isinstance(item.truth, str):
            right = text.strip().lower().startswith(item.truth)
            reading = read(text, YES_NO_META)
            return Mark(right, reading is not None, reading.words[0] if reading else '')
        point = first_point(text)
        if point is None:
            return UNREAD
        return Mark(inside_polygon(point, item.truth), True, f'({point[0]:g}, {point[1]:g})')


def first_point(text: str) -> Point | None:
    """Return the first point of a text; None where it has none.

    The published script looks for a pair of plain decimals first, wherever it is, and reads a
    Python list only where there is none.
    """
    for pattern in POINTS:
        if found := pattern.search(text):
            return float(found[1]), float(found[2])
    listed = LIST.search(text)
    if listed is None or len(listed[1]) > MOST_LIST:
        return None
    try:
        values = ast.literal_eval(f'[{listed[1].strip().removesuffix(",")}]')
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    if _is_pair(values):
        return float(values[0]), float(values[1])
    if values and _is_pair(values[0]):
        return float(values[0][0]), float(values[0][1])
    return None


def _is_pair(value: Any) -> bool:
    is_two = isinstance(value, (list, tuple)) and len(value) == 2
    return is_two and all(isinstance(each, (int, float)) for each in value)


def inside_polygon(point: Point, polygon: list[Point]) -> bool:
    """Whether a ray to the right crosses the border an odd number of times.

    As in the published script, a point on a left or upper side is inside, on the others it is not.
    """
    x, y = point
    crossed = 0
    for (x0, y0), (x1, y1) in zip(polygon, [polygon[-1], *polygon[:-1]], strict=True):
        if (y0 > y) != (y1 > y):
            crossed += x < x0 + (x1 - x0) * (y - y0) / (y1 - y0)
    return crossed % 2 == 1


def _item(row: Row, folder: Path, where: str) -> Item:
    return Item(
        key=where,
        group=field(row, 'category', where, str),
        question=field(row, 'question', where, str),
        truth=_truth(field(row, 'answer', where, str), where),
        image=needed_picture(row, ('img', 'image'), folder, where),
        depth=picture(row, ('depth_image', 'depth'), folder, where),
    )


def _truth(answer: str, where: str) -> str | list[Point]:
    said = answer.strip().lower()
    if said in ('yes', 'no'):
        return said
    try:
        polygon = ast.literal_eval(answer.strip())
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        polygon = None
    if isinstance(polygon, list) and len(polygon) > 2 and all(map(_is_pair, polygon)):
        return [(float(x), float(y)) for x, y in polygon]
    raise DatasetError(f'{where}: expected yes, no or a polygon as answer, got {answer[:60]!r}')
