#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""How a long recording is evaluated: memory, what is decoded, what kills cost, the report's size.

    python benchmarks/evaluate_bag.py --work /tmp/long_bag

Ten minutes and 3 GB are made of rendered worlds and written frame by frame into --work (made once,
stored nowhere else). 200 questions are asked in one run, while its memory is watched, and again in
a run that is killed at random times. Needs the extras scene, bags and train.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import replace
import json
from pathlib import Path
import random
import shutil
import statistics
import subprocess
import sys
import time
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.machine import machine, told_bytes  # noqa: E402
from ssr_ros.bags.write import write_bag  # noqa: E402
from ssr_ros.replay.rows import TIMES  # noqa: E402
from ssr_ros.rgbd import RgbdFrame  # noqa: E402
from training.worlds import add_noise, sample_world  # noqa: E402

SECONDS, RATE_HZ, SCENES, QUESTIONS = 600, 3.25, 24, 200
START_NS = 1_700_000_000_000_000_000
SAMPLE_S = 0.25
FORMS = (
    'How many objects are there?',
    'How far is the nearest object?',
    'What is the nearest object?',
    'How wide is the nearest object?',
)


def main() -> None:
    """Make the recording, run, kill, and print figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--work', type=Path, required=True, help='folder for 3 GB and the runs')
    parser.add_argument('--seconds', type=int, default=SECONDS, help='of the recording')
    parser.add_argument('--kills', type=int, default=5, help='how often a run is killed')
    parser.add_argument('--seed', type=int, default=1, help='of the times of kills')
    options = parser.parse_args()
    work, chance = options.work, random.Random(options.seed)
    work.mkdir(parents=True, exist_ok=True)
    bag = work / f'long_{options.seconds}'
    if not bag.exists():
        write_bag(bag, frames(options.seconds), 'sqlite3')
    (work / 'q.yaml').write_text(questions(options.seconds), encoding='utf-8')
    whole = run(work, bag, 'whole')
    figures: dict[str, Any] = {
        'machine': machine(),
        'recording_gb': sum(path.stat().st_size for path in bag.iterdir()) / 1e9,
        **memory(whole['rss_mb']),
        'seconds': whole['seconds'],
        **counted(work / 'whole'),
    }
    killed_after_s = [
        run(work, bag, 'killed', chance.uniform(0.2, 0.6) * whole['seconds'])['seconds']
        for _ in range(options.kills)
    ]
    run(work, bag, 'killed')
    same = answers(work / 'whole') == answers(work / 'killed')
    figures |= {'killed_after_s': killed_after_s, 'same_answers_after_kills': same}
    print(json.dumps(figures, indent=1))
    sys.exit(0 if same else 1)


def frames(seconds: int) -> Iterator[RgbdFrame]:
    """Yield frames one by one: a world for each part of the time, noise of its own for each."""
    count = round(seconds * RATE_HZ)
    part = -1
    rendered: RgbdFrame | None = None
    for number in range(count):
        if number * SCENES // count != part or rendered is None:
            part = number * SCENES // count
            rendered = sample_world(500 + part, 'tabletop').render(size_px=(640, 480)).frame
        noise = np.random.default_rng(number)
        rgb = rendered.rgb + noise.integers(0, 8, rendered.rgb.shape, dtype=np.uint8) // 2
        depth_m = add_noise(rendered.depth_m, 'stereo', seed=number)
        stamp_ns = START_NS + round(number * 1e9 / RATE_HZ)
        yield replace(rendered, rgb=rgb, depth_m=depth_m, stamp_ns=stamp_ns)


def questions(seconds: int) -> str:
    """Return a question file: one question every few seconds."""
    step_s = seconds / QUESTIONS
    lines = [
        f'  - {{ask: "{FORMS[number % len(FORMS)]}", at: {number * step_s:.3f}}}'
        for number in range(QUESTIONS)
    ]
    return 'questions:\n' + '\n'.join(lines) + '\n'


def run(work: Path, bag: Path, out: str, kill_after_s: float = float('inf')) -> dict[str, Any]:
    """Evaluate in a process of its own; watch its memory, and kill it where that is asked for."""
    if out == 'whole':
        shutil.rmtree(work / out, ignore_errors=True)
    where = ['--questions', str(work / 'q.yaml'), '--out', str(work / out), '--model', 'none']
    command = [sys.executable, '-m', 'ssr_ros.cli', 'bag', 'evaluate', str(bag), *where]
    start_s = time.monotonic()
    process = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    rss_mb: list[float] = []
    while process.poll() is None:
        if time.monotonic() - start_s > kill_after_s:
            process.kill()
        rss_mb.append(rss_of(process.pid))
        time.sleep(SAMPLE_S)
    return {'rss_mb': rss_mb, 'seconds': time.monotonic() - start_s, 'code': process.returncode}


def rss_of(pid: int) -> float:
    """Return the memory of a process, MB; 0 where it has ended."""
    return (told_bytes(f'/proc/{pid}/status', 'VmRSS') or 0) / 2**20


def memory(rss_mb: list[float]) -> dict[str, Any]:
    """Return the most, and the medians of quarters of the time."""
    known = [value for value in rss_mb if value]
    quarters = np.array_split(np.array(known), 4)
    return {
        'rss_most_mb': max(known),
        'rss_by_quarter_mb': [round(float(statistics.median(part)), 1) for part in quarters],
    }


def counted(out: Path) -> dict[str, Any]:
    """Return what a run counted of itself."""
    summary = json.loads((out / 'summary.json').read_text(encoding='utf-8'))
    (bag,) = summary['bags'].values()
    return {
        'questions': summary['questions'],
        'answered': summary['answered'],
        'images_recorded': sum(stream['count'] for stream in bag['about']['streams']),
        'images_decoded': bag['decoded'],
        'frames_asked_about': len({row['frame'] for row in answers(out)}),
        'report_mb': (out / 'report.html').stat().st_size / 1e6,
    }


def answers(out: Path) -> list[dict[str, Any]]:
    """Return the rows of a run without their times."""
    lines = (out / 'answers.jsonl').read_text(encoding='utf-8').splitlines()
    rows: list[dict[str, Any]] = [json.loads(line) for line in lines]
    return [{name: row[name] for name in row if name not in TIMES} for row in rows]


if __name__ == '__main__':
    main()
