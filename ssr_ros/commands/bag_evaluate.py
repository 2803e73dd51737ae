# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""``ssr-ros bag evaluate``: questions asked of recordings, scored, and a report of it."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
import sys
from typing import Any, TYPE_CHECKING

from ssr_ros.commands import frames, show
from ssr_ros.errors import ConfigError, require_package

if TYPE_CHECKING:
    from ssr_ros.engine.settings import Settings
    from ssr_ros.replay.evaluate import RunOptions, RunResult

SUMMARY = 'ask questions of recordings, score the answers, and write a report'
EXAMPLE = (
    'ssr-ros bag evaluate demo --questions q.yaml --point\n'
    '  ssr-ros bag evaluate monday tuesday --questions q.yaml --out monday_tuesday --jobs 2\n'
    '  ssr-ros bag evaluate my_bag --questions q.yaml --model none --params ssr.yaml\n'
    '  ssr-ros bag evaluate demo --questions q.yaml --out through_the_node --live'
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this verb's arguments."""
    parser.add_argument(
        'bags', nargs='+', metavar='BAG', help="folders, .mcap or .db3; 'demo' is the one shipped"
    )
    parser.add_argument(
        '--questions', required=True, metavar='Q.yaml', help='what to ask, when, what is right'
    )
    parser.add_argument(
        '--out', metavar='DIR', help='folder of the run; one that was stopped goes on (evaluated)'
    )
    parser.add_argument(
        '--fresh', action='store_true', help='throw away what an earlier run has left in it'
    )
    parser.add_argument(
        '--model', default=None, help="preset, checkpoint or yaml; 'none' measures only (nano)"
    )
    parser.add_argument('--device', default=None, help='auto, cpu, cuda, cuda:1 (auto)')
    parser.add_argument(
        '--params', metavar='YAML', help="the node's parameters, as ROS reads them"
    )
    parser.add_argument(
        '--rationale', action='store_true', help="write the model's rationale out in words too"
    )
    parser.add_argument(
        '--point',
        action='store_true',
        help='ask the model where the things are that a question names and nobody knows '
        '(the parameter grounding.vlm; nano guesses)',
    )
    parser.add_argument(
        '--names-from',
        action='append',
        metavar='TOPIC',
        help='recorded named regions or detections to use (all that can be read); may be repeated',
    )
    parser.add_argument(
        '--jobs', type=int, default=1, metavar='N', help='ask N recordings at once (1)'
    )
    parser.add_argument(
        '--engine',
        choices=('processes', 'ray'),
        default='processes',
        help='where they are asked: on this machine, or on a Ray cluster (processes)',
    )
    parser.add_argument(
        '--live',
        action='store_true',
        help='play them at the real node, and show ages, queues and losses too; needs ROS',
    )
    parser.add_argument(
        '--rate', type=float, metavar='R', help='with --live: 2 plays twice as fast (1)'
    )
    parser.add_argument('--ray-address', metavar='ADDRESS', help='of the cluster (this machine)')
    parser.add_argument(
        '--write-bag',
        nargs='?',
        const='',
        metavar='DIR',
        help='write answers, markers and detections as BAG_answers (mcap) beside each recording, '
        'or in DIR',
    )
    frames.add_topic_arguments(parser)
    frames.add_tilt_arguments(parser)


def run(options: argparse.Namespace) -> int:
    """Ask, write, print; return 0, or 1 where a recording could not be asked."""
    for package in ('rosbags', 'yaml', 'jinja2', 'tqdm'):
        require_package(package, 'bags')
    from ssr_ros.replay.evaluate import evaluate
    from ssr_ros.replay.question_file import load_questions
    from ssr_ros.replay.report import write_report

    frames.check_number('--jobs', options.jobs, 1, 1000)
    if options.ray_address and options.engine != 'ray':
        raise ConfigError('--ray-address goes with --engine ray')
    if options.point and options.model == 'none':
        raise ConfigError('--point asks the model where things are: --model none has none')
    _check_live(options)
    asked = load_questions(options.questions)
    chosen = run_options(options)
    paths = [frames.bag_path(name) for name in options.bags]
    with progress_bar() as on_progress:
        result = evaluate(paths, asked, chosen, on_progress)
    write_report(result.folder, result.rows, result.summary)
    written = _write_bags(options, paths, result)
    proposed = sum(question.proposal is not None for question in asked.questions)
    if options.json:
        folder = str(result.folder.path.resolve())
        show.print_json({**result.summary, 'folder': folder, 'bags_written': written})
    else:
        _print(result)
        for path in written:
            print(show.wrap('recording', path))
        if proposed:
            said = f'{proposed} expected answers are proposals that nobody has corrected'
            print(show.wrap('beware', f'{said} (to_be_corrected): they are not scored'))
    for name, why in result.failures.items():
        print(f'ssr-ros bag evaluate: {name}: {why}', file=sys.stderr)
    return 1 if result.failures else 0


def _write_bags(options: argparse.Namespace, paths: list[Path], result: RunResult) -> list[str]:
    """Write the answers of each recording as one of their own, where that was asked for."""
    from ssr_ros.replay.folder import names_of
    from ssr_ros.replay.result_bag import result_path, write_result_bag

    if options.write_bag is None:
        return []
    written = []
    for path, name in zip(paths, names_of(paths), strict=True):
        folder = Path(options.write_bag) if options.write_bag else None
        if path == frames.DEMO_BAG and folder is None:
            folder = result.folder.path  # what is installed is not written to
        rows = [row for row in result.rows if row.bag == name and row.stamp_ns is not None]
        if rows:
            target = result_path(path, folder)
            write_result_bag(target, rows)
            written.append(str(target))
    return written


def run_options(options: argparse.Namespace) -> RunOptions:
    """Return what the options say.

    Raises:
        ConfigError: a value is not possible.
    """
    from dataclasses import replace

    from ssr_ros.replay.evaluate import RunOptions
    from ssr_ros.replay.live import LiveOptions

    settings = _settings(options)
    camera = replace(
        frames.camera_choice(options),
        tolerance_s=settings.sync.tolerance_s,
        images=settings.camera_info.images,
        distortion=settings.camera_info.distortion,
    )
    return RunOptions(
        out=Path(options.out or 'evaluated'),
        settings=settings,
        camera=camera,
        model=options.model or settings.model.path,
        device=options.device or settings.model.device,
        names=tuple(options.names_from) if options.names_from else None,
        jobs=options.jobs,
        engine=options.engine,
        ray_address=options.ray_address,
        fresh=options.fresh,
        live=LiveOptions(rate=options.rate or 1.0) if options.live else None,
    )


def _check_live(options: argparse.Namespace) -> None:
    """Refuse what does not go with playing, or only with it.

    Raises:
        ConfigError: that was given.
    """
    if options.rate is not None and not options.live:
        raise ConfigError('--rate goes with --live')
    without = {
        '--engine ray': options.engine == 'ray',
        '--jobs': options.jobs > 1,
        '--names-from': bool(options.names_from),
        '--intrinsics': bool(options.intrinsics),
        '--write-bag': options.write_bag is not None,
        '--model none': options.model == 'none',
    }
    given = [name for name, is_given in without.items() if is_given]
    if options.live and given:
        raise ConfigError(f'{", ".join(given)} does not go with --live: a node is asked')


def _settings(options: argparse.Namespace) -> Settings:
    """The node's parameters, with what the command line says otherwise."""
    from ssr_ros.engine.settings import Settings
    from ssr_ros.replay.settings_file import load_settings

    settings = load_settings(options.params) if options.params else Settings()
    given: dict[str, Any] = {
        'sync.tolerance_s': options.tolerance,
        'camera_info.images': None if options.images == 'auto' else options.images,
        'camera_info.distortion': None
        if options.distortion == 'undistort'
        else options.distortion,
        'camera.pitch_deg': options.pitch_deg,
        'camera.roll_deg': options.roll_deg,
        'answer.with_rationale': options.rationale or None,
        'grounding.vlm': options.point or None,
    }
    return settings.updated({name: value for name, value in given.items() if value is not None})


@contextmanager
def progress_bar() -> Iterator[Callable[[int, int], None]]:
    """Show how far a run is and how long it will take, on stderr."""
    from tqdm import tqdm

    calm = {} if sys.stderr.isatty() else {'mininterval': 10.0, 'delay': 10.0}
    with tqdm(unit=' questions', dynamic_ncols=True, leave=False, **calm) as bar:

        def show_progress(done: int, total: int) -> None:
            bar.total = max(total, done)
            if done > bar.n and not bar.n:
                bar.initial = done - 1  # what was there already took no time
            bar.update(done - bar.n)

        yield show_progress


def _print(result: RunResult) -> None:
    summary = result.summary
    if result.resumed:
        print(show.wrap('resumed', 'what was asked before was kept (--fresh asks it again)'))
    print(
        show.wrap(
            'asked',
            f'{summary["questions"]} questions, {summary["answered"]} answered; model: '
            f'{summary["model"] or "-"}',
        )
    )
    rows = []
    for kind, found in (('all', summary['accuracy']), *summary['kinds'].items()):
        one = found['answer']
        if one['n']:
            right = f'{one["right"]} of {one["n"]}'
            rows.append((kind, right, *map(_percent, (one['share'], one['low'], one['high']))))
    if rows:
        print()
        head = ('expected', 'right', 'share', 'from', 'to (95 %)')
        print(show.table(head, rows, right=(1, 2, 3, 4)))
    print()
    for each in summary['refusals'][:5]:
        print(show.wrap('refused', f'{each["count"]} x {each["reason"]}'))
    total = summary['latency_ms'].get('total')
    if total:
        times = f'median {total["median"]:.0f} ms, 95 % within {total["p95"]:.0f} ms'
        print(show.wrap('latency', f'{times}, longest {total["most"]:.0f} ms'))
    print(show.wrap('report', str(result.folder.report.resolve())))


def _percent(share: float) -> str:
    return f'{100 * share:.0f} %'
