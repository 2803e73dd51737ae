# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What each faster way does to the answers of trained nano: how many stay, how many are right.

    python benchmarks/same_answers.py --test out/nano/worlds/test/questions.jsonl --limit 40

'launched' is without CUDA graphs and streams: on a CPU there are none, and it is the same.
Every way is compared with torch in float32, token by token, on the same questions, and scored as
benchmarks/ssr.py scores. Answers that differ are listed with --list. Where nano chooses among the
answers that a question offers, hardly any rounding changes them; --write has it write them all.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
import json
from pathlib import Path
import sys
import tempfile
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.machine import machine
from benchmarks.ssr_rows import read_test, TestFrame
from ssr_ros.evaluation import score
from ssr_ros.evaluation.table import Question
from ssr_ros.model import Answer, load_reasoner, Reasoner
from ssr_ros.model.made import export_onnx, merge, quantise_vlm

FEW_TOKENS = 32
"""Answers of this test are shorter."""


def ways(model: str, folder: Path, device: str) -> dict[str, Callable[[], Reasoner]]:
    """Return name -> what loads it; the first is the one that the others are held against."""

    def quantised(bits: int) -> Reasoner:
        quantise_vlm(model, folder / f'int{bits}', bits, _silent)
        return load_reasoner(folder / f'int{bits}', device)

    def merged() -> Reasoner:
        merge(model, folder / 'merged', _silent)
        return load_reasoner(folder / 'merged', device, 'float32', encoders='torch')

    def onnx() -> Reasoner:
        export_onnx(model, folder / 'onnx', 'float32', _silent)
        return load_reasoner(folder / 'onnx', device, 'float32', encoders='onnx')

    def whole() -> Reasoner:
        return load_reasoner(model, device, 'float32', encoders='torch')

    def launched() -> Reasoner:
        reasoner = whole()
        reasoner.vlm.static, reasoner.lanes.apart = None, False
        for owner, name in reasoner.stages():
            getattr(owner, name).most = 0
        return reasoner

    return {
        'float32': whole,
        'launched': launched,
        'onnx': onnx,
        'merged': merged,
        'bfloat16': lambda: load_reasoner(model, device, 'bfloat16', encoders='torch'),
        'int8': lambda: quantised(8),
        'int4': lambda: quantised(4),
    }


def ask_all(
    reasoner: Reasoner, questions: list[Question], frames: list[TestFrame]
) -> list[Answer]:
    """Ask every question one by one, as a robot does."""
    answers: dict[int, Answer] = {}
    for frame in frames:
        encoded = reasoner.encode(frame.read())
        for number in frame.asked:
            answers[number] = reasoner.ask(encoded, questions[number].text, FEW_TOKENS)
    return [answers[number] for number in range(len(questions))]


def compare(
    questions: list[Question], expected: list[Answer], found: list[Answer]
) -> dict[str, Any]:
    """Count equal answers and right ones, and list what differs."""
    rows = list(zip(questions, expected, found, strict=True))
    right = [[score(a.text, q.answer, q.meta).right for a in pair] for q, *pair in rows]
    return {
        'n': len(rows),
        'equal': sum(a.tokens == b.tokens for _, a, b in rows),
        'right_before': sum(before for before, _ in right),
        'right': sum(after for _, after in right),
        'differ': [(q.text, a.text, b.text) for q, a, b in rows if a.tokens != b.tokens],
    }


def _silent(text: str) -> None:
    """Say nothing."""


def arguments(description: str | None) -> argparse.ArgumentParser:
    """Make the parser of a script that asks a model in several ways."""
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('--model', default='nano')
    parser.add_argument('--test', type=Path, required=True, help='rows of training.curate')
    parser.add_argument('--limit', type=int, default=40, help='questions of each family (40)')
    parser.add_argument('--only', default='', metavar='A,B', help='ways (all)')
    parser.add_argument('--list', action='store_true', help='print the answers that differ')
    return parser


def main() -> None:
    """Command line."""
    parser = arguments(__doc__)
    parser.add_argument('--device', default='auto')
    parser.add_argument('--write', action='store_true', help='write answers that could be chosen')
    parser.add_argument('--json', type=Path, metavar='FILE', help='write every figure')
    options = parser.parse_args()
    questions, frames = read_test(options.test, options.limit)
    print(f'{machine()}; {len(questions)} questions about {len(frames)} frames')
    print(f'{"":<10}{"equal":>8}{"of":>6}{"":>9}{"right":>8}{"of":>6}{"":>9}{"change":>9}')
    report: dict[str, Any] = {'machine': machine(), 'ways': {}}
    with tempfile.TemporaryDirectory() as folder:
        known = ways(options.model, Path(folder), options.device)
        wanted = options.only.split(',') if options.only else list(known)[1:]

        def said(name: str) -> list[Answer]:
            reasoner = known[name]()
            reasoner.chooses &= not options.write
            return ask_all(reasoner, questions, frames)

        expected = said('float32')
        for name in wanted:
            row = compare(questions, expected, said(name))
            report['ways'][name] = row
            _print(name, row, options.list)
    if options.json:
        options.json.write_text(json.dumps(report, indent=2) + '\n', encoding='utf-8')


def _print(name: str, row: dict[str, Any], with_list: bool) -> None:
    n, change = row['n'], (row['right'] - row['right_before']) / row['n']
    print(
        f'{name:<10}{row["equal"]:>8}{n:>6}{row["equal"] / n:>8.2%} {row["right"]:>8}{n:>6}'
        f'{row["right"] / n:>8.2%} {100 * change:>+8.2f}',
        flush=True,
    )
    for question, before, after in row['differ'] if with_list else ():
        print(f'    {question!r}: {before!r} -> {after!r}')


if __name__ == '__main__':
    main()
