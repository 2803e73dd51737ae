# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Make questions, rationales and answers from RGB-D frames, in SSR-CoT's form.

    python -m training.curate worlds/train --out worlds/train/questions.jsonl
    python -m training.curate my_frames --intrinsics 525,525,319.5,239.5 --out my_frames/q.jsonl

SOURCE is a folder of rendered worlds (python -m training.worlds), whose truth is known, or any
folder of RGB-D frames, which are measured. Each row has question, rationale, answer, image_path,
depth_path (16-bit PNG, millimetres; paths relative to the output's folder) and, beside them, meta:
family, naming order, value, and the rationale without the sentences that state the answer.

Interrupted, the same command goes on where it stopped.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
import json
import os
from pathlib import Path
import re
import sys
import time
from typing import Any

from ssr_ros.commands.frames import parse_intrinsics
from ssr_ros.errors import ConfigError, SsrError
from training.curation.balance import balanced, Unit
from training.curation.shards import ENGINES, Recipe, run, Shard
from training.curation.sources import find_source, Frames, Worlds
from training.run.failures import DataError
from training.run.saving import save_text
from training.run.tree import differences

STYLES = ('asked', 'scene')


@dataclass(frozen=True)
class CurateSettings:
    """Settings of a curation.

    Attributes:
        source: folder of worlds or frames.
        out: jsonl file to write.
        intrinsics: fx, fy, cx, cy of frames; () reads intrinsics.yaml beside them.
        noise: noise model of the frames' sensor.
        depth_unit: metres of one of the whole numbers of their depth; None for millimetres.
        seed: of the wording and of what is asked.
        per_frame: most units of one family about one frame.
        per_family: most units of one family in all; 0 for no limit.
        style: 'asked' or 'scene': how much a rationale says.
        families: that are asked about; () for all but 'place' and 'point'.
        look_size: (width, height) of the image that places are asked about in, as the VLM sees it;
            () for the frame's own.
        frames: only so many frames; 0 for all.
        shard_size: frames that are done and kept together.
        max_broken: share of frames that cannot be read and stops the work.
        engine: 'processes' or 'ray'.
        workers: processes.
        address: of a Ray cluster.
    """

    source: str
    out: str
    intrinsics: tuple[float, ...] = ()
    noise: str = 'stereo'
    depth_unit: float | None = None
    seed: int = 0
    per_frame: int = 2
    per_family: int = 0
    style: str = 'asked'
    families: tuple[str, ...] = ()
    look_size: tuple[int, ...] = ()
    frames: int = 0
    shard_size: int = 64
    max_broken: float = 0.01
    engine: str = 'processes'
    workers: int = 1
    address: str = ''


FREE_TO_CHANGE = ('engine', 'workers', 'address', 'per_family', 'max_broken')
"""Settings that the finished shards do not depend on."""


def main(config: CurateSettings, quiet: bool = False) -> dict[str, int]:
    """Curate; return how many rows each family has.

    Raises:
        ConfigError: a setting cannot be used, or the work was begun with others.
        DataError: too many frames cannot be read.
        TrainingError: the disk is full or cannot be written.
    """
    out = Path(config.out)
    parts = out.with_suffix('.parts')
    if not Path(config.source).resolve().is_relative_to(out.parent.resolve()):
        raise ConfigError(
            f'out: {out} must lie in {config.source} or in a folder above it: rows name their '
            'images by paths that do not leave the folder of the file'
        )
    if config.style not in STYLES:
        raise ConfigError(f'style: expected {" or ".join(STYLES)}, got {config.style!r}')
    if config.depth_unit is not None and not 0 < config.depth_unit <= 1:
        raise ConfigError(
            f'depth_unit: expected more than 0 and at most 1 m, got {config.depth_unit:g}'
        )
    source = find_source(
        Path(config.source),
        config.intrinsics,
        config.noise,
        out.parent / 'depth_mm',
        config.depth_unit,
    )
    _begin(config, parts)
    shards = _shards(config, source, parts)
    _work(config, shards, quiet)
    return _gather(config, shards, out)


def _begin(config: CurateSettings, parts: Path) -> None:
    path = parts / 'settings.json'
    wanted = {k: v for k, v in asdict(config).items() if k not in FREE_TO_CHANGE}
    try:
        parts.mkdir(parents=True, exist_ok=True)
        if path.is_file():
            changed = differences(json.loads(path.read_text(encoding='utf-8')), wanted)
            if changed:
                raise ConfigError(
                    f'{parts} holds work begun with other settings:\n  '
                    f'{chr(10).join(changed)}\nUse those, name another --out, or delete the folder'
                )
    except OSError as error:
        raise ConfigError(f'{parts}: cannot be used: {error}') from error
    save_text(path, json.dumps(wanted, indent=1))


def _shards(config: CurateSettings, source: Worlds | Frames, parts: Path) -> list[Shard]:
    keys = source.keys()[: config.frames or None]
    asked = (config.families, config.look_size)
    recipe = Recipe(config.seed, config.per_frame, config.style, *asked)
    size = config.shard_size
    return [
        Shard(
            source,
            tuple(keys[start : start + size]),
            parts / f'{start // size:06d}.jsonl',
            Path(config.out).parent,
            recipe,
        )
        for start in range(0, len(keys), size)
    ]


def _work(config: CurateSettings, shards: list[Shard], quiet: bool) -> None:
    total = sum(len(shard.keys) for shard in shards)
    frames = rows = 0
    broken: list[str] = []
    began = time.monotonic()
    for done in run(shards, config.engine, config.workers, config.address):
        frames, rows = frames + done.frames, rows + done.rows
        broken += done.broken
        rate = (frames + len(broken)) / max(time.monotonic() - began, 1e-6)
        if not quiet:
            print(
                f'\r{frames}/{total} frames, {len(broken)} broken, {rows} candidate rows, '
                f'{rate:.1f} frames/s',
                end='',
                file=sys.stderr,
                flush=True,
            )
        if len(broken) > config.max_broken * total:
            first = '\n  '.join(broken[:5])
            raise DataError(
                f'{len(broken)} of {total} frames cannot be read, more than '
                f'{100 * config.max_broken:g} %. The first:\n  {first}'
            )
    if not quiet:
        print(file=sys.stderr)


def _gather(config: CurateSettings, shards: list[Shard], out: Path) -> dict[str, int]:
    """Balance over all shards and write the rows that are kept."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for row in _rows(shards):
        groups.setdefault(row['unit'], []).append(row)
    units = [
        Unit(key, rows[0]['family'], rows[0]['form'], tuple(row['verdict'] for row in rows))
        for key, rows in groups.items()
    ]
    kept = balanced(units, config.per_family)
    families = Counter(row['family'] for key in kept for row in groups[key])
    lines = (
        line
        for shard in shards
        for line in _lines(shard)
        if json.loads(line)['meta']['unit'] in kept
    )
    save_text(out, ''.join(lines))
    return dict(sorted(families.items()))


def _rows(shards: list[Shard]) -> Iterator[dict[str, Any]]:
    wanted = ('unit', 'family', 'form', 'verdict')
    for shard in shards:
        for line in _lines(shard):
            meta = json.loads(line)['meta']
            yield {key: meta[key] for key in wanted}


def _lines(shard: Shard) -> Iterator[str]:
    with shard.path.open(encoding='utf-8') as lines:
        next(lines)  # what came of the shard
        yield from lines


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog='python -m training.curate',
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add('source', metavar='SOURCE')
    add('--out', required=True, metavar='JSONL')
    add('--intrinsics', default='', metavar='FX,FY,CX,CY', help='calibration in pixels')
    add('--noise', default='stereo', help="noise model of the frames' sensor (stereo)")
    add('--depth-unit', type=float, metavar='METRES', help='what whole numbers of depth count in')
    add('--seed', type=int, default=0)
    add('--per-frame', type=int, default=2, help='units of one family about one frame (2)')
    add('--per-family', type=int, default=0, help='units of one family in all (no limit)')
    add('--style', choices=STYLES, default='asked', help='how much a rationale says')
    add('--families', default='', metavar='A,B', help='only these, as closer,distance (all)')
    add('--look-size', default='', metavar='WxH', help='of the image that places are in (its own)')
    add('--frames', type=int, default=0, help='only the first so many frames')
    add('--shard-size', type=int, default=64)
    add('--max-broken', type=float, default=0.01)
    add('--engine', choices=ENGINES, default='processes')
    add('--workers', type=int, default=os.cpu_count() or 1)
    add('--address', default='', help='of a Ray cluster; one is started here without it')
    return parser


def _size(text: str) -> tuple[int, ...]:
    found = re.fullmatch(r'(\d{2,4})x(\d{2,4})', text)
    if text and not found:
        raise ConfigError(f'--look-size: expected WIDTHxHEIGHT in pixels, got {text!r}')
    return (int(found[1]), int(found[2])) if found else ()


def command_line(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit status."""
    options = vars(_parser().parse_args(arguments))
    options['families'] = tuple(filter(None, options['families'].split(',')))
    try:
        options['look_size'] = _size(options['look_size'])
        if options['intrinsics']:
            camera = parse_intrinsics(options['intrinsics'])
            options['intrinsics'] = (camera.fx, camera.fy, camera.cx, camera.cy)
        else:
            options['intrinsics'] = ()
        families = main(CurateSettings(**options))
    except SsrError as error:
        print(f'{type(error).__name__}: {error}', file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print('\nstopped; the same command goes on', file=sys.stderr)
        return 130
    print('  '.join(f'{family} {count}' for family, count in families.items()))
    print(f'{sum(families.values())} rows in {options["out"]}')
    return 0


if __name__ == '__main__':
    sys.exit(command_line())
