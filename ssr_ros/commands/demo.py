# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""``ssr-ros demo``: the whole way once, through a real ROS 2 node."""

from __future__ import annotations

import argparse
from pathlib import Path
import signal
import tempfile
import threading
from typing import Any, TYPE_CHECKING

from ssr_ros.commands import frames, replies, show
from ssr_ros.errors import ConfigError

if TYPE_CHECKING:
    from ssr_ros.demo.run import Asked, DemoOptions
    from ssr_ros.scene import SceneFacts

SUMMARY = 'start ssr_node, play a recording at it, ask it questions, show what comes back'
EXAMPLE = (
    'ssr-ros demo\n'
    '  ssr-ros demo --rgb A.png --depth B.png --intrinsics 525,525,319.5,239.5 \\\n'
    '      --ask "How far is the nearest object?"'
)

DEMO_QUESTIONS = (
    'What is the closest thing in front of me?',
    'How far is the pink mug?',
    'Is the red cylinder left or right of the purple box?',
    'Which is taller, the red cylinder or the mug?',
    'How far apart are the mug and the red cylinder?',
    'Can a 5 cm wide gripper pass between the mug and the purple box?',
    'How many cylinders are there?',
)
"""About the table in the recording that ships, by the names that it carries."""

DEMO_NAMES = (
    'from the recording: who rendered it knows what is where, as a detector on a robot would say'
)

ANY_QUESTIONS = (
    'How far is the nearest object?',
    'How many objects are there?',
    'What is the leftmost object?',
    'Which object is the tallest?',
    'What is the farthest object?',
    'How much free space is ahead?',
)
"""What any scene can be asked."""

ACT_NOTE = (
    'act on the answer line: what can be measured is measured there, whatever the model says'
)

NOISE_NOTE = (
    f'{show.UNTRAINED}: what the model says is noise. What was measured does not come from the '
    'model, and holds.'
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this verb's arguments."""
    parser.add_argument('--rgb', metavar='A.png', help='your own colour image, in place of a bag')
    parser.add_argument(
        '--depth', metavar='B.png', help='its depth: 16-bit millimetres, or .npy metres'
    )
    parser.add_argument('--intrinsics', metavar='FX,FY,CX,CY', help='its calibration in pixels')
    frames.add_unit_argument(parser)
    parser.add_argument(
        '--named',
        action='append',
        default=[],
        metavar='NAME=X0,Y0,X1,Y1',
        help='call what is in a box of your image by a name; may be given several times',
    )
    parser.add_argument('--bag', default='demo', metavar='BAG', help='play another recording')
    parser.add_argument(
        '--ask',
        action='append',
        metavar='QUESTION',
        help='may be repeated; in place of the usual questions',
    )
    parser.add_argument('--model', default='nano', help='preset, checkpoint folder or yaml (nano)')
    parser.add_argument('--device', default='auto', help='auto, cpu, cuda, cuda:1 (auto)')
    parser.add_argument(
        '--out', default='out/demo', metavar='FOLDER', help='for picture and logs (out/demo)'
    )
    parser.add_argument(
        '--timeout', type=float, default=180.0, metavar='S', help='for the node to get ready (180)'
    )


def run(options: argparse.Namespace) -> int:
    """Run the demo; return 0 when every question was answered, else 1."""
    frames.check_number('--timeout', options.timeout, 0, 86_400)
    _make_stoppable()
    with tempfile.TemporaryDirectory(prefix='ssr_demo_') as scratch:
        return _run(options, Path(scratch))


def _run(options: argparse.Namespace, scratch: Path) -> int:
    from ssr_ros.demo.run import DemoOptions, run_demo

    is_pair = any((options.rgb, options.depth, options.intrinsics, options.depth_unit))
    if options.named and not is_pair:
        raise ConfigError('--named is about your own pair: give --rgb, --depth and --intrinsics')
    usual: tuple[str, ...] = DEMO_QUESTIONS if options.bag == 'demo' else ANY_QUESTIONS
    bag = frames.bag_path(options.bag)
    if is_pair:
        bag, usual = _record_pair(options, scratch)
    wanted = DemoOptions(
        bag=bag,
        questions=options.ask or usual,
        model=_model_path(options.model),
        device=options.device,
        out=Path(options.out),
        start_timeout_s=options.timeout,
        restamp=is_pair,
    )
    shown: list[show.ShownAnswer] = []

    def on_answer(asked: Asked) -> None:
        answer = asked.reply
        if answer.error_code:
            show.progress(f'refused: {answer.question!r}: {answer.error_msg}')
            return
        shown.append(replies.shown(answer, asked.waited_ms))
        if not options.json and len(shown) == 1:
            print(who_answers(answer.model, shown[0].trained))
        if not options.json:
            print(show.title(f'{len(shown)} of {len(wanted.questions)}'))
            show.print_answer(shown[-1])

    came = run_demo(wanted, show.progress, on_answer)
    picture = _draw(wanted, shown) if shown else None
    if options.json:
        show.print_json(_as_dict(came, shown, picture))
    else:
        _print_end(came, shown, picture, wanted)
    return 0 if len(shown) == len(wanted.questions) else 1


def who_answers(model: str, trained: bool) -> str:
    """Say before the first answer what to make of the model's words; its checkpoint knows."""
    lines = [show.title('who answers')]
    if model:
        lines.append(show.wrap('model', model))
    lines.append(show.wrap('', ACT_NOTE if trained else NOISE_NOTE))
    return '\n'.join(lines)


def questions_about(facts: SceneFacts) -> tuple[str, ...]:
    """Return what to ask about a scene when the user asks nothing: by name, else by colour."""
    called = [thing.name for thing in facts.objects if thing.label]
    colors = [thing.color for thing in facts.objects if thing.color]
    names = called or [
        f'{color} object' if colors.count(color) == 1 else f'nearest {color} object'
        for color in dict.fromkeys(colors)
    ]
    alone = [f'How far is the {name}?' for name in names[:2]]
    if len(names) < 2:
        return (*alone, *ANY_QUESTIONS)
    one, other = names[:2]
    return (
        *alone,
        f'Is the {one} left or right of the {other}?',
        f'Which is taller, the {one} or the {other}?',
        f'How far apart are the {one} and the {other}?',
        *ANY_QUESTIONS,
    )


def _make_stoppable() -> None:
    """Let SIGTERM and a closed terminal end the demo as Ctrl-C does: with its children.

    A shell starts background jobs with SIGINT ignored, which children would inherit.
    """
    if threading.current_thread() is threading.main_thread():
        for sign in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(sign, signal.default_int_handler)


def _record_pair(options: argparse.Namespace, scratch: Path) -> tuple[Path, tuple[str, ...]]:
    """Write the user's pair as a recording of one frame; it then goes the way of all frames.

    Returns:
        the recording, and what can be asked about it.
    """
    from ssr_ros.bags.write import write_bag
    from ssr_ros.scene import measure

    if not (options.rgb and options.depth and options.intrinsics):
        raise ConfigError('your own pair needs all of --rgb, --depth and --intrinsics fx,fy,cx,cy')
    frame = frames.load_pair(options, options.rgb, options.depth)
    names = [frames.parse_named(text) for text in options.named]
    facts = measure(frame)
    if names:
        facts = facts.named(names)
    regions = (lambda frame: names) if names else None
    write_bag(scratch / 'pair', [frame], depth_encoding='32FC1', regions=regions)
    return scratch / 'pair', questions_about(facts)


def _model_path(name: str) -> str:
    """Make a local path absolute: the node is another process."""
    path = Path(name).expanduser()
    return str(path.resolve()) if path.exists() else name


def _draw(wanted: DemoOptions, shown: list[show.ShownAnswer]) -> Path:
    """Draw what was measured in the frame that the first answer is about."""
    from ssr_ros.commands.measure import write_png
    from ssr_ros.demo.run import frame_at, names_at
    from ssr_ros.scene import measure
    from ssr_ros.scene.draw import annotate

    frame = frame_at(wanted.bag, shown[0].stamp_ns)
    facts = measure(frame)
    if names := names_at(wanted.bag, frame.stamp_ns):
        facts = facts.named(names)
    return write_png(wanted.out / 'annotated.png', annotate(frame, facts))


def _print_end(
    came: list[Asked],
    shown: list[show.ShownAnswer],
    picture: Path | None,
    wanted: DemoOptions,
) -> None:
    if shown:
        print(show.title('time per stage, as the node measured it'))
        show.print_timings(shown)
    print(show.title('result'))
    models = {asked.reply.model for asked in came if asked.reply.model}
    print(show.wrap('model', ', '.join(models) or wanted.model))
    if not all(answer.trained for answer in shown):
        print(show.wrap('', NOISE_NOTE))
    if named := [answer for answer in shown if answer.source == 'grounded']:
        who = DEMO_NAMES if wanted.bag == frames.DEMO_BAG else 'given with the images'
        print(show.wrap('names', f'{who} ({len(named)} answers rest on them)'))
    print(show.wrap('answered', f'{len(shown)} of {len(wanted.questions)} questions'))
    if picture is not None:
        print(show.wrap('picture', str(picture)))
    print(show.wrap('logs', f'{wanted.out}/ssr_node.log, player.log'))


def _as_dict(
    came: list[Asked], shown: list[show.ShownAnswer], picture: Path | None
) -> dict[str, Any]:
    refused = [
        {'question': a.reply.question, 'error_code': a.reply.error_code, 'why': a.reply.error_msg}
        for a in came
        if a.reply.error_code
    ]
    return {
        'model': next((a.reply.model for a in came if a.reply.model), None),
        'trained': all(answer.trained for answer in shown),
        'answers': [answer.as_dict() for answer in shown],
        'refused': refused,
        'picture': None if picture is None else str(picture),
    }
