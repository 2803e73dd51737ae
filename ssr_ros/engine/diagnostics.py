# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What ``/diagnostics`` says: camera, worker and model, each with its trouble in words.

No ROS in here: levels and values are plain, and the node writes them into messages.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import IntEnum
import resource
import time
from typing import Any

from ssr_ros.engine.intake import Intake
from ssr_ros.engine.reasoner import Reasoner
from ssr_ros.engine.request import Code
from ssr_ros.engine.settings import Settings
from ssr_ros.engine.worker import REVIVE, Worker

PATIENCE_S = 3.0
"""A camera that has sent nothing for so long is in trouble; so are pairs that do not come."""

BUSY_S = 60.0
GOOD_RATIO = 0.5
ENOUGH_HZ = 2.0
AHEAD_NS = 100_000_000


class Level(IntEnum):
    """The constants of diagnostic_msgs/DiagnosticStatus."""

    OK = 0
    WARN = 1
    ERROR = 2


@dataclass
class Status:
    """One line of an operator's screen.

    Attributes:
        name: what it is about.
        level: the worst of what was found.
        message: what was found, in words, or what all is well with.
        values: key -> number or text.
    """

    name: str
    level: Level = Level.OK
    message: str = ''
    values: dict[str, Any] = field(default_factory=dict)

    def found(self, level: Level, text: str) -> None:
        """Add trouble; the worst stands first."""
        joined = [text, self.message] if level > self.level else [self.message, text]
        self.message = '; '.join(part for part in joined if part)
        self.level = max(self.level, level)


class CameraWatch:
    """Looks at the intake once a second: rates, pairing, age, drops."""

    def __init__(self) -> None:
        self._last: Counter[str] = Counter()
        self._last_s = time.monotonic()
        self._pairs_came_s = time.monotonic()

    def status(self, intake: Intake, settings: Settings, now_ns: int) -> Status:
        """Report on the time since the last call."""
        status = Status('camera')
        rates = self._rates(intake)
        slower_hz = min(rates['color'], rates['depth'])
        ratio = min(1.0, rates['pairs'] / slower_hz) if slower_hz else 0.0
        status.values = {f'{name} (Hz)': round(rate, 1) for name, rate in rates.items()}
        status.values['pairing ratio'] = round(ratio, 3)
        status.values['pairs in all'] = intake.counts.pairs
        status.values['time went backwards'] = intake.counts.resets
        for reason, number in intake.counts.dropped.items():
            status.values[f'dropped, {reason}'] = number
        self._judge_arrivals(status, intake, rates)
        if slower_hz >= ENOUGH_HZ and 0 < ratio < GOOD_RATIO:
            status.found(
                Level.WARN,
                f'only {ratio:.0%} of the images of the slower stream find a partner: raise '
                'sync.tolerance_s, or let one clock trigger both',
            )
        self._judge_newest(status, intake, settings, now_ns)
        status.message = status.message or f'{rates["pairs"]:.1f} pairs a second'
        return status

    def _rates(self, intake: Intake) -> dict[str, float]:
        now_s = time.monotonic()
        period_s = max(now_s - self._last_s, 1e-3)
        counts = Counter(intake.counts.received)
        counts['camera_info'], counts['pairs'] = intake.infos, intake.counts.pairs
        names = ('color', 'depth', 'camera_info', 'pairs')
        rates = {name: max(0, counts[name] - self._last[name]) / period_s for name in names}
        self._last, self._last_s = counts, now_s
        return rates

    def _judge_arrivals(self, status: Status, intake: Intake, rates: dict[str, float]) -> None:
        if rates['pairs']:
            self._pairs_came_s = self._last_s
        silent_s = self._last_s - self._pairs_came_s
        if silent_s < PATIENCE_S:
            return
        trouble = intake.trouble() or 'the camera or bag has stopped'
        status.found(Level.ERROR, f'no pair of images for {silent_s:.0f} s: {trouble}')

    def _judge_newest(
        self, status: Status, intake: Intake, settings: Settings, now_ns: int
    ) -> None:
        snapshot = intake.peek()
        if snapshot is None:
            if intake.counts.pairs:
                status.found(Level.WARN, intake.trouble())
            return
        age_ms = snapshot.age_ms(now_ns, time.monotonic())
        status.values['age of the newest frame (ms)'] = round(age_ms, 1)
        status.values['depth minus colour stamp (ms)'] = snapshot.pair.offset_ns / 1e6
        if snapshot.has_foreign_clock:
            status.found(
                Level.WARN,
                f'the stamps are {abs(snapshot.lag_ns) / 1e9:.0f} s away from the clock of this '
                'node, so ages are counted from arrival: for a bag, play it with --clock and set '
                'use_sim_time:=true',
            )
        elif snapshot.lag_ns < -AHEAD_NS:
            status.found(
                Level.WARN,
                f'the stamps lie {-snapshot.lag_ns / 1e9:.1f} s in the future of the clock of '
                'this node: synchronise the clocks (chrony), or set use_sim_time:=true for a bag',
            )
        if 0 < settings.max_frame_age_ms < age_ms:
            status.found(Level.WARN, 'the newest frame is too old to be asked about')
        color, info = snapshot.pair.color.header.frame_id, snapshot.info.header.frame_id
        if color != info:
            status.found(Level.WARN, f'colour is in frame {color!r}, its camera_info in {info!r}')
        depth = snapshot.pair.depth.header.frame_id
        if color != depth:
            status.found(
                Level.WARN,
                f'colour is in frame {color!r} and depth in {depth!r}: is the depth registered to '
                'colour? Distances and places are wrong where it is not',
            )


@dataclass
class Tally:
    """What became of the questions.

    Attributes:
        answered: questions and measurements that were answered.
        refused: how many were not, by error_code.
        last_refusal: the last error_msg.
        timings_ms: stages of the last answer.
    """

    answered: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    last_refusal: str = ''
    timings_ms: dict[str, float] = field(default_factory=dict)

    def answer(self, timings_ms: dict[str, float]) -> None:
        """Count a question that was answered."""
        self.answered += 1
        self.timings_ms = timings_ms

    def refuse(self, code: Code, text: str) -> None:
        """Count a question that was not answered."""
        self.refused[code.name] += 1
        self.last_refusal = text


def worker_status(worker: Worker | None, tally: Tally) -> Status:
    """Report on the thread that answers."""
    status = Status('worker')
    status.values = {'answered': tally.answered}
    status.values.update({f'refused, {name}': n for name, n in tally.refused.copy().items()})
    if tally.last_refusal:
        status.values['last refusal'] = tally.last_refusal
    status.values.update(
        {f'last {name} (ms)': round(ms, 2) for name, ms in tally.timings_ms.items()}
    )
    if worker is None:
        status.message = 'not configured'
        return status
    status.values['questions waiting'] = worker.waiting
    status.values['busy for (s)'] = round(worker.busy_s, 1)
    if not worker.alive:
        status.found(
            Level.ERROR,
            f'the worker thread has died, no question is answered; the log says why: {REVIVE}',
        )
    elif worker.stuck:
        status.found(Level.ERROR, worker.stuck)
    elif worker.busy_s > BUSY_S:
        status.found(Level.WARN, f'the current question has taken {worker.busy_s:.0f} s so far')
    status.message = status.message or ('busy' if worker.busy_s else 'idle')
    return status


def model_status(reasoner: Reasoner | None, settings: Settings, failure: str) -> Status:
    """Report on the model: which, whether trained, how much memory."""
    status = Status('model')
    status.values['model.path'] = settings.model.path
    status.values['memory of the process, most so far (MB)'] = round(
        resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    )
    if failure:
        status.found(Level.ERROR, failure)
    if reasoner is None:
        status.message = status.message or 'not loaded'
        return status
    status.values['description'] = reasoner.description
    status.values['trained'] = reasoner.trained
    memory_bytes = getattr(reasoner, 'memory_bytes', None)  # nothing that an answer needs
    if memory_bytes is not None:
        status.values['device memory (MB)'] = round(memory_bytes / 2**20, 1)
    if not reasoner.trained:
        status.found(
            Level.WARN,
            'untrained weights: the text of every answer is noise, only the measurements count. '
            'Set model.path to a trained checkpoint',
        )
    status.message = status.message or reasoner.description
    return status
