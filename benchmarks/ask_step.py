# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What a stored scene saves: MIDI's ask step against upstream's full pass, at the true size.

    python benchmarks/ask_step.py [--json]

Mamba-130m's shape, random weights, on the CPU. The full pass is what the published code runs for
every question: transformers' Mamba with its language-model head over 1,306 visual tokens and 40 of
question and ``<tor>``. The ask step reads the 40 after the stored state. Both give the same hidden
states, which is checked first.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
import json
from pathlib import Path
from statistics import median
import sys
from time import perf_counter
from typing import Any

import torch

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.machine import machine
from ssr_ros.model.bench.published import library_mamba
from ssr_ros.model.mamba import Mamba, MambaSizes

N_VISUAL = 577 + 729
N_TEXT = 40


def seconds(call: Callable[[], object]) -> float:
    """Return how long one call takes."""
    start = perf_counter()
    call()
    return perf_counter() - start


@torch.inference_mode()
def measure(sizes: MambaSizes, rounds: int) -> dict[str, Any]:
    """Time both, in turn, so that a machine that slows down slows both."""
    torch.manual_seed(0)
    ours = Mamba(sizes).eval().requires_grad_(False)
    theirs = library_mamba(ours)
    visual = torch.randn(1, N_VISUAL, sizes.width)
    text = torch.randn(1, N_TEXT, sizes.width)
    whole = torch.cat([visual, text], dim=1)

    def full_pass() -> torch.Tensor:
        hidden: torch.Tensor = theirs(
            inputs_embeds=whole, output_hidden_states=True
        ).hidden_states[-1]
        return hidden

    _, state = ours(visual)
    difference = float((ours(text, state)[0] - full_pass()[:, N_VISUAL:]).abs().max())
    rows = [
        (seconds(full_pass), seconds(lambda: ours(visual)), seconds(lambda: ours(text, state)))
        for _ in range(rounds)
    ]
    full_s, encode_s, ask_s = (median(column) for column in zip(*rows, strict=True))
    return {
        'machine': machine(),
        'threads': torch.get_num_threads(),
        'full_pass_s': full_s,
        'encode_step_s': encode_s,
        'ask_step_s': ask_s,
        'full_over_ask': median(row[0] / row[2] for row in rows),
        'largest_difference': difference,
        'state_bytes': state.nbytes,
    }


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('--rounds', type=int, default=3)
    parser.add_argument('--json', action='store_true', help='print one json object instead')
    options = parser.parse_args()
    result = measure(MambaSizes(), options.rounds)
    if options.json:
        print(json.dumps(result))
        return
    print(result['machine'], f'{result["threads"]} threads, random weights')
    print(f'full pass, as upstream   {result["full_pass_s"]:8.2f} s per question')
    print(f'reading the frame, ours  {result["encode_step_s"]:8.2f} s per frame')
    print(f'ask step, ours           {result["ask_step_s"]:8.3f} s per question')
    print(f'full pass / ask step     {result["full_over_ask"]:8.1f} (median over rounds)')
    print(f'largest difference       {result["largest_difference"]:8.1e} in hidden states')
    print(f'kept per scene           {result["state_bytes"] / 1e6:8.2f} MB')


if __name__ == '__main__':
    main()
