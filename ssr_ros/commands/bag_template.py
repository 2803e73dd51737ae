# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""``ssr-ros bag ask-template``: a question file made from a recording, for people to correct."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any, TYPE_CHECKING

from ssr_ros.commands import frames, show
from ssr_ros.commands.measure import write_png
from ssr_ros.errors import BagError, ConfigError, FrameError

if TYPE_CHECKING:
    from ssr_ros.bags.index import FramePlace
    from ssr_ros.replay.template import Proposal

SUMMARY = 'write questions that geometry can answer in a recording, for people to correct'
EXAMPLE = 'ssr-ros bag ask-template demo --out q.yaml --pictures q_pictures'


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this verb's arguments."""
    parser.add_argument(
        'bag', metavar='BAG', help="a folder, .mcap or .db3; 'demo' is the one shipped"
    )
    parser.add_argument('--out', type=Path, metavar='Q.yaml', help='a new file (printed)')
    parser.add_argument(
        '--frames', type=int, default=3, metavar='N', help='frames, spread over the recording (3)'
    )
    parser.add_argument('--most', type=int, default=12, metavar='N', help='questions a frame (12)')
    parser.add_argument(
        '--pictures', type=Path, metavar='DIR', help='draw each frame with what was found there'
    )
    frames.add_topic_arguments(parser)
    frames.add_tilt_arguments(parser)


def run(options: argparse.Namespace) -> int:
    """Measure some frames, write the questions, and return 0."""
    from ssr_ros.replay.template import as_yaml

    frames.check_number('--frames', options.frames, 1, 1000)
    frames.check_number('--most', options.most, 1, 1000)
    if options.out is not None and options.out.exists():
        raise ConfigError(f'{options.out} is there already, corrected perhaps: name a new file')
    made, pictures, name = _proposals(options)
    text = as_yaml(name, made, pictures)
    if options.out is not None:
        try:
            options.out.write_text(text, encoding='utf-8')
        except OSError as error:
            raise ConfigError(f'{options.out}: cannot be written ({error.strerror})') from error
    if options.json:
        show.print_json(
            {
                'questions': [_as_dict(each) for each in made],
                'file': options.out and str(options.out),
            }
        )
    elif options.out is None:
        print(text, end='')
    else:
        asked = sorted({each.place.number for each in made})
        print(show.wrap('written', f'{options.out}: {len(made)} questions, frames {_list(asked)}'))
        print(show.wrap('now', 'correct every "expect", and take "to_be_corrected" away'))
    return 0


def _proposals(options: argparse.Namespace) -> tuple[list[Proposal], dict[int, str], str]:
    from ssr_ros.bags.index import FrameReader, index_bag
    from ssr_ros.bags.read import open_bag
    from ssr_ros.replay.template import proposals, spread
    from ssr_ros.rgbd.messages import rgbd_frame
    from ssr_ros.scene import measure

    chosen, down = frames.camera_choice(options), frames.given_down(options)
    made: list[Proposal] = []
    pictures: dict[int, str] = {}
    with open_bag(frames.bag_path(options.bag)) as bag:
        topics = chosen.topics(bag)
        index = index_bag(bag, topics, chosen.tolerance_s)
        rules = chosen.rules(topics)
        reader = FrameReader(bag, index, rules, chosen.intrinsics)
        for raw in reader.read(spread(index, options.frames)):
            try:
                frame = rgbd_frame(raw.color, raw.depth, raw.info, rules=rules)
                frame.check_depth()
            except FrameError as error:
                show.progress(f'frame {raw.place.number} is left out: {error}')
                continue
            facts = measure(frame, gravity=down)
            made += proposals(raw.place, facts, options.most)
            if options.pictures is not None:
                pictures[raw.place.number] = _draw(options.pictures, raw.place, frame, facts)
        if not made:
            raise BagError(f'{bag.path}: nothing can be asked: see ssr-ros bag info {options.bag}')
        return made, pictures, options.bag


def _list(numbers: list[int]) -> str:
    return ', '.join(map(str, numbers))


def _draw(folder: Path, place: FramePlace, frame: Any, facts: Any) -> str:
    from ssr_ros.scene.draw import annotate

    path = folder / f'frame-{place.number:06}.png'
    write_png(path, annotate(frame, facts))
    return str(path)


def _as_dict(proposal: Proposal) -> dict[str, Any]:
    place, answer = proposal.place, proposal.answer.as_dict()
    return {'frame': place.number, 'stamp_ns': place.stamp_ns, 'ask': proposal.question, **answer}
