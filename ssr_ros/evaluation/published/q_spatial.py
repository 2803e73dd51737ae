# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

r"""Q-Spatial Bench: 101 + 170 questions for a distance.

Fields and rule are those of examples/evaluate_success_rate.ipynb of
andrewliao11/Q-Spatial-Bench-code (ebe8137): both numbers in centimetres, right where the larger is
less than twice the smaller. Its prompt asks for ``\\scalar{1.2} \\distance_unit{m}``, of which the
last one counts, and several numbers within it are averaged; that is read so here. An answer
without it is read where it holds exactly one length ('1.2 m'). Differences, all towards unparsed:
the notebook stops where a text has no scalar, and takes a unit that it does not know for
centimetres.
"""

from __future__ import annotations

from pathlib import Path
import re

from ssr_ros.errors import DatasetError
from ssr_ros.evaluation.published.items import Benchmark, Item, Mark, Picture, UNREAD
from ssr_ros.evaluation.published.rows import field, files_of, picture, Row, rows_of
from ssr_ros.evaluation.reading import read

WITHIN = 2.0
"""The larger of two lengths has to be less than so many times the smaller."""

CM_PER = {
    **dict.fromkeys(('meters', 'meter', 'm', 'metre', 'metres'), 100.0),
    **dict.fromkeys(('centimeters', 'centimeter', 'cm'), 1.0),
    **dict.fromkeys(('feet', 'foot', 'ft'), 30.48),
    **dict.fromkeys(('inch', 'inches', 'in'), 2.54),
    'mm': 0.1,
}
SCALAR = re.compile(r'scalar{([^}]*)}')
UNIT = re.compile(r'distance_unit{([^}]*)}')
NUMBER = re.compile(r'\d+\.?\d*')
LENGTH_META = {'family': 'gap', 'form': 'gap', 'value_unit': 'm'}


class QSpatial(Benchmark):
    """Q-Spatial Bench."""

    name, title = 'q-spatial', 'Q-Spatial Bench'
    source = 'github.com/andrewliao11/Q-Spatial-Bench-code, arXiv 2409.09788'

    def load(self, folder: Path) -> list[Item]:
        """Read QSpatial_plus and QSpatial_scannet, or what there is of them."""
        files = files_of(folder, '*.parquet', 'data/*.parquet', '*.jsonl', '*.json')
        return [_item(row, folder, where) for path in files for where, row in rows_of(path)]

    def mark(self, item: Item, text: str) -> Mark:
        """Compare two lengths."""
        cm = length_cm(text)
        if cm is None:
            return UNREAD
        right = cm > 0 and max(cm / item.truth, item.truth / cm) < WITHIN
        return Mark(right, True, f'{cm:g} cm', abs(cm - item.truth) / item.truth)


def length_cm(text: str) -> float | None:
    """Return the length that an answer states, centimetres; None: none, or several."""
    boxed, units = SCALAR.findall(text), UNIT.findall(text)
    if boxed or units:
        numbers = NUMBER.findall(boxed[-1]) if boxed else []
        per = CM_PER.get(units[-1].strip().lower()) if units else None
        if not numbers or per is None:
            return None
        return per * sum(map(float, numbers)) / len(numbers)
    reading = read(text, LENGTH_META)
    return 100 * reading.numbers[0] if reading else None


def _item(row: Row, folder: Path, where: str) -> Item:
    unit = str(field(row, 'answer_unit', where, str)).strip().lower()
    value = float(field(row, 'answer_value', where, int, float))
    if unit not in CM_PER or not value > 0:
        raise DatasetError(f'{where}: expected a length above 0 as answer, got {value:g} {unit!r}')
    split = re.search(r'QSpatial_\w+?(?=-|\.|:)', where)
    image = picture(row, ('image', 'image_path'), folder, where)
    return Item(
        key=where,
        group=split[0] if split else where.partition(':')[0],
        question=field(row, 'question', where, str),
        truth=value * CM_PER[unit],
        # Those of ScanNet come without pictures: each is rendered from a licensed scan.
        image=image or Picture(f'{where}: image'),
        meta=row.get('question_type'),
    )
