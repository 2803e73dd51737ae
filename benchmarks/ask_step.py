# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What a stored scene saves: MIDI's ask step against upstream's full pass, at the true size.

    python benchmarks/ask_step.py [--rounds 1]      # some two minutes a round on one quiet core

Mamba-130m's shape, random weights, one thread of the CPU. The full pass is what the published code
runs for every question: transformers' Mamba with its language-model head over 1,306 visual tokens
and 40 of question and ``<tor>``. The ask step reads the 40 after the stored state. Both give the
same hidden states, which is checked. The frame pass is over the 1,306 alone, without a head,
theirs and ours. In turn, by the processor's time as well as the wall's: others may be at work.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
import json
from pathlib import Path
from statistics import median
import sys
from time import perf_counter, process_time
from typing import Any

import torch

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.machine import machine
from ssr_ros.model.bench.published import library_mamba
from ssr_ros.model.mamba import Mamba, MambaSizes

CLOCKS = ('wall', 'processor')
N_VISUAL = 577 + 729
N_TEXT = 40


@torch.inference_mode()
def measure(sizes: MambaSizes, rounds: int) -> dict[str, Any]:
    """Time all in turn, so that a machine that slows down slows them alike."""
    torch.manual_seed(0)
    torch.set_num_threads(1)
    ours = Mamba(sizes).eval().requires_grad_(False)
    theirs = library_mamba(ours)
    visual = torch.randn(1, N_VISUAL, sizes.width)
    text = torch.randn(1, N_TEXT, sizes.width)
    whole = torch.cat([visual, text], dim=1)
    _, state = ours(visual)
    expected = ours(text, state)[0]
    rows: list[dict[str, tuple[float, float]]] = []
    for number in range(rounds):
        row, hidden = {}, torch.empty(0)
        for name, call in {
            'full pass': lambda: theirs(inputs_embeds=whole, output_hidden_states=True),
            'frame pass, theirs': lambda: theirs.backbone(inputs_embeds=visual, use_cache=False),
            'frame pass, ours': lambda: ours(visual),
            'ask step': lambda: ours(text, state),
        }.items():
            row[name], made = timed(call)
            if name == 'full pass':
                hidden = made.hidden_states[-1][:, N_VISUAL:]
            print(f'round {number}: {name}: {row[name][1]:.3f} s', file=sys.stderr, flush=True)
        rows.append(row)
    return {
        'machine': machine(),
        'seconds': {
            name: {clock: median(r[name][i] for r in rows) for i, clock in enumerate(CLOCKS)}
            for name in rows[0]
        },
        'full_over_ask': ratio(rows, 'full pass', 'ask step'),
        'theirs_over_ours': ratio(rows, 'frame pass, theirs', 'frame pass, ours'),
        'largest_difference': float((expected - hidden).abs().max()),
        'state_bytes': state.nbytes,
    }


def timed(call: Callable[[], Any]) -> tuple[tuple[float, float], Any]:
    """Return the wall's and the processor's seconds, and what was made."""
    wall, processor = perf_counter(), process_time()
    made = call()
    return (perf_counter() - wall, process_time() - processor), made


def ratio(rows: list[dict[str, tuple[float, float]]], one: str, other: str) -> float:
    """Return the median over the rounds, by the processor's time."""
    return median(row[one][1] / row[other][1] for row in rows)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('--rounds', type=int, default=1)
    parser.add_argument('--json', action='store_true', help='print one json object instead')
    options = parser.parse_args()
    result = measure(MambaSizes(), options.rounds)
    if options.json:
        print(json.dumps(result))
        return
    print(f'{result["machine"]}, one thread, random weights')
    for name, seconds in result['seconds'].items():
        print(f'{name:<20}{seconds["wall"]:8.3f} s wall {seconds["processor"]:8.3f} s processor')
    print(f'full pass / ask step         {result["full_over_ask"]:8.1f} (processor)')
    print(f'frame pass, theirs / ours    {result["theirs_over_ours"]:8.1f}')
    print(f'largest difference           {result["largest_difference"]:8.1e} in hidden states')
    print(f'kept per scene               {result["state_bytes"] / 1e6:8.2f} MB')


if __name__ == '__main__':
    main()
