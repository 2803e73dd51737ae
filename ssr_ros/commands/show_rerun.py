# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""``ssr-ros show``: frames and answers to look at, as a Rerun recording."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
import math
from pathlib import Path
from typing import TYPE_CHECKING

from ssr_ros.commands import frames, show
from ssr_ros.errors import BagError, ConfigError, FrameError

if TYPE_CHECKING:
    from ssr_ros.replay.rerun_file import RerunFile
    from ssr_ros.replay.rows import AnswerRow
    from ssr_ros.rgbd import RgbdFrame
    from ssr_ros.scene import SceneFacts

SUMMARY = 'write frames, depth clouds, boxes and answers as a Rerun recording'
EXAMPLE = (
    'ssr-ros show demo --rerun out.rrd --ask "How far is the nearest object?"\n'
    '  ssr-ros show color.png depth.png --intrinsics 525,525,319.5,239.5 --rerun out.rrd\n'
    '  ssr-ros show my_bag --run evaluated --rerun out.rrd'
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this verb's arguments."""
    parser.add_argument(
        'source',
        nargs='+',
        metavar='BAG|A.png B.png',
        help="a rosbag2 ('demo' is the one shipped), or a colour and a depth file",
    )
    parser.add_argument(
        '--rerun', type=Path, required=True, metavar='OUT.rrd', help='the file to write'
    )
    parser.add_argument(
        '--frames', type=int, default=30, metavar='N', help='frames, spread over a bag (30)'
    )
    parser.add_argument(
        '--ask', action='append', default=[], metavar='QUESTION', help='measured in every frame'
    )
    parser.add_argument(
        '--run',
        type=Path,
        metavar='DIR',
        help="show the answers of a run of 'ssr-ros bag evaluate', and their frames",
    )
    frames.add_topic_arguments(parser)
    frames.add_unit_argument(parser)
    frames.add_tilt_arguments(parser)


def run(options: argparse.Namespace) -> int:
    """Measure, write, say where, and return 0."""
    from ssr_ros.replay.rerun_file import RerunFile
    from ssr_ros.scene import measure

    frames.check_number('--frames', options.frames, 1, 100_000)
    down = frames.given_down(options)
    answers = _answers(options)
    shown = 0
    with RerunFile(options.rerun) as file:
        for number, frame in _frames(options, answers):
            facts = measure(frame, gravity=down)
            file.add_frame(number, facts)
            for question in options.ask:
                _add_measured(file, facts, question)
            for row in answers.get(number, ()):
                _add_row(file, row)
            shown += 1
    if not shown:
        raise BagError(f'{options.source[0]}: there is no frame that can be shown')
    said = {'file': str(options.rerun.resolve()), 'frames': shown}
    if options.json:
        show.print_json(said)
    else:
        print(show.wrap('written', f'{said["file"]}: {shown} frames'))
        print(show.wrap('look', f'rerun {options.rerun}'))
    return 0


def _add_measured(file: RerunFile, facts: SceneFacts, question: str) -> None:
    from ssr_ros.engine.one_answer import one_answer
    from ssr_ros.scene.questions.answer import answer as answer_query

    query = facts.query(question)
    found = answer_query(facts, query)
    target_m = one_answer(facts, question, query, found, '', None).target_m
    known = target_m if math.isfinite(target_m.sum()) else None
    file.add_answer(f'{question} {found.text}', found.answered, known)


def _add_row(file: RerunFile, row: AnswerRow) -> None:
    from ssr_ros.replay.result_messages import in_words

    file.add_answer(in_words(row), row.source != 'none' and row.verdict != 'wrong', row.target_m)


def _answers(options: argparse.Namespace) -> dict[int, list[AnswerRow]]:
    """Return the run's answers about this recording by frame."""
    from ssr_ros.replay.rows import read_rows

    if options.run is None:
        return {}
    if len(options.source) != 1:
        raise ConfigError('--run goes with a recording')
    path = frames.bag_path(options.source[0]).resolve()
    name = path.name if path.is_dir() else path.stem
    found: dict[int, list[AnswerRow]] = {}
    rows = list(read_rows(options.run / 'answers.jsonl'))
    for row in rows:
        if row.bag == name and row.frame is not None:
            found.setdefault(row.frame, []).append(row)
    if not found:
        known = ', '.join(sorted({row.bag for row in rows})) or 'none'
        raise ConfigError(f'{options.run}: no answer is about {name!r}; there are: {known}')
    return found


def _frames(
    options: argparse.Namespace, answers: dict[int, list[AnswerRow]]
) -> Iterator[tuple[int, RgbdFrame]]:
    if len(options.source) == 2:
        yield 0, frames.load_pair(options, *options.source)
        return
    if len(options.source) != 1:
        raise ConfigError('expected one recording, or a colour and a depth file')
    frames.refuse_unit(options)
    yield from _frames_of_bag(options, sorted(answers))


def _frames_of_bag(
    options: argparse.Namespace, answered: Sequence[int]
) -> Iterator[tuple[int, RgbdFrame]]:
    from ssr_ros.bags.index import FrameReader, index_bag
    from ssr_ros.bags.read import open_bag
    from ssr_ros.replay.template import spread
    from ssr_ros.rgbd.messages import rgbd_frame

    chosen = frames.camera_choice(options)
    with open_bag(frames.bag_path(options.source[0])) as bag:
        topics = chosen.topics(bag)
        index = index_bag(bag, topics, chosen.tolerance_s)
        rules = chosen.rules(topics)
        places = {place.number: place for place in spread(index, options.frames)}
        places |= {place.number: place for place in index.places if place.number in answered}
        reader = FrameReader(bag, index, rules, chosen.intrinsics)
        for raw in reader.read(list(places.values())):
            try:
                frame = rgbd_frame(raw.color, raw.depth, raw.info, rules=rules)
                frame.check_depth()
            except FrameError as error:
                show.progress(f'frame {raw.place.number} is left out: {error}')
                continue
            yield raw.place.number, frame
