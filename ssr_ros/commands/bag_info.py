# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""``ssr-ros bag info``: what a recording holds, how regular it is, what can be asked of it."""

from __future__ import annotations

import argparse
import math
from typing import Any, TYPE_CHECKING

from ssr_ros.commands import frames, show
from ssr_ros.errors import SsrError

if TYPE_CHECKING:
    from ssr_ros.bags.about import BagAbout

SUMMARY = 'say what a rosbag2 holds: topics, rates, gaps, RGB-D frames, what can be asked'
EXAMPLE = (
    'ssr-ros bag info demo\n'
    '  ssr-ros bag info my_bag --json\n'
    '  ssr-ros bag info two_cameras --color-topic /front/color/image_raw'
)

TRIED = (
    'How many objects are there?',
    'What is the nearest object?',
    'How far is the nearest object?',
    'How wide is the nearest object?',
    'How tall is the nearest object?',
    'What is to the left of the nearest object?',
    'Is anything on the table?',
    'How much free space is there ahead?',
    'How far is the wall?',
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this verb's arguments."""
    parser.add_argument(
        'bag', metavar='BAG', help="a folder, .mcap or .db3; 'demo' is the one shipped"
    )
    frames.add_topic_arguments(parser)


def run(options: argparse.Namespace) -> int:
    """Look, print, and return 0."""
    from ssr_ros.bags.about import about
    from ssr_ros.bags.index import FrameReader, index_bag
    from ssr_ros.bags.read import open_bag

    path = frames.bag_path(options.bag)
    chosen = frames.camera_choice(options)
    with open_bag(path) as bag:
        topics = chosen.topics(bag)
        index = index_bag(bag, topics, chosen.tolerance_s)
        found = about(bag, index)
        middle = index.places[len(index.places) // 2 :][:1]
        reader = FrameReader(bag, index, chosen.rules(topics), chosen.intrinsics)
        view = _view(reader, middle, chosen.rules(topics))
    if options.json:
        show.print_json({**found.as_dict(), 'view': view})
    else:
        _print(found, view)
    return 0


def _view(reader: Any, places: Any, rules: Any) -> dict[str, Any]:
    """Measure the frame in the middle: what it shows, and which questions it answers."""
    from ssr_ros.rgbd.messages import rgbd_frame
    from ssr_ros.scene import measure

    try:
        for raw in reader.read(places):
            frame = rgbd_frame(raw.color, raw.depth, raw.info, rules=rules)
            frame.check_depth()
            facts = measure(frame)
            answers = {question: facts.answer(question) for question in TRIED}
            camera = frame.intrinsics
            return {
                'frame': raw.place.number,
                'size': [frame.width, frame.height],
                'frame_id': frame.frame_id,
                'color_encoding': _encoding(raw.color),
                'depth_encoding': _encoding(raw.depth),
                'intrinsics': [camera.fx, camera.fy, camera.cx, camera.cy],
                'depth_known': frame.valid_ratio,
                'caveats': list(frame.caveats),
                'objects': [thing.name for thing in facts.objects],
                'surfaces': [plane.name for plane in facts.planes],
                'answered': {q: str(a) for q, a in answers.items() if a.answered},
                'trouble': '',
            }
    except SsrError as error:
        return {'trouble': str(error)}
    return {'trouble': 'there is no pair of colour and depth: see the stamps above'}


def _encoding(image: Any) -> str:
    return str(image.encoding if hasattr(image, 'encoding') else image.format)


def _print(found: BagAbout, view: dict[str, Any]) -> None:
    print(show.wrap('recording', f'{found.path}, {found.duration_s:.1f} s'))
    rows = [
        (t['name'], t['type'], str(t['count']), _hz(t['mean_hz']), 'latched' * t['latched'])
        for t in found.topics
    ]
    print(show.table(('topic', 'type', 'messages', 'mean Hz', ''), rows, right=(2, 3)))
    print()
    for stream in found.streams:
        print(show.wrap('stream', _stream(stream)))
    pairs = found.pairs
    lost = ', '.join(f'{count} of {name} alone' for name, count in pairs['unpaired'].items())
    print(show.wrap('frames', f'{pairs["count"]} pairs of colour and depth ({lost})'))
    if view['trouble']:
        print(show.wrap('beware', view['trouble']))
        return
    width, height = view['size']
    fx, fy, cx, cy = view['intrinsics']
    print(
        show.wrap(
            'camera',
            f'{width}x{height}, {view["color_encoding"]} and {view["depth_encoding"]}, frame '
            f'{view["frame_id"]!r}; fx {fx:.1f}, fy {fy:.1f}, cx {cx:.1f}, cy {cy:.1f} px; '
            f'{found.calibrations} calibration{"s" * (found.calibrations != 1)}; depth known at '
            f'{100 * view["depth_known"]:.0f} %',
        )
    )
    show.print_caveats(view['caveats'])
    print(show.wrap('sees', ', '.join((*view['objects'], *view['surfaces']))))
    print('\n  Can be asked (frame in the middle):')
    for question, answer in view['answered'].items():
        print(show.wrap('', f'{question}  ->  {answer}', label_width=2))


def _stream(stream: Any) -> str:
    said = (
        f'{stream.topic}: {_hz(stream.rate_hz)} Hz, jitter {_ms(stream.jitter_ms)} ms, '
        f'{stream.gaps} gaps ({stream.missing} missing)'
    )
    if stream.longest:
        longest = max(stream.longest, key=lambda gap: gap.length_s)
        said += f', the longest {longest.length_s:.2f} s after {longest.after_s:.1f} s'
    if stream.backwards:
        said += f'; stamps went back {stream.backwards} times'
    if not math.isnan(stream.lag_ms):
        said += f'; recorded {stream.lag_ms:.0f} ms after the stamp'
    return said


def _ms(value: float) -> str:
    return '-' if math.isnan(value) else f'{value:.1f}'


def _hz(value: float | None) -> str:
    return '-' if value is None or math.isnan(value) else f'{value:.2f}'
