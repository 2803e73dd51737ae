# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Time every way in turn, count what each does, and put both beside what the device can."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
import tempfile
from time import perf_counter, process_time
from typing import Any

import numpy as np
import torch

from ssr_ros.errors import ConfigError, DeviceError
from ssr_ros.machine import machine, revision
from ssr_ros.model.answer import EncodedFrame
from ssr_ros.model.bench.counting import count_launches, count_work, timing_by, Work
from ssr_ros.model.bench.legs import BROKEN, broken, check_names, Leg, LEGS, make_legs
from ssr_ros.model.bench.peak import forget_peak, peak_bytes
from ssr_ros.model.bench.roof import measure_roof, Roof
from ssr_ros.model.bench.shapes import (
    bytes_of_shape,
    language_bytes,
    random_reasoner,
    shape_called,
)
from ssr_ros.model.graphs import wait
from ssr_ros.model.load import load_reasoner, one_thread_for_few, pick_device, pick_dtype
from ssr_ros.model.memory import check_room
from ssr_ros.model.reasoner import Reasoner
from ssr_ros.model.wide import dtype_of
from ssr_ros.rgbd import CameraIntrinsics, RgbdFrame

QUESTION = 'How far is the red box from the camera, and is it nearer than the blue ball?'
SHORT = 8
"""Tokens of a short answer."""

QUESTIONS = 10
COUNTED = 3
"""Tokens of the answer whose work is counted."""

CLOCKS = {'wall': perf_counter, 'processor': process_time}

WIDE = ('mamba_frame', 'mamba_question')
"""Stages that run in float32 whatever the dtype."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What is to be measured.

    Attributes:
        model: preset, folder or yaml; '' for a shape.
        shape: of ``SHAPES``, with random weights; '' for a model.
        device: as for ``load_reasoner``.
        dtype: the same.
        legs: of LEGS; () for all.
        tokens: of the longest answer.
        rounds: that are kept; one more goes before them.
        clock: of CLOCKS. On a CPU that is shared, the processor's time of all threads of this
            process says more than the wall's.
        seconds: after which no further round is begun, after twice as many no further leg counted,
            and after three times as many none begun that can be left out; 0: all are.
    """

    model: str = ''
    shape: str = ''
    device: str = 'auto'
    dtype: str = 'auto'
    legs: tuple[str, ...] = ()
    tokens: int = 128
    rounds: int = 5
    clock: str = 'wall'
    seconds: float = 0.0


Say = Callable[[int, int, str], None]
"""Gets (steps done, steps in all, what is done now)."""


def bench(plan: Plan, say: Say) -> dict[str, Any]:
    """Measure, and return plain values.

    Args:
        plan: what.
        say: is called before every step.

    Raises:
        ConfigError: the plan names no model and no shape, or both, or something unknown.
        CheckpointError: the model cannot be loaded.
        DeviceError: the device is not there or has too little memory.
    """
    if bool(plan.model) == bool(plan.shape):
        raise ConfigError('name a model or a shape, and not both')
    if plan.tokens < SHORT or plan.rounds < 1:
        raise ConfigError(f'tokens: at least {SHORT}; rounds: at least 1')
    if plan.clock not in CLOCKS:
        raise ConfigError(f'clock {plan.clock!r:.40}: expected one of {", ".join(CLOCKS)}')
    check_names(plan.legs)
    say(0, 0, 'loading')
    reasoner = _load(plan)
    if plan.clock != 'wall' and reasoner.device.type == 'cuda':
        raise ConfigError('clock: the time of a GPU is measured by the wall')
    say(0, 0, 'measuring the roof')
    roof = measure_roof(reasoner.device, dtype_of(reasoner.vlm.model), CLOCKS[plan.clock])
    frame = made_frame()
    say(0, 0, 'making the legs')
    with tempfile.TemporaryDirectory() as folder, _answers_do_not_end(reasoner):
        legs, why = make_legs(reasoner, plan.legs or LEGS, frame, Path(folder))
        if not legs:
            told = '; '.join(f'{name}: {reason}' for name, reason in why.items())
            raise ConfigError(f'no leg can run here: {told}')
        steps = Steps(len(legs) * (plan.rounds + 2), say)
        timed = _Timed(reasoner, frame, plan, steps)
        timed.run(legs)
        legs = {name: leg for name, leg in legs.items() if name not in timed.broken}
        if not legs:
            raise DeviceError(f'no leg ran to its end: {timed.broken}')
        counted = timed.count_all(legs)
    plainest = next((name for name, leg in legs.items() if leg.published is None), None)
    return {
        'what': reasoner.description,
        'machine': where(reasoner.device),
        'revision': revision(),
        'dtype': str(dtype_of(reasoner.vlm.model)).removeprefix('torch.'),
        'tokens': plan.tokens,
        'rounds': len(next(iter(timed.rows.values()))),
        'clock': plan.clock,
        'roof': asdict(roof),
        'language_bytes': language_bytes(reasoner),
        'plainest': plainest,
        'legs': {name: timed.summary(name, plainest, counted, roof) for name in legs},
        'not_here': {**why, **timed.broken},
        'exact_legs_agree': timed.exact_legs_agree(legs),
    }


def where(device: torch.device) -> str:
    """Return what a run's figures belong to."""
    card = f', {torch.cuda.get_device_name(device)}' if device.type == 'cuda' else ''
    return f'{machine()}{card}, torch {torch.__version__}, {torch.get_num_threads()} threads'


def made_frame() -> RgbdFrame:
    """Return a frame of noise: nothing here depends on what is in it."""
    rng = np.random.default_rng(0)
    rgb = rng.integers(0, 256, (480, 640, 3), np.uint8)
    depth_m = rng.uniform(0.5, 4.0, (480, 640)).astype(np.float32)
    return RgbdFrame(rgb, depth_m, CameraIntrinsics(525.0, 525.0, 320.0, 240.0))


def _load(plan: Plan) -> Reasoner:
    if plan.model:
        return load_reasoner(plan.model, plan.device, plan.dtype, encoders='torch')
    device, shape = pick_device(plan.device), shape_called(plan.shape)
    dtype = pick_dtype(plan.dtype, device)
    check_room(f'shape {plan.shape}', bytes_of_shape(shape, dtype), device)
    reasoner = random_reasoner(shape, device, dtype, plan.shape)
    one_thread_for_few(reasoner.midi, reasoner.vlm, device)
    return reasoner


Round = tuple[dict[str, float], list[float]]
"""The figures of one round of a leg, and milliseconds to each of its tokens."""


class Steps:
    """Counts steps and says which one begins."""

    def __init__(self, total: int, say: Say) -> None:
        self._total, self._say, self._done = total, say, 0

    def __call__(self, text: str) -> None:
        """Say what begins."""
        self._say(self._done, self._total, text)
        self._done += 1

    def note(self, text: str) -> None:
        """Say what came of it."""
        self._say(self._done, self._total, text)


class _Timed:
    """The rounds of all legs."""

    def __init__(self, reasoner: Reasoner, frame: RgbdFrame, plan: Plan, say: Steps) -> None:
        self.reasoner, self.frame, self.plan, self.say = reasoner, frame, plan, say
        self.rows: dict[str, list[dict[str, float]]] = {}
        self.steps_ms: dict[str, list[float]] = {}
        self.tokens: dict[str, tuple[int, ...]] = {}
        self.memory: dict[str, dict[str, int | None]] = {}
        self.broken: dict[str, str] = {}
        self.clock = CLOCKS[plan.clock]
        self._began = perf_counter()

    def run(self, legs: dict[str, Leg]) -> None:
        """Let the legs take turns; the first round is thrown away."""
        for name in legs:
            self.rows[name], self.steps_ms[name] = [], []
        for number in range(self.plan.rounds + 1):
            if number > 1 and self._late(1):
                break
            for name, leg in legs.items():
                if name in self.broken or (any(self.rows.values()) and self._late(3)):
                    continue
                self.say(f'{name}, round {number} of {self.plan.rounds}')
                try:
                    self._round(name, leg, number)
                except BROKEN as error:
                    self.broken[name] = broken(name, error)
        for name in legs:
            if not self.rows[name]:
                self.broken.setdefault(name, 'no time was left for it')

    def count_all(self, legs: dict[str, Leg]) -> dict[str, tuple[dict[str, int], dict[str, Work]]]:
        """Count the legs while there is time, the one of most operations last."""
        counted = {}
        for name in sorted(legs, key=lambda name: (name == 'ours', name != 'scan')):
            if self._late(2):
                break
            try:
                counted[name] = self.count(name, legs[name])
            except BROKEN as error:
                broken(f'{name}, counted,', error)
        return counted

    def _late(self, times: int) -> bool:
        return 0 < times * self.plan.seconds < perf_counter() - self._began

    def _round(self, name: str, leg: Leg, number: int) -> None:
        forget_peak(self.reasoner.device)
        held = peak_bytes(self.reasoner.device)
        with leg.put(), timing_by(self.reasoner, self.clock):
            once = self._ours if leg.published is None else self._published
            row, marks = once(name, leg, all_questions=number == 1)
        peak = peak_bytes(self.reasoner.device)
        above = None if peak is None or held is None else peak - held
        self.memory[name] = {'peak_bytes': peak, 'above_weights_bytes': above}
        steps = np.diff(marks).tolist()
        self.say.note(f'{name}: first {row["first_ms"]:.1f} ms, a token {median(steps):.3f} ms')
        if number:
            self.rows[name].append(row)
            self.steps_ms[name] += steps

    def count(self, name: str, leg: Leg) -> tuple[dict[str, int], dict[str, Work]]:
        """Count a leg's launches as it is, and its work as it is launched."""
        self.say(f'{name}, counted')
        if leg.published is not None:
            return {}, {}

        def answer() -> None:
            encoded = self.reasoner.encode(self.frame)
            self.reasoner.ask(encoded, QUESTION, COUNTED)

        with leg.put():
            answer()
            launches = count_launches(self.reasoner, answer)
        try:
            with leg.launched():
                return launches, count_work(self.reasoner, answer)
        except BROKEN as error:  # a counter that does not know an operation: launches are kept
            broken(f'{name}, counted,', error)
            return launches, {}

    def summary(
        self,
        name: str,
        plainest: str | None,
        counted: dict[str, tuple[dict[str, int], dict[str, Work]]],
        roof: Roof,
    ) -> dict[str, Any]:
        """Return a leg's figures, and how many tokens are those of the plainest of our ways."""
        rows = self.rows[name]
        figures = {key: median(row[key] for row in rows if key in row) for key in rows[0]}
        steps = self.steps_ms[name]
        launches, work = counted.get(name, ({}, {}))
        known = counted.get('scan', ({}, {}))[1]
        if known:  # products in few bits and other libraries are known to no counter
            read = work if name.startswith('int') else known
            work = {
                stage: Work(each.flops, read.get(stage, each).bytes)
                for stage, each in known.items()
            }
        stages = {
            key.removeprefix('stage '): self._stage(name, key, launches, work, roof)
            for key in figures
            if key.startswith('stage ')
        }
        return {
            **{key: value for key, value in figures.items() if not key.startswith('stage ')},
            'token_ms': median(steps),
            'token_p99_ms': float(np.percentile(steps, 99)),
            **self.memory[name],
            'tokens': list(self.tokens.get(name, ())),
            'tokens_as_ours': None if plainest is None else self._as_ours(name, plainest),
            'stages': stages,
        }

    def exact_legs_agree(self, legs: dict[str, Leg]) -> bool | None:
        """Say whether all that promise the same tokens gave them; None where nothing promises."""
        if dtype_of(self.reasoner.vlm.model) != torch.float32:
            return None
        return len({self.tokens[name] for name, leg in legs.items() if leg.exact}) == 1

    def _stage(
        self, name: str, key: str, launches: dict[str, int], work: dict[str, Work], roof: Roof
    ) -> dict[str, float | int | None]:
        """Return a stage's figures; None for what was not counted."""
        times, stage = [row[key] for row in self.rows[name]], key.removeprefix('stage ')
        # Of a decoding step: the first token comes from what has read the question.
        share = COUNTED - 1 if stage == 'decode' else 1
        figures: dict[str, float | int | None] = {
            'ms': median(times),
            'p99_ms': float(np.percentile(times, 99)),
            # What ONNX Runtime starts is not seen.
            'launches': launches[stage] // share if stage in launches else None,
        }
        done = work.get(stage)
        if done is None:
            return {**figures, 'flops': None, 'bytes': None, 'of_roof': None}
        least_ms = 1e3 * roof.seconds(done.flops / share, done.bytes / share, stage in WIDE)
        return {
            **figures,
            'flops': done.flops // share,
            'bytes': done.bytes // share,
            'of_roof': least_ms / median(times),
        }

    def _as_ours(self, name: str, plainest: str) -> float:
        pairs = list(zip(self.tokens[name], self.tokens[plainest], strict=True))
        return sum(one == other for one, other in pairs) / len(pairs)

    def _published(self, name: str, leg: Leg, all_questions: bool) -> Round:
        if leg.published is None:
            raise RuntimeError('this leg is ours')
        start, marks, tokens = self.clock(), [], []
        for token in leg.published.tokens(self.frame, QUESTION, self.plan.tokens):
            tokens.append(token)
            marks.append(1e3 * (self.clock() - start))
        self.tokens[name] = tuple(tokens)
        # Every question costs the same there: nothing of one is of use to the next.
        return {**_answer(marks), 'questions_ms': QUESTIONS * marks[SHORT - 1]}, marks

    def _ours(self, name: str, leg: Leg, all_questions: bool) -> Round:
        reasoner, start = self.reasoner, self.clock()
        encoded = reasoner.encode(self.frame)
        wait(reasoner.device)
        encode_ms = 1e3 * (self.clock() - start)
        start, marks = self.clock(), []
        stream = reasoner.stream(encoded, QUESTION, self.plan.tokens)
        while True:
            try:
                next(stream)
            except StopIteration as stop:
                answer = stop.value
                break
            marks.append(1e3 * (self.clock() - start))
        marks = marks[: self.plan.tokens]  # what is left of the text comes after the last token
        self.tokens[name] = answer.tokens
        steps = max(1, len(answer.tokens) - 1)
        stages = {**encoded.timings_ms, **answer.timings_ms}
        stages['decode'] = stages['decode'] / steps
        row = {
            'encode_ms': encode_ms,
            'ready_first_ms': marks[0],
            **_answer([encode_ms + mark for mark in marks]),
            **{f'stage {key}': value for key, value in stages.items()},
        }
        if all_questions:
            row['questions_ms'] = encode_ms + self._ten_questions(encoded)
        return row, marks

    def _ten_questions(self, encoded: EncodedFrame) -> float:
        start = self.clock()
        for number in range(QUESTIONS):
            self.reasoner.ask(encoded, f'{QUESTION} {number}', SHORT)
        return 1e3 * (self.clock() - start)


def _answer(marks: Sequence[float]) -> dict[str, float]:
    """Return the milliseconds from a new frame to the first, a short and the last token."""
    return {'first_ms': marks[0], 'short_ms': marks[SHORT - 1], 'long_ms': marks[-1]}


@contextmanager
def _answers_do_not_end(reasoner: Reasoner) -> Iterator[None]:
    """Let every answer be as long as it may, so that all legs do the same."""
    plain, static = reasoner.vlm.plain, reasoner.vlm.static
    before, plain.end_ids = plain.end_ids, frozenset()
    reasoner.vlm.static = None
    try:
        yield
    finally:
        plain.end_ids, reasoner.vlm.static = before, static
