# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Whether a model points at the right thing, asked through the grounding room.

    python benchmarks/ssr_places.py MODEL worlds/test/places.jsonl --limit 300

MODEL is what ``load_reasoner`` takes. It is asked as it was taught to point; where it was not, its
VLM is asked for boxes as it was before SSR. The rows are those of
``python -m training.curate --families place``. A thing is pointed at where the box given for it
overlaps its own true box more than that of anything else in view.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
import sys
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.ssr_rows import read_test, TestFrame
from ssr_ros.engine.grounders import asking
from ssr_ros.errors import ConfigError, GroundingError, SsrError
from ssr_ros.evaluation.table import Cell, Question
from ssr_ros.grounding import Grounded
from ssr_ros.model import load_reasoner, Reasoner
from ssr_ros.rgbd import RgbdFrame
from ssr_ros.scene.geometry.grid import box_of, box_overlap

POINTED = 'the right thing pointed at'
CLOSE = 'by a box that overlaps it by half or more'
ALL = 'all of a shape and no other'
DENIED = 'what is not there denied'
CHANCE = 'a thing at random'

HALF = 0.5


def ask_places(
    reasoner: Reasoner,
    questions: Sequence[Question],
    frames: Sequence[TestFrame],
    progress: Callable[[str], None] = lambda text: None,
) -> dict[str, Any]:
    """Ask where everything is; return a cell for each of the five, and the unreadable replies.

    Raises:
        ConfigError: the model cannot be asked, or the rows do not say where things are.
        FrameError: a frame cannot be read.
    """
    grounder = asking(reasoner)
    found: dict[str, list[bool]] = {name: [] for name in (POINTED, CLOSE, ALL, DENIED)}
    chances, unreadable = [], 0
    for number, test in enumerate(frames):
        progress(f'places: {number}/{len(frames)} frames')
        frame = test.read()
        for question in (questions[n] for n in test.asked):
            boxes = true_boxes(question, frame)
            chances.append(1 / len(boxes))
            try:
                regions = grounder.locate(frame, list(question.meta['subjects']))
            except GroundingError:
                regions, unreadable = None, unreadable + 1
            for name, right in judged(question.meta, boxes, regions):
                found[name].append(right)
    cells = {name: Cell(len(of), sum(of)).as_dict() for name, of in found.items()}
    return {**cells, CHANCE: sum(chances) / max(1, len(chances)), 'unreadable': unreadable}


def true_boxes(question: Question, frame: RgbdFrame) -> dict[str, Any]:
    """Return the true box of every thing in view, in pixels.

    Raises:
        ConfigError: the row does not say.
    """
    shares = question.meta.get('boxes')
    if not shares or question.meta.get('family') != 'place':
        raise ConfigError(
            f'{question.where}: no boxes in its meta: expected rows of '
            'python -m training.curate --families place'
        )
    sides = 2 * (frame.width, frame.height)
    return {
        name: tuple(share * side for share, side in zip(box, sides, strict=True))
        for name, box in shares.items()
    }


def judged(
    meta: Mapping[str, Any], boxes: Mapping[str, Any], regions: Sequence[Grounded] | None
) -> list[tuple[str, bool]]:
    """Judge the regions that came back for one question; None for an unreadable reply.

    Returns:
        (what is counted, whether it is right); one thing is counted for each that was asked for.
    """
    subjects = meta['subjects']
    if meta['form'] == 'absent':
        return [(DENIED, regions is not None and not any(r.found for r in regions))]
    given = [r for r in regions or () if r.found]
    if meta['form'] == 'shape':
        wanted = sorted(name for name in boxes if name.rpartition(' ')[2] == subjects[0])
        return [(ALL, sorted(pointed_at(r, boxes) for r in given) == wanted)]
    right = []
    for name in subjects:
        mine = [region for region in given if region.phrase == name]
        points = len(mine) == 1 and pointed_at(mine[0], boxes) == name
        close = points and overlap(mine[0], boxes[name]) >= HALF
        right += [(POINTED, points), (CLOSE, close)]
    return right


def pointed_at(region: Grounded, boxes: Mapping[str, Any]) -> str:
    """Return the name of the thing whose box a region overlaps most; '' where it meets none."""
    overlaps = {name: overlap(region, box) for name, box in boxes.items()}
    best = max(overlaps, key=lambda name: overlaps[name], default='')
    return best if best and overlaps[best] > 0 else ''


def overlap(region: Grounded, box: Sequence[float]) -> float:
    """Return how much a region's box and another have in common, 0..1; a point has none."""
    own = region.box_px if region.mask is None else box_of(region.mask)
    return 0.0 if own is None else box_overlap(own, box)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; return its exit status."""
    parser = argparse.ArgumentParser(
        prog='python benchmarks/ssr_places.py',
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument('model', help='what load_reasoner takes')
    parser.add_argument('places', type=Path, help='curated rows of the family place')
    parser.add_argument('--limit', type=int, default=0, help='questions (all)')
    parser.add_argument('--device', default='auto', help='cpu, cuda or auto')
    options = parser.parse_args(argv)
    try:
        questions, frames = read_test(options.places, options.limit)
        reasoner = load_reasoner(options.model, device=options.device, keep_stock=True)
        print(as_text(ask_places(reasoner, questions, frames)))
    except SsrError as error:
        print(f'{type(error).__name__}: {error}', file=sys.stderr)
        return 2
    return 0


def as_text(found: Mapping[str, Any]) -> str:
    """Say what was found in lines of Markdown."""
    lines = []
    for name in (POINTED, CLOSE, ALL, DENIED):
        cell = found[name]
        low, high, share = (100 * cell[key] for key in ('low', 'high', 'share'))
        shown = (
            f'{share:.1f} % ({low:.1f}-{high:.1f}) of {cell["n"]}' if cell['n'] else 'not asked'
        )
        lines.append(f'- {name}: {shown}')
    chance = f'- {CHANCE}: {100 * found[CHANCE]:.1f} %; replies that held no list of places: '
    return '\n'.join([*lines, f'{chance}{found["unreadable"]}'])


if __name__ == '__main__':
    sys.exit(main())
