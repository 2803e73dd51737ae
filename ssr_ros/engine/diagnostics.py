# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What ``/diagnostics`` says: camera, worker and model, each with its trouble in words.

No ROS in here: levels and values are plain, and the node writes them into messages.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import IntEnum
import resource
import time
from typing import Any

from ssr_ros.engine.answering import Answered, Reply
from ssr_ros.engine.calibration import content
from ssr_ros.engine.intake import Intake, Snapshot
from ssr_ros.engine.memory import MEGABYTE, SceneMemory
from ssr_ros.engine.reasoner import Reasoner
from ssr_ros.engine.request import Code
from ssr_ros.engine.settings import Settings
from ssr_ros.engine.worker import REVIVE, Worker
from ssr_ros.errors import FrameError, quoted
from ssr_ros.rgbd.calibration import calibrate, Calibration, CameraRules
from ssr_ros.rgbd.messages import image_size

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
    """Looks at the intake once a second: rates, pairing, age, drops, calibration.

    Args:
        topic: name of the colour topic, remappings applied.
        camera: its name, '' where it is the only one.
    """

    def __init__(self, topic: str = '', camera: str = '') -> None:
        self._topic, self._name = topic, f'camera {camera}'.strip()
        self._last: Counter[str] = Counter()
        self._last_s = time.monotonic()
        self._came_s = dict.fromkeys(('color', 'depth', 'pairs'), self._last_s)
        self._calibration: tuple[object, Calibration | FrameError] | None = None

    def status(
        self, intake: Intake, settings: Settings, now_ns: int, doubts: Iterable[str] = ()
    ) -> Status:
        """Report on the time since the last call.

        Args:
            intake: what to look at.
            settings: the current ones.
            now_ns: the node's clock, nanoseconds.
            doubts: what else there is to warn of, in words.
        """
        status = Status(self._name)
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
        for doubt in doubts:
            status.found(Level.WARN, doubt)
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
        for name in self._came_s:
            if rates[name]:
                self._came_s[name] = self._last_s
        silent_s = {name: self._last_s - came_s for name, came_s in self._came_s.items()}
        if silent_s['pairs'] < PATIENCE_S:
            return
        trouble = intake.trouble()
        if not trouble:
            trouble = '; '.join(
                f'{name} {rates[name]:.0f} Hz'
                if rates[name]
                else f'{name} silent for {silent_s[name]:.0f} s: {intake.why_silent(name)}'
                for name in ('color', 'depth')
            )
        if rates['color'] and rates['depth'] and intake.counts.pairs:
            trouble = f'{trouble}; {intake.why_no_pairs()}'
        status.found(Level.ERROR, f'no pair of images for {silent_s["pairs"]:.0f} s: {trouble}')

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
        _judge_frames(status, snapshot, settings)
        self._judge_calibration(status, snapshot, settings)

    def _judge_calibration(self, status: Status, snapshot: Snapshot, settings: Settings) -> None:
        """Say what is assumed of the camera; worked out again only when something changes."""
        images = settings.camera_info
        rules = CameraRules(images.images, images.distortion, self._topic)
        color = snapshot.pair.color
        key = (content(snapshot.info), rules, getattr(color, 'width', 0))
        if self._calibration is None or self._calibration[0] != key:
            try:
                self._calibration = key, calibrate(snapshot.info, image_size(color), rules)
            except FrameError as error:
                self._calibration = key, error
        found = self._calibration[1]
        if isinstance(found, FrameError):
            status.found(Level.ERROR, f'no frame can be made: {found}')
            return
        status.values['calibration'] = found.assumed
        for caveat in found.caveats:
            status.found(Level.WARN, caveat)


def _judge_frames(status: Status, snapshot: Snapshot, settings: Settings) -> None:
    """Look at what the frame ids say of the three messages."""
    color = snapshot.pair.color.header.frame_id
    info, depth = snapshot.info.header.frame_id, snapshot.pair.depth.header.frame_id
    if color != info:
        status.found(
            Level.WARN, f'colour is in frame {quoted(color)}, its camera_info in {quoted(info)}'
        )
    if color != depth:
        status.found(
            Level.WARN,
            f'colour is in frame {quoted(color)} and depth in {quoted(depth)}: is the depth '
            'registered to colour? Distances and places are wrong where it is not',
        )
    if (settings.target_frame or settings.gravity.frame) and 'optical' not in color:
        status.found(
            Level.WARN,
            f'colour is in frame {quoted(color)}, whose name does not say that it is an optical '
            'one (x right, y down, z forward): if it is a body frame (x forward), every position '
            'in target_frame is turned by 90 degrees. Let the driver name its optical frame',
        )


def memory_values(memory: SceneMemory) -> dict[str, Any]:
    """Return what an operator wants to know of the memory."""
    values: dict[str, Any] = {
        'remembered scenes': len(memory),
        'remembered (MB)': round(memory.nbytes / MEGABYTE, 3),
    }
    for reason, number in memory.counts.dropped.copy().items():
        values[f'forgotten, {reason}'] = number
    return values


@dataclass
class Tally:
    """What became of the questions.

    Attributes:
        answered: questions and measurements that were answered.
        refused: how many were not, by error_code.
        last_refusal: the last error_msg.
        timings_ms: stages of the last answer.
        last: the last question that was answered, what to act on, and where that is from.
    """

    answered: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    last_refusal: str = ''
    timings_ms: dict[str, float] = field(default_factory=dict)
    last: dict[str, str] = field(default_factory=dict)

    def answer(self, reply: Reply) -> None:
        """Count a question that was answered, or a measurement."""
        self.answered += 1
        self.timings_ms = reply.timings_ms
        if isinstance(reply, Answered):
            one = reply.one
            self.last = {
                'last question': reply.request.question,
                'last answer': one.text,
                'last source': one.source.name,
            }

    def refuse(self, code: Code, text: str) -> None:
        """Count a question that was not answered."""
        self.refused[code.name] += 1
        self.last_refusal = text


def worker_status(worker: Worker | None, tally: Tally) -> Status:
    """Report on the thread that answers."""
    status = Status('worker')
    status.values = {**tally.last, 'answered': tally.answered}
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
