# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""``ssr-ros benchmark``: a published benchmark, scored by its own rule; no ROS needed."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any, TYPE_CHECKING

from ssr_ros import __version__
from ssr_ros.commands import show
from ssr_ros.commands.time_left import TimeLeft
from ssr_ros.errors import ConfigError

if TYPE_CHECKING:
    from ssr_ros.evaluation.published import Benchmark, Line
    from ssr_ros.evaluation.published.asking import Answerer, Task
    from ssr_ros.evaluation.published.results import Result

NAMES = (
    'ssrbench',
    'spatialbench',
    'cv-bench',
    'q-spatial',
    'robospatial-home',
    'spatialrgpt',
)
SUMMARY = 'score a published benchmark by its own rule'
EXAMPLE = (
    'ssr-ros benchmark spatialbench ~/SpatialBench --depth own --model ssr-7b --out out/spatial'
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this verb's arguments."""
    parser.add_argument('name', choices=NAMES, metavar='NAME', help=', '.join(NAMES))
    parser.add_argument('folder', type=Path, metavar='DIR', help='where it was downloaded to')
    parser.add_argument(
        '--depth',
        required=True,
        metavar='SOURCE',
        help="'own' (the data set's), 'none', or a folder of registered metric depth files named "
        'as the pictures are',
    )
    parser.add_argument('--model', default='nano', help='preset, checkpoint folder or yaml (nano)')
    parser.add_argument('--device', default='auto', help='auto, cpu, cuda, cuda:1 (auto)')
    parser.add_argument(
        '--answer',
        choices=('model', 'one', 'measured'),
        default='model',
        help="what is scored: the model's words, the one answer to act on, or the measured one; "
        'the last two need --fov-deg (model)',
    )
    parser.add_argument(
        '--fov-deg',
        type=float,
        metavar='DEG',
        help='horizontal field of view of the pictures, for measuring: no data set tells it',
    )
    parser.add_argument('--limit', type=int, metavar='N', help='first items of each part (all)')
    parser.add_argument(
        '--controls',
        default='order-swap,wrong-depth',
        metavar='A,B',
        help="what is asked besides (order-swap,wrong-depth); 'none' for none",
    )
    parser.add_argument(
        '--out', type=Path, metavar='DIR', help='keep every answer there, and go on after a stop'
    )
    parser.add_argument(
        '--judge-url',
        metavar='URL',
        help='OpenAI-compatible address of the judge of ssrbench; answers are sent there. Without '
        'one a rule stands in, and says so. The key, if any, is in SSR_JUDGE_KEY',
    )
    parser.add_argument(
        '--judge-model',
        default='Qwen2.5-14B-Instruct-1M',
        metavar='NAME',
        help='the name by which that server knows it (Qwen2.5-14B-Instruct-1M)',
    )
    parser.add_argument(
        '--judge-prompt',
        type=Path,
        metavar='FILE',
        help='what the judge is asked, with {question}, {answer} and {response} in it (ours)',
    )


def run(options: argparse.Namespace) -> int:
    """Ask, score, print, and return 0."""
    from ssr_ros.evaluation.published.asking import ask, Kept, tasks
    from ssr_ros.evaluation.published.depth import Depth
    from ssr_ros.evaluation.published.results import result_of

    benchmark = _benchmark(options)
    controls = _controls(options.controls)
    if options.limit is not None and options.limit < 1:
        raise ConfigError(f'--limit must be at least 1, got {options.limit}')
    depth = Depth(options.depth, benchmark)
    items = benchmark.load(options.folder)
    if options.limit is not None:
        items = benchmark.first(items, options.limit)
    todo = tasks(benchmark, items, depth, controls)
    answerer, model = _answerer(options)
    about = _about(options, benchmark, model)
    kept = Kept(options.out, about)
    if kept.number:
        show.progress(f'{kept.number} answers are there already')
    left = TimeLeft(len(todo), len(todo) - _missing(kept, todo))
    rows = []
    for task, row in zip(todo, ask(benchmark, todo, depth, answerer, kept), strict=True):
        rows.append(row)
        left.show(f'{task.control} {task.item.key}')
    left.done()
    result = result_of(benchmark, todo, rows)
    report = {**about, 'items': len(items), **result.as_dict()}
    if options.out is not None:
        text = json.dumps(report, indent=1, ensure_ascii=False) + '\n'
        (options.out / 'summary.json').write_text(text, encoding='utf-8')
    if options.json:
        show.print_json(report)
    else:
        _print(benchmark, report, result)
    return 0


def _missing(kept: Any, todo: list[Task]) -> int:
    return sum(kept.row(task) is None for task in todo)


def _benchmark(options: argparse.Namespace) -> Benchmark:
    from ssr_ros.evaluation.published import BENCHMARKS, SsrBench
    from ssr_ros.evaluation.published.ssr_bench import ASKED, ServerJudge

    if options.judge_url is None:
        return BENCHMARKS[options.name]()
    if options.name != 'ssrbench':
        raise ConfigError(f'--judge-url: {options.name} needs no judge')
    prompt = ASKED if options.judge_prompt is None else _text(options.judge_prompt)
    return SsrBench(ServerJudge(options.judge_url, options.judge_model, prompt=prompt))


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding='utf-8')
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f'--judge-prompt: {path} cannot be read ({error})') from error


def _controls(text: str) -> tuple[str, ...]:
    from ssr_ros.evaluation.published.asking import CONTROLS

    wanted = () if text == 'none' else tuple(text.split(','))
    for control in wanted:
        if control not in CONTROLS:
            raise ConfigError(f'--controls: expected {", ".join(CONTROLS)} or none, got {text!r}')
    return wanted


def _about(options: argparse.Namespace, benchmark: Benchmark, model: str) -> dict[str, Any]:
    """What a figure depends on; a run with anything else of it is another run."""
    judge = getattr(benchmark, 'judge', None)
    return {
        'benchmark': benchmark.name,
        'rule': benchmark.source,
        'data': options.folder.expanduser().resolve().name,
        'depth': options.depth,
        'answer': options.answer,
        'model': model,
        'fov_deg': options.fov_deg,
        'limit': options.limit,
        'controls': options.controls,
        'judge': None if judge is None else judge.name,
        'judge_prompt': options.judge_prompt and _text(options.judge_prompt),
        'version': __version__,
    }


def _answerer(options: argparse.Namespace) -> tuple[Answerer, str]:
    """Return who answers, and what it is in words."""
    from ssr_ros.commands import answerers
    from ssr_ros.evaluation.published.depth import ANY_FOV_DEG

    if options.answer != 'model' and options.fov_deg is None:
        raise ConfigError(
            f'--answer {options.answer} measures in metres, and no data set tells the field of '
            'view of its pictures: give --fov-deg, 60 is a common one'
        )
    fov_deg = ANY_FOV_DEG if options.fov_deg is None else options.fov_deg
    if options.answer == 'measured':
        return answerers.measured(fov_deg), 'none: measured'
    show.progress(f'loading {options.model} ...')
    from ssr_ros.model import load_reasoner

    reasoner = load_reasoner(options.model, device=options.device)
    made = answerers.one if options.answer == 'one' else answerers.model
    return made(reasoner, fov_deg), reasoner.description


def _print(benchmark: Benchmark, report: dict[str, Any], result: Result) -> None:
    for label in ('model', 'answer', 'depth', 'rule'):
        print(show.wrap(label, str(report[label])))
    if report['judge']:
        print(show.wrap('judge', report['judge']))
    print()
    head = (benchmark.title, 'n', 'score', '95 % interval', 'unparsed', 'right unread')
    print(show.table(head, map(_row, result.lines), right=(1, 2, 3, 4, 5)))
    print()
    for reason, times in result.failed.items():
        print(show.wrap('failed', f'{times}: {reason}'))
    print(show.wrap('swapped', _swap_words(result)))
    print(show.wrap('true depth', _depth_words(result)))
    for system, figure in benchmark.published:
        print(show.wrap('published', f'{system}: {figure}'))


def _row(line: Line) -> tuple[str, ...]:
    interval = '' if line.low is None or line.high is None else f'{line.low:.1f}-{line.high:.1f}'
    digits = 2 if line.name.endswith('of 5') else 1
    counts = (str(line.unparsed), str(line.lucky))
    return line.name, str(line.n), f'{line.value:.{digits}f}', interval, *counts


def _swap_words(result: Result) -> str:
    cell = result.order_swap
    if cell is None:
        return 'not asked, or nothing here has an order'
    low, high = cell.interval
    return (
        f'{100 * cell.share:.1f} % of {cell.n} mean the same in both orders '
        f'({100 * low:.1f}-{100 * high:.1f}), {cell.unparsed} unparsed'
    )


def _depth_words(result: Result) -> str:
    pair = result.wrong_depth
    if pair is None:
        return 'not asked, or there is no depth'
    return (
        f"{100 * pair.difference:+.1f} points over another picture's on {pair.n} "
        f'({100 * pair.low:.1f} to {100 * pair.high:.1f}, p = {pair.p_value:.3g})'
    )
