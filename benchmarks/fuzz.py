# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Damage what arrives, at random and again the same way, and count how it is taken.

    python benchmarks/fuzz.py SUBJECT [--count 2000] [--seed 0] [--json]   # bags, messages ...

Every case is either read or refused with an error of ours. Anything else that is raised, a case
that takes more than 2 s of processor time, and memory that grows are findings: they are printed
with the seed that makes the case again, and the exit code is 1.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
import json
import logging
import math
from pathlib import Path
import random
import resource
import sys
import tempfile
from time import monotonic, process_time
import traceback

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.machine import machine
from ssr_ros.errors import SsrError

MOST_SECONDS = 2.0

Case = Callable[[random.Random], str]
"""Makes one case, hands it over, and returns what was damaged; raises what is raised."""


@contextmanager
def bags() -> Iterator[Case]:
    """Recordings: one is damaged, and all its frames are read."""
    from benchmarks.fuzz_bags import damaged_bags

    with tempfile.TemporaryDirectory() as folder:
        yield damaged_bags(Path(folder))


@contextmanager
def messages() -> Iterator[Case]:
    """Messages of a camera, most of them wrong somewhere: made a frame as the node does."""
    from benchmarks.fuzz_messages import random_messages

    yield random_messages()


@contextmanager
def checkpoints() -> Iterator[Case]:
    """Checkpoints: a tiny one is damaged, loaded, and asked two tokens."""
    from benchmarks.fuzz_checkpoints import damaged_checkpoints

    with tempfile.TemporaryDirectory() as folder:
        yield damaged_checkpoints(Path(folder))


@contextmanager
def rows() -> Iterator[Case]:
    """Training rows: one is damaged, and read with its images to the tokens of both models."""
    from benchmarks.fuzz_rows import damaged_rows

    logging.disable(logging.WARNING)  # every broken row is named
    with tempfile.TemporaryDirectory() as folder:
        yield damaged_rows(Path(folder))


@contextmanager
def replies() -> Iterator[Case]:
    """Replies of a model that was asked for boxes: read, named, and asked about."""
    from benchmarks.fuzz_replies import random_replies

    yield random_replies()


SUBJECTS = {
    'bags': bags,
    'checkpoints': checkpoints,
    'messages': messages,
    'replies': replies,
    'rows': rows,
}


def run(
    case: Case, count: int, seed: int, most_s: float = math.inf
) -> tuple[Counter[str], list[str]]:
    """Run cases until the time is over; return how they ended, and what should not have been."""
    ended: Counter[str] = Counter()
    findings = []
    end = monotonic() + most_s
    for number in range(count):
        if monotonic() > end:
            break
        start, said = process_time(), 'read'
        try:
            case(random.Random(f'{seed} {number}'))
        except SsrError as error:
            said = type(error).__name__
        except Exception as error:  # the point of it: whatever it is, it is counted
            said = f'TRACEBACK {type(error).__name__}'
            findings.append(f'seed {seed} case {number}: {_short(error)}')
        seconds = process_time() - start
        if seconds > MOST_SECONDS:
            findings.append(f'seed {seed} case {number}: {seconds:.1f} s, {said}')
        ended[said] += 1
    return ended, findings


def _short(error: Exception) -> str:
    """Return what was raised, the last place of ours on the way to it, and the last of all."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if '/ssr_ros/' in frame.filename]
    places = [f'{Path(frame.filename).name}:{frame.lineno}' for frame in (*ours[-1:], frames[-1])]
    return f'{type(error).__name__}: {str(error)[:200]} ({", ".join(places)})'


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('subject', choices=SUBJECTS)
    parser.add_argument('--count', type=int, default=2000)
    parser.add_argument('--seed', type=int, default=0)
    parser.add_argument('--seconds', type=float, default=math.inf, help='stop after these')
    parser.add_argument('--json', action='store_true', help='print one json object instead')
    options = parser.parse_args()
    with SUBJECTS[options.subject]() as case:
        run(case, 20, -1)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        ended, findings = run(case, options.count, options.seed, options.seconds)
    grown_mb = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    result = {'ended': dict(ended.most_common()), 'findings': findings, 'grown_mb': grown_mb}
    if options.json:
        print(json.dumps({'machine': machine(), **result}))
    else:
        print(machine())
        for said, number in ended.most_common():
            print(f'{number:6d}  {said}')
        print(f'memory grew by {grown_mb:.0f} MB')
        print('\n'.join(findings))
    return 1 if findings else 0


if __name__ == '__main__':
    sys.exit(main())
