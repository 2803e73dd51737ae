# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The systems that benchmarks/ssr.py compares: which run, asked how."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import groupby
import math
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np

from benchmarks.ssr_latents import Pair, Replacements
from benchmarks.ssr_rows import TestFrame, with_depth
from ssr_ros.errors import QuestionError
from ssr_ros.evaluation import last_conclusion
from ssr_ros.evaluation.table import Question
from ssr_ros.model import EncodedFrame, Reasoner
from ssr_ros.model.tokens import question_ids
from ssr_ros.rgbd import RgbdFrame
from ssr_ros.scene import measure, SceneFacts
from training.small.readings import EXPLAIN

ANSWER_TOKENS = 128
EXPLAIN_TOKENS = 256
WRITES = ('explain', 'midi')
FRAMES_AT_ONCE = 8
"""At least; more where many questions are asked at once."""


@dataclass(frozen=True)
class System:
    """One row of the table.

    Attributes:
        key: short name.
        title: what people read.
        run: folder of a run; '' needs none.
        n_tor: set on the loaded reasoner; None leaves what its yaml says.
        depth: 'own', 'shuffled' (another frame's) or 'none' (all pixels unknown).
        latents: 'own', or what the VLM reads in their place, see ``ssr_latents``.
        chooses: among the answers that a question offers, where it offers some; False: it writes.
        prompt: 'plain'; 'facts' puts measured facts first, 'table' as a numbered table; 'explain'
            asks for the reasons; 'midi' lets MIDI's own language model write them.
        note: what a reader has to know.
    """

    key: str
    title: str
    run: str = ''
    n_tor: int | None = None
    depth: str = 'own'
    latents: str = 'own'
    chooses: bool = True
    prompt: str = 'plain'
    note: str = ''


FULL = 'full'
TUNED = 'tuned'
MAJORITY = System('majority', 'majority answer', note='most frequent answer in training; medians')
GROUNDED = System(
    'grounded',
    'grounded: names given, the rest measured',
    note='no model: names as a perfect detector gives them; what a robot acts on',
)
SYSTEMS = (
    MAJORITY,
    System('base', 'RGB-only base VLM', 'base', 0),
    System(TUNED, 'RGB-only VLM, tuned on the answers', 'without_midi', 0),
    System('tuned writes', 'the same, answers written freely', 'without_midi', 0, chooses=False),
    System('plugged', 'plug-and-play (stage 1)', 'stage1'),
    System('said', 'plug-and-play, latents told words', 'latents'),
    System(FULL, 'full SSR (stage 2)', 'stage2'),
    System('full writes', 'full, answers written freely', 'stage2', chooses=False),
    System('zero latents', 'full, latents zeroed', 'stage2', latents='zero'),
    System(
        'matched noise', 'latents: noise of their mean and covariance', 'stage2', latents='noise'
    ),
    System('first latent', 'latents: the first, repeated', 'stage2', latents='first'),
    System('plain words', 'latents: as many plain words', 'stage2', latents='words'),
    System(
        'other question', "latents: another question's, same frame", 'stage2', latents='question'
    ),
    System('other frame', "latents: another frame's, same question", 'stage2', latents='frame'),
    System('oracle', 'latents: of the true rationale', 'stage2', latents='oracle'),
    System(
        'silent oracle',
        'latents: of the true one, its answer unsaid',
        'stage2',
        latents='silent oracle',
        note='the leakage that needs no training: what is above it came with the answer',
    ),
    System('shuffled depth', "full, another frame's depth", 'stage2', depth='shuffled'),
    System('no depth', 'full, all depth unknown', 'stage2', depth='none'),
    System('no rationale', 'no rationale supervision', 'no_rationale'),
    System('1 latent', 'full with 1 latent', 'n_tor_1'),
    System('10 latents', 'full with 10 latents', 'n_tor_10'),
    System(
        'leakage control',
        "stage 1 without the answer's sentences",
        'leakage_control',
        note='rationales of stage 1 do not state the answer',
    ),
    System(
        'facts',
        'measured facts in the prompt',
        'base',
        0,
        prompt='facts',
        note='read by the base VLM, which learned to read rationales in other words; if they are '
        'longer than a question may be, the first sentences are left out',
    ),
    System(
        'facts table',
        'measured facts as a numbered table',
        'base',
        0,
        prompt='table',
    ),
    System(
        'written',
        'base VLM writes its rationale out',
        'base',
        0,
        chooses=False,
        prompt='explain',
        note='the answer is read off the last sentence',
    ),
    System(
        'midi writes',
        'MIDI writes its rationale out',
        'stage2',
        prompt='midi',
        note='the answer is read off the last sentence; seeing depth, unlike the row before',
    ),
    GROUNDED,
)


@dataclass(frozen=True)
class Asked:
    """What a system answered.

    Attributes:
        text: the short answer.
        written: all that was written, where that is more.
        tokens: generated.
        refused: the question was too long for the model.
        likelihood: how likely it was held among the offered answers; None where it was written.
    """

    text: str
    written: str = ''
    tokens: int = 0
    refused: bool = False
    likelihood: float | None = None


@dataclass(frozen=True)
class Result:
    """All answers of a system, and the seconds that one question takes, asked alone."""

    answers: list[Asked]
    seconds: float | None


Progress = Callable[[str], None]


def ask_all(
    systems: Sequence[System],
    reasoner: Reasoner,
    questions: Sequence[Question],
    frames: Sequence[TestFrame],
    batch: int,
    timed: int,
    progress: Progress,
) -> dict[str, Result]:
    """Ask everything of the systems of one run; each frame is encoded once for all of them.

    Raises:
        FrameError: a frame cannot be read.
        DeviceError: out of memory.
    """
    answers: dict[str, dict[int, Asked]] = {system.key: {} for system in systems}
    instead = {s.key: Replacements(questions) for s in systems}
    seconds: dict[str, list[float]] = {system.key: [] for system in systems}
    at_once = max(FRAMES_AT_ONCE, batch // 4)
    by_depth = sorted(systems, key=lambda system: system.depth)
    for depth, group in groupby(by_depth, key=lambda system: system.depth):
        asking = list(group)
        for start in range(0, len(frames), at_once):
            progress(f'{", ".join(system.key for system in asking)}: {start}/{len(frames)} frames')
            some = frames[start : start + at_once]
            seen = [see(frames, start + i, depth) for i in range(len(some))]
            encoded = [reasoner.encode(frame) for frame in seen]
            for system in asking:
                pairs = [
                    (n, code, question_text(system, reasoner, questions[n].text, facts))
                    for test, code, facts in zip(some, encoded, _facts(system, some), strict=True)
                    for n in test.asked
                ]
                with answering_as(system, reasoner):
                    answers[system.key] |= _ask(
                        system, reasoner, pairs, questions, batch, instead[system.key]
                    )
                    for _, code, text in pairs[: max(0, timed - len(seconds[system.key]))]:
                        seconds[system.key] += _seconds(
                            system, reasoner, code, text, instead[system.key]
                        )
    return {
        key: Result([given[n] for n in range(len(questions))], _median(seconds[key]))
        for key, given in answers.items()
    }


def question_text(
    system: System, reasoner: Reasoner, question: str, facts: SceneFacts | None
) -> str:
    """Return what a system is asked."""
    if facts is None:
        return f'{question} {EXPLAIN}' if system.prompt == 'explain' else question
    if system.prompt == 'table':
        told = [table_row(number, thing) for number, thing in enumerate(facts.objects, start=1)]
        while told and not _is_short(_after(told, question), reasoner):
            told.pop()  # the farthest
        return _after(told, question)
    told = [evidence.text for evidence in facts.rationale(question).evidence]
    # Surfaces are told of first, then objects: those are what most questions are about.
    while told and not _is_short(_after(told, question), reasoner):
        told.pop(0)
    return _after(told, question)


def table_row(number: int, thing: Any) -> str:
    """Say a measured thing in a line of a table."""
    return (
        f'{number}. {thing.label or thing.color} {thing.distance_m:.2f} m, '
        f'{thing.bearing_deg:+.0f} degrees'
    )


def _after(told: Sequence[str], question: str) -> str:
    """Put a question after what it is about, as ``told: reading`` does."""
    return f'{" ".join(told)}\n{question}' if told else question


def _is_short(text: str, reasoner: Reasoner) -> bool:
    try:
        question_ids(text, reasoner.midi_tokenizer)
    except QuestionError:
        return False
    return True


def see(frames: Sequence[TestFrame], number: int, depth: str) -> RgbdFrame:
    frame = frames[number].read()
    if depth == 'shuffled':
        return with_depth(frame, another(frames, number).read().depth_m)
    if depth == 'none':
        return with_depth(frame, np.full_like(frame.depth_m, np.nan))
    return frame


def another(frames: Sequence[TestFrame], number: int) -> TestFrame:
    """Return a frame of another world, half the list away: the frames stand in a lot's order."""
    turned = [*frames[number:], *frames[:number]]
    middle = len(frames) // 2
    candidates = [*turned[middle:], *turned[1:middle]]
    return next(test for test in candidates if test.world != frames[number].world)


def _facts(system: System, frames: Sequence[TestFrame]) -> list[SceneFacts | None]:
    if system.prompt not in ('facts', 'table'):
        return [None] * len(frames)
    return [measure(test.read(), noise=test.noise) for test in frames]


@contextmanager
def answering_as(system: System, reasoner: Reasoner) -> Iterator[None]:
    """Give the reasoner a system's number of latents, and let it choose or write."""
    before = reasoner.n_tor, reasoner.chooses
    if system.n_tor is not None:
        reasoner.n_tor = system.n_tor
    reasoner.chooses = system.chooses
    try:
        yield
    finally:
        reasoner.n_tor, reasoner.chooses = before


def _ask(
    system: System,
    reasoner: Reasoner,
    pairs: Sequence[Pair],
    questions: Sequence[Question],
    batch: int,
    instead: Replacements,
) -> dict[int, Asked]:
    answers = {}
    for start in range(0, len(pairs), batch):
        some = pairs[start : start + batch]
        for (n, _, _), asked in zip(some, _ask_some(system, reasoner, some, instead), strict=True):
            if system.prompt in WRITES:
                short = last_conclusion(asked.text, questions[n].meta)
                asked = replace(asked, text=short, written=asked.text)
            answers[n] = asked
    return answers


def _ask_some(
    system: System, reasoner: Reasoner, pairs: Sequence[Pair], instead: Replacements
) -> list[Asked]:
    if system.prompt == 'midi':
        return [_written_by_midi(reasoner, code, text) for _, code, text in pairs]
    most = EXPLAIN_TOKENS if system.prompt == 'explain' else ANSWER_TOKENS
    encoded, texts = [code for _, code, _ in pairs], [text for *_, text in pairs]
    try:
        with instead.instead(system.latents, reasoner, pairs):
            answers: Sequence[Any] = reasoner.ask_batch(encoded, texts, most)
    except QuestionError:
        if len(pairs) == 1:
            return [Asked('', refused=True)]
        return [asked for pair in pairs for asked in _ask_some(system, reasoner, [pair], instead)]
    return [
        Asked(
            answer.text,
            tokens=len(answer.tokens),
            likelihood=None if math.isnan(answer.likelihood) else answer.likelihood,
        )
        for answer in answers
    ]


def _written_by_midi(reasoner: Reasoner, code: EncodedFrame, text: str) -> Asked:
    try:
        written = reasoner.rationale(code, text)
    except QuestionError:
        return Asked('', refused=True)
    return Asked(written, tokens=len(reasoner.midi_tokenizer.encode(written)))


def _seconds(
    system: System, reasoner: Reasoner, code: EncodedFrame, text: str, instead: Replacements
) -> list[float]:
    start = perf_counter()
    (asked,) = _ask_some(system, reasoner, [(0, code, text)], instead)
    return [] if asked.refused else [perf_counter() - start]


def _median(values: Sequence[float]) -> float | None:
    return median(values) if values else None
