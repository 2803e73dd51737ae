# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The numbers of SpatialRGPT-Bench: distances, widths, heights and clock directions of regions.

Layout and rule are those of llava/eval/eval_spatial.py and scripts/srgpt/eval/
evaluate_spatial_with_gpt4.py of AnjieCheng/SpatialRGPT (16715d4): JSON lines or parquet with
image_info, text_q, qa_info, conversations and bbox. Right is 0.75 to 1.25 times the truth, both
ends with it; a direction is right within one hour. There GPT-4 turns both texts into numbers; here
they are read, so an answer needs exactly one length with its unit, or one hour, else it is
unparsed and, as there, wrong. Questions without a number are left out: that script lets GPT-4
judge them.

A region is asked about by name ('region 0'), and its box comes with the question.
"""

from __future__ import annotations

from collections.abc import Sequence
import logging
from pathlib import Path
import re
from typing import Any

from ssr_ros.errors import DatasetError
from ssr_ros.evaluation.published.items import Benchmark, Box, Item, Mark, Picture, UNREAD
from ssr_ros.evaluation.published.rows import files_of, picture, Row, rows_of, structure
from ssr_ros.evaluation.reading import lengths_m, read

LENGTHS = {
    'distance_data': 'direct distance',
    'horizontal_distance_data': 'horizontal distance',
    'vertical_distance_data': 'vertical distance',
    'width_data': 'width',
    'height_data': 'height',
}
DIRECTION = 'direction'
LOW, HIGH = 0.75, 1.25
HOURS_OFF = 1

LENGTH_META = {'family': 'gap', 'form': 'gap', 'value_unit': 'm'}
HOUR = re.compile(r"\b(1[0-2]|[1-9]) ?o'?clock")
REGION = re.compile(r'\bregion \[(\d+)\]', re.I)

logger = logging.getLogger(__name__)


class SpatialRgpt(Benchmark):
    """The numbers of SpatialRGPT-Bench."""

    name, title = 'spatialrgpt', 'SpatialRGPT-Bench, numbers'
    source = 'github.com/AnjieCheng/SpatialRGPT evaluate_spatial_with_gpt4.py, arXiv 2406.01584'

    def load(self, folder: Path) -> list[Item]:
        """Read the questions that have a number for an answer."""
        files = files_of(folder, '*.jsonl', '*.json', '*.parquet', 'data/*.parquet')
        items, left_out = [], 0
        for path in files:
            for where, row in rows_of(path):
                item = _item(row, folder, where)
                left_out += item is None
                items += [] if item is None else [item]
        if left_out:
            logger.warning('%d questions without a number are left out', left_out)
        return items

    def mark(self, item: Item, text: str) -> Mark:
        """Compare two numbers."""
        if item.group == DIRECTION:
            return _hour_mark(item.truth, text)
        reading = read(text, LENGTH_META)
        if reading is None:
            return UNREAD
        metres = reading.numbers[0]
        right = LOW * item.truth <= metres <= HIGH * item.truth
        return Mark(right, True, f'{metres:g} m', abs(metres - item.truth) / item.truth)


def _hour_mark(truth: int, text: str) -> Mark:
    hours = set(HOUR.findall(text.lower()))
    if len(hours) != 1:
        return UNREAD
    hour = int(hours.pop())
    apart = abs(hour - truth)
    return Mark(min(apart, 12 - apart) <= HOURS_OFF, True, f"{hour} o'clock")


def _item(row: Row, folder: Path, where: str) -> Item | None:
    about = structure(row, 'qa_info', where, dict)
    category = str(about.get('category', ''))
    if about.get('type') != 'quantitative':
        return None
    if category != DIRECTION and category not in LENGTHS:
        raise DatasetError(f'{where}: unknown category {category!r}')
    turns = structure(row, 'conversations', where, list, tuple)
    question, answer = str(row.get('text_q') or ''), ''
    if len(turns) > 1 and isinstance(turns[1], dict):
        answer = str(turns[1].get('value') or '')
    file = structure(row, 'image_info', where, dict).get('file_path')
    image = picture({'image': row.get('image')}, ('image',), folder, where)
    if image is None:
        image = picture({'image': file}, ('image',), folder, where)
    return Item(
        key=f'{where}/{row.get("id", "")}',
        group=LENGTHS.get(category, DIRECTION),
        question=REGION.sub(r'region \1', question),
        truth=_truth(category, answer, where),
        image=image or Picture(where),
        regions=_regions(structure(row, 'bbox', where, list, tuple), where),
    )


def _truth(category: str, answer: str, where: str) -> float | int:
    if category == DIRECTION:
        hours = HOUR.findall(answer.lower())
        if len(set(hours)) == 1:
            return int(hours[0])
    elif len(lengths := lengths_m(answer)) == 1 and lengths[0] > 0:
        return lengths[0]
    raise DatasetError(f'{where}: the true answer {answer[:80]!r} states no number for {category}')


def _regions(boxes: Sequence[Any], where: str) -> tuple[tuple[str, Box], ...]:
    try:
        return tuple(
            (f'region {number}', (float(x0), float(y0), float(x1), float(y1)))
            for number, (x0, y0, x1, y1) in enumerate(boxes)
        )
    except (TypeError, ValueError) as error:
        raise DatasetError(f'{where}: expected boxes x0, y0, x1, y1, got {boxes!r:.80}') from error
