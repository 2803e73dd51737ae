# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""``ssr-ros bag play``: publish a recording on ROS 2 topics."""

from __future__ import annotations

import argparse
import os
import time

from ssr_ros.commands import show
from ssr_ros.commands.frames import bag_path
from ssr_ros.commands.time_left import TimeLeft
from ssr_ros.errors import ConfigError

SUMMARY = 'publish a rosbag2 (sqlite3 or mcap) on ROS 2 topics'
EXAMPLE = (
    'ssr-ros bag play demo --loop\n'
    '  ssr-ros bag play my_bag --camera --wait 10 --rate 0.5\n'
    '  ssr-ros bag play my_bag --remap /head/rgb/image_rect:=/color/image_raw'
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this verb's arguments."""
    parser.add_argument(
        'bag', metavar='BAG', help="a folder, .mcap or .db3; 'demo' is the one shipped"
    )
    parser.add_argument('--rate', type=float, default=1.0, metavar='R', help='2 is twice as fast')
    parser.add_argument(
        '--loop', action='store_true', help='begin again at the end, until stopped'
    )
    parser.add_argument('--loops', type=int, default=1, metavar='N', help='play it N times')
    parser.add_argument(
        '--start-offset',
        type=float,
        default=0.0,
        metavar='S',
        help='leave out the first S seconds',
    )
    parser.add_argument(
        '--clock', action='store_true', help='publish /clock, for nodes with use_sim_time'
    )
    parser.add_argument(
        '--camera',
        action='store_true',
        help='play only its RGB-D camera, under the names that ssr_node listens to',
    )
    parser.add_argument(
        '--remap', action='append', default=[], metavar='OLD:=NEW', help='may be repeated'
    )
    parser.add_argument(
        '--only', action='append', default=[], metavar='TOPIC', help='may be repeated'
    )
    parser.add_argument(
        '--best-effort', action='store_true', help='offer best effort in place of reliable'
    )
    parser.add_argument(
        '--restamp', action='store_true', help='write the present time into message headers'
    )
    parser.add_argument(
        '--namespace', default='', metavar='/NS', help='where relative topic names belong'
    )
    parser.add_argument(
        '--wait',
        type=float,
        default=0.0,
        metavar='S',
        help='wait up to S seconds for a subscriber, and give up without one',
    )


def run(options: argparse.Namespace) -> int:
    """Play and return 0."""
    from ssr_ros.bags.play import play, PlayOptions
    from ssr_ros.demo.environment import room_for_images

    os.environ.update(room_for_images())
    wanted = PlayOptions(
        rate=options.rate,
        passes=0 if options.loop else options.loops,
        start_s=options.start_offset,
        clock=options.clock,
        remap=parse_remaps(options.remap),
        only=options.only,
        as_camera=options.camera,
        best_effort=options.best_effort,
        restamp=options.restamp,
        wait_s=options.wait,
        namespace=options.namespace,
    )
    path = bag_path(options.bag)
    show.progress(f'playing {path}' + (', Ctrl-C stops' if options.loop else ''))
    start_s, played = time.monotonic(), TimeLeft(None)

    def tell() -> None:
        played.done()
        seconds = time.monotonic() - start_s
        if options.json:
            show.print_json({'bag': str(path), 'messages': played.steps, 'seconds': seconds})
        else:
            print(f'  played {played.steps} messages in {seconds:.1f} s', flush=True)

    try:
        play(path, wanted, on_published=lambda: played.show('messages played'))
    except KeyboardInterrupt:
        # --loop ends in no other way.
        tell()
        raise
    tell()
    return 0


def parse_remaps(texts: list[str]) -> dict[str, str]:
    """Read OLD:=NEW pairs.

    Raises:
        ConfigError: a text has another form.
    """
    remaps = {}
    for text in texts:
        old, arrow, new = text.partition(':=')
        if not (old and arrow and new):
            raise ConfigError(f'--remap: expected OLD:=NEW, got {text!r}')
        remaps[old] = new
    return remaps
