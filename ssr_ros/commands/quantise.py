# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""``ssr-ros quantise``: write a checkpoint whose language model has weights of 8 or 4 bits."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from ssr_ros.commands import show
from ssr_ros.commands.time_left import TimeLeft
from ssr_ros.errors import ConfigError

if TYPE_CHECKING:
    from ssr_ros.evaluation.change import AskedRow, Change
    from ssr_ros.evaluation.table import Cell

SUMMARY = "write a checkpoint with the language model's weights in 8 or 4 bits"
EXAMPLE = 'ssr-ros quantise ssr-7b --bits 4 --out ~/ssr-7b-int4 --test worlds/test/questions.jsonl'


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this verb's arguments."""
    parser.add_argument('model', metavar='MODEL', help='preset, checkpoint folder or yaml')
    parser.add_argument('--bits', type=int, choices=(8, 4), required=True, help='of a weight')
    parser.add_argument(
        '--out', metavar='DIR', required=True, help='a new folder; it holds every part'
    )
    parser.add_argument(
        '--test',
        type=Path,
        metavar='FILE',
        help='questions with answers (python -m training.curate): asked before and after, and '
        'the share right is printed with its change',
    )
    parser.add_argument(
        '--limit', type=int, default=20, metavar='N', help='of each family of questions (20)'
    )
    parser.add_argument('--device', default='auto', help='for --test: auto, cpu, cuda (auto)')


def run(options: argparse.Namespace) -> int:
    """Quantise, say how large it is and what that did to answers, and return 0."""
    if options.limit < 0:
        raise ConfigError(f'--limit: 0 for all, or how many, got {options.limit}')
    rows = None if options.test is None else _rows(options.test.expanduser(), options.limit)
    show.progress('importing torch ...')
    from ssr_ros.model.made import quantise_vlm

    out = Path(options.out).expanduser()
    size = quantise_vlm(options.model, out, options.bits, show.progress)
    found = None if rows is None else _asked(options, out, rows)
    if options.json:
        said = {'folder': str(out), 'bits': options.bits, 'vlm_bytes': size}
        show.print_json(said if found is None else {**said, 'change': found.as_dict()})
        return 0
    print(f'{out}: the VLM has {size / 1e9:.3f} GB; load it by this name')
    if found is None:
        print('  what that does to answers was not asked: --test FILE')
    else:
        _print(found)
    return 0


def _rows(path: Path, limit: int) -> list[AskedRow]:
    from ssr_ros.evaluation.change import read_asked

    return read_asked(path, limit)


def _asked(options: argparse.Namespace, out: Path, rows: list[AskedRow]) -> Change:
    from ssr_ros.evaluation.change import answers, change
    from ssr_ros.model import load_reasoner

    said = []
    for name in (options.model, out):
        show.progress(f'asking {name} {len(rows)} questions ...')
        reasoner, left = load_reasoner(name, options.device), TimeLeft(len(rows))
        texts = []
        for text in answers(reasoner, rows):
            texts.append(text)
            left.show(text)
        left.done()
        reasoner.release()
        said.append(texts)
    return change(rows, *said)


def _print(found: Change) -> None:
    pair = found.pair
    print(show.wrap('before', _words(found.before)))
    print(show.wrap('after', _words(found.after)))
    print(
        show.wrap(
            'change',
            f'{100 * pair.difference:+.1f} points ({100 * pair.low:.1f} to {100 * pair.high:.1f}, '
            f'95 %); {found.equal} of {pair.n} answers are the same to the letter',
        )
    )


def _words(cell: Cell) -> str:
    low, high = cell.interval
    return (
        f'{cell.right} of {cell.n} right: {100 * cell.share:.1f} % '
        f'({100 * low:.1f}-{100 * high:.1f}), {cell.unparsed} unparsed'
    )
