# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""``ssr-ros bench``: how long a frame and an answer take here, way by way."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Mapping
import json
from pathlib import Path
from typing import Any

from ssr_ros.commands import show
from ssr_ros.commands.time_left import TimeLeft
from ssr_ros.errors import ConfigError

SHAPES = ('nano', '130m', '3b', '7b')
SUMMARY = 'time a frame and an answer on this machine, way by way, beside what it can do at most'
EXAMPLE = 'ssr-ros bench --shape nano --tokens 16 --rounds 3 --out out/bench'

COUNTED: Mapping[str, Callable[[float], str]] = {
    'launches': str,
    'flops': lambda flops: f'{flops / 1e9:.3g}',
    'bytes': lambda n: f'{n / 1e6:.3g}',
    'of_roof': lambda share: f'{100 * share:.0f} %',
}

WAITS = {
    'first_ms': 'first',
    'ready_first_ms': 'ready',
    'token_ms': 'token',
    'token_p99_ms': 'p99',
    'short_ms': '8',
    'long_ms': 'all',
    'questions_ms': 'ten',
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this verb's arguments."""
    parser.add_argument('model', nargs='?', metavar='MODEL', help='preset, folder or yaml')
    parser.add_argument(
        '--shape', choices=SHAPES, help='a size with random weights, in place of MODEL'
    )
    parser.add_argument('--device', default='auto', help='auto, cpu, cuda, cuda:1 (auto)')
    parser.add_argument('--dtype', default='auto', help='auto, float32, float16, bfloat16 (auto)')
    parser.add_argument(
        '--legs',
        metavar='A,B',
        default='',
        help='U0 and U1: the published order of work, as shipped and merged; ours, and with scan, '
        'graph, streams, fused, onnx, int8, int4 (all)',
    )
    parser.add_argument('--tokens', type=int, default=128, help='of the longest answer (128)')
    parser.add_argument('--rounds', type=int, default=5, help='that are kept (5)')
    parser.add_argument(
        '--seconds', type=float, default=0.0, help='begin no further round after them (0: all)'
    )
    parser.add_argument(
        '--clock',
        choices=('wall', 'processor'),
        default='wall',
        help='processor: of all threads of this process, for a CPU that is shared (wall)',
    )
    parser.add_argument('--out', type=Path, metavar='DIR', help='keep bench.json and bench.png')


def run(options: argparse.Namespace) -> int:
    """Measure, print, and return 0, or 1 where legs that must agree did not."""
    if not options.model and not options.shape:
        raise ConfigError('name a MODEL or a --shape')
    show.progress('importing torch ...')
    from ssr_ros.model.bench import bench, draw, Plan

    plan = Plan(
        model=options.model or '',
        shape=options.shape or '',
        device=options.device,
        dtype=options.dtype,
        legs=tuple(options.legs.split(',')) if options.legs else (),
        tokens=options.tokens,
        rounds=options.rounds,
        clock=options.clock,
        seconds=options.seconds,
    )
    watch = _Watch()
    result = bench(plan, watch)
    watch.done()
    if options.out is not None:
        out = options.out.expanduser()
        draw(result, out / 'bench.png')
        text = json.dumps(result, indent=1) + '\n'
        (out / 'bench.json').write_text(text, encoding='utf-8')
    if options.json:
        show.print_json(result)
    else:
        print('\n'.join(lines_of(result)))
        if options.out is not None:
            print(f'\n  kept in {options.out}')
    return 1 if result['exact_legs_agree'] is False else 0


class _Watch:
    """Shows how far it is."""

    def __init__(self) -> None:
        self._left: TimeLeft | None = None

    def __call__(self, done: int, total: int, text: str) -> None:
        if not total:
            show.progress(f'{text} ...')
            return
        if self._left is None:
            self._left = TimeLeft(total)
        self._left.show(text)

    def done(self) -> None:
        if self._left is not None:
            self._left.done()


def lines_of(result: Mapping[str, Any]) -> Iterator[str]:
    """Yield the lines of the tables."""
    legs, roof = result['legs'], result['roof']
    yield show.wrap('what', f'{result["what"]}, {result["dtype"]}')
    yield show.wrap('machine', result['machine'])
    yield show.wrap('code', f'ssr_ros {result["revision"]}')
    yield show.wrap(
        'at most',
        f'copy {roof["copy"] / 1e9:.3g} GB/s; products {roof["matmul"] / 1e12:.3g} TFLOP/s '
        f'(float32 {roof["matmul_float32"] / 1e12:.3g}); one token through matrices '
        f'{roof["matvec"] / 1e9:.3g} GB/s',
    )
    yield ''
    clock = 'ms' if result['clock'] == 'wall' else 'processor ms'
    head = (f'{clock}, median', *WAITS.values(), 'GB', f'as {result["plainest"] or "ours"}')
    rows = [
        (name, *(_cell(leg.get(key)) for key in WAITS), _gb(leg), _share(leg['tokens_as_ours']))
        for name, leg in legs.items()
    ]
    yield show.table(head, rows, right=range(1, len(head)))
    yield (
        f'  from a new frame: first token, 8 and {result["tokens"]} tokens, ten questions of 8 on '
        'one frame\n  ready: first token on a scene that was read; token, p99: one more token; '
        'GB: memory at most\n  U0, U1: ten questions are ten times the one that was measured'
    )
    for name, leg in legs.items():
        if leg['stages']:
            yield ''
            yield _stages(name, leg['stages'])
    token_s = min(leg['token_ms'] for leg in legs.values()) / 1e3
    reached = result['language_bytes'] / token_s
    yield ''
    yield (
        f'  a token reads {result["language_bytes"] / 1e9:.3g} GB of weights: '
        f"{100 * reached / roof['matvec']:.0f} % of the matrices' rate above, "
        f'{100 * reached / roof["copy"]:.0f} % of copy'
    )
    for name, why in result['not_here'].items():
        yield f'  {name}: not here: {why}'
    if result['exact_legs_agree'] is not None:
        yield f'  legs that must give the same tokens do: {result["exact_legs_agree"]}'


def _stages(name: str, stages: Mapping[str, Any]) -> str:
    head = (name, 'ms', 'p99', 'launches', 'GFLOP', 'MB', 'of roof')
    rows = [
        (
            'decode, a token' if stage == 'decode' else stage,
            _cell(each['ms']),
            _cell(each['p99_ms']),
            *('' if each[key] is None else told(each[key]) for key, told in COUNTED.items()),
        )
        for stage, each in stages.items()
    ]
    return show.table(head, rows, right=range(1, len(head)))


def _cell(ms: float | None) -> str:
    if ms is None:
        return ''
    return f'{ms:.0f}' if ms >= 1000 else f'{ms:.3g}'


def _gb(leg: Mapping[str, Any]) -> str:
    return '' if leg['peak_bytes'] is None else f'{leg["peak_bytes"] / 1e9:.2f}'


def _share(share: float | None) -> str:
    return '' if share is None else f'{100 * share:.0f} %'
