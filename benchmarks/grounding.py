# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Ask by name on real frames: questions made of marks, asked as typed, in both orders.

    python benchmarks/grounding.py DIR [--wrong] [--json]

DIR holds marks.json as scene_marked describes it. The marks are given as named regions: as they
are; then grown and shrunk by 10 % of each side, and shifted by 5 pixels in four directions.
Questions are made where the marks alone decide them clearly (see the families below): so an
answer is right, wrong, or declined. Three kinds that look decided are not, and are left out since
wrong and declined answers were looked at: whether a robot fits, where something unmarked shows in
the depth between two marks; a width that may be a height leaning outwards, where the camera looks
down; what is taller, where nothing tells which way is down. Depths of named things are compared
with the marked median depth of the middle of the box, within 2 % + 5 mm; where the middle itself
holds two surfaces (z_iqr_m above 8 % of the depth) the mark says nothing.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
import json
import math
from pathlib import Path
import sys
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.machine import machine
from benchmarks.scene_marked import marked_frame
from ssr_ros.scene import Grounded, measure
from ssr_ros.scene.questions.evidence import MeasuredAnswer

Box = tuple[float, float, float, float]
Tally = Counter[tuple[str, str]]
CLEARLY = 1.5
"""A size is clearly larger than another from this ratio on: boxes are drawn by eye."""

MIXED = 0.08
"""Spread of the depth in the middle of a box, as a share of it, from which it is no truth."""

EDGE_PX, JUMP = 5, 0.02
"""Pixels beside a box that are still of its edge, and the step in depth that ends a surface."""


@dataclass(frozen=True, eq=False)
class Mark:
    """A marked object as the marks alone know it: its place and size, camera frame, metres."""

    name: str
    box: Box
    center_m: np.ndarray
    width_m: float
    height_m: float
    spread_m: float
    least_width_m: float
    least_height_m: float

    @property
    def distance_m(self) -> float:
        """From the camera to its centre."""
        return float(np.linalg.norm(self.center_m))

    @property
    def reach_m(self) -> float:
        """Half of its diagonal: so far from its centre its surface may be."""
        return math.hypot(self.width_m, self.height_m) / 2


@dataclass(frozen=True)
class Asked:
    """A question and what a right answer to it says."""

    family: str
    question: str
    choice: str = ''
    value: tuple[float, float] | None = None

    def judge(self, answer: MeasuredAnswer) -> str:
        """Say whether an answer is right, wrong or declined."""
        if self.choice:
            said = answer.choice
            return 'declined' if not said else ('right' if said == self.choice else 'wrong')
        if not answer.answered or answer.value is None:
            return 'declined'
        low, high = self.value or (0.0, 0.0)
        return 'right' if low <= answer.value <= high else 'wrong'


def marks_of(marks: dict[str, Any], tilt_deg: float = 0.0) -> list[Mark]:
    """Read the marked objects of a frame whose depth is one surface's.

    Where the camera looks down a thing leans outwards in the image, for its top is nearer, and its
    box holds some of its top, too: what is left without both is a least width and height.
    """
    fx, fy, cx, cy = marks['intrinsics']
    found = []
    for name, mark in marks['objects'].items():
        x0, y0, x1, y1 = mark['box']
        z = mark.get('median_z_m')
        if not z or mark['z_iqr_m'] > MIXED * z or mark['valid'] < 0.5:
            continue
        center = np.array([((x0 + x1) / 2 - cx) / fx * z, ((y0 + y1) / 2 - cy) / fy * z, z])
        sizes = (x1 - x0) / fx * z, (y1 - y0) / fy * z
        tilt = math.radians(min(abs(tilt_deg), 80.0))
        width = sizes[0] - abs(center[0]) * sizes[1] / z * math.tan(tilt)
        height = sizes[1] - sizes[0] * math.sin(tilt)
        box = (x0, y0, x1, y1)
        found.append(Mark(name, box, center, *sizes, mark['z_iqr_m'], width, height))
    return found


def questions(marks: list[Mark], has_down: bool) -> Iterator[Asked]:
    """Make the questions that a frame's marks decide; of heights where down is known."""
    for mark in marks:
        near = mark.distance_m - 2 * mark.reach_m - mark.spread_m
        far = 1.02 * mark.distance_m + 0.005 + mark.spread_m
        yield Asked('distance', f'How far is the {mark.name}?', value=(near, far))
    for pair in combinations(marks, 2):
        for a, b in (pair, pair[::-1]):
            yield from _closer(a, b)
            yield from _sides(a, b)
            yield from _gaps(a, b)
            yield from _sizes(a, b, has_down)
    for trio in combinations(marks, 3):
        yield from _between(*trio)


def _closer(a: Mark, b: Mark) -> Iterator[Asked]:
    """Clear where the distances differ by more than both things may be deep."""
    apart = b.distance_m - a.distance_m
    if abs(apart) > 0.03 * a.distance_m + max(a.reach_m, b.reach_m) + a.spread_m + b.spread_m:
        nearer = a.name if apart > 0 else b.name
        question = f'Which is closer to the camera, the {a.name} or the {b.name}?'
        yield Asked('closer', question, choice=nearer)
        value = float(apart > 0)
        question = f'Is the {a.name} closer than the {b.name}?'
        yield Asked('closer', question, value=(value, value))


def _sides(a: Mark, b: Mark) -> Iterator[Asked]:
    """Clear where neither box holds the other's middle, in the image and in the room."""
    middles = [(mark.box[0] + mark.box[2]) / 2 for mark in (a, b)]
    apart_px = middles[1] - middles[0]
    apart_m = float(b.center_m[0] - a.center_m[0])
    widths = [mark.box[2] - mark.box[0] for mark in (a, b)]
    if abs(apart_px) > max(widths) / 2 and apart_px * apart_m > 0:
        value = float(apart_px > 0)
        yield Asked('left', f'Is the {a.name} to the left of the {b.name}?', value=(value, value))
        side = 1 - value
        question = f'Is the {a.name} to the right of the {b.name}?'
        yield Asked('right', question, value=(side, side))


def _gaps(a: Mark, b: Mark) -> Iterator[Asked]:
    """The gap lies between the distance of the centres, less both reaches, and that distance."""
    apart = float(np.linalg.norm(a.center_m - b.center_m))
    slack = 0.02 * a.distance_m + a.spread_m + b.spread_m + 0.01
    least = apart - a.reach_m - b.reach_m - slack
    question = f'How far apart are the {a.name} and the {b.name}?'
    yield Asked('gap', question, value=(max(0.0, least), apart + slack))


def _sizes(a: Mark, b: Mark, has_down: bool) -> Iterator[Asked]:
    for larger, less in ((a, b), (b, a)):
        if has_down and larger.least_height_m > CLEARLY * less.height_m:
            question = f'Which is taller, the {a.name} or the {b.name}?'
            yield Asked('taller', question, choice=larger.name)
        if larger.least_width_m > CLEARLY * less.width_m:
            question = f'Which is wider, the {a.name} or the {b.name}?'
            yield Asked('wider', question, choice=larger.name)


def _between(*trio: Mark) -> Iterator[Asked]:
    """Clear where the three stand side by side, apart from each other."""
    left, middle, right = sorted(trio, key=lambda mark: mark.center_m[0])
    boxes = [mark.box for mark in (left, middle, right)]
    if boxes[0][2] < boxes[1][0] and boxes[1][2] < boxes[2][0]:
        for thing, ends in ((middle, (left, right)), (left, (middle, right))):
            value = float(thing is middle)
            for one, other in (ends, ends[::-1]):
                yield Asked(
                    'between',
                    f'Is the {thing.name} between the {one.name} and the {other.name}?',
                    value=(value, value),
                )


def fitting(marks: list[Mark], depth_m: np.ndarray) -> Iterator[Asked]:
    """Whether something of a width fits: clear where it is three times too wide or too narrow.

    It fits only where the depth between both, (H, W) metres, shows nothing that is not marked.
    """
    for a, b in combinations(marks, 2):
        left, right = sorted((a, b), key=lambda mark: mark.box[0])
        if left.box[2] >= right.box[0]:
            continue
        apart = float(np.linalg.norm(a.center_m - b.center_m))
        gap = max(0.01, apart - (left.width_m + right.width_m) / 2)
        for one, other in ((a, b), (b, a)):
            wide = 100 * (apart + a.reach_m + b.reach_m) * 1.5
            ends = f'between the {one.name} and the {other.name}'
            yield Asked('fits', f'Does a {wide:.0f} cm wide robot fit {ends}?', value=(0, 0))
            blocked = any(_stands_between(mark, left, right) for mark in marks)
            if gap > 0.06 and not blocked and _is_plain(depth_m, left, right):
                wide = 100 * gap / 3
                yield Asked('fits', f'Does a {wide:.0f} cm wide robot fit {ends}?', value=(1, 1))


def _stands_between(mark: Mark, left: Mark, right: Mark) -> bool:
    return mark.box[2] > left.box[2] and mark.box[0] < right.box[0] and mark not in (left, right)


def _is_plain(depth_m: np.ndarray, left: Mark, right: Mark) -> bool:
    """Whether depth runs on between two boxes, from one middle to the other, without a jump."""
    middles = [(mark.box[1] + mark.box[3]) / 2 for mark in (left, right)]
    rows = slice(round(min(middles)) - 3, max(left.box[3], right.box[3]))
    between = depth_m[rows, round(left.box[2]) + EDGE_PX : round(right.box[0]) - EDGE_PX]
    if min(between.shape) < 3:
        return False
    steps = [np.abs(np.diff(between, axis=axis)) / np.nanmin(between) for axis in (0, 1)]
    known = [step[np.isfinite(step)] for step in steps]
    jumps = sum(int((step > JUMP).sum()) for step in known)
    return bool(np.isfinite(between).mean() > 0.7 and jumps < 0.002 * between.size)


CHANGES = {
    'as marked': ((0, 0, 0, 0, 0),),
    'grown 10 %': ((0.05, 0, 0, 0, 0),),
    'shrunk 10 %': ((-0.05, 0, 0, 0, 0),),
    'shifted 5 px': ((0, 5, 0, 5, 0), (0, -5, 0, -5, 0), (0, 0, 5, 0, 5), (0, 0, -5, 0, -5)),
}
"""Share of a side that is added at each end, then pixels added to x0, y0, x1, y1."""


def changed(box: Box, change: tuple[float, ...]) -> Box:
    share, *shift = change
    grow = (share * (box[2] - box[0]), share * (box[3] - box[1]))
    signs = (-1, -1, 1, 1)
    x0, y0, x1, y1 = (box[i] + signs[i] * grow[i % 2] + shift[i] for i in range(4))
    return x0, y0, x1, y1


def spread(asked: list[Asked], most: int) -> list[Asked]:
    """At most so many questions of each family, spread evenly over all of them."""
    families: dict[str, list[Asked]] = {}
    for one in asked:
        families.setdefault(one.family, []).append(one)
    return [one for each in families.values() for one in each[:: -(-len(each) // most)]]


def run(folder: Path, most: int) -> dict[str, Any]:
    """Ask of every frame, of changed boxes a part of the questions."""
    counts: dict[str, Tally] = {name: Counter() for name in CHANGES}
    wrong, depths, far = [], [], []
    for entry in json.loads((folder / 'marks.json').read_text()):
        frame = marked_frame(folder, entry)
        facts = measure(frame, noise=entry['noise'])
        tilt_deg = facts.gravity.tilt_deg
        marks = marks_of(entry, tilt_deg)
        everything = [*questions(marks, facts.gravity.known), *fitting(marks, frame.depth_m)]
        print(entry['frame'], len(everything), 'questions', file=sys.stderr)
        for name, changes in CHANGES.items():
            few = most if name == 'as marked' else most // 4 // len(changes)
            asked = spread(everything, max(1, few))
            for change in changes:
                regions = [
                    Grounded(mark, changed(place['box'], change), source='marks')
                    for mark, place in entry['objects'].items()
                ]
                named = facts.named(regions)
                for one in asked:
                    answer = named.answer(one.question)
                    verdict = one.judge(answer)
                    counts[name][one.family, verdict] += 1
                    if verdict != 'right':
                        wrong.append((name, entry['frame'], verdict, one, answer.text))
                if name == 'as marked':
                    for mark in marks:
                        z = float(mark.center_m[2])
                        names = {n: o for o in named.objects for n in (o.label, *o.also)}
                        thing = names.get(mark.name)
                        error = math.inf if thing is None else abs(thing.depth_m - z)
                        depths.append(error <= 0.02 * z + 0.005)
                        far.append(error / z)
    return {
        'machine': machine(),
        'questions': {name: _table(count) for name, count in counts.items()},
        'depths': len(depths),
        'depths_within': float(np.mean(depths)),
        'depth_error_median': float(np.median(far)),
        'not_right': wrong,
    }


def _table(count: Tally) -> dict[str, dict[str, int]]:
    families = sorted({family for family, _ in count})
    rows = {f: {v: count[f, v] for v in ('right', 'declined', 'wrong')} for f in families}
    rows['all'] = {v: sum(row[v] for row in rows.values()) for v in ('right', 'declined', 'wrong')}
    return rows


def show(report: dict[str, Any], wrong: bool) -> None:
    print(report['machine'])
    for name, rows in report['questions'].items():
        print(f'\n{name}')
        for family, row in rows.items():
            total = sum(row.values())
            share = 100 * row['right'] / max(1, total)
            print(f'  {family:10} {total:5}  right {share:5.1f} %  {row}')
    print(
        f'\n{report["depths"]} depths: {100 * report["depths_within"]:.1f} % within 2 % + 5 mm, '
        f'median error {100 * report["depth_error_median"]:.2f} %'
    )
    for name, frame, verdict, asked, text in report['not_right'] if wrong else ():
        print(f'{name} | {frame} | {verdict} | {asked.question} | {text}')


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('folder', type=Path, help='folder of frames marked by hand')
    parser.add_argument('--most', type=int, default=40, help='questions per family and frame')
    parser.add_argument('--wrong', action='store_true', help='list what was not right')
    parser.add_argument('--json', action='store_true', help='print one JSON object')
    options = parser.parse_args(argv)
    report = run(options.folder, options.most)
    if options.json:
        del report['not_right']
        print(json.dumps(report, indent=2))
    else:
        show(report, options.wrong)
    return 0


if __name__ == '__main__':
    sys.exit(main())
