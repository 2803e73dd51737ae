# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Render worlds to disk, or what is rendered in a mirror, or a contact sheet to look at.

    python -m training.worlds --out worlds/train --count 1000 --split train --seed 0
    python -m training.worlds --out worlds/mirrored --mirror worlds/train
    python -m training.worlds --preview sheet.png --split test

The first goes on where it stopped when it is started again. Without a GPU it needs the library
OSMesa (apt-get install libosmesa6); with one, MUJOCO_GL=egl uses it.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
import json
import os
from pathlib import Path
import sys
import time

import cv2
from tqdm import tqdm

from ssr_ros.errors import ConfigError, SsrError
from training.worlds.mirror import mirror_worlds
from training.worlds.noise import NOISE_MODELS
from training.worlds.opengl import MAX_SIZE_PX
from training.worlds.palette import SPLITS
from training.worlds.preview import contact_sheet
from training.worlds.store import render_worlds, StoreSettings, write_atomically
from training.worlds.world import KINDS, sample_world


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit status."""
    options = _parser().parse_args(arguments)
    try:
        if options.preview:
            _preview(options)
        if options.mirror and not options.out:
            raise ConfigError('--mirror: give --out DIR, for the mirrored views')
        if options.mirror:
            _mirror(options)
        elif options.out:
            _render(options)
        if not (options.preview or options.out):
            raise ConfigError('nothing to do: give --out DIR or --preview PICTURE')
    except SsrError as error:
        print(f'error: {error}', file=sys.stderr)
        return 2
    except OSError as error:
        print(f'error: {error}; what is written is whole, run it again to go on', file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print('stopped; run the same command again to go on', file=sys.stderr)
        return 130
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog='python -m training.worlds',
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add('--out', type=Path, metavar='DIR', help='folder to render to')
    add('--mirror', type=Path, metavar='DIR', help='rendered views to write mirrored')
    add('--preview', type=Path, metavar='PNG', help='contact sheet to write')
    add('--count', type=_positive, default=12, help='number of worlds (default 12)')
    add('--seed', type=_natural, default=0, help='first seed; the worlds have seed, seed + 1, ...')
    add('--split', choices=SPLITS, default='train')
    add('--kind', choices=KINDS, help='one kind of world (default: all but display)')
    add('--views', type=_positive, default=1, help='cameras per world (default 1)')
    add('--size', type=_size, metavar='WxH', help='size of all images (default: drawn per view)')
    add('--noise', choices=NOISE_MODELS, default='none', help='noise of the stored depth')
    add(
        '--jobs',
        type=_positive,
        default=os.cpu_count() or 1,
        help='processes (default: all cores)',
    )
    add('--json', action='store_true', help='print the summary as JSON')
    return parser


def _render(options: argparse.Namespace) -> None:
    settings = StoreSettings(
        options.split, options.kind, options.views, options.size, options.noise
    )
    seeds = range(options.seed, options.seed + options.count)
    start, done, found, size = time.perf_counter(), 0, 0, 0
    with tqdm(total=options.count * options.views, unit='view', disable=None) as bar:
        for rendered, complete, written in render_worlds(
            options.out, settings, seeds, min(options.jobs, options.count)
        ):
            done, found, size = done + rendered, found + complete, size + written
            bar.update(rendered + complete)
    seconds = time.perf_counter() - start
    summary = {
        'rendered': done,
        'already_there': found,
        'seconds': round(seconds, 2),
        'views_per_second': round(done / seconds, 2),
        'megabytes': round(size / 1e6, 2),
        'kilobytes_per_view': round(size / 1e3 / max(done, 1), 1),
        'jobs': options.jobs,
    }
    if options.json:
        print(json.dumps(summary))
    else:
        print(
            f'{done} views rendered in {seconds:.1f} s ({summary["views_per_second"]} per second, '
            f'{options.jobs} processes), {found} were there; '
            f'{summary["megabytes"]} MB, {summary["kilobytes_per_view"]} kB per view'
        )


def _mirror(options: argparse.Namespace) -> None:
    bar = tqdm(mirror_worlds(options.mirror, options.out, options.jobs), unit='view', disable=None)
    written = list(bar)
    summary = {'mirrored': sum(written), 'already_there': len(written) - sum(written)}
    told = f'{summary["mirrored"]} views mirrored, {summary["already_there"]} were there'
    print(json.dumps(summary) if options.json else told)


def _preview(options: argparse.Namespace) -> None:
    seeds = range(options.seed, options.seed + options.count)
    size_px = options.size or (416, 312)
    views = [
        sample_world(seed, options.kind, options.split).render(0, size_px)
        for seed in tqdm(seeds, unit='world', disable=None)
    ]
    sheet = contact_sheet(views)
    write_atomically(options.preview, cv2.imencode('.png', sheet[..., ::-1])[1].tobytes())
    print(f'{options.preview}: {len(views)} worlds, {sheet.shape[1]}x{sheet.shape[0]} pixels')


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f'expected a number of 1 or more, got {text}')
    return number


def _natural(text: str) -> int:
    number = int(text)
    if number < 0:
        raise argparse.ArgumentTypeError(f'expected a number of 0 or more, got {text}')
    return number


def _size(text: str) -> tuple[int, int]:
    width, cross, height = text.partition('x')
    if not (cross and width.isdecimal() and height.isdecimal()):
        raise argparse.ArgumentTypeError(f'expected a size like 640x480, got {text!r}')
    size = (int(width), int(height))
    if not (16 <= size[0] <= MAX_SIZE_PX[0] and 16 <= size[1] <= MAX_SIZE_PX[1]):
        raise argparse.ArgumentTypeError(f'expected 16x16 to 640x480, got {text!r}')
    return size


if __name__ == '__main__':
    sys.exit(main())
