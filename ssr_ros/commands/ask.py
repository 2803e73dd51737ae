# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""``ssr-ros ask``: questions about one frame, answered in this process or by a running node."""

from __future__ import annotations

import argparse
import time
from typing import Any

from ssr_ros.commands import ask_robot, frames, show

SUMMARY = 'ask about one RGB-D frame, from files or a bag (needs no ROS), or a running node'
EXAMPLE = 'ssr-ros ask --bag demo "How far is the nearest object?" "How many objects are there?"'
EXAMPLE += '\n  ssr-ros ask --robot --ago 10 "How far was the nearest object?"'


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this verb's arguments."""
    parser.add_argument('questions', nargs='+', metavar='QUESTION', help='in plain English')
    parser.add_argument('--rgb', metavar='A.png', help='colour image')
    parser.add_argument(
        '--depth', metavar='B.png', help='registered depth: 16-bit millimetres, or .npy metres'
    )
    frames.add_camera_arguments(parser)
    parser.add_argument(
        '--named',
        action='append',
        default=[],
        metavar='NAME=X0,Y0,X1,Y1',
        help='call what is in a box by a name; may be given several times',
    )
    parser.add_argument(
        '--point',
        action='store_true',
        help='ask the model where the things are that a question names (nano guesses)',
    )
    parser.add_argument(
        '--facts',
        choices=('none', 'table', 'marks'),
        default='none',
        help='what the model is told of the measurement: a table, or marks on its image too',
    )
    parser.add_argument('--model', default='nano', help='preset, checkpoint folder or yaml (nano)')
    parser.add_argument('--device', default='auto', help='auto, cpu, cuda, cuda:1 (auto)')
    parser.add_argument(
        '--encoders',
        default='auto',
        help='what runs the image networks: auto, torch, onnx, onnx:cuda ... (auto)',
    )
    parser.add_argument(
        '--memory-budget',
        type=float,
        default=0.0,
        metavar='GB',
        help='what the weights may take; 0 is all that is free (0)',
    )
    parser.add_argument(
        '--rationale', action='store_true', help="also write the model's rationale out in words"
    )
    ask_robot.add_arguments(parser)


def run(options: argparse.Namespace) -> int:
    """Ask, print, and return 0; 1 where a node refused a question."""
    if options.robot:
        return ask_robot.run(options)
    down = frames.given_down(options)
    frame = frames.load_chosen_frame(options, options.rgb, options.depth)
    show.progress(f'loading {options.model} ...')
    from ssr_ros.model import load_reasoner

    reasoner = load_reasoner(
        options.model,
        device=options.device,
        encoders=options.encoders,
        memory_budget_gb=options.memory_budget,
        keep_stock=options.point,
    )
    from ssr_ros.scene import measure

    facts, regions = measure(frame, gravity=down), [*map(frames.parse_named, options.named)]
    pointed, has_marks = [], options.facts == 'marks'
    encoded = reasoner.encode(frame) if options.point or not has_marks else None
    if options.point:
        pointed = _pointed_at(reasoner, facts, encoded, options.questions, regions)
    if regions or pointed:
        facts = facts.named([*regions, *pointed])
    from ssr_ros.scene.telling import told, with_numbers

    words = told(facts, options.facts)
    if has_marks:
        encoded = reasoner.encode(frame, with_numbers(facts))
    answers = [
        _ask(reasoner, encoded, facts, question, options.rationale, words)
        for question in options.questions
    ]
    if options.json:
        show.print_json(_as_dict(reasoner, frame, encoded, pointed, answers))
    else:
        _print(reasoner, frame, encoded, pointed, answers)
    return 0


def _pointed_at(
    reasoner: Any, facts: Any, encoded: Any, questions: list[str], known: list[Any]
) -> list[Any]:
    """Return the regions that the model says are meant by what questions name and nobody knows."""
    from ssr_ros.engine.grounders import asking
    from ssr_ros.engine.naming import named_in
    from ssr_ros.grounding.pointing import PointingGrounder
    from ssr_ros.grounding.sources import Sources

    grounder = asking(reasoner)
    if isinstance(grounder, PointingGrounder):
        grounder.know(facts.frame, facts, encoded)
    sources, regions = Sources([grounder]), known
    for question in questions:
        names, whole = named_in(question, regions)
        regions = list(sources.look(facts.frame, names, regions, whole).regions)
    return regions[len(known) :]


def _ask(
    reasoner: Any, encoded: Any, facts: Any, question: str, with_rationale: bool, words: str
) -> show.ShownAnswer:
    from ssr_ros.engine.one_answer import one_answer
    from ssr_ros.scene.questions.answer import answer as answer_query
    from ssr_ros.scene.questions.checking import check as check_text

    start_s = time.perf_counter()
    answer = reasoner.ask(encoded, question, with_rationale=with_rationale, facts=words)
    waited_ms = (time.perf_counter() - start_s) * 1e3
    query = facts.query(question)
    check = check_text(facts, answer_query(facts, query), answer.text)
    model_text = answer.text if answer.trained else ''
    held = check if answer.trained else None
    one = one_answer(facts, question, query, check.measured, model_text, held, answer.likelihood)
    reason = check.reason if answer.trained else show.NOT_COMPARED
    return show.ShownAnswer(
        question=question,
        answer=one.text,
        source=one.source.name.lower(),
        text=answer.text,
        told=words,
        trained=answer.trained,
        rationale=answer.rationale,
        measured=str(check.measured),
        evidence=tuple(fact.text for fact in check.measured.evidence),
        value=check.measured.value,
        sigma=check.measured.sigma,
        unit=check.measured.unit,
        agreement=check.agreement.value if answer.trained else 'unknown',
        reason=reason,
        stamp_ns=answer.stamp_ns,
        frame_id=answer.frame_id,
        work=vars(answer.work),
        timings_ms=dict(answer.timings_ms),
        waited_ms=waited_ms,
    )


def _print(
    reasoner: Any,
    frame: Any,
    encoded: Any,
    pointed: list[Any],
    answers: list[show.ShownAnswer],
) -> None:
    print(show.wrap('model', reasoner.description))
    known = f'{frame.width}x{frame.height}, depth known at {100 * frame.valid_ratio:.0f} %'
    print(show.wrap('frame', known))
    show.print_caveats(frame.caveats)
    if pointed:
        names = ', '.join(
            f'{each.phrase} ({100 * each.score:.0f} % sure)'
            if each.found
            else f'{each.phrase} (not there)'
            for each in pointed
        )
        print(show.wrap('names', f'the model was asked where these are: {names}'))
    for answer in answers:
        print()
        show.print_answer(answer)
    print()
    once_ms = sum(encoded.timings_ms.values())
    print(show.wrap('time', f'{once_ms:.0f} ms for the frame, once; then per question:'))
    show.print_timings(answers)


def _as_dict(
    reasoner: Any,
    frame: Any,
    encoded: Any,
    pointed: list[Any],
    answers: list[show.ShownAnswer],
) -> dict[str, Any]:
    return {
        'model': reasoner.description,
        'trained': reasoner.trained,
        'frame': {
            'stamp_ns': frame.stamp_ns,
            'frame_id': frame.frame_id,
            'width': frame.width,
            'height': frame.height,
            'valid_ratio': frame.valid_ratio,
            'caveats': list(frame.caveats),
        },
        'pointed': [
            {'name': each.phrase, 'found': each.found, 'score': each.score if each.found else None}
            for each in pointed
        ],
        'encode_ms': dict(encoded.timings_ms),
        'answers': [answer.as_dict() for answer in answers],
    }
