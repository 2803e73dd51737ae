# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""``ssr-ros fetch``: get what a checkpoint names on the hub, before a robot needs it."""

from __future__ import annotations

import argparse

from ssr_ros.commands import show

SUMMARY = 'fetch the parts that a checkpoint names on the hub; says how much first'
EXAMPLE = 'ssr-ros fetch ssr-7b --convert-pickles'


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this verb's arguments."""
    parser.add_argument('model', metavar='MODEL', help='preset, checkpoint folder or yaml')
    parser.add_argument(
        '--convert-pickles',
        action='store_true',
        help='write weights that there are only as pickles as safetensors; nothing in them is run',
    )


def run(options: argparse.Namespace) -> int:
    """Fetch every part, print where each is, and return 0."""
    show.progress('importing torch ...')
    from ssr_ros.model.fetching import fetch_parts

    rows = []
    for part, folder, commit in fetch_parts(options.model, options.convert_pickles):
        show.progress(f'{part}: there')
        rows.append((part, commit or 'local', str(folder)))
    if options.json:
        show.print_json({part: {'commit': c, 'folder': folder} for part, c, folder in rows})
    else:
        print(show.table(('part', 'commit', 'folder'), rows))
    return 0
