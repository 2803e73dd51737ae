# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""``ssr-ros bag compare``: two runs of ``evaluate`` side by side."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from ssr_ros.commands import show
from ssr_ros.errors import require_package

SUMMARY = 'compare two runs of evaluate, question by question, with paired tests'
EXAMPLE = (
    'ssr-ros bag compare last_week this_week\n'
    '  ssr-ros bag compare nano measured --out nano_or_measured.html'
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this verb's arguments."""
    parser.add_argument('a', metavar='A', help='folder of a run')
    parser.add_argument('b', metavar='B', help='folder of another run')
    parser.add_argument(
        '--out', default='compare.html', metavar='HTML', help='the page to write (compare.html)'
    )


def run(options: argparse.Namespace) -> int:
    """Compare, write, print, and return 0."""
    require_package('jinja2', 'bags')
    from ssr_ros.replay.compare import compare
    from ssr_ros.replay.compare_page import write_comparison
    from ssr_ros.replay.folder import Folder
    from ssr_ros.replay.rows import plain_numbers, read_rows

    folders = (Folder(Path(options.a)), Folder(Path(options.b)))
    rows = (list(read_rows(folders[0].answers)), list(read_rows(folders[1].answers)))
    names = _names(folders[0].path, folders[1].path)
    found = compare(*rows)
    page = write_comparison(Path(options.out), names, folders, rows, found)
    if options.json:
        show.print_json({**plain_numbers(found), 'page': str(page.resolve())})
    else:
        _print(found, names, page)
    return 0


def _names(a: Path, b: Path) -> tuple[str, str]:
    """Name two folders; those of one name with where they are."""
    one, other = a.resolve(), b.resolve()
    if one.name != other.name:
        return one.name, other.name
    return f'{one.parent.name}/{one.name}', f'{other.parent.name}/{other.name}'


def _print(found: dict[str, Any], names: tuple[str, str], page: Path) -> None:
    print(show.wrap('A', names[0]))
    print(show.wrap('B', names[1]))
    how = f'{found["pairs"]} questions in both' if found['paired'] else 'no question in common'
    print(show.wrap('compared', how))
    rows = []
    for kind, each in (('all', found['accuracy']), *found['kinds'].items()):
        if each['difference'] is None or not each['n']:
            continue
        shares = (f'{100 * each[who]["share"]:.0f} %' for who in ('a', 'b'))
        difference = f'{100 * each["difference"]:+.1f}'
        interval = f'{100 * each["low"]:+.0f} to {100 * each["high"]:+.0f}'
        p_value = f'{each["p_value"]:.2g}' if found['paired'] else '-'
        rows.append((kind, str(each['n']), *shares, difference, interval, p_value))
    print()
    head = ('expected', 'n', 'A', 'B', 'B less A', '95 %', 'p')
    print(show.table(head, rows, right=(1, 2, 3, 4, 5, 6)))
    print()
    if found['paired']:
        said = f'{found["better"]} only B, {found["worse"]} only A'
        print(show.wrap('right', said))
    print(show.wrap('page', str(page.resolve())))
