# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

r"""The table: what the latent rationale is worth, on worlds that nobody was trained on.

    python benchmarks/ssr.py --runs out/nano --test out/nano/worlds/test/questions.jsonl \
        --train out/nano/worlds/train/questions.jsonl --limit 200

Every system answers the same questions, by the likeliest of the offered answers where there are
some, else greedily: the majority answer of training; the base VLM,
RGB only; the same tuned on the answers; plug-and-play; full SSR; full SSR with its latents
replaced (zeros, matched noise, the first repeated, plain words, another question's, another
frame's, those of the true rationale), with another frame's depth, without depth; trained without
rationales, with 1 and 10 latents, or on rationales that do not state the answer; measured facts in
the prompt, as sentences and as a table; the base VLM writing its rationale out; and what a robot
acts on: names given, the rest measured. ``--only`` asks some of them, ``--places`` where things
are. RUNS holds the folders base, without_midi, stage1, latents, stage2, no_rationale, n_tor_1,
n_tor_10 and leakage_control; one that is not there is printed as "not run".

Lengths are right within 15 %; everything else has to be exactly right, and an answer that cannot
be read is wrong. Tokens are the mean per question; seconds are the median of questions asked one
by one, the frame already encoded.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import asdict
from itertools import groupby
import json
from pathlib import Path
import sys
from typing import Any

import torch

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.machine import machine
from benchmarks.ssr_grounded import ask_grounded
from benchmarks.ssr_picture import draw
from benchmarks.ssr_places import ask_places
from benchmarks.ssr_report import as_markdown, compared, goals, report_of, training_of
from benchmarks.ssr_rows import read_rows, read_test, TestFrame
from benchmarks.ssr_systems import ask_all, Asked, GROUNDED, MAJORITY, Result, System, SYSTEMS
from ssr_ros.errors import check_keys, CheckpointError, ConfigError, QuestionError, SsrError
from ssr_ros.evaluation import (
    compare_numbers,
    Majority,
    NumberTally,
    Score,
    score,
    well_formed,
)
from ssr_ros.evaluation.table import Cell, Question
from ssr_ros.model import load_reasoner, Reasoner


class Benchmark:
    """Asks all systems and gathers the report."""

    def __init__(self, options: argparse.Namespace) -> None:
        """Read the test.

        Raises:
            ConfigError: a file is missing or holds no curated rows.
            DataError: too many lines are broken.
        """
        self.options = options
        self.questions, self.frames = read_test(options.test, options.limit)
        self.results: dict[str, Result] = {}
        self.scores: dict[str, list[Score]] = {}
        self.about: dict[str, dict[str, Any]] = {}
        self.rationale: dict[str, Any] = {'status': 'not run'}
        self.places: dict[str, Any] = {'status': 'not asked for'}
        self.device = ''

    def run(self) -> dict[str, Any]:
        """Ask everything; return the report.

        Raises:
            FrameError: a frame cannot be read.
            DeviceError: the device cannot be used, or is out of memory.
        """
        self._keep(MAJORITY, self._majority(), {})
        wanted = self.options.only
        unwanted = [s for s in SYSTEMS if wanted and s.key not in wanted and s is not MAJORITY]
        self._leave_out(unwanted, 'not asked for')
        if GROUNDED not in unwanted:
            self._grounded()
        asked = [s for s in SYSTEMS if s.run and s not in unwanted]
        asked = sorted(asked, key=lambda system: system.run)
        for run, systems in groupby(asked, key=lambda system: system.run):
            self._run(run, list(systems))
        report = {
            'machine': machine() + self.device,
            'test': self.options.test.as_posix(),
            'limit': self.options.limit,
            'questions': len(self.questions),
            'frames': len(self.frames),
            'systems': self.about,
            'paired': compared(self.questions, self.scores),
            'rationale': self.rationale,
            'places': self.places,
        }
        return {**report, 'goals': goals(report)}

    def _majority(self) -> Result:
        known = Majority((row.answer, row.meta) for row in read_rows(self.options.train))
        return Result([Asked(known.answer(question.meta)) for question in self.questions], None)

    def _grounded(self) -> None:
        try:
            result = ask_grounded(self.questions, self.frames, progress)
        except ConfigError as error:
            return self._leave_out([GROUNDED], str(error))
        self._keep(GROUNDED, result, {})

    def _run(self, run: str, systems: list[System]) -> None:
        if len({test.world for test in self.frames}) < 2:
            shuffled = [system for system in systems if system.depth == 'shuffled']
            self._leave_out(shuffled, 'the test shows one world only')
            systems = [system for system in systems if system not in shuffled]
        folder = self.options.runs / run
        if not (folder / 'reasoner.yaml').is_file():
            return self._leave_out(systems, f'no {run}/reasoner.yaml')
        try:
            reasoner = load_reasoner(folder, device=self.options.device)
        except CheckpointError as error:
            return self._leave_out(systems, str(error))
        self.device = f', {device_name(reasoner)}'
        options = self.options
        results = ask_all(
            systems, reasoner, self.questions, self.frames, options.batch, options.timed, progress
        )
        for system in systems:
            self._keep(system, results[system.key], {'training': training_of(options.runs, run)})
        asked_where = 'stage2' if reasoner.pointer else 'base'
        if run == asked_where and options.places:
            questions, frames = read_test(options.places, options.limit)
            self.places = ask_places(reasoner, questions, frames, progress)
        if run == 'stage2':
            self.rationale = rationale_quality(
                reasoner, self.questions, self.frames, options.rationales
            )
        reasoner.release()

    def _leave_out(self, systems: Sequence[System], why: str) -> None:
        for system in systems:
            self.about[system.key] = {'status': f'not run: {why}'}

    def _keep(self, system: System, result: Result, about: dict[str, Any]) -> None:
        self.results[system.key] = result
        self.scores[system.key] = [
            score(asked.text, question.answer, question.meta)
            for asked, question in zip(result.answers, self.questions, strict=True)
        ]
        self.about[system.key] = {
            'status': 'run',
            **about,
            **report_of(system, result, self.questions, self.scores[system.key]),
        }

    def write_answers(self, path: Path) -> None:
        """Keep every answer, so that another scorer can read the same words."""
        with path.open('w', encoding='utf-8') as file:
            for key, result in self.results.items():
                rows = zip(self.questions, result.answers, self.scores[key], strict=True)
                for question, asked, found in rows:
                    row = {
                        'system': key,
                        'where': question.where,
                        'question': question.text,
                        'true': question.answer,
                        **asdict(asked),
                        'right': found.right,
                        'parsed': found.parsed,
                    }
                    file.write(json.dumps(row, ensure_ascii=False) + '\n')


def rationale_quality(
    reasoner: Reasoner, questions: Sequence[Question], frames: Sequence[TestFrame], most: int
) -> dict[str, Any]:
    """Let full SSR write rationales, of every frame one in turn, and check the numbers."""
    tally, asked, good, all_of_them = NumberTally(), 0, 0, 0
    for number, test in enumerate(frames[:most]):
        progress(f'rationales of full SSR: {number}/{min(most, len(frames))}')
        question = questions[test.asked[number % len(test.asked)]]
        others = [questions[n].rationale for n in test.asked]
        try:
            written = reasoner.rationale(reasoner.encode(test.read()), question.text)
        except QuestionError:
            written = ''
        tally += compare_numbers(written, question.rationale, others)
        formed = well_formed(written)
        good, all_of_them = good + formed[0], all_of_them + formed[1]
        asked += 1
    if not asked:
        return {'status': 'not run'}
    sentences = Cell(all_of_them, good).as_dict()
    return {'asked': asked, 'tally': asdict(tally), 'sentences': sentences}


def device_name(reasoner: Reasoner) -> str:
    """Return what the models run on."""
    if reasoner.device.type == 'cuda':
        return torch.cuda.get_device_name(reasoner.device)
    return f'models on {reasoner.device}, {torch.get_num_threads()} threads'


def progress(text: str) -> None:
    """Show what is being done, where someone watches."""
    if sys.stderr.isatty():
        print(f'\r{text[:100]:100}', end='', file=sys.stderr, flush=True)


def parser() -> argparse.ArgumentParser:
    """Return the command line."""
    made = argparse.ArgumentParser(
        prog='python benchmarks/ssr.py',
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = made.add_argument
    add('--test', type=Path, required=True, metavar='JSONL', help='curated rows of test worlds')
    add('--train', type=Path, required=True, metavar='JSONL', help='rows of training: majority')
    add('--runs', type=Path, required=True, metavar='FOLDER', help='where the runs are')
    add('--places', type=Path, metavar='JSONL', help='rows of the family place')
    add('--limit', type=int, default=0, help='questions of each family (all)')
    add('--rationales', type=int, default=200, help='rationales that full SSR writes (200)')
    add('--only', type=_keys, default=(), metavar='A,B', help='systems by their keys (all)')
    add('--timed', type=int, default=8, help='questions asked one by one for the clock (8)')
    add('--batch', type=int, default=32, help='questions asked at once (32)')
    add('--device', default='auto', help='cpu, cuda or auto')
    add('--json', type=Path, metavar='FILE', help='write every figure')
    add('--markdown', type=Path, metavar='FILE', help='write the tables')
    add('--plot', type=Path, metavar='PNG', help='draw the main rows')
    add('--answers', type=Path, metavar='JSONL', help='write every answer')
    return made


def _keys(text: str) -> tuple[str, ...]:
    keys = tuple(text.split(','))
    check_keys(keys, (system.key for system in SYSTEMS), '--only')
    return keys


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; return its exit status."""
    try:
        options = parser().parse_args(argv)
        benchmark = Benchmark(options)
        report = benchmark.run()
    except SsrError as error:
        print(f'{type(error).__name__}: {error}', file=sys.stderr)
        return 2
    progress('')
    text = as_markdown(report)
    print(text)
    if options.json:
        options.json.write_text(json.dumps(report, indent=1) + '\n', encoding='utf-8')
    if options.markdown:
        options.markdown.write_text(text, encoding='utf-8')
    if options.answers:
        benchmark.write_answers(options.answers)
    if options.plot and not draw(report, options.plot):
        print('nothing was run: no picture', file=sys.stderr)
    return 0


if __name__ == '__main__':
    sys.exit(main())
