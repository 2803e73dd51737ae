# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What ``ssr-ros bench`` measures, kept under benchmarks/results with machine and commit.

    python benchmarks/latency.py --shape 3b --device cuda --dtype bfloat16
    python benchmarks/latency.py --shape nano --tokens 16 --rounds 2 --clock processor

Prints one line a leg; the table is ``ssr-ros bench``'s. Exits with 1 where legs that must give the
same tokens did not.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
import sys
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from ssr_ros.errors import SsrError
from ssr_ros.model.bench import bench, draw, LEGS, Plan
from ssr_ros.model.bench.measure import CLOCKS
from ssr_ros.model.bench.shapes import SHAPES
from ssr_ros.model.load import DTYPES

RESULTS = Path(__file__).resolve().parent / 'results'


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('--shape', choices=SHAPES, required=True)
    parser.add_argument('--device', default='auto')
    parser.add_argument('--dtype', choices=('auto', *DTYPES), default='auto')
    parser.add_argument('--legs', default='', metavar='A,B', help=f'{", ".join(LEGS)} (all)')
    parser.add_argument('--tokens', type=int, default=128)
    parser.add_argument('--rounds', type=int, default=3)
    parser.add_argument('--seconds', type=float, default=0.0, help='begin no round after them')
    parser.add_argument('--clock', choices=CLOCKS, default='wall')
    parser.add_argument('--results', type=Path, default=RESULTS, metavar='DIR')
    options = parser.parse_args()
    given = {key: value for key, value in vars(options).items() if key != 'results'}
    given['legs'] = tuple(options.legs.split(',')) if options.legs else ()
    try:
        result = bench(Plan(**given), _say)
        keep(result, options.results, f'{options.shape}-{options.device}-{result["dtype"]}')
    except SsrError as error:
        print(error, file=sys.stderr)
        return 2
    print_legs(result)
    return 1 if result['exact_legs_agree'] is False else 0


def keep(result: dict[str, Any], folder: Path, name: str) -> None:
    """Write figures and picture."""
    draw(result, folder / f'{name}.png')
    text = json.dumps(result, indent=1) + '\n'
    (folder / f'{name}.json').write_text(text, encoding='utf-8')


def print_legs(result: dict[str, Any]) -> None:
    """Print what decides."""
    print(f'{result["what"]} {result["dtype"]}; {result["machine"]}; {result["revision"]}')
    roof, weights = result['roof'], result['language_bytes']
    print(
        f'roof: copy {roof["copy"] / 1e12:.2f} TB/s, matvec {roof["matvec"] / 1e12:.2f} TB/s, '
        f'products {roof["matmul"] / 1e12:.0f} and in float32 {roof["matmul_float32"] / 1e12:.1f} '
        f'TFLOP/s; a token reads {weights / 1e9:.2f} GB'
    )
    heading = f'as {result["plainest"] or "ours"}'
    print(
        f'{"":<8}{"first ms":>10}{"ready ms":>10}{"token ms":>10}{"p99":>8}{"10 asked":>10}'
        f'{"of copy":>9}{"of matvec":>10}{"peak GB":>9}{"above":>7}{heading:>11}'
    )
    for name, leg in result['legs'].items():
        rate = weights / leg['token_ms'] * 1e3
        ready = f'{leg["ready_first_ms"]:.1f}' if 'ready_first_ms' in leg else ''
        as_ours = '' if leg['tokens_as_ours'] is None else f'{leg["tokens_as_ours"]:.0%}'
        print(
            f'{name:<8}{leg["first_ms"]:>10.1f}{ready:>10}{leg["token_ms"]:>10.3f}'
            f'{leg["token_p99_ms"]:>8.2f}{leg["questions_ms"]:>10.0f}'
            f'{rate / roof["copy"]:>9.0%}{rate / roof["matvec"]:>10.0%}'
            f'{(leg["peak_bytes"] or 0) / 1e9:>9.2f}'
            f'{(leg["above_weights_bytes"] or 0) / 1e9:>7.2f}{as_ours:>11}'
        )
    for name, leg in result['legs'].items():
        stages = [
            f'{stage} {each["ms"]:.2f}' + (f'/{each["launches"]}' if each['launches'] else '')
            for stage, each in leg['stages'].items()
        ]
        if stages:
            print(f'{name}, ms/launches: {", ".join(stages)}')
    for name, why in result['not_here'].items():
        print(f'{name}: not here: {why}')
    print(f'legs that must give the same tokens do: {result["exact_legs_agree"]}')


def _say(done: int, total: int, text: str) -> None:
    print(f'{done}/{total} {text}', file=sys.stderr, flush=True)


if __name__ == '__main__':
    sys.exit(main())
