# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""How long a checkpoint of true size takes to load, against reading its files, and its memory.

    python benchmarks/load.py --shape 7b --scratch /tmp/7b    # 21 GB on the disk, then 41
    python benchmarks/load.py --shape 7b --no-merge           # 21 GB

Random weights in the released layout, bfloat16 on a CPU: first with the adapter beside, then as
``ssr-ros merge`` writes it. Reading (as ``cat`` does) and loading take turns, each in a process of
its own, after the kernel was told to forget the files. Seconds of the clock and of the processor.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass, replace
import os
from pathlib import Path
import shutil
from statistics import median
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.machine import machine
from benchmarks.true_checkpoint import write_checkpoint
from ssr_ros.model.bench.shapes import shape_called, SHAPES

READING = """
import sys, time
for path in sys.argv[1:]:
    with open(path, 'rb', buffering=0) as file:
        while file.read(1 << 20):
            pass
"""

LOADING = """
import sys
from ssr_ros.model import load_reasoner
load_reasoner(sys.argv[1], 'cpu', 'bfloat16', encoders='torch')
"""

IMPORTING = 'import ssr_ros.model.load'

MERGING = 'import sys; from ssr_ros import cli; sys.exit(cli.main(sys.argv[1:]))'

LOOKING_EVERY_S = 0.05


@dataclass(frozen=True)
class Run:
    """What a process took.

    Attributes:
        wall_s: seconds of the clock.
        processor_s: seconds of the processor.
        peak: most bytes in memory, pages of files that it has mapped among them.
        own_peak: most bytes that are its own, and that the kernel cannot take back.
    """

    wall_s: float
    processor_s: float
    peak: int
    own_peak: int


def run(code: str, *words: str) -> Run:
    """Run Python in a process of its own.

    Raises:
        CalledProcessError: it has failed.
    """
    command = [sys.executable, '-c', code, *words]
    start, own_peak, ended = time.monotonic(), 0, 0
    child = subprocess.Popen(command)
    while not ended:
        own_peak = max(own_peak, own_bytes(child.pid))
        time.sleep(LOOKING_EVERY_S)
        ended, status, used = os.wait4(child.pid, os.WNOHANG)
    wall_s = time.monotonic() - start
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise subprocess.CalledProcessError(child.returncode, command[:2])
    return Run(wall_s, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024, own_peak)


def own_bytes(process: int) -> int:
    """Return the bytes that a process holds and that are no pages of files."""
    lines = Path(f'/proc/{process}/status').read_text(encoding='utf-8').splitlines()
    fields = dict(line.split(':', 1) for line in lines)
    return 1024 * int(fields.get('RssAnon', '0').split()[0])


def forget(files: list[Path]) -> None:
    """Ask the kernel to drop files from its cache."""
    os.sync()
    for path in files:
        with path.open('rb') as file:
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def measure(what: str, folder: Path, rounds: int) -> None:
    """Read and load in turn, and print."""
    files = sorted(folder.rglob('*.safetensors'))
    weights = sum(path.stat().st_size for path in files)
    imports = run(IMPORTING)
    rows = []
    for _ in range(rounds):
        forget(files)
        read = run(READING, *map(str, files))
        forget(files)
        rows.append((read, run(LOADING, str(folder))))

    def middle(column: int, field: str) -> float:
        return median(float(getattr(row[column], field)) for row in rows)

    ratio = median((load.wall_s - imports.wall_s) / read.wall_s for read, load in rows)
    print(
        f'{what}: {weights / 1e9:.2f} GB of files, reading {middle(0, "wall_s"):.1f} s '
        f'({middle(0, "processor_s"):.1f} of the processor), loading {middle(1, "wall_s"):.1f} s '
        f'({middle(1, "processor_s"):.1f}), of which importing {imports.wall_s:.1f} '
        f'({imports.processor_s:.1f}): without it {ratio:.2f} x reading; at most '
        f'{middle(1, "peak") / 1e9:.2f} GB in memory, of it its own '
        f'{middle(1, "own_peak") / 1e9:.2f}',
        flush=True,
    )


def leave_adapter(folder: Path) -> None:
    """Make a checkpoint one whose weights are to be read as they are, as a merged one's are."""
    shutil.rmtree(folder / 'adapter')
    settings = folder / 'reasoner.yaml'
    lines = settings.read_text(encoding='utf-8').splitlines()
    kept = [line for line in lines if not line.startswith('adapter:')]
    settings.write_text('\n'.join(kept) + '\n', encoding='utf-8')


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('--shape', choices=tuple(SHAPES), default='7b')
    parser.add_argument('--layers', type=int, help='of the language model (as many as it has)')
    parser.add_argument('--scratch', type=Path, help='a folder for what is written')
    parser.add_argument(
        '--no-merge', action='store_true', help='leave the adapter in place of merging: less disk'
    )
    parser.add_argument('--rounds', type=int, default=1)
    options = parser.parse_args()
    shape = shape_called(options.shape)
    if options.layers:
        shape = replace(shape, layers=options.layers)
    scratch = Path(tempfile.mkdtemp(dir=options.scratch))
    try:
        write_checkpoint(scratch / 'beside', shape)
        print(f'{machine()}, {options.shape}, {shape.layers} layers, bfloat16', flush=True)
        measure('adapter beside', scratch / 'beside', options.rounds)
        if options.no_merge:
            leave_adapter(scratch / 'beside')
            measure('without the adapter, as merged', scratch / 'beside', options.rounds)
            return
        spent = run(MERGING, 'merge', str(scratch / 'beside'), '--out', str(scratch / 'merged'))
        print(
            f'ssr-ros merge: {spent.wall_s:.1f} s ({spent.processor_s:.1f} of the processor), at '
            f'most {spent.peak / 1e9:.2f} GB in memory'
        )
        shutil.rmtree(scratch / 'beside')
        measure('merged', scratch / 'merged', options.rounds)
    finally:
        shutil.rmtree(scratch)


if __name__ == '__main__':
    main()
