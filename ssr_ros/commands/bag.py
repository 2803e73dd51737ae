# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""``ssr-ros bag``: recordings looked at, played and scored. Its own verbs are modules too."""

from __future__ import annotations

import argparse
from types import ModuleType

from ssr_ros.commands import bag_compare, bag_evaluate, bag_info, bag_play, bag_template

SUMMARY = 'look at rosbag2 recordings, play them, score what is answered about them'
EXAMPLE = (
    'ssr-ros bag info demo\n'
    '  ssr-ros bag play demo --loop\n'
    '  ssr-ros bag evaluate demo --questions q.yaml'
)
VERBS: dict[str, ModuleType] = {
    'info': bag_info,
    'play': bag_play,
    'evaluate': bag_evaluate,
    'compare': bag_compare,
    'ask-template': bag_template,
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the parsers of the verbs."""
    verbs = parser.add_subparsers(dest='bag_verb', metavar='VERB', required=True)
    for name, module in VERBS.items():
        verb = verbs.add_parser(
            name,
            help=module.SUMMARY,
            description=module.SUMMARY[0].upper() + module.SUMMARY[1:] + '.',
            epilog=f'example:\n  {module.EXAMPLE}',
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        module.add_arguments(verb)
        verb.add_argument(
            '--json',
            action='store_true',
            default=argparse.SUPPRESS,  # the outer parser has set it
            help='print JSON instead of text',
        )


def run(options: argparse.Namespace) -> int:
    """Run the verb."""
    return int(VERBS[options.bag_verb].run(options))
